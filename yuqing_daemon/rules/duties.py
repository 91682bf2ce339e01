"""Which duties an event brings about, and which of them an act fulfils or makes void (R11-R13, R15-R24)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ..domain import Act, Duty, DutyRule, DutyState, Event, EventState, Judgement, Level, Regime


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """A duty that begins: its rule, and since when its clock runs."""

    rule: DutyRule
    since: datetime
    n: int = 1


def signals(event: Event, judgements: Iterable[Judgement], duties: Iterable[Duty]) -> dict[str, datetime]:
    """What has happened to an event that can start a duty, each with its instant."""
    found = {"found": event.found_at}
    for judgement in judgements:
        if judgement.act is Act.CONFIRM:
            found.setdefault("confirmed", judgement.at)
        if judgement.act is Act.HAND_OVER:
            found["handed_over"] = judgement.at
    if event.over_at is not None:
        found["over"] = event.over_at
    for duty in duties:
        if duty.done_at is not None:
            found[f"done:{duty.rule}"] = duty.done_at
    return found


def beginning(
    event: Event, regime: Regime, happened: Mapping[str, datetime], duties: Collection[Duty], *, now: datetime
) -> list[Begun]:
    """The duties that begin now: what starts them has happened, and they were not started before.

    A rule ``on = "level"`` begins at the instant at which the level is reached, which is ``now``.
    """
    begun = []
    for rule in regime.duties:
        if event.level < rule.from_level or (rule.kinds and event.kind not in rule.kinds):
            continue
        same = [duty for duty in duties if duty.rule == rule.id]
        if not same:
            since = now if rule.on == "level" else happened.get(rule.on)
            if since is not None and _fits(rule, event):
                begun.append(Begun(rule=rule, since=since))
        elif (again_at := comes_again_at(rule, event, same)) is not None and again_at <= now:
            begun.append(Begun(rule=rule, since=again_at, n=len(same) + 1))
    return begun


def comes_again_at(rule: DutyRule, event: Event, same: Sequence[Duty]) -> datetime | None:
    """When a duty that was fulfilled is owed anew; ``None``: never, or it is still owed."""
    if rule.every is None or not event.state.is_live or not same:
        return None
    done_at = same[-1].done_at
    return done_at + rule.every if done_at is not None and same[-1].state is DutyState.DONE else None


def _fits(rule: DutyRule, event: Event) -> bool:
    """Nothing new is asked of an event that is dismissed or part of another; what follows its end, only then."""
    if event.state in (EventState.DISMISSED, EventState.MERGED, EventState.CLOSED):
        return False
    return event.state.is_live or rule.on == "over" or rule.on.startswith("done:")


def fulfilled(regime: Regime, duties: Iterable[Duty], act: Act, *, named: str = "") -> list[Duty]:
    """The open duties that an act fulfils; with ``named`` only that one, and a plain ``do`` always names it."""
    rules = {rule.id: rule for rule in regime.duties}
    done = []
    for duty in duties:
        rule = rules.get(duty.rule)
        if duty.state is not DutyState.OPEN or rule is None or act not in rule.done_by:
            continue
        if named == duty.rule or (not named and act is not Act.DO):
            done.append(duty)
    return done


def void(event: Event, regime: Regime, duties: Iterable[Duty]) -> list[Duty]:
    """The open duties that nobody owes any more: of an event dismissed or merged, of another kind, or over."""
    rules = {rule.id: rule for rule in regime.duties}
    gone = event.state in (EventState.DISMISSED, EventState.MERGED, EventState.CLOSED)
    return [
        duty
        for duty in duties
        if duty.state is DutyState.OPEN
        and (
            gone
            or (rule := rules.get(duty.rule)) is None
            or (rule.kinds and event.kind is not None and event.kind not in rule.kinds)
            or (rule.every is not None and not event.state.is_live)
        )
    ]


def may_lower(event: Event, level: Level, reason: str) -> str:
    """Why a person may not give an event a lower level, or nothing: it always takes a reason (R8)."""
    return "a lower level wants a reason" if level < event.level and not reason.strip() else ""
