"""What people do about an event (R8): each act idempotent, with a reason where the regime wants one, on record."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from typing import Any

from ..domain import Act, Alert, DutyState, Event, EventState, Judgement, Kind, Level
from ..errors import RequestError
from ..extract.urls import canonical_url
from ..rules import duties as rules
from ..rules import route
from ..store import duties, events, folding, gists, posts, timers
from ..text import story
from . import adopting, alerts, corrections, issuing, judging, learning, reviewing, rewording
from . import duties as owed
from .people import acknowledge, find
from .telling import tell_person
from .work import Work

Data = Mapping[str, Any]
ONCE = (Act.CONFIRM, Act.DISMISS, Act.MERGE, Act.SUMMARISE, Act.CLOSE, Act.HAND_OVER)


def act(work: Work, code: str, what: Act, *, by: str, reason: str = "", data: Data | None = None) -> Event:
    """Do something about an event. A second, equal act changes nothing.

    ``data`` holds what the act needs: ``level``, ``kind``, ``sentiment``, ``title``, ``subject`` (confirm, correct),
    ``into`` (merge), ``posts`` (split), ``to`` (hand over), ``duty`` (do), and anything else that belongs on record.

    Raises:
        RequestError: it cannot be done, or wants a reason; the text says what would do.
    """
    event = find(work, code)
    if what is Act.ACKNOWLEDGE:
        return acknowledge(work, code, by=by, how=str((data or {}).get("how", "command line")))
    given = dict(data or {})
    regime = work.regime_of(event.id)
    if what in regime.wants_reason and not reason.strip():
        raise RequestError(f"{what} wants a reason: --reason '...'")
    if _is_done(work, event, what, by, reason, given):
        return event
    after = _HANDLERS.get(what, _only_record)(work, event, by, reason, given)
    _keep(work, event, after, what, by, reason, given)
    corrections.tell(work, event, after, by=by, reason=reason)
    return after


def _is_done(work: Work, event: Event, what: Act, by: str, reason: str, given: Data) -> bool:
    """Whether the very same was done before, and nothing of the kind since."""
    if what is Act.ADOPT:
        return adopting.is_adopted(work, event)
    before = duties.judgements(work.connection, event.id)
    same = [each for each in before if each.act is what]
    if not same or _is_wanted(work, event, what, given):
        return False
    last = same[-1]
    asked = {name: value for name, value in last.data.items() if name in given}
    if what in ONCE:
        return before[-1].act not in (Act.REOPEN, Act.CORRECT) and asked == given
    return (last.by, last.reason, asked) == (by, reason, dict(given)) and last is before[-1]


def _is_wanted(work: Work, event: Event, what: Act, given: Data) -> bool:
    """Whether the event has come to where the act is asked for, or asked for anew: then it is no repetition."""
    before = {Act.CONFIRM: EventState.FOUND, Act.SUMMARISE: EventState.OVER}
    after = {Act.DISMISS: EventState.DISMISSED, Act.MERGE: EventState.MERGED, Act.CLOSE: EventState.CLOSED}
    if event.state is before.get(what) or event.state is not after.get(what, event.state):
        return True
    owed_now = duties.of_event(work.connection, event.id, state=DutyState.OPEN)
    regime = work.regime_of(event.id)
    named, report = str(given.get("duty", "")), _kind_of_report(what, given)
    return bool(rules.fulfilled(regime, owed_now, what, named=named, report=report))


def _kind_of_report(what: Act, given: Data) -> str:
    """Which report was made: one of which nobody says it is a first one."""
    return str(given.get("kind", "first")) if what is Act.REPORT else ""


def _keep(work: Work, before: Event, after: Event, what: Act, by: str, reason: str, given: dict[str, Any]) -> None:
    """The judgement row, the audit entry, and what the act means for the duties."""
    regime = work.regime_of(before.id)
    given["heat"] = asdict(before.heat)
    given["graded"] = judging.graded(work, before, regime).level.name.lower()
    given["was"] = {"state": before.state.value, "level": before.level.name.lower(), "kind": before.kind}
    judgement = Judgement(event=before.id, act=what, by=by, at=work.now, reason=reason, data=given)
    duties.add_judgement(work.connection, judgement)
    learning.learn(work, before, what, by, given)
    work.audit(f"judged.{what}", event=before.id, actor=by, reason=reason, **given)
    named, report = str(given.get("duty", "")), _kind_of_report(what, given)
    done = owed.fulfil(work, after, what, by=by, named=named, report=report, note=reason)
    if what is Act.DO and not done:
        raise RequestError(
            f"{after.code} owes no duty {given.get('duty', '')!r} that is simply done; see: event {after.code}"
        )
    owed.review(work, after)
    if what is Act.CLOSE:
        reviewing.review(work, after)


# -- one act each ---------------------------------------------------------------------------------


def _only_record(work: Work, event: Event, by: str, reason: str, given: Data) -> Event:
    return event


def _confirm(work: Work, event: Event, by: str, reason: str, given: Data) -> Event:
    _must_be_live(event, "confirm")
    state = EventState.CONFIRMED if event.state is EventState.FOUND else event.state
    return _corrected(work, replace(event, state=state), by, reason, given)


def _correct(work: Work, event: Event, by: str, reason: str, given: Data) -> Event:
    if not given.keys() & {"level", "kind", "title", "subject", "sentiment"}:
        raise RequestError("correct what? --level, --kind, --title or --subject")
    return _corrected(work, event, by, reason, given)


def _corrected(work: Work, event: Event, by: str, reason: str, given: Data) -> Event:
    changed = event
    learning.check(given)
    if "kind" in given:
        changed = replace(changed, kind=_kind(str(given["kind"])))
    if given.get("title"):
        changed = replace(changed, title=str(given["title"]))
    if "subject" in given:
        changed = replace(changed, subject=str(given["subject"]))
    if "level" in given:
        is_other = changed.subject != event.subject
        return _levelled(work, changed, _level(str(given["level"])), by, reason, is_other=is_other)
    events.save(work.connection, changed)
    return changed


def _kind(name: str) -> Kind:
    if name not in list(Kind):
        raise RequestError(f"there is no kind {name!r}; want {', '.join(Kind)}")
    return Kind(name)


def _level(name: str) -> Level:
    if name.upper() not in Level.__members__:
        raise RequestError(f"there is no level {name!r}; want {', '.join(level.name.lower() for level in Level)}")
    return Level[name.upper()]


def _levelled(work: Work, event: Event, level: Level, by: str, reason: str, *, is_other: bool) -> Event:
    """Give an event a level; ``is_other``: it is not what it was taken for, so only its figures are overruled."""
    _must_be_live(event, "change the level of")
    if why_not := rules.may_lower(event, level, reason):
        raise RequestError(f"{why_not}: --reason '...'")
    if level < event.level:
        graded = judging.graded(work, event, work.regime_of(event.id))
        overruled = graded.level if is_other else max(graded.level, event.level)
        event = replace(event, level=level, overruled_level=overruled if overruled > level else None)
        timers.cancel(work.connection, event.id, kinds=["step:", "repeat:"], now=work.now)
        folding.cancel(work.connection, event.id, purposes=["step:", "repeat:"], detail=f"lowered by {by}")
        events.save(work.connection, event)
    elif level > event.level:
        event = replace(event, level=level, rev=event.rev + 1)
        events.save(work.connection, event)
        owed.review(work, event)  # first, for what is owed by when is part of what people are told
        alerts.announce(work, event, f"raise:{level.name.lower()}:{event.rev}", reason=f"judged so by {by}: {reason}")
    else:
        events.save(work.connection, event)
    return event


def _dismiss(work: Work, event: Event, by: str, reason: str, given: Data) -> Event:
    _must_not_be_merged(event)
    return _rest(work, replace(event, state=EventState.DISMISSED), detail=f"dismissed by {by}")


def _merge(work: Work, event: Event, by: str, reason: str, given: Data) -> Event:
    into = find(work, str(given.get("into", "")))
    _must_not_be_merged(event)
    if into.id == event.id or into.state is EventState.MERGED or into.topic != event.topic:
        raise RequestError(
            f"{event.code} cannot be merged into {into.code}: want another event of the topic {event.topic}"
        )
    moved = events.move_posts(work.connection, event.id, into.id, reason=f"merged by {by}: {reason}", now=work.now)
    gists.forget(work.connection, [event.id])
    rewording.learn_anew(work, into.id, into.topic)
    merged = _rest(
        work, replace(event, state=EventState.MERGED, merged_into=into.id), detail=f"merged into {into.code}"
    )
    work.audit("event.took_in", event=into.id, actor=by, event_taken=event.code, posts=moved)
    judging.measure(work, into.id)
    return merged


def _split(work: Work, event: Event, by: str, reason: str, given: Data) -> Event:
    urls = [canonical_url(str(url)) for url in given.get("posts", ())]
    members = {post.url: post for post in posts.of_event(work.connection, event.id)}
    leaving = [members[url] for url in urls if url in members]
    if not leaving or len(leaving) == len(members):
        raise RequestError(f"want some, and not all, of the posts of {event.code}; see: event {event.code}")
    part = replace(
        event, id=0, title=story.event_title(leaving[0]), key_words="", level=Level.GENERAL, rev=0,
        state=EventState.FOUND, acknowledged_level=None, acknowledged_by="", acknowledged_at=None, found_at=work.now,
        updated_at=work.now, over_at=None, closed_at=None, stage="", stage_reason="", department="",
        overruled_level=None,
    )  # fmt: skip
    number = work.open_event(part)
    events.move_posts(
        work.connection, event.id, number, only=[post.id for post in leaving], reason=f"split by {by}", now=work.now
    )
    for each in (event.id, number):
        rewording.learn_anew(work, each, event.topic)
    work.audit("event.opened", event=number, actor=by, reason=f"split from {event.code}: {reason}", topic=event.topic)
    judging.measure(work, number)
    judging.measure(work, event.id)
    return find(work, event.code)


def _hand_over(work: Work, event: Event, by: str, reason: str, given: Data) -> Event:
    _must_be_live(event, "hand over")
    to = work.settings.recipient(str(given.get("to", "")))
    if to is None:
        raise RequestError(f"hand over to whom? --to PERSON, one of people.toml; {given.get('to')!r} is none")
    if not route.addresses(to, event.level):
        level = event.level.name.lower()
        raise RequestError(f"{to.id} has no channel for what is {level}, and would not hear of it: see people.toml")
    handed = replace(event, state=EventState.HANDLING, department=to.id)
    events.save(work.connection, handed)
    purpose = f"handed:{to.id}:{event.rev}:{work.now:%Y%m%dT%H%M%S}"
    text = f"handed to you by {by}" + (f": {reason}" if reason else "")
    tell_person(work, handed, Alert(event=event.id, purpose=purpose, level=event.level, reason=text, roles=()), to)
    return handed


def _summarise(work: Work, event: Event, by: str, reason: str, given: Data) -> Event:
    if event.state is not EventState.OVER:
        return event  # a summary of an event that still goes on is on record, and another is due when it is over
    summarised = replace(event, state=EventState.SUMMARISED)
    events.save(work.connection, summarised)
    return summarised


def _close(work: Work, event: Event, by: str, reason: str, given: Data) -> Event:
    _must_not_be_merged(event)
    open_duties = [d.rule for d in duties.of_event(work.connection, event.id) if d.state.value == "open"]
    if (event.state.is_live or open_duties) and not reason.strip():
        still = f"still owed: {', '.join(open_duties)}" if open_duties else "it is not over yet"
        raise RequestError(f"closing {event.code} wants a reason, {still}: --reason '...'")
    return _rest(work, replace(event, state=EventState.CLOSED, closed_at=work.now), detail=f"closed by {by}")


def _reopen(work: Work, event: Event, by: str, reason: str, given: Data) -> Event:
    if event.state.is_live:
        return event
    state = EventState.HANDLING if event.department else EventState.FOUND
    opened = replace(event, state=state, over_at=None, closed_at=None, merged_into=None, rev=event.rev + 1)
    opened = replace(opened, acknowledged_level=None, updated_at=work.now)
    events.save(work.connection, opened)
    judging.watch_for_the_end(work, opened)
    owed.review(work, opened)
    alerts.announce(work, opened, f"reopened:{opened.rev}", reason=f"reopened by {by}: {reason}")
    return opened


def _rest(work: Work, event: Event, *, detail: str) -> Event:
    """The event comes to rest: nothing is due, nobody is reminded, its posts are not looked at."""
    events.save(work.connection, event)
    timers.cancel(work.connection, event.id, now=work.now)
    folding.cancel(work.connection, event.id, purposes=["step:", "repeat:"], detail=detail)
    posts.unwatch(work.connection, event.id)
    return event


def _must_be_live(event: Event, what: str) -> None:
    if not event.state.is_live:
        raise RequestError(f"{event.code} is {event.state}: reopen it first to {what} it")


def _must_not_be_merged(event: Event) -> None:
    if event.state is EventState.MERGED:
        raise RequestError(f"{event.code} is part of E{event.merged_into} now: see: event E{event.merged_into}")


_HANDLERS: dict[Act, Callable[[Work, Event, str, str, dict[str, Any]], Event]] = {
    Act.CONFIRM: _confirm,
    Act.CORRECT: _correct,
    Act.DISMISS: _dismiss,
    Act.MERGE: _merge,
    Act.SPLIT: _split,
    Act.HAND_OVER: _hand_over,
    Act.REPORT: issuing.report,
    Act.SUMMARISE: _summarise,
    Act.CLOSE: _close,
    Act.REOPEN: _reopen,
    Act.ADOPT: adopting.adopt,
}
