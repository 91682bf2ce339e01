"""Obey robots.txt, unless the configuration gives a written reason not to."""

from __future__ import annotations

from urllib.parse import urlsplit

from scrapy.crawler import Crawler
from scrapy.http import Request
from scrapy.http.request import NO_CALLBACK

from ..extract import decode
from .crawler import SiteCrawler, site_crawler
from .guard import Refused
from .marks import ROBOTS
from .reasons import reason_of
from .robots_cache import Rules


class RobotsMiddleware:
    """Asks each host's robots.txt before anything else, and applies its Crawl-delay."""

    def __init__(self, crawler: SiteCrawler) -> None:
        self.crawler = crawler
        self.agent = crawler.shared.settings.user_agent

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> RobotsMiddleware:
        """Called by Scrapy."""
        return cls(site_crawler(crawler))

    async def process_request(self, request: Request) -> None:
        """Refuse what the rules disallow."""
        if self.crawler.source.ignore_robots or request.meta.get(ROBOTS):
            return
        why = self.crawler.shared.permits.reason(request.url, self.crawler.source)
        if not why:
            rules = await self._rules(request.url)
            self.crawler.logbook.robots = self.crawler.logbook.robots or rules.in_words(request.url, self.agent)
            why = rules.refusal(request.url, self.agent)
        if why:
            raise Refused(why)

    async def _rules(self, url: str) -> Rules:
        parts = urlsplit(url)
        origin, cache = f"{parts.scheme}://{parts.netloc}", self.crawler.shared.robots
        async with cache.lock(origin):
            rules = cache.get(origin) or await self._fetch(origin)
        delay = rules.crawl_delay(self.agent)
        if delay:
            self.crawler.shared.gate.slow_down(url, delay)
        return rules

    async def _fetch(self, origin: str) -> Rules:
        cache = self.crawler.shared.robots
        request = Request(f"{origin}/robots.txt", priority=1000, meta={ROBOTS: True}, callback=NO_CALLBACK)
        try:
            response = await self.crawler.engine.download_async(request)
        except Refused:
            raise
        except Exception as error:  # noqa: BLE001 - whatever went wrong, it could not be read
            return cache.unreachable(origin, reason_of(error))
        return cache.answered(origin, response.status, decode(response.body[:512_000]))
