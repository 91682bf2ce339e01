"""Duties as durable timers: they begin, warn, are breached once, are fulfilled or dropped (R11-R13, R19, R24)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time

from ..domain import Act, Alert, Duty, DutyRule, DutyState, Event, Regime
from ..rules import clocks
from ..rules import duties as rules
from ..rules.calendar import work_calendar
from ..store import duties, timers
from .telling import tell
from .work import Work


def review(work: Work, event: Event) -> None:
    """Begin what the event brings about now, and drop what nobody owes any more."""
    regime = work.regime_of(event.id)
    all_duties = duties.of_event(work.connection, event.id)
    if void := rules.void(event, regime, all_duties):
        for duty in void:
            _settle(work, event, duty)
            _drop(work, duty, why=f"the event is {event.state}, {event.level.name.lower()}, of kind {event.kind}")
        all_duties = duties.of_event(work.connection, event.id)
    judged = duties.judgements(work.connection, event.id)
    while begun := rules.beginning(event, regime, rules.signals(event, judged, all_duties), all_duties, now=work.now):
        added = [_begin(work, event, each, regime) for each in begun]
        duties.add(work.connection, added)
        all_duties += added
    for rule in regime.duties:
        last = rules.latest(rule, all_duties)
        if last is not None and (again_at := rules.comes_again_at(rule, event, last)) is not None:
            timers.keep(work.connection, event.id, f"again:{rule.id}:{last.n}", again_at)


def _begin(work: Work, event: Event, begun: rules.Begun, regime: Regime) -> Duty:
    rule = begun.rule
    due_at, remarks = _due_at(work, rule, begun.since, regime)
    duty = Duty(
        event=event.id, rule=rule.id, n=begun.n, owner=rule.owner, state=DutyState.OPEN, started_at=begun.since,
        due_at=due_at,
    )  # fmt: skip
    due = due_at.isoformat() if due_at else None
    work.audit(
        "duty.begun", event=event.id, duty=rule.id, n=begun.n, owner=rule.owner, due_at=due, remarks=list(remarks)
    )
    timers.start(work.connection, event.id, *_clock(duty, rule))
    if rule.on not in ("found", "level"):  # whoever is told of the event at that time is told of these with it
        reason = f"{rule.name}" + (f", until {_local(work, due_at)}" if due_at else "")
        _tell(work, event, f"duty:{rule.id}:{duty.n}", (rule.owner,), reason)
    return duty


def set_clock(work: Work, event: Event, duty: Duty, rule: DutyRule, regime: Regime) -> None:
    """Let an open duty run by a rule that has changed: from when it began, or from now on if that is over already.

    Nobody is late by a rule that was not in force.
    """
    due_at, remarks = _due_at(work, rule, duty.started_at, regime)
    if due_at is not None and due_at <= work.now:
        due_at, remarks = _due_at(work, rule, work.now, regime)
    changed = replace(duty, owner=rule.owner, due_at=due_at)
    duties.save(work.connection, duty.id, owner=changed.owner, due_at=due_at)
    due, was = (at.isoformat() if at else None for at in (due_at, duty.due_at))
    work.audit(
        "duty.reset", event=event.id, duty=rule.id, n=duty.n, owner=rule.owner, due_at=due, was=was,
        remarks=list(remarks),
    )  # fmt: skip
    _silence(work, duty)
    for timer in _clock(changed, rule):
        timers.set_again(work.connection, event.id, timer)


def _clock(duty: Duty, rule: DutyRule) -> list[tuple[str, int, datetime]]:
    """The timers (kind, n, due at) of a duty."""
    if duty.due_at is None:
        return []
    kind = f"{rule.id}:{duty.n}"
    warnings = enumerate(clocks.warnings(duty.started_at, duty.due_at, rule.warn_at))
    return [*((f"warn:{kind}", number, at) for number, at in warnings), (f"breach:{kind}", 0, duty.due_at)]


def _due_at(work: Work, rule: DutyRule, since: datetime, regime: Regime) -> tuple[datetime | None, tuple[str, ...]]:
    if not rule.within:
        return None, ()
    calendar = work_calendar(regime.calendar, closes=time.fromisoformat(regime.day_closes))
    length, zone = clocks.parse_length(rule.within), work.settings.timezone
    factor = regime.special.clock_factor if work.settings.special_period(work.now) else 1.0
    due_at = clocks.due_at(length, since, zone=zone, calendar=calendar, factor=factor)
    return due_at, clocks.remarks(length, since, zone=zone, calendar=calendar, cut_off=work.settings.cut_off)


def fulfil(
    work: Work, event: Event, act: Act, *, by: str, named: str = "", report: str = "", note: str = ""
) -> list[str]:
    """Mark what an act fulfils as done; returns the rules' ids. A breach that was stays on record."""
    regime = work.regime_of(event.id)
    done = rules.fulfilled(regime, duties.of_event(work.connection, event.id), act, named=named, report=report)
    for duty in done:
        _settle(work, event, duty)
        duties.save(work.connection, duty.id, state=DutyState.DONE.value, done_at=work.now, done_by=by, note=note)
        _silence(work, duty)
        late = (work.now - duty.due_at).total_seconds() if duty.due_at else 0
        work.audit(
            "duty.done", event=event.id, actor=by, duty=duty.rule, n=duty.n, act=act.value, late_seconds=max(late, 0)
        )
    return [duty.rule for duty in done]


