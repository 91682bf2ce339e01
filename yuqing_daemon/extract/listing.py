"""What a list shows, whatever kind of list it is. Spiders, trials and saved pages all read lists through this."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from yuqing_daemon.domain import Page, Source

from .dates import parse_date
from .decode import decode
from .feed import read_feed
from .forum import read_threads
from .hotlist import read_hotlist
from .links import find_article_links
from .sitemap import Sitemap, SitemapEntry, read_sitemap

MOST_PAGES = 500  # of a sitemap
_UNKNOWN = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One entry of a list: what it says without its page. ``url`` is canonical.

    ``is_whole``: the list says everything, the page is not asked for; ``is_dated``: the list's time goes before
    the page's.
    """

    url: str
    title: str = ""
    text: str = ""
    published_at: datetime | None = None
    author: str = ""
    reads: int | None = None
    comments: int | None = None
    hot: int | None = None
    is_whole: bool = False
    is_dated: bool = False


def read_list(page: Page, source: Source, kind: str) -> list[Listed] | None:
    """The entries of a list that is read as a ``kind``, by the source's options; ``None`` if it is no such thing.

    Raises: KeyError for a kind that is none of ``KINDS``.

    >>> page = Page(url="http://example.cn/", body=b"<rss></rss>", fetched_at=datetime(2026, 5, 1, tzinfo=UTC))
    >>> read_list(page, Source(id="s", urls=("http://example.cn/",)), "feed")
    []
    """
    return KINDS[kind](page, source)


def page_text(page: Page, source: Source) -> str:
    """The decoded text of a page; what the operator wrote about the site's encoding wins."""
    return decode(page.body, content_type=page.content_type, encoding=source.encoding)


def text_option(source: Source, name: str) -> str:
    """One of the source's options, if it is a text."""
    value = source.options.get(name)
    return value if isinstance(value, str) else ""


def table_option(source: Source, name: str) -> dict[str, str]:
    """A table of the source's options: selectors or pointers by what they find."""
    table = source.options.get(name)
    return {key: value for key, value in table.items() if isinstance(value, str)} if isinstance(table, Mapping) else {}


def listed_in(sitemap: Sitemap) -> list[Listed]:
    """The newest pages of a sitemap, newest first."""
    return [
        Listed(url=entry.url, title=entry.title, published_at=entry.published_at, is_dated=True)
        for entry in newest(sitemap.entries)[:MOST_PAGES]
    ]


def newest(entries: tuple[SitemapEntry, ...]) -> list[SitemapEntry]:
    """Entries of a sitemap or of an index of them, newest first; undated ones last, as they stood."""
    return sorted(entries, key=lambda entry: entry.published_at or entry.lastmod or _UNKNOWN, reverse=True)


def _feed(page: Page, source: Source) -> list[Listed] | None:
    feed = read_feed(
        page.body,
        url=page.url,
        content_type=page.content_type,
        fetched_at=page.fetched_at,
        encoding=source.encoding,
        timezone=source.timezone,
    )
    if feed is None:
        return None
    return [
        Listed(
            url=entry.url,
            title=entry.title,
            text=entry.text,
            published_at=entry.published_at,
            author=entry.author,
            is_dated=True,
        )
        for entry in feed.entries
    ]


def _sitemap(page: Page, source: Source) -> list[Listed] | None:
    found = read_sitemap(page.body, page.url)
    return listed_in(found) if found.entries or found.children else None


def _hotlist(page: Page, source: Source) -> list[Listed]:
    chosen = table_option(source, "items")
    pointers = {name: chosen.get(name, "") for name in ("items", "title", "link", "hot", "text", "time")}
    found = read_hotlist(page.body, url=page.url, **pointers)
    return [
        Listed(
            url=item.url,
            title=item.title,
            text=item.text,
            hot=item.hot,
            published_at=parse_date(item.time, now=page.fetched_at, timezone=source.timezone) if item.time else None,
            is_whole=True,
        )
        for item in found
    ]


def _json(page: Page, source: Source) -> list[Listed]:
    """A list in JSON whose entries have pages of their own."""
    return [replace(each, is_whole=False, is_dated=each.published_at is not None) for each in _hotlist(page, source)]


def _forum(page: Page, source: Source) -> list[Listed]:
    threads = read_threads(
        page_text(page, source),
        url=page.url,
        selectors=table_option(source, "threads"),
        fetched_at=page.fetched_at,
        timezone=source.timezone,
    )
    names = ("url", "title", "reads", "comments", "hot", "published_at")
    return [Listed(**{name: getattr(thread, name) for name in names}) for thread in threads]


def _page(page: Page, source: Source) -> list[Listed]:
    links = find_article_links(
        page_text(page, source),
        url=page.url,
        selector=text_option(source, "links"),
        pattern=text_option(source, "link_pattern"),
        exclude=text_option(source, "link_exclude"),
    )
    return [Listed(url=link.url, title=link.title) for link in links]


KINDS: Mapping[str, Callable[[Page, Source], list[Listed] | None]] = {
    "feed": _feed,
    "sitemap": _sitemap,
    "hotlist": _hotlist,
    "json": _json,
    "forum": _forum,
    "page": _page,
}
