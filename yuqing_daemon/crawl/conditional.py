"""Ask for a list only if it has changed: validators are sent back exactly as they were received.

Scrapy's own HTTP cache is unfit for this: it answers polls from disk without asking the site.
"""

from __future__ import annotations

from collections.abc import Callable

from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Request, Response

from .crawler import SiteCrawler, site_crawler
from .marks import LIST
from .memory import Memory

_ASKED_BY = {"ETag": "If-None-Match", "Last-Modified": "If-Modified-Since"}


def conditions(memory: Memory, listed: str) -> dict[str, str]:
    """The headers that ask for a list only if it has changed."""
    kept = memory.validators.get(listed, {})
    return {asked_by: kept[name] for name, asked_by in _ASKED_BY.items() if name in kept}


def keep_validators(memory: Memory, listed: str, header: Callable[[str], str]) -> None:
    """Keep what a full answer says about itself; ``header`` gives a header by its name."""
    memory.validators.pop(listed, None)
    said = {name: header(name) for name in _ASKED_BY}
    if any(said.values()):
        memory.validators[listed] = {name: value for name, value in said.items() if value and value.isascii()}


class Unchanged(IgnoreRequest):
    """A list is as it was: there is nothing to read, and nothing wrong."""


class ConditionalMiddleware:
    """Sends and keeps the validators of a source's lists; an unchanged list never reaches the spider."""

    def __init__(self, crawler: SiteCrawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> ConditionalMiddleware:
        """Called by Scrapy."""
        return cls(site_crawler(crawler))

    def process_request(self, request: Request) -> None:
        """Mark the source's own URLs as lists and add what was kept of them."""
        if LIST not in request.meta and request.method == "GET" and request.url in self.crawler.source.urls:
            request.meta[LIST] = request.url
        for name, value in conditions(self.crawler.logbook.memory, request.meta.get(LIST, "")).items():
            request.headers[name] = value

    def process_response(self, request: Request, response: Response) -> Response:
        """Stop at 304; keep what a full answer says about itself."""
        listed = request.meta.get(LIST)
        if listed is None:
            return response
        if response.status == 304:
            self.crawler.logbook.is_as_before(listed)
            raise Unchanged
        if response.status == 200:
            said = response.headers
            keep_validators(self.crawler.logbook.memory, listed, lambda name: (said.get(name) or b"").decode("latin-1"))
        return response
