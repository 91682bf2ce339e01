"""Whether anything is lost when the daemon is killed: ``python benchmarks/crash.py [--kills N] [--workers-too]``.

Four sites publish without a pause, four people are told over four slow channels, and the daemon is killed with SIGKILL
at random moments and started again at once. After the last kill it may finish; then its database is held against what
was published and what arrived. Exit status 1 if anything was lost, came twice without a crash as the reason, came twice
with other bytes, or if the database or its record is broken.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from crash_sinks import HOST, Sinks, free_port

from yuqing_daemon.store import Store, audit

DAEMON = (sys.executable, "-m", "yuqing_daemon")
LIVES = (0.1, 3.0)  # seconds from a start to the next kill
AIM, AFTER = 0.6, 0.06  # every second kill waits so long for an arrival, and strikes at most so long after it
SLOW = (0.005, 0.08)  # seconds until a channel answers
DRAIN = 90.0  # seconds until everything has to have arrived
CHANNELS = ("mail", "chat", "desk", "sms")
OTHER_ROLES = '"office", "leading_group", "ops"'

MAIN = """
organisation = "青禾乳业"
regime = "company"
[store]
path = "state"
[crawl]
gap = 0
revisit_at_least = 5
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


@dataclass
class Run:
    """What happened while the daemon was being killed: what was published, and what was on its way at each kill."""

    sinks: Sinks
    published: list[dict[str, Any]] = field(default_factory=list)
    kills: int = 0
    on_its_way: Counter[str] = field(default_factory=Counter)
    drained: bool = False
    exit_code: int | None = None


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


def ask(folder: Path, query: str) -> list[tuple[Any, ...]]:
    """Look into the database, without touching it; nothing if there is none yet."""
    with suppress(sqlite3.OperationalError):
        connection = sqlite3.connect(f"file:{folder}/state/yuqing.db?mode=ro", uri=True)
        try:
            return connection.execute(query).fetchall()
        finally:
            connection.close()
    return []


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
            run.drained = wait_until(lambda: _is_done(folder, run), DRAIN)
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


def _is_done(folder: Path, run: Run) -> bool:
    waiting = ask(folder, "select count(*) from delivery where state in ('pending', 'sending', 'unknown')")
    return waiting == [(0,)] and not unstored(folder, run)


def unstored(folder: Path, run: Run) -> set[str]:
    """What was published and is not in the database."""
    return {post["url"] for post in run.published} - {url for (url,) in ask(folder, "select url from post")}


# -- what must not have happened ------------------------------------------------------------------


def violations(folder: Path, run: Run) -> dict[str, int]:
    """Everything that must be 0, by its name."""
    with Store.look(folder / "state").read() as connection:
        broken = audit.first_broken(connection)
    return {
        **wrong_deliveries(folder, run),
        **wrong_copies(run),
        **wrong_events(folder, run),
        "faults in the database": sum(row != ("ok",) for row in ask(folder, "pragma integrity_check")),
        "broken links in the record": int(broken is not None),
        "unclean end": int(not run.drained or run.exit_code != 0),
    }


def wrong_deliveries(folder: Path, run: Run) -> dict[str, int]:
    """What was promised is what was recorded is what arrived."""
    promised = dict(ask(folder, "select key, state from delivery"))
    accepted = {key for key, state in promised.items() if state == "accepted"}
    entries = ask(folder, "select data from audit where what = 'alert.planned'")
    planned = {json.loads(data)["key"] for (data,) in entries}
    return {
        "accepted, and never received": len(accepted - run.sinks.received.keys()),
        "promised, and not accepted": len(promised) - len(accepted),
        "on record as planned, and not promised": len(planned - promised.keys()),
        "received, and never promised": len(run.sinks.received.keys() - promised.keys()),
    }


def wrong_copies(run: Run) -> dict[str, int]:
    """A copy is the same bytes, and has a crash as its reason."""
    copies = {key: len(marks) - 1 for key, marks in run.sinks.received.items()}
    return {
        "copies with other bytes": sum(len(set(marks)) - 1 for marks in run.sinks.received.values()),
        "copies without a crash on the way": sum(max(0, more - run.on_its_way[key]) for key, more in copies.items()),
    }


def wrong_events(folder: Path, run: Run) -> dict[str, int]:
    """Every story is stored, is one event, and is told over every channel."""
    story_of = {post["url"]: post["story"] for post in run.published}
    found: dict[int, set[int | None]] = {story: set() for story in story_of.values()}
    for url, event in ask(folder, "select url, event from post left join event_post on event_post.post = post.id"):
        found[story_of[url]].add(event)
    events = {event for (event,) in ask(folder, "select id from event")}
    told = Counter(event for (event,) in ask(folder, "select event from delivery where purpose = 'found'"))
    return {
        "published, and not stored": len(unstored(folder, run)),
        "stories that are not exactly one event": sum(len(of) != 1 or None in of for of in found.values()),
        "events of no story": len(events.difference(*found.values())),
        "events not told over every channel": sum(told[event] != len(CHANNELS) for event in events),
    }


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
    parser.add_argument("--workers-too", action="store_true", help="every second kill hits a crawl worker instead")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="yuqing-crash-") as name:
        folder = Path(name)
        began = time.monotonic()
        run = crash(folder, kills=given.kills, workers_too=given.workers_too)
        wrong = violations(folder, run)
        show(folder, run, wrong, time.monotonic() - began)
        if any(wrong.values()):
            print(_log(folder))
    return 1 if any(wrong.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
