"""A Scrapy crawler that knows which visit it belongs to."""

from __future__ import annotations

from typing import Any

from scrapy import Spider
from scrapy.crawler import Crawler
from scrapy.settings import Settings

from .addon import put_ours_in
from .site import Site
from .taming import tamed


class SiteCrawler(Site, Crawler):
    """The crawl of one visit. Middlewares reach all of it through their crawler; ``made`` is a spider that looked."""

    def __init__(self, spider: type[Spider], settings: Settings, site: Site, made: Any = None) -> None:
        Site.__init__(self, site.logbook, site.shared)
        Crawler.__init__(self, spider, settings)
        self.made = made

    def _apply_settings(self) -> None:
        put_ours_in(self.settings, render=self.source.render)
        super()._apply_settings()

    def _create_spider(self, *given: Any, **named: Any) -> Spider:
        if isinstance(self.made, Spider):
            self.made._set_crawler(self)
            return self.made
        with tamed():
            spider = super()._create_spider(*given, **named)
        self.logbook.may_be_idle = bool(getattr(spider, "redis_key", None))
        if not getattr(spider, "start_urls", None):
            spider.start_urls = list(self.source.urls)
        return spider


def site_crawler(crawler: Crawler) -> SiteCrawler:
    """The same crawler, known to be ours. Raises ``TypeError`` outside a worker."""
    if not isinstance(crawler, SiteCrawler):
        raise TypeError("this part of yuqing-daemon runs in its own crawl workers only")
    return crawler
