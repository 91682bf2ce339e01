"""Which stage an event is in, and whether it spreads, with the figures behind it (R10, R14)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from ..domain import Floors, StageRules
from .curve import HOUR, Curve, steps

COUNTERS = {"voices": "new comments and posts", "reads": "reads"}


class Stage(StrEnum):
    """Where an event is in its life (R10)."""

    EMERGING = "emerging"
    GROWING = "growing"
    PEAK = "peak"
    SUBSIDING = "subsiding"
    OVER = "over"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What a stage was judged by, for the counter that is nearest to its busiest hour.

    ``last_hour`` is the hour before ``looked_at``, the last look; ``hour_before`` the one before that.
    ``lately`` is the highest share of the busiest hour within the regime's span, of any counter; ``floor_share``
    how near the event came to its nearest floor; ``stirred_at`` when something new was last seen.
    """

    counter: str = "voices"
    last_hour: float = 0.0
    hour_before: float = 0.0
    busiest: float = 0.0
    busiest_at: datetime | None = None
    lately: float = 0.0
    looked_at: datetime | None = None
    stirred_at: datetime
    floor_share: float = 0.0

    @property
    def share(self) -> float:
        """The last hour's share of the busiest hour."""
        return self.last_hour / self.busiest if self.busiest else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Staging:
    """A stage, one sentence on why, its figures, and when it will be over if nothing new comes."""

    stage: Stage
    reason: str
    figures: Figures
    over_at: datetime


def stage(curve: Curve, *, now: datetime, found_at: datetime, rules: StageRules, floors: Floors) -> Staging:
    """Say which stage an event is in (R10).

    It may be asked at any time, over gaps and with nothing read at all. Hours in which nobody looked are not
    called quiet, so ask again after every look. ``floors`` are those of the first level to reach. Nothing is
    remembered: an event that stirs again is no longer over.
    """
    known = curve.until(now)
    figures = measure_stage(known, found_at=found_at, rules=rules, floors=floors)
    over_at = _over_at(known, figures, found_at, rules)
    if now >= over_at:
        chosen, why = Stage.OVER, f"nothing new for {_span(now - figures.stirred_at)}"
    else:
        chosen, why = _alive(figures, now - found_at, rules)
    return Staging(stage=chosen, reason=f"{_words(figures)}; {why}", figures=figures, over_at=over_at)


def _alive(figures: Figures, age: timedelta, rules: StageRules) -> tuple[Stage, str]:
    """The stage of an event that is not over."""
    is_young = age < rules.young
    if not is_young and not figures.busiest:
        return Stage.SUBSIDING, f"found {_span(age)} ago"
    if figures.busiest and figures.lately < rules.subsiding_share:
        return Stage.SUBSIDING, f"below {rules.subsiding_share:.0%} for {_span(rules.subsiding_after)}"
    if is_young and figures.floor_share < 1:
        return Stage.EMERGING, f"found {_span(age)} ago, at {figures.floor_share:.0%} of the nearest floor"
    if not figures.busiest:
        return Stage.GROWING, "a floor is reached, its pace is not known yet"
    before = f"{_number(figures.hour_before)} in the hour before"
    if figures.last_hour > 0 and figures.last_hour >= rules.rising * figures.hour_before:
        return Stage.GROWING, f"up from {before}"
    return Stage.PEAK, f"{before}, and not below {rules.subsiding_share:.0%} for {_span(rules.subsiding_after)}"


def measure_stage(curve: Curve, *, found_at: datetime, rules: StageRules, floors: Floors) -> Figures:
    """The figures by which a stage is judged, of the counter that is nearest to its busiest hour."""
    stirred_at = max(_stirred_at(curve, rules) or found_at, found_at)
    looked_at = curve.looked_at
    if looked_at is None:
        return Figures(stirred_at=stirred_at)
    lately = curve.within(looked_at - rules.subsiding_after, looked_at)
    figures = []
    for counter in COUNTERS:
        busiest = curve.busiest(counter)
        last, before = curve.at(looked_at), curve.at(looked_at - HOUR)
        most = busiest.per_hour(counter) if busiest else 0.0
        figures.append(
            Figures(
                counter=counter,
                last_hour=last.per_hour(counter) if last else 0.0,
                hour_before=before.per_hour(counter) if before else 0.0,
                busiest=most,
                busiest_at=busiest.at if busiest else None,
                lately=max(point.per_hour(counter) for point in lately) / most if most else 0.0,
                looked_at=looked_at,
                stirred_at=stirred_at,
                floor_share=_floor_share(curve, floors),
            )
        )
    return max(figures, key=lambda each: (each.lately, each.share))


