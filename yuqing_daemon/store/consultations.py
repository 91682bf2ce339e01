"""What was asked elsewhere about an event, and what was answered: every word of both."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from pydantic import TypeAdapter
from sqlalchemy import Connection, func, insert, select, update

from ..domain import Advice
from . import schema

_ADVICE = TypeAdapter(Advice)


def begin(connection: Connection, event: int, digest: str, *, now: datetime, answered: Advice | None = None) -> int:
    """Write down that something is asked, before it is; or that it need not be, for the answer is known."""
    values = {"event": event, "digest": digest, "asked_at": now, "answered_at": now if answered else None}
    values |= {"was_sent": answered is None, "advice": _ADVICE.dump_python(answered, mode="json") if answered else None}
    key = connection.execute(insert(schema.consultation).values(**values)).inserted_primary_key
    assert key is not None
    return int(key[0])


def end(connection: Connection, id: int, advice: Advice, *, now: datetime) -> None:
    """Write down the answer."""
    values = {"answered_at": now, "advice": _ADVICE.dump_python(advice, mode="json")}
    connection.execute(update(schema.consultation).where(schema.consultation.c.id == id).values(**values))


def asked(connection: Connection, numbers: Collection[int]) -> set[int]:
    """Which of these events were asked about."""
    table = schema.consultation
    return set(connection.execute(select(table.c.event).where(table.c.event.in_(numbers))).scalars())


def answered(connection: Connection, digest: str) -> Advice | None:
    """A usable answer about the very same text."""
    table = schema.consultation
    query = select(table.c.advice).where(table.c.digest == digest, table.c.answered_at.is_not(None))
    for row in connection.execute(query.order_by(table.c.id)):
        advice = _ADVICE.validate_python(row.advice)
        if not advice.error:
            return advice
    return None


def count_since(connection: Connection, at: datetime) -> int:
    """How often something was asked since then."""
    table = schema.consultation
    query = select(func.count()).select_from(table).where(table.c.asked_at >= at, table.c.was_sent)
    return int(connection.execute(query).scalar_one())
