"""One visit, as spiders see it: its job, its logbook, and what all visits of a worker share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from ..bus import Job
from ..domain import Source
from ..plugins import Plugins
from .fetcher import Fetched, Fetcher
from .guard import Permits
from .logbook import Logbook
from .politeness import Gate, gap_of
from .robots_cache import Robots
from .settings import WorkerSettings
from .turns import Turns


class Shared:
    """What outlives a visit: the plugins, and everything that must be kept for each host."""

    def __init__(self, settings: WorkerSettings, plugins: Plugins) -> None:
        self.settings = settings
        self.plugins = plugins
        turns = Turns(settings.turns, leased=settings.leased)
        self.gate = Gate(gap=settings.gap, at_once=settings.at_once, shared=turns)
        self.permits = Permits()
        self.fetcher = Fetcher(settings, self.permits, self.gate)
        self.robots = Robots(self.fetcher)


@dataclass(eq=False)
class Site:
    """The visit of one source. Spiders reach it through ``self.site``, middlewares through the crawler."""

    logbook: Logbook
    shared: Shared

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
        """Seconds between two requests if not the usual ones."""
        return gap_of(self.source)

    def pages_in_time(self, url: str) -> int:
        """How many pages of a host can be asked for before the deadline, politely."""
        left = 0.8 * self.job.deadline.total_seconds() - (self.now() - self.logbook.started_at).total_seconds()
        pace = self.shared.gate.pace(url, gap=self.gap)
        return max(int(left / pace), 1) if pace else self.job.max_pages

    async def check_robots(self, url: str) -> None:
        """Raise ``Refused`` for what robots.txt forbids, or what must not be asked for in any case."""
        try:
            await self.shared.robots.check(url, self.source)
        finally:
            self.logbook.robots = self.logbook.robots or self.shared.robots.in_words(url)

    async def fetch(self, url: str, *, headers: Mapping[str, str]) -> Fetched:
        """Fetch a page for this visit. Raises what ``Fetcher.get`` raises."""
        answer = await self.shared.fetcher.get(url, self.source, headers=headers, check=self.check_robots)
        if answer.wait is not None:
            self.logbook.wait(answer.wait)
        if answer.distrust:
            self.logbook.remark(answer.distrust)
        return answer

    def now(self) -> datetime:
        """This moment, aware UTC."""
        return datetime.now(UTC)
