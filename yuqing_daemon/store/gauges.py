"""How things stand, in figures: what a monitoring system asks for every few seconds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from . import outbox, schema


@dataclass(frozen=True, slots=True, kw_only=True)
class Gauges:
    """Counts by level, state, rule and plugin; ``oldest_due_at`` is ``None`` if nothing waits to be sent."""

    open_events: dict[int, int]
    deliveries: dict[str, int]
    oldest_due_at: datetime | None
    breaches: dict[str, int]
    sources: dict[str, int]
    visited_at: dict[str, datetime]
    plugin_failures: dict[str, int]


def read(connection: Connection, *, now: datetime) -> Gauges:
    """Read them all."""
    event, duty, source, plugin = (
        schema.event.c,
        schema.duty.c,
        schema.source.c,
        schema.plugin.c,
    )
    levels = select(event.level, func.count()).where(schema.is_live).group_by(event.level)
    breaches = select(duty.rule, func.count()).where(duty.breached_at.is_not(None)).group_by(duty.rule)
    rows = connection.execute(select(source.id, source.status, source.last_visit_at).where(source.host != "")).all()
    statuses = [row.status for row in rows]
    return Gauges(
        open_events={row[0]: row[1] for row in connection.execute(levels)},
        deliveries=outbox.counts(connection),
        oldest_due_at=oldest_due_at(connection, now=now),
        breaches={row[0]: row[1] for row in connection.execute(breaches)},
        sources={status: statuses.count(status) for status in sorted(set(statuses))},
        visited_at={row.id: row.last_visit_at for row in rows if row.last_visit_at},
        plugin_failures={row.name: row.failures for row in connection.execute(select(plugin.name, plugin.failures))},
    )


def oldest_due_at(connection: Connection, *, now: datetime) -> datetime | None:
    """Since when the oldest notice that is due waits to be sent; what waits on purpose is not due."""
    delivery = schema.delivery.c
    due = select(func.min(delivery.due_at)).where(delivery.state.in_(outbox.OPEN), delivery.due_at <= now)
    return connection.execute(due).scalar()
