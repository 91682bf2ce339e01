"""When an alert climbs, when it is repeated, and when an event is over (R11, R14, R15)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ..domain import Event, Level, LevelRule, Regime


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """The next rung or repetition: its number, and its instant."""

    n: int
    at: datetime


def wants_attention(event: Event, level: str) -> bool:
    """Whether an alert of that level still waits for somebody: open, not acknowledged, not overtaken by a rise."""
    return event.state.is_live and event.level.name.lower() == level and not event.is_acknowledged


def next_step(rule: LevelRule, *, n: int, fired_at: datetime) -> Due | None:
    """The rung after rung ``n``. The wait counts from when rung ``n`` was really reached, so a restart never bursts."""
    if n + 1 >= len(rule.steps):
        return None
    return Due(n=n + 1, at=fired_at + (rule.steps[n + 1].after - rule.steps[n].after))


def next_repeat(rule: LevelRule, *, n: int, fired_at: datetime) -> Due | None:
    """The repetition after repetition ``n`` (0: the alert itself)."""
    if rule.repeat_every is None or n >= rule.repeats:
        return None
    return Due(n=n + 1, at=fired_at + rule.repeat_every)


def roles_told(rule: LevelRule, *, steps: int) -> tuple[str, ...]:
    """The roles of the first ``steps`` rungs, each once.

    >>> from datetime import timedelta
    >>> from yuqing_daemon.domain import Level, Step
    >>> rungs = (Step(after=timedelta(0), roles=("monitor",)), Step(after=timedelta(1), roles=("monitor", "office")))
    >>> roles_told(LevelRule(level=Level.GENERAL, steps=rungs), steps=2)
    ('monitor', 'office')
    """
    return tuple(dict.fromkeys(role for step in rule.steps[:steps] for role in step.roles))


def roles_named(regime: Regime, level: Level) -> set[str]:
    """Whom a regime would tell of an event of that level: on any rung up to it, or because of a duty."""
    rungs = (role for rule in regime.levels if rule.level <= level for role in roles_told(rule, steps=len(rule.steps)))
    return {*rungs, *(role for duty in regime.duties for role in (duty.owner, *duty.breach_tells))}


def over_at(event: Event, regime: Regime) -> datetime:
    """When an event with nothing new from now on will be over."""
    return event.updated_at + regime.over_after
