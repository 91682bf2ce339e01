"""A regime file: an organisation's written rules (R6, R9, R11-R24). No number in it has a default of ours."""

from __future__ import annotations

from datetime import timedelta
from importlib.resources import files
from pathlib import Path
from typing import Annotated

from pydantic import Field

from ..domain import Act, Kind, Level, Regime
from ..errors import ConfigError
from .days import CalendarName, TimeOfDay
from .documents import Document, read
from .duty_tables import ActName, DutyTable, KindName, SpecialTable, duty_rules, special
from .explain import check
from .regime_holes import holes
from .regime_tables import LevelsTable, Role, level_rules
from .stage_table import StagesTable, stage_rules
from .wanted import Flag, Id, Known, LevelName, Span, Table, Text, Wanted


class RegimeFile(Table):
    """A regime file"""

    id: Id
    """Names the regime in the record."""
    name: Text
    """What people call it."""
    sensitive_level: LevelName
    """The level at which a topic with a sensitive subject starts."""
    lift_by_words: Flag = False
    """Whether a sensitive subject that the posts' words name lifts an event too, until a person has judged it."""
    story_window: Span
    """Seconds within which an event must have stirred for a post to join it."""
    over_after: Span
    """Seconds without anything new after which an event is over."""
    calendar: CalendarName = "monday-friday"
    """Which days are worked, for clocks in working days: "monday-friday" or "china"."""
    day_closes: TimeOfDay = "17:30"
    """When a working day ends."""
    wants_reason: Annotated[list[ActName], Wanted("a list of acts", '["dismiss"]')] = Field(default_factory=list)
    """The acts of people that are refused without a reason."""
    roles: Annotated[dict[Id, Text], Field(min_length=1), Wanted("a table of roles", '{ monitor = "监控人员" }')]
    """The roles, and what people call them."""
    next_role: dict[Role, Role] = Field(default_factory=dict)
    """Who is told instead if nobody of a role can be reached."""
    subjects: dict[Id, Text] = Field(default_factory=dict)
    """The sensitive subjects, and what people call them."""
    kinds: Annotated[dict[KindName, Text], Wanted("a table of kinds", '{ inquiry = "咨询" }')] = Field(
        default_factory=dict
    )
    """The kinds of events, and what people call them."""
    levels: LevelsTable
    """What is asked of each level."""
    stages: StagesTable
    """In which stage an event is, and when it spreads."""
    special: SpecialTable = SpecialTable()
    """What a special period tightens."""
    duties: Annotated[list[DutyTable], Wanted("a table for each duty", fix="[[duties]]")] = Field(default_factory=list)
    """What is owed about an event: by whom, from when on, by when."""


def regime_path(name: str, folder: Path) -> Path:
    """Where a regime's file is: a path relative to the folder, or the name of a shipped one."""
    return folder / name if name.endswith(".toml") else Path(str(files("yuqing_config") / "regimes" / f"{name}.toml"))


USUAL = "company"  # the shipped regime that is proposed where none fits


def shipped_regimes() -> list[str]:
    """The names of the regimes that come with the daemon."""
    folder = files("yuqing_config") / "regimes"
    return sorted(entry.name.removesuffix(".toml") for entry in folder.iterdir() if entry.name.endswith(".toml"))


def read_regime(path: Path) -> Regime:
    """Read and check one regime file by itself: the rules, and their figures for the stages.

    Raises:
        ConfigError: with every problem of it.
    """
    document, problems = read(path)
    file, wrong = check(document, RegimeFile, known_to(document))
    problems += [*wrong, *holes(document)]
    if file is None or problems:
        raise ConfigError(sorted(problems, key=lambda problem: problem.line or 0))
    return regime(file, document.version)


def known_to(document: Document) -> Known:
    """What a regime's own values may refer to."""
    return Known(roles=document.names("roles"), subjects=document.names("subjects"))


def regime(file: RegimeFile, version: str) -> Regime:
    """The regime as the daemon uses it; ``version`` is the digest of its file, frozen into each event."""
    levels = level_rules(file.levels)
    return Regime(
        id=file.id,
        name=file.name,
        version=version,
        story_window=timedelta(seconds=file.story_window),
        over_after=timedelta(seconds=file.over_after),
        calendar=file.calendar,
        day_closes=file.day_closes,
        levels=levels,
        roles=file.roles,
        next_role=file.next_role,
        subjects=file.subjects,
        sensitive_level=Level[file.sensitive_level.upper()],
        lift_by_words=file.lift_by_words,
        duties=duty_rules(file.duties),
        kinds={Kind(kind): name for kind, name in file.kinds.items()},
        wants_reason=tuple(map(Act, file.wants_reason)),
        special=special(file.special, levels),
        stages=stage_rules(file.stages, over_after=file.over_after),
    )
