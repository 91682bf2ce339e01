"""Who was told something that is no longer so is told that, and nobody else; who did it knows already (R18)."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ..domain import Alert, DeliveryState, Event, EventState, Recipient
from ..rules import subscriptions
from ..store import events, outbox
from ..store.outbox import DeliveryRow
from .telling import tell_person
from .work import Work

ARRIVED = (DeliveryState.ACCEPTED, DeliveryState.UNKNOWN, DeliveryState.SENDING)
RESTS = {EventState.CLOSED: "closed", EventState.MERGED: "merged", EventState.DISMISSED: "withdrawn"}
RELIEVED = "relieved"  # of what they were told in a role that they no longer hold
BY_NAME = {"update", "progress", "handed", "subscribed", "lowered", *RESTS.values()}  # told whatever their roles
FIRST_WORDS = ("found", "raise:", "reopened:", "handover:", "handled:", "update:", subscriptions.PREFIX)


def tell(work: Work, before: Event, after: Event, *, by: str, reason: str) -> None:
    """Correct what people were told, if an act has made it untrue: closed, merged, withdrawn, or a lower level."""
    if after.state is not before.state and after.state in RESTS:
        kind = RESTS[after.state]
    elif after.level < before.level:
        kind = "lowered"
    else:
        return
    detail = f"{kind} by {by}"
    told = people_told(work, after.id)  # before what is still on its way is called back
    if kind != "lowered":
        outbox.cancel(work.connection, after.id, purposes=FIRST_WORDS, detail=detail)
    purpose = f"{kind}:{after.rev}:{work.now:%Y%m%dT%H%M%S}"
    _tell_all(work, after, purpose, f"{detail}: {reason}" if reason else detail, told, but=by)


def relieve_all(work: Work, *, by: str) -> None:
    """Who was told of a live event and holds none of the roles any more in which they were told hears of that.

    A shift that ends takes no role away: it hands over.
    """
    roles = {person.id: person.roles for person in work.settings.recipients}
    told = outbox.roles_told(work.connection)
    for number in sorted({event for event, who, role in told if role not in roles.get(who, (role,))}):
        event = events.get(work.connection, number)
        assert event is not None
        relieve(work, event, lambda person, role: role not in person.roles, by=by)


def relieve(work: Work, event: Event, is_gone: Callable[[Recipient, str], bool], *, by: str, reason: str = "") -> None:
    """Tell those, once, who were told of an event in roles that are all gone; not whom it was handed to by name."""
    told: dict[str, set[str]] = {}
    for row in outbox.of_event(work.connection, event.id):
        if row.word == RELIEVED:
            told.pop(row.recipient, None)
        elif row.role and row.word not in BY_NAME:
            told.setdefault(row.recipient, set()).add(row.role)
    people = [
        id
        for id in people_told(work, event.id)
        if id in told
        and id != event.department
        and (person := work.settings.recipient(id)) is not None
        and all(is_gone(person, role) for role in told[id])
    ]
    if people:
        work.audit("alert.relieved", event=event.id, actor=by, recipients=people, reason=reason)
        _tell_all(work, event, f"{RELIEVED}:{event.rev}:{work.now:%Y%m%dT%H%M%S}", reason, people, but=by)


def people_told(work: Work, event: int) -> list[str]:
    """Those whom a notice about the event has reached, or may have, by itself or within another message."""
    rows = outbox.of_event(work.connection, event)
    parents = {row.id: row for row in outbox.of_ids(work.connection, [row.parent for row in rows if row.parent])}
    return list(dict.fromkeys(row.recipient for row in rows if _has_arrived(row, parents)))


def _has_arrived(row: DeliveryRow, parents: dict[int, DeliveryRow]) -> bool:
    parent = parents.get(row.parent) if row.parent else None
    if row.state is DeliveryState.BUNDLED and parent is not None:
        return parent.state in ARRIVED
    return row.state in ARRIVED


def _tell_all(work: Work, event: Event, purpose: str, reason: str, people: Iterable[str], *, but: str) -> None:
    alert = Alert(event=event.id, purpose=purpose, level=event.level, reason=reason, roles=())
    for id in people:
        recipient = work.settings.recipient(id)
        if recipient is not None and but not in (recipient.id, recipient.name):
            tell_person(work, event, alert, recipient)
