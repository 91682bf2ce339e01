"""A look before a crawl: Scrapy comes only when there is something to read, and for what a look cannot read."""

from __future__ import annotations

import contextlib
import ssl
import threading
import zlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from crew import Crew
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from farm import Answer, Asked, Site, article, job, listing, source

from yuqing_daemon.bus import Job, Visit
from yuqing_daemon.bus.pipes import seat_of

NUMBERS = count()
TITLES = {f"/2026-05/{number}.html": f"星河食品公司第{number}号生产线停产检修的通知" for number in range(1001, 1006)}
LOOKS = "gzip, deflate"  # what a look says it can unpack; Scrapy says more


def a_job(site: Site, state: Mapping[str, Any] | None = None, *, spider: str = "page", **given: Any) -> Job:
    of = source(site, spider=spider, **given.pop("of", {}))
    return job(of, id=f"l{next(NUMBERS)}", state=state or {}, **given)


@pytest.fixture
def news(site: Site) -> Site:
    site.pages["/"] = listing(*TITLES.items())
    for path, title in TITLES.items():
        site.pages[path] = article(title)
    return site


def who_asked(site: Site) -> dict[str, str]:
    looks = {asked.path: asked.headers["Accept-Encoding"] == LOOKS for asked in site.all_asked}
    return {path: "look" if looked else "crawl" for path, looked in looks.items() if path != "/robots.txt"}


def test_lists_are_looked_at_pages_are_crawled_and_robots_txt_is_asked_once_for_both(crew: Crew, news: Site) -> None:
    first = crew.result(a_job(news, first_visit=True))
    assert len(first.posts) == 5
    assert who_asked(news) == {"/": "look"} | dict.fromkeys(TITLES, "crawl")
    news.all_asked.clear()
    assert crew.result(a_job(news, first.state)).visit is Visit.UNCHANGED
    assert [asked.path for asked in news.all_asked] == ["/"] and who_asked(news) == {"/": "look"}


def test_what_a_list_says_by_itself_needs_no_crawl(crew: Crew, site: Site) -> None:
    site.pages["/hot"] = Answer('{"data":[{"title":"食堂的汤","url":"http://a.example.com/1","hot":7}]}')
    result = crew.result(a_job(site, spider="hotlist", of={"urls": (f"{site.url}/hot",)}))
    assert [post.title for post in result.posts] == ["食堂的汤"] and result.readings[0].hot == 7
    assert who_asked(site) == {"/hot": "look"}


def test_other_bytes_around_the_same_links_are_no_news_and_a_new_link_is(crew: Crew, news: Site) -> None:
    page = str(news.pages["/"])
    first = crew.result(a_job(news, first_visit=True))
    news.pages["/"] = page.replace("</body>", "<p>12:31</p></body>")
    again = crew.result(a_job(news, first.state))
    assert again.visit is Visit.UNCHANGED and again.links == 5
    new = "/2026-05/1006.html"
    news.pages["/"] = page.replace("<ul>", f'<ul><li><a href="{new}">星河食品公司新增一条生产线</a></li>')
    news.pages[new] = article("星河食品公司新增一条生产线")
    assert [post.url for post in crew.result(a_job(news, again.state)).posts] == [news.url + new]


def test_a_source_that_is_declared_otherwise_is_read_again_though_its_page_is_as_before(crew: Crew, news: Site) -> None:
    only = {"options": {"link_pattern": "1001"}}
    first = crew.result(a_job(news, first_visit=True, of=only))
    assert len(first.posts) == 1
    assert crew.result(a_job(news, first.state, of=only)).visit is Visit.UNCHANGED
    assert len(crew.result(a_job(news, first.state)).posts) == 4


def test_a_list_that_packs_itself_into_a_bomb_is_too_large(crew: Crew, site: Site) -> None:
    site.pages["/"] = Answer(zlib.compress(bytes(60_000_000)), headers={"Content-Encoding": "deflate"})
    result = crew.result(a_job(site))
    assert result.visit is Visit.FAILED and "the page is too large" in result.error


def test_a_page_that_refreshes_at_once_to_another_means_that_one(crew: Crew, news: Site) -> None:
    news.pages["/start"] = '<html><head><meta http-equiv="refresh" content="0; url=/"></head></html>'
    result = crew.result(a_job(news, of={"urls": (f"{news.url}/start",)}))
    assert len(result.posts) == 5 and who_asked(news)["/start"] == "look"


def test_what_a_look_cannot_unpack_is_left_to_scrapy(crew: Crew, news: Site) -> None:
    brotli = pytest.importorskip("brotli")
    packed = brotli.compress(str(news.pages["/"]).encode())
    news.pages["/"] = Answer(packed, headers={"Content-Encoding": "br"})
    assert len(crew.result(a_job(news)).posts) == 5
    assert [asked.path for asked in news.all_asked].count("/") == 2 and who_asked(news)["/"] == "crawl"


def test_a_moments_trouble_gets_a_second_try(crew: Crew, news: Site) -> None:
    page, tries = news.pages["/"], count()
    news.pages["/"] = lambda asked: Answer("", 502) if next(tries) == 0 else Answer(str(page))
    assert len(crew.result(a_job(news)).posts) == 5


def certificate(folder: Path) -> ssl.SSLContext:
    """A certificate that nobody vouches for."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    now = datetime.now(UTC)
    made = made.serial_number(1).not_valid_before(now).not_valid_after(now + timedelta(days=1))
    pem = made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    plain = serialization.NoEncryption()
    pem += key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    (folder / "site.pem").write_bytes(pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "site.pem")
    return context


def test_a_certificate_that_cannot_be_trusted_is_told_and_the_site_is_read(
    crew: Crew, news: Site, tmp_path: Path
) -> None:
    news.server.socket = certificate(tmp_path).wrap_socket(news.server.socket, server_side=True)
    news.url = news.url.replace("http:", "https:")
    result = crew.result(a_job(news, first_visit=True))
    assert result.visit is Visit.READ and len(result.posts) == 5
    assert "its certificate cannot be trusted: self-signed certificate" in result.error
    again = crew.result(a_job(news, result.state))
    assert again.visit is Visit.UNCHANGED and "cannot be trusted" in again.error


def test_two_workers_never_ask_a_host_at_once_that_several_sources_lead_to(crew: Crew, other: Site) -> None:
    sites, seats = [], set()
    while len(seats) < 2:  # of two different workers
        sites.append(Site({"/": listing(("/n/20260501001.html", "一条标题足够长的新闻"))}))
        seats.add(seat_of(sites[-1].url.split("/")[2], 2))
    meeting = threading.Barrier(2)

    def meet(asked: Asked) -> Answer:
        with contextlib.suppress(threading.BrokenBarrierError):
            meeting.wait(0.5)
            return Answer("two at once", 500)
        return Answer(listing(("/n/20260501002.html", "又一条标题足够长的新闻")))

    other.pages["/list"] = meet
    leading = [replace(source(site), id=f"s{n}", urls=(site.url, other.url + "/list")) for n, site in enumerate(sites)]
    crew.crawl(*map(job, leading))
    assert other.asked.count("/list") == len(sites)
    assert meeting.broken
    for site in sites:
        site.close()
