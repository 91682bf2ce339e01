"""Whether anything is lost when the daemon is killed: ``python benchmarks/crash.py [--kills N] [--workers-too]``.

Four sites publish without a pause, four people are told over four slow channels, and the daemon is killed with SIGKILL
at random moments and started again at once; two daemons live such lives side by side, each with its own sites, people
and database. After the last kill they may finish; then the databases are held against what was published and what
arrived. Exit status 1 if anything was lost, came twice without a crash as the reason, came twice
with other bytes, if the database or its record is broken, or if too few notices were on their way to prove anything.
``--swapped`` runs a daemon that records before it sends, which is not the product: the loss has to be seen.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from crash_checks import CHANNELS, Run, ask, drained, violations
from crash_sinks import HOST, Sinks, free_port

HERE = Path(__file__).parent
DAEMON, SWAPPED = HERE / "crash_mother.py", HERE / "crash_swapped.py"
SIDE_BY_SIDE = 2
LIVES = (0.05, 1.8)  # seconds from a start to the next kill
AIM, AFTER = 15.0, 0.06  # every second kill waits so long for an arrival, and strikes at most so long after it
LEAST_HITS = 0.5  # notices on their way for each kill of the main process: with fewer a run proves little
SLOW = (0.005, 0.08)  # seconds until a channel answers
OTHER_ROLES = '"office", "leading_group", "ops"'

MAIN = """
organisation = "青禾乳业"
regime = "company"
[store]
path = "state"
[crawl]
gap = 0
workers = 1
revisit_at_least = 5
[notices]
group_wait = 0
per_person = 0
self_test = false
[web]
listen = "{host}:{port}"
[channels.mail]
sender = "mail"
host = "{host}"
port = {mail_port}
from_address = "yuqing@qinghe.example"
[channels.chat]
sender = "webhook"
internal = true
[channels.desk]
sender = "webhook"
internal = true
[channels.sms]
sender = "sms"
url = "{web}/sms"
fields = {{ mobile = "{{to}}", content = "{{text}}", ref = "{{key}}" }}
internal = true
"""
TOPICS = """
[topics.quality]
all = ["青禾"]
any = ["异物"]
"""


def configure(folder: Path, sites: Sequence[Mapping[str, str]], mail_port: int, web: str) -> None:
    """Write the configuration: everybody is a monitor, so each event goes out over every channel."""
    to = {"mail": "duty@qinghe.example", "chat": f"{web}/chat", "desk": f"{web}/desk", "sms": "13900000000"}
    people = "".join(
        f'[people.{name}]\nroles = ["monitor", {OTHER_ROLES if name == "mail" else ""}]\n'
        f'channels = [{{ channel = "{name}", to = "{to[name]}" }}]\n'
        for name in CHANNELS
    )
    sources = "".join(
        f'[[source]]\nid = "site{number}"\nurl = "{site["url"]}"\nspider = "{site["spider"]}"\n'
        "internal = true\nevery = 1\n"
        for number, site in enumerate(sites)
    )
    main = MAIN.format(host=HOST, port=free_port(), mail_port=mail_port, web=web)
    for name, text in {"yuqing": main, "topics": TOPICS, "people": people, "sources": sources}.items():
        (folder / f"{name}.toml").write_text(text, encoding="utf-8")


@contextmanager
def farm() -> Iterator[tuple[subprocess.Popen[str], list[dict[str, str]]]]:
    """The sites, in a process of their own."""
    command = [sys.executable, str(HERE / "crash_farm.py")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process, json.loads(process.stdout.readline())
        finally:
            process.kill()


class Daemon:
    """The daemon of a folder: one life after the other, all from one mother."""

    def __init__(self, folder: Path, mother: Path) -> None:
        command = [sys.executable, str(mother), str(folder)]
        self._mother = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.pid = 0

    def start(self) -> None:
        """Begin a life."""
        self.pid = self._say("start")

    def end(self, by: signal.Signals) -> int:
        """End a life; the exit code."""
        return self._say(by.name)

    def _say(self, word: str) -> int:
        assert self._mother.stdin is not None
        assert self._mother.stdout is not None
        print(word, file=self._mother.stdin, flush=True)
        return int(self._mother.stdout.readline())

    def workers(self) -> list[int]:
        """Its crawl workers."""
        with suppress(OSError):
            return [int(pid) for pid in Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()]
        return []

    def close(self) -> None:
        """End all of it."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        self._mother.kill()
        self._mother.wait()


def wait_until(happened: Callable[[], bool], seconds: float, *, look_every: float = 0.1) -> bool:
    """Whether something comes true in time."""
    until = time.monotonic() + seconds
    while not happened():
        if time.monotonic() > until:
            return False
        time.sleep(look_every)
    return True


