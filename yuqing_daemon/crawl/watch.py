"""Writes into the logbook what happens during a crawl."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from scrapy import signals
from scrapy.core.downloader import Downloader
from scrapy.crawler import Crawler
from scrapy.http import HtmlResponse, Request, Response
from twisted.internet.defer import Deferred, inlineCallbacks
from twisted.python.failure import Failure

from ..rules.health import Trouble
from .conditional import Unchanged
from .crawler import SiteCrawler, site_crawler
from .isolation import guarded
from .marks import LIST
from .reasons import reason_of


class WatchedDownloader(Downloader):
    """Scrapy's downloader. Only here it is seen what its middlewares throw away, and none of it is in any queue."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self.logbook = site_crawler(crawler).logbook

    @inlineCallbacks
    def fetch(self, request: Request, spider: Any = None) -> Generator[Deferred[Any], Any, Response | Request]:
        """Write down why a page did not come, and guard what is called then."""
        try:
            came: Response | Request = yield super().fetch(request)
        except Exception as error:
            if not isinstance(error, Unchanged):
                self.logbook.missed(request.url, reason_of(error), request.meta.get(LIST))
            raise
        else:
            return came
        finally:
            request.errback = request.errback and guarded(request.errback)


class Watch:
    """A downloader middleware that is told of the signals."""

    def __init__(self, crawler: SiteCrawler) -> None:
        self.crawler = crawler
        self.logbook = crawler.logbook
        connect = crawler.signals.connect
        connect(self.page, signals.response_received)
        connect(self.item, signals.item_scraped)
        connect(self.error, signals.spider_error)
        connect(self.item_error, signals.item_error)
        connect(self.closed, signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Watch:
        """Called by Scrapy."""
        return cls(site_crawler(crawler))

    def page(self, response: Response, request: Request) -> None:
        """A page came."""
        listed = request.meta.get(LIST)
        self.logbook.answered(response.url, response.status, listed)
        if response.status == 200 and listed is not None:
            self.logbook.notes.list_page(response.url, listed, response.body)
        elif response.status == 200 and isinstance(response, HtmlResponse):
            self.logbook.notes.page(request.meta.get("redirect_urls", [request.url])[0], response.body)

    def item(self, item: Any) -> None:
        """The spider, and its pipelines, gave something."""
        self.logbook.add(item, self.crawler.now())

    def error(self, failure: Failure) -> None:
        """The spider raised."""
        if failure.value is not None:
            self.logbook.crash(failure.value)

    def item_error(self, failure: Failure) -> None:
        """A pipeline of the spider raised."""
        if failure.value is not None:
            self.logbook.crash(failure.value)

    def closed(self, reason: str) -> None:
        """The crawl is over; ``finished`` is the good end."""
        if reason.startswith("closespider_pagecount"):
            self.logbook.fail(f"stopped at its limit of {self.crawler.job.max_pages} pages", Trouble.SPIDER)
        elif reason not in ("finished", "shutdown", "start_error"):
            self.logbook.fail(f"the spider was closed: {reason}", Trouble.SPIDER)
