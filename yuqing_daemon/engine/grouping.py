"""Posts become events: the same article elsewhere, a part of it, or the same happening in other words is one (R7)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ..domain import Event, Heat, Level, Match, Post, Reading
from ..rules.level import grade, tightened
from ..store import events, kin, posts
from ..store.kin import Spread
from ..store.posts import Stored
from ..text import story
from ..text.retelling import About
from . import rewording
from .work import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class Kinship:
    """The event a post belongs to, and why."""

    event: int
    relation: str
    reason: str
    share: float = 0.0  # of the larger text that stands in both


def place(work: Work, stored: Stored, matches: Sequence[Match]) -> set[int]:
    """Put a post into the events of its topics, opening those that do not exist; returns the events.

    What stood on a site before it was first visited is not news: it is stored, and opens nothing.
    """
    post = stored.post
    topics = {match.topic for match in matches}
    clauses = story.clauses(post.title, post.text) if topics else {}
    member_of = {} if stored.is_new else events.of_post(work.connection, post.id)
    new = set() if stored.is_baseline else topics - member_of.keys()
    spread = {topic: kin.spread(work.connection, topic, list(clauses)) for topic in sorted(new)}
    found = {topic: _kinship(work, post, topic, clauses, spread[topic]) for topic in spread}
    # What is said word for word elsewhere in its events need not be found twice: thousands of copies would be.
    is_known = bool(found) and all(kinship and kinship.share >= story.WORD_FOR_WORD for kinship in found.values())
    posts.index_clauses(work.connection, post.id, {} if is_known else clauses, anew=not stored.is_new)
    for topic, kinship in found.items():
        if kinship is not None and kinship.relation == "copy":  # says nothing that is not known
            _join(work, post, kinship)
            member_of[topic] = kinship.event
        else:
            furniture = clauses.keys() - spread[topic].distinct(clauses).keys()
            about = rewording.about(post, topic, matches, furniture)
            member_of[topic] = _place_by_words(work, post, topic, matches, about, kinship)
    return set(member_of.values())


def _place_by_words(
    work: Work, post: Post, topic: str, matches: Sequence[Match], about: About, kinship: Kinship | None
) -> int:
    """Put a post with words of its own into the event it tells of, or into a new one, which learns from it."""
    if kinship is None and (meant := rewording.meant(work, post, topic, about)):
        event, why = meant
        kinship = Kinship(event=event, relation="retold", reason=str(why))
    if kinship is None:
        return _open(work, post, topic, matches, about=about, reason="the first post of its kind")
    _join(work, post, kinship)
    rewording.learn(work, kinship.event, topic, about, is_new=False)
    return kinship.event


def stir(work: Work, post: int) -> set[int]:
    """The events of a post that was read again.

    A post that was there before its source was first visited opens an event only if what came since then, by
    itself, reaches a floor: it was old, now it moves (R3).
    """
    member_of = events.of_post(work.connection, post)
    matches = posts.matches(work.connection, [post])
    for topic in sorted({match.topic for match in matches} - member_of.keys()):
        grown = _grown(posts.readings(work.connection, post))
        regime = work.settings.regime
        grading = grade(grown, tightened(regime) if work.settings.special_period(work.now) else regime)
        if grading.level > Level.GENERAL:
            (old,) = posts.get(work.connection, [post])
            reason = f"an old post moves, since first seen: {grading.reason}"
            about = rewording.about(old, topic, matches)
            member_of[topic] = _open(work, old, topic, matches, about=about, reason=reason)
    return set(member_of.values())


def _grown(readings: list[Reading]) -> Heat:
    grown: dict[str, int | None] = {}
    for name in ("reads", "comments"):
        counts = [count for reading in readings if (count := getattr(reading, name)) is not None]
        grown[name] = max(counts) - counts[0] if counts else None
    return Heat(reads=grown["reads"], comments=grown["comments"])


def _kinship(work: Work, post: Post, topic: str, clauses: Mapping[int, int], spread: Spread) -> Kinship | None:
    since = work.now - work.settings.regime.story_window
    mine = spread.distinct(clauses)
    known = [clause for clause in mine if clause in spread.events]
    for relative in kin.relatives(work.connection, topic, known, since=since) if known else ():
        other = posts.clauses_of(work.connection, relative.post)
        likeness = story.compare(mine, kin.spread(work.connection, topic, list(other)).distinct(other))
        if likeness.relation:
            reason = f"{likeness.share_larger:.0%} of the longer, {likeness.share_smaller:.0%} of the shorter text"
            share = likeness.share_larger
            return Kinship(event=relative.event, relation=likeness.relation, reason=reason, share=share)
    return _same_title(work, post, topic, since)


def _same_title(work: Work, post: Post, topic: str, since: datetime) -> Kinship | None:
    """An event with a post of the very same title, if one of the two has no text by which to tell them apart."""
    key = story.title_key(post.title)
    same = kin.same_title(work.connection, topic, key, since=since) if key else None
    if same is None:
        return None
    (other,) = posts.get(work.connection, [same.post])
    if story.clauses("", post.text) and story.clauses("", other.text):
        return None
    return Kinship(event=same.event, relation="copy", reason="the same title")


def _open(work: Work, post: Post, topic: str, matches: Sequence[Match], *, about: About, reason: str) -> int:
    is_named = any(match.topic == topic and match.field == "title" for match in matches)
    event = Event(
        id=0,
        topic=topic,
        title=story.event_title(post, is_named=is_named),
        level=Level.GENERAL,
        subject=work.topic(topic).subject,
        found_at=work.now,
        updated_at=work.now,
        rev=0,
    )
    number = work.open_event(event)
    events.add_post(work.connection, number, post.id, relation="first", reason=reason, now=work.now)
    rewording.learn(work, number, topic, about, is_new=True)
    work.audit(
        "event.opened",
        event=number,
        topic=topic,
        url=post.url,
        reason=reason,
        matched=[match.why or match.span for match in matches if match.topic == topic][:1],
        regime=work.settings.regime.version,
    )
    return number


def _join(work: Work, post: Post, kinship: Kinship) -> None:
    events.add_post(
        work.connection, kinship.event, post.id, relation=kinship.relation, reason=kinship.reason, now=work.now
    )
    if kinship.relation != "copy":
        work.worded.add(kinship.event)
    work.audit("event.joined", event=kinship.event, url=post.url, relation=kinship.relation, reason=kinship.reason)
