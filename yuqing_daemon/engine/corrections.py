"""Who was told something that is no longer so is told that, and nobody else; who did it knows already (R18)."""

from __future__ import annotations

from collections.abc import Iterable

from ..domain import Alert, DeliveryState, Event, EventState
from ..rules import subscriptions
from ..store import outbox
from ..store.outbox import DeliveryRow
from .telling import tell_person
from .work import Work

ARRIVED = (DeliveryState.ACCEPTED, DeliveryState.UNKNOWN, DeliveryState.SENDING)
RESTS = {EventState.CLOSED: "closed", EventState.MERGED: "merged", EventState.DISMISSED: "withdrawn"}
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
