"""Who crawls for the main process: workers of its own, or nodes behind a Redis, whose parts are loaded only then."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import Any

from .bus import Bus
from .bus.pipes import PipeBus
from .config import Settings
from .crawl.once import WORKER
from .plugins import Plugins

CRAWL_HOOKS = frozenset({"spiders", "extract_article"})  # what a crawl worker asks its plugins


def worker_settings(settings: Settings, plugins: Plugins, *, others: bool = True) -> dict[str, Any]:
    """What the crawl workers are told when they start. They load no plugin that has nothing to do in a crawl."""
    idle = [entry.name for entry in plugins.entries.values() if entry.hooks and CRAWL_HOOKS.isdisjoint(entry.hooks)]
    crawl = settings.crawl
    return {
        "contact": crawl.contact,
        "spiders_dir": str(crawl.spiders) if crawl.spiders else "",
        "enable": list(settings.enable_plugins),
        "disable": [*settings.disable_plugins, *idle],
        "others": others,
        "gap": crawl.gap.total_seconds(),
    }


async def check_bus(settings: Settings) -> None:
    """Refuse a Redis that cannot be relied on.

    Raises:
        ConfigError: its maxmemory-policy is not noeviction.
    """
    if settings.bus.url:
        from .bus.redis_line import refuse_eviction

        await refuse_eviction(settings.bus.url)


def choose_bus(settings: Settings, told: Mapping[str, Any]) -> Bus:
    """Pipes to workers of our own, or Redis if the configuration names one. ``told`` is what the workers are told."""
    if settings.bus.url:
        from .bus.redis import RedisBus

        return RedisBus(settings.bus.url, name=socket.gethostname(), settings=told)
    return PipeBus(WORKER, workers=settings.crawl.workers, settings=told)


def local_node(settings: Settings, *, others: bool, wanted: bool) -> AbstractAsyncContextManager[None]:
    """A crawl node on the main's own machine while the block runs; none without Redis: the bus itself has workers."""
    if not settings.bus.url or not wanted:
        return nullcontext()
    from .crawl_node import CrawlNode, at_hand

    crawl = settings.crawl
    return at_hand(CrawlNode(settings.bus.url, workers=crawl.workers, spiders=crawl.spiders, others=others))
