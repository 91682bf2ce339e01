"""What a visit costs, against bare Scrapy and against a poller by hand: ``python benchmarks/crawl.py [--quick]``.

All in one run, each contender in a process of its own, one page after the other, against ``crawl_server.py``:
(a) bare Scrapy, lean settings, one crawl for each poll; (b) aiohttp and lxml, written by hand; and this package's
worker, from the line of a job to the line of its result. Prints CPU milliseconds a poll that finds nothing new and an
article that is read, their ratios to (a) and (b), and the memory of the worker over many visits. The article of (a)
is read by the same extractor. Exit status 1 when a bar is missed.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
POLLS, ARTICLE_VISITS, MANY = 300, 15, 2000
BARS = {"304": 0.15, "same": 0.30, "clock": 0.30, "article": 1.3}
RSS_BAR = 8.0  # MB of growth from a quarter of the visits to their end
SETTINGS: dict[str, Any] = {
    "TELNETCONSOLE_ENABLED": False,
    "REMOTE_CONTROL_ENABLED": False,
    "LOGSTATS_INTERVAL": 0,
    "LOG_ENABLED": False,
    "DOWNLOAD_DELAY": 0,
}
Poll = Callable[[str], Awaitable[int]]


async def timed(poll: Poll, urls: list[str], wanted: int) -> float:
    """CPU milliseconds of each of those polls; each must give so many articles."""
    await poll(urls[0])
    before = time.process_time()
    for url in urls[1:]:
        found = await poll(url)
        assert found == wanted, (url, found)
    return (time.process_time() - before) * 1000 / (len(urls) - 1)


async def measure(poll: Poll, base: str, polls: int, visits: int) -> dict[str, float]:
    """Every kind of poll once."""
    cost = {kind: await timed(poll, [f"{base}/{kind}"] * (polls + 1), 0) for kind in ("304", "same", "clock")}
    cost["article"] = await timed(poll, [f"{base}/news/{number}" for number in range(visits + 1)], 20) / 20
    return cost


# -- the contenders -------------------------------------------------------------------------------


async def bare(base: str, polls: int, visits: int) -> dict[str, float]:
    """(a): the crawl one would write oneself."""
    from scrapy import Request, Spider, signals
    from scrapy.crawler import AsyncCrawlerRunner

    from yuqing_daemon.extract import read_article

    seen: set[str] = set()
    items: list[Any] = []

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

    def keep(item: Any) -> None:
        items.append(item)

    async def poll(url: str) -> int:
        items.clear()
        crawler = runner.create_crawler(Bare)
        crawler.signals.connect(keep, signals.item_scraped)
        await runner.crawl(crawler, start_urls=[url])
        return len(items)

    return await measure(poll, base, polls, visits)


async def by_hand(base: str, polls: int, visits: int) -> dict[str, float]:
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

        return await measure(poll, base, polls, visits)


async def ours(base: str, polls: int, visits: int) -> dict[str, float]:
    """The worker: a job's line in, a result's line out."""
    poll = worker()
    return await measure(poll, base, polls, visits)


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
    shared, spiders = Shared(WorkerSettings(gap=0), plugins), load_spiders("", plugins)
    states: dict[str, Any] = {}

    async def poll(url: str) -> int:
        source = Source(id="bench", urls=(url,), internal=True, spider="page")
        first = url not in states and "/news/" not in url
        job = Job(id="j", source=source, host="h", state=states.get(url) or {}, first_visit=first)
        line = job_to_line(job)
        result = await visit(job_from_line(line), shared, spiders)
        result = result_from_line(result_to_line(result))
        assert result.visit is not Visit.FAILED, result.error
        if result.state is not None:
            states[url] = result.state
        return 0 if first else len(result.posts)

    return poll


async def memory(base: str, polls: int, visits: int) -> dict[str, float]:
    """The worker's memory over many visits, one in twenty of which finds a list of new articles."""
    from yuqing_daemon.crawl.worker import rss

    poll = worker()
    kinds = ("304", "same", "clock")
    found: dict[str, float] = {}
    for number in range(1, polls + 1):
        await poll(f"{base}/news/{number}" if number % 20 == 0 else f"{base}/{kinds[number % 3]}")
        if number in (polls // 4, polls):
            found["quarter" if number < polls else "end"] = rss() / 1e6
    return found


CONTENDERS = {"bare": bare, "by_hand": by_hand, "ours": ours, "memory": memory}


def contend(name: str, base: str, polls: int, visits: int) -> None:
    """Run one of them in this process, in Scrapy's loop."""
    from scrapy.utils.reactor import install_reactor

    install_reactor("twisted.internet.asyncioreactor.AsyncioSelectorReactor")
    from twisted.internet import reactor as installed

    reactor: Any = installed
    logging.disable(logging.CRITICAL)

    async def run() -> None:
        try:
            print(json.dumps(await CONTENDERS[name](base, polls, visits)), flush=True)
        finally:
            reactor.stop()

    reactor.callWhenRunning(lambda: setattr(reactor, "job", asyncio.ensure_future(run())))
    reactor.run(installSignalHandlers=False)
    reactor.job.result()


# -- the comparison -------------------------------------------------------------------------------


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--quick", action="store_true", help="a fifth of the polls")
    parser.add_argument("--contender", choices=CONTENDERS, help=argparse.SUPPRESS)
    parser.add_argument("rest", nargs="*", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.contender:
        contend(given.contender, given.rest[0], int(given.rest[1]), int(given.rest[2]))
        return 0
    share = 5 if given.quick else 1
    with subprocess.Popen([sys.executable, HERE / "crawl_server.py"], stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        base = f"http://127.0.0.1:{server.stdout.readline().strip()}"
        try:
            cost = {name: run(name, base, POLLS // share, ARTICLE_VISITS // share) for name in list(CONTENDERS)[:3]}
            held = run("memory", base, MANY // share, 0)
        finally:
            server.terminate()
    return judge(cost, held, MANY // share)


def run(name: str, base: str, polls: int, visits: int) -> dict[str, float]:
    command = [sys.executable, __file__, "--contender", name, base, str(polls), str(visits)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True)
    answer: dict[str, float] = json.loads(done.stdout)
    return answer


def judge(cost: dict[str, dict[str, float]], held: dict[str, float], visits: int) -> int:
    print(f"{'CPU ms':31}{'(a) bare':>10}{'(b) hand':>10}{'ours':>10}{'to (a)':>9}{'bar':>7}{'to (b)':>9}")
    names = {
        "304": "poll: 304",
        "same": "poll: same bytes",
        "clock": "poll: other bytes, links same",
        "article": "article, in visits of 20",
    }
    missed = 0
    for kind, words in names.items():
        base = cost["bare"][kind if kind == "article" else "same"]
        mine, hand = cost["ours"][kind], cost["by_hand"][kind]
        missed += mine > BARS[kind] * base
        row = f"{cost['bare'][kind]:>10.2f}{hand:>10.2f}{mine:>10.2f}{mine / base:>9.2f}{BARS[kind]:>7.2f}"
        print(f"{words:31}{row}{mine / hand:>9.2f}")
    growth = held["end"] - held["quarter"]
    missed += growth > RSS_BAR
    print(f"worker memory: {held['quarter']:.0f} MB at {visits // 4} visits, {held['end']:.0f} MB at {visits}")
    print("every bar is kept" if not missed else f"{missed} bars missed")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
