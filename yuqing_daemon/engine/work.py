"""One transaction in progress: all that a step of the story needs, and what it will have put on record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from ..config import Settings
from ..domain import AuditEntry, Event, Regime, Topic
from ..plugins import Plugins
from ..store import audit, events

ACTOR = "yuqing"


def _unwatched(_: str) -> None:
    """Nobody wants to know."""


@dataclass(slots=True, kw_only=True)
class Work:
    """The connection is within a transaction; ``now`` is the one instant of everything done in it.

    Looks are planned and entries for the record sealed and written together, at the end of the transaction.
    """

    connection: Connection
    settings: Settings
    plugins: Plugins
    secret: bytes
    now: datetime
    draw: Callable[[], float]
    entries: list[AuditEntry] = field(default_factory=list)
    looks: set[int] = field(default_factory=set)  # posts of which the next look is to be planned
    worded: set[int] = field(default_factory=set)  # events that a post with words of its own has joined
    regimes: dict[int, Regime] = field(default_factory=dict)
    reached: Callable[[str], None] = _unwatched  # told what is reached: what goes on record, and "matched"

    def audit(self, what: str, *, event: int | None = None, actor: str = ACTOR, **data: object) -> None:
        """Put an entry on record, in this transaction. Datetimes and enums in ``data`` must be given as text."""
        self.entries.append(AuditEntry(at=self.now, actor=actor, what=what, event=event, data=data))
        self.reached(what)

    def close_record(self) -> None:
        """Seal and write what was put on record."""
        self.entries = audit.append_all(self.connection, self.entries)

    def open_event(self, event: Event) -> int:
        """Open an event under the regime that is in force; returns its number."""
        number = events.open_new(self.connection, event, regime=self.settings.regime)
        self.regimes[number] = self.settings.regime
        return number

    def regime_of(self, event: int) -> Regime:
        """The regime an event lives under, as it was when the event opened; it is read once a transaction."""
        if event not in self.regimes:
            self.regimes[event] = events.regime_of(self.connection, event)
        return self.regimes[event]

    def put_under(self, event: int, regime: Regime) -> None:
        """Let an event live under another regime from now on."""
        events.set_regime(self.connection, event, regime)
        self.regimes[event] = regime

    def topic(self, id: str) -> Topic:
        """The topic of that id; one that only a plugin knows has just its id."""
        return self.settings.topic(id) or Topic(id=id, name=id)
