"""One crawl worker process as its parent sees it: its pipes, its pulse and its last words."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import re
import signal
from collections.abc import AsyncIterator, Coroutine, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from .blame import Verdict
from .messages import Job, Result, job_to_line, result_from_line

log = logging.getLogger(__name__)

LONGEST_LINE = 64 * 1024 * 1024
LAST_WORDS = 64 * 1024
_JOB_OF_LINE = re.compile(rb'^\{"job":"([^"\\]{1,200})"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A job a worker has been given, and the moment of the loop's clock at which it must be back."""

    job: Job
    until: float


@dataclass(slots=True, eq=False)
class Child:
    """A running worker. ``silent`` counts the seconds since it was last heard of."""

    process: asyncio.subprocess.Process
    born: float
    running: dict[str, Running] = field(default_factory=dict)
    code: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    problems: tuple[str, ...] = ()
    ready: bool = False
    silent: float = 0.0
    done: int = 0
    rss: int = 0
    verdict: Verdict | None = None
    words: bytearray = field(default_factory=bytearray)

    @classmethod
    async def start(cls, command: Sequence[str], settings: Mapping[str, Any]) -> Child:
        """Start a worker and tell it its settings. Raises ``OSError`` if the command cannot be run."""
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=pipe,
            stdout=pipe,
            stderr=pipe,
            limit=LONGEST_LINE,
            start_new_session=True,
            pass_fds=[settings["turns"]] if "turns" in settings else [],
        )
        child = cls(process, asyncio.get_running_loop().time())
        child._say(json.dumps(dict(settings)).encode() + b"\n")
        return child

    def give(self, job: Job, until: float) -> None:
        """Send a job."""
        self.running[job.id] = Running(job=job, until=until)
        self._say(job_to_line(job))

    def _say(self, line: bytes) -> None:
        if self.process.stdin is not None and not self.process.stdin.is_closing():
            self.process.stdin.write(line)

    def dismiss(self) -> None:
        """Let it end: a worker whose input ends has nothing left to do."""
        if self.process.stdin is not None:
            self.process.stdin.close()

    def kill(self, verdict: Verdict) -> None:
        """End it and everything it started, at once; a worker that is dead already has its own reason."""
        if self.process.returncode is not None:
            return
        self.verdict = self.verdict or verdict
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)

    async def results(self) -> AsyncIterator[Result]:
        """What it sends, until its output ends. A line that is no result of a job of its own costs only itself."""
        assert self.process.stdout is not None
        while True:
            try:
                line = await self.process.stdout.readuntil(b"\n")
            except asyncio.IncompleteReadError:
                return
            except asyncio.LimitOverrunError:
                self._too_long(await self.process.stdout.read(300))
                while await self.process.stdout.read(LAST_WORDS):  # what is still in the pipe
                    pass
                return
            self.silent = 0.0
            if line.startswith(b'{"job"'):
                if (result := self._result(line)) is not None:
                    yield result
            else:
                self._news(line)

    def _too_long(self, start: bytes) -> None:
        found = _JOB_OF_LINE.match(start)
        job = found[1].decode(errors="replace") if found else ""
        culprit = job if job in self.running else ""
        self.kill(Verdict(reason=f"its result was longer than {LONGEST_LINE >> 20} MB", culprit=culprit))

    def _result(self, line: bytes) -> Result | None:
        try:
            result = result_from_line(line)
        except ValueError as error:
            log.error("worker.rubbish pid=%d line=%.200r error=%.200s", self.process.pid, line, error)  # noqa: TRY400
            return None
        known = self.running.get(result.job)
        if known is None or known.job.source.id != result.source:
            log.error("worker.stray_result pid=%d job=%.100s", self.process.pid, result.job)
            return None
        del self.running[result.job]
        self.done += 1
        return result

    def _news(self, line: bytes) -> None:
        try:
            news = json.loads(line)
            self.rss = int(news["rss"])
            if "spiders" in news:
                self.code = {str(name): tuple(map(str, files)) for name, files in news["spiders"].items()}
                self.problems = tuple(map(str, news["problems"]))
                self.ready = True
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            log.error("worker.rubbish pid=%d line=%.200r", self.process.pid, line)  # noqa: TRY400

    async def listen(self) -> None:
        """Pass on what it says on stderr, and keep the end of it."""
        assert self.process.stderr is not None
        while chunk := await self.process.stderr.read(LAST_WORDS):
            self.words += chunk
            del self.words[:-LAST_WORDS]
            for line in chunk.decode(errors="replace").splitlines():
                level = logging.WARNING if line.startswith(("WARNING", "ERROR", "CRITICAL")) else logging.DEBUG
                log.log(level, "worker.says pid=%d %.1000s", self.process.pid, line)

    def last_words(self) -> str:
        """The end of what it said on stderr."""
        return self.words.decode(errors="replace")

    async def outlive(self, reading: Coroutine[Any, Any, None]) -> Verdict:
        """Wait until it is gone and all it sent is read; say how it ended.

        What its spiders started may outlive it and hold its pipes open, so the pipes alone prove nothing.
        """
        hands = {asyncio.create_task(reading), asyncio.create_task(self.listen())}
        while hands and self.process.returncode is None:
            _, hands = await asyncio.wait(hands, timeout=0.2)
        if self.process.returncode is None:
            await self._see_it_end()
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        if hands:
            _, hands = await asyncio.wait(hands, timeout=1)
        for hand in hands:
            hand.cancel()
        self.process._transport.close()  # type: ignore[attr-defined]  # there is no public way to close its pipes
        return self.verdict or Verdict(reason=_how(self.process.returncode or 0, self.last_words()))

    async def _see_it_end(self) -> None:
        """Its pipes are closed: it ends within a second, or is ended."""
        for _ in range(50):
            if self.process.returncode is not None:
                return
            await asyncio.sleep(0.02)
        self.kill(Verdict(reason="the worker closed its output"))
        while self.process.returncode is None:
            await asyncio.sleep(0.02)


def _how(code: int, words: str) -> str:
    if "Timeout (" in words:
        return "a spider blocked the worker"
    if code < 0:
        return f"the worker died of {signal.Signals(-code).name}"
    said = words.strip().rpartition("\n")[2][:300]
    return f"the worker ended with exit code {code}" + (f": {said}" if said else "")
