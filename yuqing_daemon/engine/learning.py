"""A person's judgement teaches the organisation's own weights, on the spot; taken back, it leaves them as they were.

What is learned may lift and sort; it never hides. What looks as if it would be dismissed goes to the end of the
queue, and one in fifty of it is asked about all the same: that tells what is missed (R26).
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..domain import Act, Event, EventState, Kind, Opinion, Post
from ..errors import RequestError
from ..rules.asking import LOW
from ..store import events, posts, weights
from ..store.opinions import LEARNED
from ..text import lessons, relevance
from ..text.lessons import Parts
from ..text.linear import logistic
from ..text.opinion import SURE, find_sentiment
from .people import find
from .work import Work

LEAST = 10  # lessons on a topic, of both answers, from which its relevance is told
SHOWN_OF = 50  # one in so many of those is asked about like any other
SENTIMENTS = ("pos", "neg")


def learn(work: Work, event: Event, what: Act, by: str, given: Mapping[str, Any]) -> None:
    """Learn from an act on an event as it was before it."""
    if what is Act.REOPEN and event.state is EventState.DISMISSED:
        last = weights.standing(work.connection, lessons.RELEVANCE + event.topic, event=event.id)[-1:]
        _take_back(work, event, last, by)
        return
    for target, said in _answers(event, what, given):
        yes = lessons.answer(target, said)
        words = _words(work, event, target)
        if yes is not None and words.strip():
            _teach(work, event, target, words, yes, by)


def _answers(event: Event, what: Act, given: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if what in (Act.CONFIRM, Act.DISMISS):
        yield lessons.RELEVANCE + event.topic, "yes" if what is Act.CONFIRM else "no"
    if what in (Act.CONFIRM, Act.CORRECT):
        yield lessons.CONSTRUCTIVE, str(given.get("kind", ""))
        yield lessons.SENTIMENT, str(given.get("sentiment", ""))


def check(given: Mapping[str, Any]) -> None:
    """Raise ``RequestError`` for a sentiment there is not."""
    if given.get("sentiment", "pos") not in SENTIMENTS:
        raise RequestError(f"there is no sentiment {given['sentiment']!r}; want {', '.join(SENTIMENTS)}")


def undo(work: Work, code: str, *, by: str) -> list[str]:
    """Take back what the last judgement on an event taught; returns what that was about. The event stays as it is.

    Raises:
        RequestError: there is no such event, or nothing was learned from it.
    """
    event = find(work, code)
    taught = weights.standing(work.connection, event=event.id)
    if not taught:
        raise RequestError(f"nothing that stands was learned from {event.code}")
    last = [lesson for lesson in taught if lesson.at == taught[-1].at]
    _take_back(work, event, last, by)
    return [lesson.target for lesson in last]


def opinions(work: Work, event: Event, members: Sequence[Post]) -> Iterator[tuple[str, Opinion]]:
    """What was learned says of an event; nothing where nothing was learned."""
    if members:
        yield from ((LEARNED, opinion) for opinion in _opinions(work, event, members[0]))


def _opinions(work: Work, event: Event, post: Post) -> Iterator[Opinion]:
    relevance_of = lessons.RELEVANCE + event.topic
    targets = (lessons.SENTIMENT, lessons.CONSTRUCTIVE, relevance_of)
    (sentiment, _), (constructive, _), learned = weights.parts(work.connection, *targets)
    if sentiment:
        found = find_sentiment(post.title, post.text, own=sentiment["text"])
        sure = round(max(found.p, 1 - found.p), 3)
        unsure, why = found.label == "unsure", ", ".join(found.why)
        yield Opinion(sentiment=found.label, confidence=sure, reason=why, unsure=unsure)
    if constructive:
        p = logistic(lessons.margin(lessons.CONSTRUCTIVE, constructive, lessons.words_of(post.title, post.text)))
        sure, kind = round(max(p, 1 - p), 3), Kind.CONSTRUCTIVE if p > 0.5 else Kind.INQUIRY
        reason = "by what was judged before"
        yield Opinion(kind=kind if sure >= SURE else None, confidence=sure, reason=reason, unsure=sure < SURE)
    yield from _relevance(work, event, relevance_of, *learned)


def _relevance(work: Work, event: Event, target: str, own: Parts, count: int) -> Iterator[Opinion]:
    if count < LEAST:
        return
    words = _words(work, event, target)
    p = round(logistic(lessons.margin(target, own, words)), 3)
    reason = f"relevant with {p:.0%}, by {count} judgements on this topic"
    if p < LOW:
        digest = hmac.digest(work.secret, f"sample:{event.code}".encode(), hashlib.sha256)
        is_shown = int.from_bytes(digest[:4], "big") % SHOWN_OF == 0
        reason += "; asked about as one in fifty" if is_shown else "; at the end of the queue"
        yield Opinion(detail="relevance", confidence=p, reason=reason, unsure=is_shown)
    else:
        yield Opinion(detail="relevance", confidence=p, reason=reason, unsure=min(p, 1 - p) > 1 - SURE)


def _words(work: Work, event: Event, target: str) -> str:
    """What a decision on an event is about: its first post, or what stands around the words that were found there."""
    numbers = events.wordings(work.connection, event.id, limit=1)
    for post in posts.get(work.connection, numbers):
        if not target.startswith(lessons.RELEVANCE):
            return lessons.words_of(post.title, post.text)
        found = [each.span for each in posts.matches(work.connection, numbers) if each.topic == event.topic]
        return relevance.context(post.title, post.text, found)
    return ""


def _teach(work: Work, event: Event, target: str, words: str, yes: bool, by: str) -> None:
    ((own, _),) = weights.parts(work.connection, target)
    before = [round(logistic(lessons.margin(target, parts, words)), 4) for parts in ({}, own)]
    taught = weights.Taught(
        event=event.id, target=target, words=words, yes=yes, shipped=before[0], own=before[1], at=work.now, by=by
    )
    weights.add(work.connection, taught)
    _relearn(work, target)
    work.audit("learning.taught", event=event.id, actor=by, target=target, yes=yes, before=before[1])


def _take_back(work: Work, event: Event, taught: Sequence[weights.Taught], by: str) -> None:
    weights.undo(work.connection, taught, by=by, now=work.now)
    for lesson in taught:
        _relearn(work, lesson.target)
        work.audit("learning.taken_back", event=event.id, actor=by, target=lesson.target, lesson=lesson.id)


def _relearn(work: Work, target: str) -> None:
    """Weights are what the lessons that stand come to, and nothing else."""
    taught = weights.standing(work.connection, target, limit=lessons.MOST)
    learned = lessons.learn(target, [lessons.Lesson(each.words, each.yes) for each in taught])
    weights.save(work.connection, target, learned, taught)
