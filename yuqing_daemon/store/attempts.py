"""What came of each attempt to send a delivery."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, func, insert, select

from ..domain import Answer, Outcome
from . import schema

_table, _delivery = schema.attempt, schema.delivery
_NEW = insert(_table)


def add(connection: Connection, id: int, outcome: Outcome, *, now: datetime) -> None:
    """Keep what came of an attempt."""
    values = {"answer": outcome.answer.value, "detail": outcome.detail, "provider_id": outcome.provider_id}
    connection.execute(_NEW, values | {"delivery": id, "at": now})


def unknowns(connection: Connection, id: int) -> int:
    """How many of a delivery's attempts ended without an answer."""
    query = select(func.count()).where(_table.c.delivery == id, _table.c.answer == Answer.UNKNOWN.value)
    return int(connection.execute(query).scalar_one())


def last_answers(connection: Connection, channel: str, *, limit: int, since: datetime) -> list[Answer]:
    """What came of the last attempts on a channel, the latest first."""
    query = select(_table.c.answer).join(_delivery, _delivery.c.id == _table.c.delivery)
    query = query.where(_delivery.c.channel == channel, _table.c.at > since).order_by(_table.c.id.desc()).limit(limit)
    return [Answer(answer) for answer in connection.execute(query).scalars()]
