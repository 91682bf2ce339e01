"""The script that makes the shipped weights runs on anybody's texts, and comes to the same twice."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from click.testing import CliRunner
from world import ROOT

from yuqing_daemon.text.linear import parse

GOOD = [f"第{number}家店味道很好，下次还来" for number in range(8)]
ILL = [f"第{number}家店态度极差，再也不来" for number in range(8)]


@pytest.fixture
def train(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    import train

    yield train
    sys.modules.pop("train", None)


def written(train: ModuleType, what: str, rows: list[dict[str, str]], folder: Path) -> dict[str, object]:
    source = folder / "texts.jsonl"
    source.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")
    ran = CliRunner().invoke(train.main, [what, str(source), "--out", str(folder)])
    assert ran.exit_code == 0, ran.output
    figures: dict[str, object] = json.loads((folder / f"{what}.json").read_text(encoding="utf-8"))["models"]
    return figures


def test_weights_come_of_runs_seen_in_five_texts_and_twice_to_the_same(train: ModuleType, tmp_path: Path) -> None:
    rows = [{"text": text, "label": label} for texts, label in ((GOOD, "pos"), (ILL, "neg")) for text in texts]
    figures = written(train, "sentiment", rows, tmp_path)
    learned = parse(figures["negative"])  # type: ignore[arg-type]
    assert learned.margin({"极差", "态度极"}) > 0 > learned.margin({"很好", "道很好"})
    assert not learned.weights.keys() & {"3", "3家", "第3家"}
    assert written(train, "sentiment", rows, tmp_path) == figures


def test_kinds_are_learned_from_what_a_person_read(train: ModuleType, tmp_path: Path) -> None:
    rows = [{"title": text, "text": text, "kind": "praise"} for text in GOOD]
    rows += [{"title": text, "text": text, "kind": "complaint"} for text in ILL]
    figures = written(train, "kind", rows, tmp_path)
    assert parse(figures["complaint title"]).margin({"极差"}) > 0  # type: ignore[arg-type,index]
    assert parse(figures["praise text"]).margin({"极差"}) < 0  # type: ignore[arg-type,index]
