"""What is remembered of each source: where its spider stood, how its visits went, when it is due."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, func, insert, select, update
from sqlalchemy.sql import ColumnElement

from ..rules.health import State
from ..rules.schedule import Pace
from . import schema

_PACE, _IGNORED = "crawl_pace", "robots_ignored"
WAITING, OK, FAILING = State.WAITING.value, State.OK.value, State.FAILING.value
SET_ASIDE, PAUSED = State.SET_ASIDE.value, State.PAUSED.value
NOT_VISITED = (SET_ASIDE, PAUSED)
FAILED = "failed"  # the outcome of a visit
_SOURCE, _META = schema.source, schema.meta
_ROW = {
    state: select(*(column for column in _SOURCE.c if state or column.name != "state")).where(
        _SOURCE.c.id == bindparam("source")
    )
    for state in (True, False)
}
_SAVE = update(_SOURCE).where(_SOURCE.c.id == bindparam("source"))
_ADD_VISIT = insert(schema.visit)
_SAID = select(_META.c.value).where(_META.c.key == bindparam("name"))
_LAST_VISIT = (
    select(schema.visit)
    .where(schema.visit.c.source == bindparam("source"))
    .order_by(schema.visit.c.ended_at.desc(), schema.visit.c.id.desc())
    .limit(1)
)
_ONE_MORE = update(schema.visit).where(schema.visit.c.id == bindparam("visit"))


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRow:
    """One source as the store knows it. ``since`` is when it came into its ``status``.

    ``host`` is empty for one that is no longer configured; ``tempo`` is what ``rules.schedule`` keeps of it.
    """

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
    host: str
    tempo: dict[str, Any] | None


def ensure(connection: Connection, hosts: Mapping[str, str], *, now: datetime) -> None:
    """Make a row, due at once, for every source that has none; keep the hosts of all as they are configured."""
    known = {row.id: row.host for row in connection.execute(select(schema.source.c.id, schema.source.c.host))}
    for id, host in hosts.items():
        if id not in known:
            fresh = {"id": id, "state": {}, "status": WAITING, "since": now, "due_at": now, "failures": 0, "error": ""}
            connection.execute(insert(schema.source).values(**fresh, host=host))
    for id, host in known.items():
        if hosts.get(id, "") != host:
            save(connection, id, host=hosts.get(id, ""))


def get(connection: Connection, id: str, *, state: bool = True) -> SourceRow | None:
    """One source's row; its state, which may be large, only if wanted."""
    row = connection.execute(_ROW[state], {"source": id}).first()
    return _row(row) if row else None


def all_rows(connection: Connection) -> list[SourceRow]:
    """Every row, by id; also of sources that are no longer configured."""
    return [_row(row) for row in connection.execute(select(schema.source).order_by(schema.source.c.id))]


def due(connection: Connection, *, now: datetime, busy: Collection[str], limit: int) -> list[SourceRow]:
    """Those to be visited by now, the longest due first, one a host, none of the busy hosts, at most so many.

    None that is set aside or paused, and none that is no longer configured.
    """
    table = schema.source
    turn = func.row_number().over(partition_by=table.c.host, order_by=(table.c.due_at, table.c.id)).label("turn")
    waiting = select(table.c.id, table.c.due_at, turn).where(table.c.due_at <= now, *may_be_visited(busy)).subquery()
    first = select(waiting.c.id).where(waiting.c.turn == 1).order_by(waiting.c.due_at, waiting.c.id).limit(limit)
    query = select(table).where(table.c.id.in_(first)).order_by(table.c.due_at, table.c.id)
    return [_row(row) for row in connection.execute(query)]


def may_be_visited(busy: Collection[str]) -> list[ColumnElement[bool]]:
    """What makes a source one that may be visited now, if it is due."""
    table = schema.source
    return [table.c.status.not_in(NOT_VISITED), table.c.host.not_in(["", *busy])]


def tempos(connection: Connection) -> Iterator[tuple[str, dict[str, Any] | None]]:
    """What is known of the tempo of every source, by id."""
    for row in connection.execute(select(schema.source.c.id, schema.source.c.tempo)):
        yield row.id, row.tempo


def pace(connection: Connection) -> Pace | None:
    """The pace that all sources without a written interval go by; ``None`` before one was set."""
    said = json.loads(_meta(connection, _PACE) or "null")
    return Pace(said["steady"], timedelta(seconds=said["start"])) if said else None


def save_pace(connection: Connection, pace: Pace) -> None:
    """Keep the pace."""
    said = {"steady": pace.steady, "start": pace.start.total_seconds()}
    _save_meta(connection, _PACE, json.dumps(said))


def robots_ignored(connection: Connection) -> dict[str, str]:
    """The sources that are on record as ignoring robots.txt, with the written reasons."""
    found: dict[str, str] = json.loads(_meta(connection, _IGNORED) or "{}")
    return found


def save_robots_ignored(connection: Connection, reasons: Mapping[str, str]) -> None:
    """Keep which those are."""
    _save_meta(connection, _IGNORED, json.dumps(dict(reasons)))


def _meta(connection: Connection, key: str) -> str:
    return connection.execute(_SAID, {"name": key}).scalar_one_or_none() or ""


def _save_meta(connection: Connection, key: str, value: str) -> None:
    connection.execute(delete(schema.meta).where(schema.meta.c.key == key))
    connection.execute(insert(schema.meta).values(key=key, value=value))


def save(connection: Connection, id: str, **values: object) -> None:
    """Change some of a source's columns."""
    connection.execute(_SAVE, {"source": id, **values})


def add_visit(
    connection: Connection, source: str, *, started_at: datetime, joins: timedelta | None, **values: object
) -> None:
    """Keep the report of a visit: ``started_at``, ``ended_at``, ``outcome``, ``error`` and the counts.

    Most visits bring nothing, and these are one row as long as they follow one another. The first after a failure is
    not: its end is when the source was heard again.

    Args: joins: the longest time since such a visit; ``None`` for a visit of which something is to be told.
    """
    values |= {"source": source, "started_at": started_at}
    if joins is not None:
        last = connection.execute(_LAST_VISIT, {"source": source}).first()
        same = last and last.since and (last.error, last.trouble) == (values["error"], values["trouble"])
        if last and same and timedelta(0) <= started_at - last.ended_at <= joins:
            connection.execute(_ONE_MORE, {"visit": last.id, **values, "number": last.number + 1})
            return
        if last is None or last.outcome != FAILED:
            values |= {"since": started_at}
    connection.execute(_ADD_VISIT, values)


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
    return SourceRow(**{"state": {}, **row._mapping})
