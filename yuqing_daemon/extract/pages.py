"""Articles that go on on further pages: where the next one is, and how they are joined."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from lxml import etree  # type: ignore[import-untyped]

from yuqing_daemon.domain import Article

from .headline import open_page
from .layout import Element, Layout, shown_text
from .urls import canonical_url

MOST_PAGES = 10
_NEXT = re.compile(
    r"[\[【(（<]?\s*(?:下一?页|后一?页|下页|next(?:\s+page)?|继续阅读)\s*[\]】)）>»›→\s]*", re.IGNORECASE
)
_SAYS_NEXT = re.compile(r"[下后]一?页|继续阅读|next", re.IGNORECASE)  # most pages do not, anywhere
_RELATED = etree.XPath("(//link | //a)[contains(translate(@rel, 'NEXT', 'next'), 'next')]")
_PAGE_NAMES = frozenset(("page", "p", "pn", "paged", "pageno", "page_no", "pageindex", "currentpage"))
_SUFFIX = re.compile(
    r"(?:[-_](?:p|page)?(?P<number>\d{1,2})|/(?:p|page/?)?(?P<step>\d{1,2}))(?P<ending>\.\w{2,5})?/?$", re.IGNORECASE
)
_LETTERS = re.compile(r"[\W_]+")
_BEGINNING = 10  # letters
_THREAD = re.compile(r"thread|[?&]tid=|bbs|forum|luntan|/topic", re.IGNORECASE)


def next_page(html: str, url: str, first: str = "") -> str:
    """The page on which an article goes on, if its page says so; empty if not.

    A link named ``rel=next`` or 下一页 counts if it leads to another page of the same article: the same address with
    a page number. ``first`` is the address of the article's first page, if this is a later one. The pages of a
    thread are answers, and not followed.
    """
    first = canonical_url(first or url)
    opened = None if _THREAD.search(first) else open_page(html)
    if opened is None or not _says_next(opened.layout):
        return ""
    number = page_number(canonical_url(url), first)
    for href in _named(opened.layout.root):
        found = page_number(canonical_url(href, url), first)
        if found is not None and number is not None and number < found <= number + 2:
            return canonical_url(href, url)
    return ""


def join_pages(pages: Sequence[Article]) -> Article:
    """One article of all its pages, in their order; a paragraph that a page repeats from the one before is left out.

    >>> joined = join_pages([Article(title="t", text="a\\nb", confidence=0.9), Article(title="t (2)", text="b\\nc")])
    >>> joined.title, joined.text.split(), joined.confidence
    ('t', ['a', 'b', 'c'], 0.0)
    """
    first, *more = pages
    lines = first.text.split("\n")
    for page in more:
        known = set(lines)
        lines += [line for line in page.text.split("\n") if line not in known]
    return replace(first, text="\n".join(lines), confidence=min(page.confidence for page in pages))


def goes_on(first: Article, page: Article) -> bool:
    """Whether a further page is of the same article: one title holds the other, or both begin alike.

    >>> goes_on(Article(title="食堂的汤", text=""), Article(title="食堂的汤(2)", text=""))
    True
    """
    one, other = (_LETTERS.sub("", article.title).lower() for article in (first, page))
    return bool(one and other) and (one in other or other in one or one[:_BEGINNING] == other[:_BEGINNING])


def _says_next(layout: Layout) -> bool:
    """Whether there may be a next page: quicker than to look at every link."""
    return bool(_RELATED(layout.root)) or any(line.linked and _SAYS_NEXT.search(line.text) for line in layout.lines)


def _named(root: Element) -> Iterator[str]:
    """Where a page says its next page is."""
    for element in root.iter("link", "a"):
        href = element.get("href")
        if href and ("next" in (element.get("rel") or "").lower().split() or _is_next(element)):
            yield href


def _is_next(element: Element) -> bool:
    return element.tag == "a" and bool(_NEXT.fullmatch(shown_text(element)))


def page_number(url: str, first: str) -> int | None:
    """The number in the address of a page of the article that begins at ``first``; ``None`` for any other address.

    Some sites call the second page 2, some 1; the first one has no number, or 0 or 1.

    >>> [page_number(url, "http://a.cn/n/77.html") for url in ("http://a.cn/n/77_2.html", "http://a.cn/n/77.html?page=3")]
    [2, 3]
    >>> page_number("http://a.cn/n/78.html", "http://a.cn/n/77.html"), page_number("http://a.cn/n/7", "http://a.cn/n/7")
    (None, 0)
    """
    base, number = _split(first)
    if not (number or 0) <= 1:
        base, number = first, 0
    if url == first:
        return number or 0
    starts = {base.rstrip("/"), first.rstrip("/")}
    return next((found for each, found in _splits(url) if each.rstrip("/") in starts), None)


def _split(url: str) -> tuple[str, int | None]:
    return next(iter(_splits(url)), (url, None))


def _splits(url: str) -> Iterator[tuple[str, int]]:
    """The ways to see a URL as another one with a page number."""
    parts = urlsplit(url)
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    for name, value in pairs:
        if name.lower() in _PAGE_NAMES and value.isdecimal() and len(value) < 3:
            kept = urlencode([pair for pair in pairs if pair[0] != name])
            yield canonical_url(urlunsplit(parts._replace(query=kept))), int(value)
    found = _SUFFIX.search(parts.path)
    if found:
        path = parts.path[: found.start()] + (found["ending"] or "")
        yield canonical_url(urlunsplit(parts._replace(path=path))), int(found["number"] or found["step"])
