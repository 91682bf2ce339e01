"""What an address is, when its source does not say: a feed, a sitemap, a hot list, a board, or a page with links.

Also when a page's feed speaks for the page, and whether a page is still what was found the first time.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from yuqing_daemon.domain import Page, Source

from .feed import find_feed_links
from .links import url_shape
from .listing import Listed, page_text, read_list
from .urls import registrable_host

_OWN_LISTS = ("links", "link_pattern", "link_exclude")
_OF_COMMENTS = re.compile(r"comment|pinglun|repl(?:y|ies)", re.IGNORECASE)
_FEW = 5  # links from which on a shape is a habit
_MOST_SHAPES = 12
_A_DAY_OF_THE_MONTH = 31


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a page was found to be, with its entries; ``feeds`` are those it names on its own site."""

    kind: str
    entries: tuple[Listed, ...] = ()
    feeds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """What an address was found to be, and is read as from then on. ``address``: where its list stands."""

    url: str
    kind: str
    address: str
    shapes: tuple[str, ...] = ()

    def __str__(self) -> str:
        there = f" at {self.address}" if self.address != self.url else ""
        shown = ", ".join(shape.removesuffix("?") for shape in self.shapes[:3])
        more = f" and {len(self.shapes) - 3} more" if len(self.shapes) > 3 else ""
        return f"{self.url} is {_CALLED.get(self.kind, self.kind)}{there}{f': {shown}{more}' if shown else ''}"


_CALLED = {
    "feed": "a feed",
    "sitemap": "a sitemap",
    "hotlist": "a hot list",
    "json": "a list in JSON",
    "forum": "a board",
    "page": "a page with links to articles",
}


def pins(state: Mapping[str, Any]) -> tuple[Pin, ...]:
    """What a source's state says its addresses are; nothing for a source that says so itself.

    >>> print(*pins({"kind": {"http://example.cn/": "feed http://example.cn/rss"}}))
    http://example.cn/ is a feed at http://example.cn/rss
    """
    kinds, seen = state.get("kind"), state.get("shapes")
    found = []
    for url, pin in kinds.items() if isinstance(kinds, Mapping) else ():
        kind, _, address = str(pin).partition(" ")
        likes = seen.get(url, ()) if isinstance(seen, Mapping) else ()
        found.append(Pin(url=url, kind=kind, address=address or url, shapes=tuple(map(str, likes))))
    return tuple(found)


def detect(page: Page, source: Source) -> Finding:
    """Find out what a page is. An operator's own selectors say that it is a page, or a board."""
    if "threads" in source.options:
        return _finding("forum", page, source)
    if "items" in source.options:
        return _in_json(page, source)
    if not any(name in source.options for name in _OWN_LISTS):
        for kind in ("feed", "sitemap"):
            if (found := read_list(page, source, kind)) is not None:
                return Finding(kind=kind, entries=tuple(found))
        if page.body.lstrip()[:1] in (b"{", b"["):
            return _in_json(page, source)
        threads = read_list(page, source, "forum") or []
        if is_board(threads):
            return Finding(kind="forum", entries=tuple(threads))
    own = registrable_host(page.url)
    named = find_feed_links(page_text(page, source), page.url)
    feeds = tuple(feed for feed in named if registrable_host(feed) == own and not _OF_COMMENTS.search(feed))
    return Finding(kind="page", entries=tuple(read_list(page, source, "page") or ()), feeds=feeds)


def _finding(kind: str, page: Page, source: Source) -> Finding:
    return Finding(kind=kind, entries=tuple(read_list(page, source, kind) or ()))


def _in_json(page: Page, source: Source) -> Finding:
    """A hot list, which says everything, or a list of articles: these have times and no heat."""
    hot = _finding("hotlist", page, source)
    is_news = any(each.published_at for each in hot.entries) and not any(each.hot for each in hot.entries)
    return _finding("json", page, source) if is_news else hot


def is_board(threads: Sequence[Listed]) -> bool:
    """Whether most entries of a list count how often they were read and answered, as a board's do.

    Two figures that might as well be a month and a day prove nothing.
    """
    counted = [each for each in threads if each.reads is not None and each.comments is not None]
    likely = [each for each in counted if (each.reads or 0) >= (each.comments or 0)]
    enough = len(threads) >= _FEW and len(likely) >= 0.6 * len(threads)
    return enough and any((each.reads or 0) > _A_DAY_OF_THE_MONTH for each in likely)


def speaks_for(entries: Sequence[Listed], page: Sequence[Listed]) -> bool:
    """Whether a feed or sitemap may stand for the page that names it: it has an article the page has, or the page none.

    A feed that was forgotten years ago, or is about something else, has none of them.

    >>> old, new = Listed(url="http://example.cn/1"), Listed(url="http://example.cn/2")
    >>> speaks_for([old, new], [new]), speaks_for([old], [new]), speaks_for([old], []), speaks_for([], [])
    (True, False, True, False)
    """
    if not entries:
        return False
    return not page or not {each.url for each in entries}.isdisjoint(each.url for each in page)


def shapes(urls: Iterable[str]) -> list[str]:
    """The shapes of a page's article links, the most frequent first; none if there are too few to make a habit.

    Where most addresses are words of their own, the next articles' will be others, and no shape is a habit.

    >>> shapes(f"http://example.cn/news/{name}" for name in ("flood", "bridge", "canteen", "lift", "jobs", "7", "8"))
    []
    """
    found = Counter(map(url_shape, urls))
    again = [(shape, number) for shape, number in found.most_common(_MOST_SHAPES) if number > 1]
    is_habit = found.total() >= _FEW and 2 * sum(number for _, number in again) >= found.total()
    return [shape for shape, _ in again] if is_habit else []


def has_moved(pinned: Sequence[str], urls: Sequence[str]) -> bool:
    """Whether a page that used to link to articles of some shapes now has links, and none like them.

    >>> has_moved(["example.cn/n/0.html?"], ["http://example.cn/n/7.html", "http://example.cn/new/7"])
    False
    >>> has_moved(["example.cn/n/0.html?"], ["http://example.cn/new/7"])
    True
    """
    return bool(pinned) and bool(urls) and not set(pinned).intersection(map(url_shape, urls))
