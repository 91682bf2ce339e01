"""What is owed about events, and what people did about them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from ..domain import Act, Duty, DutyState, Judgement
from . import schema


def add(connection: Connection, duty: Duty) -> Duty | None:
    """Start a duty, unless that very one (event, rule, n) was ever started; returned with its number."""
    table = schema.duty
    same = (table.c.event == duty.event, table.c.rule == duty.rule, table.c.n == duty.n)
    if connection.execute(select(table.c.id).where(*same)).first():
        return None
    values = {name: getattr(duty, name) for name in duty.__slots__ if name != "id"} | {"state": duty.state.value}
    connection.execute(insert(table).values(**values))
    return _duty(connection.execute(select(table).where(*same)).one())


def get(connection: Connection, id: int) -> Duty | None:
    """The duty of that number."""
    row = connection.execute(select(schema.duty).where(schema.duty.c.id == id)).first()
    return _duty(row) if row else None


def of_event(connection: Connection, event: int, *, state: DutyState | None = None) -> list[Duty]:
    """An event's duties in the order in which they started."""
    table = schema.duty
    query = select(table).where(table.c.event == event).order_by(table.c.started_at, table.c.id)
    if state is not None:
        query = query.where(table.c.state == state.value)
    return [_duty(row) for row in connection.execute(query)]


def owed(connection: Connection) -> list[Duty]:
    """Every open duty, that with the nearest end first; those without a clock come last."""
    table = schema.duty
    query = select(table).where(table.c.state == DutyState.OPEN.value)
    return [_duty(row) for row in connection.execute(query.order_by(table.c.due_at.is_(None), table.c.due_at))]


def save(connection: Connection, id: int, **values: object) -> None:
    """Change some of a duty's columns."""
    connection.execute(update(schema.duty).where(schema.duty.c.id == id).values(**values))


def add_judgement(connection: Connection, judgement: Judgement) -> int:
    """Keep what a person did; returns its number."""
    values = {name: getattr(judgement, name) for name in judgement.__slots__ if name != "id"}
    values |= {"act": judgement.act.value, "data": dict(judgement.data)}
    key = connection.execute(insert(schema.judgement).values(**values)).inserted_primary_key
    assert key is not None
    return int(key[0])


def judgements(connection: Connection, event: int, *, acts: Iterable[Act] = tuple(Act)) -> list[Judgement]:
    """What people did about an event, the first first."""
    table = schema.judgement
    wanted = [act.value for act in acts]
    query = select(table).where(table.c.event == event, table.c.act.in_(wanted)).order_by(table.c.id)
    return [
        Judgement(**{**{name: row._mapping[name] for name in Judgement.__slots__}, "act": Act(row.act)})
        for row in connection.execute(query)
    ]


def _duty(row: Row[Any]) -> Duty:
    values = {name: row._mapping[name] for name in Duty.__slots__}
    return Duty(**values | {"state": DutyState(row.state)})
