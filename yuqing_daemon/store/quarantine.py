"""Things on which the engine itself failed: counted, and left alone after the third time."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from .schema import quarantine

LEFT_ALONE_AFTER = 3


def count(connection: Connection, key: str, what: str, error: str, *, now: datetime) -> int:
    """Note one more failure over a thing; returns how many there are."""
    before = connection.execute(select(quarantine.c.count).where(quarantine.c.key == key)).scalar()
    values = {"what": what, "error": error, "count": (before or 0) + 1, "at": now}
    if before is None:
        connection.execute(insert(quarantine).values(key=key, **values))
    else:
        connection.execute(update(quarantine).where(quarantine.c.key == key).values(**values))
    return (before or 0) + 1


def holds(connection: Connection, key: str) -> bool:
    """Whether a thing is left alone."""
    number = connection.execute(select(quarantine.c.count).where(quarantine.c.key == key)).scalar()
    return number is not None and number >= LEFT_ALONE_AFTER


def listed(connection: Connection) -> list[tuple[str, str, str, int]]:
    """(key, what, error, count) of everything that is left alone, the latest first."""
    query = select(quarantine).where(quarantine.c.count >= LEFT_ALONE_AFTER).order_by(quarantine.c.at.desc())
    rows = connection.execute(
        query.with_only_columns(*(quarantine.c[name] for name in ("key", "what", "error", "count")))
    )
    return [(key, what, error, number) for key, what, error, number in rows]
