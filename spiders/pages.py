"""What the built-in spiders do with the page of an entry: read it, join what goes on elsewhere, count."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from urllib.parse import urlsplit

from scrapy import Spider
from scrapy.http import Request, Response, TextResponse
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.python.failure import Failure

from yuqing_daemon import Article, Page, Post, Reading
from yuqing_daemon.bus import Unread
from yuqing_daemon.crawl.guard import Held
from yuqing_daemon.crawl.marks import RAW
from yuqing_daemon.crawl.politeness import WANTS_A_PAUSE
from yuqing_daemon.crawl.reasons import reason_of
from yuqing_daemon.crawl.site import Site
from yuqing_daemon.extract import (
    MOST_PAGES,
    Listed,
    copied,
    goes_on,
    join_pages,
    metrics_url,
    next_page,
    page_text,
    read_counters,
    read_metrics,
    table_option,
    text_option,
)

FIRST_WORDS = 80  # characters
Output = Iterator[Request | Post | Reading | Unread]


class PageReader(Spider):
    """Reads the pages of entries, within ``pages_left``."""

    joins_pages = True  # False: what follows on further pages is not the same text

    site: Site
    pages_left: int
    times: list[tuple[datetime, datetime]]  # of the articles read, each with when it was fetched

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
        page = self.page(response)
        article = self.read(page)
        if article is None:
            yield Unread(url=entry.url, error="no article found on the page")
            return
        yield self._whole(entry, [article], response, first=response.url)
        reading = self.reading(entry.url, response)
        self.site.logbook.notes.keep(page, article, reading)
        yield self._ask_metrics(entry.url) or reading

    def parse_probe(self, response: Response, url: str) -> None:
        """Read a page again that was read well before: what it lacks now tells what is wrong with all of them."""
        if isinstance(response, TextResponse):
            self.site.logbook.notes.probe(url, self.read(self.page(response)), self.reading(url, response))

    def parse_again(self, response: Response, url: str) -> Output:
        """Look at a known post again: its counters, and its text if that has changed."""
        if not isinstance(response, TextResponse) or self.is_login(response):
            return
        yield self.reading(url, response)
        article = self.read(self.page(response))
        if article is not None:
            yield self._whole(Listed(url=url), [article], response, first=response.url)

    # -- articles on several pages

    def _whole(self, entry: Listed, pages: list[Article], response: Response, *, first: str) -> Request | Post:
        """The post of an article, or the request for the page on which it goes on."""
        may_go_on = self.joins_pages and len(pages) < MOST_PAGES and self.pages_left > 0
        address = next_page(self.text_of(response), response.url, first) if may_go_on else ""
        if not address:
            return self._joined(entry, pages)
        self.pages_left -= 1
        known = {"entry": entry, "pages": pages, "first": first}
        return Request(
            address, self.parse_more, errback=self.more_failed, cb_kwargs=known, meta={RAW: True}, dont_filter=True
        )

    def parse_more(self, response: Response, entry: Listed, pages: list[Article], first: str) -> Output:
        """Read on, as long as it is the same article."""
        article = self.read(self.page(response)) if isinstance(response, TextResponse) else None
        if article is not None and goes_on(pages[0], article):
            yield self._whole(entry, [*pages, article], response, first=first)
        else:
            yield self._joined(entry, pages)

    def more_failed(self, failure: Failure) -> Output:
        """A further page did not come: what there is will do."""
        known = failure.request.cb_kwargs  # type: ignore[attr-defined]
        self.site.logbook.remark(f"{failure.request.url}: {reason_of(failure.value or RuntimeError())}")  # type: ignore[attr-defined]
        yield self._joined(known["entry"], known["pages"])

    def _joined(self, entry: Listed, pages: list[Article]) -> Post:
        article = join_pages(pages)
        if article.doubt:
            self.site.logbook.remark(f"{entry.url}: {article.doubt}")
        if article.published_at:
            self.times.append((article.published_at, self.site.now()))
        return self.post(entry, article)

    def closed(self, reason: str) -> None:
        """Called by Scrapy: what the pages of a visit say together."""
        if doubt := copied(self.times):
            self.site.logbook.remark(doubt)

    # -- what a page says

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

    def read(self, page: Page) -> Article | None:
        """Ask the plugins for the article of a page; the built-in reader is the last of them."""
        answers = self.site.shared.plugins.ask("extract_article", page=page, source=self.site.source)
        return next((answer for _, answer in answers if isinstance(answer, Article)), None)

    def reading(self, url: str, response: Response) -> Reading:
        """The counters of a page."""
        counters = read_counters(self.text_of(response), table_option(self.site.source, "article"))
        return Reading(url=url, at=self.site.now(), **asdict(counters))

    def post(self, entry: Listed, article: Article | None = None) -> Post:
        """The post of an entry, with what its page adds; without a title its first words are one, never its address."""
        source, at, text = self.site.source, entry.published_at, article.text if article else entry.text
        if article is not None:
            at = (at if entry.is_dated else None) or article.published_at or at
        return Post(
            url=entry.url,
            source=source.id,
            title=(article.title if article else "") or entry.title or text.partition("\n")[0][:FIRST_WORDS],
            text=text,
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
