"""A changed topic on the posts that are stored: what it would find more and what less, before it goes live.

The daemon keeps a copy of the topics it runs with beside its database, and that is what a change is told against.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from sqlalchemy import Connection

from .config import Settings, read_topics
from .config.topics_file import FILE
from .domain import Match, Post, Source, Topic
from .errors import ConfigError
from .store import posts
from .text.matcher import Matcher, Verdict

log = logging.getLogger(__name__)
_DAYS = 2  # from which on a span is told in days
SourceOf = Callable[[str], Source | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One post that a topic gained or lost. ``why`` and ``matches`` of a gain are the new rule's; of a loss ``why`` is
    what stands against it now, and ``matches`` are the old rule's.
    """

    post: Post
    why: str
    matches: tuple[Match, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What became of one topic that is new, changed or gone; ``found`` is how many posts it finds now."""

    topic: str
    found: int
    gained: tuple[Difference, ...] = ()
    lost: tuple[Difference, ...] = ()

    def __str__(self) -> str:
        return f"topic {self.topic}: +{len(self.gained)} / -{len(self.lost)} posts"


def keep_live(settings: Settings) -> None:
    """Remember the topics that the daemon runs with now. That is no reason to stop: without, all counts as new."""
    live = settings.state / FILE
    try:
        fresh = live.with_suffix(".new")
        fresh.write_bytes((settings.folder / FILE).read_bytes())
        fresh.replace(live)
    except OSError as error:
        log.warning("topics.not_kept file=%s error=%s", live, error)


def live_topics(state: Path) -> tuple[Topic, ...]:
    """The topics that the daemon runs with, or ran with last; none if it never did."""
    try:
        return read_topics(state / FILE) if (state / FILE).exists() else ()
    except ConfigError:
        return ()  # of an older version that allowed what is refused now


def backtest(
    connection: Connection, old: Iterable[Topic], new: Iterable[Topic], *, since: datetime, source: SourceOf
) -> list[Change]:
    """What every topic that differs would find among the posts first seen since then, against what it found.

    Args: source: a source by its id, for the tags that topics can ask for.
    """
    before, after = ({topic.id: topic for topic in topics} for topics in (old, new))
    ids = [id for id in {**before, **after} if before.get(id) != after.get(id)]
    was, is_now = (_Asked(tuple(some[id] for id in ids if id in some)) for some in (before, after))
    changes = {id: _Tally() for id in ids}
    for post in posts.seen_since(connection, since) if ids else ():
        known = source(post.source)
        tagged = replace(post, tags=known.tags) if known else post
        hits, had = is_now.hits(tagged), was.hits(tagged)
        for id in {*hits, *had}:
            changes[id].take(post, hits.get(id), had.get(id), partial(is_now.verdict, post=tagged))
    return [changes[id].change(id) for id in ids]


class _Asked:
    """A matcher, and what it says of a post by topic."""

    def __init__(self, topics: tuple[Topic, ...]) -> None:
        self._matcher = Matcher(topics)

    def hits(self, post: Post) -> dict[str, tuple[Match, ...]]:
        found: dict[str, tuple[Match, ...]] = {}
        for match in self._matcher.find(post):
            found[match.topic] = (*found.get(match.topic, ()), match)
        return found

    def verdict(self, topic: str, post: Post) -> Verdict | None:
        return next((verdict for verdict in self._matcher.explain(post) if verdict.topic == topic), None)


class _Tally:
    """The differences of one topic as they come in."""

    def __init__(self) -> None:
        self.found = 0
        self.gained: list[Difference] = []
        self.lost: list[Difference] = []

    def take(
        self,
        post: Post,
        hits: tuple[Match, ...] | None,
        had: tuple[Match, ...] | None,
        explain: Callable[[str], Verdict | None],
    ) -> None:
        self.found += hits is not None
        if hits is not None and had is None:
            self.gained.append(Difference(post=post, why=hits[0].why, matches=hits))
        elif had is not None and hits is None:
            verdict = explain(had[0].topic)
            why = verdict.why if verdict else "there is no such topic any more"
            self.lost.append(Difference(post=post, why=why, matches=had))

    def change(self, topic: str) -> Change:
        return Change(topic=topic, found=self.found, gained=tuple(self.gained), lost=tuple(self.lost))


def told(changes: Iterable[Change], span: timedelta) -> Iterator[str]:
    """One line for each topic that differs.

    >>> list(told([Change(topic="food", found=0)], timedelta(days=7)))
    ['topic food: +0 / -0 posts in the last 7 days']
    """
    hours = round(span.total_seconds() / 3600)
    length = f"{hours // 24} days" if hours >= _DAYS * 24 else f"{hours} hours"
    yield from (f"{change} in the last {length}" for change in changes)
