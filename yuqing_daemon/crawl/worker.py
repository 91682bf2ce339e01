"""The worker's loop: jobs in, results and a pulse out."""

from __future__ import annotations

import asyncio
import faulthandler
import json
import logging
import os
import queue
import resource
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

from ..bus import Job, Result, Visit
from ..bus.messages import job_from_line, result_to_line
from ..rules.health import Signs, Trouble
from .loader import Spiders
from .site import Shared
from .taming import describe
from .visit import visit

log = logging.getLogger(__name__)

BEAT = 0.5
LONGEST_RESULT = 48 * 1024 * 1024
_PAGE = os.sysconf("SC_PAGE_SIZE")


class Worker:
    """Runs jobs beside each other in one loop. Two threads listen and speak, so the loop never waits for a pipe."""

    def __init__(self, shared: Shared, spiders: Spiders, ears: BinaryIO, mouth: int) -> None:
        self.shared = shared
        self.spiders = spiders
        self.ears = ears
        self.mouth = mouth
        self.lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self.tasks: set[asyncio.Task[None]] = set()
        self.starved = False

    def start(self, loop: asyncio.AbstractEventLoop, leave: Callable[[int], NoReturn]) -> None:
        """Say what spiders there are, then listen, speak and beat. ``leave`` ends the process when the input ends."""
        self.say(spiders=self.spiders.code(), problems=self.spiders.problems, rss=rss())
        threading.Thread(target=self._speak, args=(leave,), daemon=True, name="mouth").start()
        threading.Thread(target=self._listen, args=(loop, leave), daemon=True, name="ears").start()
        self._keep(loop.create_task(self._beat()))

    def say(self, **news: Any) -> None:
        """Send a line of news."""
        self.lines.put(json.dumps(news).encode() + b"\n")

    def _speak(self, leave: Callable[[int], NoReturn]) -> None:
        while True:
            line = memoryview(self.lines.get())
            while line:
                try:
                    line = line[os.write(self.mouth, line) :]
                except OSError:
                    leave(0)  # nobody listens any more

    def _listen(self, loop: asyncio.AbstractEventLoop, leave: Callable[[int], NoReturn]) -> None:
        for line in self.ears:
            loop.call_soon_threadsafe(self.take, line)
        leave(0)  # the parent is gone, or wants us gone

    def take(self, line: bytes) -> None:
        """Start a job."""
        try:
            job = job_from_line(line)
        except ValueError:
            log.exception("worker.bad_job")
            return
        self._keep(asyncio.get_running_loop().create_task(self._run(job)))

    def _keep(self, task: asyncio.Task[None]) -> None:
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def _run(self, job: Job) -> None:
        started_at = datetime.now(UTC)
        try:
            result = await visit(job, self.shared, self.spiders)
            line = result_to_line(result)
        except Exception as error:  # noqa: BLE001 - every job comes back
            line = result_to_line(_failed(job, started_at, describe(error)))
        if len(line) > LONGEST_RESULT:
            line = result_to_line(_failed(job, started_at, f"its result is longer than {LONGEST_RESULT >> 20} MB"))
        if b"MemoryError" in line[-2000:] and not self.starved:
            self.starved = True
            give_reserve()
        self.lines.put(line)

    def _weight(self) -> int:
        """What this process holds; one in which memory ran out is too heavy in any case, so that it is replaced."""
        return max(rss(), self.shared.settings.max_rss + 1) if self.starved else rss()

    async def _beat(self) -> None:
        """A blocked loop beats no more: its place is written to stderr, from C, and the process ends."""
        silence = self.shared.settings.silence
        while True:
            faulthandler.dump_traceback_later(silence * 0.8, exit=True)
            if self.lines.empty():
                self.say(rss=self._weight())
            await asyncio.sleep(min(BEAT, silence / 5))


def _failed(job: Job, started_at: datetime, error: str) -> Result:
    return Result(
        job=job.id,
        source=job.source.id,
        visit=Visit.FAILED,
        started_at=started_at,
        ended_at=datetime.now(UTC),
        error=error,
        signs=Signs(trouble=Trouble.SPIDER),
    )


def limit_memory(max_rss: int) -> None:
    """A spider that eats memory gets a MemoryError long before the machine suffers; something is kept in reserve."""
    resource.setrlimit(resource.RLIMIT_DATA, (2 * max_rss, 3 * max_rss))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def give_reserve() -> None:
    """Let the other crawls end well after one has eaten the memory."""
    most = resource.getrlimit(resource.RLIMIT_DATA)[1]
    resource.setrlimit(resource.RLIMIT_DATA, (most, most))


def rss() -> int:
    """The bytes of memory this process really holds; 0 where the system does not say."""
    try:
        return int(Path("/proc/self/statm").read_bytes().split()[1]) * _PAGE
    except (OSError, IndexError, ValueError):
        return 0
