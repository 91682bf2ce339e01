"""Sitemaps, news sitemaps and indexes."""

import gzip
from datetime import UTC, datetime

import pytest

from yuqing_daemon.extract import Sitemap, SitemapEntry, read_sitemap

URL = "http://example.cn/sitemap.xml"
NEWS = """<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"
 xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
<url><loc> http://example.cn/1 </loc><lastmod>2019-09-07</lastmod>
<image:image><image:loc>http://example.cn/1.png</image:loc></image:image>
<news:news><news:publication><news:name>云岭晚报</news:name></news:publication>
<news:publication_date>2019-09-07T13:43:45+08:00</news:publication_date>
<news:title>青禾乳业致歉</news:title></news:news></url>
<url><loc>http://example.cn/2</loc></url><url><loc>javascript:;</loc></url></urlset>"""
ENTRIES = (
    SitemapEntry(
        "http://example.cn/1",
        datetime(2019, 9, 6, 16, tzinfo=UTC),
        "青禾乳业致歉",
        datetime(2019, 9, 7, 5, 43, 45, tzinfo=UTC),
    ),
    SitemapEntry("http://example.cn/2"),
)


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_news_sitemap_gives_titles_and_times(pack):
    assert read_sitemap(pack(NEWS.encode()), URL) == Sitemap(ENTRIES, ())


def test_an_index_names_its_children():
    index = (
        "<sitemapindex><sitemap><loc>/a.xml.gz</loc><lastmod>2019-09-07T05:43:45Z</lastmod></sitemap></sitemapindex>"
    )
    child = SitemapEntry("http://example.cn/a.xml.gz", datetime(2019, 9, 7, 5, 43, 45, tzinfo=UTC))
    assert read_sitemap(index.encode(), URL) == Sitemap((), (child,))


def test_a_plain_list_of_urls_is_a_sitemap():
    assert [entry.url for entry in read_sitemap(b"http://example.cn/1\n\nhttp://example.cn/2\n", URL).entries] == [
        "http://example.cn/1",
        "http://example.cn/2",
    ]


def test_a_bomb_stays_small():
    head = b"<urlset><url><loc>http://example.cn/1</loc></url>"
    bomb = gzip.compress(head + b" " * 50_000_000 + b"<url><loc>http://example.cn/2</loc></url></urlset>")
    assert len(bomb) < 100_000
    assert [entry.url for entry in read_sitemap(bomb, URL).entries] == ["http://example.cn/1"]


def test_entities_are_not_expanded():
    entity = '<!DOCTYPE urlset [<!ENTITY s SYSTEM "file:///etc/passwd">]>'
    text = f"{entity}<urlset><url><loc>http://example.cn/&s;1</loc></url></urlset>"
    assert "root" not in str(read_sitemap(text.encode(), URL))


@pytest.mark.parametrize(
    "body",
    [b"", b"<html></html>", b"\x1f\x8b broken", gzip.compress(b"x" * 1000, mtime=0)[:20], b"<urlset", b"not a url"],
)
def test_what_is_no_sitemap_is_empty(body):
    assert read_sitemap(body, URL) == Sitemap()
