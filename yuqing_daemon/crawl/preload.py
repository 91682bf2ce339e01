"""Import what a crawl needs before the worker's pulse is watched: on a busy machine that takes seconds.

Otherwise the first visit would do it, block the loop, and be blamed for it.
"""

from __future__ import annotations

from contextlib import suppress

from scrapy.settings import BaseSettings, Settings
from scrapy.utils.misc import load_object

from .addon import put_ours_in
from .browser import NoBrowser, browser_settings

_TABLES = ("SPIDER_MIDDLEWARES", "DOWNLOADER_MIDDLEWARES", "EXTENSIONS", "DOWNLOAD_HANDLERS")
_SINGLE = (
    *("DUPEFILTER_CLASS", "SCHEDULER", "DOWNLOADER", "STATS_CLASS", "ITEM_PROCESSOR", "LOG_FORMATTER"),
    *("SCHEDULER_PRIORITY_QUEUE", "SCHEDULER_MEMORY_QUEUE", "SCHEDULER_DISK_QUEUE"),
)


def preload(*, renders: bool) -> None:
    """Import Scrapy's own parts, ours, and those of a browser if the worker runs one; what is missing a visit tells."""
    settings = Settings()
    put_ours_in(settings)
    names = [settings[name] for name in _SINGLE]
    for table in _TABLES:
        for entries in (settings.get(f"{table}_BASE"), settings[table]):
            if isinstance(entries, BaseSettings):
                names += entries.values() if table == "DOWNLOAD_HANDLERS" else entries
    for name in {*filter(None, names), "scrapy.core.engine.ExecutionEngine", "scrapy.core.scraper.Scraper"}:
        with suppress(ImportError):
            load_object(name)
    if renders:
        with suppress(NoBrowser):
            browser_settings()
