"""What happened within a span of time, for reports. ``since`` belongs to a span, ``until`` does not."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, or_, select

from ..domain import AuditEntry, Duty, Event
from . import duties, events, schema


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitRow:
    """One visit to a source, as it was reported, or several one after the other that brought nothing."""

    id: int
    source: str
    started_at: datetime
    ended_at: datetime
    outcome: str
    error: str


def visits(connection: Connection, *, since: datetime, until: datetime) -> Iterator[VisitRow]:
    """The visits that ended within a span, by source, each source's in their order.

    Those that one row stands for are there as a whole if any of them may have been within it.
    """
    table = schema.visit
    began = func.coalesce(table.c.since, table.c.started_at).label("started_at")
    columns = [began if name == "started_at" else table.c[name] for name in VisitRow.__slots__]
    ends_within = or_(table.c.ended_at < until, table.c.since < until)
    query = select(*columns).where(table.c.ended_at >= since, ends_within)
    rows = connection.execute(query.order_by(table.c.source, table.c.ended_at, table.c.id))
    return (VisitRow(**row._mapping) for row in rows)


def last_visits(connection: Connection, *, before: datetime) -> dict[str, datetime]:
    """When each source was last visited with success before an instant."""
    table = schema.visit
    query = select(table.c.source, func.max(table.c.ended_at)).where(table.c.ended_at < before)
    query = query.where(table.c.outcome != "failed").group_by(table.c.source)
    return {source: at for source, at in connection.execute(query)}  # noqa: C416 - rows are not pairs to mypy


def entries(connection: Connection, *, what: Collection[str], since: datetime, until: datetime) -> list[AuditEntry]:
    """The record's entries of some kinds within a span, in their order."""
    table = schema.audit
    query = select(table).where(table.c.what.in_(what), table.c.at >= since, table.c.at < until).order_by(table.c.id)
    return [AuditEntry(**row._mapping) for row in connection.execute(query)]


def events_of(connection: Connection, *, since: datetime, until: datetime) -> list[Event]:
    """The events that were found before the span's end and are live, or of which something is on record within it."""
    event, audit = schema.event, schema.audit
    stirred = select(audit.c.event).where(audit.c.at >= since, audit.c.at < until, audit.c.event.is_not(None))
    query = (
        select(event.c.id)
        .where(event.c.found_at < until, schema.is_live | event.c.id.in_(stirred))
        .order_by(event.c.id)
    )
    return [found for id in connection.execute(query).scalars() if (found := events.get(connection, id))]


def breached(connection: Connection, *, since: datetime, until: datetime) -> list[Duty]:
    """The duties whose clock ran out within a span, in the order in which it did."""
    table = schema.duty
    query = select(table.c.id).where(table.c.breached_at >= since, table.c.breached_at < until)
    found = connection.execute(query.order_by(table.c.breached_at, table.c.id)).scalars()
    return [duty for id in found if (duty := duties.get(connection, id))]


def joined(connection: Connection, event: int) -> dict[int, datetime]:
    """When each of an event's posts became part of it."""
    table = schema.event_post
    rows = connection.execute(select(table.c.post, table.c.joined_at).where(table.c.event == event))
    return {row.post: row.joined_at for row in rows}
