"""How hot an event is, from what its posts' counters said (R2, R7)."""

from __future__ import annotations

from collections.abc import Iterable

from ..domain import Heat, Post, Reading


def measure(posts: Iterable[Post], readings: Iterable[Reading]) -> Heat:
    """Add up the counters of an event's posts.

    Of each post the highest figure ever read counts: a counter that falls was corrected or cached, the readers
    were there. A post that does not say adds nothing; a total is ``None`` only if no post says. A mainstream site
    counts once. A site's own heat value is never counted as reads. Readings of other posts are left out.

    >>> from datetime import UTC, datetime
    >>> at = datetime(2025, 3, 1, tzinfo=UTC)
    >>> posts = [Post(url=url, source="bbs", title="酸奶里有异物", fetched_at=at) for url in ("a", "b")]
    >>> measure(posts, [Reading(url="a", at=at, reads=900), Reading(url="a", at=at, reads=850)])
    Heat(reads=900, comments=None, reposts=None, mainstream=0, posts=2)
    """
    by_url = {post.url: post for post in posts}
    known = [reading for reading in readings if reading.url in by_url]
    return Heat(
        reads=_total((reading.url, reading.reads) for reading in known),
        comments=_total((reading.url, reading.comments) for reading in known),
        reposts=_total((reading.url, reading.reposts) for reading in known),
        mainstream=len({post.site or post.source for post in by_url.values() if post.mainstream}),
        posts=len(by_url),
    )


def _total(counts: Iterable[tuple[str, int | None]]) -> int | None:
    """The sum of each post's highest count."""
    highest: dict[str, int] = {}
    for url, count in counts:
        if count is not None:
            highest[url] = max(count, highest.get(url, 0))
    return sum(highest.values()) if highest else None
