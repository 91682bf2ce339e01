"""How often a source is visited whose interval is not written: by how much it brings, and when in the day (R1).

The mean delay of new posts under a budget of visits is least when the interval is ``pace / sqrt(rate)``, with the rate
of this hour of the day. One pace serves all sources; it is set so that their visits add up to the budget.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Any

HOURS = 24
HALF_LIFE = timedelta(days=7)  # what is so long ago counts half
ENOUGH = 6.0  # hours a source must have been watched before its interval is its own
SHRINK = 3.0  # hours of watching that weigh as much as the rate of the whole day
LEAST_RATE = 1 / (24 * 30)  # posts an hour: a silent source is taken for one that brings a post a month
LONGEST_GAP = timedelta(days=1)  # a longer one tells nothing about the hours in it
_HOUR = timedelta(hours=1)
_NOTHING = (0.0,) * HOURS


@dataclass(frozen=True, slots=True)
class Limits:
    """An interval that is not written: ``start`` until enough is known, then between ``least`` and ``longest``."""

    start: timedelta
    least: timedelta
    longest: timedelta


@dataclass(frozen=True, slots=True)
class Pace:
    """What all sources without a written interval go by.

    ``steady``: seconds times the root of posts an hour; 0: none was set yet. ``start``: the interval of beginners.
    """

    steady: float
    start: timedelta

    @classmethod
    def before_any(cls, limits: Limits) -> Pace:
        """Everybody is a beginner."""
        return cls(0.0, limits.start)


@dataclass(frozen=True, slots=True)
class Tempo:
    """What a source brought, by local hour of the day: ``posts`` and the hours ``watched``, both fading with time."""

    posts: tuple[float, ...] = _NOTHING
    watched: tuple[float, ...] = _NOTHING

    @classmethod
    def of(cls, kept: Mapping[str, Any] | None) -> Tempo:
        """The tempo that was stored; an empty one for anything else."""
        try:
            posts, watched = (tuple(map(float, (kept or {})[name])) for name in ("posts", "watched"))
        except (KeyError, TypeError, ValueError):
            return cls()
        return cls(posts, watched) if len(posts) == len(watched) == HOURS else cls()

    def to_store(self) -> dict[str, list[float]]:
        """The same as plain numbers."""
        return {name: [round(value, 4) for value in getattr(self, name)] for name in ("posts", "watched")}

    @property
    def is_known(self) -> bool:
        """Whether it was watched long enough to go by."""
        return sum(self.watched) >= ENOUGH

    def rate(self, hour: int) -> float:
        """The posts an hour that it brings at an hour of the day; one that was hardly watched is like the whole day.

        >>> tempo = Tempo((6.0,) + (0.0,) * 23, (1.0,) * 24)
        >>> tempo.rate(0) > tempo.rate(1), tempo.rate(1) == tempo.rate(2)
        (True, True)
        """
        overall = sum(self.posts) / max(sum(self.watched), 1e-9)
        here = (self.posts[hour] + SHRINK * overall) / (self.watched[hour] + SHRINK)
        return max(here, LEAST_RATE)


def learn(tempo: Tempo, *, new: int, since: datetime, now: datetime, zone: tzinfo) -> Tempo:
    """What is known after a visit that found so many new posts since the last one."""
    span = now - since
    if not timedelta(0) < span <= LONGEST_GAP:
        return tempo
    fading = 0.5 ** (span / HALF_LIFE)
    posts, watched = ([value * fading for value in values] for values in (tempo.posts, tempo.watched))
    at = since.astimezone(zone)
    while at < now:
        until = min(at.replace(minute=0, second=0, microsecond=0) + _HOUR, now.astimezone(zone))
        watched[at.hour] += (until - at) / _HOUR
        posts[at.hour] += new * ((until - at) / span)
        at = until
    return Tempo(tuple(posts), tuple(watched))


def pace_for(rates: Collection[float], *, beginners: int, budget: float, limits: Limits) -> Pace:
    """The pace at which sources with these rates, in posts an hour, are visited as often as the budget allows.

    Args: beginners: how many more there are whose rate is not known yet; budget: visits a second in all.
    Whatever the budget, each is visited once in ``limits.longest``. Found by halving, for the limits bend the sum.

    >>> limits = Limits(timedelta(minutes=5), timedelta(minutes=1), timedelta(minutes=30))
    >>> pace = pace_for([4.0, 1.0], beginners=0, budget=2 / 300, limits=limits)
    >>> [round(pace.steady / math.sqrt(rate)) for rate in (4.0, 1.0)]
    [225, 450]
    """
    least, longest = limits.least.total_seconds(), limits.longest.total_seconds()
    everybody = beginners + len(rates)
    start = max(limits.start.total_seconds(), min(everybody / max(budget, 1e-9), longest))
    if not rates:
        return Pace(0.0, timedelta(seconds=start))
    left = max(budget - beginners / start, len(rates) / longest)
    weights = [math.sqrt(rate) for rate in rates]

    def visits(pace: float) -> float:
        return sum(1 / min(max(pace / weight, least), longest) for weight in weights)

    low, high = least * min(weights), longest * max(weights)
    for _ in range(40):
        middle = math.sqrt(low * high)
        low, high = (middle, high) if visits(middle) > left else (low, middle)
    return Pace(high, timedelta(seconds=start))


def interval(tempo: Tempo, *, hour: int, pace: Pace, limits: Limits) -> timedelta:
    """How long until the next visit of a source whose interval is not written.

    >>> limits = Limits(timedelta(minutes=5), timedelta(minutes=1), timedelta(minutes=30))
    >>> pace = Pace(300.0, limits.start)
    >>> str(interval(Tempo(), hour=9, pace=pace, limits=limits))
    '0:05:00'
    >>> busy = Tempo((4.0,) * 24, (1.0,) * 24)
    >>> str(interval(busy, hour=9, pace=pace, limits=limits))
    '0:02:30'
    """
    if not pace.steady or not tempo.is_known:
        return pace.start
    return min(max(timedelta(seconds=pace.steady / math.sqrt(tempo.rate(hour))), limits.least), limits.longest)
