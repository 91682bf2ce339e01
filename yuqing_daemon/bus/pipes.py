"""The bus of one machine: crawl workers as child processes, JSON lines over private pipes.

The parent trusts nothing a worker does: it may crash, hang, leak or send rubbish, and is replaced. Every job
that was put comes back exactly once, as a Result or as Lost.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

from .blame import Verdict
from .messages import Job, Lost, Result
from .scratch import scratch_file
from .seat import Limits, Seat

log = logging.getLogger(__name__)


_BROWSER = ""  # where the one worker with a browser stands among those of sources


class PipeBus:
    """A ``Bus`` over the pipes of its own workers. It must be started and used in one event loop.

    Args:
        command: what starts a worker, such as ``[sys.executable, "-m", "yuqing_daemon.crawl"]``.
        settings: what every worker is told first; must be JSON.
        silence: a worker not heard of for so long is killed.
        recycle_after, max_rss, max_age: crawls, bytes and age after which a worker is drained and replaced.
        per_worker: how many jobs a worker runs at once.
        grace: how long after its deadline a job may still come back by itself.
        start_within: how long a worker may take until it is ready.
        turns: the open file of turns (crawl/turns.py), if it is to outlive this bus.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        workers: int,
        settings: Mapping[str, Any],
        silence: timedelta = timedelta(seconds=5),
        recycle_after: int = 100_000,
        max_rss: int = 512 * 1024 * 1024,
        max_age: timedelta = timedelta(days=1),
        per_worker: int = 32,
        grace: timedelta = timedelta(seconds=10),
        start_within: timedelta = timedelta(seconds=60),
        turns: int = -1,
    ) -> None:
        limits = Limits(
            silence=silence,
            start_within=start_within,
            grace=grace,
            recycle_after=recycle_after,
            max_rss=max_rss,
            max_age=max_age,
            per_worker=per_worker,
        )
        self._turns = os.fdopen(scratch_file() if turns < 0 else os.dup(turns), "rb")  # open as long as the bus
        told = {
            **settings,
            "silence": silence.total_seconds(),
            "max_rss": max_rss,
            "turns": self._turns.fileno(),
        }
        self._back: asyncio.Queue[Result | Lost] = asyncio.Queue()
        self._seats = [Seat(command, told, limits, self._back.put_nowait) for _ in range(workers)]
        self._told = told
        self._make_own = partial(Seat, command, limits=replace(limits, per_worker=1), back=self._back.put_nowait)
        self._own: dict[str, Seat] = {}  # by source; one for all that need a browser
        self._closing = False
        self._lives: list[asyncio.Task[None]] = []

    @property
    def capacity(self) -> int:
        """How many jobs may usefully be out at once."""
        return sum(seat.limits.per_worker for seat in self._all())

    @property
    def pids(self) -> tuple[int, ...]:
        """The processes of the workers that are alive now."""
        return tuple(seat.child.process.pid for seat in self._all() if seat.child is not None)

    @property
    def problems(self) -> tuple[str, ...]:
        """What the workers could not load: one line for each broken spider file."""
        return next((seat.child.problems for seat in self._seats if seat.child and seat.child.ready), ())

    @property
    def trouble(self) -> str:
        """Nothing: workers that cannot start say so themselves."""
        return ""

    def nodes(self, hosts: Mapping[str, str]) -> Mapping[str, Any]:
        """None: its workers are its own."""
        return {}

    async def start(self) -> None:
        """Start the workers; jobs may be put at once."""
        for seat in self._seats:
            self._live(seat)

    def _live(self, seat: Seat) -> None:
        life = asyncio.create_task(seat.run(), name="crawl-worker")
        life.add_done_callback(_report)
        self._lives.append(life)

    async def put(self, job: Job) -> None:
        """Hand a job to the worker of its host, to that of its source, or to the one that has a browser."""
        self._seat(job).put(job)

    def _seat(self, job: Job) -> Seat:
        source = job.source
        if not (source.own_worker or source.render) or self._closing:
            return self._seats[seat_of(job.host, len(self._seats))]
        name = _BROWSER if source.render else source.id
        if name not in self._own:
            self._own[name] = self._make_own(settings={**self._told, "renders": source.render})
            self._live(self._own[name])
        return self._own[name]

    def _all(self) -> list[Seat]:
        return [*self._seats, *self._own.values()]

    async def get(self) -> Result | Lost:
        """The next thing that came back."""
        return await self._back.get()

    def also(self, most: int) -> list[Result | Lost]:
        """What else has come back by now, at most so many; it never waits."""
        return [self._back.get_nowait() for _ in range(min(most, self._back.qsize()))]

    async def stop(self, grace: timedelta) -> None:
        """Start no more jobs, give the running ones this long, then end the workers. What is left comes back lost."""
        self._closing = True
        for seat in self._all():
            seat.closing = True
        until = asyncio.get_running_loop().time() + grace.total_seconds()
        while self._is_busy() and asyncio.get_running_loop().time() < until:
            await asyncio.sleep(0.02)
        while not all(life.done() for life in self._lives):
            for seat in self._all():
                if seat.child is not None:
                    seat.child.kill(Verdict(reason="the bus is stopping", excused=True))
            await asyncio.wait(self._lives, timeout=0.1)
        self._turns.close()

    def _is_busy(self) -> bool:
        return any(seat.child is not None and seat.child.running for seat in self._all())


def _report(life: asyncio.Task[None]) -> None:
    if not life.cancelled() and life.exception() is not None:
        log.critical("bus.seat_failed", exc_info=life.exception())


def seat_of(host: str, workers: int) -> int:
    """Which worker a host belongs to, the same after every restart.

    >>> seat_of("example.com", 1), seat_of("example.com", 4) == seat_of("example.com", 4)
    (0, True)
    """
    return int.from_bytes(hashlib.blake2b(host.encode(), digest_size=4).digest()) % workers
