"""The stage of an event, what is to be expected of it, and whether it spreads (R3, R10, R14)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from ..domain import Alert, Event, Floors, Grading, Level, Post
from ..rules.curve import Curve
from ..rules.forecast import forecast, is_early_sign
from ..rules.level import tightened
from ..rules.stage import Stage, spreads, stage
from ..store import curves, events, outbox, posts, timers
from .telling import tell
from .work import Work

FIRST_LOOK, EVERY = timedelta(minutes=10), timedelta(hours=1)


def watch(work: Work, event: Event) -> None:
    """Look at the stage soon, and then every hour while the event is live."""
    if work.regime_of(event.id).stages is None:
        return
    if event.is_new:
        timers.start(work.connection, event.id, ("stage", 0, work.now + FIRST_LOOK))
    else:
        _look_again(work, event, work.now + FIRST_LOOK)


def look(work: Work, event: Event) -> Grading | None:
    """Say in which stage an event is; an early sign is told, and what spreads is to be handled as major.

    Returns the level that the spreading demands, with the reason; the caller raises the event.
    """
    rules = work.regime_of(event.id).stages
    if rules is None or not event.state.is_live:
        return None
    _look_again(work, event, work.now + EVERY)
    members = posts.of_event(work.connection, event.id, texts=False)
    curve = curves.of_event(work.connection, event.id, members, now=work.now)
    first = _floors(work, event, Level.MAJOR)
    staging = stage(curve, now=work.now, found_at=event.found_at, rules=rules, floors=first)
    if staging.stage != event.stage:
        events.save(work.connection, reached(work, event, staging.stage, staging.reason))
    if staging.stage is not Stage.OVER:
        _tell_early(work, event, curve, rules.early_sign)
    if event.level is not Level.GENERAL:
        return None
    sites = _sites(members)
    why = spreads(curve, sites, now=work.now, found_at=event.found_at, rules=rules, floors=first)
    return Grading(level=Level.MAJOR, reason=f"handled as major: {why}") if why else None


def reached(work: Work, event: Event, stage: Stage, reason: str) -> Event:
    """The event in its new stage, which is put on record; the caller saves it."""
    work.audit("event.stage", event=event.id, stage=stage.value, was=event.stage, reason=reason)
    return replace(event, stage=stage.value, stage_reason=reason)


def _look_again(work: Work, event: Event, at: datetime) -> None:
    timers.cancel(work.connection, event.id, kinds=["stage"], now=work.now)
    timers.keep(work.connection, event.id, "stage", at)


def _tell_early(work: Work, event: Event, curve: Curve, horizon: timedelta) -> None:
    """The next floor is near: the roles of the first rung are told, once for each level."""
    if event.level is max(Level):
        return
    above = Level(event.level + 1)
    expected = forecast(curve, now=work.now, floors=_floors(work, event, above))
    if expected is None or not is_early_sign(expected, now=work.now, horizon=horizon):
        return
    purpose = f"early:{above.name.lower()}"
    if outbox.of_purpose(work.connection, event.id, purpose):
        return
    roles = work.regime_of(event.id).rule(Level.GENERAL).steps[0].roles
    reason = f"early sign: {expected.reason}"
    tell(work, event, Alert(event=event.id, purpose=purpose, level=event.level, reason=reason, roles=roles))
    work.audit("event.early_sign", event=event.id, towards=above.name, reason=expected.reason)


def _sites(members: tuple[Post, ...]) -> list[datetime]:
    """When each further site first carried it."""
    first: dict[str, datetime] = {}
    for post in members:
        first.setdefault(post.site or post.source, post.fetched_at)
    return sorted(first.values())[1:]


def _floors(work: Work, event: Event, level: Level) -> Floors:
    regime = work.regime_of(event.id)
    return (tightened(regime) if work.settings.special_period(work.now) else regime).rule(level).floors
