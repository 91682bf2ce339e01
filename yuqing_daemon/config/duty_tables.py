"""The tables of a regime file that say what is owed about an event, and what a special period tightens (R9-R24)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, WithJsonSchema

from ..domain import Act, DutyRule, Floors, Kind, Level, LevelRule, Special
from .checks import one_of
from .days import Length
from .regime_tables import FloorsTable, Role, floors
from .wanted import Id, LevelName, Span, Table, Text, Wanted

KINDS = tuple(kind.value for kind in Kind)
ACTS = tuple(act.value for act in Act)
STARTS = ("found", "confirmed", "handed_over", "over", "level")
AFTER = "done:"  # and the duty that has to be done first


def _start(value: str) -> str:
    return value if value.startswith(AFTER) else one_of(value, STARTS, f'"{AFTER}" and a duty, or one of')


KindName = Annotated[
    Text,
    AfterValidator(lambda value: one_of(value, KINDS, "one of the kinds")),
    WithJsonSchema({"type": "string", "enum": list(KINDS)}),
]
ActName = Annotated[
    Text,
    AfterValidator(lambda value: one_of(value, ACTS, "one of the acts")),
    WithJsonSchema({"type": "string", "enum": list(ACTS)}),
]
ReportName = Annotated[
    Literal["first", "follow_up", "bulletin"], Wanted('"first", "follow_up" or "bulletin"', '"bulletin"')
]
Share = Annotated[
    float, Field(gt=0, lt=1, allow_inf_nan=False), Wanted("a share of its time, over 0 and below 1", "0.5")
]


class DutyTable(Table):
    """Something the regime wants done about an event."""

    id: Id
    """Names the duty in the record."""
    name: Text
    """What people call it, in Chinese."""
    name_en: Text
    """The same in English."""
    on: Annotated[Text, AfterValidator(_start), Wanted(f'"{AFTER}" and a duty, or what starts it', '"found"')]
    """What starts it: found, confirmed, handed_over, over, level (when from_level is reached), or done:DUTY."""
    owner: Role
    """The role that owes it."""
    from_level: LevelName = "general"
    """The lowest level at which it is owed."""
    kinds: Annotated[list[KindName], Wanted("a list of kinds", '["inquiry"]')] = Field(default_factory=list)
    """The kinds for which it is owed. Default: any."""
    within: Length | None = None
    """How long one has. Default: it has no clock."""
    warn_at: Annotated[list[Share], Wanted("a list of shares of its time", "[0.5, 0.9]")] = Field(default_factory=list)
    """The shares of its time after which the owner is warned."""
    breach_tells: Annotated[list[Role], Wanted("a list of roles", '["office"]')] = Field(default_factory=list)
    """Who is told when its time is over and it is not done."""
    done_by: Annotated[list[ActName], Field(min_length=1), Wanted("a list of acts, not empty", '["do"]')] = Field(
        default_factory=lambda: [Act.DO.value]
    )
    """The acts of people of which one fulfils it."""
    report: ReportName | None = None
    """Of reports only those of this kind fulfil it: first, follow_up or bulletin. Default: any but a bulletin."""
    every: Span | None = None
    """Seconds after which it is owed again once it was done, while the event is live. Default: once."""


class SpecialFloorsTable(Table):
    """The floors of the levels that have others in a special period."""

    major: FloorsTable = FloorsTable()
    """重大"""
    extraordinary: FloorsTable = FloorsTable()
    """特别重大"""


class SpecialTable(Table):
    """What a declared special period tightens."""

    floors: SpecialFloorsTable = SpecialFloorsTable()
    """Lower floors by level; a figure that is left out stays as it is."""
    clock_factor: Annotated[
        float, Field(gt=0, le=1, allow_inf_nan=False), Wanted("a number over 0, at most 1", "0.5")
    ] = 1.0
    """By this the time that a duty has is multiplied."""


def duty_rules(tables: Iterable[DutyTable]) -> tuple[DutyRule, ...]:
    """The duties as the daemon uses them, in the order of the file."""
    return tuple(
        DutyRule(
            id=table.id,
            name=table.name,
            name_en=table.name_en,
            on=table.on,
            owner=table.owner,
            from_level=Level[table.from_level.upper()],
            kinds=tuple(map(Kind, table.kinds)),
            within=table.within or "",
            warn_at=tuple(table.warn_at),
            breach_tells=tuple(table.breach_tells),
            done_by=tuple(map(Act, table.done_by)),
            report=table.report or "",
            every=timedelta(seconds=table.every) if table.every else None,
        )
        for table in tables
    )


def special(table: SpecialTable, levels: Iterable[LevelRule]) -> Special:
    """What a special period tightens. Floors are whole: a figure it leaves out is that of the level itself."""
    lower = {
        Level.MAJOR: floors(table.floors.major),
        Level.EXTRAORDINARY: floors(table.floors.extraordinary),
    }
    return Special(
        floors={rule.level: _tighter(rule.floors, lower[rule.level]) for rule in levels if rule.level in lower},
        clock_factor=table.clock_factor,
    )


def _tighter(usual: Floors, lower: Floors) -> Floors:
    return replace(
        usual,
        reads=lower.reads or usual.reads,
        comments=lower.comments or usual.comments,
        mainstream=lower.mainstream or usual.mainstream,
    )
