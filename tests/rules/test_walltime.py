"""What a clock on the wall shows, and the instant that is meant."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yuqing_daemon.rules.walltime import instant, local

ZONES = st.sampled_from(sorted(available_timezones() - {"localtime", "Factory"})).map(ZoneInfo)
EARLIEST, LATEST = datetime.fromisoformat("1975-01-01"), datetime.fromisoformat("2037-12-01")
WALLS = st.datetimes(EARLIEST, LATEST)
SHOWN_TWICE = datetime.fromisoformat("2026-11-01T01:30")  # in New York


@pytest.mark.parametrize(
    ("zone", "wall", "expected"),
    [
        ("Asia/Shanghai", "2026-03-08T02:30", "2026-03-07T18:30"),
        ("America/New_York", "2026-03-08T01:59:59", "2026-03-08T06:59:59"),
        ("America/New_York", "2026-03-08T02:00", "2026-03-08T07:00"),
        ("America/New_York", "2026-03-08T02:59:59.999999", "2026-03-08T07:00"),
        ("America/New_York", "2026-03-08T03:00", "2026-03-08T07:00"),
        ("America/New_York", "2026-11-01T01:00", "2026-11-01T05:00"),
        ("America/New_York", "2026-11-01T01:59:59", "2026-11-01T05:59:59"),
        ("America/New_York", "2026-11-01T02:00", "2026-11-01T07:00"),
        ("Australia/Lord_Howe", "2026-10-04T02:15", "2026-10-03T15:30"),
        ("Australia/Lord_Howe", "2026-10-04T02:30", "2026-10-03T15:30"),
        ("Australia/Lord_Howe", "2026-04-05T01:45", "2026-04-04T14:45"),
        ("Australia/Lord_Howe", "2026-04-05T02:00", "2026-04-04T15:30"),
        ("Pacific/Apia", "2011-12-29T23:59:59", "2011-12-30T09:59:59"),
        ("Pacific/Apia", "2011-12-30T12:00", "2011-12-30T10:00"),
        ("Pacific/Apia", "2011-12-31T00:00", "2011-12-30T10:00"),
        ("America/Nuuk", "2024-03-30T23:30", "2024-03-31T01:00"),
    ],
)
def test_a_time_never_shown_is_the_end_of_the_gap_and_one_shown_twice_its_first_showing(
    zone: str, wall: str, expected: str
) -> None:
    assert instant(datetime.fromisoformat(wall), ZoneInfo(zone)) == datetime.fromisoformat(expected).replace(tzinfo=UTC)


def test_once_the_first_showing_has_passed_the_second_is_meant() -> None:
    new_york = ZoneInfo("America/New_York")
    first, second = datetime(2026, 11, 1, 5, 30, tzinfo=UTC), datetime(2026, 11, 1, 6, 30, tzinfo=UTC)
    assert instant(SHOWN_TWICE, new_york, not_before=first) == first
    assert instant(SHOWN_TWICE, new_york, not_before=first + timedelta(seconds=1)) == second
    assert instant(SHOWN_TWICE, new_york, not_before=second) == second


def test_nothing_is_ever_earlier_than_what_it_must_not_be_before() -> None:
    later = datetime(2026, 11, 1, 9, tzinfo=UTC)
    assert instant(SHOWN_TWICE, ZoneInfo("America/New_York"), not_before=later) == later


@given(WALLS, ZONES)
def test_the_wall_shows_the_time_meant_or_it_is_the_first_that_is_later(wall: datetime, zone: ZoneInfo) -> None:
    at = instant(wall, zone)
    assert local(at, zone) >= wall
    if local(at, zone) != wall:
        assert local(at - timedelta(microseconds=1), zone) < wall


@given(WALLS, WALLS, ZONES)
def test_a_later_time_on_the_wall_is_never_an_earlier_instant(one: datetime, other: datetime, zone: ZoneInfo) -> None:
    first, last = sorted((one, other))
    assert instant(first, zone) <= instant(last, zone)


@given(st.datetimes(EARLIEST, LATEST, timezones=st.just(UTC)), ZONES)
def test_what_is_shown_now_means_now_or_its_first_showing(at: datetime, zone: ZoneInfo) -> None:
    assert instant(local(at, zone), zone) <= at
    assert instant(local(at, zone), zone, not_before=at) == at
