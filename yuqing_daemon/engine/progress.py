"""After the first word: what is new is told now and then, and who took an event over has to get on with it (R16)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from ..domain import Alert, Event
from ..store import duties, events, outbox, timers
from . import alerts
from .corrections import is_relieved, people_told
from .telling import tell, tell_person
from .work import Work

UPDATE, REMIND, UNDO = "update", "progress", "unacked"


def note_news(work: Work, event: Event) -> None:
    """There is something new about an event that people know of: they hear of it when an update is due."""
    every = work.settings.notices.update_every(event.level)
    if every is not None and not timers.pending(work.connection, event.id, UPDATE):
        last = outbox.last_told_at(work.connection, event.id)
        timers.keep(work.connection, event.id, UPDATE, max(work.now, (last or work.now) + every))


def update(work: Work, event: Event) -> None:
    """Tell those who know of an event how it stands now."""
    if not event.state.is_live:
        return
    known = outbox.last_rev(work.connection, event.id)
    if known >= event.rev:
        return  # a rise has told it meanwhile
    reason = f"{event.heat.posts} posts by now"
    alert = Alert(event=event.id, purpose=f"update:{event.rev}", level=event.level, reason=reason, roles=())
    for id in people_told(work, event.id):
        recipient = work.settings.recipient(id)
        if recipient is not None and not is_relieved(work, event.id, id):
            tell_person(work, event, alert, recipient)


def expect(work: Work, event: Event) -> None:
    """Somebody has acknowledged: something has to be done about it in time."""
    within = work.settings.notices.progress_within
    if within is not None:
        timers.keep(work.connection, event.id, REMIND, work.now + within)


def look(work: Work, event: Event, kind: str) -> None:
    """Nothing done for so long: a reminder; as long again: the acknowledgement is taken back, and all starts anew."""
    within = work.settings.notices.progress_within
    if within is None or not event.state.is_live or not event.is_acknowledged:
        return
    done = [each.at for each in duties.judgements(work.connection, event.id)]
    last = max([*done, event.acknowledged_at or event.found_at])
    due_at = last + (within if kind == REMIND else 2 * within)
    if due_at > work.now:
        timers.keep(
            work.connection, event.id, REMIND, last + within if kind == REMIND else max(last + within, work.now)
        )
    elif kind == REMIND:
        _remind(work, event, within)
        timers.keep(work.connection, event.id, UNDO, work.now + within)
    else:
        _undo(work, event)


def _remind(work: Work, event: Event, within: timedelta) -> None:
    undone_at = (work.now + within).astimezone(work.settings.timezone)
    reason = f"nothing done since {event.acknowledged_by} acknowledged; taken back at {undone_at:%m-%d %H:%M}"
    purpose = f"{REMIND}:{event.rev}:{work.now:%Y%m%dT%H%M%S}"
    alert = Alert(event=event.id, purpose=purpose, level=event.level, reason=reason, roles=())
    recipient = work.settings.recipient(event.acknowledged_by)
    if recipient is not None and not is_relieved(work, event.id, recipient.id):
        tell_person(work, event, alert, recipient)
    else:
        roles = work.regime_of(event.id).rule(event.level).steps[0].roles
        tell(work, event, replace(alert, roles=roles))


def _undo(work: Work, event: Event) -> None:
    why = f"acknowledged by {event.acknowledged_by}, and nothing done since"
    event = replace(event, acknowledged_level=None, rev=event.rev + 1)
    events.save(work.connection, event)
    work.audit("event.unacknowledged", event=event.id, reason=why)
    alerts.announce(work, event, f"{UNDO}:{event.rev}", reason=why)
