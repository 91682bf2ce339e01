"""Silences: set by a person, with an end and a reason."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from ..rules.silence import Silence
from . import schema

_table = schema.silence
_ACTIVE = (
    select(_table)
    .where(_table.c.starts_at <= bindparam("now"), _table.c.ends_at > bindparam("now"))
    .order_by(_table.c.id)
)


def add(connection: Connection, silence: Silence) -> int:
    """Keep a silence; returns its number."""
    names = ("starts_at", "ends_at", "author", "reason")
    values = {name: getattr(silence, name) for name in names} | {"matcher": dict(silence.matcher)}
    return int(connection.execute(insert(_table).values(**values).returning(_table.c.id)).scalar_one())


def active(connection: Connection, *, now: datetime) -> list[Silence]:
    """Those that hold now."""
    return [_silence(row) for row in connection.execute(_ACTIVE, {"now": now})]


def listed(connection: Connection, *, since: datetime | None = None) -> list[Silence]:
    """All, or those that end after an instant."""
    query = select(_table).order_by(_table.c.id)
    rows = connection.execute(query if since is None else query.where(_table.c.ends_at > since))
    return [_silence(row) for row in rows]


def get(connection: Connection, id: int) -> Silence | None:
    """The silence of that number."""
    row = connection.execute(select(_table).where(_table.c.id == id)).first()
    return _silence(row) if row else None


def end(connection: Connection, id: int, *, now: datetime) -> None:
    """Let it end now."""
    connection.execute(update(_table).where(_table.c.id == id, _table.c.ends_at > now).values(ends_at=now))


def ended(connection: Connection, *, now: datetime) -> list[Silence]:
    """Those that are over and were not summarised yet."""
    query = select(_table).where(_table.c.ends_at <= now, _table.c.summarised_at.is_(None)).order_by(_table.c.id)
    return [_silence(row) for row in connection.execute(query)]


def summarised(connection: Connection, id: int, *, now: datetime) -> None:
    """Remember that those who were not told had a summary."""
    connection.execute(update(_table).where(_table.c.id == id).values(summarised_at=now))


def _silence(row: Row[Any]) -> Silence:
    return Silence(**{name: row._mapping[name] for name in Silence.__slots__})
