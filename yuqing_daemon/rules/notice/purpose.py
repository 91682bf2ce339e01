"""What a notice asks of its reader: to acknowledge, to do what is due, or nothing."""

from __future__ import annotations

from ...domain import Event
from ..route import first_purpose

ACKNOWLEDGE, ACT = "acknowledge", "act"
BOTH = frozenset({"inherited"})  # to acknowledge it, or to go on with what somebody else had acknowledged
WANTED = BOTH | {"found", "raise", "reopened", "adopted", "handled", "update", "step", "repeat", "unacked"}
OWED = BOTH | {"handed", "progress", "duty", "warn", "breach"}  # something else than an acknowledgement


def asks(purpose: str, event: Event) -> str:
    """``acknowledge``, ``act``, or nothing: in a correction, of one who merely wanted to hear, once somebody has it.

    >>> from datetime import UTC, datetime
    >>> from yuqing_daemon import Level
    >>> at = datetime(2026, 3, 1, tzinfo=UTC)
    >>> event = Event(id=1, topic="food", title="", level=Level.MAJOR, found_at=at, updated_at=at)
    >>> [asks(each, event) for each in ("handover:monitor:found", "warn:report:1:0", "closed:2", "subscribed:found")]
    ['acknowledge', 'act', '', '']
    """
    word = first_purpose(purpose).partition(":")[0]
    if word in WANTED and event.state.is_live and not event.is_acknowledged:
        return ACKNOWLEDGE
    return ACT if word in OWED else ""
