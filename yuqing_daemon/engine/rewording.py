"""A post that tells in other words of a happening that is known joins its event, where that is sure (R7).

What is less sure is only suggested: ``store.alike``. A person's merge and split stay as decided, for posts are placed
once, and what an event is about is learned anew from the posts that it was left.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Set as AbstractSet

from ..domain import Match, Post
from ..store import events, gists, posts
from ..text import retelling
from ..text.retelling import About, Kinship
from .work import Work

WORDINGS = 20  # posts with words of their own from which an event is learned anew
AT_ONCE = 200  # events that are learned in one turn of housekeeping


def about(post: Post, topic: str, matches: Iterable[Match], furniture: AbstractSet[int] = frozenset()) -> About:
    """What a post is about; the words by which it was found say nothing, for every post of the topic has them.

    ``furniture`` are the clauses that stand under everything.
    """
    found = {word for match in matches if match.topic == topic and match.term for word in (match.term, match.span)}
    without = sorted(found, key=len, reverse=True)
    return retelling.about(post.title, post.text, without=without, is_furniture=furniture.__contains__)


def meant(work: Work, post: Post, topic: str, about_it: About) -> tuple[int, Kinship] | None:
    """The event that a post surely tells of, and why."""
    known = gists.known(work.connection, topic, about_it.gist.keys())
    telling = [pair for pair in retelling.telling(about_it, known) if pair in known.holding]
    if not telling:
        return None
    since = work.now - work.settings.regime.story_window
    found = gists.sharing(work.connection, topic, telling, since=since, limit=retelling.LOOKED_AT)
    candidates = list(gists.about(work.connection, found).items())
    return retelling.choose(f"{post.title}\n{post.text}", about_it, candidates, known)


def learn(work: Work, event: int, topic: str, about_it: About, *, is_new: bool) -> None:
    """An event is about that as well."""
    before = None if is_new else gists.about(work.connection, [event]).get(event)
    gists.save(work.connection, topic, event, retelling.joined(before, about_it), before=before)


def learn_anew(work: Work, event: int, topic: str) -> None:
    """What an event is about, from the posts it has now."""
    numbers = events.wordings(work.connection, event, limit=WORDINGS)
    matches = posts.matches(work.connection, numbers)
    found: About | None = None
    for post in posts.get(work.connection, numbers):
        found = retelling.joined(found, about(post, topic, matches))
    if found is not None:
        before = gists.about(work.connection, [event]).get(event)
        gists.save(work.connection, topic, event, found, before=before)


def tidy(work: Work) -> None:
    """Forget what is past, and learn what is not known."""
    since = work.now - work.settings.regime.story_window
    gists.forget(work.connection, gists.outdated(work.connection, since=since))
    for event, topic in list(gists.missing(work.connection, since=since, limit=AT_ONCE)):
        learn_anew(work, event, topic)
