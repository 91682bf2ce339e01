"""Which duties an event brings about, and which of them an act fulfils or makes void (R11-R13, R15-R24)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from ..domain import Act, Duty, DutyRule, DutyState, Event, EventState, Judgement, Level, Regime

BULLETIN = "bulletin"  # the kind of report that has numbers, and counts as no other
JUDGING = frozenset({Act.CONFIRM, Act.DISMISS, Act.MERGE, Act.HAND_OVER})  # an event no longer waits after these
GONE = (EventState.DISMISSED, EventState.MERGED, EventState.CLOSED)


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
    """The duties that begin now: what starts them has happened, and they are neither owed nor fulfilled.

    A rule ``on = "level"`` begins at the instant at which the level is reached, which is ``now``; so does a duty that
    was dropped and is owed after all, because the event was taken up again or corrected back. What follows an
    event's end, a hand-over or another duty is owed after each of these, once the one before was fulfilled; and an
    event that waits for judgement again, because it stirred after its end, is judged again.
    """
    begun = []
    for rule in regime.duties:
        if not _fits(rule, event):
            continue
        last = latest(rule, duties)
        since = _since(rule, event, happened, last, now)
        if since is not None:
            begun.append(Begun(rule=rule, since=since, n=last.n + 1 if last else 1))
    return begun


def latest(rule: DutyRule, duties: Iterable[Duty]) -> Duty | None:
    """The last duty that a rule began."""
    return max((duty for duty in duties if duty.rule == rule.id), key=lambda duty: duty.n, default=None)


def _since(
    rule: DutyRule, event: Event, happened: Mapping[str, datetime], last: Duty | None, now: datetime
) -> datetime | None:
    started_at = now if rule.on == "level" else happened.get(rule.on)
    if last is None:
        return started_at
    if last.state is DutyState.DROPPED:
        return now if started_at is not None else None
    again_at = comes_again_at(rule, event, last)
    if again_at is not None and again_at <= now:
        return max(again_at, event.updated_at)  # not since a time in which the event was at rest
    if last.state is not DutyState.DONE:
        return None
    if rule.on == "over":
        return started_at if started_at != last.started_at else None
    if rule.on == "found":
        return now if event.state is EventState.FOUND and JUDGING.issuperset(rule.done_by) else None
    follows = rule.on == "handed_over" or rule.on.startswith("done:")
    is_again = follows and started_at is not None and last.done_at is not None and started_at > last.done_at
    return started_at if is_again else None


def comes_again_at(rule: DutyRule, event: Event, last: Duty) -> datetime | None:
    """When a duty that was fulfilled is owed anew; ``None``: never, or it is still owed."""
    if rule.every is None or not event.state.is_live or last.done_at is None or last.state is not DutyState.DONE:
        return None
    return last.done_at + rule.every


def _fits(rule: DutyRule, event: Event) -> bool:
    """Nothing is asked of an event that is dismissed or part of another; what follows its end, only then."""
    if event.handled_level < rule.from_level or (rule.kinds and event.kind not in rule.kinds) or event.state in GONE:
        return False
    return event.state.is_live or rule.on == "over" or (rule.on.startswith("done:") and rule.every is None)


def fulfilled(regime: Regime, duties: Iterable[Duty], act: Act, *, named: str = "", report: str = "") -> list[Duty]:
    """The open duties that an act fulfils; with ``named`` only that one, and a plain ``do`` always names it.

    ``report`` is the kind of report that was made: a bulletin is no first report, and a first report no bulletin.
    """
    rules = {rule.id: rule for rule in regime.duties}
    done = []
    for duty in duties:
        rule = rules.get(duty.rule)
        if duty.state is not DutyState.OPEN or rule is None or act not in rule.done_by:
            continue
        fits = act is not Act.DO and (
            act is not Act.REPORT or report == rule.report or not (rule.report or report == BULLETIN)
        )
        if named == duty.rule or (not named and fits):
            done.append(duty)
    return done


def void(event: Event, regime: Regime, duties: Iterable[Duty]) -> list[Duty]:
    """The open duties that nobody owes any more.

    The event is dismissed, closed or merged, or of another kind, or a person lowered it; a duty that comes again
    ends with the event, and what follows an event's end ends when the event goes on.
    """
    rules = {rule.id: rule for rule in regime.duties}
    return [
        duty
        for duty in duties
        if duty.state is DutyState.OPEN
        and (
            event.state in GONE
            or (rule := rules.get(duty.rule)) is None
            or (rule.kinds and event.kind is not None and event.kind not in rule.kinds)
            or event.handled_level < rule.from_level
            or (rule.every is not None and not event.state.is_live)
            or (rule.on == "over" and event.state.is_live)
        )
    ]


def may_lower(event: Event, level: Level, reason: str) -> str:
    """Why a person may not give an event a lower level, or nothing: it always takes a reason (R8)."""
    return "a lower level wants a reason" if level < event.level and not reason.strip() else ""
