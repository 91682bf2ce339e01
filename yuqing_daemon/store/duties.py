"""What is owed about events, and what people did about them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from ..domain import Act, Duty, DutyState, Judgement
from . import schema

_OF_EVENT = (
    select(schema.duty)
    .where(schema.duty.c.event == bindparam("event"))
    .order_by(schema.duty.c.started_at, schema.duty.c.id)
)
_JUDGEMENTS = (
    select(schema.judgement).where(schema.judgement.c.event == bindparam("event")).order_by(schema.judgement.c.id)
)


def add(connection: Connection, begun: Sequence[Duty]) -> None:
    """Start duties, each one (event, rule, n) of which there was none."""
    rows = [
        {name: getattr(duty, name) for name in duty.__slots__ if name != "id"} | {"state": duty.state.value}
        for duty in begun
    ]
    if rows:
        connection.execute(insert(schema.duty), rows)


def get(connection: Connection, id: int) -> Duty | None:
    """The duty of that number."""
    row = connection.execute(select(schema.duty).where(schema.duty.c.id == id)).first()
    return _duty(row) if row else None


def of_event(connection: Connection, event: int, *, state: DutyState | None = None) -> list[Duty]:
    """An event's duties in the order in which they started."""
    found = [_duty(row) for row in connection.execute(_OF_EVENT, {"event": event})]
    return [duty for duty in found if state in (None, duty.state)]


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


def judgements(connection: Connection, event: int) -> list[Judgement]:
    """What people did about an event, the first first."""
    return [
        Judgement(**{**{name: row._mapping[name] for name in Judgement.__slots__}, "act": Act(row.act)})
        for row in connection.execute(_JUDGEMENTS, {"event": event})
    ]


def _duty(row: Row[Any]) -> Duty:
    values = {name: row._mapping[name] for name in Duty.__slots__}
    return Duty(**values | {"state": DutyState(row.state)})
