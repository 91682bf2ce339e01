"""Run one job: a crawl with a deadline, and the result that comes of it whatever happens."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from ..bus import Job, Result
from ..rules.health import Trouble
from .addon import crawl_settings
from .crawler import Shared, SiteCrawler
from .loader import Spiders
from .logbook import Logbook

STOP_WITHIN = 2.0  # seconds a crawl gets to stop at its deadline before it is left behind


async def visit(job: Job, shared: Shared, spiders: Spiders) -> Result:
    """Visit one source. What was found until the deadline counts."""
    logbook = Logbook(job, datetime.now(UTC))
    spider = spiders.by_name.get(job.source.spider)
    if spider is None:
        logbook.fail(_unknown(job.source.spider, spiders), Trouble.SPIDER)
        return logbook.result(datetime.now(UTC))
    with shared.permits.visit(job.source):
        try:
            crawler = SiteCrawler(spider, crawl_settings(shared.settings, job), logbook, shared)
            await _crawl(crawler)
        except Exception as error:  # noqa: BLE001 - a spider's __init__ and settings are other people's code
            logbook.crash(error)
    return logbook.result(datetime.now(UTC))


async def _crawl(crawler: SiteCrawler) -> None:
    task = asyncio.ensure_future(crawler.crawl_async(**_arguments(crawler.source.options)))
    task.add_done_callback(_look_at)
    seconds = crawler.job.deadline.total_seconds()
    done, _ = await asyncio.wait({task}, timeout=seconds)
    if done:
        return task.result()
    told = f"stopped at its deadline of {seconds:g} s after {crawler.logbook.pages} pages"
    crawler.logbook.fail(told, Trouble.SPIDER)
    stop = asyncio.ensure_future(_stop(crawler))
    await asyncio.wait({task, stop}, timeout=STOP_WITHIN, return_when=asyncio.ALL_COMPLETED)
    stop.cancel()
    task.cancel()
    return None


async def _stop(crawler: SiteCrawler) -> None:
    with contextlib.suppress(RuntimeError):  # the crawl has not come as far as its engine
        await crawler.stop_async()


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
