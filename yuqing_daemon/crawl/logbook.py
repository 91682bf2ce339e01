"""What one visit found so far, and how it goes: everything that becomes its Result."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from ..bus import Job, Kept, Result, Unread, Visit
from ..domain import Article, Page, Post, Reading
from ..extract import canonical_url, registrable_host
from ..extract.gate import find_gate
from ..rules.health import Probe, Signs, Trouble
from .items import LONGEST_TEXT, LONGEST_TITLE, BadItem, read_item
from .memory import MOST_TRIES, Memory
from .reasons import trouble_of
from .taming import describe

MOST_POSTS = 3000
LONGEST_ERROR = 1000
LONGEST_WAIT = timedelta(days=1)
COUNTERS = ("reads", "comments", "reposts")
LARGEST_KEPT = 512 * 1024
GOOD, GOOD_TEXT = 0.8, 200  # the confidence and the characters of a page worth keeping


@dataclass(slots=True, eq=False)
class Logbook:
    """The record of one visit. Nothing is added once it is ``closed``."""

    job: Job
    started_at: datetime
    memory: Memory = field(init=False)
    closed: bool = False
    items: int = 0
    asked: int = 0
    pages: int = 0
    pages_read: int = 0
    links: int = 0
    lists: dict[str, str] = field(default_factory=dict)  # list url -> "" when read, else why not
    unchanged: set[str] = field(default_factory=set)
    failures: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    posts: dict[str, Post] = field(default_factory=dict)
    readings: dict[str, Reading] = field(default_factory=dict)
    unread: dict[str, str] = field(default_factory=dict)
    expected: dict[str, Post] = field(default_factory=dict)  # listed and not yet read, as the list shows them
    retry_after: timedelta | None = None
    away: Trouble = Trouble.NONE  # why a list did not come
    trouble: Trouble = Trouble.NONE
    lists_read: int = 0
    list_bytes: int = 0
    host: str = ""
    gate: str = ""
    bodies: dict[int, set[str]] = field(default_factory=dict)  # of pages that are no list: their addresses by mark
    looked: int = 0
    counted: dict[str, int] = field(default_factory=dict)
    probes: list[Probe] = field(default_factory=list)
    kept: list[Kept] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.memory = Memory.of(self.job.state)

    # -- what is found

    def add(self, item: Any, now: datetime) -> None:
        """Take what a spider yields: a post, a reading, a page it could not read, or any item."""
        if self.closed:
            return
        self.items += not isinstance(item, Unread)
        if isinstance(item, Post):
            self.add_post(item)
        elif isinstance(item, Reading):
            self.add_reading(item)
        elif isinstance(item, Unread):
            self.add_unread(item.url, item.error)
        else:
            self._add_item(item, now)

    def _add_item(self, item: Any, now: datetime) -> None:
        try:
            found = read_item(item, self.job.source, now)
        except BadItem as error:
            self.items -= 1
            self.fail(f"refused {error}")
            return
        self.memory.knows(found.post.url)
        self.add_post(found.post)
        self.add_reading(found.reading)

    def add_post(self, post: Post) -> None:
        """Keep a post that is new, or whose text has changed. Its URL is remembered from now on."""
        url = canonical_url(post.url)
        self.expected.pop(url, None)
        if not url or not self.memory.has_changed(url, post.text):
            return
        if len(self.posts) >= MOST_POSTS:
            self.fail(f"more than {MOST_POSTS} posts in one visit; the rest is left for the next")
            self.expected[url] = post
            return
        self.posts[url] = replace(
            post,
            url=url,
            title=post.title[:LONGEST_TITLE],
            text=post.text[:LONGEST_TEXT],
            source=self.job.source.id,  # whatever a spider says
            site=self.job.source.site,
            mainstream=self.job.source.mainstream,
        )
        self.unread.pop(url, None)
        self.memory.remember(url, post.text)

    def add_reading(self, reading: Reading) -> None:
        """Keep what counters say, the last look winning."""
        url = canonical_url(reading.url)
        self.looked += 1
        for name in COUNTERS:
            self.counted[name] = self.counted.get(name, 0) + (getattr(reading, name) is not None)
        if url and reading.says_something:
            self.readings[url] = replace(reading, url=url)

    def add_unread(self, url: str, error: str) -> None:
        """A page that could not be read."""
        self.expected.pop(url, None)
        self.unread[canonical_url(url) or url] = error[:300]

    def expect(self, post: Post) -> None:
        """A page that is listed and is going to be read; ``post`` is what the list already says of it."""
        self.expected[post.url] = post

    def keep(self, page: Page, article: Article, reading: Reading) -> None:
        """A page that reads well: one of the few by which later readings are judged."""
        wanted = len(self.kept) < self.job.keep and len(page.body) <= LARGEST_KEPT
        if wanted and article.published_at and len(article.text) >= GOOD_TEXT and article.confidence >= GOOD:
            self.kept.append(Kept.of(page, article, reading))

    def probe(self, url: str, article: Article | None, reading: Reading) -> None:
        """A page that was kept came again; ``article`` is what is read from it now."""
        self.probes.append(
            Probe(
                url=url,
                title=article.title if article else "",
                chars=len(article.text) if article else 0,
                published_at=article.published_at if article else None,
                counters=tuple(name for name in COUNTERS if getattr(reading, name) is not None),
            )
        )

    # -- how it goes

    def answered(self, url: str, status: int, listed: str | None) -> None:
        """A page came back with this HTTP status; ``listed`` is its URL if it is one of the source's lists."""
        self.pages += 1
        if 200 <= status < 300:
            self.pages_read += 1
            if listed is not None:
                self.lists[listed] = ""
        elif status != 304:
            self.missed(url, f"HTTP {status}", listed)

    def missed(self, url: str, reason: str, listed: str | None) -> None:
        """A page did not come back."""
        told = reason if url in reason else f"{url}: {reason}"
        self.failures.append(told)
        if listed is not None:
            self.lists.setdefault(listed, told)
            self.away = self.away or trouble_of(reason)

    def notice(self, url: str, asked: str, body: bytes, listed: str | None) -> None:
        """The bytes of a page that came: whether it is the page that was asked for, or a gate in front of it."""
        if listed is None:
            self.bodies.setdefault(zlib.crc32(body), set()).add(asked)
            return
        self.lists_read += 1
        self.list_bytes = max(self.list_bytes, len(body))
        host = registrable_host(url)
        self.host = self.host or (host if host != registrable_host(listed) else "")
        self.gate = self.gate or find_gate(body, url=url, asked=listed)

    def is_unchanged(self, listed: str) -> None:
        """A list is as it was at the last visit."""
        self.lists[listed] = ""
        self.unchanged.add(listed)

    def fail(self, error: str, trouble: Trouble = Trouble.NONE) -> None:
        """Something went wrong that a person should see; ``trouble`` if it is more than a flaw."""
        if not self.closed and error not in self.errors:
            self.errors.append(error[:LONGEST_ERROR])
            self.trouble = self.trouble or trouble

    def crash(self, error: BaseException) -> None:
        """The spider raised. An error may say itself, as ``trouble``, that it is the site's doing."""
        trouble = getattr(error, "trouble", Trouble.SPIDER)
        self.fail(describe(error), trouble if isinstance(trouble, Trouble) else Trouble.SPIDER)

    def wait(self, seconds: float) -> None:
        """The site asks to be left alone for so long."""
        span = min(timedelta(seconds=max(seconds, 0)), LONGEST_WAIT)
        self.retry_after = max(self.retry_after or span, span)

    # -- what came of it

    def result(self, now: datetime) -> Result:
        """Close the book. A failed visit changes no state; an incomplete one is read in full next time."""
        if self.job.first_visit and "" in self.lists.values():
            for post in list(self.expected.values()):
                self.add_post(post)
        self.closed = True
        why = self._why_failed()
        unread = () if why else tuple(self._count_unread())
        complete = not (self.expected or self.errors or self.unread)
        return Result(
            job=self.job.id,
            source=self.job.source.id,
            visit=Visit.FAILED if why else self._visit(),
            started_at=self.started_at,
            ended_at=now,
            posts=() if why else tuple(self.posts.values()),
            readings=() if why else tuple(self._readings()),
            unread=unread,
            state=None if why else self.memory.as_state(complete=complete),
            links=self.links,
            pages=self.pages,
            error="; ".join(dict.fromkeys(filter(None, (why, *self.errors, *self.lists.values()))))[:LONGEST_ERROR],
            retry_after=self.retry_after,
            signs=self._signs(),
            kept=() if why else tuple(self.kept),
        )

    def _signs(self) -> Signs:
        idle = not self.asked and not self.items and not self.errors
        read = "" in self.lists.values()
        trouble = self.trouble or (Trouble.IDLE if idle else Trouble.NONE if read or self.items else self.away)
        return Signs(
            trouble=trouble,
            lists=self.lists_read,
            items=self.items,
            list_bytes=self.list_bytes,
            host=self.host,
            gate=self.gate,
            same=max((len(urls) for urls in self.bodies.values() if len(urls) > 1), default=0),
            looked=self.looked,
            counted=self.counted,
            probes=tuple(self.probes),
        )

    def _why_failed(self) -> str:
        if self.items:
            return ""
        if self.errors:
            return self.errors[0]
        if not self.asked:
            return "the spider does nothing: it made no request"
        if self.lists:
            return "" if "" in self.lists.values() else "; ".join(self.lists.values())
        return "" if self.pages_read else "; ".join(self.failures[:3]) or "no page could be read"

    def _visit(self) -> Visit:
        something = self.posts or self.readings or self.unread
        all_same = bool(self.lists) and self.unchanged.issuperset(self.lists)
        return Visit.UNCHANGED if all_same and not something else Visit.READ

    def _count_unread(self) -> list[Unread]:
        counted = [Unread(url=url, error=why, tries=self.memory.count_failure(url)) for url, why in self.unread.items()]
        return [replace(each, tries=min(each.tries, MOST_TRIES)) for each in counted]

    def _readings(self) -> list[Reading]:
        wanted = set(self.job.revisit)
        return [
            reading
            for url, reading in self.readings.items()
            if url in self.posts or url in wanted or self.memory.knows(url)
        ]
