"""Every kind of fault in sources.toml, with exactly what is printed."""

from collections.abc import Callable, Mapping

import pytest
from sample_config import source

WRONG = [
    (
        source('every = "5m"'),
        "conf/sources.toml:12: source.3.every = '5m': want seconds, a whole number >= 30\n  fix: every = 300",
    ),
    (
        source("every = 5"),
        "conf/sources.toml:12: source.3.every = 5: want seconds, a whole number >= 30\n  fix: every = 300",
    ),
    (
        source("every = true"),
        "conf/sources.toml:12: source.3.every = true: want seconds, a whole number >= 30\n  fix: every = 300",
    ),
    (
        source("every = 60.5"),
        "conf/sources.toml:12: source.3.every = 60.5: want seconds, a whole number >= 30\n  fix: every = 300",
    ),
    (
        source("internal = true\nevery = 0"),
        "conf/sources.toml:13: source.3.every = 0: want seconds, a whole number >= 30\n  fix: every = 300",
    ),
    (
        source("mainstrem = true"),
        'conf/sources.toml:12: source.3.mainstrem: want a key that exists here\n  fix: did you mean "mainstream"?',
    ),
    (
        source("frequency = 60"),
        "conf/sources.toml:12: source.3.frequency: want a key that exists here\n"
        "  fix: one of id, internal, url, name, site, spider, render, worker, mainstream, tags, every, "
        "encoding, timezone, ignore_robots, links, link_pattern, link_exclude, login_pattern, article, items, "
        "threads, metrics, args",
    ),
    (
        source('[source.article]\nbody = "p"\nevery = 60'),
        "conf/sources.toml:14: source.3.article.every: want a key that exists here\n"
        "  fix: put it above [source.article], where it belongs to the table around",
    ),
    (
        source("args = 3"),
        "conf/sources.toml:12: source.3.args = 3: want a table, { ... }",
    ),
    (
        source("", url='name = "no address"'),
        "conf/sources.toml:9: source.3.url: want this key: a URL, or a list of URLs\n"
        '  fix: url = "https://example.com/news/"',
    ),
    (
        source("", url='url = "ftp://a.example.com/"'),
        "conf/sources.toml:11: source.3.url = 'ftp://a.example.com/': want a URL with http or https\n"
        '  fix: url = "https://example.com/news/"',
    ),
    (
        source("", url='url = "www.example.com"'),
        "conf/sources.toml:11: source.3.url = 'www.example.com': want a URL with http or https\n"
        '  fix: url = "https://example.com/news/"',
    ),
    (
        source("", url='url = [\n  "https://a.example.com/",\n  "a.example.com/b",\n]'),
        "conf/sources.toml:13: source.3.url.2 = 'a.example.com/b': want a URL with http or https\n"
        '  fix: "https://example.com/news/"',
    ),
    (
        source("", url="url = []"),
        "conf/sources.toml:11: source.3.url = []: want a URL, or a list of URLs\n"
        '  fix: url = "https://example.com/news/"',
    ),
    (
        source("", url="url = 7"),
        "conf/sources.toml:11: source.3.url = 7: want a URL, or a list of URLs\n"
        '  fix: url = "https://example.com/news/"',
    ),
    (
        source("", url='url = "https://me:hunter2@a.example.com/"'),
        "conf/sources.toml:11: source.3.url = 'https://***@a.example.com/': want a URL without a user name: "
        "the daemon never logs in\n"
        '  fix: url = "https://example.com/news/"',
    ),
    (
        source("", url='url = "http://127.0.0.1:8000/"'),
        "conf/sources.toml:11: source.3.url = 'http://127.0.0.1:8000/': want a public address, unless the "
        "source is marked as one of our own\n"
        "  fix: internal = true",
    ),
    (
        source("", url='url = "http://2130706433/"'),
        "conf/sources.toml:11: source.3.url = 'http://2130706433/': want a public address, unless the source "
        "is marked as one of our own\n"
        "  fix: internal = true",
    ),
    (
        source("", url='url = "http://[::ffff:10.0.0.1]/"'),
        "conf/sources.toml:11: source.3.url = 'http://[::ffff:10.0.0.1]/': want a public address, unless the "
        "source is marked as one of our own\n"
        "  fix: internal = true",
    ),
    (
        source('internal = "yes"'),
        "conf/sources.toml:12: source.3.internal = 'yes': want true or false\n  fix: internal = true",
    ),
    (
        {"+sources.toml": '\n[[source]]\nid = "news"\nurl = "https://b.example.com/"\n'},
        "conf/sources.toml:10: source.3.id = 'news': want an id of its own; line 2 has it already\n"
        '  fix: id = "news-2"',
    ),
    (
        {"+sources.toml": '\n[[source]]\nid = "City News"\nurl = "https://b.example.com/"\n'},
        "conf/sources.toml:10: source.3.id = 'City News': want an id of a-z, 0-9, _ and -, at most 64 letters\n"
        '  fix: id = "city-news"',
    ),
    (
        source('links = "div["'),
        "conf/sources.toml:12: source.3.links = 'div[': want a CSS selector, or xpath: and an expression; "
        "this one fails: Expected ident or '*', got <EOF at 4>\n"
        '  fix: links = "div.news-list a"',
    ),
    (
        source('links = "xpath://a["'),
        "conf/sources.toml:12: source.3.links = 'xpath://a[': want a CSS selector, or xpath: and an "
        "expression; this one fails: Invalid expression\n"
        '  fix: links = "div.news-list a"',
    ),
    (
        source('link_pattern = "(news"'),
        "conf/sources.toml:12: source.3.link_pattern = '(news': want a regular expression; this one fails: "
        "missing ), unterminated subpattern at position 0\n"
        "  fix: link_pattern = '/20\\d\\d/'",
    ),
    (
        source(r'link_pattern = "\d"'),
        "conf/sources.toml:12: column 19: want TOML: Unescaped '\\' in a string\n"
        "  fix: in single quotes a backslash stands for itself: link_pattern = '/news/\\d+'",
    ),
    (
        source("ignore_robots = true"),
        "conf/sources.toml:12: source.3.ignore_robots = true: want the written reason, at least 10 letters\n"
        '  fix: ignore_robots = "written permission of the owner, 2026-03-01"',
    ),
    (
        source('ignore_robots = "because"'),
        "conf/sources.toml:12: source.3.ignore_robots = 'because': want the written reason, at least 10 letters\n"
        '  fix: ignore_robots = "written permission of the owner, 2026-03-01"',
    ),
    (
        source('spider = "feeds"'),
        "conf/sources.toml:12: source.3.spider = 'feeds': want one of the spiders there are: article, auto, "
        "feed, forum, hotlist, page, sitemap\n"
        '  fix: did you mean "feed"?',
    ),
    (
        source('encoding = "gbq"'),
        "conf/sources.toml:12: source.3.encoding = 'gbq': want an encoding by name\n  fix: encoding = \"gb18030\"",
    ),
    (
        source('timezone = "Asia/Beijing"'),
        "conf/sources.toml:12: source.3.timezone = 'Asia/Beijing': want a time zone by name\n"
        '  fix: timezone = "Asia/Shanghai"',
    ),
    (
        source('[source.article]\nbody = 3\nreadz = "b"'),
        "conf/sources.toml:13: source.3.article.body = 3: want a CSS selector, or xpath: and an expression\n"
        '  fix: body = "div.article-body"\n'
        "conf/sources.toml:14: source.3.article.readz: want a key that exists here\n"
        '  fix: did you mean "reads"?',
    ),
    (
        source('[source.article]\nreads = "b.n|([0-9"'),
        "conf/sources.toml:13: source.3.article.reads = 'b.n|([0-9': want a regular expression; this one fails: "
        'unterminated character set at position 1\n  fix: reads = "div.article-body"',
    ),
    (
        source('[source.metrics]\nurl = "https://a.example.com/count"\nreads = "/views"'),
        "conf/sources.toml:13: source.3.metrics.url = 'https://a.example.com/count': want a URL with {id} where the "
        'post\'s id goes\n  fix: url = "https://a.example.com/count?id={id}"',
    ),
    (
        source('[source.metrics]\nurl = "https://a.example.com/count?id={id}"'),
        "conf/sources.toml:12: source.3.metrics = a table: want at least one of reads, comments, reposts and hot\n"
        '  fix: reads = "/data/views"',
    ),
    (
        source('tags = "county"'),
        "conf/sources.toml:12: source.3.tags = 'county': want a list of words of a-z, 0-9, _ and -\n"
        '  fix: tags = ["county", "official"]',
    ),
    (
        source('[source.items]\nitems = "data/list"'),
        "conf/sources.toml:13: source.3.items.items = 'data/list': want a JSON pointer, each step behind a slash\n"
        '  fix: items = "/data/list"',
    ),
    (
        {"sources.toml": '[source]\nid = "news"\n'},
        "conf/sources.toml:1: source = a table: want tables under double brackets\n  fix: [[source]]",
    ),
    (
        {"sources.toml": '[[sources]]\nid = "news"\n'},
        'conf/sources.toml:1: sources: want a key that exists here\n  fix: did you mean "source"?',
    ),
]


@pytest.mark.parametrize(("changes", "printed"), WRONG)
def test_a_fault_is_told_with_place_wish_and_fix(
    changes: Mapping[str, str], printed: str, told: Callable[[Mapping[str, str]], str]
) -> None:
    assert told(changes) == printed
