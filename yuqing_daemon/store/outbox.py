"""Deliveries: what was promised to whom, and what came of it. A sender's outcome is recorded against its token."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    bindparam,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy import exists as is_there

from ..domain import DeliveryState, Level, Notice, Receipt
from ..rules.gate import URGENT, Waiting
from . import schema
from .statements import insert_new

OPEN = (DeliveryState.PENDING.value, DeliveryState.UNKNOWN.value)
_table = schema.delivery
_EXISTS = select(_table.c.id).where(_table.c.key == bindparam("key"))
_CLAIMED = select(_table).where(
    _table.c.id == bindparam("number"),
    _table.c.token == bindparam("token"),
    _table.c.state == DeliveryState.SENDING.value,
)
_SAVE = update(_table).where(_table.c.id == bindparam("number"))


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryRow(Waiting):
    """One delivery as the store knows it; made without its last fields, it is a new promise."""

    to: str
    notice: Notice
    fallback_at: datetime | None = None
    state: DeliveryState = DeliveryState.PENDING
    token: str = ""
    accepted_at: datetime | None = None
    detail: str = ""
    provider_id: str = ""
    reason: str = ""
    rev: int = 0
    parent: int | None = None
    slot: str | None = None
    suppressed_by: str = ""
    receipt: str = ""
    receipt_at: datetime | None = None


_WAITING, _NAMES = ([field.name for field in fields(kind)] for kind in (Waiting, DeliveryRow))
_held = is_there().where(schema.hold.c.channel == bindparam("channel"), schema.hold.c.until > bindparam("now"))
_due = (
    _table.c.state.in_(OPEN),
    _table.c.due_at <= bindparam("now"),
    _table.c.channel == bindparam("channel"),
    ~_held,
)
_DUE = {False: _due, True: (*_due, _table.c.rank >= URGENT)}  # by whether only what is urgent
_HAS_DUE = {urgent: select(is_there().where(*due)) for urgent, due in _DUE.items()}
_GRAVEST = {
    urgent: select(*(_table.c[name] for name in _WAITING))
    .where(*due)
    .order_by(_table.c.rank.desc(), _table.c.due_at, _table.c.id)
    .limit(bindparam("limit"))
    for urgent, due in _DUE.items()
}


def add(connection: Connection, row: DeliveryRow) -> bool:
    """Promise a delivery, unless one of the same key exists; says whether it was new."""
    values = {name: getattr(row, name) for name in _NAMES if name != "id"}
    values |= {"level": int(row.level), "state": row.state.value, "notice": _facts(row.notice)}
    return connection.execute(insert_new(connection, _table), values).rowcount == 1


def exists(connection: Connection, key: str) -> bool:
    """Whether there is a delivery of that key."""
    return connection.execute(_EXISTS, {"key": key}).first() is not None


def waiting(connection: Connection, channel: str, *, now: datetime, limit: int, urgent: bool = False) -> list[Waiting]:
    """Due deliveries of a channel, the gravest first; none while the channel is on hold."""
    rows = connection.execute(_GRAVEST[urgent], {"channel": channel, "now": now, "limit": limit})
    return [Waiting(**{**row._mapping, "level": Level(row.level)}) for row in rows]


def take(
    connection: Connection, ids: Sequence[int], *, token: str, lease: timedelta, now: datetime
) -> list[DeliveryRow]:
    """Take deliveries for sending, in that order."""
    taken = {"state": DeliveryState.SENDING.value, "token": token, "lease_until": now + lease}
    query = update(_table).where(_table.c.id.in_(ids), _table.c.state.in_(OPEN))
    rows = connection.execute(query.values(**taken, attempts=_table.c.attempts + 1).returning(_table)).all()
    return sorted(map(_row, rows), key=lambda row: ids.index(row.id))


def release(connection: Connection, *, now: datetime, all: bool = False) -> int:
    """Give back what was claimed by a sender that is gone: those whose lease ran out, or at a start all."""
    query = update(_table).where(_table.c.state == DeliveryState.SENDING.value)
    if not all:
        query = query.where(_table.c.lease_until < now)
    back = {"state": DeliveryState.UNKNOWN.value, "token": "", "due_at": now}
    return connection.execute(query.values(**back)).rowcount


def still_claimed(connection: Connection, id: int, token: str) -> DeliveryRow | None:
    """The delivery, if the claim of that token still stands."""
    row = connection.execute(_CLAIMED, {"number": id, "token": token}).first()
    return _row(row) if row else None


def save(connection: Connection, id: int, **values: object) -> None:
    """Change some of a delivery's columns."""
    connection.execute(_SAVE, values | {"number": id})


