"""Let Scrapy obey robots.txt, unless the configuration gives a written reason not to."""

from __future__ import annotations

from scrapy.crawler import Crawler
from scrapy.http import Request

from .crawler import SiteCrawler, site_crawler


class RobotsMiddleware:
    """Refuses what the rules disallow; they are the same for all visits of a worker."""

    def __init__(self, crawler: SiteCrawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> RobotsMiddleware:
        """Called by Scrapy."""
        return cls(site_crawler(crawler))

    async def process_request(self, request: Request) -> None:
        """Ask before each request, and at each redirect. Raises ``Refused``."""
        await self.crawler.check_robots(request.url)