def warn(work: Work, event: Event, rule_id: str, n: int, number: int) -> None:
    """A share of the time is gone: its owner is reminded."""
    duty, rule = _find(work, event, rule_id, n)
    if duty is None or rule is None or duty.state is not DutyState.OPEN or duty.due_at is None:
        return
    share = rule.warn_at[number] if number < len(rule.warn_at) else 1
    reason = f"{share:.0%} of the time for {rule.name} is gone, due {_local(work, duty.due_at)}"
    work.audit("duty.warned", event=event.id, duty=rule_id, n=n, reason=reason)
    _tell(work, event, f"warn:{rule_id}:{n}:{number}", (duty.owner,), reason)


def breach(work: Work, event: Event, rule_id: str, n: int) -> None:
    """The time is over: that is on record once and for all, and whom the regime names is told."""
    duty, rule = _find(work, event, rule_id, n)
    if duty is None or rule is None or duty.state is not DutyState.OPEN or duty.breached_at is not None:
        return
    duties.save(work.connection, duty.id, breached_at=duty.due_at)
    due = _local(work, duty.due_at)
    reason = f"late: {rule.name} was due {due} and is not done"
    work.audit("duty.breached", event=event.id, duty=rule_id, n=n, owner=duty.owner, reason=reason)
    told = tuple(dict.fromkeys((duty.owner, *rule.breach_tells)))
    _tell(work, event, f"breach:{rule_id}:{n}", told, reason)


def _settle(work: Work, event: Event, duty: Duty) -> None:
    """What is done or dropped too late was breached, also if nothing ticked between its end and now."""
    if duty.due_at is not None and work.now > duty.due_at:
        breach(work, event, duty.rule, duty.n)


def _find(work: Work, event: Event, rule_id: str, n: int) -> tuple[Duty | None, DutyRule | None]:
    regime = work.regime_of(event.id)
    rule = next((rule for rule in regime.duties if rule.id == rule_id), None)
    same = [d for d in duties.of_event(work.connection, event.id) if d.rule == rule_id and d.n == n]
    return (same[0] if same else None), rule


def _drop(work: Work, duty: Duty, *, why: str) -> None:
    duties.save(work.connection, duty.id, state=DutyState.DROPPED.value, note=why)
    _silence(work, duty)
    work.audit("duty.dropped", event=duty.event, duty=duty.rule, n=duty.n, why=why)


def _silence(work: Work, duty: Duty) -> None:
    kinds = [f"warn:{duty.rule}:{duty.n}", f"breach:{duty.rule}:{duty.n}"]
    timers.cancel(work.connection, duty.event, kinds=kinds, now=work.now)


def _tell(work: Work, event: Event, purpose: str, roles: tuple[str, ...], reason: str) -> None:
    tell(work, event, Alert(event=event.id, purpose=purpose, level=event.level, reason=reason, roles=roles))


def _local(work: Work, at: datetime | None) -> str:
    return at.astimezone(work.settings.timezone).strftime("%m-%d %H:%M") if at else "-"
