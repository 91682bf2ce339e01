"""Single facts that belong to no other table, by name."""

from __future__ import annotations

from sqlalchemy import Connection, insert, select, update

from .schema import meta


def get(connection: Connection, key: str) -> str:
    """What is kept under a name; empty for nothing."""
    return str(connection.execute(select(meta.c.value).where(meta.c.key == key)).scalar() or "")


def put(connection: Connection, key: str, value: str) -> None:
    """Keep it under a name, in place of what was."""
    if not connection.execute(update(meta).where(meta.c.key == key).values(value=value)).rowcount:
        connection.execute(insert(meta).values(key=key, value=value))
