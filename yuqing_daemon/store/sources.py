"""What is remembered of each source: where its spider stood, how its visits went, when it is due."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from ..rules.health import State
from . import schema

WAITING, OK, FAILING = State.WAITING.value, State.OK.value, State.FAILING.value
SET_ASIDE, PAUSED = State.SET_ASIDE.value, State.PAUSED.value
NOT_VISITED = (SET_ASIDE, PAUSED)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRow:
    """One source as the store knows it. ``since`` is when it came into its ``status``."""

    id: str
    state: dict[str, Any]
    status: str
    since: datetime
    due_at: datetime
    first_read_at: datetime | None
    last_visit_at: datetime | None
    last_read_at: datetime | None
    last_new_at: datetime | None
    failures: int
    error: str


def ensure(connection: Connection, ids: Iterable[str], *, now: datetime) -> None:
    """Make a row, due at once, for every source that has none."""
    known = set(connection.execute(select(schema.source.c.id)).scalars())
    for id in ids:
        if id not in known:
            fresh = {"id": id, "state": {}, "status": WAITING, "since": now, "due_at": now, "failures": 0, "error": ""}
            connection.execute(insert(schema.source).values(fresh))


def get(connection: Connection, id: str) -> SourceRow | None:
    """One source's row."""
    row = connection.execute(select(schema.source).where(schema.source.c.id == id)).first()
    return _row(row) if row else None


def all_rows(connection: Connection) -> list[SourceRow]:
    """Every row, by id; also of sources that are no longer configured."""
    return [_row(row) for row in connection.execute(select(schema.source).order_by(schema.source.c.id))]


def due(connection: Connection, *, now: datetime) -> list[SourceRow]:
    """Those to be visited by now, the longest due first; none that is set aside or paused."""
    table = schema.source
    query = select(table).where(table.c.due_at <= now, table.c.status.not_in(NOT_VISITED)).order_by(table.c.due_at)
    return [_row(row) for row in connection.execute(query)]


def save(connection: Connection, id: str, **values: object) -> None:
    """Change some of a source's columns."""
    connection.execute(update(schema.source).where(schema.source.c.id == id).values(**values))


def add_visit(connection: Connection, source: str, **values: object) -> None:
    """Keep the report of a visit: ``started_at``, ``ended_at``, ``outcome``, ``error`` and the counts."""
    connection.execute(insert(schema.visit).values(source=source, **values))


def add_unread(connection: Connection, source: str, url: str, error: str, *, tries: int, now: datetime) -> None:
    """Keep that a page could not be read, with the number of tries, for a person to see."""
    connection.execute(delete(schema.unread).where(schema.unread.c.url == url))
    values = {"url": url, "source": source, "tries": tries, "error": error, "at": now}
    connection.execute(insert(schema.unread).values(values))


def unread_pages(connection: Connection, source: str) -> list[tuple[str, str, int]]:
    """(url, error, tries) of the pages of a source that could not be read, the latest first."""
    table = schema.unread
    query = select(table.c.url, table.c.error, table.c.tries).where(table.c.source == source)
    return [(row.url, row.error, row.tries) for row in connection.execute(query.order_by(table.c.at.desc()))]


def add_strike(connection: Connection, source: str, reason: str, traceback: str, *, now: datetime) -> None:
    """Note that a source's code has cost a worker its life."""
    values = {"source": source, "at": now, "reason": reason, "traceback": traceback}
    connection.execute(insert(schema.strike).values(values))


def strikes_since(connection: Connection, source: str, *, after: datetime) -> int:
    """How often it did so since."""
    table = schema.strike
    query = select(func.count()).where(table.c.source == source, table.c.at > after)
    return int(connection.execute(query).scalar_one())


def post_count(connection: Connection, id: str) -> int:
    """How many posts a source has brought."""
    query = select(func.count()).select_from(schema.post).where(schema.post.c.source == id)
    return int(connection.execute(query).scalar_one())


def _row(row: Row[Any]) -> SourceRow:
    return SourceRow(**row._mapping)
