"""The list page of a forum: its threads, and how often each was read and answered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from .dates import find_dates
from .layout import Element, parse_html
from .links import Link, anchors, find_article_links, uncomment
from .page_counters import Counters, row_counters, select_count
from .select import first_text, select

_HIGHEST = 12  # elements above its link that a row may start


@dataclass(frozen=True, slots=True)
class Thread:
    """One row of a forum's list."""

    url: str
    title: str
    reads: int | None = None
    comments: int | None = None
    published_at: datetime | None = None


def read_threads(
    html: str,
    *,
    url: str,
    selectors: Mapping[str, str] | None = None,
    fetched_at: datetime | None = None,
    timezone: str = "Asia/Shanghai",
) -> list[Thread]:
    """The threads of a forum's list page, in page order, each once.

    ``selectors`` may hold row, link, title, time, reads and comments (the counts as for :func:`read_counters`, all
    from the row on). Without ``row`` the threads are found by their URLs and each row is what surrounds one of them.
    Dates are read when ``fetched_at`` is given; without ``time`` they are usually those of the last answer where a
    list shows one only.
    """
    root = parse_html(uncomment(html))
    if root is None:
        return []
    chosen = dict(selectors or {})
    rows = _selected_rows(root, url, chosen) if chosen.get("row") else _found_rows(html, root, url)
    threads: dict[str, Thread] = {}
    for row, link in rows:
        if link.url not in threads:
            counts = _counts(row, link, chosen)
            said = first_text(row, chosen["time"]) if chosen.get("time") else " ".join(row.itertext())
            at = _date(said, fetched_at, timezone) if fetched_at else None
            title = (first_text(row, chosen["title"]) if chosen.get("title") else "") or link.title
            threads[link.url] = Thread(link.url, title, counts.reads, counts.comments, at)
    return list(threads.values())


def _selected_rows(root: Element, url: str, chosen: Mapping[str, str]) -> Iterator[tuple[Element, Link]]:
    for row in select(root, chosen["row"]):
        if isinstance(row, str):
            continue
        if chosen.get("link"):
            places = [found for found in select(row, chosen["link"]) if not isinstance(found, str)]
            links = [link for place in places for _, link in anchors(place, url)]
        else:
            links = sorted((link for _, link in anchors(row, url)), key=lambda link: -len(link.title))
        if links and links[0].title:
            yield row, links[0]


def _found_rows(html: str, root: Element, url: str) -> Iterator[tuple[Element, Link]]:
    """Each thread with the largest element around its link that holds no other thread's link."""
    threads = {link.url: link for link in find_article_links(html, url=url)}
    places = [(element, link.url) for element, link in anchors(root, url) if link.url in threads]
    holds: dict[Element, str] = {}
    for element, thread in places:
        for around in (element, *islice(element.iterancestors(), _HIGHEST)):
            holds[around] = thread if holds.get(around, thread) == thread else ""
    for element, thread in places:
        row = element
        while holds.get(row.getparent()) == thread:
            row = row.getparent()
        yield row, threads[thread]


def _counts(row: Element, link: Link, chosen: Mapping[str, str]) -> Counters:
    found = row_counters(row, link.title)
    reads = select_count(row, chosen["reads"]) if chosen.get("reads") else found.reads
    comments = select_count(row, chosen["comments"]) if chosen.get("comments") else found.comments
    return Counters(reads=reads, comments=comments)


def _date(text: str, now: datetime, timezone: str) -> datetime | None:
    """The first date in a text."""
    dates = find_dates(text, now=now, timezone=timezone)
    return dates[0].at if dates else None
