"""One gate for each host, for all crawls of all workers: how long between two requests, and when not at all."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from email.utils import parsedate_to_datetime

from ..domain import Source
from ..extract import registrable_host
from .guard import Held
from .turns import Turns

MOST_HOSTS = 20_000
LONGEST_DELAY = 60.0
WAIT_UNSAID, LONGEST_WAIT = 300.0, 86_400.0
LOOK_AGAIN = 0.1  # seconds, while another worker or machine asks the same host
WANTS_A_PAUSE = (429, 503)


@dataclass(slots=True)
class _Host:
    turns: asyncio.Semaphore
    crawl_delay: float = 0.0
    asked_at: float = 0.0


@dataclass(slots=True)
class Gate:
    """Lets requests through by turns. ``gap`` is seconds between two requests to one host."""

    gap: float = 1.0
    at_once: int = 1
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    shared: Turns = field(default_factory=Turns)
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
        quiet = [name for name, host in self.hosts.items() if host.asked_at < now - 3600]
        for name in quiet:
            del self.hosts[name]

    @asynccontextmanager
    async def turn(self, url: str, *, gap: float | None = None) -> AsyncIterator[None]:
        """Wait for this URL's turn and hold it. Raises ``Held`` while the host asks to be left alone."""
        host, name = self._host(url), registrable_host(url)
        async with host.turns:
            while not self.shared.take(name):
                await self.sleep(LOOK_AGAIN)
            try:
                await self._wait(name)
                while not self.shared.is_ours(name):
                    await self.sleep(LOOK_AGAIN)
                try:
                    yield
                finally:
                    host.asked_at = self.clock()
                    free_at = host.asked_at + self.pace(url, gap=gap)
                    self.shared.note(name, replace(self.shared.of(name), free_at=free_at))
            finally:
                self.shared.leave(name)

    async def _wait(self, name: str) -> None:
        turn = self.shared.of(name)
        left = turn.closed_until - self.clock()
        if left > 0:
            raise Held(f"the site asked to be left alone for another {left:.0f} s")
        if (pause := turn.free_at - self.clock()) > 0:
            await self.sleep(pause)

    def pace(self, url: str, *, gap: float | None = None) -> float:
        """Seconds from one request to this host to the next, at the least."""
        return max(self.gap if gap is None else gap, self._host(url).crawl_delay)

    def slow_down(self, url: str, seconds: float) -> None:
        """The host's robots.txt wants so long between two requests."""
        self._host(url).crawl_delay = min(seconds, LONGEST_DELAY)

    def close(self, url: str, seconds: float) -> None:
        """The host wants no request at all for so long."""
        name = registrable_host(url)
        turn = self.shared.of(name)
        self.shared.note(name, replace(turn, closed_until=max(turn.closed_until, self.clock() + seconds)))


def gap_of(source: Source) -> float | None:
    """Seconds between two requests if not the usual ones: an organisation's own sites need no pause."""
    return 0.0 if source.internal else None


def asked_to_wait(status: int, retry_after: str, now: datetime) -> float | None:
    """The seconds a site asks to be left alone, a day at most; ``None`` if it does not.

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
        return min(float(said[:9]), LONGEST_WAIT)
    try:
        return min(max((parsedate_to_datetime(said) - now).total_seconds(), 0.0), LONGEST_WAIT)
    except (ValueError, TypeError):
        return WAIT_UNSAID
