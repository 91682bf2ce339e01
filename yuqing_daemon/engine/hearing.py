"""What providers and people answer: receipts, replies by SMS, keys pressed on the telephone. All of it idempotent."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from ..domain import Callback, Delivery, DeliveryState, Heard, Receipt, Signal
from ..errors import RequestError
from ..rules import drill, reply
from ..store import events, outbox
from ..store.outbox import DeliveryRow
from .people import acknowledge
from .sending import as_delivery, undelivered
from .work import Work

ASKED_FOR, ASKED_AT_MOST = timedelta(days=1), 500  # how long, and about how many deliveries at once
KEY = "1"  # what is pressed to acknowledge, unless the channel says another


def token(secret: bytes, channel: str) -> str:
    """What makes a channel's callback address one that nobody can guess."""
    return hmac.new(secret, f"callback:{channel}".encode(), hashlib.sha256).hexdigest()[:32]


def hear(work: Work, channel: str, given: str, callback: Callback) -> Mapping[str, Any]:
    """Take in what was sent to a channel's callback address; returns what the provider wants to hear.

    Raises:
        RequestError: the address is not one of ours, or no sender can read what was sent.
    """
    if channel not in work.settings.channels or not hmac.compare_digest(token(work.secret, channel), given):
        raise RequestError("there is nothing here")
    answers = work.plugins.ask("hear", channel=work.settings.channels[channel], callback=callback)
    heard = next((answer for _, answer in answers if isinstance(answer, Heard)), None)
    if heard is None:
        raise RequestError(f"what was sent to the callback address of {channel} cannot be read")
    for signal in heard.signals:
        take(work, channel, signal)
    return heard.reply


def take(work: Work, channel: str, signal: Signal) -> None:
    """One thing that was told of a delivery, or answered to it."""
    row = _row(work, channel, signal)
    if signal.answer:
        _answered(work, channel, signal, row)
    if signal.receipt is not None and row is not None:
        _receipt(work, row, signal, signal.receipt)


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
    if named is None or named.channel != channel:
        return None
    return named


def _answered(work: Work, channel: str, signal: Signal, row: DeliveryRow | None) -> None:
    """Who presses the key on a notice's call, or answers its SMS from the number it went to, acknowledges."""
    how = "key press"
    key = str(work.settings.channels[channel].options.get("key") or KEY)
    if row is None or signal.answer.strip() != key:
        row, how = _by_number(work, channel, signal), "SMS reply"
    if row is not None and drill.is_drill(row.purpose):
        work.audit("drill.answered", actor=row.recipient, key=row.key, how=how)
        return
    if row is None or row.event is None:
        work.audit("answer.not_understood", channel=channel, characters=len(signal.answer))
        return
    try:
        acknowledge(work, f"E{row.event}", by=row.recipient, how=how)
    except RequestError as error:
        work.audit("answer.too_late", event=row.event, key=row.key, why=str(error))


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
