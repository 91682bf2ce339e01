"""The lines of a replay: what they may look like, and what is said of one that cannot be used."""

from __future__ import annotations

import json
from typing import Any

import pytest

from yuqing_daemon.cli.lines import Refused, read_lines
from yuqing_daemon.config import Settings
from yuqing_daemon.replay import Line


def post(**said: Any) -> dict[str, Any]:
    """A good line; a test says what is odd about it."""
    return {"url": "https://bbs.cn/1", "title": "青禾酸奶里有异物", "fetched_at": "2026-03-02T09:00:00+08:00"} | said


def read(settings: Settings, *records: dict[str, Any] | bytes) -> tuple[list[Line], list[Refused]]:
    raw = [each if isinstance(each, bytes) else json.dumps(each, ensure_ascii=False).encode() for each in records]
    return read_lines(raw, settings=settings)


@pytest.mark.parametrize(
    ("said", "count"), [(999, 999), ("999", 999), ("1.2万", 12000), ("3,456", 3456), (12.0, 12), ("", None)]
)
def test_counters_may_be_written_as_sites_write_them(settings: Settings, said: object, count: int | None) -> None:
    ((line,), refused) = read(settings, post(reads=said))
    assert (line.reads, refused) == (count, [])


@pytest.mark.parametrize(
    ("said", "at"),
    [
        ({"fetched_at": "2026-03-02 09:00"}, "2026-03-02T01:00:00+00:00"),
        ({"fetched_at": "2026-03-02T01:00:00Z"}, "2026-03-02T01:00:00+00:00"),
        ({"fetched_at": "2026-03-02"}, "2026-03-01T16:00:00+00:00"),
        ({"fetched_at": None, "published_at": "2026-03-02T08:00"}, "2026-03-02T00:00:00+00:00"),
        ({"fetched_at": "2026-03-02T09:30", "published_at": "2026-03-02T08:00"}, "2026-03-02T01:30:00+00:00"),
    ],
)
def test_a_time_without_a_zone_is_the_organisations_and_the_publication_stands_in(
    settings: Settings, said: dict[str, Any], at: str
) -> None:
    ((line,), refused) = read(settings, post(**said))
    assert (line.at.isoformat(), refused) == (at, [])


@pytest.mark.parametrize(
    ("record", "error"),
    [
        (b"not json", "not JSON: Expecting value at column 1; want one JSON object a line"),
        (b"[1, 2]", "want one JSON object a line"),
        (b"[" * 100_000, "nested too deep"),
        ("{'url'}".encode("utf-16"), "not UTF-8; save the file as UTF-8"),
        (post(url="ftp://x"), 'url = "ftp://x": want an http or https address'),
        (post(url=None), "url = null: want an http or https address"),
        (post(fetched_at=None), "want fetched_at or published_at, such as 2026-03-01T09:00:00+08:00"),
        (post(fetched_at="soon"), 'fetched_at = "soon": want a time such as 2026-03-01T09:00:00+08:00'),
        (post(fetched_at="0001-01-01"), 'fetched_at = "0001-01-01": want a time'),
        (post(reads=-1), "reads = -1: want a whole number, or nothing if it is not known"),
        (post(reads="viele"), 'reads = "viele": want a whole number'),
        (post(reads=True), "reads = true: want a whole number"),
        (post(reads=1.5), "reads = 1.5: want a whole number"),
        (post(reads=float("nan")), "reads = NaN: want a whole number"),
        (post(reads=10**30), "want a whole number"),
        (post(mainstream="yes"), 'mainstream = "yes": want true or false'),
        (post(title=["x"]), 'title = ["x"]: want text'),
        (post(url="https://bbs.cn/7", title="", text=""), "want a title or a text, on this line or on another one"),
    ],
)
def test_a_line_that_cannot_be_used_is_named_with_what_is_wanted_and_the_rest_is_done(
    settings: Settings, record: Any, error: str
) -> None:
    lines, refused = read(settings, post(), b"", record, post(fetched_at="2026-03-02 09:05"))
    assert [each.line for each in refused] == [3]
    assert error in refused[0].error
    assert [line.number for line in lines] == [1, 4]
