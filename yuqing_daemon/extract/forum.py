"""The list page of a forum: its threads, and how often each was read and answered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice

from .counters import parse_count
from .dates import find_dates
from .layout import Element, parse_html, shown_text, spaced_text
from .links import Link, anchors, find_article_links, uncomment
from .page_counters import Counters, column_label, is_bare, row_counters, select_count
from .select import first_text, select

_HIGHEST = 12  # elements above its link that a row may start


@dataclass(frozen=True, slots=True)
class Thread:
    """One row of a forum's list."""

    url: str
    title: str
    reads: int | None = None
    comments: int | None = None
    hot: int | None = None
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
            said = first_text(row, chosen["time"]) if chosen.get("time") else _beside(row, link.title)
            at = _date(said, fetched_at, timezone) if fetched_at else None
            title = (first_text(row, chosen["title"]) if chosen.get("title") else "") or link.title
            threads[link.url] = Thread(link.url, title, counts.reads, counts.comments, counts.hot, at)
    return _without_dates(list(threads.values()))


def _beside(row: Element, title: str) -> str:
    """What a row says besides its title, which may speak of yesterday."""
    return spaced_text(row).replace(title or "\0", " ")


def _without_dates(threads: list[Thread]) -> list[Thread]:
    """The threads; where all answers and reads might as well be a month and a day (11/25), they are none."""
    pairs = [(each.comments, each.reads) for each in threads if each.comments is not None and each.reads is not None]
    months, days = {comments for comments, _ in pairs}, {reads for _, reads in pairs}
    if len(pairs) < _FEW or len(months) > 2 or not months <= _MONTHS or not days <= _DAYS:
        return threads
    return [replace(each, comments=None, reads=None) for each in threads]


_FEW, _MONTHS, _DAYS = 3, frozenset(range(1, 13)), frozenset(range(1, 32))


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
    found = _in_columns(row) or row_counters(row, link.title)
    if found.comments is None:
        found = replace(found, comments=_linked_count(row, link))
    reads = select_count(row, chosen["reads"]) if chosen.get("reads") else found.reads
    comments = select_count(row, chosen["comments"]) if chosen.get("comments") else found.comments
    return Counters(reads=reads, comments=comments, hot=found.hot)


def _in_columns(row: Element) -> Counters | None:
    """The counts of a row under the headings of their columns, if there are such headings."""
    cells = _cells(row)
    for head in _heads(row):
        columns = [(column_label(text), at) for at, text in _cells(head).items()]
        counts = {what: parse_count(cells[at]) for what, at in columns if what and at in cells and is_bare(cells[at])}
        if counts:
            return Counters(**counts)
    return None


def _heads(row: Element) -> Iterator[Element]:
    """What may hold the headings: the first row of a table; without one, what stands above the rows, as many cells."""
    if row.tag == "tr":
        table = next(row.iterancestors("table"), None)
        yield from islice((each for each in table.iter("tr") if each is not row), 1) if table is not None else ()
        return
    parent = row.getparent()
    above = [] if parent is None else [*islice(parent.iterchildren(), 2), parent.getprevious()]
    for head in above:
        if head is not None and head is not row:
            lone = [head, *head.iterchildren()] if len(head) == 1 else [head]
            yield from (each for each in lone if len(each) == len(row) > 1)


def _cells(row: Element) -> dict[int, str]:
    """The texts of a row's cells by the column they begin in."""
    found, at = {}, 0
    for cell in row.iterchildren("td", "th") if row.tag == "tr" else row.iterchildren():
        found[at] = shown_text(cell)
        span = cell.get("colspan") or "1"
        at += int(span) if span.isdecimal() and len(span) < 4 else 1
    return found


def _linked_count(row: Element, thread: Link) -> int | None:
    """A bare count that links to the thread itself, as the number of answers often does."""
    counts = (shown_text(element) for element, link in anchors(row, thread.url) if link.url == thread.url)
    return next((parse_count(text) for text in counts if is_bare(text)), None)


def _date(text: str, now: datetime, timezone: str) -> datetime | None:
    """The first date in a text."""
    dates = find_dates(text, now=now, timezone=timezone)
    return dates[0].at if dates else None
