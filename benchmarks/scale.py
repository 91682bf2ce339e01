"""Ten thousand sources every five minutes: ``python benchmarks/scale.py [--minutes 6] [--hanging 1]``.

The daemon itself (``yuqing run``, two workers) on its database on disk, against sites in one further process; half of
them send validators, and five articles a second are published. The rows are prepared as after a day of running, due
evenly over the interval. Lateness is the time from when a visit was due until it began. Prints its percentiles, how the
visits ended, the memory and the CPU time of the main process and of the workers. Exit status 1 when a bar is missed:
p95 of the lateness above a tenth of the interval, the main process above 300 MB, or visits left out.
"""

from __future__ import annotations

import argparse
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import quantiles

from crash_sinks import HOST, free_port
from scale_server import LISTED, address, hangs, listing

from yuqing_daemon.config import load
from yuqing_daemon.crawl.memory import Memory, body_mark, declared_mark
from yuqing_daemon.domain import Source
from yuqing_daemon.extract import registrable_host
from yuqing_daemon.store import Store, sources

HERE = Path(__file__).resolve().parent
EVERY = 300.0
EACH_VISIT = """
from yuqing_daemon import cli
from yuqing_daemon.store import sources
add = sources.add_visit
sources.add_visit = lambda connection, source, joins, **values: add(connection, source, joins=None, **values)
cli.main()
"""  # to be judged one by one; as shipped, visits that bring nothing share a row
EACH_VISIT = """
from yuqing_daemon import cli
from yuqing_daemon.store import sources
add = sources.add_visit
sources.add_visit = lambda connection, source, joins, **values: add(connection, source, joins=None, **values)
cli.main()
"""  # to be judged one by one: as shipped, visits that bring nothing share a row
START = 20.0  # seconds that the daemon has to start
ARTICLES_A_SECOND = 5
OLDER = {f"{number:032x}": 7 * number for number in range(980)}  # of the thousand that a source remembers at the least
LATENESS_BAR, RSS_BAR = 0.1 * EVERY, 300.0
TICKS = os.sysconf("SC_CLK_TCK")
MAIN = """
organisation = "青禾乳业"
regime = "company"
[store]
path = "state"
[crawl]
every = {every}
gap = 0
workers = 2
[web]
listen = "{host}:{port}"
[channels.chat]
sender = "webhook"
internal = true
"""
TOPICS = '[topics.quality]\nall = ["青禾"]\nany = ["异物"]\n'
PEOPLE = """
[people.duty]
roles = ["monitor", "office", "leading_group", "ops"]
channels = [{{ channel = "chat", to = "http://{}/" }}]
"""


def configure(folder: Path, number: int, port: int) -> None:
    """Write the configuration of so many sources."""
    table = '[[source]]\nid = "s{}"\nurl = "http://{}:{}/"\nspider = "page"\ninternal = true\n'
    texts = {
        "yuqing": MAIN.format(every=round(EVERY), host=HOST, port=free_port()),
        "topics": TOPICS,
        "people": PEOPLE.format(f"{HOST}:9"),
        "sources": "".join(table.format(n, address(n), port) for n in range(number)),
    }
    for name, text in texts.items():
        (folder / f"{name}.toml").write_text(text, encoding="utf-8")


def prepare(folder: Path) -> None:
    """The rows as they are after a day: every source was read, and is due somewhere within the interval."""
    settings = load(folder, senders={"webhook": None})
    store, page = Store.open(settings.state), body_mark(listing(0).encode())
    with store.write() as connection:
        hosts = {source.id: registrable_host(source.urls[0]) for source in settings.sources}
        now = datetime.now(UTC)
        sources.ensure(connection, hosts, now=now)
        known = {"first_read_at": now - timedelta(days=1), "last_read_at": now, "last_visit_at": now}
        for number, source in enumerate(settings.sources):
            sources.save(connection, source.id, state=state_of(source, number, page), status=sources.OK, **known)
        begin = datetime.now(UTC) + timedelta(seconds=START)
        for number, source in enumerate(settings.sources):
            due_at = begin + timedelta(seconds=EVERY * number / len(settings.sources))
            sources.save(connection, source.id, due_at=due_at)
    store.close()


def state_of(source: Source, number: int, page: str) -> dict[str, object]:
    """What a source remembers of the list as it is before anything is published, and of all that it ever listed."""
    url = source.urls[0]
    memory = Memory(declared=declared_mark(source), bodies={url: page}, sizes={url: LISTED})
    memory.recent = dict(OLDER)
    for each in range(1000 + LISTED, 1000, -1):
        memory.remember(f"{url}a/{each}.html", "")
    if number % 2:
        memory.validators[url] = {"ETag": '"v0"'}
    return memory.as_state(complete=True)


