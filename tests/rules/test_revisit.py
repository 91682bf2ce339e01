"""When a list, and a post's counters, are looked at again (R2, R4)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from yuqing_daemon.domain import Floors, Heat, Reading
from yuqing_daemon.rules.revisit import has_fallen, next_look, next_try, next_visit, time_to_floor

NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
FIVE = timedelta(minutes=5)


@pytest.mark.parametrize(("draw", "seconds"), [(0.0, 270), (0.5, 300), (1.0, 330)])
def test_visits_are_up_to_a_tenth_sooner_or_later(draw: float, seconds: int) -> None:
    assert next_visit(FIVE, now=NOW, draw=draw) == NOW + timedelta(seconds=seconds)


@pytest.mark.parametrize(("asked", "minutes"), [(3, 5), (20, 20), (60, 60), (600, 60)])
def test_a_feed_that_asks_for_rest_gets_it_up_to_an_hour(asked: int, minutes: int) -> None:
    at = next_visit(FIVE, now=NOW, draw=0.5, rest=timedelta(minutes=asked))
    assert at == NOW + timedelta(minutes=minutes)


@pytest.mark.parametrize(("asked", "hours"), [(2, 2), (24, 24), (900, 24)])
def test_a_site_that_asks_for_a_pause_gets_it_up_to_a_day(asked: int, hours: int) -> None:
    at = next_visit(FIVE, now=NOW, draw=0.5, retry_after=timedelta(hours=asked))
    assert at == NOW + timedelta(hours=hours)


@pytest.mark.parametrize(("failures", "minutes"), [(1, 4.5), (2, 9), (3, 18), (4, 30), (50, 30)])
def test_after_a_failure_it_is_tried_at_the_interval_and_each_more_doubles_the_wait_up_to_half_an_hour(
    failures: int, minutes: float
) -> None:
    assert next_try(FIVE, failures=failures, retry_after=None, now=NOW) == NOW + timedelta(minutes=minutes)


def test_two_failures_in_a_row_lie_within_two_intervals_of_the_last_good_visit() -> None:
    first = next_visit(FIVE, now=NOW, draw=1.0)
    assert next_try(FIVE, failures=1, retry_after=None, now=first) <= NOW + 2 * FIVE


def test_a_wait_that_is_written_longer_than_half_an_hour_is_no_shorter_for_failing() -> None:
    daily = timedelta(days=1)
    assert next_try(daily, failures=3, retry_after=None, now=NOW) == NOW + daily


@pytest.mark.parametrize(
    ("age", "grave", "wait"),
    [
        (timedelta(minutes=4), False, timedelta(minutes=5)),
        (timedelta(minutes=20), False, timedelta(minutes=5)),
        (timedelta(hours=4), False, timedelta(hours=1)),
        (timedelta(hours=4), True, timedelta(minutes=30)),
        (timedelta(hours=71), False, timedelta(hours=2)),
        (timedelta(days=3), False, timedelta(hours=12)),
        (timedelta(days=30), False, timedelta(hours=12)),
        (timedelta(days=30), True, timedelta(hours=2)),
    ],
)
def test_a_post_is_looked_at_after_a_part_of_its_age(age: timedelta, grave: bool, wait: timedelta) -> None:
    assert next_look(born_at=NOW - age, now=NOW, at_least=FIVE, grave=grave) == NOW + wait


def test_a_floor_that_comes_near_is_met_half_way_and_never_sooner_than_politeness_allows() -> None:
    old = NOW - timedelta(days=2)
    for until, minutes in ((timedelta(minutes=40), 20), (timedelta(minutes=2), 5), (timedelta(days=9), 120)):
        at = next_look(born_at=old, now=NOW, at_least=FIVE, until_floor=until)
        assert at == NOW + timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("reads", "fell"),
    [((), False), ((5,), False), ((5, 5, 9), False), ((5, None, 9), False), ((5, None, 4), True), ((9, 4, 99), True)],
)
def test_a_counter_that_falls_is_seen_and_silence_is_no_fall(reads: tuple[int | None, ...], fell: bool) -> None:
    readings = [Reading(url="u", at=NOW, reads=count) for count in reads]
    assert has_fallen(readings) is fell


def reading(minutes: int, comments: int | None) -> Reading:
    return Reading(url="u", at=NOW + timedelta(minutes=minutes), comments=comments)


@pytest.mark.parametrize(
    ("before", "last", "minutes"),
    [
        (None, reading(60, 50), 60),
        (reading(50, 40), reading(60, 50), 50),
        (reading(50, 50), reading(60, 50), 60),
        (reading(50, None), reading(60, 50), 60),
        (reading(50, 60), reading(60, 50), 60),
        (None, reading(60, None), None),
        (None, reading(60, 0), None),
        (None, reading(60, 100), None),
    ],
)
def test_the_next_floor_is_foretold_from_the_faster_of_two_paces(
    before: Reading | None, last: Reading, minutes: int | None
) -> None:
    heat, floors = Heat(comments=last.comments), Floors(comments=100)
    found = time_to_floor(heat, floors, last, before=before, born_at=NOW)
    assert found == (None if minutes is None else timedelta(minutes=minutes))


def test_what_nobody_counts_or_no_floor_asks_for_foretells_nothing() -> None:
    last = Reading(url="u", at=NOW + timedelta(hours=1), comments=50)
    assert time_to_floor(Heat(comments=50), Floors(reads=1000), last, before=None, born_at=NOW) is None
