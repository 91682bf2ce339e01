"""Which events have no key words yet."""

from __future__ import annotations

from sqlalchemy import Connection, select

from ..domain import EventState
from . import schema

LIVE = [state.value for state in EventState if state.is_live]


def unnamed(connection: Connection, *, limit: int) -> list[int]:
    """The numbers of live events without key words, the latest first."""
    table = schema.event
    query = select(table.c.id).where(table.c.state.in_(LIVE), table.c.key_words == "")
    return list(connection.execute(query.order_by(table.c.id.desc()).limit(limit)).scalars())
