"""Whether anything leaks while the daemon runs on: ``python benchmarks/soak.py [--minutes 5]``.

The sites and the four channels of ``benchmarks/crash.py``, of which one answer in twenty fails: a connection that is
cut, a mail that is put off. Nothing is killed. Memory, open files, threads and the write-ahead log are measured every
few seconds. At the end everything has to have arrived, and the database is held against what was published. Exit status
1 if anything was lost or came twice, if files or threads became more between the middle and the end, if the log was
ever above 64 MB, or, in a run of two hours or more, if the memory of the main process grew by 1 MB or more an hour.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import linear_regression, median

import crash_farm
from aiosmtpd.smtp import SMTP, Envelope, Session
from crash import configure, wait_until
from crash_checks import Run, ask, drained, violations
from crash_farm import SITES, Press
from crash_sinks import Sinks
from scale import rss

from yuqing_daemon.crawl.memory import MOST_TRIES

FAULTS = 0.05  # of all answers, of sites and of channels
EVERY, LOOK_EVERY = 1.0, 5  # seconds between two stories, and stories between two looks
SLOW = (0.005, 0.08)
WAL_BAR, SLOPE_BAR = 64.0, 1.0  # MB, and MB an hour
SETTLED = 60.0  # minutes until memory has to be flat
SPARE = 8  # files and threads that come and go with what is on its way


def fails() -> bool:
    """Whether this answer is one of those."""
    return random.random() < FAULTS


@dataclass
class FaultyPress(Press):
    """Sites that cut the connection now and then; an article's twice at most, for at the third try it is given up."""

    cut: Counter[tuple[int, str]] = field(default_factory=Counter)

    def page(self, site: int, path: str) -> str | None:
        if fails() and (path == "/" or self.cut[site, path] < MOST_TRIES - 1):
            self.cut[site, path] += 1
            raise ConnectionAbortedError
        return super().page(site, path)


@dataclass
class FaultySinks(Sinks):
    """Channels that do so too, before they take anything; the mail server says that it is busy.

    Once for each notice: an SMS of which the answer is lost twice is given up, by the rule.
    """

    cut: set[str] = field(default_factory=set)

    def take(self, key: str, content: bytes) -> float:
        if fails() and key not in self.cut:
            self.cut.add(key)
            raise ConnectionAbortedError
        return super().take(key, content)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        try:
            return await super().handle_DATA(server, session, envelope)
        except ConnectionAbortedError:
            return "451 try again later"


@dataclass(frozen=True)
class Sample:
    """The daemon at one moment: minutes since the start, and what its main process and its workers hold."""

    minute: float
    main_rss: float  # MB
    worker_rss: float
    files: int
    threads: int
    wal: float  # MB

    @classmethod
    def of(cls, folder: Path, daemon: subprocess.Popen[bytes], began: float) -> Sample:
        """Look at it now."""
        proc, wal = Path(f"/proc/{daemon.pid}"), folder / "state" / "yuqing.db-wal"
        workers = (proc / "task" / str(daemon.pid) / "children").read_text().split()
        return cls(
            minute=(time.monotonic() - began) / 60,
            main_rss=rss(daemon.pid),
            worker_rss=sum(map(rss, map(int, workers))),
            files=sum(1 for _ in (proc / "fd").iterdir()),
            threads=sum(1 for _ in (proc / "task").iterdir()),
            wal=wal.stat().st_size / 1e6 if wal.exists() else 0.0,
        )


@contextmanager
def farm() -> Iterator[tuple[Press, list[str]]]:
    """The sites of the other benchmark, in this process; gives their addresses."""
    press = FaultyPress()
    servers = [crash_farm._server(press, site) for site in range(len(SITES))]
    for server in servers:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield press, [f"http://{server.server_address[0]!s}:{server.server_port}" for server in servers]
    finally:
        for server in servers:
            server.shutdown()
            server.server_close()


