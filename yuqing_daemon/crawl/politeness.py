"""One gate for each host, for all crawls of a worker: how many at once, how long between, and when not at all."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime

from ..domain import Source
from ..extract import registrable_host
from .guard import Held

MOST_HOSTS = 20_000
LONGEST_DELAY = 60.0
WAIT_UNSAID = 300.0
WANTS_A_PAUSE = (429, 503)


@dataclass(slots=True)
class _Host:
    turns: asyncio.Semaphore
    free_at: float = 0.0
    closed_until: float = 0.0
    crawl_delay: float = 0.0


@dataclass(slots=True)
class Gate:
    """Lets requests through by turns. ``gap`` is seconds between two requests to one host."""

    gap: float = 1.0
    at_once: int = 1
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    hosts: dict[str, _Host] = field(default_factory=dict)

    def _host(self, url: str) -> _Host:
        name = registrable_host(url)
        if name not in self.hosts:
            if len(self.hosts) >= MOST_HOSTS:
                self._forget()
            self.hosts[name] = _Host(asyncio.Semaphore(self.at_once))
        return self.hosts[name]

    def _forget(self) -> None:
        now = self.clock()
        quiet = [name for name, host in self.hosts.items() if max(host.free_at, host.closed_until) < now - 3600]
        for name in quiet:
            del self.hosts[name]

    @asynccontextmanager
    async def turn(self, url: str, *, gap: float | None = None) -> AsyncIterator[None]:
        """Wait for this URL's turn and hold it. Raises ``Held`` while the host asks to be left alone."""
        host = self._host(url)
        async with host.turns:
            self._refuse_closed(host)
            pause = host.free_at - self.clock()
            if pause > 0:
                await self.sleep(pause)
            try:
                yield
            finally:
                host.free_at = self.clock() + self.pace(url, gap=gap)

    def _refuse_closed(self, host: _Host) -> None:
        left = host.closed_until - self.clock()
        if left > 0:
            raise Held(f"the site asked to be left alone for another {left:.0f} s")

    def pace(self, url: str, *, gap: float | None = None) -> float:
        """Seconds from one request to this host to the next, at the least."""
        return max(self.gap if gap is None else gap, self._host(url).crawl_delay)

    def slow_down(self, url: str, seconds: float) -> None:
        """The host's robots.txt wants so long between two requests."""
        self._host(url).crawl_delay = min(seconds, LONGEST_DELAY)

    def close(self, url: str, seconds: float) -> None:
        """The host wants no request at all for so long."""
        host = self._host(url)
        host.closed_until = max(host.closed_until, self.clock() + seconds)


def gap_of(source: Source) -> float | None:
    """Seconds between two requests if not the usual ones: an organisation's own sites need no pause."""
    return 0.0 if source.internal else None


def asked_to_wait(status: int, retry_after: str, now: datetime) -> float | None:
    """The seconds a site asks to be left alone; ``None`` if it does not.

    >>> from datetime import UTC
    >>> now = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
    >>> asked_to_wait(429, "120", now), asked_to_wait(503, "", now), asked_to_wait(200, "120", now)
    (120.0, 300.0, None)
    >>> asked_to_wait(503, "Fri, 01 May 2026 12:01:00 GMT", now)
    60.0
    """
    if status not in WANTS_A_PAUSE:
        return None
    said = retry_after.strip()
    if said.isdecimal():
        return float(said[:9])
    try:
        return max((parsedate_to_datetime(said) - now).total_seconds(), 0.0)
    except (ValueError, TypeError):
        return WAIT_UNSAID
