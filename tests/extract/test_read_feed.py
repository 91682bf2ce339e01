"""Feeds of every kind, broken ones too."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yuqing_daemon.extract import Feed, find_feed_links, read_feed

NOW = datetime(2019, 9, 8, tzinfo=UTC)
AT = datetime(2019, 9, 7, 5, 43, 45, tzinfo=UTC)
RSS = """<?xml version="1.0" encoding="gb2312"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel><title>云岭晚报 &amp; 云岭网</title><link>http://example.cn/</link><ttl>30</ttl>
<item><title><![CDATA[青禾乳业<b>致歉</b>]]></title><link>/a?id=1&amp;utm_source=rss</link>
<description>&lt;p&gt;第一段&amp;nbsp;。&lt;/p&gt;&lt;p&gt;第二段。&lt;/p&gt;</description>
<pubDate>Sat, 07 Sep 2019 13:43:45 +0800</pubDate><dc:creator>林小舟</dc:creator></item>
<item><title>只有标识</title><guid>http://example.cn/b</guid><pubDate>2019-09-07 13:43:45</pubDate></item>
<item><title>没有链接</title><guid isPermaLink="false">42</guid></item>
</channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>A</title><entry>
<title type="html">&lt;b&gt;青禾&lt;/b&gt;致歉</title>
<link rel="self" href="/self"/><link href="/a/1"/><published>2019-09-07T05:43:45Z</published>
<updated>2019-09-08T00:00:00Z</updated>
<author><name>林小舟</name><email>x@example.cn</email></author>
<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>第一段。</p><p>第二段。</p></div></content></entry></feed>"""
RDF = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
 xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"><channel rdf:about="x"><title>R</title>
<sy:updatePeriod>hourly</sy:updatePeriod>
<sy:updateFrequency>2</sy:updateFrequency></channel><item rdf:about="x"><title>致歉</title><link>http://example.cn/1</link>
<dc:date>2019-09-07T13:43:45+08:00</dc:date></item></rdf:RDF>"""
JSON = """{"version": "https://jsonfeed.org/version/1.1", "title": "J", "items": [
{"id": "1", "url": "/a/1", "title": "致歉",
"content_html": "<p>第一段。</p><p>第二段。</p>", "date_published": "2019-09-07T13:43:45+08:00",
"authors": [{"name": "林小舟"}]},
{"id": "x"}, 7]}"""


def read(text: str | bytes) -> Feed | None:
    return read_feed(
        text if isinstance(text, bytes) else text.encode(), url="http://example.cn/rss.xml", fetched_at=NOW
    )


def test_rss_is_read_in_its_real_encoding():
    for encoding in ("utf-8", "gb18030"):
        feed = read(RSS.encode(encoding))
        first, second = feed.entries
        assert (feed.title, feed.ttl) == ("云岭晚报 & 云岭网", timedelta(minutes=30))
        assert (first.url, first.title, first.author) == ("http://example.cn/a?id=1", "青禾乳业致歉", "林小舟")
        assert (first.text, first.published_at) == ("第一段 。\n第二段。", AT)
        assert (second.url, second.published_at) == ("http://example.cn/b", AT)


@pytest.mark.parametrize("text", [ATOM, JSON])
def test_atom_and_json_feeds_say_the_same(text):
    (entry,) = read(text).entries
    assert (entry.url, entry.title, entry.author) == (
        "http://example.cn/a/1",
        "青禾致歉" if text is ATOM else "致歉",
        "林小舟",
    )
    assert (entry.text, entry.published_at) == ("第一段。\n第二段。", AT)


def test_links_are_relative_to_what_the_feed_says():
    entry = '<entry><title>x</title><link href="p/1"/></entry>'
    feed = f'<feed xmlns="http://www.w3.org/2005/Atom" xml:base="/blog/">{entry}</feed>'
    assert [entry.url for entry in read(feed).entries] == ["http://example.cn/blog/p/1"]


def test_rdf_is_read_and_its_period_is_a_ttl():
    feed = read(RDF)
    assert feed.ttl == timedelta(minutes=30)
    assert [(entry.url, entry.published_at) for entry in feed.entries] == [("http://example.cn/1", AT)]


