"""What is to happen to events, and when. Timers are rows, so they survive a restart."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from sqlalchemy import Connection, Update, bindparam, func, or_, select, update

from . import schema
from .statements import insert_new

_table = schema.timer
# Not looked up in the index of states: SQLite would go through all that is pending, for one event's few.
_is_pending = func.coalesce(_table.c.state, "") == "pending"


@dataclass(frozen=True, slots=True, kw_only=True)
class Timer:
    """Something that is to happen to an event at an instant. (event, kind, n) is given out once."""

    id: int
    event: int
    kind: str
    n: int
    due_at: datetime


_LAST = (
    select(_table.c.n, _table.c.state, _table.c.due_at)
    .where(_table.c.event == bindparam("event"), _table.c.kind == bindparam("kind"))
    .order_by(_table.c.n.desc())
    .limit(1)
)
_MOVE = update(_table).where(_table.c.event == bindparam("of"), _table.c.kind == bindparam("like"), _is_pending)


def start(connection: Connection, event: int, *wanted: tuple[str, int, datetime]) -> None:
    """Set timers (kind, n, due at) of an event, but none that was ever set before: nothing fires twice."""
    rows = [{"event": event, "kind": kind, "n": n, "due_at": due_at, "state": "pending"} for kind, n, due_at in wanted]
    if rows:
        connection.execute(insert_new(connection, _table), rows)


def keep(connection: Connection, event: int, kind: str, due_at: datetime) -> None:
    """See that a timer of a kind is pending for that instant; if one has to be set, it gets the next number."""
    last = connection.execute(_LAST, {"event": event, "kind": kind}).first()
    if last is None or (last.state, last.due_at) != ("pending", due_at):
        start(connection, event, (kind, last.n + 1 if last else 0, due_at))


def move(connection: Connection, event: int, wanted: tuple[str, int, datetime]) -> None:
    """Let the pending timer of that kind fire then; start it, as that number, if there is none."""
    kind, _, due_at = wanted
    if not connection.execute(_MOVE, {"of": event, "like": kind, "due_at": due_at}).rowcount:
        start(connection, event, wanted)


def set_again(connection: Connection, event: int, wanted: tuple[str, int, datetime]) -> None:
    """Let that very timer fire then, though it was set for another instant or cancelled; never one that has fired."""
    kind, n, due_at = wanted
    same = (_table.c.event == event, _table.c.kind == kind, _table.c.n == n)
    query = update(_table).where(*same, _table.c.state != "fired")
    connection.execute(query.values(state="pending", due_at=due_at, ended_at=None))
    start(connection, event, wanted)


def pending(connection: Connection, event: int, kind: str) -> bool:
    """Whether a timer of that kind is set."""
    table = schema.timer
    query = select(table.c.id).where(table.c.event == event, table.c.kind == kind, table.c.state == "pending")
    return connection.execute(query.limit(1)).first() is not None


def due(connection: Connection, *, now: datetime, limit: int = 100) -> list[Timer]:
    """Pending timers whose time has come, in the order of their times."""
    query = (
        select(_table).where(_table.c.state == "pending", _table.c.due_at <= now).order_by(_table.c.due_at, _table.c.id)
    )
    return [
        Timer(id=row.id, event=row.event, kind=row.kind, n=row.n, due_at=row.due_at)
        for row in connection.execute(query.limit(limit))
    ]


def end(connection: Connection, id: int, *, state: str, now: datetime) -> bool:
    """Mark a timer as fired or cancelled; ``False`` if it no longer was pending."""
    query = update(_table).where(_table.c.id == id, _table.c.state == "pending").values(state=state, ended_at=now)
    return connection.execute(query).rowcount == 1


def postpone(connection: Connection, id: int, due_at: datetime) -> None:
    """Let a pending timer fire later."""
    connection.execute(update(_table).where(_table.c.id == id).values(due_at=due_at))


def cancel(connection: Connection, event: int, *, kinds: Iterable[str] | None = None, now: datetime) -> None:
    """Cancel an event's pending timers: all, or those whose kind begins with one of the words."""
    given: dict[str, object] = {"of": event, "state": "cancelled", "ended_at": now}
    words = tuple(kinds) if kinds is not None else ("",)
    for number, word in enumerate(words):
        given |= {f"word{number}": word, f"length{number}": len(word)}
    connection.execute(_cancelling(len(words)), given)


@cache
def _cancelling(words: int) -> Update:
    """The statement that cancels timers whose kind begins with one of so many words."""
    begins = [
        func.substr(_table.c.kind, 1, bindparam(f"length{number}")) == bindparam(f"word{number}")
        for number in range(words)
    ]
    return update(_table).where(_table.c.event == bindparam("of"), _is_pending, or_(*begins))


def last_fired(connection: Connection, event: int, kind: str, *, before: datetime) -> int | None:
    """The highest number of that kind that fired before an instant."""
    query = select(func.max(_table.c.n)).where(
        _table.c.event == event, _table.c.kind == kind, _table.c.state == "fired", _table.c.ended_at < before
    )
    return connection.execute(query).scalar()
