"""Which days are worked: Monday to Friday, mainland China with its moved days (调休), and an organisation's own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, time
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Protocol

_SATURDAY = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """Whether a day is worked, and why. ``is_known`` is false where the calendar can only assume."""

    is_working: bool
    reason: str
    is_known: bool = True


class WorkCalendar(Protocol):
    """A calendar of working days."""

    @property
    def closes(self) -> time:
        """When a working day ends, by the clock on the wall."""

    def day(self, day: date) -> Day:
        """Whether a day is worked; every day has an answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MondayToFriday:
    """Every Monday to Friday is worked, public holidays or not.

    >>> MondayToFriday(closes=time(17, 30)).day(date(2026, 5, 1))
    Day(is_working=True, reason='Monday to Friday', is_known=True)
    """

    closes: time

    def day(self, day: date) -> Day:
        """Whether it is one of the five."""
        if day.weekday() < _SATURDAY:
            return Day(is_working=True, reason="Monday to Friday")
        return Day(is_working=False, reason="weekend")


@dataclass(frozen=True, slots=True, kw_only=True)
class MainlandChina:
    """The State Council's calendar: public holidays are free, and the weekend days moved for them are worked.

    Each year's arrangement is announced in the November before, and a later release of the library knows it. A
    year it does not know is counted Monday to Friday, and the answer says so.

    >>> MainlandChina(closes=time(17, 30)).day(date(2026, 2, 14))
    Day(is_working=True, reason='weekend day worked for Spring Festival', is_known=True)
    """

    closes: time

    def day(self, day: date) -> Day:
        """Whether it is worked by the arrangement of its year."""
        library = _library()
        try:
            is_holiday, holiday = library.get_holiday_detail(day)
        except NotImplementedError:
            usual = MondayToFriday(closes=self.closes).day(day)
            reason = f"{day.year}: unknown year, counted Monday to Friday"
            return Day(is_working=usual.is_working, reason=reason, is_known=False)
        if holiday is None:
            return MondayToFriday(closes=self.closes).day(day)
        reason = holiday if is_holiday else f"weekend day worked for {holiday}"
        return Day(is_working=not is_holiday, reason=reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnDays:
    """Another calendar with an organisation's own days: a founding day, or a year that the library lags behind.

    >>> own = OwnDays(usual=MondayToFriday(closes=time(17, 30)), free=frozenset({date(2026, 5, 4)}))
    >>> own.day(date(2026, 5, 4)).reason
    "the organisation's own free day"
    """

    usual: WorkCalendar
    free: frozenset[date] = frozenset()
    worked: frozenset[date] = frozenset()

    @property
    def closes(self) -> time:
        """As usual."""
        return self.usual.closes

    def day(self, day: date) -> Day:
        """Whether it is worked: the organisation's own days come first."""
        if day in self.free:
            return Day(is_working=False, reason="the organisation's own free day")
        if day in self.worked:
            return Day(is_working=True, reason="the organisation's own working day")
        return self.usual.day(day)


_CALENDARS: dict[str, Callable[[time], WorkCalendar]] = {
    "monday-friday": lambda closes: MondayToFriday(closes=closes),
    "china": lambda closes: MainlandChina(closes=closes),
}


def work_calendar(name: str, *, closes: time) -> WorkCalendar:
    """The calendar a regime names: ``"monday-friday"`` or ``"china"``.

    Raises:
        ValueError: says which there are.
    """
    if name not in _CALENDARS:
        raise ValueError("want " + " or ".join(f'"{known}"' for known in _CALENDARS))
    return _CALENDARS[name](closes)


@cache
def _library() -> ModuleType:
    """Loaded on first use: only a regime that counts Chinese working days needs it."""
    return import_module("chinese_calendar")
