"""Read an article from a saved page: any site, no rules per site."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from yuqing_daemon.domain import Article

from .body import Body, find_body, weigh
from .byline import find_byline
from .dates import parse_date
from .decode import decode
from .doubts import FARTHEST, ahead
from .headline import Headline, Opened, open_page
from .layout import Element, Layout, clean, lay_out
from .meta import Meta
from .published import date_in_url, find_published
from .select import first_text, only, select, split_selector
from .trim import trim
from .unrendered import unrendered_text

_SHORTEST = 10
_LITTLE = 200  # characters; a page that shows less may have its text in a script
_AGES = timedelta(days=36525)
_UNRENDERED = 0.8  # the publisher's own copy, but nothing to compare it with


def read_article(
    body: bytes,
    *,
    url: str,
    content_type: str = "",
    fetched_at: datetime,
    encoding: str = "",
    timezone: str = "Asia/Shanghai",
    selectors: Mapping[str, str] | None = None,
) -> Article | None:
    """Read the article of a page; ``None`` when the page holds none. Never raises on what a server may send.

    Args:
        body: the page as it came; url: where from, asked for the day when the page tells none.
        content_type: its HTTP header; encoding: what the site is known to use.
        fetched_at: the moment relative times (昨天, 3小时前) refer to; timezone: where shown times are local.
        selectors: CSS, or XPath after ``xpath:``, for title, time, source, author and body, and after a ``|`` a regular
            expression whose first group, or the whole of it, is the field; each overrides one field when it finds
            something. Raises: ValueError for a selector that cannot be read.
    """
    opened = open_page(decode(body, content_type=content_type, encoding=encoding))
    if opened is None:
        return None
    root = opened.layout.root
    chosen = dict(selectors or {})
    given = {name: first_text(root, chosen[name]) for name in ("title", "time", "source", "author") if chosen.get(name)}
    page = _read(opened)
    selected = _selected_body(root, chosen.get("body", ""))
    text, confidence = (selected, 1.0) if selected else page.text()
    title = given.get("title") or page.headline.text
    if not title or len(text) < _SHORTEST:
        return None
    at, doubt = _when(page, given.get("time", ""), url, now=fetched_at, timezone=timezone)
    source, author = find_byline(page.layout, page.meta, page.headline, page.near)
    return Article(
        title=clean(title),
        text=clean(text),
        published_at=at,
        author=clean(given.get("author") or author),
        source_name=clean(given.get("source") or source),
        confidence=confidence,
        doubt=doubt,
    )


def _when(page: _Reading, given: str, url: str, *, now: datetime, timezone: str) -> tuple[datetime | None, str]:
    """When it was published, and what is odd about what the page says of that."""
    at = parse_date(given, now=now, timezone=timezone) if given else None
    if at is None or at > now + FARTHEST:
        said, at = at, page.published(now=now, timezone=timezone)
        if at is None:
            doubt = ahead(said or page.published(now=now + _AGES, timezone=timezone), now)
            return date_in_url(url, now=now, timezone=timezone), doubt
    return at, ahead(at, now)


@dataclass(frozen=True, slots=True)
class _Reading:
    """What was found on a page, before anything a site's selectors say."""

    layout: Layout
    meta: Meta
    headline: Headline
    body: Body
    kept: list[int]

    def text(self) -> tuple[str, float]:
        """The body, one paragraph a line, and how sure it is; where a script would draw it, what the script holds."""
        text = "\n".join(self.layout.lines[index].text for index in self.kept)
        if len(text) < _LITTLE:
            hidden = unrendered_text(self.layout.root, self.meta)
            if len(hidden) > 2 * len(text):
                return hidden, _UNRENDERED
        return text, self.body.confidence

    @property
    def near(self) -> range:
        """The lines in which time, source and author are looked for."""
        first = self.kept[0] if self.kept else 0
        start = self.headline.line if self.headline.line >= 0 else max(first - 12, 0)
        return range(max(start - 6, 0), max(first, start) + 8)

    def published(self, *, now: datetime, timezone: str) -> datetime | None:
        """When it was published, as aware UTC."""
        borders = (self.kept[0], self.kept[-1]) if self.kept else (0, 0)
        return find_published(
            self.layout, self.meta, headline=self.headline.line, body=borders, now=now, timezone=timezone
        )


def _read(opened: Opened) -> _Reading:
    layout, meta, headline = opened.layout, opened.meta, opened.headline
    weigh(layout, headline)
    body = find_body(layout, headline)
    return _Reading(layout, meta, headline, body, trim(layout, body.lines, headline))


def _selected_body(root: Element, selector: str) -> str:
    """The text of all elements a selector finds, one paragraph a line; behind a ``|`` what is taken of it."""
    if not selector:
        return ""
    path, pattern = split_selector(selector)
    parts: list[str] = []
    for element in select(root, path):
        parts += [element] if isinstance(element, str) else [line.text for line in lay_out(element).lines]
    text = "\n".join(part for part in parts if part.strip())
    return only(text, pattern).strip() if pattern else text
