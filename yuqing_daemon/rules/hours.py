"""Hours of the week: when somebody is at work, and when somebody is not to be disturbed (R29)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from ..domain import Level
from .walltime import instant, local

WANTED = '"mon-fri 08:30-17:30, sat 09:00-12:00", "22:00-07:00" for every day, or "always"'
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MIDNIGHT = time(0)
_PART = re.compile(r"(?:(\w+)(?:-(\w+))? +)?(\d\d:\d\d)-(\d\d:\d\d)", re.ASCII)
_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")
_FORTNIGHT = timedelta(days=15)  # hours recur weekly; the one week a gap swallows them, they recur in the next


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """One stretch a week, by the clock on the wall. It ends on the next day unless it closes after it opens."""

    weekday: int  # 0: Monday
    opens: time
    closes: time


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """The stretches of a week, at least one, in order; ``text`` is how they were written."""

    windows: tuple[Window, ...]
    text: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        if not self.windows:
            raise ValueError("hours need at least one window")

    def __str__(self) -> str:
        return self.text


def parse_hours(text: str) -> Hours:
    """Read hours as a person writes them.

    Raises:
        ValueError: says which part cannot be read, and what is wanted.

    >>> parse_hours("fri 22:00-07:00").windows
    (Window(weekday=4, opens=datetime.time(22, 0), closes=datetime.time(7, 0)),)
    >>> parse_hours("fri 22:00-07:00, fry 09:00-12:00")
    Traceback (most recent call last):
    ValueError: "fry" is not a day: want mon, tue, wed, thu, fri, sat or sun
    """
    text = text.strip()
    parts = ["00:00-24:00"] if text == "always" else text.split(",")
    windows = {window for part in parts for window in _windows(part.strip())}
    return Hours(windows=tuple(sorted(windows, key=lambda w: (w.weekday, w.opens, w.closes))), text=text)


def _windows(part: str) -> list[Window]:
    written = _PART.fullmatch(part)
    if written is None:
        raise ValueError(f'cannot read "{part}": want {WANTED}')
    first, last, opens, closes = written.groups()
    if opens == closes:
        raise ValueError(f'"{part}" is empty: want 00:00-24:00 for the whole day')
    return [Window(weekday=day, opens=_opening(opens), closes=_closing(closes)) for day in _days(first, last)]


def _days(first: str | None, last: str | None) -> list[int]:
    """The days from one to the other, over the weekend too."""
    if first is None:
        return list(range(len(_DAYS)))
    start = _day(first)
    return [(start + n) % 7 for n in range((_day(last or first) - start) % 7 + 1)]


def _day(name: str) -> int:
    if name not in _DAYS:
        raise ValueError(f'"{name}" is not a day: want {", ".join(_DAYS[:-1])} or {_DAYS[-1]}')
    return _DAYS.index(name)


def _opening(text: str) -> time:
    written = _TIME.fullmatch(text)
    if written is None:
        raise ValueError(f'"{text}" is not a time of the day: want 00:00 to 23:59, or 24:00 as an end')
    return time(int(written[1]), int(written[2]))


def _closing(text: str) -> time:
    return _MIDNIGHT if text == "24:00" else _opening(text)


ALWAYS = parse_hours("always")


def covers(hours: Hours, at: datetime, zone: ZoneInfo) -> bool:
    """Whether an instant lies within the hours: the opening does, the closing no longer.

    >>> night, shanghai = parse_hours("22:00-07:00"), ZoneInfo("Asia/Shanghai")
    >>> covers(night, datetime.fromisoformat("2026-03-07T06:59:59+08:00"), shanghai)
    True
    >>> covers(night, datetime.fromisoformat("2026-03-07T07:00:00+08:00"), shanghai)
    False
    """
    return any(opens <= at < closes for opens, closes in _stretches(hours, at, at, zone))


def next_opening(hours: Hours, at: datetime, zone: ZoneInfo) -> datetime:
    """The first instant from ``at`` on that lies within the hours: ``at`` itself if it does."""
    return min(max(at, opens) for opens, closes in _stretches(hours, at, at + _FORTNIGHT, zone) if closes > at)


def next_end(hours: Hours, at: datetime, zone: ZoneInfo) -> datetime | None:
    """The end of the hours that cover ``at``, or else of the next; ``None`` if they never end.

    Stretches that touch or overlap are one.
    """
    start = end = next_opening(hours, at, zone)
    while end - start < _FORTNIGHT:
        later = max((closes for opens, closes in _stretches(hours, end, end, zone) if opens <= end), default=end)
        if later <= end:
            return end
        end = later
    return None


def edges(hours: Hours, since: datetime, until: datetime, zone: ZoneInfo) -> set[datetime]:
    """Every instant in [since, until) at which a stretch opens or closes."""
    return {edge for both in _stretches(hours, since, until, zone) for edge in both if since <= edge < until}


def held_until(
    quiet: Hours | None, at: datetime, zone: ZoneInfo, *, level: Level, passes_from: Level, breach: bool = False
) -> datetime | None:
    """Until when a notice waits because its recipient is not to be disturbed; ``None``: it goes at once.

    An extraordinary event and the notice of a breach always go at once; so does everything if quiet never ends.

    Args:
        passes_from: the lowest level that goes at once to this recipient.
        breach: whether it tells that a clock has run out.
    """
    passes = breach or level >= min(passes_from, Level.EXTRAORDINARY)
    if quiet is None or passes or not covers(quiet, at, zone):
        return None
    return next_end(quiet, at, zone)


def _stretches(hours: Hours, since: datetime, until: datetime, zone: ZoneInfo) -> Iterator[tuple[datetime, datetime]]:
    """The windows of all days that may touch [since, until], as instants; one that a gap swallows is left out."""
    day = local(since, zone).date() - timedelta(days=2)
    last = local(until, zone).date() + timedelta(days=1)
    while day <= last:
        for window in hours.windows:
            if window.weekday == day.weekday():
                end = day if window.closes > window.opens else day + timedelta(days=1)
                opens = instant(datetime.combine(day, window.opens), zone)
                closes = instant(datetime.combine(end, window.closes), zone)
                if opens < closes:
                    yield opens, closes
        day += timedelta(days=1)