def last_told_at(connection: Connection, event: int) -> datetime | None:
    """When something about an event was last promised to somebody."""
    return connection.execute(select(func.max(_table.c.created_at)).where(_table.c.event == event)).scalar()


def last_rev(connection: Connection, event: int) -> int:
    """The latest revision of an event that anybody was told of."""
    return connection.execute(select(func.max(_table.c.rev)).where(_table.c.event == event)).scalar() or 0


def hold(connection: Connection, channel: str, *, until: datetime, reason: str) -> None:
    """Send nothing over a channel until then."""
    connection.execute(delete(schema.hold).where(schema.hold.c.channel == channel))
    connection.execute(insert(schema.hold).values(channel=channel, until=until, reason=reason))


def holds(connection: Connection, *, now: datetime) -> dict[str, str]:
    """The channels on hold, with the reason."""
    table = schema.hold
    return {row.channel: row.reason for row in connection.execute(select(table).where(table.c.until > now))}


def held_until(connection: Connection) -> dict[str, datetime]:
    """Until when each channel is on hold, or was."""
    return {row.channel: row.until for row in connection.execute(select(schema.hold))}


def waiting_for_fallback(connection: Connection, *, now: datetime) -> list[str]:
    """The keys of deliveries that were not accepted, or not acknowledged, in the time they had."""
    open_states = (*OPEN, DeliveryState.SENDING.value, DeliveryState.ACCEPTED.value)
    query = select(_table.c.key).where(_table.c.fallback_at <= now, _table.c.state.in_(open_states))
    return list(connection.execute(query.order_by(_table.c.id)).scalars())


def of_purpose(connection: Connection, event: int | None, purpose: str) -> list[DeliveryRow]:
    """All deliveries of one alert."""
    return [_row(row) for row in connection.execute(_of_event(event).where(_table.c.purpose == purpose))]


def of_event(connection: Connection, event: int) -> list[DeliveryRow]:
    """All deliveries about an event, in the order in which they were promised."""
    return [_row(row) for row in connection.execute(_of_event(event))]


def everything(connection: Connection) -> list[DeliveryRow]:
    """All deliveries, in the order in which they were promised."""
    return [_row(row) for row in connection.execute(select(_table).order_by(_table.c.id))]


def of_ids(connection: Connection, ids: Sequence[int]) -> list[DeliveryRow]:
    """The deliveries of those numbers, in the order in which they were promised."""
    return [_row(row) for row in connection.execute(select(_table).where(_table.c.id.in_(ids)).order_by(_table.c.id))]


def sent_over(connection: Connection, channel: str, *, since: datetime) -> list[DeliveryRow]:
    """What was accepted over a channel since then, or may have been, the latest first."""
    went = (DeliveryState.ACCEPTED.value, DeliveryState.UNKNOWN.value, DeliveryState.SENDING.value)
    query = select(_table).where(_table.c.channel == channel, _table.c.state.in_(went), _table.c.created_at > since)
    return [_row(row) for row in connection.execute(query.order_by(_table.c.id.desc()).limit(1000))]


def unreceipted(connection: Connection, channels: Sequence[str], *, since: datetime, limit: int) -> list[DeliveryRow]:
    """What providers took since then under names of their own, and of which they have not told the last word."""
    last = (Receipt.READ.value, Receipt.FAILED.value)
    query = select(_table).where(
        _table.c.channel.in_(channels),
        _table.c.state == DeliveryState.ACCEPTED.value,
        _table.c.accepted_at > since,
        _table.c.provider_id != "",
        _table.c.receipt.not_in(last),
    )
    return [_row(row) for row in connection.execute(query.order_by(_table.c.id.desc()).limit(limit))]


