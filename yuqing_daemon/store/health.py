"""How well each source is heard: its history in short, the spells in which it was not well, and its kept pages."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import Connection, Row, bindparam, delete, func, insert, or_, select, update

from ..rules.health import History, State
from . import schema

NETWORK = ""  # the source of a spell of our own network
_HISTORY = TypeAdapter(History)
_HEALTH, _CANARY = schema.health, schema.canary
_ROW = select(_HEALTH).where(_HEALTH.c.source == bindparam("of"))
_SAVE = update(_HEALTH).where(_HEALTH.c.source == bindparam("of"))
_SPELL = schema.spell
_CURRENT = (
    select(_SPELL)
    .where(_SPELL.c.source == bindparam("source"), _SPELL.c.until.is_(None))
    .order_by(_SPELL.c.id.desc())
    .limit(1)
)
_TIMES = (
    select(_CANARY.c.source, _CANARY.c.fetched_at)
    .where(_CANARY.c.source.in_(bindparam("sources", expanding=True)))
    .order_by(_CANARY.c.fetched_at.desc())
)


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthRow:
    """What is known of one source's health beside its state.

    ``told_state`` and ``told_at`` are what the operators know; ``changes`` came since then.
    """

    source: str
    history: History = field(default_factory=History)
    reason: str = ""
    figures: dict[str, Any] = field(default_factory=dict)
    told_state: str = State.OK.value
    told_at: datetime | None = None
    changes: int = 0
    paused_until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Spell:
    """A time in which a source was not well: noticed at ``since``, last heard well at ``blind_from``."""

    id: int
    source: str
    state: str
    since: datetime
    blind_from: datetime
    until: datetime | None
    reason: str
    figures: dict[str, Any]


def get(connection: Connection, source: str) -> HealthRow:
    """One source's; an empty one if nothing is known."""
    row = connection.execute(_ROW, {"of": source}).first()
    return _row(row) if row else HealthRow(source=source)


def all_rows(connection: Connection) -> dict[str, HealthRow]:
    """Every source's, by id."""
    return {row.source: _row(row) for row in connection.execute(select(schema.health))}


def untold(connection: Connection) -> list[HealthRow]:
    """Those whose state is not what the operators know, by source."""
    health, source = schema.health, schema.source
    query = select(health).join(source, source.c.id == health.c.source)
    query = query.where(or_(source.c.status != health.c.told_state, health.c.changes > 0))
    return [_row(row) for row in connection.execute(query.order_by(health.c.source))]


def save(connection: Connection, row: HealthRow) -> None:
    """Put a row in its place."""
    values = {name: getattr(row, name) for name in HealthRow.__slots__}
    values["history"] = _HISTORY.dump_python(row.history, mode="json", exclude_defaults=True)
    done = connection.execute(_SAVE, {"of": row.source, **values})
    if not done.rowcount:
        connection.execute(insert(_HEALTH), values)


def _row(row: Row[Any]) -> HealthRow:
    values = dict(row._mapping)
    try:
        history = _HISTORY.validate_python(values["history"])
    except ValidationError:  # another version wrote it: what is usual is learned anew
        history = History()
    return HealthRow(**values | {"history": history})


# -- spells ---------------------------------------------------------------------------------------


def open_spell(
    connection: Connection,
    source: str,
    state: State,
    *,
    since: datetime,
    blind_from: datetime,
    reason: str,
    figures: dict[str, Any],
) -> None:
    """A source is not well from now on."""
    values = {"source": source, "state": state.value, "since": since, "blind_from": blind_from}
    connection.execute(insert(schema.spell).values(**values, reason=reason, figures=figures))


def end_spells(connection: Connection, source: str, *, until: datetime) -> None:
    """Whatever was wrong with it is over."""
    table = schema.spell
    query = update(table).where(table.c.source == source, table.c.until.is_(None))
    connection.execute(query.values(until=until))


def spells(
    connection: Connection, *, since: datetime, until: datetime, sources: Iterable[str] | None = None
) -> list[Spell]:
    """The spells that touch a span, by source and time; ``sources`` are those asked about, else all."""
    table = schema.spell
    query = select(table).where(table.c.blind_from < until, or_(table.c.until.is_(None), table.c.until > since))
    if sources is not None:
        query = query.where(table.c.source.in_(list(sources)))
    rows = connection.execute(query.order_by(table.c.source, table.c.blind_from, table.c.id))
    return [Spell(**row._mapping) for row in rows]


