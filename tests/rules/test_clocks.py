"""How long a duty has, when it is due, when to warn, and how late it is: in every zone, on every day."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yuqing_daemon.rules.calendar import MainlandChina, MondayToFriday, WorkCalendar
from yuqing_daemon.rules.clocks import (
    Days,
    Lateness,
    Length,
    SameDay,
    Span,
    Standing,
    WorkingDays,
    due_at,
    lateness,
    parse_length,
    remarks,
    warnings,
)
from yuqing_daemon.rules.walltime import local

CHINA, WEEK = MainlandChina(closes=time(17, 30)), MondayToFriday(closes=time(17, 30))
SHANGHAI = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)  # Monday noon in Shanghai

ZONES = st.sampled_from(sorted(available_timezones() - {"localtime", "Factory"})).map(ZoneInfo)
EARLIEST, LATEST = datetime.fromisoformat("1975-01-01"), datetime.fromisoformat("2037-12-01")
INSTANTS = st.datetimes(EARLIEST, LATEST, timezones=st.just(UTC))
CALENDARS: st.SearchStrategy[WorkCalendar] = st.sampled_from([CHINA, WEEK])
LENGTHS: st.SearchStrategy[Length] = st.one_of(
    st.integers(1, 10**6).map(Span),
    st.just(SameDay()),
    st.integers(1, 40).map(Days),
    st.integers(1, 15).map(WorkingDays),
)
FACTORS = st.floats(0.01, 1)


def seen(text: str, zone: ZoneInfo) -> datetime:
    """An instant as it is written: with an offset, or the only showing of a local time."""
    at = datetime.fromisoformat(text)
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=zone).astimezone(UTC)


TIMES = [
    # what happens, zone, length, started at, due at: local times, with an offset where the wall shows them twice
    ("no change of the clocks", "Asia/Shanghai", "2h", "2026-03-08T01:30", "2026-03-08T03:30"),
    ("over midnight", "Asia/Shanghai", "30min", "2026-03-08T23:45", "2026-03-09T00:15"),
    ("over the year's end", "Asia/Shanghai", "2h", "2026-12-31T23:30", "2027-01-01T01:30"),
    ("over the gap", "America/New_York", "2h", "2026-03-08T01:30", "2026-03-08T04:30"),
    ("over the fold", "America/New_York", "2h", "2026-11-01T00:30", "2026-11-01T01:30-05:00"),
    ("over the half-hour gap", "Australia/Lord_Howe", "2h", "2026-10-04T01:00", "2026-10-04T03:30"),
    ("over the half-hour fold", "Australia/Lord_Howe", "2h", "2026-04-05T00:45", "2026-04-05T02:15"),
    ("over a day that never was", "Pacific/Apia", "2h", "2011-12-29T23:00", "2011-12-31T01:00"),
    ("in the morning", "Asia/Shanghai", "same day", "2026-03-08T00:00", "2026-03-08T23:59:59"),
    ("at 23:50", "Asia/Shanghai", "same day", "2026-03-08T23:50", "2026-03-08T23:59:59"),
    ("in the last second", "Asia/Shanghai", "same day", "2026-03-08T23:59:59", "2026-03-08T23:59:59"),
    ("after the last second", "Asia/Shanghai", "same day", "2026-03-08T23:59:59.5", "2026-03-08T23:59:59.5"),
    ("on the last day of the year", "Asia/Shanghai", "same day", "2026-12-31T12:00", "2026-12-31T23:59:59"),
    ("on leap day", "Asia/Shanghai", "same day", "2028-02-29T08:00", "2028-02-29T23:59:59"),
    ("on a day of 23 hours", "America/New_York", "same day", "2026-03-08T00:00", "2026-03-08T23:59:59"),
    ("on a day of 25 hours", "America/New_York", "same day", "2026-11-01T00:00", "2026-11-01T23:59:59"),
    ("before a day that never was", "Pacific/Apia", "same day", "2011-12-29T23:50", "2011-12-29T23:59:59"),
    ("its end never shown", "America/Nuuk", "same day", "2024-03-30T22:50", "2024-03-31T00:00"),
    ("its end shown twice", "America/Nuuk", "same day", "2024-10-26T12:00", "2024-10-26T23:59:59-01:00"),
    ("at the second showing", "America/Nuuk", "same day", "2024-10-26T23:30-02:00", "2024-10-26T23:59:59-02:00"),
    ("abroad it is another day", "America/New_York", "same day", "2026-03-06T15:50+00:00", "2026-03-06T23:59:59"),
    ("plainly", "Asia/Shanghai", "3 days", "2026-03-08T10:15", "2026-03-11T10:15"),
    ("into leap day", "Asia/Shanghai", "1 day", "2028-02-28T10:00", "2028-02-29T10:00"),
    ("from leap day", "Asia/Shanghai", "1 day", "2028-02-29T10:00", "2028-03-01T10:00"),
    ("no leap day", "Asia/Shanghai", "1 day", "2026-02-28T10:00", "2026-03-01T10:00"),
    ("over leap day", "Asia/Shanghai", "3 days", "2028-02-27T10:00", "2028-03-01T10:00"),
    ("over the new year", "Asia/Shanghai", "3 days", "2026-12-30T09:00", "2027-01-02T09:00"),
    ("over the gap", "America/New_York", "1 day", "2026-03-07T10:00", "2026-03-08T10:00"),
    ("into the gap", "America/New_York", "1 day", "2026-03-07T02:30", "2026-03-08T03:00"),
    ("over the fold", "America/New_York", "3 days", "2026-10-30T10:00", "2026-11-02T10:00"),
    ("into the fold", "America/New_York", "1 day", "2026-10-31T01:30", "2026-11-01T01:30-04:00"),
    ("from the fold", "America/New_York", "1 day", "2026-11-01T01:30-05:00", "2026-11-02T01:30"),
    ("into the half-hour gap", "Australia/Lord_Howe", "1 day", "2026-10-03T02:15", "2026-10-04T02:30"),
    ("into the half-hour fold", "Australia/Lord_Howe", "1 day", "2026-04-04T01:45", "2026-04-05T01:45+11:00"),
    ("into a day that never was", "Pacific/Apia", "1 day", "2011-12-29T10:00", "2011-12-31T00:00"),
    ("over a day that never was", "Pacific/Apia", "2 days", "2011-12-29T10:00", "2011-12-31T10:00"),
    ("from Monday", "Asia/Shanghai", "1 working day", "2026-03-02T10:00", "2026-03-03T17:30"),
    ("before the office opens", "Asia/Shanghai", "1 working day", "2026-03-02T00:30", "2026-03-03T17:30"),
    ("from Friday", "Asia/Shanghai", "1 working day", "2026-03-06T23:50", "2026-03-09T17:30"),
    ("from Saturday", "Asia/Shanghai", "1 working day", "2026-03-07T10:00", "2026-03-09T17:30"),
    ("a Saturday is worked for 春节", "Asia/Shanghai", "1 working day", "2026-02-13T10:00", "2026-02-14T17:30"),
    ("nine days of 春节", "Asia/Shanghai", "1 working day", "2026-02-14T10:00", "2026-02-24T17:30"),
    ("春节 in the middle", "Asia/Shanghai", "5 working days", "2026-02-12T10:00", "2026-02-26T17:30"),
    ("the other Saturday of 春节", "Asia/Shanghai", "1 working day", "2026-02-27T10:00", "2026-02-28T17:30"),
    ("清明 on a Saturday, Monday off", "Asia/Shanghai", "1 working day", "2026-04-03T10:00", "2026-04-07T17:30"),
    ("劳动节", "Asia/Shanghai", "2 working days", "2026-04-30T10:00", "2026-05-07T17:30"),
    ("the Saturday of 劳动节", "Asia/Shanghai", "1 working day", "2026-05-08T10:00", "2026-05-09T17:30"),
    ("the Sunday before 国庆", "Asia/Shanghai", "1 working day", "2026-09-19T10:00", "2026-09-20T17:30"),
    ("国庆", "Asia/Shanghai", "3 working days", "2026-09-30T18:00", "2026-10-10T17:30"),
    ("the Sunday of 元旦", "Asia/Shanghai", "1 working day", "2025-12-31T10:00", "2026-01-04T17:30"),
    ("into a day of 23 hours", "America/New_York", "1 working day", "2026-03-06T10:00", "2026-03-09T17:30"),
]


@pytest.mark.parametrize(("what", "zone", "length", "started", "due"), TIMES, ids=[f"{c[2]} {c[0]}" for c in TIMES])
def test_a_duty_is_due_by_the_clock_on_the_wall(what: str, zone: str, length: str, started: str, due: str) -> None:
    there = ZoneInfo(zone)
    found = due_at(parse_length(length), seen(started, there), zone=there, calendar=CHINA)
    assert found == seen(due, there)
    assert found.tzinfo is UTC


@pytest.mark.parametrize(
    ("length", "zone", "started", "hours"),
    [
        ("1 day", "Asia/Shanghai", "2026-03-08T01:30", 24),
        ("1 day", "America/New_York", "2026-03-08T00:00", 23),
        ("1 day", "America/New_York", "2026-11-01T00:00", 25),
        ("1 day", "Australia/Lord_Howe", "2026-10-04T00:00", 23.5),
        ("1 day", "Australia/Lord_Howe", "2026-04-05T00:00", 24.5),
        ("2 days", "Pacific/Apia", "2011-12-29T00:00", 24),
        ("24h", "America/New_York", "2026-03-08T00:00", 24),
    ],
)
def test_a_local_day_has_the_hours_it_has_and_a_span_always_its_own(
    length: str, zone: str, started: str, hours: float
) -> None:
    there = ZoneInfo(zone)
    started_at = seen(started, there)
    found = due_at(parse_length(length), started_at, zone=there, calendar=WEEK)
    assert found - started_at == timedelta(hours=hours)


def test_without_a_holiday_calendar_the_holidays_are_worked_and_the_moved_days_are_not() -> None:
    friday = seen("2026-02-13T10:00", SHANGHAI)
    assert due_at(WorkingDays(1), friday, zone=SHANGHAI, calendar=WEEK) == seen("2026-02-16T17:30", SHANGHAI)


@pytest.mark.parametrize(
    ("length", "factor", "due"),
    [
        ("2h", 0.5, "2026-03-02T13:00"),
        ("30min", 0.5, "2026-03-02T12:15"),
        ("3 days", 0.5, "2026-03-04T00:00"),
        ("2 days", 0.5, "2026-03-03T12:00"),
        ("same day", 0.5, "2026-03-02T23:59:59"),
        ("1 working day", 0.5, "2026-03-03T17:30"),
        ("2h", 1.0, "2026-03-02T14:00"),
    ],
)
def test_a_special_period_shortens_spans_and_days_only(length: str, factor: float, due: str) -> None:
    found = due_at(parse_length(length), NOON, zone=SHANGHAI, calendar=CHINA, factor=factor)
    assert found == seen(due, SHANGHAI)


def test_a_shortened_day_that_ends_in_the_fold_it_started_in_stays_after_its_start() -> None:
    new_york = ZoneInfo("America/New_York")
    second_showing = seen("2026-11-01T01:10-05:00", new_york)
    found = due_at(Days(1), second_showing, zone=new_york, calendar=WEEK, factor=0.01)
    assert found == second_showing + timedelta(days=0.01)


@pytest.mark.parametrize("factor", [0, -1, 1.01, float("nan")])
def test_a_factor_that_does_not_tighten_is_refused(factor: float) -> None:
    with pytest.raises(ValueError, match="a factor over 0 and at most 1"):
        due_at(Span(60), NOON, zone=SHANGHAI, calendar=WEEK, factor=factor)


@given(LENGTHS, INSTANTS, ZONES, CALENDARS, FACTORS)
def test_a_duty_is_never_due_before_it_started_and_a_factor_never_makes_it_later(
    length: Length, started_at: datetime, zone: ZoneInfo, calendar: WorkCalendar, factor: float
) -> None:
    usual = due_at(length, started_at, zone=zone, calendar=calendar)
    tightened = due_at(length, started_at, zone=zone, calendar=calendar, factor=factor)
    assert started_at <= tightened <= usual


@given(INSTANTS, ZONES)
def test_a_duty_of_the_same_day_ends_on_that_day_or_where_its_end_is_never_shown_right_after(
    started_at: datetime, zone: ZoneInfo
) -> None:
    found = due_at(SameDay(), started_at, zone=zone, calendar=WEEK)
    assert local(found - timedelta(microseconds=1), zone).date() <= local(started_at, zone).date()
    assert local(found + timedelta(seconds=1), zone).date() > local(started_at, zone).date() or found == started_at


@given(LENGTHS, INSTANTS, ZONES, CALENDARS, st.sampled_from([-86_400, -3600, 3600, 28_800, 86_400]))
def test_a_jump_of_the_clock_moves_no_due_time(
    length: Length, started_at: datetime, zone: ZoneInfo, calendar: WorkCalendar, jump: int
) -> None:
    due = due_at(length, started_at, zone=zone, calendar=calendar)
    before, after = due - timedelta(seconds=1), due - timedelta(seconds=1) + timedelta(seconds=jump)
    assert lateness(due, None, before).standing is Standing.DUE
    assert lateness(due, None, after).standing is (Standing.MISSED if jump > 0 else Standing.DUE)
    assert lateness(due, due, after).standing is Standing.MET
    assert due_at(length, started_at, zone=zone, calendar=calendar) == due


# -- warnings -------------------------------------------------------------------------------------


def test_two_hours_warn_after_one_hour_and_twelve_minutes_before_the_end() -> None:
    assert warnings(NOON, NOON + timedelta(hours=2)) == [NOON + timedelta(minutes=60), NOON + timedelta(minutes=108)]


def test_warnings_count_the_hours_a_day_really_has() -> None:
    new_york = ZoneInfo("America/New_York")
    started_at = seen("2026-03-08T00:00", new_york)
    due = due_at(Days(1), started_at, zone=new_york, calendar=WEEK)
    assert warnings(started_at, due, shares=[0.5]) == [started_at + timedelta(hours=11.5)]


def test_a_duty_due_as_it_starts_is_not_warned_of() -> None:
    assert warnings(NOON, NOON) == []
    assert warnings(NOON, NOON + timedelta(microseconds=1)) == []


@given(INSTANTS, st.timedeltas(timedelta(0), timedelta(days=400)), st.lists(st.floats(0.001, 0.999), max_size=5))
def test_warnings_stand_in_order_between_start_and_end(
    started_at: datetime, given_time: timedelta, shares: list[float]
) -> None:
    due = started_at + given_time
    found = warnings(started_at, due, shares)
    assert found == sorted(set(found))
    assert all(started_at < at < due for at in found)


# -- how late -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("done", "now", "expected"),
    [
        (None, -1, Lateness(standing=Standing.DUE)),
        (None, 0, Lateness(standing=Standing.MISSED)),
        (None, 60, Lateness(standing=Standing.MISSED, by=timedelta(seconds=60))),
        (-1, 60, Lateness(standing=Standing.MET)),
        (0, 60, Lateness(standing=Standing.MET)),
        (1, 60, Lateness(standing=Standing.LATE, by=timedelta(seconds=1))),
        (1, 10**6, Lateness(standing=Standing.LATE, by=timedelta(seconds=1))),
    ],
)
def test_done_at_the_very_instant_is_in_time_and_undone_at_that_instant_is_missed(
    done: int | None, now: int, expected: Lateness
) -> None:
    done_at = None if done is None else NOON + timedelta(seconds=done)
    assert lateness(NOON, done_at, NOON + timedelta(seconds=now)) == expected


# -- remarks --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("started", "flagged"), [("21:59:59", False), ("22:00:00", True), ("23:59:59", True)])
def test_a_same_day_duty_that_starts_after_the_cut_off_is_still_due_today_and_flagged(
    started: str, flagged: bool
) -> None:
    started_at = seen(f"2026-03-08T{started}", SHANGHAI)
    said = remarks(SameDay(), started_at, zone=SHANGHAI, calendar=CHINA, cut_off=time(22))
    assert said == ((f"started at {started[:5]}, after the cut-off of 22:00: still due the same day",) * flagged)
    assert due_at(SameDay(), started_at, zone=SHANGHAI, calendar=CHINA) == seen("2026-03-08T23:59:59", SHANGHAI)


def test_without_a_cut_off_or_for_another_length_nothing_is_flagged() -> None:
    late = seen("2026-03-08T23:50", SHANGHAI)
    assert remarks(SameDay(), late, zone=SHANGHAI, calendar=CHINA) == ()
    assert remarks(Span(60), late, zone=SHANGHAI, calendar=CHINA, cut_off=time(22)) == ()


def test_working_days_counted_in_an_unknown_year_say_so_and_in_a_known_year_do_not() -> None:
    unknown, known = seen("2090-03-01T10:00", SHANGHAI), seen("2026-03-01T10:00", SHANGHAI)
    said = remarks(WorkingDays(3), unknown, zone=SHANGHAI, calendar=CHINA)
    assert said == ("2090: unknown year, counted Monday to Friday",)
    assert remarks(WorkingDays(3), known, zone=SHANGHAI, calendar=CHINA) == ()
    assert remarks(WorkingDays(3), unknown, zone=SHANGHAI, calendar=WEEK) == ()


# -- reading lengths ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2h", Span(7200)), ("30min", Span(1800)), ("90s", Span(90)), ("2 h", Span(7200)), (7200, Span(7200)),
        (1, Span(1)), ("same day", SameDay()), ("1 day", Days(1)), ("3 days", Days(3)), ("48h", Span(172_800)),
        ("1 working day", WorkingDays(1)), ("5 working days", WorkingDays(5)),
    ],
)  # fmt: skip
def test_a_length_is_read_as_people_write_it(text: object, expected: Length) -> None:
    assert parse_length(text) == expected


@given(LENGTHS)
def test_a_length_is_read_back_as_it_is_written(length: Length) -> None:
    assert parse_length(str(length)) == length


@pytest.mark.parametrize(
    "text", ["", "2", "two hours", "2hours", "1.5h", "-2h", "2h 30min", "same  day", " 2h", "２h", True, None, 2.0, []]
)
def test_what_is_not_a_length_is_refused_with_what_is_wanted(text: object) -> None:
    wanted = 'want "2h", "30min", "same day", "3 days", "1 working day", or seconds as a whole number >= 1'
    with pytest.raises(ValueError, match=r"^want ") as refused:
        parse_length(text)
    assert str(refused.value) == wanted


@pytest.mark.parametrize("text", [0, -1, "0h", "0 days", "36526 days", "9999999999h", 10**12])
def test_a_length_of_nothing_or_of_more_than_a_hundred_years_is_refused(text: object) -> None:
    with pytest.raises(ValueError, match="at most a hundred years"):
        parse_length(text)
