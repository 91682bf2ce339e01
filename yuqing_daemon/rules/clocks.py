"""The clocks of duties: how long one has, when it is due, when to warn, and how late it is (R9, R11-R13, R19, R24)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from .calendar import Day, WorkCalendar
from .walltime import instant, local

WANTED = '"2h", "30min", "same day", "3 days", "1 working day", or seconds as a whole number >= 1'
LAST_SECOND = time(23, 59, 59)  # of a local day
_LONGEST = timedelta(days=36_525)
_UNITS = {"s": timedelta(seconds=1), "min": timedelta(minutes=1), "h": timedelta(hours=1)}
_LENGTH = re.compile(r"(\d{1,10}) ?(?:(s|min|h)|(day|working day)s?)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Span:
    """So many seconds, whatever the clocks on the wall do meanwhile."""

    seconds: int

    def __str__(self) -> str:
        for unit in ("h", "min"):
            count, rest = divmod(self.seconds, int(_UNITS[unit].total_seconds()))
            if not rest:
                return f"{count} {unit}"
        return f"{self.seconds} s"


@dataclass(frozen=True, slots=True)
class SameDay:
    """Until the last second of the local day on which it started."""

    def __str__(self) -> str:
        return "same day"


@dataclass(frozen=True, slots=True)
class Days:
    """So many local days later, at the same time by the clock on the wall: a local day may have 23 or 25 hours."""

    count: int

    def __str__(self) -> str:
        return f"{self.count} day{'s' * (self.count > 1)}"


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """Until the close of the so-manieth working day. The day on which it started does not count."""

    count: int

    def __str__(self) -> str:
        return f"{self.count} working day{'s' * (self.count > 1)}"


Length = Span | SameDay | Days | WorkingDays


def parse_length(value: object) -> Length:
    """Read a length as a regime writes it; ``str`` of a length is read back as the same length.

    Raises:
        ValueError: says what is wanted.

    >>> parse_length("2h"), parse_length("1 working day"), str(parse_length(7200))
    (Span(seconds=7200), WorkingDays(count=1), '2 h')
    """
    if value == "same day":
        return SameDay()
    if isinstance(value, int) and not isinstance(value, bool):
        return _at_least_one(value, "s")
    written = _LENGTH.fullmatch(value) if isinstance(value, str) else None
    if written is None:
        raise ValueError(f"want {WANTED}")
    return _at_least_one(int(written[1]), written[2] or written[3])


def _at_least_one(count: int, unit: str) -> Length:
    one = _UNITS.get(unit, timedelta(days=1))
    if not 1 <= count <= _LONGEST // one:
        raise ValueError(f"want {WANTED}, and at most a hundred years")
    if unit == "day":
        return Days(count)
    return WorkingDays(count) if unit == "working day" else Span(int((count * one).total_seconds()))


def due_at(
    length: Length, started_at: datetime, *, zone: ZoneInfo, calendar: WorkCalendar, factor: float = 1.0
) -> datetime:
    """When a duty is due, in UTC; never before it started.

    Args:
        factor: 0 < factor <= 1, below 1 in a special period (R9): only spans and days are shortened by it.

    >>> from .calendar import MondayToFriday
    >>> week, shanghai = MondayToFriday(closes=time(17, 30)), ZoneInfo("Asia/Shanghai")
    >>> found_at = datetime(2026, 3, 6, 15, 50, tzinfo=UTC)  # Friday 23:50 in Shanghai
    >>> for text in ("2h", "same day", "3 days", "1 working day"):
    ...     print(local(due_at(parse_length(text), found_at, zone=shanghai, calendar=week), shanghai))
    2026-03-07 01:50:00
    2026-03-06 23:59:59
    2026-03-09 23:50:00
    2026-03-09 17:30:00
    """
    if not 0 < factor <= 1:
        raise ValueError("want a factor over 0 and at most 1")
    if isinstance(length, Span):
        return started_at.astimezone(UTC) + timedelta(seconds=length.seconds) * factor
    wall = local(started_at, zone)
    match length:
        case SameDay():
            end = datetime.combine(wall, LAST_SECOND)
        case Days(count):
            end = wall + timedelta(days=count) * factor
        case WorkingDays():
            end = datetime.combine(_days_counted(length, wall, calendar)[-1][0], calendar.closes)
    return instant(end, zone, not_before=started_at)


def remarks(
    length: Length, started_at: datetime, *, zone: ZoneInfo, calendar: WorkCalendar, cut_off: time | None = None
) -> tuple[str, ...]:
    """What belongs on record beside a due time: a start so late that the day is nearly over, a year merely assumed.

    Args:
        cut_off: from this time of the day on, a duty of the same day is remarked upon; it stays due the same day.
    """
    wall = local(started_at, zone)
    match length:
        case SameDay() if cut_off is not None and wall.time() >= cut_off:
            return (f"started at {wall:%H:%M}, after the cut-off of {cut_off:%H:%M}: still due the same day",)
        case WorkingDays():
            days = _days_counted(length, wall, calendar)
            return tuple(dict.fromkeys(day.reason for _, day in days if not day.is_known))
        case _:
            return ()


def _days_counted(length: WorkingDays, wall: datetime, calendar: WorkCalendar) -> list[tuple[datetime, Day]]:
    """The days that pass, worked or not, up to the one at whose close it is due."""
    passed: list[tuple[datetime, Day]] = []
    left = length.count
    while left:
        wall += timedelta(days=1)
        day = calendar.day(wall.date())
        passed.append((wall, day))
        left -= day.is_working
    return passed


def warnings(started_at: datetime, due_at: datetime, shares: Iterable[float] = (0.5, 0.9)) -> list[datetime]:
    """When to warn, in order: after these shares of the time, each over 0 and below 1. No time, no warning.

    >>> [f"{at:%H:%M}" for at in warnings(datetime(2026, 1, 1, 8, tzinfo=UTC), datetime(2026, 1, 1, 10, tzinfo=UTC))]
    ['09:00', '09:48']
    """
    given = due_at - started_at
    return sorted({started_at + given * share for share in shares} - {started_at, due_at}) if given else []


class Standing(StrEnum):
    """How a duty stands."""

    DUE = "due"  # there still is time
    MET = "met"
    LATE = "late"  # done, after it was due
    MISSED = "missed"  # not done, and its time is over


@dataclass(frozen=True, slots=True, kw_only=True)
class Lateness:
    """How a duty stands, and by how much it was or is late: zero while it is due, and if it was met."""

    standing: Standing
    by: timedelta = timedelta(0)


def lateness(due_at: datetime, done_at: datetime | None, now: datetime) -> Lateness:
    """How a duty stands: done at the very instant it is due is in time, still undone at that instant is missed.

    >>> noon = datetime(2026, 1, 1, 12, tzinfo=UTC)
    >>> lateness(noon, None, noon - timedelta(minutes=1)).standing.value
    'due'
    >>> lateness(noon, noon + timedelta(minutes=5), noon + timedelta(hours=3))
    Lateness(standing=<Standing.LATE: 'late'>, by=datetime.timedelta(seconds=300))
    """
    if done_at is None:
        return Lateness(standing=Standing.DUE) if now < due_at else Lateness(standing=Standing.MISSED, by=now - due_at)
    return (
        Lateness(standing=Standing.MET) if done_at <= due_at else Lateness(standing=Standing.LATE, by=done_at - due_at)
    )
