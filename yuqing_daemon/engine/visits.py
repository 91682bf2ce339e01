"""From a crawl's result to posts and readings in the store."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from ..bus.messages import Lost, Result, Visit
from ..domain import Match, Post, Reading, Source
from ..errors import RequestError
from ..rules import revisit
from ..store import posts, sources
from ..store.posts import Stored
from ..store.sources import SourceRow
from ..text import story
from . import grouping, health, judging, pacing, people
from .work import Work

MISSED = 3  # visits in a row: a longer time without one is never covered up
STRIKES, STRIKE_WINDOW = 2, timedelta(hours=1)  # a source that kills workers so often is set aside
PINS = ("kind", "shapes", "validators", "bodies", "lists", "anchors", "sizes")  # what a state says of its lists


def take(work: Work, result: Result) -> None:
    """Store what a visit found and how it went; only here does a source's state advance."""
    source = work.settings.source(result.source)
    row = sources.get(work.connection, result.source, state=False)
    if source is None or row is None:
        return  # it was taken out of the configuration meanwhile
    new = absorb(work, result.posts, result.readings, baseline=row.first_read_at is None)
    _report(work, source, result, new=new)
    if result.visit is Visit.FAILED:
        _failed(work, source, row, result)
    else:
        _succeeded(work, source, row, result, new=new)
    if health.take(work, source, row, result, new=new):
        pacing.hasten(work, source, result)


def _report(work: Work, source: Source, result: Result, *, new: int) -> None:
    has_news = new or result.posts or result.readings or result.visit is Visit.FAILED
    sources.add_visit(
        work.connection,
        result.source,
        joins=None if has_news else MISSED * health.longest_wait(work, source),
        started_at=result.started_at,
        ended_at=result.ended_at,
        outcome=result.visit.value,
        error=result.error,
        links=result.links,
        pages=result.pages,
        found=len(result.posts),
        new=new,
        trouble=result.signs.trouble.value,
        node=result.node,
    )
    for page in result.unread:
        sources.add_unread(work.connection, result.source, page.url, page.error, tries=page.tries, now=work.now)


def _succeeded(work: Work, source: Source, row: SourceRow, result: Result, *, new: int) -> None:
    state = {} if result.state is None else {"state": dict(result.state)}
    sources.save(
        work.connection,
        source.id,
        **state,
        **pacing.after_reading(work, source, row, result, new=new),
        first_read_at=row.first_read_at or work.now,
        last_visit_at=work.now,
        last_read_at=work.now,
        last_new_at=work.now if new else row.last_new_at,
        failures=0,
        error=result.error,
    )


def _failed(work: Work, source: Source, row: SourceRow, result: Result) -> None:
    failures = row.failures + 1
    values: dict[str, object] = {"failures": failures, "error": result.error, "last_visit_at": work.now}
    values["due_at"] = pacing.after_failing(work, source, row, failures, result.retry_after)
    sources.save(work.connection, source.id, **values)


def lost(work: Work, lost: Lost) -> None:
    """A crawl whose worker died: the culprit gets a strike, everybody else is simply due again."""
    source, row = work.settings.source(lost.source), sources.get(work.connection, lost.source, state=False)
    if source is None or row is None:
        return
    if not lost.blamed:
        sources.save(work.connection, source.id, due_at=work.now)
        return
    sources.add_strike(work.connection, source.id, lost.reason, lost.traceback, now=work.now)
    number = sources.strikes_since(work.connection, source.id, after=work.now - STRIKE_WINDOW)
    failures = row.failures + 1
    due_at = pacing.after_failing(work, source, row, failures, None)
    values: dict[str, object] = {"failures": failures, "error": lost.reason, "due_at": due_at}
    sources.save(work.connection, source.id, **values, last_visit_at=work.now)
    if number < STRIKES:
        health.lost(work, row, lost)
    else:
        health.set_aside(work, row, lost, strikes=number)
        people.tell_operators(
            work,
            f"ops:source-set-aside:{source.id}:{work.now:%Y%m%dT%H%M%S}",
            f"source {source.id} was set aside",
            f"Its spider cost {number} workers their lives within an hour: {lost.reason}\n\n{lost.traceback}\n\n"
            f"When it is mended: yuqing sources {source.id} --resume",
        )


