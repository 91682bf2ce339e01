"""Between the spider and Scrapy: what a spider raises or floods costs the spider alone."""

from __future__ import annotations

import functools
import inspect
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

from scrapy.crawler import Crawler
from scrapy.http import Request, Response

from .crawler import SiteCrawler, site_crawler
from .marks import LIST
from .taming import tamed

MOST_OUTPUT = 10_000


class TooMuch(Exception):
    """A spider yielded more than any visit needs."""


class IsolationMiddleware:
    """Stands next to the spider: everything it yields or raises comes through here first."""

    def __init__(self, crawler: SiteCrawler) -> None:
        self.crawler = crawler
        self.yielded = 0

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> IsolationMiddleware:
        """Called by Scrapy."""
        return cls(site_crawler(crawler))

    def process_spider_input(self, response: Response) -> None:
        """Guard the callback that is about to be called."""
        request, spider = response.request, self.crawler.spider
        if request is not None and spider is not None:
            request.callback = guarded(request.callback or spider._parse)

    async def process_start(self, start: AsyncIterator[Any]) -> AsyncIterator[Any]:
        """Guard what the spider starts with."""
        async for each in self._watched(start):
            yield each

    async def process_spider_output(self, response: Response, result: AsyncIterator[Any]) -> AsyncIterator[Any]:
        """Guard what a callback yields."""
        listed = response.meta.get(LIST)
        async for each in self._watched(result):
            if isinstance(each, Request) and listed is not None and each.meta.get(LIST) == listed:
                del each.meta[LIST]  # a spider that passes its meta on does not make every page a list
            yield each

    async def _watched(self, output: AsyncIterator[Any]) -> AsyncIterator[Any]:
        while True:
            with tamed():
                try:
                    each = await anext(output)
                except StopAsyncIteration:
                    return
            self.yielded += 1
            if self.yielded > MOST_OUTPUT:
                raise TooMuch(f"it yielded more than {MOST_OUTPUT} items and requests in one visit")
            if isinstance(each, Request):
                self.crawler.logbook.asked += 1
            yield each


def guarded(callback: Callable[..., Any]) -> Callable[..., Any]:
    """A callback or errback that can raise ordinary errors only, plain or ``async def``."""

    @functools.wraps(callback)
    def call(*given: Any, **named: Any) -> Any:
        with tamed():
            output = callback(*given, **named)
        return _awaited(output) if inspect.iscoroutine(output) else output

    return call


async def _awaited(output: Coroutine[Any, Any, Any]) -> Any:
    with tamed():
        return await output
