"""The tables of a regime file that grade an event and say who is told (R6, R11, R14)."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator, Field, ValidationInfo

from ..domain import Floors, Level, LevelRule, Step
from .checks import one_of
from .wanted import Delay, Figure, Id, Known, Span, Table, Wanted

LEVELS = tuple(level.name.lower() for level in Level)


def _known_role(value: str, info: ValidationInfo) -> str:
    if not isinstance(info.context, Known) or info.context.roles is None:
        return value
    return one_of(value, info.context.roles, "one of this regime's roles")


Role = Annotated[Id, AfterValidator(_known_role)]
Roles = Annotated[list[Role], Field(min_length=1), Wanted("a list of roles, not empty", '["monitor"]')]


class FloorsTable(Table):
    """The figures from which the level is reached, each by itself; one that is left out does not count."""

    reads: Figure | None = None
    """Reads of all posts together."""
    comments: Figure | None = None
    """Comments of all posts together."""
    mainstream: Figure | None = None
    """Distinct mainstream sites that carried it."""


class StepTable(Table):
    """One rung of the escalation."""

    after: Delay
    """Seconds after the alert, unless it was acknowledged."""
    roles: Roles
    """Whom to tell."""


class LevelTable(Table):
    """What the regime asks of one level."""

    floors: Annotated[FloorsTable, Wanted("a table of figures, which may be empty", "{}")]
    """The figures from which the level is reached."""
    steps: Annotated[
        list[StepTable], Field(min_length=1), Wanted("at least one step", '[{ after = 0, roles = ["monitor"] }]')
    ]
    """Whom to tell, and when."""
    repeats: Annotated[int, Field(ge=0, le=1000), Wanted("a whole number >= 0", "3")]
    """How often those already told are told again, while nobody acknowledges."""
    repeat_every: Span | None = None
    """Seconds between two of these; needed unless repeats is 0."""
    fallback_after: Span
    """Seconds after which the next channel is tried if the first has not accepted."""
    give_up_after: Span
    """Seconds after which an attempt is given up and becomes a dead letter."""


class LevelsTable(Table):
    """All three levels."""

    general: LevelTable
    """一般"""
    major: LevelTable
    """重大"""
    extraordinary: LevelTable
    """特别重大"""


def level_rules(table: LevelsTable) -> tuple[LevelRule, ...]:
    """The levels as the daemon uses them, from the lowest up."""
    tables = (table.general, table.major, table.extraordinary)
    return tuple(_rule(level, table) for level, table in zip(Level, tables, strict=True))


def floors(table: FloorsTable) -> Floors:
    """The figures as the daemon uses them."""
    return Floors(reads=table.reads, comments=table.comments, mainstream=table.mainstream)


def _rule(level: Level, table: LevelTable) -> LevelRule:
    return LevelRule(
        level=level,
        floors=floors(table.floors),
        steps=tuple(Step(after=timedelta(seconds=step.after), roles=tuple(step.roles)) for step in table.steps),
        repeat_every=timedelta(seconds=table.repeat_every) if table.repeat_every else None,
        repeats=table.repeats,
        fallback_after=timedelta(seconds=table.fallback_after),
        give_up_after=timedelta(seconds=table.give_up_after),
    )
