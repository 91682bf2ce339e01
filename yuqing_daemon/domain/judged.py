"""What is judged: events, how grave they are, what is owed about them, and the record of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Any


class Level(IntEnum):
    """How grave an event is (R6). Levels compare: ``Level.MAJOR > Level.GENERAL``."""

    GENERAL = 1
    MAJOR = 2
    EXTRAORDINARY = 3

    def title(self, language: str = "zh") -> str:
        """The level's name for people.

        >>> Level.MAJOR.title(), Level.MAJOR.title("en")
        ('重大', 'major')
        """
        return self.name.lower() if language == "en" else ("一般", "重大", "特别重大")[self - 1]


class Kind(StrEnum):
    """What an event is (R5); each kind has its own handling route in the regime."""

    INQUIRY = "inquiry"
    HYPE = "hype"
    FABRICATION = "fabrication"
    CONSTRUCTIVE = "constructive"


class EventState(StrEnum):
    """How far an event has come (R8, R16, R24)."""

    FOUND = "found"  # waiting for a person's judgement
    CONFIRMED = "confirmed"
    HANDLING = "handling"  # handed to whom it concerns
    OVER = "over"  # nothing new for so long as the regime says
    SUMMARISED = "summarised"
    CLOSED = "closed"
    DISMISSED = "dismissed"
    MERGED = "merged"  # it is part of another event now

    @property
    def is_live(self) -> bool:
        """Whether it is watched, its alerts climb and its clocks run."""
        return self in (EventState.FOUND, EventState.CONFIRMED, EventState.HANDLING)


class Act(StrEnum):
    """What a person does about an event, on record with who, when and, where the regime wants one, why."""

    ACKNOWLEDGE = "acknowledge"
    CONFIRM = "confirm"
    CORRECT = "correct"  # kind, level, title or subject; only a person lowers a level
    DISMISS = "dismiss"
    MERGE = "merge"
    SPLIT = "split"
    NOTE = "note"
    HAND_OVER = "hand_over"
    DO = "do"  # a duty of the regime's that has no act of its own
    REPLY = "reply"
    PHONE = "phone"
    REPORT = "report"
    RELEASE = "release"
    REFER = "refer"  # the decision on a referral to the competent authority
    SUMMARISE = "summarise"
    CLOSE = "close"
    REOPEN = "reopen"
    ADOPT = "adopt"  # it lives under the regime now in force, not under the one it opened under


@dataclass(frozen=True, slots=True, kw_only=True)
class Heat:
    """How hot an event is (R7): running totals over all its posts, never rates. ``None``: no post says."""

    reads: int | None = None
    comments: int | None = None
    reposts: int | None = None
    mainstream: int = 0  # distinct mainstream sites that carried it
    posts: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One happening under one topic (事件). People call it by its code, ``E12``."""

    id: int
    topic: str
    title: str
    level: Level
    found_at: datetime
    updated_at: datetime
    kind: Kind | None = None
    state: EventState = EventState.FOUND
    subject: str = ""
    heat: Heat = Heat()
    rev: int = 1
    acknowledged_level: Level | None = None
    acknowledged_by: str = ""
    acknowledged_at: datetime | None = None
    over_at: datetime | None = None
    closed_at: datetime | None = None
    handled_as: Level | None = None  # a level whose duties it has without having reached its floors (R14)
    stage: str = ""
    stage_reason: str = ""
    department: str = ""  # to whom it was handed: a recipient's id
    merged_into: int | None = None
    overruled_level: Level | None = None  # what the rules said when a person lowered it; only more raises it again
    key_words: str = ""  # what sets it apart, the most telling word first, with blanks between

    @property
    def code(self) -> str:
        """The name people use: ``E`` and the number."""
        return f"E{self.id}"

    @property
    def is_new(self) -> bool:
        """Whether it was measured for the first time just now, so that nothing is planned for it yet."""
        return self.rev == 1

    @property
    def handled_level(self) -> Level:
        """The level whose duties are owed: its own, or the higher one it is handled as."""
        return max(self.level, self.handled_as or self.level)

    @property
    def is_acknowledged(self) -> bool:
        """Whether a person has acknowledged it at its present level."""
        return self.acknowledged_level is not None and self.acknowledged_level >= self.level


class DutyState(StrEnum):
    """Where a duty stands. A breach is a fact of its own, never erased by later success."""

    OPEN = "open"
    DONE = "done"
    DROPPED = "dropped"  # the event was dismissed, merged or corrected, so nobody owes it any more


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """One duty of one event: the rule's id, who owes it, and its clock. ``n`` counts a duty that comes again."""

    event: int
    rule: str
    owner: str
    state: DutyState
    started_at: datetime
    due_at: datetime | None = None
    breached_at: datetime | None = None
    done_at: datetime | None = None
    done_by: str = ""
    note: str = ""
    n: int = 1
    id: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """One act of a person on one event (R8, R25)."""

    event: int
    act: Act
    by: str
    at: datetime
    reason: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    id: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """What a classifier thinks of an event; all are kept, a person decides (R8).

    ``detail`` is the finer class of a kind (a complaint is an inquiry), or what it is about if not kind, sentiment or
    subject: ``claim`` (to be verified), ``pushed``, ``relevance``. ``unsure``: a person looks first.
    """

    reason: str
    confidence: float
    kind: Kind | None = None
    sentiment: str = ""
    subject: str = ""
    detail: str = ""
    unsure: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Consultation:
    """What somebody else is asked about an event: its first post, and how the configuration says to ask.

    ``options`` hold a secret and are never shown in a repr.
    """

    id: int
    event: int
    topic: str
    title: str
    text: str
    options: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """What came of a consultation: every word that went out and came back, and the opinions in it, or why none."""

    prompt: str
    answer: str = ""
    opinions: tuple[Opinion, ...] = ()
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grading:
    """A level and the reason for it, for the audit trail."""

    level: Level
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One line of the record (R25), chained to the one before it by ``prev`` and ``hash``."""

    at: datetime
    actor: str
    what: str
    event: int | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
    id: int = 0
    prev: str = ""
    hash: str = ""
