"""The farm's sites are real: bytes in their own encoding over HTTP, trackers that change, validators, counters."""

from __future__ import annotations

import http.client
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from conftest import NOON

from yuqing_daemon.demo.farm import SiteServer, farm
from yuqing_daemon.demo.story import script, world
from yuqing_daemon.extract import (
    decode,
    find_article_links,
    read_article,
    read_counters,
    read_feed,
    read_hotlist,
    read_threads,
)


class Story:
    t = 31.0


@pytest.fixture
def story() -> Story:
    return Story()


@pytest.fixture
def sites(story: Story) -> Iterator[dict[str, SiteServer]]:
    with farm(lambda: story.t, began_at=NOON) as servers:
        yield {server.site.id: server for server in servers}


def get(url: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=5)
    connection.request(
        "GET", f"{parts.path}?{parts.query}", headers={k.replace("_", "-"): v for k, v in headers.items()}
    )
    reply = connection.getresponse()
    body = reply.read()
    connection.close()
    return reply.status, dict(reply.headers), body


def urls(server: SiteServer) -> list[str]:
    """The canonical addresses of what a site lists, as the spiders read them."""
    where = server.press.list_url
    _, headers, body = get(where)
    html = decode(body, content_type=headers["Content-Type"])
    if server.site.kind == "portal":
        return [link.url for link in find_article_links(html, url=where)]
    if server.site.kind == "forum":
        return [thread.url for thread in read_threads(html, url=where)]
    if server.site.kind == "hotlist":
        return [item.url for item in read_hotlist(body, url=where)]
    feed = read_feed(body, url=where, fetched_at=NOON)
    assert feed is not None
    return [entry.url for entry in feed.entries]


def test_the_evening_paper_is_in_gbk_and_says_so_only_inside_the_page(sites: dict[str, SiteServer]) -> None:
    _, headers, body = get(sites["evening"].press.list_url)
    assert "charset" not in headers["Content-Type"]
    assert "临溪晚报" in body.decode("gbk")
    with pytest.raises(UnicodeDecodeError):
        body.decode("utf-8")


def test_trackers_change_at_every_visit_and_the_canonical_addresses_do_not(sites: dict[str, SiteServer]) -> None:
    for server in sites.values():
        if server.site.kind != "hotlist":
            trackers = [re.findall(rb"spm=([\w.]+)", get(server.press.list_url)[2]) for _ in range(2)]
            assert trackers[0]
            assert not set(trackers[0]) & set(trackers[1])
        assert urls(server) == urls(server)


def test_every_list_shows_exactly_what_the_story_says(sites: dict[str, SiteServer]) -> None:
    for id, server in sites.items():
        assert urls(server) == [server.press.base + server.press.path(text) for text in world(31)[id]]


def test_an_unchanged_list_is_not_sent_again(sites: dict[str, SiteServer], story: Story) -> None:
    server = sites["evening"]
    _, headers, _ = get(server.press.list_url)
    assert get(server.press.list_url, If_None_Match=headers["ETag"])[0] == 304
    story.t = 4
    assert get(server.press.list_url, If_None_Match=headers["ETag"])[0] == 200
    assert (server.visits, server.unchanged) == (3, 1)


def test_every_page_reads_as_it_was_written(sites: dict[str, SiteServer]) -> None:
    for site in script().sites:
        press = sites[site.id].press
        for text in world(31)[site.id] if site.kind != "hotlist" else ():
            url = press.base + press.path(text)
            _, headers, body = get(url)
            label = headers["Content-Type"]
            article = read_article(body, url=url, content_type=label, fetched_at=NOON)
            assert article is not None
            assert (article.title, article.text) == (text.title, "\n".join(text.paragraphs))
            counters = read_counters(decode(body, content_type=label))
            assert (counters.reads, counters.comments) == (text.reads, text.comments)


def test_the_counters_of_the_forum_grow_with_the_story(sites: dict[str, SiteServer], story: Story) -> None:
    where = sites["forum"].press.list_url
    seen = []
    for story.t in (2, 10, 20):
        html = decode(get(where)[2])
        seen.append(next(each for each in read_threads(html, url=where) if each.url.endswith("/20311")))
    assert [thread.reads for thread in seen] == [133, 880, 1930]
    assert [thread.comments for thread in seen] == [11, 71, 283]


def test_what_is_not_there_is_not_found(sites: dict[str, SiteServer]) -> None:
    base = sites["evening"].press.base
    assert get(f"{base}/2026/0302/c1.html")[0] == 404
    assert get(f"{base}/robots.txt")[0] == 200
