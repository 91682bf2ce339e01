"""Which events have no key words yet."""

from __future__ import annotations

from sqlalchemy import Connection, select

from . import schema


def unnamed(connection: Connection, *, below: int | None, limit: int) -> list[int]:
    """The numbers of live events without key words, the latest first; ``below``: only those before that one."""
    table = schema.event
    query = select(table.c.id).where(schema.is_live, table.c.key_words == "")
    query = query if below is None else query.where(table.c.id < below)
    return list(connection.execute(query.order_by(table.c.id.desc()).limit(limit)).scalars())