def crash(
    folder: Path,
    *,
    kills: int,
    workers_too: bool = False,
    mother: Path = DAEMON,
    lives: tuple[float, float] = LIVES,
    slow: tuple[float, float] = SLOW,
) -> Run:
    """Publish, kill and restart; then let everything come to its end."""
    run = Run(folder, Sinks(slow))
    with run.sinks.serving() as (mail_port, web), farm() as (press, sites):
        assert press.stdin is not None
        assert press.stdout is not None
        configure(folder, sites, mail_port, web)
        daemon = Daemon(folder, mother)
        try:
            daemon.start()
            first_read = "select count(*) from source where first_read_at is not null"
            assert wait_until(lambda: ask(folder, first_read) == [(len(sites),)], 60), log_of(folder)
            for number in range(kills):
                press.stdin.write("story\n")  # one for each life, so that a daemon can keep up on any machine
                press.stdin.flush()
                wait_for_the_moment(run, lives, aimed=number % 4 > 1)
                strike(daemon, run, a_worker=workers_too and number % 2 == 1)
            press.stdin.write("end\n")
            press.stdin.flush()
            run.published = json.loads(press.stdout.readline())
            run.drained = drained(run, datetime.now(UTC))
            run.exit_code = daemon.end(signal.SIGTERM)
        finally:
            daemon.close()
    return run


def wait_for_the_moment(run: Run, lives: tuple[float, float], *, aimed: bool) -> None:
    """A random while; if ``aimed``, then until something arrives, so that it is on its way when the daemon dies."""
    time.sleep(random.uniform(*lives))
    if aimed:
        arrived = run.sinks.arrived
        wait_until(lambda: run.sinks.arrived > arrived, AIM, look_every=0.005)
        time.sleep(random.uniform(0, AFTER))


def strike(daemon: Daemon, run: Run, *, a_worker: bool) -> None:
    """Kill a crawl worker, or the main process and start the next one; what was on its way then is noted."""
    run.kills += 1
    workers = daemon.workers() if a_worker else []
    if workers:
        with suppress(ProcessLookupError):
            os.kill(random.choice(workers), signal.SIGKILL)
        return
    daemon.end(signal.SIGKILL)
    run.on_its_way.update(key for (key,) in ask(run.folder, "select key from delivery where state = 'sending'"))
    daemon.start()


def log_of(folder: Path) -> str:
    """The end of a daemon's log."""
    return (folder / "daemon.log").read_text(errors="replace")[-4000:]


def figures(run: Run) -> Counter[str]:
    """What happened."""
    return Counter(
        {
            "kills": run.kills,
            "stories published": len({post["story"] for post in run.published}),
            "posts published": len(run.published),
            "events": ask(run.folder, "select count(*) from event")[0][0],
            "deliveries": ask(run.folder, "select count(*) from delivery")[0][0],
            "received": sum(map(len, run.sinks.received.values())),
            "on their way at a kill": run.on_its_way.total(),
            "copies": sum(len(marks) - 1 for marks in run.sinks.received.values()),
        }
    )


def show(happened: Mapping[str, int], wrong: Mapping[str, int]) -> None:
    """Print what happened, and what must not have."""
    for name, value in [*happened.items(), *wrong.items()]:
        print(f"{name:42} {value:7}{'  WRONG' if wrong.get(name) else ''}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument(
        "--swapped", action="store_true", help="record before sending, on purpose: exit 0 only if the loss is seen"
    )
    parser.add_argument("--workers-too", action="store_true", help="every second kill hits a crawl worker instead")
    given = parser.parse_args()
    happened, wrong = Counter[str](), Counter[str]()
    with tempfile.TemporaryDirectory(prefix="yuqing-crash-") as name:
        began = time.monotonic()
        for run in side_by_side(Path(name), given.kills, workers_too=given.workers_too, swapped=given.swapped):
            found = violations(run)
            happened.update(figures(run))
            wrong.update(found)
            if any(found.values()) and not given.swapped:
                print(log_of(run.folder))
        show({"seconds": round(time.monotonic() - began)} | happened, wrong)
    if given.swapped:
        lost = wrong["accepted, and never received"]
        print(f"recorded before it was sent: {lost} lost, and seen to be" if lost else "the loss was NOT seen")
        return 0 if lost else 1
    hits = happened["on their way at a kill"]
    if hits < LEAST_HITS * given.kills / (2 if given.workers_too else 1):
        print(f"{hits} notices were on their way when the daemon died: too few to prove anything; is the machine busy?")
        return 1
    return 1 if any(wrong.values()) else 0


def side_by_side(folder: Path, kills: int, *, workers_too: bool, swapped: bool) -> list[Run]:
    """The runs of several daemons at once."""

    def live(number: int) -> Run:
        own = folder / str(number)
        own.mkdir()
        share = (kills + number) // SIDE_BY_SIDE
        return crash(own, kills=share, workers_too=workers_too, mother=SWAPPED if swapped else DAEMON)

    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        return list(pool.map(live, range(SIDE_BY_SIDE)))


if __name__ == "__main__":
    sys.exit(main())
