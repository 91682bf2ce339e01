"""Who was told something that is no longer so is told that, and nobody else; who did it knows already (R18)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from functools import partial

from ..domain import Alert, DeliveryState, Event, EventState, Recipient
from ..rules import route, subscriptions
from ..store import events, folding, outbox
from ..store.outbox import DeliveryRow
from .reach import has_role
from .telling import is_gone, pass_on, tell_person
from .telling import tell as tell_role
from .work import Work

ARRIVED = (DeliveryState.ACCEPTED, DeliveryState.UNKNOWN, DeliveryState.SENDING)
NOTHING_SAID = (DeliveryState.DEAD, DeliveryState.CANCELLED, DeliveryState.EXPIRED, DeliveryState.SUPPRESSED)
RESTS = {EventState.CLOSED: "closed", EventState.MERGED: "merged", EventState.DISMISSED: "withdrawn"}
RELIEVED = "relieved"  # of what they were told in a role that they no longer hold
INHERITED = "inherited"  # by who has the role now
FIRST_WORDS = ("found", "raise:", "reopened:", "handover:", "handled:", "update:", INHERITED, subscriptions.PREFIX)


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
    if kind == "lowered":
        _call_back(work, after, told, detail)
    else:
        folding.cancel(work.connection, after.id, purposes=FIRST_WORDS, detail=detail)
    purpose = f"{kind}:{after.rev}:{work.now:%Y%m%dT%H%M%S}"
    _tell_all(work, after, purpose, f"{detail}: {reason}" if reason else detail, told, but=by)


def _call_back(work: Work, event: Event, told: Collection[str], detail: str) -> None:
    """What says more of it than is so and has not left never does; who would hear of it anyway hears what is so."""
    first = work.regime_of(event.id).rule(event.level).steps[0].roles
    purpose = f"found:{event.rev}:{work.now:%Y%m%dT%H%M%S}"
    alert = Alert(event=event.id, purpose=purpose, level=event.level, reason=detail, roles=())
    for row in folding.unsent(work.connection):
        if row.event != event.id or row.level <= event.level or not row.purpose.startswith(FIRST_WORDS) or row.attempts:
            continue
        done = {"state": DeliveryState.CANCELLED.value, "detail": detail, "fallback_at": None, "parent": None}
        outbox.save(work.connection, row.id, **done)
        recipient = work.settings.recipient(row.recipient)
        if recipient is not None and row.role in first and row.recipient not in told:
            tell_person(work, event, alert, recipient)


def relieve_all(work: Work, *, by: str) -> None:
    """Who was told of a live event and holds none of the roles any more in which they were told hears of that.

    What still waits for them goes to who has the role now; if nobody who has it knows of the event, they are told.
    A shift that ends takes no role away: it hands over.
    """
    told = outbox.roles_told(work.connection)
    gone = sorted({(event, role) for event, who, role in told if not has_role(work.settings, who, role)})
    live = {number: event for number, _ in gone if (event := events.get(work.connection, number)) is not None}
    reached = {number: people_told(work, number) for number in live}  # before anything is called back
    for row in folding.unsent(work.connection):
        if is_gone(work, row):
            pass_on(work, row)
    for number, role in gone:
        _bequeath(work, live[number], role)
    for number, event in live.items():
        relieve(work, event, partial(_has_lost, work), reached[number], by=by)


def _has_lost(work: Work, person: Recipient, role: str) -> bool:
    return not has_role(work.settings, person.id, role)


def _bequeath(work: Work, event: Event, role: str) -> None:
    """If nobody who has the role now has heard of the event in it, and somebody did who had it, they are told."""
    rows = [
        row for row in outbox.of_event(work.connection, event.id)
        if row.role == role and not route.is_by_name(row.purpose) and row.state not in NOTHING_SAID
    ]  # fmt: skip
    names = list(dict.fromkeys(row.recipient for row in rows))
    if not names or any(has_role(work.settings, name, role) for name in names):
        return
    reason = f"told before: {', '.join(_called(work, name) for name in names)}"
    if event.is_acknowledged:
        reason += f"; acknowledged by {_called(work, event.acknowledged_by)}"
    purpose = f"{INHERITED}:{event.rev}"
    tell_role(work, event, Alert(event=event.id, purpose=purpose, level=event.level, reason=reason, roles=(role,)))


def _called(work: Work, id: str) -> str:
    person = work.settings.recipient(id)
    return person.name or id if person else id


def relieve(
    work: Work,
    event: Event,
    is_lost: Callable[[Recipient, str], bool],
    reached: Iterable[str],
    *,
    by: str,
    reason: str = "",
) -> None:
    """Tell those, once, whom an event reached in roles that are all gone; not whom it was handed to by name."""
    told: dict[str, set[str]] = {}
    for row in outbox.of_event(work.connection, event.id):
        if row.word == RELIEVED:
            told.pop(row.recipient, None)
        elif row.role and not route.is_by_name(row.purpose):
            told.setdefault(row.recipient, set()).add(row.role)
    people = [
        id
        for id in reached
        if id in told
        and id != event.department
        and (person := work.settings.recipient(id)) is not None
        and all(is_lost(person, role) for role in told[id])
    ]
    if people:
        work.audit("alert.relieved", event=event.id, actor=by, recipients=people, reason=reason)
        _tell_all(work, event, f"{RELIEVED}:{event.rev}:{work.now:%Y%m%dT%H%M%S}", reason, people, but=by)


def is_relieved(work: Work, event: int, who: str) -> bool:
    """Whether the last that somebody heard of an event is that it is no longer theirs."""
    heard = [row.word for row in outbox.of_event(work.connection, event) if row.recipient == who]
    return bool(heard) and heard[-1] == RELIEVED


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
