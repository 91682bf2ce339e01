"""What an organisation's spiders and Scrapy itself are known to do to a daemon, and what comes of it here."""

from __future__ import annotations

import ast
import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from crew import Crew
from farm import Answer, Asked, Site, article, job, listing, source
from hostile_farm import Farm, always, page

from yuqing_daemon.bus import Job, Result, Visit
from yuqing_daemon.crawl.fetcher import Fetcher
from yuqing_daemon.crawl.guard import Permits
from yuqing_daemon.crawl.politeness import Gate
from yuqing_daemon.crawl.settings import WorkerSettings
from yuqing_daemon.domain import Source

ROOT = Path(__file__).resolve().parents[2]
NUMBERS = count()
SPIDERS = """
    import logging
    import scrapy
    from scrapy.utils.defer import maybe_deferred_to_future
    from twisted.internet import reactor
    from twisted.internet.task import deferLater

    class Keeps(scrapy.Spider):
        name = "keeps"
        custom_settings = {
            "HTTPCACHE_ENABLED": True, "HTTPCACHE_DIR": "FOLDER/cache", "JOBDIR": "FOLDER/job",
            "HTTPCACHE_STORAGE": "scrapy.extensions.httpcache.DbmCacheStorage",
            "FEEDS": {"FOLDER/feed.json": {"format": "json"}},
        }
        def parse(self, response):
            yield {"url": response.url, "title": response.css("title::text").get()}

    class Throttles(scrapy.Spider):
        name = "throttles"
        custom_settings = {"AUTOTHROTTLE_ENABLED": True, "AUTOTHROTTLE_START_DELAY": 0.01, "RETRY_HTTP_CODES": [429]}
        def parse(self, response):
            for path in ("a", "b", "c"):
                yield response.follow(path, self.read)
        def read(self, response):
            yield {"url": response.url, "title": "read"}

    class Hurries(scrapy.Spider):
        name = "hurries"
        custom_settings = {"CONCURRENT_REQUESTS": 50, "CONCURRENT_REQUESTS_PER_DOMAIN": 50, "DOWNLOAD_DELAY": 0}
        def parse(self, response):
            for path in ("a", "b"):
                yield response.follow(path, self.read)
        def read(self, response):
            yield {"url": response.url, "title": "read"}

    class Marks(scrapy.Spider):
        name = "marks"
        def parse(self, response):
            response.request.mark = 1

    class Silences(scrapy.Spider):
        name = "silences"
        def parse(self, response):
            logging.getLogger().handlers.clear()
            logging.disable(logging.CRITICAL)
            yield {"url": response.url, "title": "silent"}

    class Loud(scrapy.Spider):
        name = "loud"
        def parse(self, response):
            raise RuntimeError("nobody may miss this")

    class Reactor(scrapy.Spider):
        name = "reactor"
        async def parse(self, response):
            later = deferLater(reactor, 0, lambda: "the reactor runs")
            yield {"url": response.url, "title": await maybe_deferred_to_future(later)}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("spiders")


@pytest.fixture(scope="module")
def crew(folder: Path) -> Iterator[Crew]:
    (folder / "theirs.py").write_text(dedent(SPIDERS).replace("FOLDER", str(folder)))
    crew = Crew(folder)
    yield crew
    crew.stop()


def a_job(site: Site, spider: str, **given: Any) -> Job:
    number = next(NUMBERS)
    return job(source(site, id=f"p{number}", spider=spider), id=f"p{number}", **given)


def test_a_cache_a_queue_on_disk_or_a_feed_of_a_spider_is_not_used(crew: Crew, site: Site, folder: Path) -> None:
    site.pages["/"] = "<title>the first</title>"
    (first,) = crew.result(a_job(site, "keeps")).posts
    site.pages["/"] = "<title>the second</title>"
    (second,) = crew.result(a_job(site, "keeps")).posts
    assert (first.title, second.title, site.asked) == ("the first", "the second", ["/", "/"])
    assert not {path.name for path in folder.iterdir()} & {"cache", "job", "feed.json"}


def test_a_site_that_wants_a_pause_gets_it_whatever_throttles(crew: Crew, site: Site) -> None:
    site.pages |= {
        "/": "<title>x</title>",
        **dict.fromkeys(("/a", "/b", "/c"), Answer("", 429, {"Retry-After": "120"})),
    }
    result = crew.result(a_job(site, "throttles"))
    assert len(site.asked) == 2 and not result.posts  # the list, and the page that answered so
    assert result.retry_after is not None and result.retry_after.total_seconds() == 120


def test_crawls_of_one_host_in_one_worker_do_not_add_up(crew: Crew, site: Site) -> None:
    meeting = threading.Barrier(2)

    def meet(asked: Asked) -> Answer:
        with suppress(threading.BrokenBarrierError):
            meeting.wait(0.2)
            return Answer("two at once", 500)
        return Answer("alone")

    site.pages |= {"/": "<title>x</title>", "/a": meet, "/b": meet}
    places = [f"h{n}" for n in range(4)]  # of the bus: they may run side by side, in both workers
    jobs = [job(source(site, id=place, spider="hurries"), id=place, host=place) for place in places]
    results = crew.crawl(*jobs)
    assert meeting.broken
    assert [len(result.posts) for result in results if isinstance(result, Result)] == [2] * 4


def test_an_attribute_that_a_request_has_no_place_for_is_told_with_its_line(crew: Crew, site: Site) -> None:
    site.pages["/"] = "<title>x</title>"
    result = crew.result(a_job(site, "marks"))
    assert result.visit is Visit.FAILED and "AttributeError" in result.error and "theirs.py:" in result.error


def test_a_spider_that_silences_the_log_hides_no_error(crew: Crew, site: Site) -> None:
    site.pages["/"] = "<title>x</title>"
    for _ in range(2):  # of two workers
        silent, loud = crew.crawl(a_job(site, "silences"), a_job(site, "loud"))
        assert isinstance(silent, Result) and isinstance(loud, Result)
        assert [post.title for post in silent.posts] == ["silent"]
        assert "RuntimeError: nobody may miss this" in loud.error


def test_a_file_that_imports_the_reactor_at_its_top_gets_the_running_one(crew: Crew, site: Site) -> None:
    site.pages["/"] = "<title>x</title>"
    (post,) = crew.result(a_job(site, "reactor")).posts
    assert post.title == "the reactor runs"


def test_nothing_of_ours_imports_the_reactor_at_its_top_or_keeps_state_in_dbm() -> None:
    for path in (path for place in ("yuqing_daemon", "spiders", "plugins") for path in (ROOT / place).rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        top = {name for node in tree.body for name in _imported(node)}
        everywhere = {name for node in ast.walk(tree) for name in _imported(node)}
        assert "twisted.internet.reactor" not in top, path
        assert not {"dbm", "shelve"} & {name.partition(".")[0] for name in everywhere}, path


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [each.name for each in node.names]
    return [f"{node.module}.{each.name}" for each in node.names] if isinstance(node, ast.ImportFrom) else []


def test_a_site_that_moves_to_another_address_is_found_there_at_the_next_visit() -> None:
    farm = Farm({"old": always(page(article("旧址上的公告"))), "new": always(page(listing(("/1", "新址上的公告"))))})
    url = f"http://moves.example:{farm.port}/"
    addresses = iter(["127.2.0.1", "127.2.0.2"])
    of = Source(id="m", urls=(url,), internal=True)

    async def lookup(host: str, port: int, **_: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (next(addresses), port))]

    async def story() -> list[bytes]:
        asyncio.get_running_loop().getaddrinfo = lookup  # type: ignore[assignment]
        permits = Permits()
        fetcher = Fetcher(WorkerSettings(), permits, Gate(gap=0))
        with permits.visit(of):
            return [(await fetcher.get(url, of)).body for _ in range(2)]

    try:
        old, new = asyncio.run(story())
        assert "旧址".encode() in old and "新址".encode() in new
    finally:
        farm.close()
