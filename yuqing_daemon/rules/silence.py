"""Silences and maintenance windows: whom not to tell what, for how long, by whom and why.

A silence never stops a clock of the regime, a first word of an extraordinary event, or the record.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from ..domain import Level
from .route import first_purpose

LONGEST = timedelta(days=30)
FIELDS = ("event", "topic", "level", "source", "recipient", "channel", "purpose")
FIRST = frozenset({"found", "raise", "reopened"})  # the first word of an event at a level
LATER = frozenset({"step", "repeat", "update", "early", "progress", "unacked", "inherited", "handled", "subscribed"})
SILENT = FIRST | LATER | {"ops"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """What matches all of the matcher's fields is not told within [starts_at, ends_at)."""

    id: int
    matcher: Mapping[str, str]
    starts_at: datetime
    ends_at: datetime
    author: str
    reason: str

    def is_active(self, now: datetime) -> bool:
        """Whether it holds now."""
        return self.starts_at <= now < self.ends_at


def fault(silence: Silence, *, now: datetime) -> str:
    """Why a silence may not be set; empty if it may.

    >>> from datetime import UTC
    >>> now = datetime(2026, 1, 1, tzinfo=UTC)
    >>> fault(Silence(id=0, matcher={}, starts_at=now, ends_at=now + timedelta(1), author="w", reason="x"), now=now)
    'a silence of everything is none: want one or more of event, topic, level, source, recipient, channel, purpose'
    """
    unknown = sorted(set(silence.matcher) - set(FIELDS))
    if unknown:
        return f"{unknown[0]!r} is nothing to match: want one or more of {', '.join(FIELDS)}"
    if not silence.matcher:
        return f"a silence of everything is none: want one or more of {', '.join(FIELDS)}"
    if not silence.reason.strip():
        return "a silence wants a reason"
    if silence.ends_at <= max(now, silence.starts_at):
        return "a silence has to end after it begins, and later than now"
    if silence.ends_at - max(now, silence.starts_at) > LONGEST:
        return f"a silence lasts {LONGEST.days} days at the most: what is to be quiet for longer belongs in topics.toml"
    return ""


def may_be_silent(purpose: str, level: Level) -> bool:
    """Whether a silence may hold a notice back at all: no clock's, no answer to somebody, no extraordinary first word.

    >>> may_be_silent("found", Level.MAJOR), may_be_silent("found", Level.EXTRAORDINARY)
    (True, False)
    >>> may_be_silent("breach:report:1", Level.GENERAL)
    False
    """
    word = first_purpose(purpose).partition(":")[0]
    return word in SILENT and not (word in FIRST and level is Level.EXTRAORDINARY)


def matches(silence: Silence, facts: Mapping[str, Collection[str]]) -> bool:
    """Whether each field of the matcher is among the facts of a notice."""
    return all(value in facts.get(name, ()) for name, value in silence.matcher.items())
