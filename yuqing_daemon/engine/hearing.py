"""What providers and people answer: receipts, replies by SMS, pressed keys and buttons. All of it idempotent."""

from __future__ import annotations

import hashlib
import hmac
import logging
from collections.abc import Callable, Collection
from datetime import timedelta

from ..domain import Callback, Delivery, DeliveryState, Heard, Receipt, Recipient, Reply, Signal
from ..errors import RequestError
from ..rules import drill, reply
from ..store import events, outbox
from ..store.outbox import DeliveryRow
from . import links
from .sending import as_delivery, undelivered
from .work import Work

log = logging.getLogger(__name__)

ASKED_FOR, ASKED_AT_MOST = timedelta(days=1), 500  # how long, and about how many deliveries at once
KEY = "1"  # what is pressed to acknowledge, unless the channel says another


def token(secret: bytes, channel: str) -> str:
    """What makes a channel's callback address one that nobody can guess."""
    return hmac.new(secret, f"callback:{channel}".encode(), hashlib.sha256).hexdigest()[:32]


def hear(work: Work, channel: str, given: str, callback: Callback) -> tuple[Reply | Callable[[str], Reply], str]:
    """Take in what was sent to a channel's callback address.

    Returns: what the provider wants to hear, and the words for who pressed a button.

    Raises:
        RequestError: the address is not one of ours, or no sender can read what was sent.
    """
    if channel not in work.settings.channels or not hmac.compare_digest(token(work.secret, channel), given):
        raise RequestError("there is nothing here")
    answers = work.plugins.ask("hear", channel=work.settings.channels[channel], callback=callback)
    heard = next((answer for _, answer in answers if isinstance(answer, Heard)), None)
    if heard is None:
        log.warning("callback.unreadable channel=%s", channel)  # most often another key than the provider's
        raise RequestError(f"what was sent to the callback address of {channel} cannot be read")
    said = [take(work, channel, signal) for signal in heard.signals]
    return heard.reply, "".join(said)


def take(work: Work, channel: str, signal: Signal) -> str:
    """One thing that was told of a delivery, or answered to it; returns the words for who pressed a button."""
    row = _row(work, channel, signal)
    if signal.pressed_by:
        return _pressed(work, channel, signal, row)
    if signal.answer:
        _answered(work, channel, signal, row)
    if signal.receipt is not None and row is not None:
        _receipt(work, row, signal, signal.receipt)
    return ""


def unreceipted(work: Work) -> list[Delivery]:
    """What providers may be asked about: taken within the last day, over channels whose sender can ask."""
    able = work.plugins.who("look_up")
    channels = {id: channel for id, channel in work.settings.channels.items() if channel.sender in able}
    since = work.now - ASKED_FOR
    rows = outbox.unreceipted(work.connection, list(channels), since=since, limit=ASKED_AT_MOST) if channels else []
    return [as_delivery(row, channels[row.channel], row.to, row.notice) for row in rows]


def _row(work: Work, channel: str, signal: Signal) -> DeliveryRow | None:
    named = outbox.by_provider_id(work.connection, channel, signal.provider_id)
    if named is None and signal.key:
        named = outbox.by_key(work.connection, signal.key)
    if named is None and signal.delivery:
        named = next(iter(outbox.of_ids(work.connection, [signal.delivery])), None)
    if named is None or named.channel != channel:
        return None
    return named


def _answered(work: Work, channel: str, signal: Signal, row: DeliveryRow | None) -> None:
    """Who presses the key on a notice's call, or answers its SMS from the number it went to, acknowledges."""
    how = "key press"
    key = str(work.settings.channels[channel].options.get("key") or KEY)
    if row is None or not reply.is_key(signal.answer, key):
        row, how = _by_number(work, channel, signal), "SMS reply"
    if row is not None and drill.is_drill(row.purpose):
        work.audit("drill.answered", actor=row.recipient, key=row.key, how=how)
        return
    if row is None or row.event is None:
        work.audit("answer.not_understood", channel=channel, characters=len(signal.answer))
        return
    links.answer(work, row, by=row.recipient, how=how)


def _pressed(work: Work, channel: str, signal: Signal, row: DeliveryRow | None) -> str:
    """Who presses a notice's button acknowledges: as themselves if they are listed, else for its recipient."""
    if row is None or row.event is None or row.created_at + work.settings.web.link_valid_for < work.now:
        work.audit("answer.not_understood", channel=channel, pressed_by=list(signal.pressed_by))
        return reply.pressed(None, language=work.settings.language)
    by = _who(work, channel, signal.pressed_by) or work.settings.recipient(row.recipient)
    name, language = (by.id, by.language) if by else (row.recipient, work.settings.language)
    fault = links.answer(work, row, by=name, how=f"button, pressed by {' '.join(signal.pressed_by)}")
    event = events.get(work.connection, row.event)
    if fault or event is None:
        return reply.pressed(None if fault == links.NOT_YOURS else event, risen=fault == links.RISEN, language=language)
    other = work.settings.recipient(event.acknowledged_by)
    whose = "" if event.acknowledged_by == name else (other.name if other else "") or event.acknowledged_by
    return reply.pressed(event, other=whose, language=language)


def _who(work: Work, channel: str, ids: Collection[str]) -> Recipient | None:
    """The person whom the channel knows under one of these ids."""
    listed = ((person, address) for person in work.settings.recipients for address in person.addresses)
    return next((person for person, address in listed if address.channel == channel and address.to in ids), None)


def _by_number(work: Work, channel: str, signal: Signal) -> DeliveryRow | None:
    """The notice that somebody answers: of the event they name, or of the only one they can mean by a plain yes."""
    since = work.now - work.settings.web.link_valid_for
    sent = outbox.sent_over(work.connection, channel, since=since)
    rows = [row for row in sent if reply.same_number(row.to, signal.number)]
    if rows and drill.is_drill(rows[0].purpose) and reply.is_yes(signal.answer):
        return rows[0]  # a plain yes answers what came last
    number = reply.event_number(signal.answer)
    if number is not None:
        return next((row for row in rows if row.event == number), None)
    open_events = {row.event: row for row in rows if row.event and _waits(work, row)}
    return next(iter(open_events.values())) if reply.is_yes(signal.answer) and len(open_events) == 1 else None


def _waits(work: Work, row: DeliveryRow) -> bool:
    event = events.get(work.connection, row.event or 0)
    return event is not None and event.state.is_live and not event.is_acknowledged


def _receipt(work: Work, row: DeliveryRow, signal: Signal, receipt: Receipt) -> None:
    """Keep a receipt, unless it is older than the one there is."""
    at = signal.at or work.now
    if row.receipt == receipt or (row.receipt_at is not None and at < row.receipt_at) or row.receipt == Receipt.READ:
        return
    outbox.save(work.connection, row.id, receipt=receipt.value, receipt_at=at)
    work.audit("delivery.receipt", event=row.event, key=row.key, receipt=receipt.value, detail=signal.detail[:200])
    if receipt is Receipt.FAILED and row.state is DeliveryState.ACCEPTED:
        undelivered(work, row, f"accepted, and then not delivered: {signal.detail}")
