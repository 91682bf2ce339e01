"""The one schema, for SQLite and PostgreSQL. Every row that causes an effect has a key made of facts."""

from __future__ import annotations

from .base import ID, Instant, metadata
from .found import canary, clause, gist, gist_pair, health, match, post, reading, source, spell, strike, unread, visit
from .judged import bulletin, consultation, duty, event, event_post, is_live, judgement, lesson, opinion, timer, weights
from .kept import audit, meta, plugin, quarantine
from .told import attempt, delivery, hold, silence

__all__ = [
    "ID",
    "Instant",
    "attempt",
    "audit",
    "bulletin",
    "canary",
    "clause",
    "consultation",
    "delivery",
    "duty",
    "event",
    "event_post",
    "gist",
    "gist_pair",
    "health",
    "hold",
    "is_live",
    "judgement",
    "lesson",
    "match",
    "meta",
    "metadata",
    "opinion",
    "plugin",
    "post",
    "quarantine",
    "reading",
    "silence",
    "source",
    "spell",
    "strike",
    "timer",
    "unread",
    "visit",
    "weights",
]
