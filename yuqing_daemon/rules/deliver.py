"""What becomes of a delivery after an attempt: done, tried again, or given up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ..domain import Answer, DeliveryState, Outcome
from .backoff import delay


@dataclass(frozen=True, slots=True, kw_only=True)
class Next:
    """A delivery's new state, with the instant of its next attempt if there is one."""

    state: DeliveryState
    due_at: datetime
    reason: str = ""


def after(outcome: Outcome, *, attempts: int, unknowns: int, deadline: datetime, now: datetime, draw: float) -> Next:
    """Decide from the outcome of an attempt.

    Args:
        outcome: what the sender said.
        attempts: how many there were, this one included.
        unknowns: how many of them ended without an answer, this one included.
        deadline: no attempt follows one that failed later than this; there is always at least one.
        draw: a random number in [0, 1), for the jitter.

    >>> from datetime import UTC, datetime, timedelta
    >>> now = datetime(2026, 1, 1, tzinfo=UTC)
    >>> after(Outcome(answer=Answer.PERMANENT, detail="550 no such user"), attempts=1, unknowns=0,
    ...       deadline=now + timedelta(hours=2), now=now, draw=0.5).state.value
    'dead'
    """
    if outcome.answer is Answer.ACCEPTED:
        return Next(state=DeliveryState.ACCEPTED, due_at=now)
    if outcome.answer is Answer.PERMANENT:
        return Next(state=DeliveryState.DEAD, due_at=now, reason=f"refused: {outcome.detail}")
    if outcome.unknown_at_most is not None and unknowns >= outcome.unknown_at_most:
        return Next(state=DeliveryState.DEAD, due_at=now, reason=f"no answer {unknowns} times: {outcome.detail}")
    if now >= deadline:
        return Next(state=DeliveryState.DEAD, due_at=now, reason=f"deadline passed: {outcome.detail}")
    due_at = now + delay(attempts, draw=draw, retry_after=outcome.retry_after)
    state = DeliveryState.UNKNOWN if outcome.answer is Answer.UNKNOWN else DeliveryState.PENDING
    return Next(state=state, due_at=due_at)
