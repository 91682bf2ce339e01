"""A hostile site costs nobody but itself: it ends in words, nothing inside is reached, memory stays bounded."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import hostile_farm as hostile
import pytest
from crew import Crew, write_spiders
from farm import Site, article, job, source
from hostile_farm import CASES, INSIDE, LAUGHS, TITLE, Farm, always, page

from yuqing_daemon.bus import Job, Lost, Result, Visit
from yuqing_daemon.crawl import fetcher
from yuqing_daemon.domain import Source
from yuqing_daemon.reports.words import words
from yuqing_daemon.rules.health import Trouble

NUMBERS = count()
OTHER_WORDS = {fetcher.NO_HOST, fetcher.NO_CONNECTION, fetcher.NO_SECRECY, fetcher.UNREACHED, fetcher.NO_ADDRESS}
LIMIT = 512 * 1024 * 1024
OTHERS = {
    **hostile.HARMLESS,
    "laughs": always(page(LAUGHS, b"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\n")),
    "writes odd titles": always(page(article(TITLE))),
}


@pytest.fixture(scope="module")
def farm() -> Iterator[Farm]:
    sites = {name: answer for name, (answer, _) in CASES.items()}
    farm = Farm({**sites, **OTHERS, **{f"good {n}": hostile.good for n in range(6)}})
    yield farm
    farm.close()


@pytest.fixture(scope="module")
def hasty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crew]:
    """Workers that wait two seconds for an answer."""
    crew = Crew(write_spiders(tmp_path_factory.mktemp("spiders")), timeout=2.0)
    yield crew
    crew.stop()


def a_job(farm: Farm, name: str, *, spider: str = "page", **given: Any) -> Job:
    number = next(NUMBERS)
    options = given.pop("options", {})
    of = Source(id=f"h{number}", urls=(farm.url(name),), internal=True, spider=spider, options=options)
    return Job(id=f"j{number}", source=of, host=f"h{number}", deadline=timedelta(seconds=20), **given)


def memory(crew: Crew) -> int:
    pages = (int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in crew.bus.pids)
    return max(pages) * os.sysconf("SC_PAGE_SIZE")


def test_each_ends_in_words_and_its_neighbours_deliver(farm: Farm, hasty: Crew) -> None:
    bad = [a_job(farm, name) for name in CASES for _ in range(2)]
    neighbours = [a_job(farm, f"good {n}") for n in range(6)]
    results = hasty.crawl(*bad, *neighbours)
    wanted = [reason for _, reason in CASES.values() for _ in range(2)]
    for each, result, reason in zip(bad, results, wanted, strict=False):
        assert isinstance(result, Result), result
        assert result.visit is Visit.FAILED and result.error.endswith(f": {reason}"), (each.source.urls, result.error)
        assert (result.signs.trouble is Trouble.NETWORK) == (reason == "no answer in time"), result.error
    for result in results[len(bad) :]:
        assert isinstance(result, Result) and len(result.posts) == 3, result
    assert memory(hasty) < LIMIT and not farm.inside


def test_an_own_spider_is_as_safe_in_scrapy(farm: Farm, hasty: Crew) -> None:
    bad = [a_job(farm, name, spider="good") for name in CASES]
    for each, result in zip(bad, hasty.crawl(*bad), strict=True):
        assert isinstance(result, Result) and result.visit is Visit.FAILED, (each.source.urls, result)
        assert any(result.error.endswith(f": {reason}") for _, reason in CASES.values()), (
            each.source.urls,
            result.error,
        )
    assert memory(hasty) < LIMIT


@pytest.mark.parametrize(
    ("robots", "words"),
    [
        (b"\x16\x03\x01 what?\r\n\r\n", hostile.NO_HTTP),
        (b"", fetcher.BROKEN_OFF),
        (hostile.OK + b"Content-Encoding: gzip\r\n\r\n\x1f\x8bno", fetcher.UNPACKABLE),
    ],
)
def test_why_a_robots_txt_cannot_be_read_is_told_in_the_same_words(hasty: Crew, robots: bytes, words: str) -> None:
    farm = Farm({"good": hostile.good})
    farm.robots = robots
    try:
        (result,) = hasty.crawl(a_job(farm, "good"))
        assert isinstance(result, Result) and result.error.endswith(f"robots.txt cannot be read: {words}"), result.error
    finally:
        farm.close()


@pytest.mark.parametrize("spider", ["page", "good"])
def test_a_site_that_speaks_no_tls_where_it_should_is_told(hasty: Crew, site: Site, spider: str) -> None:
    url = site.url.replace("http:", "https:") + "/"
    (result,) = hasty.crawl(job(source(site, urls=(url,), spider=spider, ignore_robots="our own site")))
    assert isinstance(result, Result) and result.error == f"{url}: {fetcher.NO_SECRECY}"


def test_the_readers_of_a_report_are_told_in_chinese(farm: Farm) -> None:
    chinese = words("zh", None)
    for reason in {reason for _, reason in CASES.values()} | OTHER_WORDS:
        told = chinese.reason(f"{farm.url('hangs')}: {reason}").partition("/: ")[2]
        assert told != reason and not re.search(r"[a-z]", told), told


def test_nothing_inside_is_reached_in_any_spelling(farm: Farm, hasty: Crew) -> None:
    jobs = [a_job(farm, f"{how} inside", options={"links": "li a"}) for how in ("links", "redirects")]
    links, redirects = (result for result in hasty.crawl(*jobs) if isinstance(result, Result))
    assert not links.posts and not redirects.posts and not farm.inside
    assert all("refused" in unread.error or "not" in unread.error for unread in links.unread), links.unread
    assert len(redirects.unread) == len(INSIDE)


def test_an_xml_bomb_is_neither_expanded_nor_does_it_open_files(farm: Farm, hasty: Crew) -> None:
    (result,) = hasty.crawl(a_job(farm, "laughs", spider="feed"))
    assert isinstance(result, Result)
    assert all(len(post.title) < 100 and "root:" not in post.title for post in result.posts)
    assert memory(hasty) < LIMIT


def test_a_calendar_without_end_is_read_within_the_page_limit(farm: Farm, hasty: Crew) -> None:
    before = farm.asked["has a calendar without end"]
    hasty.crawl(a_job(farm, "has a calendar without end", max_pages=8))
    assert farm.asked["has a calendar without end"] - before <= 8


def test_a_site_that_fails_every_second_time_is_read(farm: Farm, hasty: Crew) -> None:
    (result,) = hasty.crawl(a_job(farm, "answers in turns"))
    assert isinstance(result, Result) and result.visit is Visit.READ and result.posts


def test_a_wrong_charset_and_odd_titles_come_out_as_text(farm: Farm, hasty: Crew) -> None:
    wrong, odd = hasty.crawl(
        a_job(farm, "says another charset", first_visit=True, max_pages=1),
        a_job(farm, "writes odd titles", spider="article"),
    )
    assert isinstance(wrong, Result) and [post.title for post in wrong.posts] == ["星河食品公司停产公告全文"]
    assert isinstance(odd, Result) and odd.posts, odd
    title = odd.posts[0].title
    assert not any(ord(letter) < 32 for letter in title) and "<script" not in title and "停产" in title


def test_no_visit_was_lost(farm: Farm, hasty: Crew) -> None:
    results = hasty.crawl(*(a_job(farm, f"good {n}") for n in range(6)))
    assert not [result for result in results if isinstance(result, Lost)] and farm.broken_rules == 0
