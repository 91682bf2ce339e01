"""How many posts a second the engine takes in: ``python benchmarks/engine.py [--posts N]``.

Posts go through store, match, group, measure and plan, one visit of 20 at a time, with 50 topics of 10,000 terms and
1,000 open events, and again with 10,000; the same posts into a bare SQLite table are the baseline. Most posts match
nothing; then come streams in which every one matters: copies of known stories, counters read again, and, without a bar,
new events with all that they bring about (opinions, notices, duties, timers, entries). Last, what a tick costs while
100,000 timers are pending. Everything is CPU time of one core. Exit status 1 when a bar is missed: 300 posts/s, at
least 0.8 times as many with ten times the events, 20 ms a tick.
"""

from __future__ import annotations

import argparse
import random
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import insert

from yuqing_daemon import Address, Channel, Post, Reading, Recipient, Source, Topic
from yuqing_daemon.bus import Result, Visit
from yuqing_daemon.config import Settings, read_regime, regime_path
from yuqing_daemon.engine import Engine
from yuqing_daemon.plugins import Plugins
from yuqing_daemon.store import Store, schema

BAR, FLAT, TICK = 300, 0.8, 20.0  # posts a second; of that with ten times the events; milliseconds
TOPICS, TERMS, VISIT, TIMERS = 50, 10_000, 20, 100_000
FEW, MANY = 1_000, 10_000  # open events
NEW = "new events"
HITS, COPIES = 0.05, 0.5  # of all posts, those that match; of these, those that tell a story which is known
AT = datetime(2026, 3, 2, 4, tzinfo=UTC)
SIGNS = [chr(code) for code in range(0x4E00, 0x4E00 + 2_500)]


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--posts", type=int, default=2_000, help="how many are taken in each time")
    wanted = parser.parse_args(argv).posts
    print(f"{wanted} posts, {HITS:.0%} of them matching, {TOPICS} topics, {TERMS} terms", flush=True)
    with tempfile.TemporaryDirectory() as folder, opened(Path(folder)) as crowd:
        crowd.opens(FEW)
        bare = bare_speed(Path(folder) / "bare.db", crowd.stream(wanted))
        print(f"  into a bare table            {bare:9.0f} posts/s", flush=True)
        few = crowd.speed(wanted)
        ratio = f"1/{bare / few:.0f} of the bare table, bar {BAR} posts/s"
        print(f"  with {FEW:6} open events      {few:9.0f} posts/s   {ratio}", flush=True)
        slowest = few
        for name, each in crowd.all_matter(wanted // 2).items():
            is_new = name == NEW
            slowest = slowest if is_new else min(slowest, each)
            print(f"    {name:26} {each:9.0f} posts/s" + ("" if is_new else f"   bar {BAR}"), flush=True)
        crowd.opens(MANY)
        many = crowd.speed(wanted)
        print(
            f"  with {MANY:6} open events      {many:9.0f} posts/s   {many / few:.2f} of that, bar {FLAT}", flush=True
        )
        tick = crowd.tick()
        print(f"  a tick, {TIMERS} pending   {tick:12.2f} ms        bar {TICK:.0f} ms")
    return int(slowest < BAR or many < FLAT * few or tick > TICK)


class Crowd:
    """An engine, and the posts that come."""

    def __init__(self, engine: Engine, terms: list[str]) -> None:
        self.engine, self.terms = engine, terms
        self.rng = random.Random(1)
        self.now = AT
        self.told: list[str] = []  # the texts of the events that are open
        self.number = 0

    def text(self, words: int = 300) -> str:
        """A text of so many characters, a comma after every twelve."""
        said = self.rng.choices(SIGNS, k=words)
        return "，".join("".join(said[start : start + 12]) for start in range(0, words, 12)) + "。"

    def post(self, text: str) -> Post:
        """A post that says so."""
        self.number += 1
        url, title = f"https://forum.cn/{self.number}", "".join(self.rng.choices(SIGNS, k=16))
        return Post(url=url, source="forum", site="forum", title=title, text=text, fetched_at=self.now)

    def stream(self, number: int) -> Iterator[Post]:
        """What sites bring: most of it is none of our business, some of it is known."""
        for _ in range(number):
            if self.rng.random() >= HITS:
                yield self.post(self.text())
            elif self.rng.random() < COPIES:
                yield self.post("转发：" + self.rng.choice(self.told))
            else:
                yield self.post(self.rng.choice(self.terms) + self.text())

    def opens(self, number: int) -> None:
        """So many events are open; nobody was told of them, and nothing is owed, for that takes its time."""
        settings = self.engine.settings
        idle = replace(settings, recipients=(), regime=replace(settings.regime, duties=(), stages=None))
        self.engine.settings = idle
        while len(self.told) < number:
            batch = [self.rng.choice(self.terms) + self.text(120) for _ in range(VISIT)]
            self.told += batch
            self.takes([self.post(text) for text in batch])
        self.engine.settings = settings

    def takes(self, posts: Sequence[Post]) -> None:
        """A visit brought these."""
        self.now += timedelta(seconds=1)
        result = Result(
            job="j", source="forum", visit=Visit.READ, started_at=self.now, ended_at=self.now, posts=tuple(posts),
            readings=(), state={},
        )  # fmt: skip
        self.engine.take(result, now=self.now)

    def speed(self, number: int) -> float:
        """Posts a second, the best of three."""
        return max(self._speed(list(self.stream(number // 3))) for _ in range(3))

    def _speed(self, posts: list[Post]) -> float:
        waiting = iter(posts)
        start = time.process_time()
        while batch := list(islice(waiting, VISIT)):
            self.takes(batch)
        return len(posts) / (time.process_time() - start)

    def all_matter(self, number: int) -> dict[str, float]:
        """The speed of streams in which every post matches."""
        rng = self.rng
        copies = [self.post("转发：" + rng.choice(self.told)) for _ in range(number)]
        known = [f"https://forum.cn/{1 + n % len(self.told)}" for n in range(number)]
        new = [self.post(rng.choice(self.terms) + self.text()) for _ in range(number)]
        return {
            "copies of known stories": self._speed(copies),
            "known posts, read again": self._read_again(known),
            NEW: self._speed(new),
        }

    def _read_again(self, urls: list[str]) -> float:
        start = time.process_time()
        for first in range(0, len(urls), VISIT):
            self.now += timedelta(seconds=1)
            some = urls[first : first + VISIT]
            self.engine.take_posts(
                (), tuple(Reading(url=url, at=self.now, reads=first + 1) for url in some), now=self.now
            )
        return len(urls) / (time.process_time() - start)

    def tick(self) -> float:
        """Milliseconds that a tick costs with nothing due."""
        due_at = self.now + timedelta(days=30)
        rows = [
            {"event": 1 + n % MANY, "kind": "later", "n": n, "due_at": due_at, "state": "pending"}
            for n in range(TIMERS)
        ]
        with self.engine.store.write() as connection:
            connection.execute(schema.timer.update().where(schema.timer.c.due_at <= self.now).values(due_at=due_at))
            connection.execute(insert(schema.timer), rows)
        start = time.process_time()
        for _ in range(50):
            assert self.engine.due(now=self.now) == []
        return (time.process_time() - start) / 50 * 1000


def bare_speed(path: Path, posts: Iterator[Post]) -> float:
    """The same posts into one table, a transaction for each visit."""
    waiting = iter(list(posts))
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE post (url TEXT PRIMARY KEY, title TEXT, text TEXT)")
    number, start = 0, time.process_time()
    while batch := list(islice(waiting, VISIT)):
        with connection:
            connection.executemany("INSERT INTO post VALUES (?, ?, ?)", [(p.url, p.title, p.text) for p in batch])
        number += len(batch)
    taken = time.process_time() - start
    connection.close()
    return number / taken


@contextmanager
def opened(folder: Path) -> Iterator[Crowd]:
    """An organisation with many words, whose one site has had its first visit."""
    rng = random.Random(2)
    terms = ["".join(rng.choices(SIGNS, k=4)) for _ in range(TERMS)]
    store = Store.open(folder / "state")
    plugins = Plugins.load(disable=("mail", "webhook", "sms", "apprise"))
    crowd = Crowd(Engine(store, _settings(folder, terms), plugins, secret=b"secret", draw=lambda: 0.5), terms)
    crowd.engine.begin(now=AT)
    crowd.takes(())
    yield crowd
    store.close()


def _settings(folder: Path, terms: list[str]) -> Settings:
    regime = read_regime(regime_path("company", Path()))
    levels = tuple(replace(rule, fallback_after=timedelta(days=99)) for rule in regime.levels)  # nobody sends here
    everybody = Recipient(id="desk", roles=tuple(regime.roles), addresses=(Address(channel="mail", to="desk@mail"),))
    return Settings(
        folder=folder,
        state=folder / "state",
        organisation="青禾乳业",
        language="zh",
        timezone=ZoneInfo("Asia/Shanghai"),
        regime=replace(regime, levels=levels),
        sources=(Source(id="forum", urls=("https://forum.cn/",), site="forum", spider="page"),),
        topics=tuple(Topic(id=f"t{n}", name=f"t{n}", any=tuple(terms[n::TOPICS])) for n in range(TOPICS)),
        recipients=(everybody,),
        channels={"mail": Channel(id="mail", sender="test")},
    )


if __name__ == "__main__":
    sys.exit(main())
