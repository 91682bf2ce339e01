"""docs/regime.md names tests and files that are there, and leaves no requirement out."""

from __future__ import annotations

import ast
import re

import pytest
from world import ROOT

ROWS = re.findall(r"^\| (R\d+) \| (.*)$", (ROOT / "docs" / "regime.md").read_text(encoding="utf-8"), re.MULTILINE)


def test_every_requirement_has_one_row() -> None:
    assert [id for id, _ in ROWS] == [f"R{n}" for n in range(1, 30)]


@pytest.mark.parametrize(("id", "row"), ROWS, ids=[id for id, _ in ROWS])
def test_what_a_row_names_is_there(id: str, row: str) -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", row)
    assert named, "no test shows it"
    for file, test in named:
        tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
        assert test in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}, f"{file}::{test}"
    for path in re.findall(r"`([\w/-]+(?:\.py|\.toml|/))`", row):
        assert (ROOT / path).exists() or (ROOT / "yuqing_daemon" / path).exists(), path