@dataclass(slots=True)
class Seen:
    """What is seen of a run from outside: when each source was due, and what each process holds and uses."""

    due: dict[str, list[datetime]] = field(default_factory=dict)
    main_rss: float = 0.0
    worker_rss: float = 0.0
    cpu: dict[str, float] = field(default_factory=dict)
    at_first: dict[str, float] = field(default_factory=dict)  # what starting took
    counted_from: datetime = field(default_factory=lambda: datetime.now(UTC))

    def look(self, pid: int, database: sqlite3.Connection) -> None:
        """Look once."""
        for id, due_at in database.execute("select id, due_at from source"):
            at = datetime.fromisoformat(due_at).replace(tzinfo=UTC)
            known = self.due.setdefault(id, [])
            if not known or known[-1] != at:
                known.append(at)
        try:
            children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        except OSError:
            return  # it has ended, and its log says why
        self.main_rss = max(self.main_rss, rss(pid))
        self.worker_rss = max([self.worker_rss, *(rss(int(child)) for child in children)])
        self.cpu = {"main": cpu(pid), "workers": sum(cpu(int(child)) for child in children)}

    def has_started(self) -> None:
        """From now on the CPU is that of visits."""
        self.at_first, self.counted_from = self.cpu, datetime.now(UTC)


def rss(pid: int) -> float:
    """Megabytes that a process holds; nothing of one that is gone."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
    except OSError:
        return 0.0


def cpu(pid: int) -> float:
    """Seconds of CPU that a process has used."""
    try:
        return sum(map(int, Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13])) / TICKS
    except OSError:
        return 0.0


@contextmanager
def serving(number: int, hanging: int) -> Iterator[int]:
    """The sites; gives their port."""
    command = [sys.executable, str(HERE / "scale_server.py"), str(number), str(hanging), str(ARTICLES_A_SECOND)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.kill()


def run(folder: Path, number: int, hanging: int, minutes: float) -> int:
    """Let the daemon run for so long, and judge it."""
    with serving(number, hanging) as port:
        configure(folder, number, port)
        prepare(folder)
        with (folder / "daemon.log").open("wb") as log:
            command = [sys.executable, "-c", EACH_VISIT, "--config", str(folder), "run"]
            daemon = subprocess.Popen(command, stdout=log, stderr=log)
        seen = Seen()
        with sqlite3.connect(f"file:{folder / 'state' / 'yuqing.db'}?mode=ro", uri=True) as database:
            seen.look(daemon.pid, database)
            time.sleep(START)
            seen.look(daemon.pid, database)
            seen.has_started()
            begun, until = time.monotonic(), time.monotonic() + 60 * minutes
            while time.monotonic() < until and daemon.poll() is None:
                seen.look(daemon.pid, database)
                time.sleep(min(30.0, max(until - time.monotonic(), 0.1)))
            if daemon.poll() is not None:
                print((folder / "daemon.log").read_text(errors="replace")[-2000:])
                return 1
            seen.look(daemon.pid, database)
            lasted = time.monotonic() - begun
            daemon.send_signal(signal.SIGTERM)
            daemon.wait(60)
            return judge(seen, database, number, hanging, lasted)


def judge(seen: Seen, database: sqlite3.Connection, number: int, hanging: int, lasted: float) -> int:
    counted, late, ends, hung = 0, [], Counter[str](), {f"s{n}" for n in range(number) if hangs(n, number, hanging)}
    for source, started, outcome in database.execute("select source, started_at, outcome from visit"):
        at = datetime.fromisoformat(started).replace(tzinfo=UTC)
        counted += at >= seen.counted_from
        was_due = [due for due in seen.due[source] if due <= at]
        ends[f"{'hanging ' if source in hung else ''}{outcome}"] += 1
        if was_due and source not in hung:
            late.append((at - was_due[-1]).total_seconds())
    now = datetime.now(UTC)
    last = {source: due[-1] for source, due in seen.due.items() if source not in hung}
    overdue = sum(now - due > timedelta(seconds=60) for due in last.values())
    p50, p95, p99 = (quantiles(late, n=100)[n - 1] for n in (50, 95, 99))
    posts = database.execute("select count(*) from post").fetchone()[0]
    print(f"{number} sources at {EVERY:g} s for {lasted:.0f} s, {hanging} hanging; {len(late)} visits, {posts} posts")
    print(f"lateness: median {p50:.2f} s, p95 {p95:.2f} s (bar {LATENESS_BAR:g}), p99 {p99:.2f}, most {max(late):.1f}")
    print("visits: " + ", ".join(f"{count} {end}" for end, count in ends.most_common()))
    print(f"memory: main {seen.main_rss:.0f} MB (bar {RSS_BAR:g}), the largest worker {seen.worker_rss:.0f} MB")
    used = {name: seconds - seen.at_first[name] for name, seconds in seen.cpu.items()}
    told = (f"{name} {1000 * each / counted:.1f} ms a visit ({each / lasted:.2f} cores)" for name, each in used.items())
    print(f"CPU: {', '.join(told)}")
    wrong = [
        *(["p95 of the lateness"] if p95 > LATENESS_BAR else []),
        *(["the memory of the main process"] if seen.main_rss > RSS_BAR else []),
        *([f"{overdue} sources more than a minute overdue"] if overdue > number / 100 else []),
    ]
    print("every bar is kept" if not wrong else f"missed: {', '.join(wrong)}")
    return 1 if wrong else 0


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--sources", type=int, default=10_000)
    parser.add_argument("--minutes", type=float, default=6.0, help="how long the daemon runs")
    parser.add_argument("--hanging", type=float, default=0.0, help="percent of the sites that never answer")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        return run(Path(folder), given.sources, round(given.sources * given.hanging / 100), given.minutes)


if __name__ == "__main__":
    sys.exit(main())
