"""A regime file: an organisation's written rules (R6, R11, R15). Nothing in it has a default of ours."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from importlib.resources import files
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, ValidationInfo

from ..domain import Floors, Level, LevelRule, Regime, Step
from ..errors import ConfigError, Problem
from .checks import one_of
from .documents import Document, read
from .explain import check
from .wanted import Delay, Figure, Id, Known, LevelName, Span, Table, Text, Wanted

LEVELS = tuple(level.name.lower() for level in Level)
_FIGURES = ("reads", "comments", "mainstream")


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


class RegimeFile(Table):
    """A regime file"""

    id: Id
    """Names the regime in the record."""
    name: Text
    """What people call it."""
    sensitive_level: LevelName
    """The level at which a topic with a sensitive subject starts."""
    story_window: Span
    """Seconds within which an event must have stirred for a post to join it."""
    over_after: Span
    """Seconds without anything new after which an event is over."""
    roles: Annotated[dict[Id, Text], Field(min_length=1), Wanted("a table of roles", '{ monitor = "监控人员" }')]
    """The roles, and what people call them."""
    next_role: dict[Role, Role] = Field(default_factory=dict)
    """Who is told instead if nobody of a role can be reached."""
    subjects: dict[Id, Text] = Field(default_factory=dict)
    """The sensitive subjects, and what people call them."""
    levels: LevelsTable
    """What is asked of each level."""


def regime_path(name: str, folder: Path) -> Path:
    """Where a regime's file is: a path relative to the folder, or the name of a shipped one."""
    return folder / name if name.endswith(".toml") else Path(str(files("yuqing_config") / "regimes" / f"{name}.toml"))


def shipped_regimes() -> list[str]:
    """The names of the regimes that come with the daemon."""
    folder = files("yuqing_config") / "regimes"
    return sorted(entry.name.removesuffix(".toml") for entry in folder.iterdir() if entry.name.endswith(".toml"))


def read_regime(path: Path) -> Regime:
    """Read and check one regime file by itself.

    Raises:
        ConfigError: with every problem of it.
    """
    document, problems = read(path)
    known = Known(roles=document.names("roles"), subjects=document.names("subjects"))
    file, wrong = check(document, RegimeFile, known)
    problems += [*wrong, *out_of_order(document)]
    if file is None or problems:
        raise ConfigError(problems)
    return regime(file, document.version)


def regime(file: RegimeFile, version: str) -> Regime:
    """The regime as the daemon uses it; ``version`` is the digest of its file, frozen into each event."""
    tables = (file.levels.general, file.levels.major, file.levels.extraordinary)
    return Regime(
        id=file.id,
        name=file.name,
        version=version,
        story_window=timedelta(seconds=file.story_window),
        over_after=timedelta(seconds=file.over_after),
        levels=tuple(_rule(level, table) for level, table in zip(Level, tables, strict=True)),
        roles=file.roles,
        next_role=file.next_role,
        subjects=file.subjects,
        sensitive_level=Level[file.sensitive_level.upper()],
    )


def _rule(level: Level, table: LevelTable) -> LevelRule:
    return LevelRule(
        level=level,
        floors=Floors(reads=table.floors.reads, comments=table.floors.comments, mainstream=table.floors.mainstream),
        steps=tuple(Step(after=timedelta(seconds=step.after), roles=tuple(step.roles)) for step in table.steps),
        repeat_every=timedelta(seconds=table.repeat_every) if table.repeat_every else None,
        repeats=table.repeats,
        fallback_after=timedelta(seconds=table.fallback_after),
        give_up_after=timedelta(seconds=table.give_up_after),
    )


def out_of_order(document: Document) -> Iterator[Problem]:
    """Floors that do not rise with the level, steps that do not follow each other, repeats without a span."""
    for figure in _FIGURES:
        yield from _falling(document, figure)
    for level in LEVELS:
        yield from _hasty(document, level)
        repeats = document.get("levels", level, "repeats")
        if isinstance(repeats, int) and repeats > 0 and document.get("levels", level, "repeat_every") is None:
            path = ("levels", level, "repeat_every")
            yield document.problem(path, f"seconds, as repeats is {repeats}", "repeat_every = 1800")


def _falling(document: Document, figure: str) -> Iterator[Problem]:
    below = 0
    for level in LEVELS:
        path = ("levels", level, "floors", figure)
        floor = document.get(*path)
        if isinstance(floor, int) and not isinstance(floor, bool) and floor > 0:
            if floor <= below:
                yield document.problem(
                    path, f"more than {below}, the floor of the level below", f"{figure} = {below + 1}"
                )
            below = max(below, floor)


def _hasty(document: Document, level: str) -> Iterator[Problem]:
    steps = document.get("levels", level, "steps")
    before = -1
    for number in range(len(steps) if isinstance(steps, list) else 0):
        path = ("levels", level, "steps", number, "after")
        after = document.get(*path)
        if isinstance(after, int) and after >= 0:
            if after <= before:
                yield document.problem(path, f"more than {before}, the step before", f"after = {before + 1800}")
            before = max(before, after)
