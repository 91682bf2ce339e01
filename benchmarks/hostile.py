"""A soak among hostile sites: ``python benchmarks/hostile.py [--minutes 20] [--sites 40]``.

Two crawl workers visit good sites on a schedule, first among themselves, then with every kind of hostile site beside
them (those of ``tests/crawl/hostile_farm.py``), each visited as often as the good ones. Good sites publish, and have a
page that robots.txt closes. Prints how late good visits began in both parts, the memory of the workers over time, what
reached an inside address, what was asked against robots.txt, the articles that were published and not delivered, and
how the visits of each hostile site ended. Exit status 1 when a bar is missed: good visits later by more than a fifth of
their interval, memory that grows, anything reached, asked or lost, or a hostile site without an outcome.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from statistics import quantiles
from typing import Any

sys.path.append(str(Path(__file__).resolve().parents[1] / "tests" / "crawl"))

import hostile_farm as hostile
from farm import article, listing

from yuqing_daemon.bus import Job, Lost, Result
from yuqing_daemon.bus.pipes import PipeBus
from yuqing_daemon.crawl.once import WORKER
from yuqing_daemon.domain import Source

EVERY = 10.0  # seconds between two visits of one site
TIMEOUT = 5.0
LATE_BAR = 0.2 * EVERY
RSS_BAR = 25.0  # MB from the first third of the hostile part to its end
CALM = 0.2  # the part of the time without hostile sites
HOSTILE: dict[str, tuple[hostile.Answer, str, Mapping[str, Any]]] = {
    **{name: (answer, "page", {}) for name, (answer, _) in hostile.CASES.items()},
    "answers in turns": (hostile.turns, "page", {}),
    "has a calendar without end": (hostile.calendar, "page", {}),
    "links inside": (hostile.inside_links, "page", {"links": "li a"}),
    "redirects inside": (hostile.inside_redirects, "page", {"links": "li a"}),
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
    sources: dict[str, Source]
    states: dict[str, Any] = field(default_factory=dict)
    out: dict[str, float] = field(default_factory=dict)  # site -> when its visit was due
    late: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    ends: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    delivered: set[str] = field(default_factory=set)
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
            await asyncio.sleep(0.05)
        while self.out:
            await asyncio.sleep(0.05)

    def _job(self, name: str) -> Job:
        source = self.sources[name]
        return Job(id=name, source=source, host=name, state=self.states.get(name, {}), deadline=timedelta(seconds=30))

    async def collect(self) -> None:
        """Take what comes back."""
        while True:
            item = await self.bus.get()
            due = self.out.pop(item.job)
            if isinstance(item, Lost):
                self.ends[item.job][f"lost: {item.reason}"] += 1
                continue
            began = time.monotonic() - (time.time() - item.started_at.timestamp())
            self.late[f"{self.part} {item.job[:4]}"].append(began - due)
            self.ends[item.job][_end(item)] += 1
            self.delivered |= {post.url for post in item.posts}
            if item.state is not None:
                self.states[item.job] = item.state


def _end(result: Result) -> str:
    words = result.error.rpartition(": ")[2][:50] or (result.unread[0].error[:50] if result.unread else "")
    return f"{result.visit.value}{f' ({words})' if words else ''}"


def _rss(pid: int) -> float:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
    except OSError:
        return 0.0


async def soak(seconds: float, number: int) -> int:
    presses = {f"good {n}": Press(n) for n in range(number)}
    farm = hostile.Farm(
        {name: press.answer for name, press in presses.items()} | {name: case[0] for name, case in HOSTILE.items()}
    )
    sources = {name: Source(id=name, urls=(farm.url(name),), internal=True, spider="page") for name in presses}
    for name, (_, spider, options) in HOSTILE.items():
        sources[name] = Source(id=name, urls=(farm.url(name),), internal=True, spider=spider, options=options)
    bus = PipeBus(WORKER, workers=2, settings={"timeout": TIMEOUT})
    await bus.start()
    soak = Soak(bus, sources)
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
    return judge(soak, farm, wanted)


async def _publish(presses: dict[str, Press]) -> None:
    while True:
        await asyncio.sleep(60 / len(presses))
        press = presses[f"good {int(time.monotonic() * 7) % len(presses)}"]
        press.published += 1


def judge(soak: Soak, farm: hostile.Farm, wanted: set[str]) -> int:
    p95 = {part: quantiles(soak.late[f"{part} good"], n=20)[-1] for part in ("calm", "hostile")}
    third = soak.rss[len(soak.rss) // 3 : len(soak.rss) // 2]
    growth = max(soak.rss[-len(third) :]) - max(third)
    lost = wanted - soak.delivered
    unended = [name for name in HOSTILE if not soak.ends[name]]
    for name in HOSTILE:
        print(f"{name:28}{', '.join(f'{count} {end}' for end, count in soak.ends[name].most_common(3))}")
    for part, words in (("calm", "among themselves"), ("hostile", "beside hostile sites")):
        visits = len(soak.late[f"{part} good"])
        print(f"good sites {words}: {visits} visits, p95 {p95[part]:.2f} s late")
    print(f"memory of the larger worker: {max(third):.0f} MB, at the end {growth:+.0f} MB (bar {RSS_BAR:g})")
    print(f"reached inside: {len(farm.inside)}; asked against robots.txt: {farm.broken_rules}")
    print(f"articles lost: {len(lost)} of {len(wanted)}")
    wrong = {
        "lateness": p95["hostile"] > p95["calm"] + LATE_BAR,
        "memory": growth > RSS_BAR,
        "inside addresses": bool(farm.inside),
        "robots.txt": farm.broken_rules > 0,
        "articles lost": bool(lost),
        "hostile sites without an outcome": bool(unended),
    }
    missed = [what for what, is_missed in wrong.items() if is_missed]
    print("every bar is kept" if not missed else f"missed: {', '.join(missed)}")
    return 1 if missed else 0


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=0.8)
    parser.add_argument("--sites", type=int, default=40, help="good sites")
    given = parser.parse_args()
    logging.disable(logging.CRITICAL)
    return asyncio.run(soak(60 * given.minutes, given.sites))


if __name__ == "__main__":
    sys.exit(main())
