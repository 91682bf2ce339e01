"""When which source was not heard, read from the store within one reading transaction."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from ..config import Settings
from ..store import health, spans
from .blind import ENTRIES, blind_spans
from .facts import ALL, Blind


def blind_times(
    connection: Connection, settings: Settings, *, since: datetime, until: datetime
) -> tuple[int, tuple[Blind, ...]]:
    """How many sources are watched, and when which of them told us nothing."""
    longest = settings.crawl.longest
    every = {source.id: longest if source.adapts else source.every for source in settings.sources}
    found = blind_spans(
        spans.visits(connection, since=since, until=until),
        spans.entries(connection, what=ENTRIES, since=since, until=until),
        every=every,
        seen_at=spans.last_visits(connection, before=since),
        since=since,
        until=until,
        spells=health.spells(connection, since=since, until=until),
    )
    return len(every), found


def blind_of_source(
    connection: Connection, settings: Settings, source: str, *, since: datetime, until: datetime
) -> tuple[Blind, ...]:
    """When one source was not heard within a span; our own network counts for every source."""
    _, found = blind_times(connection, settings, since=since, until=until)
    return tuple(each for each in found if each.source in (source, ALL))
