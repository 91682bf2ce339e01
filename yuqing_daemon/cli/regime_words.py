"""A regime in words, so that the people who wrote the rules can see whether the daemon understood them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from ..domain import Floors, LevelRule, Regime


def regime_in_words(regime: Regime) -> Iterator[tuple[str, str]]:
    """For each level, and for the rest, what the regime says (R6, R11, R14)."""
    for rule in regime.levels:
        yield rule.level.name.lower(), f"{_from(rule.floors)}; {_told(rule, regime)}"
    subjects = ", ".join(regime.subjects.values())
    if subjects:
        yield "sensitive", f"{subjects}: {regime.sensitive_level.name.lower()} at once"
    yield "over", f"after {span(regime.over_after)} without anything new"


def _from(floors: Floors) -> str:
    named = (
        ("reads", floors.reads),
        ("comments", floors.comments),
        ("mainstream site" if floors.mainstream == 1 else "mainstream sites", floors.mainstream),
    )
    reached = [f"{floor:,} {name}" for name, floor in named if floor is not None]
    return f"from {' or '.join(reached)}" if reached else "everything else"


def _told(rule: LevelRule, regime: Regime) -> str:
    steps = []
    for step in rule.steps:
        roles = ", ".join(regime.roles.get(role, role) for role in step.roles)
        steps.append(f"{roles} {'at once' if not step.after else f'after {span(step.after)}'}")
    again = ""
    if rule.repeats and rule.repeat_every:
        again = f"; again every {span(rule.repeat_every)}, {rule.repeats} times, until acknowledged"
    return f"told: {'; '.join(steps)}{again}"


def span(length: timedelta) -> str:
    """A span as a rule would say it: in the largest unit that needs no fraction.

    >>> [span(timedelta(seconds=seconds)) for seconds in (90, 1800, 7200, 172800)]
    ['90 s', '30 min', '2 h', '48 h']
    """
    seconds = int(length.total_seconds())
    for unit, size in (("h", 3600), ("min", 60)):
        if seconds and seconds % size == 0:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"
