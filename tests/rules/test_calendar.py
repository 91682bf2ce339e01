"""Which days are worked, and what a calendar says of a year it does not know."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yuqing_daemon.rules.calendar import MainlandChina, MondayToFriday, OwnDays, WorkCalendar, work_calendar

CLOSES = time(17, 30)
CHINA = MainlandChina(closes=CLOSES)
WEEK = MondayToFriday(closes=CLOSES)
MOVED_2026 = ["2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10"]
FREE_2026 = [
    ("2026-01-01", "2026-01-03"),
    ("2026-02-15", "2026-02-23"),
    ("2026-04-04", "2026-04-06"),
    ("2026-05-01", "2026-05-05"),
    ("2026-06-19", "2026-06-21"),
    ("2026-09-25", "2026-09-27"),
    ("2026-10-01", "2026-10-07"),
]


@pytest.mark.parametrize("day", MOVED_2026)
def test_a_weekend_day_moved_for_a_holiday_is_worked(day: str) -> None:
    answer = CHINA.day(date.fromisoformat(day))
    assert answer.is_working
    assert answer.is_known
    assert answer.reason.startswith("weekend day worked for ")
    assert not WEEK.day(date.fromisoformat(day)).is_working


@pytest.mark.parametrize(("first", "last"), FREE_2026)
def test_a_holiday_is_free_from_its_first_day_to_its_last(first: str, last: str) -> None:
    start, end = date.fromisoformat(first), date.fromisoformat(last)
    days = [CHINA.day(start + timedelta(days=n)) for n in range((end - start).days + 1)]
    assert not any(day.is_working for day in days)
    assert len({day.reason for day in days}) == 1
    assert CHINA.day(end + timedelta(days=1)).is_working


def test_2026_has_no_other_day_off_and_no_other_day_moved() -> None:
    days = [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]
    ranges = [(date.fromisoformat(first), date.fromisoformat(last)) for first, last in FREE_2026]
    for day in days:
        free = any(first <= day <= last for first, last in ranges)
        expected = str(day) in MOVED_2026 or (WEEK.day(day).is_working and not free)
        assert CHINA.day(day).is_working == expected, day


@pytest.mark.parametrize("year", [1990, 2003, 2090, 9999])
def test_a_year_the_library_does_not_know_is_counted_monday_to_friday_and_says_so(year: int) -> None:
    for day in (date(year, 10, n) for n in range(1, 8)):
        answer = CHINA.day(day)
        assert answer.is_working == WEEK.day(day).is_working
        assert not answer.is_known
        assert answer.reason == f"{year}: unknown year, counted Monday to Friday"


@given(st.dates())
def test_every_day_has_an_answer_with_a_reason(day: date) -> None:
    assert CHINA.day(day).reason
    assert WEEK.day(day).is_working == (day.isoweekday() <= 5)


def test_an_organisations_own_days_come_before_the_calendar() -> None:
    own = OwnDays(usual=CHINA, free=frozenset({date(2090, 2, 1)}), worked=frozenset({date(2090, 1, 28)}))
    assert (own.day(date(2090, 2, 1)).is_working, own.day(date(2090, 2, 1)).is_known) == (False, True)
    assert (own.day(date(2090, 1, 28)).is_working, own.day(date(2090, 1, 28)).is_known) == (True, True)
    assert own.day(date(2090, 2, 2)) == CHINA.day(date(2090, 2, 2))
    assert own.closes == CLOSES


@pytest.mark.parametrize(("name", "expected"), [("monday-friday", WEEK), ("china", CHINA)])
def test_a_regime_names_its_calendar(name: str, expected: WorkCalendar) -> None:
    assert work_calendar(name, closes=CLOSES) == expected


def test_an_unknown_calendar_is_refused_with_those_there_are() -> None:
    with pytest.raises(ValueError, match=r'^want "monday-friday" or "china"$'):
        work_calendar("cn", closes=CLOSES)
