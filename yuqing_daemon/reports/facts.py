"""What a report says, as frozen facts (R16, R23, R24): each with where on record it comes from.

A trace is a short text that names a row: ``E12#34`` entry 34 of the record, about event 12 (``#34``: about none);
``P5`` post 5; ``R@<instant>`` the posts' readings up to an instant; ``D7`` duty, ``J3`` judgement, ``N9`` delivery,
``V88`` visit. ``None`` is *not known* and never zero.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from ..domain import Event, Level
from ..store.bulletins import Bulletin

Trace = tuple[str, ...]


class ReportKind(StrEnum):
    """The reports there are."""

    FIRST = "first"
    FOLLOW_UP = "follow_up"
    BULLETIN = "bulletin"
    SUMMARY = "summary"
    DIGEST = "digest"


ALL = "*"  # the source of a blind span in which our own network was down


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A count, and where it was read."""

    value: int | None
    trace: Trace = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """How hot an event is, as of the last reading."""

    reads: Figure
    comments: Figure
    mainstream: Figure
    posts: Figure


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """An event's totals at one instant."""

    at: datetime
    reads: int | None
    comments: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """One post of an event: who carried it. ``at`` is when it says it was published, ``seen_at`` when we saw it."""

    post: int
    site: str
    mainstream: bool
    at: datetime | None
    seen_at: datetime
    relation: str
    reason: str
    title: str
    url: str
    trace: Trace


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Something that happened to an event by itself: opened, raised, over. ``what`` is as the record calls it."""

    at: datetime
    what: str
    level: Level | None
    stage: str
    reason: str
    trace: Trace


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """What a person did about an event. ``data`` is what was given with it."""

    at: datetime
    act: str
    by: str
    reason: str
    data: Mapping[str, Any]
    trace: Trace


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """A duty of an event and what became of its clock; ``name`` is the regime's, in the report's language."""

    event: str
    name: str
    owner: str
    state: str
    started_at: datetime
    due_at: datetime | None
    breached_at: datetime | None
    done_at: datetime | None
    done_by: str
    note: str
    trace: Trace


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A notice to one person over one channel; ``accepted_at`` is when the channel took it."""

    event: str
    recipient: str
    role: str
    channel: str
    level: Level
    purpose: str
    state: str
    planned_at: datetime
    accepted_at: datetime | None
    detail: str
    trace: Trace


@dataclass(frozen=True, slots=True, kw_only=True)
class Blind:
    """A span in which a source told us nothing; ``until`` ``None``: it still does not.

    ``why``: the state it was in, ``failed`` (``visits`` visits in a row), ``set_aside``, or ``not_visited``; of the
    source ``*``, which is all of them: ``network``.
    """

    source: str
    why: str
    since: datetime
    until: datetime | None
    visits: int
    error: str
    trace: Trace


@dataclass(frozen=True, slots=True, kw_only=True)
class Since:
    """What is new since the report before. ``figures`` are those that stood in it."""

    at: datetime
    figures: Figures
    posts: tuple[Carried, ...]
    steps: tuple[Step, ...]
    deeds: tuple[Deed, ...]
    trace: Trace

    @property
    def is_empty(self) -> bool:
        """Whether nothing was found and nobody did anything."""
        return not (self.posts or self.steps or self.deeds)


@dataclass(frozen=True, slots=True, kw_only=True)
class EventFacts:
    """Everything a report on one event may say. Names are already those of people and roles."""

    event: Event
    organisation: str
    topic: str
    kind: str  # what the regime calls it; "" if nobody has said
    subject: str
    department: str
    as_of: datetime
    found: Trace
    figures: Figures
    curve: tuple[Point, ...]
    spread: tuple[Carried, ...]
    steps: tuple[Step, ...]
    deeds: tuple[Deed, ...]
    duties: tuple[Owed, ...]
    told: tuple[Told, ...]
    watched: int  # sources that were visited in the event's span
    blind: tuple[Blind, ...]
    since: Since | None
    bulletin: Bulletin | None  # its latest issue


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One event in a digest: its figures and level at the end of the span, its state as of now."""

    event: Event
    topic: str
    level: Level
    is_new: bool
    figures: Figures
    trace: Trace


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestFacts:
    """Everything a digest may say of the span from ``since`` up to ``until``.

    ``states`` are those of the sources when it was made, each with their number, the good ones first; ``head`` is the
    record's last entry then; ``broken`` the first one that does not hold, if any.
    """

    organisation: str
    since: datetime
    until: datetime
    as_of: datetime
    events: tuple[Line, ...]
    breached: tuple[Owed, ...]
    failed: tuple[Told, ...]
    watched: int
    states: tuple[tuple[str, int], ...]
    blind: tuple[Blind, ...]
    entries: int
    head: str
    head_hash: str
    broken: str