def current(connection: Connection, source: str) -> Spell | None:
    """The spell a source is in."""
    row = connection.execute(_CURRENT, {"source": source}).first()
    return Spell(**row._mapping) if row else None


def ended_pauses(connection: Connection, *, now: datetime) -> list[str]:
    """The sources whose pause is over."""
    table = schema.health
    return list(connection.execute(select(table.c.source).where(table.c.paused_until <= now)).scalars())


def network_of(node: str) -> str:
    """The source of a spell of one crawl node's network."""
    return f"@{node}"[:64] if node else NETWORK


def outages(connection: Connection) -> dict[str, Spell]:
    """The networks that are down now, by node; ``""`` is our own."""
    table = schema.spell
    of_network = or_(table.c.source == NETWORK, table.c.source.startswith("@"))
    rows = connection.execute(select(table).where(of_network, table.c.until.is_(None)).order_by(table.c.id))
    return {row.source.removeprefix("@"): Spell(**row._mapping) for row in rows}


def visited(connection: Connection, *, after: datetime, node: str = "", but: str = "") -> bool:
    """Whether there was a visit from a crawl node, or from any other but one."""
    table = schema.visit
    which = table.c.node == node if node else table.c.node != but
    return connection.execute(select(table.c.id).where(table.c.ended_at > after, which).limit(1)).first() is not None


def answers(
    connection: Connection, *, after: datetime, most: int, node: str = ""
) -> Iterator[tuple[str, datetime, str]]:
    """(source, when it began, its trouble) of the last visits, the newest first; ``node``: only of that one."""
    table = schema.visit
    query = select(table.c.source, table.c.started_at, table.c.trouble).where(table.c.ended_at > after)
    query = query.where(table.c.node == node) if node else query
    rows = connection.execute(query.order_by(table.c.ended_at.desc(), table.c.id.desc()).limit(most))
    return ((row.source, row.started_at, row.trouble) for row in rows)


# -- kept pages -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Canary:
    """A page that read well: its bytes, deflated, and what was read from it when it was kept or accepted."""

    source: str
    url: str
    content_type: str
    body: bytes
    fetched_at: datetime
    read: dict[str, Any]
    digest: str
    lost: str


def canaries(connection: Connection, source: str) -> list[Canary]:
    """The kept pages of a source, the newest first."""
    table = schema.canary
    rows = connection.execute(select(table).where(table.c.source == source).order_by(table.c.fetched_at.desc()))
    return [Canary(**row._mapping) for row in rows]


def canary_times(connection: Connection, sources: Collection[str]) -> dict[str, list[datetime]]:
    """When the kept pages of some sources were fetched, the newest first, without their bytes."""
    found: dict[str, list[datetime]] = {source: [] for source in sources}
    for row in connection.execute(_TIMES, {"sources": list(found)}):
        found[row.source].append(row.fetched_at)
    return found


def save_canary(connection: Connection, canary: Canary) -> None:
    """Keep a page in the place of an older one of that address."""
    table = schema.canary
    connection.execute(delete(table).where(table.c.source == canary.source, table.c.url == canary.url))
    connection.execute(insert(table).values({name: getattr(canary, name) for name in Canary.__slots__}))


def drop_canaries(connection: Connection, source: str, *, keep: int) -> None:
    """Drop the oldest beyond so many."""
    table = schema.canary
    for canary in canaries(connection, source)[keep:]:
        connection.execute(delete(table).where(table.c.source == source, table.c.url == canary.url))


def canary_digests(connection: Connection) -> dict[str, set[str]]:
    """By source, with which program and settings its kept pages were last read."""
    table = schema.canary
    found: dict[str, set[str]] = {}
    for row in connection.execute(select(table.c.source, table.c.digest).distinct()):
        found.setdefault(row.source, set()).add(row.digest)
    return found


def lost_canaries(connection: Connection) -> dict[str, int]:
    """How many kept pages of each source read otherwise than before."""
    table = schema.canary
    query = select(table.c.source, func.count()).where(table.c.lost != "").group_by(table.c.source)
    return {source: number for source, number in connection.execute(query)}  # noqa: C416 - rows are not pairs to mypy
