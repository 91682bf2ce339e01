"""When a source usually brings something new, by the hour of the week, and when its silence is too long for it.

A gap is measured in *expected arrivals*: how many the source would have brought meanwhile, going by its own weeks. So a
night, a weekend or a public holiday in which it never brings anything adds nothing, and one measure fits a portal
and a bureau with two notices a week.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta, tzinfo
from math import ceil, log

from .limits import HealthRules

HOUR, WEEK = timedelta(hours=1), timedelta(weeks=1)
HALF_LIFE = 6.0  # weeks after which what a source did counts half
MOST_GAPS = 100
KNOWN_GAPS = 8  # before these are known, a source's silence is judged by the calendar alone
OFTEN = 0.95  # a gap that only one in twenty exceeds is still usual
BY_CHANCE = 3.0  # what that is if arrivals come by mere chance: -ln(0.05)
ONCE_IN = 20  # years: so seldom a gap that counts as silence may come by mere chance
UNSURE = 12  # mean gaps without anything new while few are known: holidays may be among them
BELIEF = 10  # gaps that this is worth against the source's own
FARTHEST = timedelta(days=400)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """What is known of a source's arrivals: a visit that brings something new is one, however much it brings.

    ``counts`` are arrivals by hour of the week (0 is Monday's first), faded as of ``last_at``; ``gaps`` are the last
    ones in expected arrivals; ``longest`` is the longest in hours.
    """

    since: datetime | None = None
    last_at: datetime | None = None
    counts: Mapping[int, float] = field(default_factory=dict)
    gaps: tuple[float, ...] = ()
    longest: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """A source's days: its zone, and which days are public holidays there."""

    zone: tzinfo
    is_holiday: Callable[[date], bool] = lambda _: False


def begin(at: datetime) -> Rhythm:
    """Nothing is known: the first visit was the baseline."""
    return Rhythm(since=at, last_at=at)


def arrive(rhythm: Rhythm, at: datetime, days: Days, *, whole: bool = True) -> Rhythm:
    """Something new came. ``whole``: we listened all the time since the arrival before, so the gap is the source's."""
    if rhythm.since is None or rhythm.last_at is None or at <= rhythm.last_at:
        return rhythm if rhythm.since else begin(at)
    gaps, longest = rhythm.gaps, rhythm.longest
    if whole:
        longest = max(longest, (at - rhythm.last_at) / HOUR)
        if _weeks(rhythm, rhythm.last_at) >= 1:
            gaps = (*gaps, round(_expected(rhythm, rhythm.last_at, at, days), 3))[-MOST_GAPS:]
    faded = _fade(at - rhythm.last_at)
    counts = {cell: count for cell, old in rhythm.counts.items() if (count := round(old * faded, 4)) > 0.001}
    cell = _cell(at, days)
    counts[cell] = counts.get(cell, 0.0) + 1
    return replace(rhythm, last_at=at, counts=counts, gaps=gaps, longest=round(longest, 2))


def usual_gap(rhythm: Rhythm) -> float:
    """The gap that is still usual, in expected arrivals; what is little known leans towards chance."""
    ordered, number = sorted(rhythm.gaps), len(rhythm.gaps)
    if not number:
        return BY_CHANCE
    own = ordered[min(ceil(OFTEN * number), number) - 1]
    return (number * own + BELIEF * BY_CHANCE) / (number + BELIEF)


def silent_at(rhythm: Rhythm, days: Days, rules: HealthRules, *, every: timedelta) -> datetime | None:
    """When the source is silent if nothing new comes until then; ``None``: nothing is known of it.

    >>> from datetime import UTC
    >>> monday = datetime(2026, 3, 2, 1, tzinfo=UTC)
    >>> silent_at(Rhythm(), Days(zone=UTC), None, every=HOUR) is None
    True
    """
    if rhythm.since is None or rhythm.last_at is None:
        return None
    least = max(rules.silent_least, rules.silent_factor * every)
    long = rules.silent_factor * rhythm.longest * HOUR
    if len(rhythm.gaps) < KNOWN_GAPS:
        mean = (rhythm.last_at - rhythm.since) / max(sum(rhythm.counts.values()), 1)
        return rhythm.last_at + max(least, long, rules.silent_unlearned, UNSURE * mean)
    if rhythm.last_at - rhythm.since < rules.learning:
        return rhythm.last_at + max(least, long, rules.learning / 2)
    arrivals = sum(rhythm.counts.values()) / _weeks(rhythm, rhythm.last_at) * 52  # a year
    allowed = usual_gap(rhythm) * max(rules.silent_factor, log(ONCE_IN * arrivals) / BY_CHANCE)
    return max(_when(rhythm, allowed, days), rhythm.last_at + least)


def _when(rhythm: Rhythm, allowed: float, days: Days) -> datetime:
    """When so many arrivals are overdue."""
    assert rhythm.last_at is not None
    weeks = _weeks(rhythm, rhythm.last_at)
    at, sum_ = rhythm.last_at, 0.0
    while sum_ < allowed and at - rhythm.last_at < FARTHEST:
        sum_ += _rate(rhythm, at, days) / weeks
        at += HOUR
    return at


def _expected(rhythm: Rhythm, begins: datetime, ends: datetime, days: Days) -> float:
    """How many arrivals the source usually has in a span."""
    weeks = _weeks(rhythm, begins)
    at, sum_ = begins, 0.0
    while at < ends:
        step = min(HOUR, ends - at)
        sum_ += _rate(rhythm, at, days) / weeks * (step / HOUR)
        at += step
    return sum_


def _rate(rhythm: Rhythm, at: datetime, days: Days) -> float:
    """Arrivals counted in an hour like this one; on a public holiday no more than on a weekend."""
    local = at.astimezone(days.zone)
    usual = rhythm.counts.get(local.weekday() * 24 + local.hour, 0.0)
    if not usual or not days.is_holiday(local.date()):
        return usual
    weekend = [rhythm.counts.get(day * 24 + local.hour, 0.0) for day in (5, 6)]
    return min(usual, sum(weekend) / len(weekend))


def _cell(at: datetime, days: Days) -> int:
    local = at.astimezone(days.zone)
    return local.weekday() * 24 + local.hour


def _weeks(rhythm: Rhythm, at: datetime) -> float:
    """The weeks that the counts stand for, the older ones fading like them."""
    assert rhythm.since is not None
    return max((1 - _fade(at - rhythm.since)) * HALF_LIFE / log(2), 0.01)


def _fade(span: timedelta) -> float:
    return float(0.5 ** (span / WEEK / HALF_LIFE))
