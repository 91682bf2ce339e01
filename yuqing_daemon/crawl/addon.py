"""Scrapy's settings for a crawl: ours at add-on priority, so that a spider's own win, except what keeps us safe."""

from __future__ import annotations

from typing import Any, Self

from scrapy.settings import BaseSettings, Settings

from ..bus import Job
from .browser import browser_settings
from .settings import HEADERS, WorkerSettings

_HERE = "yuqing_daemon.crawl"
_HANDLER = f"{_HERE}.handler.PoliteHandler"
_RENDERING = f"{_HERE}.render.RenderHandler"
_DOWNLOADER = {
    f"{_HERE}.watch.Watch": 10,
    f"{_HERE}.robots.RobotsMiddleware": 100,
    f"{_HERE}.decoding.DecodingMiddleware": 560,
    f"{_HERE}.conditional.ConditionalMiddleware": 620,
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
    "scrapy.downloadermiddlewares.httpproxy.HttpProxyMiddleware": None,
    "scrapy.downloadermiddlewares.httpcache.HttpCacheMiddleware": None,
}
_PARTS: dict[str, dict[str, Any]] = {
    "ADDONS": {f"{_HERE}.addon.Addon": 100},
    "DOWNLOAD_HANDLERS": {"http": _HANDLER, "https": _HANDLER} | dict.fromkeys(("file", "data", "ftp", "s3")),
    "DOWNLOADER_MIDDLEWARES": _DOWNLOADER,
    "SPIDER_MIDDLEWARES": {f"{_HERE}.isolation.IsolationMiddleware": 10_000},
}
_NOT_PAGES = 10  # robots.txt of several hosts may be fetched beside the pages


class Addon:
    """Our defaults; a spider's ``custom_settings`` go before them."""

    def update_settings(self, settings: BaseSettings) -> None:
        """Called by Scrapy."""
        defaults: dict[str, Any] = {
            "COOKIES_ENABLED": False,
            "DEFAULT_REQUEST_HEADERS": HEADERS,
            "LOGSTATS_INTERVAL": 0,
            "STATS_DUMP": False,
            "CONCURRENT_REQUESTS": 8,
            "CONCURRENT_ITEMS": 8,
            "DOWNLOAD_DELAY": 0,
            "REDIRECT_MAX_TIMES": 5,
            "RETRY_TIMES": 1,
            "RETRY_HTTP_CODES": [500, 502, 504, 522, 524, 408],
            "HTTPERROR_ALLOW_ALL": False,
            "WARN_ON_GENERATOR_RETURN_VALUE": False,
        }
        for name, value in defaults.items():
            settings.set(name, value, priority="addon")


class CrawlSettings(Settings):
    """Settings made for one crawl. Scrapy copies what it is given, which would be a third of the cost of a poll."""

    def copy(self) -> Self:
        """Nobody else holds these, so there is nothing to protect."""
        return self


def crawl_settings(worker: WorkerSettings, job: Job) -> Settings:
    """The settings of one crawl. What keeps the machine and the visited sites safe, no spider can change."""
    settings = CrawlSettings()
    pages = job.max_pages + len(job.revisit)
    safety: dict[str, Any] = {
        "REMOTE_CONTROL_ENABLED": False,
        "TELNETCONSOLE_ENABLED": False,
        "HTTPCACHE_ENABLED": False,
        "HTTPPROXY_ENABLED": False,
        "ROBOTSTXT_OBEY": False,
        "MEMUSAGE_ENABLED": False,
        "JOBDIR": None,
        "DOWNLOADER": f"{_HERE}.watch.WatchedDownloader",
        "FEEDS": {},
        "USER_AGENT": worker.user_agent,
        "DOWNLOAD_MAXSIZE": worker.max_bytes,
        "DOWNLOAD_WARNSIZE": 0,
        "DOWNLOAD_TIMEOUT": min(worker.timeout, job.deadline.total_seconds()),
        "DEPTH_LIMIT": worker.max_depth,
        "CLOSESPIDER_PAGECOUNT": pages + _NOT_PAGES,
    }
    for name, value in safety.items():
        settings.set(name, value, priority="cmdline")
    settings.set("MAX_IDLE_TIME_BEFORE_CLOSE", 1, priority="default")  # a spider of scrapy-redis asks before add-ons
    return settings


def put_ours_in(settings: BaseSettings, *, render: bool = False) -> None:
    """Put our parts into the tables beside a spider's own. Done last: a spider's table replaces what was there."""
    for name, ours in _PARTS.items():
        table = BaseSettings(settings[name], priority="spider")
        table.update(ours, priority="cmdline")
        settings.set(name, table, priority="cmdline")
    if render:
        settings["DOWNLOAD_HANDLERS"].update({"http": _RENDERING, "https": _RENDERING}, priority="cmdline")
        for name, value in browser_settings().items():
            settings.set(name, value, priority="cmdline")
