"""When people are told: at once, on the next rung, and again until somebody acknowledges (R11, R14)."""

from __future__ import annotations

from ..domain import Alert, Event, Grading
from ..rules import escalate
from ..store import timers
from .telling import tell, tell_subscribers
from .work import Work


def announce(work: Work, event: Event, purpose: str, *, reason: str) -> None:
    """Start telling people of an event at its present level: the first rung now, the others as they come due.

    What was still climbing at a lower level is overtaken.
    """
    if not event.is_new:
        timers.cancel(work.connection, event.id, kinds=["step:", "repeat:"], now=work.now)
    rule = work.regime_of(event.id).rule(event.level)
    series = f"{event.level.name.lower()}:{event.rev}"
    first = rule.steps[0]
    alert = Alert(event=event.id, purpose=purpose, level=event.level, reason=reason, roles=first.roles)
    step: escalate.Due | None = escalate.Due(n=0, at=work.now + first.after)
    if not first.after:
        tell(work, event, alert)
        step = escalate.next_step(rule, n=0, fired_at=work.now)
    tell_subscribers(work, event, alert)
    _schedule(work, event, series, step=step, repeat=escalate.next_repeat(rule, n=0, fired_at=work.now))


def spread_the_word(work: Work, event: Event, demanded: Grading) -> None:
    """An event is handled as a higher level than its own: whom that level tells at once is told, with the reason."""
    rule = work.regime_of(event.id).rule(demanded.level)
    purpose = f"handled:{demanded.level.name.lower()}:{event.rev}"
    roles = rule.steps[0].roles
    alert = Alert(event=event.id, purpose=purpose, level=demanded.level, reason=demanded.reason, roles=roles)
    tell(work, event, alert)


def climb(work: Work, event: Event, series: str, n: int) -> None:
    """Rung ``n``: nobody has acknowledged, so the next roles are told (R14)."""
    rule = work.regime_of(event.id).rule(event.level)
    reason = "not acknowledged in time" if n else "due by the regime"
    purpose = f"step:{series}:{n}"
    alert = Alert(event=event.id, purpose=purpose, level=event.level, reason=reason, roles=rule.steps[n].roles)
    work.audit("alert.climbed", event=event.id, purpose=purpose, roles=list(alert.roles))
    tell(work, event, alert)
    _schedule(work, event, series, step=escalate.next_step(rule, n=n, fired_at=work.now))


def repeat(work: Work, event: Event, series: str, n: int) -> None:
    """Repetition ``n``: those who were told are told again, for nobody has acknowledged."""
    rule = work.regime_of(event.id).rule(event.level)
    climbed = timers.last_fired(work.connection, event.id, f"step:{series}", before=work.now)  # not who is told now
    roles = escalate.roles_told(rule, steps=(climbed or 0) + 1)
    reason = f"still not acknowledged, reminder {n}"
    tell(
        work,
        event,
        Alert(event=event.id, purpose=f"repeat:{series}:{n}", level=event.level, reason=reason, roles=roles),
    )
    _schedule(work, event, series, repeat=escalate.next_repeat(rule, n=n, fired_at=work.now))


def _schedule(work: Work, event: Event, series: str, **wanted: escalate.Due | None) -> None:
    """Set the timers of the next rung and repetition, if there are any."""
    due = [(f"{kind}:{series}", next_one.n, next_one.at) for kind, next_one in wanted.items() if next_one is not None]
    timers.start(work.connection, event.id, *due)
