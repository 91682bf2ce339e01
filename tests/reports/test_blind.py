"""When a source told us nothing (R23): from its visits and from the record, both sides of each edge."""

from __future__ import annotations

from datetime import datetime, timedelta

from world import NOON

from yuqing_daemon.domain import AuditEntry
from yuqing_daemon.reports.blind import blind_spans
from yuqing_daemon.reports.facts import Blind
from yuqing_daemon.store.spans import VisitRow

EVERY = timedelta(minutes=5)


def visits(*outcomes: str, every: timedelta = EVERY, since: datetime = NOON) -> list[VisitRow]:
    """Visits to the forum, one after the other."""
    return [
        VisitRow(
            id=number, source="forum", started_at=since + every * number, ended_at=since + every * number,
            outcome=outcome, error="timed out" if outcome == "failed" else "",
        )
        for number, outcome in enumerate(outcomes)
    ]  # fmt: skip


def spans(
    rows: list[VisitRow], *record: AuditEntry, until: timedelta, since: timedelta = timedelta()
) -> list[tuple[str, float, float | None]]:
    """Why, from which minute on, until which."""
    found: tuple[Blind, ...] = blind_spans(
        rows, record, every={"forum": EVERY}, seen_at={}, since=NOON + since, until=NOON + until
    )
    minute = timedelta(minutes=1)
    return [
        (each.why, (each.since - NOON) / minute, (each.until - NOON) / minute if each.until else None) for each in found
    ]


def entry(what: str, minute: int) -> AuditEntry:
    return AuditEntry(at=NOON + timedelta(minutes=minute), actor="yuqing", what=what, data={"source": "forum"}, id=7)


def test_three_failed_visits_in_a_row_are_blind_until_the_next_good_one_and_two_are_not() -> None:
    rows = visits("read", "failed", "failed", "failed", "read")
    assert spans(rows, until=timedelta(minutes=21)) == [("failed", 5, 20)]
    assert spans(visits("read", "failed", "failed", "unchanged"), until=timedelta(minutes=16)) == []


def test_a_source_that_never_came_back_is_still_blind() -> None:
    assert spans(visits("read", "failed", "failed", "failed"), until=timedelta(minutes=16)) == [("failed", 5, None)]


def test_an_outage_that_began_before_the_span_begins_with_it() -> None:
    rows = visits("failed", "failed", "failed", "failed", "read")
    assert spans(rows, until=timedelta(minutes=21), since=timedelta(minutes=2)) == [("failed", 2, 20)]


def test_a_source_that_was_set_aside_is_blind_until_somebody_resumed_it() -> None:
    record = (entry("source.set_aside", 6), entry("source.resumed", 60))
    rows = [*visits("read", "read"), *visits("read", since=NOON + timedelta(minutes=60))]
    assert spans(rows, *record, until=timedelta(minutes=61)) == [("set_aside", 6, 60)]
    assert spans(rows[:2], record[0], until=timedelta(minutes=61)) == [("set_aside", 6, None)]


def test_a_time_in_which_nobody_looked_is_blind_too() -> None:
    def gap(minutes: int) -> list[tuple[str, float, float | None]]:
        rows = [*visits("read"), *visits("read", since=NOON + timedelta(minutes=minutes))]
        return spans(rows, until=timedelta(minutes=minutes + 1))

    assert gap(25) == []  # three visits and ten minutes
    assert gap(26) == [("not_visited", 0, 26)]


def test_a_source_that_was_never_visited_is_blind_all_the_time() -> None:
    assert spans([], until=timedelta(hours=24)) == [("not_visited", 0, None)]
