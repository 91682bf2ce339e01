"""What time brings: rungs and repetitions, fallbacks, the end of an event, and housekeeping."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from ..domain import DeliveryState, EventState
from ..rules import escalate, rota
from ..rules.stage import Stage
from ..store import drills as drill_store
from ..store import events, outbox, posts, silences, timers
from ..store.timers import Timer
from . import alerts, drills, duties, health, judging, people, progress, rewording, sending, silencing, staging
from .telling import fall_back, remind_elsewhere
from .work import Work

PUT_OFF = timedelta(hours=1)
LOOK_AHEAD = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """One thing whose time has come: an event's timer, a delivery not accepted in time, a silence's or drill's end."""

    timer: Timer | None = None
    late_delivery: str = ""
    silence: int = 0
    drill: bool = False

    @property
    def key(self) -> str:
        """A name for it."""
        if self.timer:
            return f"timer:{self.timer.id}"
        if self.drill:
            return "drill"
        return f"fallback:{self.late_delivery}" if self.late_delivery else f"silence:{self.silence}"


def due(connection: Connection, *, now: datetime) -> list[Due]:
    """What is due by now, in the order of its times."""
    found = [Due(timer=timer) for timer in timers.due(connection, now=now)]
    found += [Due(late_delivery=key) for key in outbox.waiting_for_fallback(connection, now=now)]
    found += [Due(silence=each.id) for each in silences.ended(connection, now=now)]
    return found + [Due(drill=True)] * drills.is_over(connection, now=now)


def fire(work: Work, due: Due) -> None:
    """Let it happen, once."""
    if due.silence:
        silencing.look(work)
        return
    if due.drill:
        drills.end(work)
        return
    if due.timer is None:
        row = outbox.by_key(work.connection, due.late_delivery)
        if row is None or row.fallback_at is None:
            return
        if row.state is DeliveryState.ACCEPTED:
            remind_elsewhere(work, row)
        else:
            fall_back(work, row, why=f"not accepted in time: {row.detail or 'no answer yet'}")
        return
    if not timers.end(work.connection, due.timer.id, state="fired", now=work.now):
        return
    event = events.get(work.connection, due.timer.event)
    assert event is not None
    if due.timer.kind == "over":
        _end(work, event.id)
        return
    if due.timer.kind == "stage":
        judging.look_at_stage(work, event)
        return
    if due.timer.kind == progress.UPDATE:
        progress.update(work, event)
        return
    if due.timer.kind in (progress.REMIND, progress.UNDO):
        progress.look(work, event, due.timer.kind)
        return
    kind, what, number = due.timer.kind.split(":")
    if kind == "warn":
        duties.warn(work, event, what, int(number), due.timer.n)
    elif kind == "again":
        duties.review(work, event)
    elif kind == "breach":
        duties.breach(work, event, what, int(number))
    elif escalate.wants_attention(event, what):
        happen = alerts.climb if kind == "step" else alerts.repeat
        happen(work, event, f"{what}:{number}", due.timer.n)


def _end(work: Work, number: int) -> None:
    event = events.get(work.connection, number)
    if event is None or not event.state.is_live:
        return
    quiet = f"nothing new for {(work.now - event.updated_at) / timedelta(hours=1):.0f} hours"
    over = replace(event, state=EventState.OVER, over_at=work.now)
    if work.regime_of(number).stages is not None and event.stage != Stage.OVER:
        over = staging.reached(work, over, Stage.OVER, quiet)
    events.save(work.connection, over)
    timers.cancel(work.connection, number, kinds=["step:", "repeat:", "stage"], now=work.now)
    posts.unwatch(work.connection, number)
    work.audit("event.over", event=number, reason=quiet)
    duties.review(work, over)


def put_off(work: Work, due: Due, error: str) -> None:
    """Something due failed in our own hands: it is tried again in an hour, and the operators are told."""
    if due.timer is not None:
        timers.postpone(work.connection, due.timer.id, work.now + PUT_OFF)
    elif due.silence:
        silences.summarised(work.connection, due.silence, now=work.now)  # its rows stay, and show
    elif due.drill:
        drill_store.clear(work.connection)  # or none could ever begin again
    else:
        row = outbox.by_key(work.connection, due.late_delivery)
        if row is not None:
            outbox.save(work.connection, row.id, fallback_at=work.now + PUT_OFF)
    people.tell_operators(work, f"ops:{due.key}:{work.now:%Y%m%dT%H}", "something due could not be done", error)


def housekeeping(work: Work) -> None:
    """Free stale claims, drop posts that matched nothing and are past their time, and tell of plugins set aside."""
    sending.give_back(work)
    if work.settings.notices.self_test:
        people.self_test(work)
    health.housekeeping(work)
    _look_for_gaps(work)
    posts.purge(work.connection, before=work.now - work.settings.keep_posts)
    rewording.tidy(work)
    for name, plugin in work.plugins.entries.items():
        if plugin.is_set_aside:
            text = f"{plugin.status}\n\nIt is not asked again until the daemon starts anew. See: yuqing plugins list"
            people.tell_operators(work, f"ops:plugin:{name}:{work.now:%Y%m%d}", f"plugin {name} was set aside", text)


def _look_for_gaps(work: Work) -> None:
    """Once a day: a role that nobody is on duty for within the next seven days is told to the operators (R29)."""
    roster = work.settings.roster
    for role in sorted({each.role for each in work.settings.rotas}):
        found = rota.gaps(role, work.now, work.now + LOOK_AHEAD, roster)
        if found:
            lines = (f"{gap.starts_at:%m-%d %H:%M} to {gap.ends_at:%m-%d %H:%M} UTC: {gap.why}" for gap in found)
            day = f"{work.now.astimezone(work.settings.timezone):%Y%m%d}"
            people.tell_operators(work, f"ops:gap:{role}:{day}", f"the rota of {role} has a gap", "\n".join(lines))
