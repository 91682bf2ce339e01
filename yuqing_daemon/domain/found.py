"""What is found: pages, posts, their counters, and why a post belongs to a topic."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One fetched page, its bytes untouched."""

    url: str
    body: bytes
    content_type: str = ""
    fetched_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """What was read from a page. ``confidence`` is 0..1: how well two different measures of the body agree.

    ``doubt`` says in words what cannot be right about it, such as a time that lies ahead.
    """

    title: str
    text: str
    published_at: datetime | None = None
    author: str = ""
    source_name: str = ""
    confidence: float = 0.0
    doubt: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """One public text (信息): an article, a thread, a hot-list entry. Its URL is canonical and names it.

    ``author`` is only ever kept as a keyed hash, for counting distinct voices; ``id`` is 0 until it is stored.
    """

    url: str
    source: str
    title: str
    text: str = ""
    site: str = ""
    mainstream: bool = False
    published_at: datetime | None = None
    fetched_at: datetime
    author: str = ""
    source_name: str = ""
    confidence: float | None = None
    tags: tuple[str, ...] = ()  # of its source, as configured now; not stored
    id: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One look at a post's counters (R2). ``hot`` is the site's own heat value and is never counted as reads."""

    url: str
    at: datetime
    reads: int | None = None
    comments: int | None = None
    reposts: int | None = None
    hot: int | None = None

    @property
    def says_something(self) -> bool:
        """Whether any counter was found."""
        return any(count is not None for count in (self.reads, self.comments, self.reposts, self.hot))


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """Why a post belongs to a topic: the ``span`` as it stands in the text, and the term that found it.

    ``start`` and ``end`` are offsets in the original field; ``variant`` says how the span differs from the term.
    """

    topic: str
    span: str
    term: str = ""
    field: str = "text"
    start: int | None = None
    end: int | None = None
    variant: str = "plain"
    why: str = ""
