"""Deliveries that go into one message with others, that are held back, and how much was sent of late."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select, update

from ..domain import Answer, DeliveryState
from ..rules.drill import WORD as DRILL
from ..rules.route import first_purpose
from . import schema
from .outbox import OPEN, DeliveryRow, is_unsent, of_ids

_table, _attempt = schema.delivery, schema.attempt
ARRIVED = (Answer.ACCEPTED.value, Answer.UNKNOWN.value)


def of_slot(connection: Connection, recipient: str, slot: str) -> DeliveryRow | None:
    """The recipient's message that takes in others in that slot."""
    query = select(_table.c.id).where(_table.c.recipient == recipient, _table.c.slot == slot)
    found = of_ids(connection, list(connection.execute(query).scalars()))
    return found[0] if found else None


def bundle(connection: Connection, ids: Sequence[int], parent: int, *, why: str) -> None:
    """Let deliveries that are not on their way come within another message."""
    done = {"state": DeliveryState.BUNDLED.value, "parent": parent, "detail": why, "fallback_at": None}
    connection.execute(update(_table).where(_table.c.id.in_(ids), _table.c.state.in_(OPEN)).values(**done))


def unsent(connection: Connection) -> list[DeliveryRow]:
    """What is promised to somebody in a role and can still be called back."""
    query = select(_table.c.id).where(_table.c.role != "", is_unsent())
    return of_ids(connection, list(connection.execute(query).scalars()))


def cancel(connection: Connection, event: int, *, purposes: Iterable[str], detail: str) -> None:
    """Call back what an event's deliveries for purposes that begin with one of the words have not said yet."""
    words = tuple(purposes)
    query = select(_table.c.id, _table.c.purpose).where(_table.c.event == event, is_unsent())
    rows = connection.execute(query).all()
    ids = [row.id for row in rows if row.purpose.startswith(words) or first_purpose(row.purpose).startswith(words)]
    done = {"state": DeliveryState.CANCELLED.value, "detail": detail, "fallback_at": None, "parent": None}
    connection.execute(update(_table).where(_table.c.id.in_(ids)).values(**done))


def beside(connection: Connection, channels: Sequence[str]) -> list[DeliveryRow]:
    """What waits to be sent over any channel but these."""
    query = select(_table.c.id).where(_table.c.state.in_(OPEN), _table.c.channel.not_in(channels))
    return of_ids(connection, list(connection.execute(query).scalars()))


def suppress(connection: Connection, id: int, by: str, *, why: str) -> None:
    """Hold a delivery back."""
    done = {"state": DeliveryState.SUPPRESSED.value, "suppressed_by": by, "detail": why, "fallback_at": None}
    connection.execute(update(_table).where(_table.c.id == id, _table.c.state.in_(OPEN)).values(**done))


def suppressed_by(connection: Connection, by: str) -> list[DeliveryRow]:
    """What was held back by one thing and has not been told of since."""
    query = select(_table.c.id).where(_table.c.suppressed_by == by, _table.c.parent.is_(None))
    return of_ids(connection, list(connection.execute(query).scalars()))


def set_parent(connection: Connection, ids: Sequence[int], parent: int) -> None:
    """Say in which message people were told of these later."""
    connection.execute(update(_table).where(_table.c.id.in_(ids)).values(parent=parent))


def used_by_channel(connection: Connection, channel: str, *, span: timedelta, now: datetime) -> int:
    """How many attempts a channel had within a span, with what is on its way."""
    made = select(func.count()).select_from(_attempt.join(_table, _table.c.id == _attempt.c.delivery))
    made = made.where(_attempt.c.at > now - span, _table.c.channel == channel)
    going = select(func.count()).where(_table.c.state == DeliveryState.SENDING.value, _table.c.channel == channel)
    return int(connection.execute(made).scalar_one()) + int(connection.execute(going).scalar_one())


def used_by_people(connection: Connection, channel: str, *, span: timedelta, now: datetime) -> dict[str, int]:
    """How many messages each recipient got over a channel within a span, with what is on its way; no drill's."""
    made = select(_table.c.recipient, func.count()).select_from(
        _attempt.join(_table, _table.c.id == _attempt.c.delivery)
    )
    made = made.where(_attempt.c.at > now - span, _attempt.c.answer.in_(ARRIVED))
    going = select(_table.c.recipient, func.count())
    going = going.where(_table.c.state == DeliveryState.SENDING.value)
    ours = (_table.c.channel == channel, _table.c.purpose.not_like(f"{DRILL}:%"))
    used: dict[str, int] = {}
    for query in (made, going):
        for recipient, number in connection.execute(query.where(*ours).group_by(_table.c.recipient)):
            used[recipient] = used.get(recipient, 0) + number
    return used
