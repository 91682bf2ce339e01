"""What is to happen to events, and when. Timers are rows, so they survive a restart."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, exists, func, insert, select, update

from . import schema


@dataclass(frozen=True, slots=True, kw_only=True)
class Timer:
    """Something that is to happen to an event at an instant. (event, kind, n) is given out once."""

    id: int
    event: int
    kind: str
    n: int
    due_at: datetime


def start(connection: Connection, event: int, kind: str, n: int, due_at: datetime) -> None:
    """Set a timer, unless that very one was ever set: nothing fires twice."""
    table = schema.timer
    if connection.execute(
        select(exists().where(table.c.event == event, table.c.kind == kind, table.c.n == n))
    ).scalar():
        return
    values = {"event": event, "kind": kind, "n": n, "due_at": due_at, "state": "pending"}
    connection.execute(insert(table).values(**values))


def keep(connection: Connection, event: int, kind: str, due_at: datetime) -> None:
    """See that a timer of a kind is pending for that instant; if one has to be set, it gets the next number."""
    table = schema.timer
    same = select(table.c.n, table.c.state, table.c.due_at).where(table.c.event == event, table.c.kind == kind)
    last = connection.execute(same.order_by(table.c.n.desc()).limit(1)).first()
    if last is None or (last.state, last.due_at) != ("pending", due_at):
        start(connection, event, kind, last.n + 1 if last else 0, due_at)


def move(connection: Connection, event: int, kind: str, n: int, due_at: datetime) -> None:
    """Let the pending timer of that kind fire then; start it as number ``n`` if there is none."""
    table = schema.timer
    pending = (table.c.event == event, table.c.kind == kind, table.c.state == "pending")
    if not connection.execute(update(table).where(*pending).values(due_at=due_at)).rowcount:
        start(connection, event, kind, n, due_at)


def set_again(connection: Connection, event: int, kind: str, n: int, due_at: datetime) -> None:
    """Let that very timer fire then, though it was set for another instant or cancelled; never one that has fired."""
    table = schema.timer
    same = (table.c.event == event, table.c.kind == kind, table.c.n == n)
    query = update(table).where(*same, table.c.state != "fired")
    connection.execute(query.values(state="pending", due_at=due_at, ended_at=None))
    start(connection, event, kind, n, due_at)


def due(connection: Connection, *, now: datetime, limit: int = 100) -> list[Timer]:
    """Pending timers whose time has come, in the order of their times."""
    table = schema.timer
    query = select(table).where(table.c.state == "pending", table.c.due_at <= now).order_by(table.c.due_at, table.c.id)
    return [
        Timer(id=row.id, event=row.event, kind=row.kind, n=row.n, due_at=row.due_at)
        for row in connection.execute(query.limit(limit))
    ]


def end(connection: Connection, id: int, *, state: str, now: datetime) -> bool:
    """Mark a timer as fired or cancelled; ``False`` if it no longer was pending."""
    table = schema.timer
    query = update(table).where(table.c.id == id, table.c.state == "pending").values(state=state, ended_at=now)
    return connection.execute(query).rowcount == 1


def postpone(connection: Connection, id: int, due_at: datetime) -> None:
    """Let a pending timer fire later."""
    connection.execute(update(schema.timer).where(schema.timer.c.id == id).values(due_at=due_at))


def cancel(connection: Connection, event: int, *, kinds: Iterable[str] | None = None, now: datetime) -> None:
    """Cancel an event's pending timers: all, or those whose kind begins with one of the words."""
    table = schema.timer
    query = update(table).where(table.c.event == event, table.c.state == "pending")
    if kinds is not None:
        kinds = tuple(kinds)
        names = connection.execute(select(table.c.kind).where(table.c.event == event).distinct()).scalars()
        query = query.where(table.c.kind.in_([name for name in names if name.startswith(kinds)]))
    connection.execute(query.values(state="cancelled", ended_at=now))


def last_fired(connection: Connection, event: int, kind: str, *, before: datetime) -> int | None:
    """The highest number of that kind that fired before an instant."""
    table = schema.timer
    query = select(func.max(table.c.n)).where(
        table.c.event == event, table.c.kind == kind, table.c.state == "fired", table.c.ended_at < before
    )
    return connection.execute(query).scalar()
