"""What a site may tell us about how to visit it, each told by a real site and heeded by a real visit."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import count
from typing import Any

import pytest
from crew import Crew
from farm import Answer, Site, article, job, listing, source

from yuqing_daemon.bus import Result, Visit

NUMBERS = count()
LINKS = ("/news/1001.html", "/private/1002.html", "/private/open/1003.html", "/files/1004.pdf", "/files/1005.pdf?x=1")
EVERYTHING = [f"第{path[-9:-5]}号公告全文" for path in LINKS]


@contextmanager
def a_site(robots: Answer | str, pages: Mapping[str, Any] | None = None) -> Iterator[Site]:
    said = robots if isinstance(robots, Answer) else Answer(robots, label="text/plain")
    site = Site({"/": listing(*zip(LINKS, EVERYTHING, strict=True)), "/robots.txt": said, **(pages or {})})
    site.pages |= {path: article(title) for path, title in zip(LINKS, EVERYTHING, strict=True)}
    try:
        yield site
    finally:
        site.close()


def visit(crew: Crew, site: Site, **given: Any) -> Result:
    of = source(site, **given.pop("of", {"options": {"links": "li a"}}))
    return crew.result(job(of, id=f"r{next(NUMBERS)}", **{"state": {"recent": {}}, **given}))


def read(crew: Crew, robots: Answer | str) -> list[str]:
    """The pages that a robots.txt lets us read."""
    with a_site(robots) as site:
        result = visit(crew, site)
        assert {page.url for page in result.unread} == {site.url + path for path in LINKS if path not in site.asked}, (
            result
        )
        assert all("robots.txt disallows" in page.error for page in result.unread)
        return [path for path in LINKS if path in site.asked]


ALL = list(LINKS)
PUBLIC = [path for path in LINKS if not path.startswith("/private")]


@pytest.mark.parametrize(
    ("robots", "allowed"),
    [
        ("User-agent: *\nDisallow: /private/", PUBLIC),
        ("User-agent: *\nDisallow: /private/\nAllow: /private/open/", [*PUBLIC[:1], LINKS[2], *PUBLIC[1:]]),
        ("User-agent: *\nAllow: /private/open/\nDisallow: /private/", [*PUBLIC[:1], LINKS[2], *PUBLIC[1:]]),
        ("User-agent: *\nDisallow: /*.pdf$", [path for path in LINKS if not path.endswith(".pdf")]),
        ("User-agent: *\nDisallow: /*.pdf", [path for path in LINKS if ".pdf" not in path]),
        ("User-agent: *\nDisallow: /*/1002\nAllow: /*/1002", ALL),
        ("User-agent: *\nDisallow:", ALL),
        ("Disallow: /\nUser-agent: *\nDisallow: /private/", PUBLIC),
        ("User-agent: yuqing-daemon\nDisallow: /private/\n\nUser-agent: *\nDisallow: /news/", PUBLIC),
        ("User-agent: *\nDisallow: /news/\n\nUser-agent: Yuqing-Daemon\nDisallow: /private/", PUBLIC),
        ("User-agent: Baiduspider\nUser-agent: yuqing-daemon\nDisallow: /private/", PUBLIC),
        ("User-agent: Baiduspider\nDisallow: /\n", ALL),
        ("User-agent: yuqing-daemon-two\nDisallow: /\n", ALL),
        ("\r\nuser-AGENT : *\r\n disallow : /private/ # ours\r\n", PUBLIC),
    ],
)
def test_the_longest_rule_of_our_own_group_decides(crew: Crew, robots: str, allowed: list[str]) -> None:
    assert read(crew, robots) == allowed


CLOSED = "User-agent: *\nDisallow: /private/\n"
BIG = "# as large as it gets\n" * 60_000


@pytest.mark.parametrize(
    ("robots", "allowed"),
    [
        (b"\xef\xbb\xbf" + CLOSED.encode(), PUBLIC),
        (CLOSED.encode("utf-16"), PUBLIC),
        (CLOSED.encode() + "# 备注：请勿抓取\n".encode("gbk"), PUBLIC),
        (CLOSED + BIG, PUBLIC),
        (BIG + CLOSED, ALL),  # what stands behind half a megabyte is not read
        (CLOSED + "#" * (512_000 - len(CLOSED) - 13) + "\nDisallow: /news-of-another-year/\n", PUBLIC),  # cut in a rule
        ("<!doctype html><html><title>首页</title><p>User-agent: *</p><p>Disallow: /</p></html>", ALL),
        ("", ALL),
        (b"\x00\x01\x02\xff", ALL),
    ],
    ids=["bom", "utf-16", "gbk", "large", "too-late", "cut", "html", "empty", "rubbish"],
)
def test_whatever_its_bytes_are(crew: Crew, robots: bytes | str, allowed: list[str]) -> None:
    assert read(crew, Answer(robots, label="text/html")) == allowed


@pytest.mark.parametrize("status", [401, 403, 404, 410, 418])
def test_a_robots_txt_that_is_not_to_be_had_forbids_nothing(crew: Crew, status: int) -> None:
    assert read(crew, Answer("User-agent: *\nDisallow: /", status)) == ALL


@pytest.mark.parametrize("status", [500, 502, 503, 429])
def test_one_that_fails_closes_the_site_for_now(crew: Crew, status: int) -> None:
    with a_site(Answer("User-agent: *\nAllow: /", status)) as site:
        result = visit(crew, site)
        assert result.visit is Visit.FAILED and f"robots.txt cannot be read: HTTP {status}" in result.error
        assert not site.asked


def test_one_that_stands_on_another_host_counts_for_the_host_that_sends_there(crew: Crew) -> None:
    with a_site(CLOSED) as other, a_site(Answer("", 302, {"Location": other.url + "/robots.txt"})) as site:
        of = {"urls": (site.url + "/", other.url + "/"), "options": {"links": "li a"}}
        result = visit(crew, site, of=of)
        for each in (site, other):
            assert [path for path in LINKS if path in each.asked] == PUBLIC, result


def test_one_that_leads_inside_or_in_circles_is_not_followed(crew: Crew) -> None:
    with a_site(Answer("", 302, {"Location": "http://127.0.0.2:9/robots.txt"})) as site:
        result = visit(crew, site)
        assert result.visit is Visit.FAILED and "is refused" in result.error and not site.asked
    assert read(crew, Answer("", 302, {"Location": "/robots.txt"})) == ALL


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("0.25", "allowed, with 0.25 s between two requests"),
        ("0.1 # for a moment", "allowed, with 0.1 s between two requests"),
        ("86400", "allowed, with 60 s between two requests"),
        ("1e9", "allowed, with 60 s between two requests"),
        ("-3", "allowed"),
        ("nan", "allowed"),
        ("inf", "allowed"),
        ("soon", "allowed"),
        ("", "allowed"),
    ],
)
def test_a_crawl_delay_may_be_a_fraction_is_never_more_than_a_minute_and_rubbish_is_none(
    crew: Crew, said: str, words: str
) -> None:
    with a_site(f"User-agent: *\nCrawl-delay: {said}\n", {"/": "<p>nothing</p>"}) as site:
        assert visit(crew, site).robots == words


# -- how long it wants to be left alone

DAY = 86_400


def later(seconds: float) -> str:
    return format_datetime(datetime.now(UTC) + timedelta(seconds=seconds), usegmt=True)


@pytest.mark.parametrize("spider", ["page", "good"], ids=["by a look", "in Scrapy"])
@pytest.mark.parametrize(
    ("said", "least", "most"),
    [
        ("7", 7, 7),
        (" 7 ", 7, 7),
        (later(3600), 3000, 3600),
        (later(-3600), 0, 0),
        (later(90 * DAY), DAY, DAY),
        ("99999999999999999999", DAY, DAY),
        ("-5", 300, 300),
        ("1.5", 300, 300),
        ("soon", 300, 300),
        ("", 300, 300),
        ("Fri, 32 Foo 2026 99:99:99 GMT", 300, 300),
    ],
    ids=["seconds", "spaces", "date", "past", "far-date", "huge", "negative", "fraction", "word", "empty", "no-date"],
)
def test_a_retry_after_is_heeded_within_a_day_and_rubbish_is_five_minutes(
    crew: Crew, spider: str, said: str, least: int, most: int
) -> None:
    with a_site("", {"/": Answer("", 429, {"Retry-After": said})}) as site:
        result = visit(crew, site, of={"spider": spider})
        assert result.retry_after is not None and least <= result.retry_after.total_seconds() <= most
        again = visit(crew, site, of={"spider": spider})
        assert ("asked to be left alone" in again.error) is (least > 0), again.error
        left = re.search(r"another (\d+) s", again.error)
        assert left is None or int(left[1]) <= most, again.error


@pytest.mark.parametrize(
    ("head", "label", "rest"),
    [
        ("<ttl>45</ttl>", {}, timedelta(minutes=45)),
        ("<ttl>0</ttl>", {}, None),
        ("<ttl>-5</ttl>", {}, None),
        ("<ttl>bald</ttl>", {}, None),
        ("<ttl>999999</ttl>", {}, timedelta(days=1)),
        ("", {"Cache-Control": "public, max-age=600"}, timedelta(minutes=10)),
        ("<ttl>45</ttl>", {"Cache-Control": "max-age=600"}, timedelta(minutes=45)),
        ("", {"Cache-Control": "max-age=99999999"}, timedelta(days=1)),
        ("", {"Cache-Control": "no-cache"}, None),
    ],
)
def test_a_feed_says_how_long_it_rests_for_a_day_at_most(
    crew: Crew, head: str, label: dict[str, str], rest: timedelta | None
) -> None:
    item = "<item><title>星河食品公告</title><link>/1</link></item>"
    feed = f'<?xml version="1.0"?><rss version="2.0"><channel><title>x</title>{head}{item}</channel></rss>'
    with a_site("", {"/": Answer(feed, 200, label, "application/rss+xml")}) as site:
        assert visit(crew, site, of={"spider": "feed"}).rest == rest
