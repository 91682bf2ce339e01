"""Run one job: a look or a crawl with a deadline, and the result that comes of it whatever happens."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from scrapy import Spider

from ..bus import Job, Result
from ..rules.health import Trouble
from .addon import crawl_settings
from .crawler import SiteCrawler
from .loader import Spiders
from .logbook import Logbook
from .look import look, looker
from .offspring import end_offspring
from .robots_cache import origin_of
from .site import Shared, Site

STOP_WITHIN = 2.0  # seconds a crawl gets to stop at its deadline before it is left behind


async def visit(job: Job, shared: Shared, spiders: Spiders) -> Result:
    """Visit one source: look first where that is possible. What was found until the deadline counts."""
    site = Site(Logbook(job, datetime.now(UTC)), shared)
    spider = spiders.by_name.get(job.source.spider)
    if spider is None:
        site.logbook.fail(_unknown(job.source.spider, spiders), Trouble.SPIDER)
        return site.logbook.result(datetime.now(UTC))
    memory, origins = site.logbook.memory, [origin_of(url) for url in job.source.urls]
    shared.robots.cache.recall(memory.robots)
    with shared.permits.visit(job.source):
        try:
            await _Visit(site, spider).run()
        except Exception as error:  # noqa: BLE001 - a spider's __init__ and settings are other people's code
            site.logbook.crash(error)
        finally:
            if job.source.render and shared.settings.renders:
                end_offspring()
    memory.robots = shared.robots.cache.to_store(origins) or memory.robots
    return site.logbook.result(datetime.now(UTC))


class _Visit:
    """A look and, if there is something to crawl, a crawl."""

    def __init__(self, site: Site, spider: type[Spider]) -> None:
        self.site = site
        self.spider = spider
        self.crawler: SiteCrawler | None = None

    async def run(self) -> None:
        """Go on until the deadline at most."""
        task = asyncio.ensure_future(self._go())
        task.add_done_callback(_look_at)
        seconds = self.site.job.deadline.total_seconds()
        done, _ = await asyncio.wait({task}, timeout=seconds)
        if done:
            return task.result()
        told = f"stopped at its deadline of {seconds:g} s after {self.site.logbook.pages} pages"
        self.site.logbook.fail(told, Trouble.SPIDER)
        stop = asyncio.ensure_future(self._stop())
        await asyncio.wait({task, stop}, timeout=STOP_WITHIN, return_when=asyncio.ALL_COMPLETED)
        stop.cancel()
        task.cancel()
        return None

    async def _go(self) -> None:
        job, shared = self.site.job, self.site.shared
        made = looker(self.spider, self.site)
        if made is not None and not await look(made, self.site):
            return
        settings = crawl_settings(shared.settings, job)
        self.crawler = SiteCrawler(self.spider, settings, self.site, made)
        await self.crawler.crawl_async(**_arguments(job.source.options))

    async def _stop(self) -> None:
        with contextlib.suppress(RuntimeError):  # the crawl has not come as far as its engine
            if self.crawler is not None:
                await self.crawler.stop_async()


def _look_at(task: asyncio.Task[None]) -> None:
    """An error that comes after the deadline belongs to nobody any more."""
    if not task.cancelled():
        task.exception()


def _arguments(options: Mapping[str, Any]) -> dict[str, Any]:
    given = options.get("args")
    return {str(name): value for name, value in given.items()} if isinstance(given, Mapping) else {}


def _unknown(name: str, spiders: Spiders) -> str:
    known = ", ".join(sorted(spiders.by_name)) or "none"
    broken = "".join(f"; {problem}" for problem in spiders.problems)
    return f"there is no spider {name!r}; there are {known}{broken}"
