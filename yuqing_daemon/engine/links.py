"""What a recipient answers to a notice, by its link, its button or an SMS: it counts, or it is on record why not."""

from __future__ import annotations

from dataclasses import dataclass

from ..domain import DeliveryState, Event, Level
from ..errors import RequestError
from ..rules import ack_link
from ..store import events, outbox
from ..store.outbox import DeliveryRow
from .corrections import is_relieved
from .people import acknowledge
from .work import Work

SEEN = (DeliveryState.ACCEPTED, DeliveryState.UNKNOWN, DeliveryState.SENDING, DeliveryState.BUNDLED)
EXPIRED, NOT_YOURS, OVER, RISEN = "expired", "not yours", "over", "risen"


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """What a link stands for: the event, who was told, and why nothing can be done by it any more, if so."""

    event: Event
    recipient: str
    fault: str = ""


def read(work: Work, token: str) -> Link:
    """What a link stands for; reading it does nothing, for mail scanners read links too.

    Raises:
        RequestError: it is none of ours.
    """
    event, row, fault = _read(work, token)
    return Link(event=event, recipient=row.recipient, fault=fault)


def press(work: Work, token: str, *, seen: Level | None) -> Link:
    """Its button is pressed by somebody who has ``seen`` the event at that level. Idempotent."""
    event, row, fault = _read(work, token)
    fault = answer(work, row, by=row.recipient, how="link", seen=seen, fault=fault)
    return Link(event=events.get(work.connection, event.id) or event, recipient=row.recipient, fault=fault)


def answer(work: Work, row: DeliveryRow, *, by: str, how: str, seen: Level | None = None, fault: str = "") -> str:
    """Acknowledge the event of a notice; returns why it does not count, and puts that on record.

    ``seen``: the level at which they know of the event, if that is known better than from what they were told.
    """
    assert row.event is not None
    event = events.get(work.connection, row.event)
    assert event is not None
    fault = fault or _fault(work, event, row)
    if not fault and not event.is_acknowledged and (seen or _told(work, row)) < event.level:
        fault = RISEN
    if fault:
        work.audit("answer.too_late", event=event.id, actor=by, key=row.key, how=how, why=fault)
    else:
        acknowledge(work, event.code, by=by, how=how)
    return fault


def _read(work: Work, token: str) -> tuple[Event, DeliveryRow, str]:
    key, expires_at = ack_link.read(work.secret, token)
    row = outbox.by_key(work.connection, key)
    event = events.get(work.connection, row.event) if row and row.event else None
    if row is None or event is None:
        raise RequestError("this link belongs to no notice of ours")
    return event, row, EXPIRED if work.now > expires_at else _fault(work, event, row)


def _fault(work: Work, event: Event, row: DeliveryRow) -> str:
    if work.settings.recipient(row.recipient) is None or is_relieved(work, event.id, row.recipient):
        return NOT_YOURS
    return "" if event.state.is_live else OVER


def _told(work: Work, row: DeliveryRow) -> Level:
    """The gravest that they were told of the event: who answers an older notice may not know more."""
    rows = outbox.of_event(work.connection, row.event or 0)
    return max(
        (each.level for each in rows if each.recipient == row.recipient and each.state in SEEN), default=row.level
    )
