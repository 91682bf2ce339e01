"""How grave an event is: the highest level that any of the regime's criteria reaches (R6)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ..domain import Floors, Grading, Heat, Level, Regime


def grade(heat: Heat, regime: Regime, *, subject: str = "") -> Grading:
    """Grade one event from the totals of all its posts (R6, R7).

    ``subject`` is one of the regime's sensitive subjects, or anything else, which lifts nothing. An unknown
    total reaches no floor. The reason names everything that reached the level, or else the figures that did not.

    >>> from datetime import timedelta
    >>> from yuqing_daemon.domain import LevelRule
    >>> rules = (LevelRule(level=Level.GENERAL), LevelRule(level=Level.MAJOR, floors=Floors(reads=1000, mainstream=1)))
    >>> company = Regime(id="company", name="企业", version="1", levels=rules, roles={}, subjects={"food": "食品"},
    ...                  story_window=timedelta(days=30), over_after=timedelta(days=2))
    >>> grade(Heat(reads=2999), company)
    Grading(level=<Level.MAJOR: 2>, reason='reads 2999 >= 1000')
    >>> grade(Heat(reads=999), company).reason
    'no floor reached: reads 999, comments unknown, mainstream sites 0'
    >>> grade(Heat(), company, subject="food")
    Grading(level=<Level.EXTRAORDINARY: 3>, reason='sensitive subject: 食品')
    """
    reached = list(_reached(heat, regime, subject))
    if not reached:
        lowest = min(rule.level for rule in regime.levels)
        return Grading(level=lowest, reason="no floor reached: " + _figures(heat))
    highest = max(level for level, _ in reached)
    return Grading(level=highest, reason="; ".join(reason for level, reason in reached if level == highest))


def tightened(regime: Regime) -> Regime:
    """The regime as it is in a special period: with the floors it has for one, where it has some (R9)."""
    floors = regime.special.floors
    return replace(
        regime, levels=tuple(replace(rule, floors=floors.get(rule.level, rule.floors)) for rule in regime.levels)
    )


def _reached(heat: Heat, regime: Regime, subject: str) -> Iterator[tuple[Level, str]]:
    if subject in regime.subjects:
        yield regime.sensitive_level, f"sensitive subject: {regime.subjects[subject]}"
    for rule in regime.levels:
        for name, count, floor in _criteria(heat, rule.floors):
            if count is not None and floor is not None and count >= floor:
                yield rule.level, f"{name} {count} >= {floor}"


def _criteria(heat: Heat, floors: Floors) -> tuple[tuple[str, int | None, int | None], ...]:
    return (
        ("reads", heat.reads, floors.reads),
        ("comments", heat.comments, floors.comments),
        ("mainstream sites", heat.mainstream, floors.mainstream),
    )


def _figures(heat: Heat) -> str:
    criteria = _criteria(heat, Floors())
    return ", ".join(f"{name} {'unknown' if count is None else count}" for name, count, _ in criteria)
