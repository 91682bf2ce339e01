"""What travels between the main process and the crawl workers: a Job out, a Result back, one JSON line each.

A job is all that a crawl needs, a result all that it found; a worker keeps nothing. A source's state advances
only in the transaction that stores its result, so a lost job or result is simply due again.
"""

from __future__ import annotations

import zlib
from base64 import b85encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from ..domain import Article, Page, Post, Reading, Source
from ..rules.health import Signs


class Visit(StrEnum):
    """How a visit ended."""

    READ = "read"  # something was fetched and read
    UNCHANGED = "unchanged"  # the site says, or shows, that nothing is new
    FAILED = "failed"  # nothing could be read; ``error`` says why


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One crawl of one source.

    ``host`` is the registrable host: jobs of one host go to one worker, one at a time. ``state`` is what the
    spider returned last time, ``{}`` on the first visit. ``revisit`` are posts whose counters are due again.
    ``keep`` is how many pages that read well are wanted whole; ``probes`` are such pages, to be read again.
    """

    id: str
    source: Source
    host: str
    state: Mapping[str, Any] = field(default_factory=dict)
    revisit: tuple[str, ...] = ()
    keep: int = 0
    probes: tuple[str, ...] = ()
    first_visit: bool = False
    max_pages: int = 50
    deadline: timedelta = timedelta(minutes=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """A page that could not be read: counted, retried on the next visits, and shown to a person in the end."""

    url: str
    error: str
    tries: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A page that read well, whole, with what was read from it. ``packed`` is its bytes, deflated, as base 85."""

    url: str
    content_type: str
    packed: str
    fetched_at: datetime
    title: str
    chars: int
    published_at: datetime | None
    counters: tuple[str, ...] = ()

    @classmethod
    def of(cls, page: Page, article: Article, reading: Reading) -> Kept:
        """The page, and what was read from it."""
        return cls(
            url=page.url,
            content_type=page.content_type,
            packed=b85encode(zlib.compress(page.body)).decode(),
            fetched_at=page.fetched_at,
            title=article.title,
            chars=len(article.text),
            published_at=article.published_at,
            counters=tuple(name for name in ("reads", "comments", "reposts") if getattr(reading, name) is not None),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What one visit found, and how it went. ``state`` is ``None`` if the source's state must not change."""

    job: str
    source: str
    visit: Visit
    started_at: datetime
    ended_at: datetime
    posts: tuple[Post, ...] = ()
    readings: tuple[Reading, ...] = ()
    unread: tuple[Unread, ...] = ()
    state: Mapping[str, Any] | None = None
    links: int = 0  # article links seen on the list, new or not
    pages: int = 0  # pages fetched
    error: str = ""
    retry_after: timedelta | None = None
    signs: Signs = field(default_factory=Signs)
    kept: tuple[Kept, ...] = ()
    rest: timedelta | None = None  # how long its feed asks to be left alone
    robots: str = ""  # what robots.txt says of the first address, in words
    node: str = ""  # the machine it was visited from, where there are crawl nodes


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """A job that came to nothing because its worker died or was killed.

    ``blamed``: this job's own code stood in the traceback, so the source gets a strike; the others are
    victims and simply due again.
    """

    job: str
    source: str
    reason: str
    blamed: bool
    traceback: str = ""


T = TypeVar("T")
_JOB = TypeAdapter(Job)
_RESULT = TypeAdapter(Result)
_LOST = TypeAdapter(Lost)


def job_to_line(job: Job) -> bytes:
    """One line of JSON, newline included."""
    return _JOB.dump_json(job) + b"\n"


def job_from_line(line: bytes) -> Job:
    """The job of a line. Raises ``ValueError`` for anything else."""
    return _read(_JOB, line)


def result_to_line(result: Result) -> bytes:
    """One line of JSON, newline included."""
    return _RESULT.dump_json(result) + b"\n"


def result_from_line(line: bytes) -> Result:
    """The result of a line. Raises ``ValueError`` for anything else, for a worker runs other people's code."""
    return _read(_RESULT, line)


def lost_to_line(lost: Lost) -> bytes:
    """One line of JSON, newline included."""
    return _LOST.dump_json(lost) + b"\n"


def lost_from_line(line: bytes) -> Lost:
    """The loss of a line. Raises ``ValueError`` for anything else."""
    return _read(_LOST, line)


def _read(adapter: TypeAdapter[T], line: bytes) -> T:
    try:
        return adapter.validate_json(line)
    except ValidationError as error:
        raise ValueError(str(error)) from error