def roles_told(connection: Connection) -> list[tuple[int, str, str]]:
    """Who was promised something about a live event, in which role, as (event, recipient, role)."""
    query = select(_table.c.event, _table.c.recipient, _table.c.role).distinct().join(schema.event)
    query = query.where(schema.is_live, _table.c.role != "").order_by(_table.c.event)
    return [(row.event, row.recipient, row.role) for row in connection.execute(query)]


def by_provider_id(connection: Connection, channel: str, provider_id: str) -> DeliveryRow | None:
    """The delivery to which a provider gave that name."""
    query = select(_table).where(_table.c.channel == channel, _table.c.provider_id == provider_id)
    row = connection.execute(query.order_by(_table.c.id.desc()).limit(1)).first() if provider_id else None
    return _row(row) if row else None


def hears_of(connection: Connection, event: int, recipient: str) -> bool:
    """Whether somebody was told of an event, or is about to be."""
    gone = (DeliveryState.DEAD, DeliveryState.CANCELLED, DeliveryState.SUPPRESSED, DeliveryState.EXPIRED)
    lost = _table.c.state.in_([state.value for state in gone])
    query = is_there().where(_table.c.event == event, _table.c.recipient == recipient, ~lost)
    return bool(connection.execute(select(query)).scalar())


def folded_into(connection: Connection, parent: int) -> list[DeliveryRow]:
    """What came within a message."""
    query = select(_table).where(_table.c.parent == parent, _table.c.state == DeliveryState.BUNDLED.value)
    return [_row(row) for row in connection.execute(query.order_by(_table.c.id))]


def inherit(connection: Connection, parent: int, key: str) -> None:
    """Let what was folded into one delivery belong to another, which says the same over another channel."""
    heir = select(_table.c.id).where(_table.c.key == key).scalar_subquery()
    connection.execute(update(_table).where(_table.c.parent == parent).values(parent=heir))


def rewrite(connection: Connection, id: int, content: Notice, *, rev: int = 0) -> None:
    """Keep the words of a delivery, as they are sent."""
    save(connection, id, notice=asdict(content), rev=rev)


def by_key(connection: Connection, key: str) -> DeliveryRow | None:
    """The delivery of that key."""
    row = connection.execute(select(_table).where(_table.c.key == key)).first()
    return _row(row) if row else None


def counts(connection: Connection) -> dict[str, int]:
    """How many deliveries stand in each state."""
    rows = connection.execute(select(_table.c.state, func.count()).group_by(_table.c.state))
    return {state: number for state, number in rows}  # noqa: C416 - rows are not pairs to mypy


def latest(
    connection: Connection, *, state: DeliveryState | None = None, limit: int, **same: object
) -> list[DeliveryRow]:
    """Deliveries, the latest first; ``same``: only those with these values in these columns."""
    query = select(_table).order_by(_table.c.id.desc()).limit(limit)
    if state is not None:
        query = query.where(_table.c.state == state.value)
    for name, value in same.items():
        query = query.where(_table.c[name] == value)
    return [_row(row) for row in connection.execute(query)]


def has_due(connection: Connection, channel: str, *, now: datetime, urgent: bool = False) -> bool:
    """Whether a channel that is not on hold has something to send."""
    return bool(connection.execute(_HAS_DUE[urgent], {"channel": channel, "now": now}).scalar())


def is_unsent() -> ColumnElement[bool]:
    """What is not on its way and can still be called back: by itself, or within a message that has not left."""
    parent = _table.alias()
    kept = is_there().where(parent.c.id == _table.c.parent, parent.c.state.in_(OPEN), parent.c.attempts == 0)
    return _table.c.state.in_(OPEN) | (_table.c.state == DeliveryState.BUNDLED.value) & kept


def _of_event(event: int | None) -> Select[Any]:
    return select(_table).where(_table.c.event == event if event else _table.c.event.is_(None)).order_by(_table.c.id)


def _facts(notice: Notice) -> dict[str, Any]:
    """A notice's parts, all of which are fit for JSON."""
    return {name: getattr(notice, name) for name in notice.__slots__}


def _row(row: Row[Any]) -> DeliveryRow:
    values = {name: row._mapping[name] for name in _NAMES}
    values |= {"level": Level(row.level), "state": DeliveryState(row.state), "notice": Notice(**row.notice)}
    return DeliveryRow(**values)
