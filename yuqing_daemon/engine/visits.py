"""From a crawl's result to posts and readings in the store."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import replace
from datetime import timedelta

from ..bus.messages import Lost, Result, Visit
from ..domain import Match, Post, Reading, Source
from ..errors import RequestError
from ..rules import revisit
from ..store import posts, sources
from ..store.sources import SourceRow
from ..text import story
from . import grouping, judging, pacing, people
from .work import Work

FAILING_AFTER = 3  # visits in a row
STRIKES, STRIKE_WINDOW = 2, timedelta(hours=1)  # a source that kills workers so often is set aside
PINS = ("kind", "shapes", "validators", "bodies", "lists", "anchors", "sizes")  # what a state says of its lists


def take(work: Work, result: Result) -> None:
    """Store what a visit found and how it went; only here does a source's state advance."""
    source = work.settings.source(result.source)
    row = sources.get(work.connection, result.source)
    if source is None or row is None:
        return  # it was taken out of the configuration meanwhile
    new = absorb(work, result.posts, result.readings, baseline=row.first_read_at is None)
    _report(work, result, new=new)
    if result.visit is Visit.FAILED:
        _failed(work, source, row, result)
    else:
        _succeeded(work, source, row, result, new=new)


def _report(work: Work, result: Result, *, new: int) -> None:
    sources.add_visit(
        work.connection,
        result.source,
        started_at=result.started_at,
        ended_at=result.ended_at,
        outcome=result.visit.value,
        error=result.error,
        links=result.links,
        pages=result.pages,
        found=len(result.posts),
        new=new,
    )
    for page in result.unread:
        sources.add_unread(work.connection, result.source, page.url, page.error, tries=page.tries, now=work.now)


def _succeeded(work: Work, source: Source, row: SourceRow, result: Result, *, new: int) -> None:
    if row.status not in (sources.OK, sources.WAITING):
        work.audit("source.ok", source=source.id, after=row.status, since=row.since.isoformat())
    state = {} if result.state is None else {"state": dict(result.state)}
    sources.save(
        work.connection,
        source.id,
        **state,
        **pacing.after_reading(work, source, row, result, new=new),
        status=sources.OK,
        since=row.since if row.status == sources.OK else work.now,
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
    values["due_at"] = pacing.after_failing(work, source, failures, result.retry_after)
    if failures == FAILING_AFTER:
        values |= {"status": sources.FAILING, "since": work.now}
        work.audit("source.failing", source=source.id, error=result.error)
        people.tell_operators(
            work,
            f"ops:source-failing:{source.id}:{work.now:%Y%m%dT%H%M%S}",
            f"source {source.id} cannot be read",
            f"{failures} visits in a row failed, the last with: {result.error}\nSee: yuqing sources {source.id}",
        )
    sources.save(work.connection, source.id, **values)


def lost(work: Work, lost: Lost) -> None:
    """A crawl whose worker died: the culprit gets a strike, everybody else is simply due again."""
    source, row = work.settings.source(lost.source), sources.get(work.connection, lost.source)
    if source is None or row is None:
        return
    if not lost.blamed:
        sources.save(work.connection, source.id, due_at=work.now)
        return
    sources.add_strike(work.connection, source.id, lost.reason, lost.traceback, now=work.now)
    number = sources.strikes_since(work.connection, source.id, after=work.now - STRIKE_WINDOW)
    failures = row.failures + 1
    due_at = pacing.after_failing(work, source, failures, None)
    values: dict[str, object] = {"failures": failures, "error": lost.reason, "due_at": due_at}
    if number >= STRIKES:
        values |= {"status": sources.SET_ASIDE, "since": work.now}
        work.audit("source.set_aside", source=source.id, reason=lost.reason, strikes=number)
        people.tell_operators(
            work,
            f"ops:source-set-aside:{source.id}:{work.now:%Y%m%dT%H%M%S}",
            f"source {source.id} was set aside",
            f"Its spider cost {number} workers their lives within an hour: {lost.reason}\n\n{lost.traceback}\n\n"
            f"When it is mended: yuqing sources {source.id} --resume",
        )
    sources.save(work.connection, source.id, **values, last_visit_at=work.now)


def resume(work: Work, id: str, *, by: str) -> None:
    """Visit a source again that was set aside."""
    row = sources.get(work.connection, id)
    if row is None or work.settings.source(id) is None:
        raise RequestError(f"there is no source {id!r}; see: yuqing sources")
    sources.save(work.connection, id, status=sources.WAITING, since=work.now, due_at=work.now, failures=0, error="")
    work.audit("source.resumed", actor=by, source=id, was=row.status)


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
    news = 0
    for post in found:
        stored = posts.store(
            work.connection,
            replace(post, author=_author(work, post.author)),
            title_key=story.title_key(post.title),
            baseline=baseline,
            now=work.now,
        )
        news += stored.is_new
        if stored.is_changed:
            if not stored.is_new:
                posts.forget_matches(work.connection, stored.post.id)
            matches = _match(work, stored.post)
            joined = grouping.place(work, stored, {match.topic for _, match in matches})
            touched |= joined
            work.looks.update([stored.post.id] if joined else [])
    for event in sorted(touched | _read(work, readings)):
        judging.measure(work, event)
    return news


def _read(work: Work, readings: tuple[Reading, ...]) -> set[int]:
    """Keep the readings; returns the events of the posts that were read."""
    numbers = posts.numbers(work.connection, [reading.url for reading in readings])
    known = [(numbers[reading.url], reading) for reading in readings if reading.url in numbers]
    posts.add_readings(work.connection, [(post, reading) for post, reading in known if reading.says_something])
    touched: set[int] = set()
    for post in dict.fromkeys(post for post, _ in known):
        stirred = grouping.stir(work, post)
        touched |= stirred
        if stirred:
            work.looks.add(post)
            _flag_a_fall(work, post, stirred)
    return touched


def _flag_a_fall(work: Work, post: int, numbers: set[int]) -> None:
    """The first time that a counter of an event's post falls is put on record; all readings are kept as they came."""
    if not revisit.has_fallen(posts.last_readings(work.connection, [post], 2).get(post, [])):
        return
    readings = posts.readings(work.connection, post)
    if revisit.has_fallen(readings) and not revisit.has_fallen(readings[:-1]):
        last = readings[-1]
        said = {name: getattr(last, name) for name in ("reads", "comments", "reposts")}
        work.audit("post.counter_fell", event=min(numbers), post=last.url, **said)


def _match(work: Work, post: Post) -> list[tuple[str, Match]]:
    answers = work.plugins.ask("match_post", post=post, topics=work.settings.topics)
    found = [(plugin, match) for plugin, answer in answers for match in answer]  # type: ignore[attr-defined]
    posts.add_matches(work.connection, post.id, found)
    return found


def _author(work: Work, name: str) -> str:
    """A keyed hash of an author's name: enough to count voices, not to know a person."""
    return hmac.new(work.secret, name.encode(), hashlib.sha256).hexdigest()[:32] if name else ""
