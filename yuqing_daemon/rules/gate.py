"""What becomes of a notice whose time has come: sent, held back, folded into one message with others, or let wait.

All of it is decided when it is due, never when it is promised: a silence that was set meanwhile counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from ..domain import Level
from .route import first_purpose
from .silence import FIRST

URGENT = 9  # the rank of an extraordinary event's first word; any other has its level's
DIGEST = "digest"
HELD = timedelta(minutes=10)  # what waited so long on purpose, waited for the end of somebody's quiet hours
BACKLOG = timedelta(minutes=2)  # so long behind on a channel that bears no more: fold
STALE = timedelta(hours=24)  # a first word of a general event that is older comes with others
FADING = frozenset({"repeat", "update", "progress", "early"})  # worth nothing after their time


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A due delivery, without its text."""

    id: int = 0
    key: str
    event: int | None
    purpose: str
    level: Level
    role: str
    recipient: str
    channel: str
    created_at: datetime
    due_at: datetime
    deadline: datetime
    attempts: int = 0
    rank: int = 0

    @property
    def word(self) -> str:
        """What it is for, in one word."""
        return first_purpose(self.purpose).partition(":")[0]

    @property
    def is_urgent(self) -> bool:
        """Whether it goes before everything else."""
        return self.rank >= URGENT

    @property
    def may_be_folded(self) -> bool:
        """Whether it may come in one message with others: not yet tried, not urgent, no such message itself."""
        return not self.attempts and not self.is_urgent and self.word not in (DIGEST, "test", "drill")


def rank(purpose: str, level: Level) -> int:
    """Which goes first: the first word of an extraordinary event, then by level.

    >>> rank("raise:extraordinary:4", Level.EXTRAORDINARY), rank("repeat:extraordinary:4:1", Level.EXTRAORDINARY)
    (9, 3)
    """
    word = first_purpose(purpose).partition(":")[0]
    return URGENT if word in FIRST and level is Level.EXTRAORDINARY else int(level)


def wants_person(purpose: str) -> bool:
    """Whether somebody has to acknowledge it: that a provider took it is not enough then.

    >>> wants_person("handover:monitor:found"), wants_person("repeat:major:1:2")
    (True, False)
    """
    return first_purpose(purpose).partition(":")[0] in FIRST | {"step", "adopted", "unacked", "inherited"}


def has_expired(row: Waiting, now: datetime) -> bool:
    """Whether its time was over before it could be tried even once."""
    return not row.attempts and row.word in FADING and now > row.deadline


def is_late_company(row: Waiting, now: datetime) -> bool:
    """Whether it comes best with others like it: it was held for somebody's night, or is old news by now."""
    held = row.due_at - row.created_at >= HELD
    stale = row.level is Level.GENERAL and now - row.created_at > STALE
    return row.may_be_folded and (held or stale)


def slot(now: datetime, every: timedelta) -> tuple[str, datetime]:
    """The message that what is too much now goes into: its name, and when it leaves.

    >>> from datetime import UTC
    >>> name, leaves = slot(datetime(2026, 1, 1, 10, 4, tzinfo=UTC), timedelta(minutes=10))
    >>> name, f"{leaves:%H:%M}"
    ('20260101T101000', '10:10')
    """
    seconds = every.total_seconds()
    leaves = datetime.fromtimestamp((now.timestamp() // seconds + 1) * seconds, now.tzinfo)
    return f"{leaves:%Y%m%dT%H%M%S}", leaves
