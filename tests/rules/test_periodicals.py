"""Digests come by the calendar of the organisation's wall (R25)."""

from __future__ import annotations

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from yuqing_daemon.rules.periodicals import Periodicals, latest


def due(zone: str, now: datetime, **wanted: time) -> list[tuple[str, datetime]]:
    return [(issue.purpose, issue.due_at) for issue in latest(Periodicals(**wanted), now=now, zone=ZoneInfo(zone))]


def test_one_that_is_not_wanted_never_comes() -> None:
    assert due("Asia/Shanghai", datetime(2026, 3, 2, tzinfo=UTC)) == []


def test_one_whose_time_the_wall_never_shows_comes_after_the_gap() -> None:
    before, after = (datetime(2026, 3, 8, 6, 59, 59, tzinfo=UTC), datetime(2026, 3, 8, 7, tzinfo=UTC))
    assert due("America/New_York", before, daily=time(2, 30))[0][0] == "digest:daily:2026-03-06"
    assert due("America/New_York", after, daily=time(2, 30)) == [("digest:daily:2026-03-07", after)]


def test_one_whose_time_the_wall_shows_twice_comes_at_the_first() -> None:
    second = datetime(2026, 11, 1, 6, 30, tzinfo=UTC)
    assert due("America/New_York", second, daily=time(1, 30)) == [
        ("digest:daily:2026-10-31", datetime(2026, 11, 1, 5, 30, tzinfo=UTC))
    ]
