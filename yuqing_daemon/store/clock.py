"""What becomes of what waits when the wall clock is set, or nobody looked for a while."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from ..domain import DeliveryState
from . import schema
from .outbox import OPEN, save

_table = schema.delivery


def follow(connection: Connection, by: timedelta, *, now: datetime, cap: timedelta) -> None:
    """The clock has jumped by so much: claims keep the time they had left, and nothing waits for time that is gone."""
    sending = _table.c.state == DeliveryState.SENDING.value
    for id, until in connection.execute(select(_table.c.id, _table.c.lease_until).where(sending)).all():
        save(connection, id, lease_until=until + by)
    ahead = select(_table.c.id, _table.c.created_at, _table.c.due_at, _table.c.fallback_at, _table.c.deadline)
    ahead = ahead.where(_table.c.state.in_(OPEN), (_table.c.created_at > now) | (_table.c.attempts > 0))
    for row in connection.execute(ahead).all() if by < timedelta(0) else ():
        moved = {"due_at": min(row.due_at + by if row.created_at > now else row.due_at, now + cap)}
        if row.created_at > now:
            moved |= {"deadline": row.deadline + by, "fallback_at": row.fallback_at and row.fallback_at + by}
        save(connection, row.id, **moved)


def put_off(connection: Connection, id: int, by: timedelta) -> None:
    """Let a delivery, and all that follows from it, be due so much later."""
    row = connection.execute(select(_table).where(_table.c.id == id)).one()
    moved = {name: row._mapping[name] and row._mapping[name] + by for name in ("due_at", "fallback_at", "deadline")}
    save(connection, id, **moved)
