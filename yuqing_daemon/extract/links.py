"""Which links of a list page lead to articles: those a selector names, or those whose URLs look like articles'."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from urllib.parse import parse_qsl, urlsplit

from .layout import Element, parse_html
from .select import select
from .urls import canonical_url, registrable_host

_DIGITS = re.compile(r"\d+")
_CODE = re.compile(r"(?<![A-Za-z0-9])(?=[A-Za-z]+\d+[A-Za-z]|\d+[A-Za-z]+\d)[A-Za-z0-9]{8,}")
_DATE = re.compile(r"(?:19|20)\d\d[-/_]?(?:0[1-9]|1[0-2])(?:[-/_]?[0-3]\d)?(?!\d)")
_NUMBER = re.compile(r"\d{3,}")
_SLUG = re.compile(r"[^/-]+(?:-[^/-]+){3,}")
_NOT_ARTICLES = re.compile(
    r"goto=lastpost|[?&](?:page|pn|paged)=(?:[2-9]|\d\d)|thread-\d+-(?:[2-9]|\d\d+)-|/page/\d+|#reply|"
    r"[?&](?:mod=(?:space|redirect|register|logging)|action=(?:login|register|reply))|/(?:login|register|passport|user|author|tag)s?/|"
    r"\.(?:jpg|jpeg|png|gif|webp|zip|rar|exe|apk|mp4|mp3)(?:$|\?)",
    re.IGNORECASE,
)
_EMPTY_TITLE = re.compile(
    r"[\d\s.:/年月日时分秒前小天-]*|\[?(?:更多|详细|详情|全文|阅读全文|查看全文|查看详情|点击查看|查看|more|read more|"
    r"首页|尾页|[上下]一页|登录|注册)\]?[>»…. ]*",
    re.IGNORECASE,
)
_ANCHOR, _CLOSED = re.compile(rb"<(?:a|base)[\s>]", re.IGNORECASE), re.compile(rb"</a[\s>]", re.IGNORECASE)
_MANY_LINKS = 5
_GROUP, _MEDIAN_TITLE, _LONG_TITLE = 3, 8, 12


@dataclass(frozen=True, slots=True)
class Link:
    """A link to an article: its canonical URL and what the list calls it."""

    url: str
    title: str


def find_article_links(html: str, *, url: str, selector: str = "", pattern: str = "", exclude: str = "") -> list[Link]:
    """The article links of a list page, canonical, each once, in page order.

    With ``selector`` (CSS, or XPath after ``xpath:``) those it finds, or those inside what it finds. Without it, the
    links to the same registrable host whose URLs have the shape of articles. ``pattern`` and ``exclude`` are regular
    expressions that a URL must and must not contain. Raises: ValueError for a selector that cannot be read.
    """
    root = parse_html(uncomment(html))
    if root is None:
        return []
    base = _base(root, url)
    links = list(_selected(root, selector, base) if selector else (link for _, link in anchors(root, base)))
    links = [link for link in links if not pattern or re.search(pattern, link.url)]
    links = [link for link in links if not exclude or not re.search(exclude, link.url)]
    if not selector:
        links = [link for link in links if registrable_host(link.url) == registrable_host(url)]
        links = _with_titles(links) if pattern else _articles(links, url)
    return _once(links)


def anchors_of(body: bytes) -> bytes:
    """The markup of all anchors of a page and nothing else: while it is the same, so are the page's links.

    A quick look that needs no parsing; empty if there are none, or if the bytes are no ordinary text.

    >>> anchors_of(b'<p>12:01<a href="/1">one</a><b>noise</b><A href="/2">two</A>12:02')
    b'<a href="/1">one|<A href="/2">two|'
    """
    starts = [found.start() for found in _ANCHOR.finditer(body)]
    parts = []
    for start, end in pairwise([*starts, len(body)]):
        closed = _CLOSED.search(body, start, end)
        parts.append(body[start : closed.start() if closed else end] + b"|")
    return b"".join(parts)


def uncomment(html: str) -> str:
    """The page with its comments opened where they hold lists: some sites let a script unpack them."""
    parts, at = [], 0
    while (start := html.find("<!--", at)) >= 0 and (end := html.find("-->", start)) >= 0:
        inside = html[start + 4 : end]
        parts += [html[at:start], inside if inside.count("href=") >= _MANY_LINKS else ""]
        at = end + 3
    return "".join([*parts, html[at:]])


def anchors(root: Element, base: str) -> Iterator[tuple[Element, Link]]:
    """Each ``a`` of a tree with its link; those that lead nowhere on the web are left out."""
    for element in root.iter("a"):
        url = canonical_url(element.get("href") or "", base)
        if url:
            yield element, Link(url, _title(element))


def _base(root: Element, url: str) -> str:
    return next((canonical_url(found.get("href"), url) for found in root.iter("base") if found.get("href")), "") or url


def _title(element: Element) -> str:
    shown = " ".join("".join(element.itertext()).split())
    said = " ".join((element.get("title") or "").split())
    cut_short = shown.endswith(("...", "…")) or not shown
    return said if said and (cut_short or shown in said) else shown


def _selected(root: Element, selector: str, base: str) -> Iterator[Link]:
    for found in select(root, selector):
        if isinstance(found, str):
            yield Link(canonical_url(found, base), "")
        elif found.tag == "a":
            yield Link(canonical_url(found.get("href") or "", base), _title(found))
        else:
            yield from (link for _, link in anchors(found, base))


def _articles(links: list[Link], page: str) -> list[Link]:
    """The links whose URL shape is that of articles: an id or a date, and titles as long as headlines."""
    here = canonical_url(page)
    groups: dict[str, list[Link]] = defaultdict(list)
    for link in _with_titles(links):
        if link.url != here and not _NOT_ARTICLES.search(link.url) and _has_id(link.url):
            groups[_shape(link.url)].append(link)
    chosen = {shape for shape, group in groups.items() if _looks_like_articles(group)}
    return [
        link for link in links if _shape(link.url) in chosen and not _NOT_ARTICLES.search(link.url) and link.url != here
    ]


def _with_titles(links: list[Link]) -> list[Link]:
    return [link for link in links if not _EMPTY_TITLE.fullmatch(link.title)]


def _looks_like_articles(group: list[Link]) -> bool:
    longest: dict[str, int] = {}
    for link in group:
        longest[link.url] = max(longest.get(link.url, 0), len(link.title))
    wanted = _MEDIAN_TITLE if len(longest) >= _GROUP else _LONG_TITLE
    return median(longest.values()) >= wanted


def _has_id(url: str) -> bool:
    parts = urlsplit(url)
    if _DATE.search(parts.path) or _NUMBER.search(parts.path) or _CODE.search(parts.path) or _SLUG.search(parts.path):
        return True
    return any(_NUMBER.search(value) for _, value in parse_qsl(parts.query))


def _shape(url: str) -> str:
    """A URL with everything that differs between two articles replaced.

    >>> _shape("https://a.example.com/2019/0907/c1-318.html") == _shape("https://a.example.com/2020/0101/c22-7.html")
    True
    """
    parts = urlsplit(url)
    segments = [_CODE.sub("#", _SLUG.sub("-", segment)) for segment in parts.path.split("/")]
    if _DATE.search(parts.path) and segments:
        segments[-1] = "*"
    path = _DIGITS.sub("0", "/".join(segments))
    return f"{parts.netloc}{path}?{'&'.join(sorted({name for name, _ in parse_qsl(parts.query)}))}"


def _once(links: Iterable[Link]) -> list[Link]:
    """Each URL once, where it first stands, under the longest of its titles."""
    kept: dict[str, Link] = {}
    for link in links:
        if link.url and (link.url not in kept or len(link.title) > len(kept[link.url].title)):
            kept[link.url] = link
    return [link if not _EMPTY_TITLE.fullmatch(link.title) else Link(link.url, "") for link in kept.values()]
