"""What one visit found so far, and how it goes: everything that becomes its Result."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from ..bus import Job, Result, Unread, Visit
from ..domain import Post, Reading
from ..extract import canonical_url
from ..rules.health import COUNTERS, Signs, Trouble
from .fetcher import IN_CIRCLES, REDIRECTS
from .items import LONGEST_TEXT, LONGEST_TITLE, BadItem, read_item
from .memory import MOST_TRIES, Memory, declared_mark
from .notes import Notes
from .reasons import trouble_of
from .taming import describe

MOST_POSTS = 3000
LONGEST_ERROR = 1000
LONGEST_WAIT = timedelta(days=1)


@dataclass(slots=True, eq=False)
class Logbook:
    """The record of one visit. Nothing is added once it is ``closed``."""

    job: Job
    started_at: datetime
    memory: Memory = field(init=False)
    closed: bool = False
    may_be_idle: bool = False  # its spider takes its addresses from a queue, which may be empty
    items: int = 0
    asked: int = 0
    pages: int = 0
    pages_read: int = 0
    links: int = 0
    lists: dict[str, str] = field(default_factory=dict)  # list url -> "" when read, else why not
    unchanged: set[str] = field(default_factory=set)
    failures: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    posts: dict[str, Post] = field(default_factory=dict)
    readings: dict[str, Reading] = field(default_factory=dict)
    unread: dict[str, str] = field(default_factory=dict)
    expected: dict[str, Post] = field(default_factory=dict)  # listed and not yet read, as the list shows them
    retry_after: timedelta | None = None
    notes: Notes = field(init=False)
    robots: str = ""

    def __post_init__(self) -> None:
        self.notes = Notes(self.job)
        self.memory = Memory.of(self.job.state, declared_mark(self.job.source))

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
        """Keep what counters say, the last look at each winning."""
        self.notes.reading(reading)
        self._keep(reading)

    def add_row(self, reading: Reading) -> None:
        """Keep what a list says of one of its entries."""
        self.notes.row(reading)
        self._keep(reading)

    def _keep(self, reading: Reading) -> None:
        url = canonical_url(reading.url)
        if url and reading.says_something:
            before = self.readings.get(url, reading)  # a list may say what the page does not
            unsaid = {name: getattr(before, name) for name in COUNTERS if getattr(reading, name) is None}
            self.readings[url] = replace(reading, url=url, **unsaid)

    def add_unread(self, url: str, error: str) -> None:
        """A page that could not be read."""
        self.expected.pop(url, None)
        self.unread[canonical_url(url) or url] = error[:300]

    def expect(self, post: Post) -> None:
        """A page that is listed and is going to be read; ``post`` is what the list already says of it."""
        self.expected[post.url] = post

    # -- how it goes

    def answered(self, url: str, status: int, listed: str | None) -> None:
        """A page came back with this HTTP status; ``listed`` is its URL if it is one of the source's lists."""
        self.pages += 1
        if 200 <= status < 300:
            self.pages_read += 1
            if listed is not None:
                self.lists[listed] = ""
        elif status != 304:
            self.missed(url, IN_CIRCLES if status in REDIRECTS else f"HTTP {status}", listed)

    def missed(self, url: str, reason: str, listed: str | None) -> None:
        """A page did not come back."""
        told = reason if url in reason else f"{url}: {reason}"
        if told not in self.failures:
            self.failures.append(told)
        if listed is not None:
            self.lists.setdefault(listed, told)
            self.notes.away = self.notes.away or trouble_of(reason)

    def is_unchanged(self, listed: str) -> None:
        """A list is as it was at the last visit."""
        self.lists[listed] = ""
        self.unchanged.add(listed)

    def is_as_before(self, listed: str) -> None:
        """The same, for a list that was not read: it has as many links as it had."""
        self.is_unchanged(listed)
        self.links += self.memory.sizes.get(listed, 0)
        self.memory.listed += self.memory.sizes.get(listed, 0)

    def fail(self, error: str, trouble: Trouble = Trouble.NONE) -> None:
        """Something went wrong that a person should see; ``trouble`` if it is more than a flaw."""
        if not self.closed and error not in self.errors:
            self.errors.append(error[:LONGEST_ERROR])
            self.notes.trouble = self.notes.trouble or trouble

    def crash(self, error: BaseException) -> None:
        """The spider raised. An error may say itself, as ``trouble``, that it is the site's doing."""
        trouble = getattr(error, "trouble", Trouble.SPIDER)
        self.fail(describe(error), trouble if isinstance(trouble, Trouble) else Trouble.SPIDER)

    def remark(self, what: str) -> None:
        """Something a person should know though the visit went well."""
        if what not in self.remarks:
            self.remarks.append(what[:LONGEST_ERROR])

    def rest(self, listed: str, span: timedelta | None) -> None:
        """A feed says how long it wants to be left alone, or no longer does."""
        self.memory.rests.pop(listed, None)
        if span:
            self.memory.rests[listed] = min(int(span.total_seconds()), int(LONGEST_WAIT.total_seconds()))

    def wait(self, seconds: float) -> None:
        """The site asks to be left alone for so long."""
        span = min(timedelta(seconds=max(seconds, 0)), LONGEST_WAIT)
        self.retry_after = max(self.retry_after or span, span)

    # -- what came of it

    def result(self, now: datetime) -> Result:
        """Close the book. A failed visit changes no state; an incomplete one is read in full next time."""
        if self.job.first_visit and "" in self.lists.values():
            self._take_all_listed()
        self.closed = True
        why = self._why_failed()
        unread = () if why else tuple(self._count_unread())
        rests = [seconds for listed, seconds in self.memory.rests.items() if listed in self.lists]
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
            state=None if why else self._state(complete=complete),
            links=self.links,
            pages=self.pages,
            error=self._told(why),
            retry_after=self.retry_after,
            rest=timedelta(seconds=max(rests)) if rests else None,
            robots=self.robots,
            signs=self._signs(),
            kept=() if why else tuple(self.notes.kept),
        )

    def _take_all_listed(self) -> None:
        """Of what stood there before the first visit, its title will do; without one it is only known from now on."""
        for url, post in list(self.expected.items()):
            if post.title:
                self.add_post(post)
            else:
                del self.expected[url]
                self.memory.remember(url, "")

    def _signs(self) -> Signs:
        is_read = bool(self.items) or "" in self.lists.values()
        return self.notes.signs(
            items=self.items, is_idle=not (self.asked or self.items or self.errors), is_read=is_read
        )

    def _state(self, *, complete: bool) -> dict[str, Any] | None:
        """The state to store; none if it is as it was, for most visits change nothing and many states are large."""
        state = self.memory.as_state(complete=complete)
        return None if state == self.job.state else state

    def _told(self, why: str) -> str:
        told = (why, *self.errors, *self.lists.values(), *self.remarks)
        return "; ".join(dict.fromkeys(filter(None, told)))[:LONGEST_ERROR]

    def _why_failed(self) -> str:
        if self.items:
            return ""
        if self.errors:
            return self.errors[0]
        if not self.asked:
            return "" if self.may_be_idle else "the spider does nothing: it made no request"
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
