"""Whether anything is lost when the daemon is killed: ``python benchmarks/crash.py [--kills N] [--workers-too]``.

Four sites publish without a pause, four people are told over four slow channels, and the daemon is killed with SIGKILL
at random moments and started again at once. After the last kill it may finish; then its database is held against what
was published and what arrived. Exit status 1 if anything was lost, came twice without a crash as the reason, came twice
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
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from crash_checks import CHANNELS, Run, ask, unstored, violations
from crash_sinks import HOST, Sinks, free_port

DAEMON = (sys.executable, "-m", "yuqing_daemon")
LIVES = (0.1, 2.4)  # seconds from a start to the next kill
AIM, AFTER = 15.0, 0.06  # every second kill waits so long for an arrival, and strikes at most so long after it
LEAST_HITS = 0.5  # notices on their way for each kill of the main process: with fewer a run proves little
SLOW = (0.005, 0.08)  # seconds until a channel answers
DRAIN = 90.0  # seconds until everything has to have arrived
OTHER_ROLES = '"office", "leading_group", "ops"'

MAIN = """
organisation = "青禾乳业"
regime = "company"
[store]
path = "state"
[crawl]
gap = 0
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
    command = [sys.executable, str(Path(__file__).with_name("crash_farm.py"))]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process, json.loads(process.stdout.readline())
        finally:
            process.kill()


def start(folder: Path, command: Sequence[str]) -> subprocess.Popen[bytes]:
    """Start the daemon; what it says is added to its log."""
    with (folder / "daemon.log").open("ab") as log:
        return subprocess.Popen([*command, "--config", str(folder), "run"], stdout=log, stderr=log)


def wait_until(happened: Callable[[], bool], seconds: float, *, look_every: float = 0.1) -> bool:
    """Whether something comes true in time."""
    until = time.monotonic() + seconds
    while not happened():
        if time.monotonic() > until:
            return False
        time.sleep(look_every)
    return True


def workers_of(daemon: subprocess.Popen[bytes]) -> list[int]:
    """The crawl workers of a daemon."""
    with suppress(OSError):
        return [int(pid) for pid in Path(f"/proc/{daemon.pid}/task/{daemon.pid}/children").read_text().split()]
    return []


def crash(
    folder: Path,
    *,
    kills: int,
    workers_too: bool = False,
    command: Sequence[str] = DAEMON,
    lives: tuple[float, float] = LIVES,
    slow: tuple[float, float] = SLOW,
) -> Run:
    """Publish, kill and restart; then let everything come to its end."""
    run = Run(Sinks(slow))
    with run.sinks.serving() as (mail_port, web), farm() as (press, sites):
        assert press.stdin is not None
        assert press.stdout is not None
        configure(folder, sites, mail_port, web)
        daemon = start(folder, command)
        try:
            first_read = "select count(*) from source where first_read_at is not null"
            assert wait_until(lambda: ask(folder, first_read) == [(len(sites),)], 30), _log(folder)
            press.stdin.write("begin\n")
            press.stdin.flush()
            for number in range(kills):
                wait_for_the_moment(run, lives, aimed=number % 4 > 1)
                daemon = strike(folder, daemon, command, run, a_worker=workers_too and number % 2 == 1)
            press.stdin.write("end\n")
            press.stdin.flush()
            run.published = json.loads(press.stdout.readline())
            ended_at = datetime.now(UTC)
            run.drained = wait_until(lambda: _is_done(folder, run, ended_at), DRAIN)
            daemon.terminate()
            run.exit_code = daemon.wait(30)
        finally:
            daemon.kill()
            daemon.wait()
    return run


def wait_for_the_moment(run: Run, lives: tuple[float, float], *, aimed: bool) -> None:
    """A random while; if ``aimed``, then until something arrives, so that it is on its way when the daemon dies."""
    time.sleep(random.uniform(*lives))
    if aimed:
        arrived = run.sinks.arrived
        wait_until(lambda: run.sinks.arrived > arrived, AIM, look_every=0.005)
        time.sleep(random.uniform(0, AFTER))


def strike(
    folder: Path, daemon: subprocess.Popen[bytes], command: Sequence[str], run: Run, *, a_worker: bool
) -> subprocess.Popen[bytes]:
    """Kill a crawl worker, or the main process and start the next one; what was on its way then is noted."""
    run.kills += 1
    workers = workers_of(daemon) if a_worker else []
    if workers:
        with suppress(ProcessLookupError):
            os.kill(random.choice(workers), signal.SIGKILL)
        return daemon
    daemon.kill()
    daemon.wait()
    run.on_its_way.update(key for (key,) in ask(folder, "select key from delivery where state = 'sending'"))
    return start(folder, command)


def _is_done(folder: Path, run: Run, ended_at: datetime) -> bool:
    since = f"{ended_at:%Y-%m-%d %H:%M:%S.%f}"
    stale = f"select id from source where id not in (select source from visit where started_at > '{since}')"
    if ask(folder, stale):  # its last counters have not been seen
        return False
    waiting = ask(folder, "select count(*) from delivery where state in ('pending', 'sending', 'unknown')")
    return waiting == [(0,)] and not unstored(folder, run)


def _log(folder: Path) -> str:
    return (folder / "daemon.log").read_text(errors="replace")[-4000:]


def show(folder: Path, run: Run, wrong: dict[str, int], seconds: float) -> None:
    """Print what happened, and what must not have."""
    figures = {
        "kills": run.kills,
        "seconds": round(seconds),
        "stories published": len({post["story"] for post in run.published}),
        "posts published": len(run.published),
        "events": ask(folder, "select count(*) from event")[0][0],
        "deliveries": ask(folder, "select count(*) from delivery")[0][0],
        "received": sum(map(len, run.sinks.received.values())),
        "on their way at a kill": run.on_its_way.total(),
        "copies": sum(len(marks) - 1 for marks in run.sinks.received.values()),
    }
    for name, value in [*figures.items(), *wrong.items()]:
        print(f"{name:42} {value:7}{'  WRONG' if wrong.get(name) else ''}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument(
        "--swapped", action="store_true", help="record before sending, on purpose: exit 0 only if the loss is seen"
    )
    parser.add_argument("--workers-too", action="store_true", help="every second kill hits a crawl worker instead")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="yuqing-crash-") as name:
        folder = Path(name)
        began = time.monotonic()
        command = (sys.executable, str(Path(__file__).with_name("crash_swapped.py"))) if given.swapped else DAEMON
        run = crash(folder, kills=given.kills, workers_too=given.workers_too, command=command)
        wrong = violations(folder, run)
        show(folder, run, wrong, time.monotonic() - began)
        if any(wrong.values()) and not given.swapped:
            print(_log(folder))
    if given.swapped:
        lost = wrong["accepted, and never received"]
        print(f"recorded before it was sent: {lost} lost, and seen to be" if lost else "the loss was NOT seen")
        return 0 if lost else 1
    hits = run.on_its_way.total()
    if hits < LEAST_HITS * given.kills / (2 if given.workers_too else 1):
        print(f"{hits} notices were on their way when the daemon died: too few to prove anything; is the machine busy?")
        return 1
    return 1 if any(wrong.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
