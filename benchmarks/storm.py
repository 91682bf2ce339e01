"""A storm: ``python benchmarks/storm.py [--posts 10000] [--events 200]``; exit status 1 if a bar is missed.

So many posts as fast as they are taken in, over so many events, and in the middle of it one extraordinary event. Five
people are told over one channel that takes a moment for each notice. What is measured: how long the first word of the
extraordinary event takes from the reading that raised it until it is accepted; that nobody gets more than their budget;
that every notice is accepted, or went into one message with others; that memory does not grow with the storm.
"""

from __future__ import annotations

import argparse
import random
import resource
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from yuqing_daemon import Answer, Delivery, Outcome, Post, Reading, Source, Topic, hookimpl
from yuqing_daemon.bus import Result, Visit
from yuqing_daemon.config import NoticeSettings, Settings, load, write_example
from yuqing_daemon.domain import Address, Channel, Recipient
from yuqing_daemon.engine import Engine
from yuqing_daemon.notify import Notifier
from yuqing_daemon.plugins import Plugins
from yuqing_daemon.store import Store, outbox

FIRST_WORD, BUDGET, GROWTH = 5.0, 20, 50  # seconds; notices in ten minutes; MB
BATCH = 50  # posts of one visit
ROLES = ("monitor", "office", "department", "leading_group")


@dataclass
class Sink:
    """A channel that takes its time; it notes what came when."""

    seconds: float
    came: list[tuple[str, str, float]] = field(default_factory=list)  # recipient, purpose, instant
    lock: threading.Lock = field(default_factory=threading.Lock)

    @hookimpl(tryfirst=True)
    def send(self, delivery: Delivery) -> Outcome:
        time.sleep(self.seconds)
        with self.lock:
            self.came.append((delivery.recipient, f"{delivery.event_code} {delivery.purpose}", time.monotonic()))
        return Outcome(answer=Answer.ACCEPTED, detail="taken")


def settings(folder: Path) -> Settings:
    """A company with four people, the shipped regime, and the shipped limits."""
    write_example(folder)
    base = load(folder, senders={"mail": None})
    people = tuple(
        Recipient(
            id=role,
            roles=(role, "ops") if role == "monitor" else (role,),
            addresses=(Address(channel="sink", to=role),),
        )
        for role in (*ROLES, "spokesperson")
    )
    return replace(
        base,
        state=folder / "state",
        regime=replace(base.regime, duties=(), lift_by_words=False),
        sources=(Source(id="forum", urls=("https://forum.cn/",), site="forum", spider="hotlist"),),
        topics=(Topic(id="quality", any=("异物",)),),
        recipients=people,
        channels={"sink": Channel(id="sink", sender="sink")},
        notices=NoticeSettings(per_person=BUDGET, fold_every=timedelta(minutes=10)),
    )


def post(event: int, copy: int) -> Post:
    """One of the many copies of one of the many stories."""
    pick = random.Random(event)  # no two stories have pairs of characters in common
    words = "".join(chr(0x4E00 + pick.randrange(20_000)) for _ in range(80))
    lines = "。".join(words[at : at + 16] for at in range(0, 80, 16))
    return Post(
        url=f"https://forum.cn/{event}/{copy}",
        source="forum",
        site="forum",
        title=f"{words[:12]}异物",
        text=f"{lines}。有异物。",
        fetched_at=datetime.now(UTC),
    )


def visit(engine: Engine, posts: tuple[Post, ...], readings: tuple[Reading, ...] = ()) -> None:
    """What one visit brought."""
    now = datetime.now(UTC)
    outcome = Result(
        job="j",
        source="forum",
        visit=Visit.READ,
        started_at=now,
        ended_at=now,
        posts=posts,
        readings=readings,
        state={},
    )
    engine.take(outcome, now=now)


@dataclass
class Storm:
    """What came of it."""

    seconds: float
    first_word: dict[str, float]
    received: Counter[str]
    states: dict[str, int]
    growth: float


def storm(folder: Path, *, posts: int, events: int, answer: float = 0.02) -> Storm:
    """Let it blow, then let everything due go out."""
    base, sink = settings(folder), Sink(answer)
    plugins = Plugins.load()
    plugins.register(sink, "sink")
    engine = Engine(Store.open(base.state), base, plugins, secret=b"secret")
    engine.begin(now=datetime.now(UTC))
    visit(engine, ())
    notifier = Notifier(engine, lambda: datetime.now(UTC))
    notifier.start()
    visit(engine, tuple(post(event, 0) for event in range(BATCH)))
    before, began, raised_at = _memory(), time.monotonic(), 0.0
    for start in range(0, posts, BATCH):
        visit(engine, tuple(post(number % events, number // events + 1) for number in range(start, start + BATCH)))
        if not raised_at and start >= posts // 2:
            grave = post(events + 1, 0)
            visit(engine, (grave,))
            raised_at = time.monotonic()
            visit(engine, (), (Reading(url=grave.url, at=datetime.now(UTC), reads=3000),))
    seconds = time.monotonic() - began
    growth = _memory() - before
    _settle(engine)
    notifier.stop(timedelta(seconds=10))
    with sink.lock:
        first = {who: at - raised_at for who, what, at in sink.came if " raise:extraordinary" in what}
        received = Counter(who for who, what, _ in sink.came if " raise:extraordinary" not in what)
    with engine.store.read() as connection:
        states = outbox.counts(connection)
    engine.store.close()
    return Storm(seconds, first, received, states, growth)


def _settle(engine: Engine) -> None:
    """Wait until nothing is due any more: what is over the budget leaves later, in one message."""
    until = time.monotonic() + 60
    while engine.has_due("sink", now=datetime.now(UTC)) and time.monotonic() < until:
        time.sleep(0.1)


def _memory() -> float:
    """The most this process has ever held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def missed(done: Storm) -> list[str]:
    """The bars that were missed."""
    allowed = {
        "accepted",
        "sending",
        "bundled",
        "pending",
    }  # pending: the one message a person that leaves with the slot
    found = []
    if len(done.first_word) < len(ROLES) + 1 or max(done.first_word.values()) > FIRST_WORD:
        found.append(f"the extraordinary event's first word took {done.first_word}")
    if max(done.received.values(), default=0) > BUDGET:
        found.append(f"more than the budget of {BUDGET}: {dict(done.received)}")
    if set(done.states) - allowed or done.states.get("pending", 0) > len(ROLES) + 1:
        found.append(f"not accounted for: {done.states}")
    if done.growth > GROWTH:
        found.append(f"memory grew by {done.growth:.0f} MB")
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--posts", type=int, default=10_000)
    parser.add_argument("--events", type=int, default=200)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="yuqing-storm-") as name:
        done = storm(Path(name), posts=given.posts, events=given.events)
    first_word = max(done.first_word.values(), default=-1.0)
    figures = {
        "posts, events": f"{given.posts}, {given.events}",
        "seconds it blew": f"{done.seconds:.1f}",
        f"seconds to the extraordinary event's first word, bar {FIRST_WORD:.0f}": f"{first_word:.2f}",
        f"most notices to one person, bar {BUDGET}": f"{max(done.received.values(), default=0)}",
        "notices by state": f"{done.states}",
        f"MB that memory grew by, bar {GROWTH}": f"{done.growth:.1f}",
    }
    for name, value in figures.items():
        print(f"{name:58} {value}")
    wrong = missed(done)
    for each in wrong:
        print(f"MISSED: {each}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
