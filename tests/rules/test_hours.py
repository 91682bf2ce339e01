"""Hours of the week as people write them, both sides of each edge, in zones where the clocks change."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yuqing_daemon.domain import Level
from yuqing_daemon.rules.hours import (
    ALWAYS,
    Hours,
    Window,
    covers,
    edges,
    held_until,
    next_end,
    next_opening,
    parse_hours,
)

SHANGHAI, NEW_YORK = ZoneInfo("Asia/Shanghai"), ZoneInfo("America/New_York")
OFFICE = parse_hours("mon-fri 08:30-17:30, sat 09:00-12:00")
NIGHT = parse_hours("22:00-07:00")
GENERAL, MAJOR, EXTRAORDINARY = Level

ZONES = st.sampled_from(sorted(available_timezones() - {"localtime", "Factory"})).map(ZoneInfo)
EARLIEST, LATEST = datetime.fromisoformat("1975-01-01"), datetime.fromisoformat("2037-12-01")
INSTANTS = st.datetimes(EARLIEST, LATEST, timezones=st.just(UTC))
TIMES = st.times().map(lambda at: at.replace(second=0, microsecond=0))
HOURS = st.lists(
    st.builds(Window, weekday=st.integers(0, 6), opens=TIMES, closes=TIMES), min_size=1, max_size=4
).map(lambda windows: Hours(windows=tuple(windows)))  # fmt: skip


def seen(text: str, zone: ZoneInfo = SHANGHAI) -> datetime:
    at = datetime.fromisoformat(text)
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=zone).astimezone(UTC)


# -- reading --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("08:00-12:00", [0, 1, 2, 3, 4, 5, 6]),
        ("wed 08:00-12:00", [2]),
        ("mon-fri 08:00-12:00", [0, 1, 2, 3, 4]),
        ("sat-mon 08:00-12:00", [0, 5, 6]),
        ("mon-mon 08:00-12:00", [0]),
        ("tue-mon 08:00-12:00", [0, 1, 2, 3, 4, 5, 6]),
        ("  sat  08:00-12:00 ,  wed 08:00-12:00 ", [2, 5]),
    ],
)
def test_days_are_one_or_from_one_to_another_or_all(text: str, days: list[int]) -> None:
    assert [window.weekday for window in parse_hours(text).windows] == days


def test_always_is_every_day_from_midnight_to_midnight() -> None:
    assert parse_hours("always") == parse_hours("00:00-24:00") == ALWAYS
    assert ALWAYS.windows[0] == Window(weekday=0, opens=time(0), closes=time(0))


def test_hours_are_shown_as_they_were_written_and_equal_by_what_they_mean() -> None:
    assert str(OFFICE) == "mon-fri 08:30-17:30, sat 09:00-12:00"
    assert parse_hours("sat 09:00-12:00, mon-fri 08:30-17:30") == OFFICE


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", 'cannot read "": want "mon-fri 08:30-17:30, sat 09:00-12:00"'),
        ("mon-fri", 'cannot read "mon-fri": want '),
        ("mon-fri 8:30-17:30", 'cannot read "mon-fri 8:30-17:30": want '),
        ("mon-fri 08:30-17:30,", 'cannot read "": want '),
        ("mon wed 08:30-17:30", 'cannot read "mon wed 08:30-17:30": want '),
        ("always, sat 09:00-12:00", 'cannot read "always": want '),
        ("０８:30-17:30", "cannot read "),
        ("mon-fry 08:30-17:30", '"fry" is not a day: want mon, tue, wed, thu, fri, sat or sun'),
        ("Mon 08:30-17:30", '"Mon" is not a day'),
        ("08:30-24:30", '"24:30" is not a time of the day: want 00:00 to 23:59, or 24:00 as an end'),
        ("24:00-08:30", '"24:00" is not a time of the day'),
        ("08:60-17:30", '"08:60" is not a time of the day'),
        ("09:00-09:00", '"09:00-09:00" is empty: want 00:00-24:00 for the whole day'),
    ],
)
def test_what_cannot_be_read_is_named_with_what_is_wanted(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=r"want ") as refused:
        parse_hours(text)
    assert str(refused.value).startswith(said)


def test_hours_of_no_window_are_refused() -> None:
    with pytest.raises(ValueError, match="at least one window"):
        Hours(windows=())


# -- covering -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hours", "zone", "at", "expected"),
    [
        ("mon-fri 08:30-17:30", "Asia/Shanghai", "2026-03-06T08:29:59", False),
        ("mon-fri 08:30-17:30", "Asia/Shanghai", "2026-03-06T08:30:00", True),
        ("mon-fri 08:30-17:30", "Asia/Shanghai", "2026-03-06T17:29:59", True),
        ("mon-fri 08:30-17:30", "Asia/Shanghai", "2026-03-06T17:30:00", False),
        ("mon-fri 08:30-17:30", "Asia/Shanghai", "2026-03-07T10:00:00", False),
        ("22:00-07:00", "Asia/Shanghai", "2026-03-06T21:59:59", False),
        ("22:00-07:00", "Asia/Shanghai", "2026-03-06T22:00:00", True),
        ("22:00-07:00", "Asia/Shanghai", "2026-03-07T00:00:00", True),
        ("22:00-07:00", "Asia/Shanghai", "2026-03-07T06:59:59", True),
        ("22:00-07:00", "Asia/Shanghai", "2026-03-07T07:00:00", False),
        ("fri 22:00-07:00", "Asia/Shanghai", "2026-03-07T06:59:59", True),
        ("fri 22:00-07:00", "Asia/Shanghai", "2026-03-06T06:59:59", False),
        ("sun 22:00-07:00", "Asia/Shanghai", "2026-03-09T06:59:59", True),
        ("sat 20:00-24:00", "Asia/Shanghai", "2026-03-07T23:59:59", True),
        ("sat 20:00-24:00", "Asia/Shanghai", "2026-03-08T00:00:00", False),
        ("thu 22:00-07:00", "Asia/Shanghai", "2026-01-01T23:00:00", True),
        ("sun 00:00-24:00", "America/New_York", "2026-03-08T23:59:59", True),  # 23 hours
        ("sun 00:00-24:00", "America/New_York", "2026-03-09T00:00:00", False),
        ("sun 02:30-05:00", "America/New_York", "2026-03-08T01:59:59", False),  # opens in the gap
        ("sun 02:30-05:00", "America/New_York", "2026-03-08T03:00:00", True),
        ("sun 00:00-02:30", "America/New_York", "2026-03-08T01:59:59", True),  # closes in the gap
        ("sun 00:00-02:30", "America/New_York", "2026-03-08T03:00:00", False),
        ("sun 00:00-01:30", "America/New_York", "2026-11-01T01:29:59-04:00", True),  # closes in the fold
        ("sun 00:00-01:30", "America/New_York", "2026-11-01T01:10:00-05:00", False),
        ("sun 01:30-05:00", "America/New_York", "2026-11-01T01:10:00-05:00", True),  # opens in the fold
        ("sun 00:00-01:45", "Australia/Lord_Howe", "2026-04-05T01:44:59+11:00", True),
        ("sun 00:00-01:45", "Australia/Lord_Howe", "2026-04-05T01:44:59+10:30", False),
        ("fri 09:00-17:00", "Pacific/Apia", "2011-12-31T00:00:00", False),  # that Friday never was
        ("thu 22:00-07:00", "Pacific/Apia", "2011-12-29T23:59:59", True),
        ("thu 22:00-07:00", "Pacific/Apia", "2011-12-31T00:00:00", False),
    ],
)
def test_an_opening_is_within_and_a_closing_no_longer(hours: str, zone: str, at: str, expected: bool) -> None:
    there = ZoneInfo(zone)
    assert covers(parse_hours(hours), seen(at, there), there) is expected


@given(INSTANTS, ZONES)
def test_always_covers_every_instant_and_never_ends(at: datetime, zone: ZoneInfo) -> None:
    assert covers(ALWAYS, at, zone)
    assert next_opening(ALWAYS, at, zone) == at
    assert next_end(ALWAYS, at, zone) is None


@given(HOURS, INSTANTS, ZONES)
def test_hours_open_before_they_end_and_are_covered_all_the_while(hours: Hours, at: datetime, zone: ZoneInfo) -> None:
    opening, end = next_opening(hours, at, zone), next_end(hours, at, zone)
    assert covers(hours, opening, zone)
    assert (opening == at) is covers(hours, at, zone)
    if end is not None:
        assert at <= opening < end
        assert covers(hours, end - timedelta(microseconds=1), zone)
        assert not covers(hours, end, zone)
        assert all(covers(hours, opening + (end - opening) * share, zone) for share in (0.25, 0.5, 0.75))


@given(HOURS, INSTANTS, ZONES, st.timedeltas(timedelta(0), timedelta(days=7)))
def test_between_two_edges_nothing_opens_or_closes(
    hours: Hours, since: datetime, zone: ZoneInfo, later: timedelta
) -> None:
    until = since + timedelta(days=8)
    at = since + later
    last_edge = max((edge for edge in edges(hours, since, until, zone) if edge <= at), default=since)
    assert covers(hours, at, zone) is covers(hours, last_edge, zone)


@pytest.mark.parametrize(
    ("at", "opening", "end"),
    [
        ("2026-03-06T08:00", "2026-03-06T08:30", "2026-03-06T17:30"),
        ("2026-03-06T08:30", "2026-03-06T08:30", "2026-03-06T17:30"),
        ("2026-03-06T17:30", "2026-03-07T09:00", "2026-03-07T12:00"),
        ("2026-03-07T12:00", "2026-03-09T08:30", "2026-03-09T17:30"),
    ],
)
def test_the_office_next_opens_and_next_ends(at: str, opening: str, end: str) -> None:
    assert next_opening(OFFICE, seen(at), SHANGHAI) == seen(opening)
    assert next_end(OFFICE, seen(at), SHANGHAI) == seen(end)


def test_stretches_that_touch_or_overlap_are_one() -> None:
    evening = parse_hours("fri 20:00-24:00, sat 00:00-09:00, sat 08:00-10:00")
    assert next_end(evening, seen("2026-03-06T21:00"), SHANGHAI) == seen("2026-03-07T10:00")


def test_hours_that_a_gap_swallows_open_the_week_after() -> None:
    brief = parse_hours("sun 02:10-02:40")
    assert next_opening(brief, seen("2026-03-08T00:00", NEW_YORK), NEW_YORK) == seen("2026-03-15T02:10", NEW_YORK)


def test_hours_whose_only_pause_a_gap_swallows_end_the_week_after() -> None:
    nearly = parse_hours("mon-sat 00:00-24:00, sun 00:00-02:00, sun 03:00-24:00")
    assert next_end(nearly, seen("2026-03-07T12:00", NEW_YORK), NEW_YORK) == seen("2026-03-15T02:00", NEW_YORK)


# -- quiet ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("at", "level", "until"),
    [
        ("2026-03-06T21:59:59", GENERAL, None),
        ("2026-03-06T22:00:00", GENERAL, "2026-03-07T07:00"),
        ("2026-03-07T06:59:59", GENERAL, "2026-03-07T07:00"),
        ("2026-03-07T07:00:00", GENERAL, None),
        ("2026-03-06T23:00:00", MAJOR, None),
        ("2026-03-06T23:00:00", EXTRAORDINARY, None),
    ],
)
def test_at_night_a_general_notice_waits_for_the_morning_and_a_major_one_does_not(
    at: str, level: Level, until: str | None
) -> None:
    held = held_until(NIGHT, seen(at), SHANGHAI, level=level, passes_from=MAJOR)
    assert held == (until and seen(until))


def test_a_recipient_may_let_only_the_extraordinary_through_or_everything() -> None:
    midnight = seen("2026-03-07T00:00")
    assert held_until(NIGHT, midnight, SHANGHAI, level=MAJOR, passes_from=EXTRAORDINARY) == seen("2026-03-07T07:00")
    assert held_until(NIGHT, midnight, SHANGHAI, level=EXTRAORDINARY, passes_from=EXTRAORDINARY) is None
    assert held_until(NIGHT, midnight, SHANGHAI, level=GENERAL, passes_from=GENERAL) is None


def test_the_notice_of_a_breach_is_never_held() -> None:
    midnight = seen("2026-03-07T00:00")
    assert held_until(NIGHT, midnight, SHANGHAI, level=GENERAL, passes_from=MAJOR, breach=True) is None


def test_without_quiet_hours_and_with_quiet_that_never_ends_nothing_is_held() -> None:
    midnight = seen("2026-03-07T00:00")
    assert held_until(None, midnight, SHANGHAI, level=GENERAL, passes_from=MAJOR) is None
    assert held_until(ALWAYS, midnight, SHANGHAI, level=GENERAL, passes_from=MAJOR) is None


@pytest.mark.parametrize(
    ("at", "until", "hours"),
    [("2026-03-07T22:00", "2026-03-08T07:00", 8), ("2026-10-31T22:00", "2026-11-01T07:00", 10)],
)
def test_a_night_in_which_the_clocks_change_is_an_hour_shorter_or_longer(at: str, until: str, hours: int) -> None:
    evening = seen(at, NEW_YORK)
    held = held_until(NIGHT, evening, NEW_YORK, level=GENERAL, passes_from=MAJOR)
    assert held == seen(until, NEW_YORK) == evening + timedelta(hours=hours)


@given(HOURS, INSTANTS, ZONES, st.sampled_from(Level), st.sampled_from(Level))
def test_what_is_held_goes_later_and_then_is_held_no_more(
    quiet: Hours, at: datetime, zone: ZoneInfo, level: Level, passes_from: Level
) -> None:
    held = held_until(quiet, at, zone, level=level, passes_from=passes_from)
    if held is not None:
        assert held > at
        assert held_until(quiet, held, zone, level=level, passes_from=passes_from) is None
