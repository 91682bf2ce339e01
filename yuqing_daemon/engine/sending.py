"""The outbox's two transactions around a sending: claim before it, record after it, guarded by a token."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from ..domain import Answer, Channel, Delivery, DeliveryState, Notice, Outcome
from ..errors import RequestError
from ..rules import backoff, deliver, drill, gate
from ..store import attempts, clock, outbox
from ..store import folding as folds
from ..store.outbox import DeliveryRow
from . import folding
from .gate import admit
from .reach import OPS
from .telling import fall_back, is_gone, pass_on, tell_of_template, tell_operators, write_anew
from .work import Work

LEASE = timedelta(minutes=5)
PAUSE = timedelta(minutes=5)  # of a channel whose own set-up is at fault
FAILING_AFTER, FAILING_FOR = 5, timedelta(hours=1)  # attempts in a row within that time
LONGEST_HOLD = timedelta(hours=1)
ALARM = "ops:dead:"  # about dead letters: one that dies itself makes no further one
REPEATED = "sent again after the first sender was lost: it may arrive twice"


def give_back(work: Work, *, everything: bool = False) -> None:
    """Free what was claimed by senders that are gone. They may have sent it: it is sent again under the same key."""
    number = outbox.release(work.connection, now=work.now, all=everything)
    if number:
        work.audit("delivery.given_back", number=number, why=REPEATED)


def clock_jumped(work: Work, by: timedelta) -> None:
    """The wall clock was set. Claims and retries keep the wait they had; what is due is simply looked at anew."""
    clock.follow(work.connection, by, now=work.now, cap=backoff.CAP)
    for channel, until in outbox.held_until(work.connection).items():
        if until > work.now + LONGEST_HOLD:
            outbox.hold(work.connection, channel, until=work.now + LONGEST_HOLD, reason="held before the clock was set")
    work.audit("clock.jumped", seconds=round(by.total_seconds(), 1))


def claim(work: Work, channel: str, *, token: str, limit: int, urgent: bool = False) -> list[Delivery]:
    """Take due deliveries of a channel. Nobody who was taken off the list meanwhile is told (R18)."""
    ids = admit(work, channel, limit=limit, urgent=urgent)
    rows = outbox.take(work.connection, ids, token=token, lease=LEASE, now=work.now) if ids else []
    return [delivery for row in rows if (delivery := _to_send(work, row)) is not None]


def _to_send(work: Work, row: DeliveryRow) -> Delivery | None:
    settings = work.settings
    parts = outbox.folded_into(work.connection, row.id) if row.slot else [row]
    gone = [each for each in parts if is_gone(work, each)]
    for each in gone:
        pass_on(work, each)
    if len(gone) == len(parts):
        if row.slot:
            done = {"state": DeliveryState.CANCELLED.value, "detail": "nothing is left that would come in it"}
            outbox.save(work.connection, row.id, **done, token="", fallback_at=None)
        return None
    recipient = settings.recipient(row.recipient)
    live = [each.to for each in recipient.addresses if each.channel == row.channel] if recipient else []
    if not live or row.channel not in settings.channels:
        _give_up(work, row, "no longer in the configuration", alarm=False)
        return None
    content = row.notice
    if row.attempts == 1:  # what waited is written when it leaves, and stays as it is from then on
        content = folding.write(work, row) if row.slot else write_anew(work, row)
        tell_of_template(work, content)
    return as_delivery(row, settings.channels[row.channel], live[0], content)


def as_delivery(row: DeliveryRow, channel: Channel, to: str, content: Notice) -> Delivery:
    """A row as senders know it."""
    return Delivery(
        key=row.key,
        event=row.event,
        event_code=f"E{row.event}" if row.event else drill.CODE if drill.is_drill(row.purpose) else OPS,
        purpose=row.purpose,
        level=row.level,
        recipient=row.recipient,
        role=row.role,
        channel=channel,
        to=to,
        notice=content,
        created_at=row.created_at,
        accepted_at=row.accepted_at,
        provider_id=row.provider_id,
        attempts=row.attempts,
        id=row.id,
    )


def record(work: Work, delivery: Delivery, outcome: Outcome, *, token: str) -> bool:
    """Keep what came of an attempt, and decide what follows from it."""
    row = outbox.still_claimed(work.connection, delivery.id, token)
    if row is None:
        return False
    _watch_channel(work, row, outcome)
    attempts.add(work.connection, row.id, outcome, now=work.now)
    unknowns = attempts.unknowns(work.connection, row.id) if outcome.unknown_at_most is not None else 0
    following = deliver.after(
        outcome, attempts=row.attempts, unknowns=unknowns, deadline=row.deadline, now=work.now, draw=work.draw()
    )
    accepted = {}
    if following.state is DeliveryState.ACCEPTED:
        accepted = {"accepted_at": work.now, "fallback_at": _tried_again_at(work, row)}
    values = {"state": following.state.value, "due_at": following.due_at, "token": "", "detail": outcome.detail}
    outbox.save(work.connection, row.id, **values, provider_id=outcome.provider_id, **accepted)
    _hold_channel(work, row.channel, outcome)
    if following.state is DeliveryState.ACCEPTED:
        _accepted(work, row, outcome)
    elif following.state is DeliveryState.DEAD:
        _give_up(work, row, following.reason)
    elif row.attempts == 1:
        work.audit(
            "delivery.delayed", event=row.event, key=row.key, answer=outcome.answer.value, why=outcome.detail[:200]
        )
    return True


def _watch_channel(work: Work, row: DeliveryRow, outcome: Outcome) -> None:
    """A channel that fails again and again alarms those who run the daemon over another one, once an hour."""
    if outcome.answer is Answer.ACCEPTED or row.purpose.startswith(("ops:channel", ALARM)):
        return
    recent = attempts.last_answers(work.connection, row.channel, limit=FAILING_AFTER - 1, since=work.now - FAILING_FOR)
    if len(recent) == FAILING_AFTER - 1 and Answer.ACCEPTED not in recent:
        text = f"{FAILING_AFTER} attempts in a row failed, the last with: {outcome.detail}\n\nSee: yuqing status"
        purpose = f"ops:channel-failing:{row.channel}:{work.now:%Y%m%dT%H}"
        tell_operators(work, purpose, f"channel {row.channel} is failing", text, avoid=row.channel)


def _tried_again_at(work: Work, row: DeliveryRow) -> datetime | None:
    """What wants a person is tried over the next channel too if nobody acknowledges it."""
    if row.event is None or not gate.wants_person(row.purpose):
        return None
    return work.now + work.regime_of(row.event).rule(row.level).fallback_after


def _accepted(work: Work, row: DeliveryRow, outcome: Outcome) -> None:
    """It is with the provider."""
    work.audit("delivery.accepted", event=row.event, key=row.key, attempts=row.attempts, answer=outcome.detail[:200])
    for each in outbox.folded_into(work.connection, row.id) if row.slot else ():
        work.audit("delivery.accepted", event=each.event, key=each.key, within=row.key)


def undelivered(work: Work, row: DeliveryRow, why: str) -> None:
    """A provider had accepted it and says now that it did not arrive."""
    _give_up(work, row, why)


def abandon(work: Work) -> None:
    """What waits for a channel that is not in the configuration any more falls back at once, for nobody looks at it."""
    for row in folds.beside(work.connection, list(work.settings.channels)):
        _give_up(work, row, "no longer in the configuration", alarm=False)


def requeue(work: Work, key: str, *, by: str) -> None:
    """Let a dead letter live again, under its own key: a person has mended what was wrong.

    Raises:
        RequestError: there is none of that key.
    """
    row = outbox.by_key(work.connection, key)
    if row is None:
        raise RequestError(f"there is no delivery {key!r}; see: yuqing deliveries --dead")
    if row.state is not DeliveryState.DEAD:
        raise RequestError(f"{key} is {row.state}, not dead: only a dead letter is sent again")
    regime = work.regime_of(row.event) if row.event else work.settings.regime
    deadline = work.now + regime.rule(row.level).give_up_after
    outbox.save(work.connection, row.id, state=DeliveryState.PENDING.value, due_at=work.now, deadline=deadline)
    work.audit("delivery.requeued", event=row.event, actor=by, key=key)


def _hold_channel(work: Work, channel: str, outcome: Outcome) -> None:
    if outcome.answer is Answer.ACCEPTED:
        return
    wait = min(outcome.retry_after or timedelta(0), LONGEST_HOLD)
    if outcome.pause_channel:
        wait = max(wait, PAUSE)
        hour = f"{work.now:%Y%m%dT%H}"
        told = (f"ops:channel:{channel}:{hour}", f"channel {channel} is at fault", f"It refuses us: {outcome.detail}")
        tell_operators(work, *told, avoid=channel)
    if wait:
        outbox.hold(work.connection, channel, until=work.now + wait, reason=outcome.detail)


def _give_up(work: Work, row: DeliveryRow, why: str, *, alarm: bool = True) -> None:
    """A dead letter: kept, shown, and the next channel or role is told instead. A drill's is only told by the drill."""
    if drill.is_drill(row.purpose):
        outbox.save(work.connection, row.id, state=DeliveryState.CANCELLED.value, detail=why, token="")
        return
    outbox.save(work.connection, row.id, state=DeliveryState.DEAD.value, detail=why, token="")
    work.audit("delivery.dead", event=row.event, key=row.key, attempts=row.attempts, why=why[:500])
    if alarm and not row.purpose.startswith(ALARM):
        text = f"{row.key} could not be delivered: {why}\n\nSee: yuqing deliveries --dead; when mended: --requeue KEY"
        purpose = f"{ALARM}{row.channel}:{work.now:%Y%m%dT%H}"
        tell_operators(work, purpose, f"channel {row.channel} has a dead letter", text, avoid=row.channel)
    fall_back(work, replace(row, state=DeliveryState.DEAD), why=why)
