"""An open event is put under the regime that is in force now: by a person, by name, on record."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ..domain import DutyState, Event, Regime
from ..rules import escalate
from ..store import duties, events, timers
from . import alerts, corrections, judging, staging
from . import duties as owed
from .work import Work


def is_adopted(work: Work, event: Event) -> bool:
    """Whether an event lives under the regime that is in force."""
    return work.regime_of(event.id).version == work.settings.regime.version


def adopt(work: Work, event: Event, by: str, reason: str, given: dict[str, Any]) -> Event:
    """What the act ``adopt`` brings about.

    Its clocks run as the new regime says, its level rises if a floor is reached now and never falls, and whom the
    new regime tells is told, unless somebody has acknowledged. What was breached stays breached.
    """
    was, regime = work.regime_of(event.id), work.settings.regime
    work.put_under(event.id, regime)
    given |= {"regime": {"was": f"{was.id} {was.version}", "now": f"{regime.id} {regime.version}"}}
    if not event.state.is_live:
        return event
    grading = judging.graded(work, event, regime)
    is_overruled = event.overruled_level is not None and grading.level <= event.overruled_level
    level = event.level if is_overruled else max(event.level, grading.level)
    adopted = replace(event, level=level, rev=event.rev + 1)
    events.save(work.connection, adopted)
    _set_clocks(work, adopted, was, regime)
    staging.watch(work, adopted)
    judging.watch_for_the_end(work, adopted)
    timers.cancel(work.connection, event.id, kinds=["step:", "repeat:"], now=work.now)
    gone = escalate.roles_named(was, level) - escalate.roles_named(regime, level)
    told = corrections.people_told(work, event.id)
    because = f"{by} put it under {regime.name}"
    corrections.relieve(work, adopted, lambda _, role: role in gone, told, reason=because, by=by)
    owed.review(work, adopted)
    if not adopted.is_acknowledged:
        said = f"{by} put it under {regime.name}" + (f": {reason}" if reason else "")
        alerts.announce(work, adopted, f"adopted:{adopted.rev}", reason=f"{grading.reason}; {said}")
    return adopted


def _set_clocks(work: Work, event: Event, was: Regime, regime: Regime) -> None:
    """What is owed under a rule that has changed is due as the new one says, unless it is late already."""
    before, now = ({rule.id: rule for rule in each.duties} for each in (was, regime))
    for duty in duties.of_event(work.connection, event.id, state=DutyState.OPEN):
        rule = now.get(duty.rule)
        if rule is not None and rule != before.get(duty.rule) and duty.breached_at is None:
            owed.set_clock(work, event, duty, rule, regime)
