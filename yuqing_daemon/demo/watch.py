"""What can be seen from outside: the daemon's database, read only, and what the sinks have received."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

from ..domain import AuditEntry, DeliveryState, Event, Level
from ..store import Store, audit, events, outbox, sources
from ..store.outbox import DeliveryRow
from .setup import PEOPLE
from .story import script


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteSeen:
    """One site: when the daemon last read it, and how many posts it has brought."""

    name: str
    mainstream: bool
    visited_at: datetime | None = None
    posts: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rise:
    """A level that was reached, when, and why."""

    level: Level
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeSeen:
    """One notice: to whom, over which channel, at which level, and whether it was accepted.

    ``refusal`` is what the other side said when it did not take it.
    """

    key: str
    recipient: str
    role: str
    channel: str
    is_first: bool
    level: Level
    accepted_at: datetime | None
    attempts: int
    refusal: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Everything at one instant. ``reads`` is the event's curve; ``others`` counts further events."""

    sites: tuple[SiteSeen, ...]
    event: Event | None = None
    others: int = 0
    reads: tuple[int, ...] = ()
    rises: tuple[Rise, ...] = ()
    notices: tuple[NoticeSeen, ...] = ()

    @property
    def is_visited(self) -> bool:
        """Whether every site was read at least once."""
        return all(site.visited_at for site in self.sites)

    @property
    def level(self) -> Level | None:
        """The event's level, if there is an event."""
        return self.event.level if self.event else None

    @property
    def posts(self) -> int:
        """All posts that were found."""
        return sum(site.posts for site in self.sites)


def nothing_yet() -> Scene:
    """Before the daemon has a database."""
    return Scene(sites=tuple(SiteSeen(name=site.name, mainstream=site.mainstream) for site in script().sites))


@contextmanager
def looking(state: Path) -> Iterator[Callable[[], Scene]]:
    """A way to look at the daemon's database while this lasts. Raises ``StoreError`` if there is none."""
    store = Store.look(state)

    def look() -> Scene:
        with store.read() as connection:
            return _scene(connection)

    try:
        yield look
    finally:
        store.close()


def _scene(connection: Connection) -> Scene:
    rows = {row.id: row for row in sources.all_rows(connection)}
    sites = tuple(
        SiteSeen(
            name=site.name,
            mainstream=site.mainstream,
            visited_at=rows[site.id].last_read_at if site.id in rows else None,
            posts=sources.post_count(connection, site.id),
        )
        for site in script().sites
    )
    found = sorted(events.listed(connection), key=lambda event: event.id)
    if not found:
        return Scene(sites=sites)
    event = found[0]
    entries = list(audit.entries(connection, event=event.id))
    return Scene(
        sites=sites,
        event=event,
        others=len(found) - 1,
        reads=tuple(entry.data["heat"]["reads"] or 0 for entry in entries if entry.what == "event.measured"),
        rises=rises(entries),
        notices=tuple(map(_notice, outbox.of_event(connection, event.id))),
    )


def rises(entries: list[AuditEntry]) -> tuple[Rise, ...]:
    """The levels of an event, from its record: the one it was found at, and each it was raised to."""
    found = [entry for entry in entries if entry.what == "event.measured"][:1]
    found += [entry for entry in entries if entry.what == "event.raised"]
    return tuple(Rise(level=Level[entry.data["level"]], at=entry.at, reason=entry.data["reason"]) for entry in found)


def _notice(row: DeliveryRow) -> NoticeSeen:
    is_open = row.state not in (DeliveryState.ACCEPTED, DeliveryState.SENDING)
    return NoticeSeen(
        key=row.key,
        recipient=PEOPLE.get(row.recipient, row.recipient),
        role=row.role.replace("_", " "),
        channel=row.channel,
        is_first=row.purpose == "found",
        level=row.level,
        accepted_at=row.accepted_at,
        attempts=row.attempts,
        refusal=row.detail if is_open and row.attempts else "",
    )