def _stirred_at(curve: Curve, rules: StageRules) -> datetime | None:
    """When something new was last seen: a post, or comments or reads above the regime's limits."""
    voices, reads = (_limit(curve, counter, rules) for counter in COUNTERS)
    stirs = (
        point.at
        for before, point in steps(curve)
        if point.posts > before.posts
        or ((point.comments or 0) > (before.comments or 0) and _is_new(point.per_hour("voices"), voices))
        or ((point.reads or 0) > (before.reads or 0) and _is_new(point.per_hour("reads"), reads))
    )
    return max(stirs, default=None)


def _limit(curve: Curve, counter: str, rules: StageRules) -> float:
    """The pace up to which growth is nothing new."""
    busiest = curve.busiest(counter)
    rate = busiest.per_hour(counter) if busiest else 0.0
    if counter == "reads":
        return max(rate * rules.over_reads_share, rules.still_reads)
    return rate * rules.over_voices_share


def _is_new(rate: float, limit: float) -> bool:
    """Whether growth at this rate is something new: always, where the limit is less than one in an hour."""
    return limit < 1 or rate > limit


def _over_at(curve: Curve, figures: Figures, found_at: datetime, rules: StageRules) -> datetime:
    """When it is over if nothing new comes.

    Where a site shows counters, a look must have seen the quiet through; if nobody can look any more, it is over
    after the longest wait.
    """
    longest = max(rules.over_at_latest, rules.over_after)
    rest = max(rules.over_after, rules.over_life_share * (figures.stirred_at - found_at))
    quiet_at = figures.stirred_at + min(rest, longest)
    last = curve.points[-1] if curve.points else None
    if last is None or (last.reads is None and last.comments is None):
        return quiet_at
    is_seen = curve.looked_at is not None and curve.looked_at >= quiet_at
    return quiet_at if is_seen else figures.stirred_at + longest


def _floor_share(curve: Curve, floors: Floors) -> float:
    """How near it came to the nearest floor of its reads and comments: 1 when it is reached."""
    last = curve.points[-1] if curve.points else None
    pairs = ((last.reads, floors.reads), (last.comments, floors.comments)) if last else ()
    known = ((count, floor) for count, floor in pairs if count is not None and floor is not None)
    return max((count / floor if floor else 1.0 for count, floor in known), default=0.0)


def spreads(
    curve: Curve,
    sites: Iterable[datetime],
    *,
    now: datetime,
    found_at: datetime,
    rules: StageRules,
    floors: Floors,
) -> str:
    """Why a general event is to be handled as major (R14); empty: it is not.

    ``sites`` are the instants at which a further site, mainstream or not, was first seen to carry it; ``floors``
    those of the level above.
    """
    recent = sum(now - rules.spread_within < at <= now for at in sites)
    if recent >= rules.spread_sites:
        return f"signs of spreading: {recent} further sites within {_span(rules.spread_within)}"
    staging = stage(curve, now=now, found_at=found_at, rules=rules, floors=floors)
    if staging.figures.floor_share < rules.spread_share:
        return ""
    near = f"at {staging.figures.floor_share:.0%} of the nearest floor"
    if _accelerates(curve.until(now), staging.figures, rules):
        return f"signs of spreading: {_words(staging.figures)}; faster for two hours running, {near}"
    if staging.stage not in (Stage.SUBSIDING, Stage.OVER) and now - found_at >= rules.must_subside:
        return f"does not subside, {_span(now - found_at)} after it was found: {staging.reason}, {near}"
    return ""


def _accelerates(curve: Curve, figures: Figures, rules: StageRules) -> bool:
    """Whether each of the last two hours brought so much more than the one before it."""
    if figures.looked_at is None:
        return False
    earlier = curve.at(figures.looked_at - 2 * HOUR)
    first = earlier.per_hour(figures.counter) if earlier else 0.0
    return (
        first > 0
        and figures.hour_before >= rules.rising * first
        and figures.last_hour >= rules.rising * figures.hour_before
    )


def _words(figures: Figures) -> str:
    """The figures as a sentence that can be checked."""
    name = COUNTERS[figures.counter]
    if figures.looked_at is None:
        return "no reading yet"
    if figures.busiest_at is None:
        return f"no {name} seen up to {_clock(figures.looked_at)}"
    return (
        f"{_number(figures.last_hour)} {name} in the hour to {_clock(figures.looked_at)}, {figures.share:.0%} of "
        f"the busiest hour ({_number(figures.busiest)}, to {_clock(figures.busiest_at)})"
    )


def _number(rate: float) -> str:
    return f"{rate:.0f}" if rate >= 10 or rate == int(rate) else f"{rate:.1f}"


def _clock(at: datetime) -> str:
    return f"{at:%m-%d %H:%M} UTC"


def _span(span: timedelta) -> str:
    """A span in the largest fitting unit.

    >>> _span(timedelta(hours=48)), _span(timedelta(minutes=90)), _span(timedelta(hours=-1))
    ('48 h', '90 min', '0 min')
    """
    minutes = max(int(span.total_seconds() // 60), 0)
    return f"{minutes // 60} h" if minutes >= 120 else f"{minutes} min"
