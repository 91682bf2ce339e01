"""One transaction in progress: all that a step of the story needs, and what it will have put on record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from ..config import Settings
from ..domain import AuditEntry, Topic
from ..plugins import Plugins
from ..store import audit

ACTOR = "yuqing"


@dataclass(slots=True, kw_only=True)
class Work:
    """The connection is within a transaction; ``now`` is the one instant of everything done in it."""

    connection: Connection
    settings: Settings
    plugins: Plugins
    secret: bytes
    now: datetime
    draw: Callable[[], float]
    entries: list[AuditEntry] = field(default_factory=list)

    def audit(self, what: str, *, event: int | None = None, actor: str = ACTOR, **data: object) -> None:
        """Put an entry on record, in this transaction. Datetimes and enums in ``data`` must be given as text."""
        entry = AuditEntry(at=self.now, actor=actor, what=what, event=event, data=data)
        self.entries.append(audit.append(self.connection, entry))

    def topic(self, id: str) -> Topic:
        """The topic of that id; one that only a plugin knows has just its id."""
        return self.settings.topic(id) or Topic(id=id, name=id)
