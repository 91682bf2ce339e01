"""One worker's place on the bus: its queue, who may run beside whom, and its life from start to replacement."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from .blame import Verdict, lost
from .child import Child
from .messages import Job, Lost, Result

log = logging.getLogger(__name__)

LONGEST_PAUSE = 30.0
STARTS_BEFORE_GIVING_BACK = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """When a worker is killed, and when it is replaced. ``grace`` is what a job gets past its deadline."""

    silence: timedelta = timedelta(seconds=5)
    start_within: timedelta = timedelta(seconds=60)
    grace: timedelta = timedelta(seconds=10)
    recycle_after: int = 100_000
    max_rss: int = 512 * 1024 * 1024
    max_age: timedelta = timedelta(days=1)
    per_worker: int = 32


def next_job(queue: Collection[Job], running: Collection[Job], suspects: AbstractSet[str]) -> Job | None:
    """The job that may start now: one at a time for each host, and a suspect only alone.

    A suspect is a source that was running when a worker died of nobody knows whom: alone, it shows itself.
    """
    if any(job.source.id in suspects for job in running):
        return None
    busy = {job.host for job in running}
    free = next((job for job in queue if job.host not in busy), None)
    return None if free is not None and free.source.id in suspects and running else free


def pause_before(failures: int) -> float:
    """Seconds to wait before a worker is started again after so many deaths without any result.

    >>> [pause_before(n) for n in (0, 1, 4, 20)]
    [0.0, 0.2, 1.6, 30.0]
    """
    return min(LONGEST_PAUSE, 0.1 * 2 ** min(failures, 10)) if failures else 0.0


@dataclass(slots=True, eq=False)
class Seat:
    """A worker, and its successors. ``back`` is told of everything that comes back."""

    command: Sequence[str]
    settings: Mapping[str, Any]
    limits: Limits
    back: Callable[[Result | Lost], None]
    child: Child | None = None
    closing: bool = False
    queue: deque[Job] = field(default_factory=deque)
    suspects: set[str] = field(default_factory=set)
    code: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def put(self, job: Job) -> None:
        """Take a job: it runs as soon as it may."""
        if self.closing:
            self.back(Lost(job=job.id, source=job.source.id, reason="the bus is stopping", blamed=False))
            return
        self.queue.append(job)
        self._feed()

    def _feed(self) -> None:
        child = self.child
        if child is None or not child.ready or self.closing or self._is_worn(child):
            return
        now = asyncio.get_running_loop().time()
        while len(child.running) < self.limits.per_worker:
            job = next_job(self.queue, [running.job for running in child.running.values()], self.suspects)
            if job is None:
                return
            self.queue.remove(job)
            child.give(job, now + (job.deadline + self.limits.grace).total_seconds())

    def _is_worn(self, child: Child) -> bool:
        age = asyncio.get_running_loop().time() - child.born
        limits = self.limits
        return (
            child.done + len(child.running) >= limits.recycle_after
            or child.rss > limits.max_rss
            or age > limits.max_age.total_seconds()
        )

    async def run(self) -> None:
        """Keep a worker alive until the bus closes."""
        failures = starts = 0
        while not self.closing:
            try:
                child = await Child.start(self.command, self.settings)
            except OSError as error:
                log.error("worker.cannot_start error=%s", error)  # noqa: TRY400 - one line is enough
                failures, starts, reason = failures + 1, starts + 1, str(error)
            else:
                reason = await self._live(child)
                failures = 0 if child.done else failures + 1
                starts = 0 if child.ready else starts + 1
            if starts >= STARTS_BEFORE_GIVING_BACK:
                self._give_back(f"the worker cannot start: {reason}")
            if not self.closing:
                await asyncio.sleep(pause_before(failures))
        self._give_back("the bus is stopping")

    async def _live(self, child: Child) -> str:
        self.child = child
        watcher = asyncio.create_task(self._watch(child))
        verdict = await child.outlive(self._read(child))
        watcher.cancel()
        self.child, self.code = None, child.code or self.code
        self._mourn(child, verdict)
        return verdict.reason

    async def _read(self, child: Child) -> None:
        async for result in child.results():
            self.suspects.discard(result.source)
            self.back(result)
            self._feed()

    def _mourn(self, child: Child, verdict: Verdict) -> None:
        jobs = [running.job for running in child.running.values()]
        if jobs or not child.ready:
            log.error("worker.died pid=%d jobs=%d reason=%s", child.process.pid, len(jobs), verdict.reason)
        given_back = lost(jobs, verdict, child.last_words(), self.code)
        blamed = {each.source for each in given_back if each.blamed}
        self.suspects -= blamed
        if not blamed and not self.closing:
            self.suspects |= {job.source.id for job in jobs}
        for each in given_back:
            self.back(each)

    def _give_back(self, reason: str) -> None:
        while self.queue:
            job = self.queue.popleft()
            self.back(Lost(job=job.id, source=job.source.id, reason=reason, blamed=False))

    async def _watch(self, child: Child) -> None:
        loop = asyncio.get_running_loop()
        tick = min(0.25, self.limits.silence.total_seconds() / 10)
        last = loop.time()
        while True:
            await asyncio.sleep(tick)
            elapsed, last = loop.time() - last, loop.time()
            if elapsed > 10 * tick:
                continue  # we stood still ourselves: hear the worker out before judging it
            child.silent += elapsed
            self._judge(child, last)
            self._feed()

    def _judge(self, child: Child, now: float) -> None:
        limit = (self.limits.silence if child.ready else self.limits.start_within).total_seconds()
        late = next((running.job for running in child.running.values() if now > running.until), None)
        if late is not None:
            reason = f"it was not back {self.limits.grace.total_seconds():g} s after its deadline"
            child.kill(Verdict(reason=reason, culprit=late.id))
        elif child.silent > limit:
            child.kill(Verdict(reason=f"the worker was silent for {limit:g} s"))
        elif not child.running and child.ready and self._is_worn(child):
            log.info("worker.recycled pid=%d crawls=%d rss=%d", child.process.pid, child.done, child.rss)
            child.dismiss()