def repin(work: Work, id: str, *, by: str) -> None:
    """Find out again what a source is, at its next visit, which is due now; what was delivered stays known."""
    row = sources.get(work.connection, id)
    if row is None or work.settings.source(id) is None:
        raise RequestError(f"there is no source {id!r}; see: yuqing sources")
    state = {name: value for name, value in row.state.items() if name not in PINS}
    sources.save(work.connection, id, state=state, due_at=work.now)
    work.audit("source.repinned", actor=by, source=id, was=row.state.get("kind", {}))


# -- posts and readings ---------------------------------------------------------------------------


def absorb(work: Work, found: tuple[Post, ...], readings: tuple[Reading, ...], *, baseline: bool) -> int:
    """Store, match and group posts, add readings, and measure every event that was touched. Returns the new ones."""
    touched: set[int] = set()
    known_by = [(replace(post, author=_author(work, post.author)), story.title_key(post.title)) for post in found]
    stored = posts.store(work.connection, known_by, baseline=baseline, now=work.now)
    changed = [each for each in stored if each.is_changed]
    matches = _match(work, changed)
    work.reached("matched")
    for each in changed:
        joined = grouping.place(work, each, matches[each.post.id])
        touched |= joined
        work.looks.update([each.post.id] if joined else [])
    for event in sorted(touched | _read(work, readings)):
        judging.measure(work, event)
    return sum(each.is_new for each in stored)


def _read(work: Work, readings: tuple[Reading, ...]) -> set[int]:
    """Keep the readings; returns the events of the posts that were read."""
    numbers = posts.numbers(work.connection, [reading.url for reading in readings])
    known = [(numbers[reading.url], reading) for reading in readings if reading.url in numbers]
    posts.add_readings(work.connection, [(post, reading) for post, reading in known if reading.says_something])
    stirred = {post: grouping.stir(work, post) for post in dict.fromkeys(post for post, _ in known)}
    read = {post: numbers for post, numbers in stirred.items() if numbers}
    work.looks.update(read)
    _flag_falls(work, read)
    return set().union(*read.values())


def _flag_falls(work: Work, read: Mapping[int, set[int]]) -> None:
    """The first time that a counter of an event's post falls is put on record; all readings are kept as they came."""
    for post, last_two in posts.last_readings(work.connection, list(read), 2).items():
        if not revisit.has_fallen(last_two):
            continue
        readings = posts.readings(work.connection, post)
        if revisit.has_fallen(readings) and not revisit.has_fallen(readings[:-1]):
            last = readings[-1]
            said = {name: getattr(last, name) for name in ("reads", "comments", "reposts")}
            work.audit("post.counter_fell", event=min(read[post]), post=last.url, **said)


def _match(work: Work, changed: Sequence[Stored]) -> dict[int, list[Match]]:
    """Ask what is new or reads differently now for its topics, and keep the matches, by post."""
    found: dict[int, list[tuple[str, Match]]] = {}
    for each in changed:
        source = work.settings.source(each.post.source)
        post = replace(each.post, tags=source.tags) if source and source.tags else each.post
        answers = work.plugins.ask("match_post", post=post, topics=work.settings.topics)
        found[each.post.id] = [(plugin, match) for plugin, answer in answers for match in answer]  # type: ignore[attr-defined]
    posts.forget_matches(work.connection, [each.post.id for each in changed if not each.is_new])
    posts.add_matches(work.connection, found)
    return {post: [match for _, match in pairs] for post, pairs in found.items()}


def _author(work: Work, name: str) -> str:
    """A keyed hash of an author's name: enough to count voices, not to know a person."""
    return hmac.new(work.secret, name.encode(), hashlib.sha256).hexdigest()[:32] if name else ""
