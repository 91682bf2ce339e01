"""Where an event is heading: reads and comments some hours ahead, and when the next floor is due (R3, R10)."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from ..domain import Floors
from .curve import HOUR, Curve

DAMPING = 0.7  # of an hour's growth, the next hour brings so much: fitted to hourly readings of public hot lists
AHEAD = timedelta(hours=3)
LIMIT = timedelta(hours=24)  # what lies further ahead is not foretold


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """What is expected at ``at``, and of the next floors the one that is reached first.

    ``None``: no post says this counter; no floor within a day. ``is_below``: no floor is reached yet.
    """

    at: datetime
    reads: int | None
    comments: int | None
    counter: str = ""
    floor: int | None = None
    floor_at: datetime | None = None
    is_below: bool = True
    reason: str


@dataclass(frozen=True, slots=True)
class _Counter:
    name: str
    total: int
    rate: float  # growth in the hour before the last look
    floor: int | None

    def after(self, span: timedelta) -> float:
        """The total so long after the last look."""
        return self.total + self.rate * growth(span)


def growth(span: timedelta) -> float:
    """What a span brings, in units of the growth of the hour before it.

    >>> [round(growth(timedelta(hours=hours)), 3) for hours in (1, 2, 3, 100)]
    [0.7, 1.19, 1.533, 2.333]
    """
    return DAMPING / (1 - DAMPING) * (1 - math.pow(DAMPING, max(span, timedelta(0)) / HOUR))


def wait(share: float) -> timedelta | None:
    """The span that brings ``share`` times the last hour's growth; ``None``: it never comes to that much.

    >>> wait(growth(timedelta(hours=3))), wait(2.4)
    (datetime.timedelta(seconds=10800), None)
    """
    left = 1 - share * (1 - DAMPING) / DAMPING
    return HOUR * (math.log(left) / math.log(DAMPING)) if left > 0 else None


def forecast(curve: Curve, *, now: datetime, floors: Floors) -> Forecast | None:
    """Foretell an event from its last hour's growth, damped from hour to hour.

    ``floors`` are those of the next level. ``None``: it was not looked at twice, so that its pace is not known,
    or no post shows a counter.
    """
    known = curve.until(now)
    counters = tuple(_counters(known, floors))
    if known.looked_at is None or not counters or (len(known.looks) < 2 and not any(each.rate for each in counters)):
        return None
    expected = {each.name: int(each.after(now + AHEAD - known.looked_at)) for each in counters}
    is_below = all(each.floor is None or each.total < each.floor for each in counters)
    reached = (
        min(_reached(counters, known.looked_at, now), key=lambda pair: pair[0], default=None) if is_below else None
    )
    return Forecast(
        at=now + AHEAD,
        reads=expected.get("reads"),
        comments=expected.get("comments"),
        counter=reached[1].name if reached else "",
        floor=reached[1].floor if reached else None,
        floor_at=reached[0] if reached else None,
        is_below=is_below,
        reason=_reason(counters, expected, now, reached, is_below),
    )


def is_early_sign(forecast: Forecast | None, *, now: datetime, horizon: timedelta) -> bool:
    """Whether an early-sign notice is due: below every floor, but one is expected within the horizon (R3)."""
    if forecast is None or forecast.floor_at is None:
        return False
    return forecast.floor_at - now <= horizon


def _counters(curve: Curve, floors: Floors) -> Iterator[_Counter]:
    last = curve.at(curve.looked_at) if curve.looked_at else None
    if last and last.reads is not None:
        yield _Counter("reads", last.reads, last.reads_per_hour, floors.reads)
    if last and last.comments is not None:
        yield _Counter("comments", last.comments, last.comments_per_hour, floors.comments)


def _reached(counters: tuple[_Counter, ...], looked_at: datetime, now: datetime) -> Iterator[tuple[datetime, _Counter]]:
    """When each counter reaches its floor, if it does within a day."""
    for each in counters:
        if each.floor is None or not each.rate:
            continue
        span = wait((each.floor - each.total) / each.rate)
        if span is not None and looked_at + span <= now + LIMIT:
            yield max(looked_at + span, now), each


def _reason(
    counters: tuple[_Counter, ...],
    expected: dict[str, int],
    now: datetime,
    reached: tuple[datetime, _Counter] | None,
    is_below: bool,
) -> str:
    figures = ", ".join(
        f"{each.name} {each.total}, {each.rate:.0f} in the last hour, {expected[each.name]} expected"
        for each in counters
    )
    if not is_below:
        ahead = "a floor is reached already"
    elif reached is None:
        ahead = f"no floor within {LIMIT // HOUR} h"
    else:
        at, each = reached
        ahead = f"{each.floor} {each.name} about {at:%m-%d %H:%M} UTC"
    return f"{figures} by {now + AHEAD:%m-%d %H:%M} UTC; {ahead}"
