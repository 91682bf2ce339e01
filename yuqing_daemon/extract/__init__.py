"""From the bytes of a page to an article, links, feed entries, counters and dates. Pure: no network, no clock."""

from .article import read_article
from .counters import parse_count
from .dates import find_dates, parse_date
from .decode import decode
from .feed import Entry, Feed, find_feed_links, read_feed
from .forum import Thread, read_threads
from .hotlist import HotItem, read_hotlist, resolve_pointer
from .layout import plain_text
from .links import Link, anchors_of, find_article_links
from .page_counters import Counters, read_counters
from .select import compile_selector, select
from .sitemap import Sitemap, SitemapEntry, read_sitemap
from .urls import canonical_url, registrable_host, url_hash

__all__ = [
    "Counters",
    "Entry",
    "Feed",
    "HotItem",
    "Link",
    "Sitemap",
    "SitemapEntry",
    "Thread",
    "anchors_of",
    "canonical_url",
    "compile_selector",
    "decode",
    "find_article_links",
    "find_dates",
    "find_feed_links",
    "parse_count",
    "parse_date",
    "plain_text",
    "read_article",
    "read_counters",
    "read_feed",
    "read_hotlist",
    "read_sitemap",
    "read_threads",
    "registrable_host",
    "resolve_pointer",
    "select",
    "url_hash",
]
