"""A Scrapy crawler that knows which job it runs, and what all crawlers of a worker share."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from scrapy import Spider
from scrapy.crawler import Crawler
from scrapy.settings import Settings

from ..bus import Job
from ..domain import Source
from ..plugins import Plugins
from .addon import put_ours_in
from .guard import Permits
from .logbook import Logbook
from .politeness import Gate
from .robots_cache import RobotsCache
from .settings import WorkerSettings
from .taming import tamed


@dataclass(frozen=True, slots=True)
class Shared:
    """What outlives a crawl: the plugins, and everything that must be kept for each host."""

    settings: WorkerSettings
    plugins: Plugins
    gate: Gate
    permits: Permits = field(default_factory=Permits)
    robots: RobotsCache = field(default_factory=RobotsCache)


class SiteCrawler(Crawler):
    """One crawl of one job. Spiders and middlewares reach all of it through ``self.crawler``."""

    def __init__(self, spider: type[Spider], settings: Settings, logbook: Logbook, shared: Shared) -> None:
        super().__init__(spider, settings)
        self.logbook = logbook
        self.shared = shared

    @property
    def job(self) -> Job:
        """What was asked for."""
        return self.logbook.job

    @property
    def source(self) -> Source:
        """The source that is visited."""
        return self.logbook.job.source

    @property
    def gap(self) -> float | None:
        """Seconds between two requests if not the usual ones: an organisation's own sites need no pause."""
        return 0.0 if self.source.internal else None

    def pages_in_time(self, url: str) -> int:
        """How many pages of a host can be asked for before the deadline, politely."""
        left = 0.8 * self.job.deadline.total_seconds() - (self.now() - self.logbook.started_at).total_seconds()
        pace = self.shared.gate.pace(url, gap=self.gap)
        return max(int(left / pace), 1) if pace else self.job.max_pages

    def now(self) -> datetime:
        """This moment, aware UTC."""
        return datetime.now(UTC)

    def _apply_settings(self) -> None:
        put_ours_in(self.settings)
        super()._apply_settings()

    def _create_spider(self, *given: Any, **named: Any) -> Spider:
        with tamed():
            spider = super()._create_spider(*given, **named)
        if not getattr(spider, "start_urls", None):
            spider.start_urls = list(self.source.urls)
        return spider


def site_crawler(crawler: Crawler) -> SiteCrawler:
    """The same crawler, known to be ours. Raises ``TypeError`` outside a worker."""
    if not isinstance(crawler, SiteCrawler):
        raise TypeError("this part of yuqing-daemon runs in its own crawl workers only")
    return crawler
