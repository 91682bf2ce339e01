"""What time brings: rungs and repetitions, fallbacks, the end of an event, and housekeeping."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from ..domain import EventState
from ..rules import escalate
from ..store import events, outbox, posts, timers
from ..store.timers import Timer
from . import alerts, people, sending
from .telling import fall_back
from .work import Work

PUT_OFF = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """One thing whose time has come: an event's timer, or a delivery that was not accepted in time."""

    timer: Timer | None = None
    late_delivery: str = ""

    @property
    def key(self) -> str:
        """A name for it."""
        return f"timer:{self.timer.id}" if self.timer else f"fallback:{self.late_delivery}"


def due(connection: Connection, *, now: datetime) -> list[Due]:
    """What is due by now, in the order of its times."""
    found = [Due(timer=timer) for timer in timers.due(connection, now=now)]
    return found + [Due(late_delivery=row.key) for row in outbox.waiting_for_fallback(connection, now=now)]


def fire(work: Work, due: Due) -> None:
    """Let it happen, once."""
    if due.timer is None:
        row = outbox.by_key(work.connection, due.late_delivery)
        if row is not None and row.fallback_at is not None:
            fall_back(work, row, why=f"not accepted in time: {row.detail or 'no answer yet'}")
        return
    if not timers.end(work.connection, due.timer.id, state="fired", now=work.now):
        return
    event = events.get(work.connection, due.timer.event)
    assert event is not None
    if due.timer.kind == "over":
        _end(work, event.id)
        return
    kind, level, rev = due.timer.kind.split(":")
    if not escalate.wants_attention(event, level):
        return
    happen = alerts.climb if kind == "step" else alerts.repeat
    happen(work, event, f"{level}:{rev}", due.timer.n)


def _end(work: Work, number: int) -> None:
    event = events.get(work.connection, number)
    if event is None or event.state is EventState.CLOSED:
        return
    events.save(work.connection, replace(event, state=EventState.CLOSED, closed_at=work.now))
    timers.cancel(work.connection, number, now=work.now)
    members = posts.get(work.connection, events.posts_of(work.connection, number))
    posts.watch(work.connection, [post.url for post in members], None)
    quiet = work.now - event.updated_at
    work.audit("event.over", event=number, reason=f"nothing new for {quiet / timedelta(hours=1):.0f} hours")


def put_off(work: Work, due: Due, error: str) -> None:
    """Something due failed in our own hands: it is tried again in an hour, and the operators are told."""
    if due.timer is not None:
        timers.postpone(work.connection, due.timer.id, work.now + PUT_OFF)
    else:
        row = outbox.by_key(work.connection, due.late_delivery)
        if row is not None:
            outbox.save(work.connection, row.id, fallback_at=work.now + PUT_OFF)
    people.tell_operators(work, f"ops:{due.key}:{work.now:%Y%m%dT%H}", "something due could not be done", error)


def housekeeping(work: Work) -> None:
    """Free stale claims, drop posts that matched nothing and are past their time, and tell of plugins set aside."""
    sending.give_back(work)
    posts.purge(work.connection, before=work.now - work.settings.keep_posts)
    for name, plugin in work.plugins.entries.items():
        if plugin.is_set_aside:
            text = f"{plugin.status}\n\nIt is not asked again until the daemon starts anew. See: yuqing plugins list"
            people.tell_operators(work, f"ops:plugin:{name}:{work.now:%Y%m%d}", f"plugin {name} was set aside", text)