def soak(folder: Path, minutes: float) -> tuple[Run, list[Sample]]:
    """Let the daemon run for so long, and everything come to its end."""
    run, samples = Run(folder, FaultySinks(SLOW)), []
    with run.sinks.serving() as (mail_port, web), farm() as (press, bases):
        sites = [{"spider": spider, "url": f"{base}/"} for spider, base in zip(SITES, bases, strict=True)]
        configure(folder, sites, mail_port, web)
        command = [sys.executable, "-m", "yuqing_daemon", "--config", str(folder), "run"]
        with (folder / "daemon.log").open("wb") as log:
            daemon = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            first_read = "select count(*) from source where first_read_at is not null"
            wait_until(lambda: ask(folder, first_read) == [(len(sites),)], 120)
            story, began = 0, time.monotonic()
            while time.monotonic() - began < 60 * minutes and daemon.poll() is None:
                if story % LOOK_EVERY == 0:
                    samples.append(Sample.of(folder, daemon, began))
                story += 1
                press.publish(story)
                time.sleep(EVERY)
            press.end()
            run.published = [{"story": entry.story, "url": bases[entry.site] + entry.path} for entry in press.published]
            run.drained = drained(run, datetime.now(UTC))
            daemon.terminate()
            run.exit_code = daemon.wait(30)
        finally:
            daemon.kill()
            daemon.wait()
    return run, samples


def grown(samples: list[Sample]) -> dict[str, int]:
    """What became more and must not have, by its name."""
    middle, end = samples[len(samples) // 3 : 2 * len(samples) // 3], samples[2 * len(samples) // 3 :]
    files, threads = (
        median(getattr(each, name) for each in end) - median(getattr(each, name) for each in middle)
        for name in ("files", "threads")
    )
    slope = slope_of(samples)
    is_long = samples[-1].minute >= 2 * SETTLED
    return {
        "open files more": int(files) if files > SPARE else 0,
        "threads more": int(threads) if threads > SPARE else 0,
        "write-ahead log above the bar": int(max(each.wal for each in samples) > WAL_BAR),
        "memory above the bar": int(is_long and slope >= SLOPE_BAR),
    }


def slope_of(samples: list[Sample]) -> float:
    """MB an hour by which the main process grows: after the first hour, or over the last half of a short run."""
    since = SETTLED if samples[-1].minute >= 2 * SETTLED else samples[-1].minute / 2
    late = [each for each in samples if each.minute >= since]
    return 60 * linear_regression([each.minute for each in late], [each.main_rss for each in late]).slope


def show(folder: Path, run: Run, samples: list[Sample], wrong: dict[str, int]) -> None:
    """Print what happened, how it grew, and what must not have been."""
    last = samples[-1]
    figures = {
        "minutes": f"{last.minute:.1f}",
        "posts published": len(run.published),
        "deliveries": ask(folder, "select count(*) from delivery")[0][0],
        "attempts": ask(folder, "select count(*) from attempt")[0][0],
        "received": sum(map(len, run.sinks.received.values())),
        "main process, MB": f"{samples[0].main_rss:.0f} to {last.main_rss:.0f}",
        "grows by MB an hour": f"{slope_of(samples):.1f}",
        "workers, MB": f"{samples[0].worker_rss:.0f} to {last.worker_rss:.0f}",
        "open files": f"{samples[0].files} to {last.files}",
        "threads": f"{samples[0].threads} to {last.threads}",
        "write-ahead log, most MB": f"{max(each.wal for each in samples):.1f}",
    }
    for name, value in [*figures.items(), *wrong.items()]:
        print(f"{name:42} {value!s:>12}{'  WRONG' if wrong.get(name) else ''}")


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=5.0)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="yuqing-soak-") as name:
        folder = Path(name)
        run, samples = soak(folder, given.minutes)
        wrong = {**violations(run), **grown(samples)}
        show(folder, run, samples, wrong)
    return int(any(wrong.values()))


if __name__ == "__main__":
    sys.exit(main())
