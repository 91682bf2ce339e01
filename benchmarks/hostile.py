"""A soak among hostile sites: ``python benchmarks/hostile.py [--minutes 20] [--sites 40] [--quick]``.

Two crawl workers visit good sites on a schedule, first among themselves, then with every kind of hostile site beside
them (those of ``tests/crawl/hostile_farm.py``), each visited as often as the good ones; an engine with a store takes in
what comes back. Good sites publish, and have a page that robots.txt closes. Prints how late good visits began in both
parts, the memory of the workers over time, what reached an inside address, what was asked against robots.txt, the
articles that were published and are not in the store, and for each hostile site how its visits ended and the state it
stands in. Exit status 1 when a bar is missed: good visits later by more than a fifth of their interval, memory that
grows, anything reached, asked or lost, or a hostile site whose state says nothing. ``--quick`` takes a minute and
prints lateness and memory without judging them.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import linear_regression, quantiles
from typing import Any

sys.path.append(str(Path(__file__).resolve().parents[1] / "tests" / "crawl"))

import hostile_farm as hostile
from farm import article, listing

from yuqing_daemon.bus import Job, Lost, Result
from yuqing_daemon.bus.pipes import PipeBus
from yuqing_daemon.config import load, write_example
from yuqing_daemon.crawl.once import WORKER
from yuqing_daemon.domain import Source
from yuqing_daemon.engine import Engine, careful
from yuqing_daemon.plugins import Plugins
from yuqing_daemon.rules.health import State
from yuqing_daemon.store import Store, health, sources

EVERY = 10.0  # seconds between two visits of one site
TIMEOUT = 5.0
LATE_BAR = 0.2 * EVERY
RSS_BAR = 25.0  # MB from the first third of the hostile part to its end
QUICK = 0.7  # minutes
LOOK_EVERY = 0.05
CALM = 0.2  # the part of the time without hostile sites
HOSTILE: dict[str, tuple[hostile.Answer, str, Mapping[str, Any]]] = {
    **{name: (answer, "page", {}) for name, (answer, _) in hostile.CASES.items()},
    **{name: (answer, "page", {"links": "li a"}) for name, answer in hostile.HARMLESS.items()},
    "laughs": (hostile.always(hostile.page(hostile.LAUGHS)), "feed", {}),
    "writes odd titles": (hostile.always(hostile.page(article(hostile.TITLE))), "article", {}),
}


@dataclass(slots=True)
class Press:
    """What a good site has published: a new article with every minute, and a page that nobody may ask for."""

    number: int
    published: int = 3

    async def answer(self, farm: hostile.Farm, writer: asyncio.StreamWriter, path: str) -> None:
        if path.startswith("/a/"):
            writer.write(hostile.page(article(f"第{self.number}家公司第{path[3:7]}号公告")))
            return
        numbers = range(1000 + self.published, 1000, -1)
        links = [(f"/a/{n}.html", f"第{self.number}家公司第{n}号公告全文") for n in numbers]
        closed = (f"/private/{1000 + self.published}.html", f"第{self.number}家公司不公开的公告全文")
        writer.write(hostile.page(listing(*links, closed)))


@dataclass(slots=True)
class Soak:
    """The schedule of all sites, and what came of it."""

    bus: PipeBus
    engine: Engine
    sources: dict[str, Source]
    states: dict[str, Any] = field(default_factory=dict)
    out: dict[str, float] = field(default_factory=dict)  # site -> when its visit was due
    late: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    ends: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    rss: list[float] = field(default_factory=list)
    part: str = "calm"

    async def run(self, seconds: float, names: list[str]) -> None:
        """Visit those sites for so long, each at its own instant of the interval."""
        begun = time.monotonic()
        due = {name: begun + EVERY * number / len(names) for number, name in enumerate(names)}
        while (now := time.monotonic()) < begun + seconds:
            for name, at in due.items():
                if at <= now:
                    due[name] = at + EVERY
                    if name not in self.out:
                        self.out[name] = at
                        await self.bus.put(self._job(name))
            self.rss.append(max([0.0, *(_rss(pid) for pid in self.bus.pids)]))
            await asyncio.sleep(LOOK_EVERY)
        while self.out:
            await asyncio.sleep(0.05)

    def _job(self, name: str) -> Job:
        source = self.sources[name]
        return Job(id=name, source=source, host=name, state=self.states.get(name, {}), deadline=timedelta(seconds=30))

    async def collect(self) -> None:
        """Take what comes back."""
        while True:
            item = await self.bus.get()
            careful.take(self.engine, item, now=datetime.now(UTC))
            due = self.out.pop(item.job)
            if isinstance(item, Lost):
                self.ends[item.job][f"lost: {item.reason}"] += 1
                continue
            began = time.monotonic() - (time.time() - item.started_at.timestamp())
            self.late[f"{self.part} {item.job[:4]}"].append(began - due)
            self.ends[item.job][_end(item)] += 1
            if item.state is not None:
                self.states[item.job] = item.state

    def stored(self) -> set[str]:
        """The addresses of all posts."""
        with self.engine.store.read() as connection:
            return set(connection.exec_driver_sql("select url from post").scalars())

    def standing(self, name: str) -> tuple[State, str]:
        """The state of a source, and what is said of it."""
        with self.engine.store.read() as connection:
            row, known = sources.get(connection, name), health.get(connection, name)
        assert row is not None
        return State(row.status), known.reason or row.error


def _end(result: Result) -> str:
    words = result.error.rpartition(": ")[2][:50] or (result.unread[0].error[:50] if result.unread else "")
    return f"{result.visit.value}{f' ({words})' if words else ''}"


def _rss(pid: int) -> float:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
    except OSError:
        return 0.0


def an_engine(known: dict[str, Source]) -> Engine:
    """The engine of an organisation that has these sources."""
    with tempfile.TemporaryDirectory() as folder:
        write_example(Path(folder))
        settings = replace(load(Path(folder), senders={"mail": None}), sources=tuple(known.values()))
    engine = Engine(Store.in_memory(), settings, Plugins.load(), secret=b"secret")
    engine.begin(now=datetime.now(UTC))
    return engine


async def soak(seconds: float, number: int, *, quick: bool) -> int:
    presses = {f"good {n}": Press(n) for n in range(number)}
    farm = hostile.Farm(
        {name: press.answer for name, press in presses.items()} | {name: case[0] for name, case in HOSTILE.items()}
    )
    kinds = {name: ("page", {}) for name in presses} | {name: case[1:] for name, case in HOSTILE.items()}
    known = {
        name: Source(id=name, urls=(farm.url(name),), internal=True, spider=spider, options=options)
        for name, (spider, options) in kinds.items()
    }
    bus = PipeBus(WORKER, workers=2, settings={"timeout": TIMEOUT})
    await bus.start()
    soak = Soak(bus, an_engine(known), known)
    collecting = asyncio.create_task(soak.collect())
    await soak.run(EVERY, list(presses))  # the workers start
    soak.late.clear()
    publishing = asyncio.create_task(_publish(presses))
    await soak.run(CALM * seconds, list(presses))
    soak.part, soak.rss = "hostile", []
    await soak.run((1 - CALM) * seconds, [*presses, *HOSTILE])
    publishing.cancel()
    await soak.run(EVERY, list(presses))  # what was published last
    collecting.cancel()
    await bus.stop(timedelta(0))
    farm.close()
    wanted = {
        f"{farm.url(name)}a/{1000 + n}.html" for name, each in presses.items() for n in range(1, each.published + 1)
    }
    return judge(soak, farm, wanted, quick=quick)


async def _publish(presses: dict[str, Press]) -> None:
    while True:
        await asyncio.sleep(60 / len(presses))
        press = presses[f"good {int(time.monotonic() * 7) % len(presses)}"]
        press.published += 1


def judge(soak: Soak, farm: hostile.Farm, wanted: set[str], *, quick: bool) -> int:
    p95 = {part: quantiles(soak.late[f"{part} good"], n=20)[-1] for part in ("calm", "hostile")}
    third = soak.rss[len(soak.rss) // 3 : len(soak.rss) // 2]
    growth = max(soak.rss[-len(third) :]) - max(third)
    settled = soak.rss[len(soak.rss) // 3 :]
    slope = linear_regression([LOOK_EVERY * number / 3600 for number in range(len(settled))], settled).slope
    lost = wanted - soak.stored()
    unseen = show_ends(soak)
    for part, words in (("calm", "among themselves"), ("hostile", "beside hostile sites")):
        visits = len(soak.late[f"{part} good"])
        print(f"good sites {words}: {visits} visits, p95 {p95[part]:.2f} s late")
    print(f"memory of the larger worker: {max(third):.0f} MB, at the end {growth:+.0f} MB (bar {RSS_BAR:g})", end="")
    print(f", slope {slope:+.0f} MB an hour")
    print(f"reached inside: {len(farm.inside)}; asked against robots.txt: {farm.broken_rules}")
    print(f"articles lost: {len(lost)} of {len(wanted)}")
    wrong = {
        "lateness": p95["hostile"] > p95["calm"] + LATE_BAR and not quick,
        "memory": growth > RSS_BAR and not quick,
        "inside addresses": bool(farm.inside),
        "robots.txt": farm.broken_rules > 0,
        "articles lost": bool(lost),
        f"hostile sites whose state says nothing: {', '.join(unseen)}": bool(unseen),
    }
    missed = [what for what, is_missed in wrong.items() if is_missed]
    print("every bar is kept" if not missed else f"missed: {', '.join(missed)}")
    return 1 if missed else 0


def show_ends(soak: Soak) -> list[str]:
    """The table of hostile sites. Returns those that stand otherwise than what they do deserves."""
    print(f"{'site':28}{'state':13}visits")
    unseen = []
    for name in HOSTILE:
        state, said = soak.standing(name)
        ends = ", ".join(f"{count} {end}" for end, count in soak.ends[name].most_common(2))
        print(f"{name:28}{state.value:13}{ends}{f' | {said}' if said and not state.is_good else ''}"[:150])
        if state is State.WAITING or state.is_good == (name in hostile.CASES):
            unseen.append(name)
    return unseen


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=20.0)
    parser.add_argument("--sites", type=int, default=40, help="good sites")
    parser.add_argument("--quick", action="store_true", help="one minute, lateness and memory not judged")
    given = parser.parse_args()
    logging.disable(logging.CRITICAL)
    return asyncio.run(soak(60 * (QUICK if given.quick else given.minutes), given.sites, quick=given.quick))


if __name__ == "__main__":
    sys.exit(main())
