"""One job, one worker, one answer: for trying a source out, and for tests. Imports no Scrapy."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from ..bus import Job, Lost, Result
from ..bus.pipes import PipeBus

WORKER = (sys.executable, "-m", "yuqing_daemon.crawl")


def crawl_once(job: Job, settings: Mapping[str, Any]) -> Result | Lost:
    """Run one job in a worker of its own, with the same limits as in the daemon; ``settings`` are the worker's."""
    return asyncio.run(_crawl(job, settings))


async def _crawl(job: Job, settings: Mapping[str, Any]) -> Result | Lost:
    bus = PipeBus(WORKER, workers=1, settings=settings)
    await bus.start()
    try:
        await bus.put(job)
        return await bus.get()
    finally:
        await bus.stop(timedelta(0))
