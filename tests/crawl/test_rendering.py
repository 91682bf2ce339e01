"""Pages that a script draws read like any other; their browser reaches nothing by itself, and nothing is left of it."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import os
import shutil
import signal
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from threading import Event

import pytest
from farm import TEXT, Answer, Asked, Site, article, job, listing, source

from yuqing_daemon.bus import Job, Lost, Result, Visit
from yuqing_daemon.bus.pipes import PipeBus
from yuqing_daemon.crawl.browser import BROWSERS
from yuqing_daemon.crawl.once import WORKER, crawl_once

READY = importlib.util.find_spec("scrapy_playwright") and any(map(shutil.which, BROWSERS))
needs_a_browser = pytest.mark.skipif(not READY, reason="needs the extra render and an installed Chromium")
MARK = b"--host-resolver-rules=MAP * ~NOTFOUND"
SHELL = '<html><head><title>{}</title></head><body><div id="a"></div><script src="/app.js"></script></body></html>'
APP = """
fetch("/data.json?of=" + location.pathname).then(said => said.json()).then(data => {
  document.title = data.title; document.getElementById("a").innerHTML = data.html; });
"""
TITLE = "食堂的汤里又有虫子"


def browsers() -> int:
    found = 0
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found += MARK in entry.read_bytes()
        except OSError:
            continue
    return found


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not holds():
            await asyncio.sleep(0.05)


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site({"/app.js": Answer(APP, label="text/javascript")})
    yield site
    site.close()
    assert browsers() == 0


def drawn(site: Site, path: str, title: str, html: str) -> None:
    """A page that says nothing until its script has run."""
    site.pages[path] = SHELL.format("载入中")
    answer = json.dumps({"title": title, "html": html})
    site.pages[f"/data.json?of={path}"] = Answer(answer, label="application/json")


def a_job(site: Site, **given: object) -> Job:
    seconds = given.pop("deadline", 60)
    of = source(site, options={"links": "li"}, render=True, **given)
    return job(of, deadline=timedelta(seconds=seconds))  # type: ignore[arg-type]


def visit(given: Job) -> Result:
    result = crawl_once(given, {})
    assert isinstance(result, Result), result
    return result


@needs_a_browser
def test_a_plain_page_and_its_rendered_twin_give_the_same_post(site: Site) -> None:
    plain = article(TITLE, TEXT, TEXT, more="阅读 1.2万")
    body = plain.partition("<body>")[2].partition("</body>")[0]
    site.pages["/plain"], site.pages["/plain/1"] = listing(("/plain/1", TITLE)), plain
    drawn(site, "/drawn", "要闻", f'<ul><li><a href="/drawn/1">{TITLE}</a></li></ul>')
    drawn(site, "/drawn/1", TITLE, body)
    of = source(site, "/plain", options={"links": "li"})
    one = visit(job(of))
    other = visit(a_job(site, urls=(f"{site.url}/drawn",)))
    (first,), (second,) = one.posts, other.posts
    for name in ("title", "text", "published_at", "source_name", "author", "confidence", "site"):
        assert getattr(first, name) == getattr(second, name), name
    assert [reading.reads for reading in (*one.readings, *other.readings)] == [12000, 12000]
    assert site.asked.count("/app.js") == 1, "a script is fetched once in a visit"


@needs_a_browser
def test_the_browser_reaches_nothing_that_the_source_may_not_reach(site: Site) -> None:
    inside = Site({"/secret": "secret"})
    try:
        ways = f"""<html><head><title>{TITLE}</title></head><body><h1>{TITLE}</h1><p>{TEXT}</p>
            <img src="{inside.url}/i.png"><link rel="stylesheet" href="{inside.url}/s.css">
            <iframe src="{inside.url}/frame"></iframe><script src="{inside.url}/x.js"></script><script>
            fetch("{inside.url}/secret"); fetch("/away"); fetch("/post", {{method: "POST", body: "x"}});
            new WebSocket("{inside.url.replace("http", "ws")}/socket"); navigator.sendBeacon("{inside.url}/beacon");
            new Image().src = "http://0x7f000001:{inside.server.server_port}/spelt"; open("{inside.url}/popup");
            fetch("/forbidden/data.json"); setTimeout(() => location.href = "{inside.url}/next", 300);
            </script></body></html>"""
        site.pages["/"] = listing(("/1", TITLE))
        site.pages["/1"] = ways
        site.pages["/away"] = Answer("", 302, {"Location": f"{inside.url}/redirected"})
        site.pages["/robots.txt"] = "User-agent: *\nDisallow: /forbidden/\n"
        result = visit(a_job(site))
        assert [post.title for post in result.posts] == [TITLE]
        assert inside.all_asked == []
        assert sorted(site.asked) == ["/", "/1", "/away"]
    finally:
        inside.close()


@needs_a_browser
def test_a_page_that_never_ends_costs_its_own_visit_and_leaves_no_process(site: Site) -> None:
    site.pages["/"] = "<title>x</title><script>while (true) {}</script>"
    result = visit(a_job(site, deadline=8))
    assert result.visit is Visit.FAILED and "stopped at its deadline of 8 s" in result.error


@needs_a_browser
def test_nothing_is_left_of_a_browser_whose_worker_is_killed(site: Site) -> None:
    def hang(asked: Asked) -> Answer:
        ended.wait(20)
        return Answer("")

    ended = Event()
    site.pages["/"] = '<title>x</title><script src="/slow.js"></script>'
    site.pages["/slow.js"] = hang

    async def story() -> Result | Lost:
        bus = PipeBus(WORKER, workers=1, settings={})
        await bus.start()
        try:
            await bus.put(a_job(site))
            await until(lambda: browsers() > 0 and "/slow.js" in site.asked)
            for pid in bus.pids:
                os.kill(pid, signal.SIGKILL)
            return await bus.get()
        finally:
            await bus.stop(timedelta(0))
            await until(lambda: browsers() == 0)

    assert isinstance(asyncio.run(story()), Lost)
    ended.set()


def test_what_is_missing_for_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    site = Site({"/": listing(("/1", TITLE))})
    monkeypatch.setenv("PATH", "")
    result = visit(a_job(site))
    site.close()
    assert result.visit is Visit.FAILED and "render = true wants " in result.error
