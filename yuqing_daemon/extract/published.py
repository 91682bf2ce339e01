"""When an article was published: the date shown near its headline, else what the head or a script says."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from lxml import etree  # type: ignore[import-untyped]

from .dates import Found, find_dates, parse_date
from .doubts import FARTHEST
from .layout import Layout, names_of, words_of
from .meta import Meta
from .vocabulary import OTHER_TIME_LABEL, TIME_LABEL, TIME_NAMES

_META_DATES = [
    "article:published_time",
    "og:published_time",
    "og:release_date",
    "pubdate",
    "publishdate",
    "publish_date",
    "publishtime",
    "firstpublishtime",
    "apub:time",
    "datepublished",
    "dc.date",
    "dc.date.issued",
    "date",
    "weibo:article:create_at",
    "publication_date",
    "sailthru.date",
    "parsely-pub-date",
    "bytedance:published_time",
    "_pubtime",
    "createtime",
]
_META_CHANGES = ("og:updated_time", "article:modified_time", "lastmodified")
_SCRIPT_NAMES = (
    "ct|publish_?time|pub_?time|pub_?date|publish_?date|date_?published|ptime|create_?time|post_?time|original_?time|"
    "newsdate|article_?date"
)
_SCRIPT_DATE = re.compile(
    rf"""(?<![\w.])["']?(?:{_SCRIPT_NAMES})["']?\s*[:=]\s*["']?"""
    r"""(\d{10}(?:\d{3})?(?!\d)|(?:19|20)\d\d[-/年.]\d{1,2}[-/月.]\d{1,2}[^"'<;,}]{0,20})""",
    re.IGNORECASE,
)
_KEPT_TIMES = etree.XPath("//@data-time | //@data-timestamp | //@data-date | //@data-datetime")  # for a script to show
_MAYBE_DATE = re.compile(r"\d|[刚剛今昨前上]|年.{1,3}月|yesterday|today|day|\bago", re.IGNORECASE)
_YEAR, _MONTH_DAY = re.compile(r"(?:19|20)\d\d\s*[年/.-]?"), re.compile(r"\d{1,2}\s*[-/.月]\s*\d{1,2}")
_BEFORE, _AFTER, _LONG = 12, 25, 160
_WORDS_BESIDE = 60  # letters of a line beside a relative date, which in a sentence is something else
_URL_DATE = re.compile(r"/((?:19|20)\d\d)[-/_]?(0[1-9]|1[0-2])[-/_]?(0[1-9]|[12]\d|3[01])(?!\d)")
_PROSE, _NEVER = 20.0, 100.0
_RANK = {"day": 0.0, "minute": 3.0, "second": 3.2}


def find_published(
    layout: Layout, meta: Meta, *, headline: int, body: tuple[int, int], now: datetime, timezone: str
) -> datetime | None:
    """When the article was published, as aware UTC.

    ``headline`` is its line or -1, ``body`` the first and last line of the text, ``timezone`` that of shown times.
    A date that lies more than a day after ``now`` is not believed.
    """
    shown = _shown(layout, headline, body, now, timezone)
    if shown and shown.precision != "day" and not shown.is_relative:
        return shown.at
    said = list(_said(layout, meta, now, timezone))
    if shown and not shown.is_relative:
        same_day = (
            found for found in said if found.precision != "day" and abs(found.at - shown.at) < timedelta(hours=24)
        )
        return next((found.at for found in same_day if found.at >= shown.at), shown.at)
    best = next((found for found in said if found.precision != "day"), said[0] if said else shown)
    return best.at if best else None


def date_in_url(url: str, *, now: datetime, timezone: str) -> datetime | None:
    """The day that many sites write into an article's address, as aware UTC.

    >>> from datetime import UTC
    >>> date_in_url("http://example.cn/2019/0907/1.html", now=datetime(2019, 9, 8, tzinfo=UTC), timezone="UTC").day
    7
    """
    found = _URL_DATE.search(url)
    at = parse_date("-".join(found.groups()), now=now, timezone=timezone) if found else None
    return at if at and at <= now + FARTHEST else None


def _shown(layout: Layout, headline: int, body: tuple[int, int], now: datetime, timezone: str) -> Found | None:
    """The best date on the page, by its distance from the headline, its label and its precision."""
    best, best_score = None, 0.0
    for index in _near(layout, headline, body):
        text = _with_parts(layout, index)
        if len(text) > _LONG or not _MAYBE_DATE.search(text):
            continue
        for order, found in enumerate(find_dates(text, now=now, timezone=timezone)[:4]):
            if found.is_relative and (index == headline or len(text) - (found.end - found.start) > _WORDS_BESIDE):
                continue  # 三天前走失的老人找到了
            found = _with_hint(layout, index, found, now, timezone) if found.is_relative else found
            score = _score(layout, index, text, found, headline, body) - 0.5 * order
            if score > best_score and found.at <= now + FARTHEST:
                best, best_score = found, score
    return best


def _with_parts(layout: Layout, index: int) -> str:
    """A line; a bare year with the lines after it, where year, day and clock stand in blocks of their own."""
    text = layout.lines[index].text
    if not _YEAR.fullmatch(text):
        return text
    following = [line.text for line in layout.lines[index + 1 : index + 3]]
    return f"{text.rstrip('年/-.')}-{' '.join(following)}" if following and _MONTH_DAY.match(following[0]) else text


def _with_hint(layout: Layout, index: int, found: Found, now: datetime, timezone: str) -> Found:
    """A relative date, made exact by the written-out one that some pages keep in a title attribute beside it."""
    block = layout.blocks[layout.lines[index].block].element
    for element in block.iter("span", "em", "time", "i", "a"):
        for hint in (element.get("title"), element.get("datetime"), element.get("data-time")):
            exact = find_dates(hint, now=now, timezone=timezone) if hint else []
            if exact:
                return replace(found, at=exact[0].at, precision=exact[0].precision, is_relative=exact[0].is_relative)
    return found


def _near(layout: Layout, headline: int, body: tuple[int, int]) -> Iterable[int]:
    first, last = body
    start = (headline if headline >= 0 else first) - _BEFORE
    end = max(first, headline) + _AFTER
    return [
        *range(max(start, 0), min(end, len(layout.lines))),
        *range(max(last - 3, end), min(last + 8, len(layout.lines))),
    ]


def _score(layout: Layout, index: int, text: str, found: Found, headline: int, body: tuple[int, int]) -> float:
    line = layout.lines[index]
    block = layout.blocks[line.block]
    score = 6.0 + _RANK[found.precision]
    anchor = headline if headline >= 0 else body[0]
    score -= 0.25 * (index - anchor if index >= anchor else 2 * (anchor - index))
    before = text[max(found.start - 12, 0) : found.start]
    if TIME_LABEL.search(before) or TIME_LABEL.search(text[found.end : found.end + 12]):
        score += 2.0
    if OTHER_TIME_LABEL.search(before):
        score -= 2.0
    if words_of(names_of(block.element)) & TIME_NAMES or block.element.tag == "time":
        score += 1.5
    if line.linked > 0.5 * len(line.text) or block.side:
        score -= 3.0
    if body[0] <= index <= body[1]:
        score -= 2.0 if line.value <= _PROSE or TIME_LABEL.search(before) else _NEVER
    return score - 2.0 if found.is_relative else score


def _said(layout: Layout, meta: Meta, now: datetime, timezone: str) -> Iterator[Found]:
    """Dates of the head and of scripts, the most telling first."""
    texts = [meta.tags[name] for name in _META_DATES if name in meta.tags]
    texts += [meta.linked_text("datePublished", "uploadDate", "dateCreated")]
    texts += [element.get("datetime") or "" for element in list(layout.root.iter("time"))[:2]]
    texts += [found[1] for script in layout.root.iter("script") for found in _SCRIPT_DATE.finditer(script.text or "")]
    texts += [meta.tags[name] for name in _META_CHANGES if name in meta.tags]
    texts += [str(value) for value in _KEPT_TIMES(layout.root)[:1]]
    for text in texts:
        at = parse_date(text, now=now, timezone=timezone)
        if at and at <= now + FARTHEST:
            yield Found(at, "day" if re.fullmatch(r"\D*\d+\D\d+\D\d+\D*", text.strip()) else "minute", 0, 0)
