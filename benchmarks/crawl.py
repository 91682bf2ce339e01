"""What a visit costs, against bare Scrapy and against a poller by hand: ``python benchmarks/crawl.py [--quick]``.

Against ``crawl_server.py``, each contender in a process of its own: (a) bare Scrapy, lean settings, one crawl for
each poll; (b) aiohttp and lxml, written by hand; and this package's worker, from the line of a job to the line of its
result. The article of (a) and (b) is read by the same extractor. They take turns in short rounds, and a ratio is of two
costs of one round, so what else the machine does meets all of them: printed are CPU milliseconds of a poll that finds
nothing new and of an article that is read, the middle one of all rounds, and their ratios to (a) with the middle half
of them. Then the memory of the worker over many visits. Exit status 1 when a bar is missed.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import linear_regression, median, quantiles
from typing import Any

HERE = Path(__file__).resolve().parent
POLLS, ARTICLE_VISITS = 40, 4  # of each kind in one round
AT_ONCE = 8  # a worker has many visits at once
BARS = {"304": 0.15, "same": 0.30, "clock": 0.30, "article": 1.3}
RSS_BAR = 4.0  # MB of growth in a thousand visits
SETTINGS: dict[str, Any] = {
    "TELNETCONSOLE_ENABLED": False,
    "REMOTE_CONTROL_ENABLED": False,
    "LOGSTATS_INTERVAL": 0,
    "LOG_ENABLED": False,
    "DOWNLOAD_DELAY": 0,
}
Poll = Callable[[str], Awaitable[int]]
Costs = dict[str, list[float]]  # kind of poll -> CPU milliseconds in each round


def urls_of(kind: str, base: str, turn: int) -> list[str]:
    """What is visited in one round; no list of articles is visited twice."""
    if kind != "article":
        return [f"{base}/{kind}"] * POLLS
    return [f"{base}/news/{turn * ARTICLE_VISITS + number}" for number in range(ARTICLE_VISITS)]


async def timed(poll: Poll, urls: list[str], wanted: int) -> float:
    """CPU milliseconds of each of those polls; each must give so many articles."""
    before = time.process_time()
    for start in range(0, len(urls), AT_ONCE):
        found = await asyncio.gather(*map(poll, urls[start : start + AT_ONCE]))
        assert set(found) == {wanted}, (urls[start], found)
    return (time.process_time() - before) * 1000 / len(urls)


async def take_turns(poll: Poll, base: str, kinds: Collection[str] = BARS) -> None:
    """Visit everything once, then one round whenever the comparison says so."""
    for kind in ("304", "same", "clock", "news/0"):
        await poll(f"{base}/{kind}")
    loop = asyncio.get_running_loop()
    print("ready", flush=True)
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        cost = {}
        for kind in kinds:
            wanted = 20 if kind == "article" else 0
            cost[kind] = await timed(poll, urls_of(kind, base, int(line)), wanted) / max(wanted, 1)
        print(json.dumps(cost), flush=True)


# -- the contenders -------------------------------------------------------------------------------


async def bare(base: str) -> None:
    """(a): the crawl one would write oneself. It knows no validators and keeps nothing, so that all polls are alike."""
    from scrapy import Request, Spider, signals
    from scrapy.crawler import AsyncCrawlerRunner

    from yuqing_daemon.extract import read_article

    seen: set[str] = set()

    class Bare(Spider):
        name = "bare"

        def parse(self, response: Any) -> Any:
            for href in response.xpath("//li/a[contains(@href, '/a/')]/@href").getall():
                url = response.urljoin(href)
                if url not in seen:
                    seen.add(url)
                    yield Request(url, self.parse_article)

        def parse_article(self, response: Any) -> Any:
            yield {"article": read_article(response.body, url=response.url, fetched_at=datetime.now(UTC))}

    runner = AsyncCrawlerRunner(SETTINGS)

    async def poll(url: str) -> int:
        items: list[Any] = []

        def keep(item: Any) -> None:
            items.append(item)

        crawler = runner.create_crawler(Bare)
        crawler.signals.connect(keep, signals.item_scraped)
        await runner.crawl(crawler, start_urls=[url])
        return len(items)

    await take_turns(poll, base, ("same", "article"))


async def by_hand(base: str) -> None:
    """(b): the least that can be done."""
    import aiohttp
    from lxml import html

    from yuqing_daemon.extract import read_article

    seen: set[str] = set()
    validators: dict[str, str] = {}
    async with aiohttp.ClientSession() as session:

        async def poll(url: str) -> int:
            given = {"If-None-Match": validators[url]} if url in validators else {}
            async with session.get(url, headers=given) as response:
                body = await response.read()
                if "ETag" in response.headers:
                    validators[url] = response.headers["ETag"]
            new = 0
            for href in html.fromstring(body.decode()).xpath("//li/a[contains(@href, '/a/')]/@href") if body else ():
                if href not in seen:
                    seen.add(href)
                    async with session.get(f"{base}{href}") as response:
                        page = await response.read()
                    new += read_article(page, url=href, fetched_at=datetime.now(UTC)) is not None
            return new

        await take_turns(poll, base)


async def ours(base: str) -> None:
    """The worker: a job's line in, a result's line out."""
    await take_turns(worker(), base)


def worker() -> Poll:
    """One poll as a worker does it."""
    from yuqing_daemon.bus import Job, Visit
    from yuqing_daemon.bus.messages import job_from_line, job_to_line, result_from_line, result_to_line
    from yuqing_daemon.crawl.loader import load_spiders
    from yuqing_daemon.crawl.settings import WorkerSettings
    from yuqing_daemon.crawl.site import Shared
    from yuqing_daemon.crawl.visit import visit
    from yuqing_daemon.domain import Source
    from yuqing_daemon.plugins import Plugins

    plugins = Plugins.load()
    shared, spiders = Shared(WorkerSettings(gap=0, at_once=AT_ONCE), plugins), load_spiders("", plugins)
    states: dict[str, Any] = {}

    async def poll(url: str) -> int:
        source = Source(id="bench", urls=(url,), internal=True, spider="page")
        first = url not in states and "/news/" not in url
        job = Job(id="j", source=source, host="h", state=states.get(url) or {}, first_visit=first)
        line = job_to_line(job)
        result = await visit(job_from_line(line), shared, spiders)
        result = result_from_line(result_to_line(result))
        assert result.visit is not Visit.FAILED, result.error
        if result.state is not None and "/news/" not in url:
            states[url] = result.state
        return 0 if first else len(result.posts)

    return poll


async def memory(base: str) -> None:
    """The worker's memory at each of many visits, one in twenty of which finds a list of new articles."""
    from yuqing_daemon.crawl.worker import rss

    poll, held = worker(), []
    kinds = ("304", "same", "clock")
    for number in range(1, int(sys.stdin.readline()) + 1):
        await poll(f"{base}/news/{number}" if number % 20 == 0 else f"{base}/{kinds[number % 3]}")
        held.append(rss() / 1e6)
    print(json.dumps(held), flush=True)


