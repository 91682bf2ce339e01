"""From the bytes of a page to an article, links, feed entries, counters and dates. Pure: no network, no clock."""

from .article import read_article
from .counters import parse_count
from .dates import find_dates, parse_date
from .decode import decode
from .detect import Finding, Pin, detect, has_moved, is_board, pins, shapes, speaks_for
from .doubts import ahead, copied
from .feed import Entry, Feed, find_feed_links, read_feed
from .forum import Thread, read_threads
from .hotlist import HotItem, read_hotlist
from .layout import clean, plain_text
from .links import Link, anchors_of, find_article_links, url_shape
from .listing import KINDS, Listed, listed_in, newest, page_text, read_list, table_option, text_option
from .metrics import metrics_url, read_metrics
from .page_counters import Counters, read_counters
from .pages import MOST_PAGES, goes_on, join_pages, next_page
from .pointers import resolve_pointer
from .rest import rest_of
from .select import compile_selector, select
from .sitemap import Sitemap, SitemapEntry, read_sitemap
from .urls import canonical_url, registrable_host, url_hash

__all__ = [
    "KINDS",
    "MOST_PAGES",
    "Counters",
    "Entry",
    "Feed",
    "Finding",
    "HotItem",
    "Link",
    "Listed",
    "Pin",
    "Sitemap",
    "SitemapEntry",
    "Thread",
    "ahead",
    "anchors_of",
    "canonical_url",
    "clean",
    "compile_selector",
    "copied",
    "decode",
    "detect",
    "find_article_links",
    "find_dates",
    "find_feed_links",
    "goes_on",
    "has_moved",
    "is_board",
    "join_pages",
    "listed_in",
    "metrics_url",
    "newest",
    "next_page",
    "page_text",
    "parse_count",
    "parse_date",
    "pins",
    "plain_text",
    "read_article",
    "read_counters",
    "read_feed",
    "read_hotlist",
    "read_list",
    "read_metrics",
    "read_sitemap",
    "read_threads",
    "registrable_host",
    "resolve_pointer",
    "rest_of",
    "select",
    "shapes",
    "speaks_for",
    "table_option",
    "text_option",
    "url_hash",
    "url_shape",
]
