"""Events are measured: totals, then level, each change with its reason (R6, R7). Only a person lowers a level."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime

from ..domain import Event, EventState, Floors, Grading, Level, Post, Reading, Regime
from ..rules import escalate, revisit
from ..rules.level import grade, tightened
from ..store import events, posts, timers
from . import alerts, duties, naming, opinions, progress, staging
from .work import Work

NO_PAGES = frozenset({"hotlist"})  # spiders whose posts have no page with counters of its own
AT_ONCE = 500  # posts in one statement; an event may have thousands


def measure(work: Work, number: int) -> None:
    """Count an event again, raise its level if a floor is reached, and alert whom the regime names.

    An event that was closed opens again when a post joins it or its level rises.
    """
    was = events.get(work.connection, number)
    assert was is not None
    total = events.heat(work.connection, number)
    if total == was.heat and was.rev > 0:
        return
    event = replace(was, heat=total, rev=was.rev + 1, updated_at=work.now)
    has_new_posts = total.posts > was.heat.posts
    named = None
    if number in work.worded or was.rev == 0:
        named = opinions.named(work, event, opinions.ask(work, event))
        event = replace(event, subject=named.subject) if named else event
        event = naming.with_key_words(work, event)
    grading = _grade(work, event, work.regime_of(number))
    if named is not None:
        why = f"its words name it ({named.reason}): provisional, until a person confirms"
        grading = replace(grading, reason=f"{grading.reason}; {why}")
    if event.overruled_level is None or grading.level > event.overruled_level:
        event = replace(event, level=max(event.level, grading.level))
    event = _stirred(was, event, has_new_posts=has_new_posts)
    events.save(work.connection, event)
    if has_new_posts or event.level > was.level:  # every single reading is kept too, but not as an entry
        work.audit("event.measured", event=number, heat=asdict(total), level=event.level.name, reason=grading.reason)
    has_moved = was.rev == 0 or event.level > was.level or event.state is not was.state
    if has_moved:
        duties.review(work, event)  # first, for what is owed by when is part of what people are told
    if event.state.is_live:
        watch_for_the_end(work, event)
        _announce(work, was, event, grading.reason)
        if was.rev == 0 or not was.state.is_live:
            staging.watch(work, event)
    if has_moved and not event.is_new:  # another floor is the next, or it is watched again
        work.looks.update(events.posts_of(work.connection, number))


def look_at_stage(work: Work, event: Event) -> None:
    """Look at the stage; an event that spreads or does not subside is handled as major (R14).

    Its level stays what the floors say; whom the higher level tells is told, and its duties begin.
    """
    demanded = staging.look(work, event)
    now = events.get(work.connection, event.id)
    assert now is not None
    if demanded is None or demanded.level <= now.handled_level or now.overruled_level is not None:
        return
    now = replace(now, handled_as=demanded.level, rev=now.rev + 1)
    events.save(work.connection, now)
    work.audit("event.handled_as", event=now.id, level=demanded.level.name, reason=demanded.reason)
    duties.review(work, now)
    alerts.spread_the_word(work, now, demanded)


def watch_for_the_end(work: Work, event: Event) -> None:
    """From now on it counts how long nothing new comes."""
    regime = work.regime_of(event.id)
    timer = "over", event.rev, escalate.over_at(event, regime)
    (timers.start if event.is_new else timers.move)(work.connection, event.id, timer)


def _stirred(was: Event, event: Event, *, has_new_posts: bool) -> Event:
    """An event that had come to rest is taken up again when a post joins it or its level rises.

    One that a person dismissed only when its level rises: more of the same was judged already.
    """
    rises = event.level > was.level
    rested = was.state in (EventState.OVER, EventState.SUMMARISED, EventState.CLOSED)
    if rested and (has_new_posts or rises):
        state = EventState.HANDLING if was.department else EventState.FOUND
    elif was.state is EventState.DISMISSED and rises:
        state = EventState.FOUND
    else:
        return event
    return replace(event, state=state, over_at=None, closed_at=None, acknowledged_level=None)


def _announce(work: Work, was: Event, event: Event, reason: str) -> None:
    if was.rev == 0:
        alerts.announce(work, event, "found", reason=reason)
    elif event.level > was.level:
        work.audit("event.raised", event=event.id, level=event.level.name, was=was.level.name, reason=reason)
        alerts.announce(work, event, f"raise:{event.level.name.lower()}:{event.rev}", reason=reason)
    elif not was.state.is_live:
        work.audit("event.reopened", event=event.id, reason=reason)
        alerts.announce(work, event, f"reopened:{event.rev}", reason=reason)
    elif event.heat.posts > was.heat.posts:
        progress.note_news(work, event)


def graded(work: Work, event: Event, regime: Regime) -> Grading:
    """What the floors say that are in force now, in a special period the lower ones (R9)."""
    period = work.settings.special_period(work.now)
    usual = grade(event.heat, regime, subject=event.subject)
    special = grade(event.heat, tightened(regime), subject=event.subject) if period else usual
    if period is None or special.level <= usual.level:
        return usual
    return replace(special, reason=f"{special.reason}, in the special period {period.name}")


def _grade(work: Work, event: Event, regime: Regime) -> Grading:
    """The highest of what the regime's floors and the plugins demand."""
    found = [graded(work, event, regime)]
    for plugin, level in work.plugins.ask("escalate_event", event=event, heat=event.heat):
        if isinstance(level, Level):
            found.append(Grading(level=level, reason=f"plugin {plugin}"))
    return max(found, key=lambda grading: grading.level)


def plan_looks(work: Work) -> None:
    """Say when the counters of open events' posts are due again: soon while they are young or near a floor (R2)."""
    numbers = sorted(work.looks)
    for start in range(0, len(numbers), AT_ONCE):
        some = numbers[start : start + AT_ONCE]
        watching: dict[int, list[Event]] = {}
        for post, event in events.watching(work.connection, some):
            watching.setdefault(post, []).append(event)
        history = posts.last_readings(work.connection, list(watching), 2)
        members = posts.get(work.connection, some, texts=False)
        looks = {post.id: _look_at(work, post, watching.get(post.id, ()), history.get(post.id, ())) for post in members}
        posts.watch(work.connection, looks)


def _look_at(work: Work, post: Post, watching: Sequence[Event], history: Sequence[Reading]) -> datetime | None:
    source = work.settings.source(post.source)
    if not watching or source is None or source.spider in NO_PAGES:
        return None
    born_at = min(post.published_at or post.fetched_at, work.now)
    before, last = [None, None, *history][-2:]
    waits = []
    for event in watching:
        floors = _next_floors(work.regime_of(event.id), event.level)
        if floors is not None and last is not None:
            waits.append(revisit.time_to_floor(event.heat, floors, last, before=before, born_at=born_at))
    return revisit.next_look(
        born_at=born_at,
        now=work.now,
        at_least=work.settings.crawl.revisit_at_least,
        until_floor=min((wait for wait in waits if wait is not None), default=None),
        grave=any(event.handled_level >= Level.MAJOR for event in watching),
    )


def _next_floors(regime: Regime, level: Level) -> Floors | None:
    return regime.rule(Level(level + 1)).floors if level < max(Level) else None
