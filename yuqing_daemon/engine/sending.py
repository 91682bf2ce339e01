"""The outbox's two transactions around a sending: claim before it, record after it, guarded by a token."""

from __future__ import annotations

from datetime import timedelta

from ..domain import Answer, Delivery, DeliveryState, Outcome
from ..rules import deliver
from ..store import outbox
from ..store.outbox import DeliveryRow
from .telling import OPS, fall_back, tell_operators
from .work import Work

LEASE = timedelta(minutes=5)
PAUSE = timedelta(minutes=5)  # of a channel whose own set-up is at fault
LONGEST_HOLD = timedelta(hours=1)
REPEATED = "sent again after the first sender was lost: it may arrive twice"


def give_back(work: Work, *, everything: bool = False) -> None:
    """Free what was claimed by senders that are gone. They may have sent it: it is sent again under the same key."""
    number = outbox.release(work.connection, now=work.now, all=everything)
    if number:
        work.audit("delivery.given_back", number=number, why=REPEATED)


def claim(work: Work, channel: str, *, token: str, limit: int) -> list[Delivery]:
    """Take due deliveries of a channel. Nobody who was taken off the list meanwhile is told (R18)."""
    settings = work.settings
    rows = outbox.claim(work.connection, channel, token=token, lease=LEASE, now=work.now, limit=limit)
    taken = []
    for row in rows:
        recipient = settings.recipient(row.recipient)
        if recipient is None or channel not in settings.channels:
            _give_up(work, row, "no longer in the configuration")
            continue
        live = [address.to for address in recipient.addresses if address.channel == channel]
        taken.append(
            Delivery(
                key=row.key,
                event=row.event,
                event_code=f"E{row.event}" if row.event else OPS,
                purpose=row.purpose,
                level=row.level,
                recipient=row.recipient,
                role=row.role,
                channel=settings.channels[channel],
                to=live[0] if live else row.to,
                notice=row.notice,
                created_at=row.created_at,
                provider_id=row.provider_id,
                attempts=row.attempts,
                id=row.id,
            )
        )
    return taken


def record(work: Work, delivery: Delivery, outcome: Outcome, *, token: str) -> bool:
    """Keep what came of an attempt, and decide what follows from it."""
    row = outbox.still_claimed(work.connection, delivery.id, token)
    if row is None:
        return False
    unknowns = outbox.add_attempt(work.connection, row.id, outcome, now=work.now)
    following = deliver.after(
        outcome, attempts=row.attempts, unknowns=unknowns, deadline=row.deadline, now=work.now, draw=work.draw()
    )
    values = {"state": following.state.value, "due_at": following.due_at, "token": "", "detail": outcome.detail}
    outbox.save(work.connection, row.id, **values, provider_id=outcome.provider_id)
    _hold_channel(work, row.channel, outcome)
    if following.state is DeliveryState.ACCEPTED:
        outbox.save(work.connection, row.id, accepted_at=work.now, fallback_at=None)
        work.audit(
            "delivery.accepted", event=row.event, key=row.key, attempts=row.attempts, answer=outcome.detail[:200]
        )
    elif following.state is DeliveryState.DEAD:
        _give_up(work, row, following.reason)
    elif row.attempts == 1:
        work.audit(
            "delivery.delayed", event=row.event, key=row.key, answer=outcome.answer.value, why=outcome.detail[:200]
        )
    return True


def _hold_channel(work: Work, channel: str, outcome: Outcome) -> None:
    if outcome.answer is Answer.ACCEPTED:
        return
    wait = min(outcome.retry_after or timedelta(0), LONGEST_HOLD)
    if outcome.pause_channel:
        wait = max(wait, PAUSE)
        hour = f"{work.now:%Y%m%dT%H}"
        tell_operators(
            work, f"ops:channel:{channel}:{hour}", f"channel {channel} is at fault", f"It refuses us: {outcome.detail}"
        )
    if wait:
        outbox.hold(work.connection, channel, until=work.now + wait, reason=outcome.detail)


def _give_up(work: Work, row: DeliveryRow, why: str) -> None:
    """A dead letter: kept, shown, and the next channel or role is told instead."""
    outbox.save(work.connection, row.id, state=DeliveryState.DEAD.value, detail=why, token="")
    work.audit("delivery.dead", event=row.event, key=row.key, attempts=row.attempts, why=why[:500])
    fall_back(work, row, why=why)