CONTENDERS = {"bare": bare, "by_hand": by_hand, "ours": ours}
ALL = CONTENDERS | {"memory": memory}


def contend(name: str, base: str) -> None:
    """Run one of them in this process, in Scrapy's loop."""
    from scrapy.utils.reactor import install_reactor

    install_reactor("twisted.internet.asyncioreactor.AsyncioSelectorReactor")
    from twisted.internet import reactor as installed

    reactor: Any = installed
    logging.disable(logging.CRITICAL)

    async def run() -> None:
        try:
            await ALL[name](base)
        finally:
            reactor.stop()

    reactor.callWhenRunning(lambda: setattr(reactor, "job", asyncio.ensure_future(run())))
    reactor.run(installSignalHandlers=False)
    reactor.job.result()


# -- the comparison -------------------------------------------------------------------------------


@contextmanager
def child(*command: str) -> Iterator[subprocess.Popen[str]]:
    """A process of this comparison."""
    with subprocess.Popen(
        [sys.executable, *command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.terminate()


def ask(process: subprocess.Popen[str], line: object) -> Any:
    """Tell a process one thing, and wait for what it answers."""
    assert process.stdin is not None
    print(line, file=process.stdin, flush=True)
    return json.loads(hear(process))


def hear(process: subprocess.Popen[str]) -> str:
    """The next line that a process says."""
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line, "a contender has ended: see its traceback"
    return line.strip()


def compare(base: str, rounds: int) -> dict[str, Costs]:
    """All contenders, one after the other in each round, and another one first in each."""
    costs: dict[str, Costs] = {name: {kind: [] for kind in BARS} for name in CONTENDERS}
    names = list(CONTENDERS)
    with ExitStack() as stack:
        run = {name: stack.enter_context(child(__file__, "--contender", name, base)) for name in names}
        for process in run.values():
            assert hear(process) == "ready"
        for turn in range(1, rounds + 1):
            for name in names[turn % 3 :] + names[: turn % 3]:
                for kind, cost in ask(run[name], turn).items():
                    costs[name][kind].append(cost)
    return costs


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--quick", action="store_true", help="fewer rounds and visits")
    parser.add_argument("--contender", choices=ALL, help=argparse.SUPPRESS)
    parser.add_argument("base", nargs="?", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.contender:
        contend(given.contender, given.base)
        return 0
    rounds, visits = (7, 500) if given.quick else (25, 2000)
    with child(str(HERE / "crawl_server.py")) as server:
        base = f"http://127.0.0.1:{hear(server)}"
        costs = compare(base, rounds)
        with child(__file__, "--contender", "memory", base) as process:
            held = ask(process, visits)
    return judge(costs, held)


def judge(costs: dict[str, Costs], held: list[float]) -> int:
    rounds = len(costs["ours"]["304"])
    print(f"{f'CPU ms, middle of {rounds} rounds':31}{'(a) bare':>10}{'(b) hand':>10}{'ours':>8}", end="")
    print(f"{'to (a)':>9}{'half of the rounds':>20}{'bar':>6}{'to (b)':>9}")
    names = {
        "304": "poll: 304",
        "same": "poll: same bytes",
        "clock": "poll: other bytes, links same",
        "article": "article, in visits of 20",
    }
    missed = 0
    for kind, words in names.items():
        base = costs["bare"][kind if kind == "article" else "same"]
        mine, hand = costs["ours"][kind], costs["by_hand"][kind]
        ratios = [own / bare for own, bare in zip(mine, base, strict=True)]
        low, middle, high = quantiles(ratios, n=4)
        missed += middle > BARS[kind]
        row = f"{median(base):>10.2f}{median(hand):>10.2f}{median(mine):>8.2f}"
        print(f"{words:31}{row}{middle:>9.2f}{f'{low:.2f} to {high:.2f}':>20}{BARS[kind]:>6.2f}", end="")
        print(f"{median(own / by_hand for own, by_hand in zip(mine, hand, strict=True)):>9.2f}")
    settled = held[len(held) // 4 :]
    slope = 1000 * linear_regression(range(len(settled)), settled).slope
    missed += slope > RSS_BAR
    told = f"{settled[0]:.0f} MB at {len(held) // 4} visits, {settled[-1]:.0f} MB at {len(held)}"
    print(f"memory of the worker: {told}; from there {slope:+.1f} MB in a thousand visits (bar {RSS_BAR:g})")
    print("every bar is kept" if not missed else f"{missed} bars missed")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
