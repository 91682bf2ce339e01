"""What the built-in spiders have in common: list -> what is new -> its pages, through the source's memory."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterable, Iterator
from typing import Any, Self
from urllib.parse import urlsplit

from scrapy import Spider
from scrapy.crawler import Crawler
from scrapy.http import Request, Response, TextResponse
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.python.failure import Failure

from yuqing_daemon import Article, Page, Post, Reading
from yuqing_daemon.bus import Unread
from yuqing_daemon.crawl.crawler import site_crawler
from yuqing_daemon.crawl.guard import Held
from yuqing_daemon.crawl.marks import LIST, RAW
from yuqing_daemon.crawl.memory import body_mark, list_mark
from yuqing_daemon.crawl.politeness import WANTS_A_PAUSE
from yuqing_daemon.crawl.reasons import reason_of
from yuqing_daemon.crawl.site import Site
from yuqing_daemon.errors import YuqingError
from yuqing_daemon.extract import (
    KINDS,
    Listed,
    metrics_url,
    page_text,
    read_counters,
    read_list,
    read_metrics,
    table_option,
    text_option,
)

ENOUGH_TEXT = 200  # characters: a list entry with so much text needs no page
MOST_LISTED = 1000
FIRST = 1_000_000

Output = Iterator[Request | Post | Reading | Unread]


class WrongPage(YuqingError):
    """The address answers, with something else than what it is declared to be."""


class SiteSpider(Spider):
    """A spider says what a list page holds (``entries``); everything else is here."""

    reads_pages = True  # False: the list says everything

    looked: list[Request] | None = None  # what is left to ask for after a look; None: nobody has looked
    site: Site

    @classmethod
    def from_crawler(cls, crawler: Crawler, *given: Any, **named: Any) -> Self:
        """Called by Scrapy for a spider that did not look first."""
        spider = super().from_crawler(crawler, *given, **named)
        spider.begin(site_crawler(crawler))
        return spider

    def can_look(self) -> bool:
        """Whether the lists may be read before a crawl, and without one."""
        return True

    def entries(self, response: Response, list_url: str) -> Iterable[Listed | Request]:
        """What a list page holds, in page order; requests lead to further list pages. Raises ``WrongPage``."""
        listed = read_list(self.page(response), self.site.source, self.name) if self.name in KINDS else []
        if listed is None:
            raise WrongPage(f"{response.url} is not a {self.name}")
        return listed

    # -- lists

    def begin(self, site: Site) -> None:
        """Take the visit that is about to begin."""
        self.site = site
        job, memory = site.job, site.logbook.memory
        retries = memory.to_retry()[: job.max_pages // 2] if self.reads_pages else []
        self.retries = [Listed(url=url) for url in retries]
        self.pages_left = job.max_pages - len(job.source.urls) - len(retries)

    def lists(self) -> list[Request]:
        """The requests for the source's lists."""
        return [self.ask_list(self.list_url(url)) for url in self.site.source.urls]

    def wants_more(self) -> bool:
        """Whether pages are due whatever the lists say."""
        return bool(self.retries) or bool(self.reads_pages and self.site.job.revisit)

    async def start(self) -> AsyncIterator[Any]:
        """Lists first, then pages that could not be read before, then posts whose counters are due."""
        for request in self.lists() if self.looked is None else self.looked:
            yield request
        for entry in self.retries:
            yield self.ask_page(entry)
        for url in self.site.job.revisit if self.reads_pages else ():
            yield self._ask_metrics(url) or Request(
                url, self.parse_again, cb_kwargs={"url": url}, meta={RAW: True}, dont_filter=True
            )

    def list_url(self, url: str) -> str:
        """Where a source's list is really found."""
        return url

    def ask_list(self, url: str) -> Request:
        """A request for a list page."""
        return Request(url, self.parse_list, meta={LIST: url, RAW: True}, priority=FIRST, dont_filter=True)

    def parse_list(self, response: Response) -> Output:
        """Find what is new on a list page; one whose every byte, or every link, is as before holds nothing."""
        list_url = response.meta[LIST]
        memory = self.site.logbook.memory
        mark, anchors = body_mark(response.body), self.anchors_mark(response)
        same_anchors = bool(anchors) and memory.anchors.get(list_url) == anchors
        if same_anchors or memory.bodies.get(list_url) == mark:
            memory.bodies[list_url] = mark
            self.site.logbook.is_as_before(list_url)
            return
        if self.is_login(response):
            raise WrongPage(f"{response.url} shows a login page")
        memory.bodies[list_url], memory.anchors[list_url] = mark, anchors
        listed: list[Listed] = []
        for entry in self.entries(response, list_url):
            if isinstance(entry, Request):
                yield entry
            elif len(listed) < MOST_LISTED:
                listed.append(entry)
        yield from self.take(list_url, listed)

    def anchors_mark(self, response: Response) -> str:
        """A mark of all that its entries come from, if that is quicker to tell than the entries; else nothing."""
        return ""

    def take(self, list_url: str, listed: list[Listed]) -> Output:
        """Deliver or ask for the new ones; counters in the list are a reading of every entry, at every visit."""
        logbook = self.site.logbook
        memory = logbook.memory
        mark = list_mark(f"{entry.url} {entry.title}" for entry in listed)
        logbook.links += len(listed)
        memory.listed += len(listed)
        if memory.lists.get(list_url) == mark:
            logbook.is_unchanged(list_url)
        memory.lists[list_url], memory.sizes[list_url] = mark, len(listed)
        self.pages_left = min(self.pages_left, self.site.pages_in_time(list_url))
        now = self.site.now()
        for entry in listed:
            reading = Reading(url=entry.url, at=now, reads=entry.reads, comments=entry.comments, hot=entry.hot)
            if reading.says_something:
                yield reading
            if not memory.knows(entry.url) and entry.url not in logbook.expected:
                yield from self._take_new(entry)

    def _take_new(self, entry: Listed) -> Output:
        memory = self.site.logbook.memory
        if entry.is_whole or len(entry.text) >= ENOUGH_TEXT or memory.is_given_up(entry.url):
            yield self.post(entry)
        elif entry.url not in memory.failed:  # those are asked for again already
            self.site.logbook.expect(self.post(entry))
            if self.pages_left > 0:
                self.pages_left -= 2 if self._metrics else 1
                yield self.ask_page(entry)

    # -- pages

    def ask_page(self, entry: Listed) -> Request:
        """A request for the page of an entry."""
        return Request(
            entry.url,
            self.parse_page,
            errback=self.page_failed,
            cb_kwargs={"entry": entry},
            meta={RAW: True},
            priority=self.pages_left,  # in the order of the list
            dont_filter=True,
        )

    def page_failed(self, failure: Failure) -> Output:
        """A page did not come: it will be asked for again. If the site only wants a pause, that is no failed try."""
        entry: Listed = failure.request.cb_kwargs["entry"]  # type: ignore[attr-defined]
        error = failure.value or RuntimeError("an unknown error")
        pause = isinstance(error, HttpError) and error.response.status in WANTS_A_PAUSE
        if not (pause or isinstance(error, Held)):
            yield Unread(url=entry.url, error=reason_of(error))

    def parse_page(self, response: Response, entry: Listed) -> Output:
        """Read the page of a new entry."""
        if not isinstance(response, TextResponse):  # a document to download: its title is all we read
            yield self.post(entry) if entry.title else Unread(url=entry.url, error="not a page")
            return
        if urlsplit(response.url).path in ("", "/") and urlsplit(entry.url).path not in ("", "/"):
            yield Unread(url=entry.url, error="it leads to the front page")
            return
        if self.is_login(response):
            yield Unread(url=entry.url, error="it shows a login page")
            return
        article = self.read(response)
        if article is None:
            yield Unread(url=entry.url, error="no article found on the page")
            return
        yield self.post(entry, article)
        yield self._ask_metrics(entry.url) or self.reading(entry.url, response)

    def parse_again(self, response: Response, url: str) -> Output:
        """Look at a known post again: its counters, and its text if that has changed."""
        if not isinstance(response, TextResponse) or self.is_login(response):
            return
        yield self.reading(url, response)
        article = self.read(response)
        if article is not None:
            yield self.post(Listed(url=url), article)

    @property
    def _metrics(self) -> dict[str, str]:
        return table_option(self.site.source, "metrics")

    def _ask_metrics(self, url: str) -> Request | None:
        """A request for a post's counters, where the source says how to get them as JSON."""
        address = metrics_url(self._metrics, url) if self._metrics else ""
        if not address:
            return None
        known = {"url": url}
        return Request(address, self.parse_metrics, cb_kwargs=known, meta={RAW: True}, dont_filter=True)

    def parse_metrics(self, response: Response, url: str) -> Output:
        """The counters of one post."""
        yield Reading(url=url, at=self.site.now(), **read_metrics(response.body, self._metrics))

    def read(self, response: Response) -> Article | None:
        """Ask the plugins for the article of a page; the built-in reader is the last of them."""
        answers = self.site.shared.plugins.ask("extract_article", page=self.page(response), source=self.site.source)
        return next((answer for _, answer in answers if isinstance(answer, Article)), None)

    def reading(self, url: str, response: Response) -> Reading:
        """The counters of a page."""
        counters = read_counters(self.text_of(response), table_option(self.site.source, "article"))
        now = self.site.now()
        return Reading(url=url, at=now, reads=counters.reads, comments=counters.comments, reposts=counters.reposts)

    def post(self, entry: Listed, article: Article | None = None) -> Post:
        """The post of an entry, with what its page adds."""
        source, at = self.site.source, entry.published_at
        if article is not None:
            at = (at if entry.is_dated else None) or article.published_at or at
        return Post(
            url=entry.url,
            source=source.id,
            title=(article.title if article else "") or entry.title or entry.url,
            text=article.text if article else entry.text,
            site=source.site,
            mainstream=source.mainstream,
            published_at=at,
            fetched_at=self.site.now(),
            author=(article.author if article else "") or entry.author,
            source_name=article.source_name if article else "",
            confidence=article.confidence if article else None,
        )

    def page(self, response: Response) -> Page:
        """A response as the pure readers take it."""
        label = (response.headers.get("Content-Type") or b"").decode("latin-1")
        return Page(url=response.url, body=response.body, content_type=label, fetched_at=self.site.now())

    def text_of(self, response: Response) -> str:
        """The decoded text of a response."""
        return page_text(self.page(response), self.site.source)

    def is_login(self, response: Response) -> bool:
        """Whether the site shows its login page instead, as the option ``login_pattern`` tells it."""
        pattern = text_option(self.site.source, "login_pattern")
        if not pattern:
            return False
        return bool(re.search(pattern, response.url) or re.search(pattern, self.text_of(response)))