def test_a_broken_feed_is_read_as_far_as_it_goes():
    cut = RSS[: RSS.index("<item><title>没有")]
    assert len(read(cut).entries) == 2
    assert len(read(RSS.replace("&amp;nbsp;", "&nbsp;").replace("云岭晚报 &amp;", "云岭晚报 &")).entries) == 2
    assert (
        read(RSS.replace("</channel>", "\x0b</channel>").replace("林小舟", "林\x00小舟")).entries[0].author == "林小舟"
    )


def test_the_oldest_feeds_and_entries_without_dates_are_read():
    old = (
        '<!DOCTYPE rss PUBLIC "-//Netscape//DTD RSS 0.91//EN" "http://a.example/rss.dtd"><rss version="0.91"><channel>'
    )
    (entry,) = read(f"{old}<item><title>致歉</title><link>b.html</link></item></channel></rss>").entries
    assert (entry.url, entry.title, entry.published_at) == ("http://example.cn/b.html", "致歉", None)


def test_titles_are_text_whatever_markup_and_controls_they_bring():
    title = (
        "&lt;script&gt;steal()&lt;/script&gt;青禾&amp;amp;乳业&#8238;&lt;img onerror=steal()&gt;&lt;b&gt;致歉&lt;/b&gt;"
    )
    body = f"<rss><channel><item><title>{title}</title><link>http://example.cn/1</link></item></channel></rss>"
    assert [entry.title for entry in read(body).entries] == ["青禾&乳业致歉"]
    json = JSON.replace('"title": "致歉"', '"title": "<em>致</em>歉\\u001b"')
    assert read(json).entries[0].title == "致歉"


@pytest.mark.parametrize(("label", "hour"), [("GMT", 1), ("+0000", 1), ("+0800", 1)])
def test_local_times_that_are_labelled_gmt_show_by_lying_ahead_and_are_taken_as_local(label, hour):
    dates = ("Sun, 08 Sep 2019 07:55:00", "Sat, 07 Sep 2019 09:00:00")
    items = "".join(
        f"<item><link>http://example.cn/{n}</link><title>t</title><pubDate>{at} {label}</pubDate></item>"
        for n, at in enumerate(dates)
    )
    first, second = (entry.published_at for entry in read(f"<rss><channel>{items}</channel></rss>").entries)
    assert (first.day, first.hour, first.minute) == (7, 23, 55)
    assert (second.day, second.hour) == (7, hour)


def test_declared_entities_are_neither_expanded_nor_fetched():
    laughs = (
        '<!DOCTYPE rss [<!ENTITY a0 "哈哈哈哈">'
        + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
        + "]>"
    )
    secret = '<!DOCTYPE rss [<!ENTITY s SYSTEM "file:///etc/passwd">]>'
    for head, entity in ((laughs, "&a9;"), (secret, "&s;")):
        feed = read(
            f"{head}<rss><channel><title>{entity}</title><item><title>{entity}</title>"
            "<link>http://example.cn/1</link></item></channel></rss>"
        )
        assert feed.entries[0].title == entity


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<html><body><p>rss</p></body></html>",
        "{}",
        '{"items": []}',
        "[1]",
        "plain",
        "<?xml version='1.0'?><urlset/>",
        "<rss",
    ],
)
def test_what_is_no_feed_is_none(text):
    feed = read(text)
    assert feed is None or feed.entries == ()


def test_an_empty_feed_is_a_feed():
    assert read("<rss><channel><title>x</title></channel></rss>") == Feed("x", (), None)


def test_the_feeds_of_a_page_are_found():
    html = (
        '<link rel="alternate" type="application/rss+xml" href="/rss.xml"><link rel="stylesheet" href="/a.css">'
        '<link rel="alternate" type="application/atom+xml" href="https://example.cn/atom">'
        '<link type="application/rss+xml" href="/rss.xml#x">'
    )
    assert find_feed_links(html, "http://example.cn/") == ["http://example.cn/rss.xml", "https://example.cn/atom"]
    assert find_feed_links("", "http://example.cn/") == []


@settings(max_examples=150, deadline=None)
@given(st.sampled_from([RSS, ATOM, RDF, JSON]), st.integers(0, 1200), st.binary(max_size=20))
def test_no_damage_raises(text, at, junk):
    body = text.encode()
    read(body[:at] + junk + body[at:])
    read(body[:at] + junk)
