"""docs/topics.md is true: every step of its walk is taken, and prints what it says."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from yuqing_daemon import Post
from yuqing_daemon.cli import run
from yuqing_daemon.clock import utc_now
from yuqing_daemon.config import load, read_topics
from yuqing_daemon.plugins import Plugins
from yuqing_daemon.store import Store, posts
from yuqing_daemon.text.query_reader import parse_query

DOCUMENT = (Path(__file__).parents[1] / "docs" / "topics.md").read_text("utf-8")
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
WALK, REST = DOCUMENT.split("## What a topic may say")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The configuration of ``init``, and a database with the posts of the document."""
    monkeypatch.chdir(tmp_path)
    assert run(["init", "."]) == 0
    main = tmp_path / "yuqing.toml"
    main.write_text(main.read_text().replace('# path = "/srv/yuqing"', f'path = "{tmp_path / "state"}"'))
    sources = tmp_path / "sources.toml"
    people = tmp_path / "people.toml"
    assert sources.exists() and people.exists()
    store = Store.open(load(tmp_path, senders=Plugins.load().senders()).state)
    now = utc_now() - timedelta(days=2)
    with store.write() as connection:
        for line in next(code for kind, code in BLOCK.findall(WALK) if kind == "json").splitlines():
            post = Post(source="city-news", site="bbs.example", fetched_at=now, **json.loads(line))
            posts.store(connection, [(post, "")], baseline=False, now=now)
    store.close()
    return tmp_path


def sessions(code: str) -> Iterator[tuple[list[str], list[str]]]:
    """Each command of a console block with the lines that it is said to print."""
    for part in code.split("$ yuqing ")[1:]:
        command, *printed = part.splitlines()
        yield command.split(), [line for line in printed if line.strip()]


def test_the_walk_from_wrong_to_right_goes_as_it_is_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    taken = 0
    for kind, code in BLOCK.findall(WALK):
        if kind == "toml":
            (folder / "topics.toml").write_text(code, "utf-8")
        for command, printed in sessions(code) if kind == "console" else ():
            capsys.readouterr()
            run(command)
            out = capsys.readouterr().out
            for line in printed:
                assert line in out, (command, out)
            taken += 1
    assert taken == 6


def test_every_topic_of_the_document_is_sound(tmp_path: Path) -> None:
    for kind, code in BLOCK.findall(REST):
        if kind == "toml":
            (tmp_path / "topics.toml").write_text(code, "utf-8")
            assert read_topics(tmp_path / "topics.toml")


def test_every_query_of_the_table_can_be_read() -> None:
    table = REST[REST.index("| written") : REST.index("AND and OR on one level")]
    cells = [line.split(" | ")[0] for line in table.splitlines()[2:] if line.startswith("|")]
    queries = [query for cell in cells for query in re.findall(r"`([^`]+)`", cell) if "…" not in query]
    assert len(queries) > 15
    for query in queries:
        parse_query(query, {"brand": ("青禾",)})
