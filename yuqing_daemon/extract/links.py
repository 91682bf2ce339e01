"""Which links of a list page lead to articles: those a selector names, or those whose URLs look like articles'."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from urllib.parse import parse_qsl, urlsplit

from .layout import Element, clean, lay_out, names_of, parse_html, shown_text, words_of
from .select import select
from .urls import canonical_url, registrable_host
from .vocabulary import TITLE_NAMES, words

_DIGITS = re.compile(r"\d+")
_CODE = re.compile(r"(?<![A-Za-z0-9])(?=[A-Za-z]+\d+[A-Za-z]|\d+[A-Za-z]+\d)[A-Za-z0-9]{8,}")
_DATE = re.compile(r"(?:19|20)\d\d[-/_]?(?:0[1-9]|1[0-2])(?:[-/_]?[0-3]\d)?(?!\d)")
_NUMBER = re.compile(r"\d{3,}")
_SLUG = re.compile(r"[^/-]+(?:-[^/-]+){3,}")
_NOT_ARTICLES = re.compile(
    r"goto=lastpost|[?&](?:page|pn|paged)=(?:[2-9]|\d\d|e|last)\b|thread-\d+-(?:[2-9]|\d\d+)-|/page/\d+|#reply|"
    r"[?&](?:mod=(?:space|redirect|register|logging)|action=(?:login|register|reply))|/(?:login|register|passport|user|author|tag)s?/|"
    r"/(?:19|20)\d\d(?:[-/](?:0?[1-9]|1[0-2])(?:[-/](?:0?[1-9]|[12]\d|3[01]))?)?/?$|"  # all that was written on a day
    r"\.(?:jpg|jpeg|png|gif|webp|zip|rar|exe|apk|mp4|mp3)(?:$|\?)",
    re.IGNORECASE,
)
_EMPTY_TITLE = re.compile(
    r"[\d\s.:/年月日时分秒前小天-]*|\[?(?:更多|详细|详情|全文|阅读全文|查看全文|查看详情|点击查看|查看|more|read more|"
    r"首页|尾页|[上下]一页|登录|注册)\]?[>»…. ]*|(?:继续阅读|阅读全文|查看全文|continue reading|read more).+",
    re.IGNORECASE,
)
_ANCHOR, _CLOSED = re.compile(rb"<(?:a|base)[\s>]", re.IGNORECASE), re.compile(rb"</a[\s>]", re.IGNORECASE)
_MANY_LINKS = 5
_GROUP, _MEDIAN_TITLE, _LONG_TITLE = 3, 8, 12
_LITTLE_GROUP, _LITTLE_TITLE, _COUNTED_TITLE = 8, 5, 3  # what is asked of the only list a page has
_LONG_LATIN_TITLE, _LONGEST_TITLE, _SHORTEST_TITLE = 25, 120, 4
_LONGEST_NUMBER = 15
_BULLETS = " ·•・▪■◆●►»›>|"
_WIDE = re.compile("[\u3400-\u9fff]")
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_CARD_PARTS = (*_HEADINGS, "div", "p", "span", "header", "dt", "dd", "li")
_FRAMES = ("nav", "header", "footer", "aside")
_FRAME_NAMES = words(
    "nav navbar menu menus crumb crumbs breadcrumb header footer foot friendlink links pager pagination"
)


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
    found = [(None, link) for link in _selected(root, selector, base)] if selector else list(anchors(root, base))
    found = [(at, link) for at, link in found if not pattern or re.search(pattern, link.url)]
    found = [(at, link) for at, link in found if not exclude or not re.search(exclude, link.url)]
    if selector:
        return _once(link for _, link in found)
    found = [(at, link) for at, link in found if registrable_host(link.url) == registrable_host(url)]
    if pattern:
        return _once(_with_titles(link for _, link in found))
    return _once(_articles(found, url) or _only_list(found, base))


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
    shown = clean(_card_title(element) or _without_dates(element, shown_text(element))).strip(_BULLETS)
    said = clean(" ".join((element.get("title") or "").split()))
    cut_short = shown.endswith(("...", "…")) or not shown
    if not said and not shown:
        said = next((clean(image.get("alt") or "") for image in element.iter("img")), "")
    return said if said and (cut_short or shown in said) else shown


def _without_dates(element: Element, text: str) -> str:
    """The text of a link without the bare dates that begin or end it in elements of their own."""
    for inner in element.iter("span", "em", "i", "time", "font", "small"):
        date = shown_text(inner)
        if inner is not element and len(date) >= _SHORTEST_TITLE and _EMPTY_TITLE.fullmatch(date.strip("[]()（）【】")):
            text = text.removeprefix(date).removesuffix(date).strip()
    return text


def _card_title(element: Element) -> str:
    """The headline in a link that is a whole card: what stands in a heading there, else its first long line."""
    if not len(element) or next(element.iter(*_CARD_PARTS), None) is None:
        return ""
    for inner in element.iterdescendants():
        is_heading = inner.tag in _HEADINGS or (isinstance(inner.tag, str) and words_of(names_of(inner)) & TITLE_NAMES)
        if is_heading and len(text := shown_text(inner)) >= _SHORTEST_TITLE:
            return text
    lines = [line.text for line in lay_out(element).lines if not _EMPTY_TITLE.fullmatch(line.text)]
    return next((line for line in lines if len(line) >= _MEDIAN_TITLE), "")


def _selected(root: Element, selector: str, base: str) -> Iterator[Link]:
    for found in select(root, selector):
        if isinstance(found, str):
            yield Link(canonical_url(found, base), "")
        elif found.tag == "a":
            yield Link(canonical_url(found.get("href") or "", base), _title(found))
        else:
            yield from (link for _, link in anchors(found, base))


def _articles(found: list[tuple[Element, Link]], page: str) -> list[Link]:
    """The links whose URL shape is that of articles: an id or a date, and titles as long as headlines."""
    here = canonical_url(page)
    groups: dict[str, list[Link]] = defaultdict(list)
    for link in _with_titles(link for _, link in found):
        if _may_be_one(link.url, here) and _has_id(link.url):
            groups[url_shape(link.url)].append(link)
    chosen = {shape for shape, group in groups.items() if _looks_like_articles(group)}
    folders = {_folder(shape) for shape in chosen if shape.rstrip("/?").endswith("/-")}
    return [
        link
        for element, link in found
        if not _NOT_ARTICLES.search(link.url)
        and link.url != here
        and (url_shape(link.url) in chosen or (_folder(link.url) in folders and _is_sibling(element, link)))
    ]


def _is_sibling(element: Element, link: Link) -> bool:
    """Whether a link beside articles that are named by their titles is one with a short name (``/flood``)."""
    wanted = _LONG_TITLE if _WIDE.search(link.title) else _LONG_LATIN_TITLE
    return len(link.title) >= wanted and urlsplit(link.url).path != "/" and not _in_a_frame(element)


def _only_list(found: list[tuple[Element, Link]], page: str) -> list[Link]:
    """The largest list of a page whose URLs say nothing (``/n0.html``, ``/notices/opening``): long titles, no frame."""
    here = canonical_url(page)
    groups: dict[str, list[Link]] = defaultdict(list)
    for element, link in found:
        is_named = not _EMPTY_TITLE.fullmatch(link.title) and not _in_a_frame(element)
        if is_named and _may_be_one(link.url, here):
            groups[_folder(link.url)].append(link)
    best = max(groups.values(), key=lambda group: sum(len(link.title) for link in group), default=[])
    longest = _longest_titles(best)
    if _are_counted(longest):
        wanted = _COUNTED_TITLE
    else:
        wanted = _LITTLE_TITLE if len(longest) >= _LITTLE_GROUP else _MEDIAN_TITLE
    return best if len(longest) > _GROUP and median(longest.values()) >= wanted else []


def _are_counted(urls: Iterable[str]) -> bool:
    """Whether the last numbers of many URLs count from one to the next: ``/n0.html`` to ``/n11.html``."""
    numbers = {int(found[-1][-_LONGEST_NUMBER:]) for url in urls if (found := _DIGITS.findall(urlsplit(url).path))}
    return len(numbers) >= _LITTLE_GROUP and max(numbers) - min(numbers) < 1.5 * len(numbers)


def _may_be_one(url: str, page: str) -> bool:
    """Whether a URL can be an article's: neither the page itself nor a front page, a profile or a later page."""
    parts = urlsplit(url)
    return url != page and (parts.path != "/" or bool(parts.query)) and not _NOT_ARTICLES.search(url)


def _in_a_frame(element: Element) -> bool:
    """Whether a link stands in the frame of a page: its menu, head or foot."""
    return any(
        around.tag in _FRAMES or (around.tag != "body" and not words_of(names_of(around)).isdisjoint(_FRAME_NAMES))
        for around in element.iterancestors()
    )


def _folder(url: str) -> str:
    """A URL without its last step, which may be numbered, named or a parameter's value."""
    path, _, names = url_shape(url).partition("?")
    return f"{path if names else path.rstrip('/').rpartition('/')[0]}?{names}"


def _with_titles(links: Iterable[Link]) -> list[Link]:
    return [link for link in links if not _EMPTY_TITLE.fullmatch(link.title)]


def _looks_like_articles(group: list[Link]) -> bool:
    longest = _longest_titles(group)
    wanted = _MEDIAN_TITLE if len(longest) >= _GROUP else _LONG_TITLE
    return median(longest.values()) >= wanted


def _longest_titles(group: list[Link]) -> dict[str, int]:
    longest: dict[str, int] = {}
    for link in group:
        longest[link.url] = max(longest.get(link.url, 0), len(link.title))
    return longest


def _has_id(url: str) -> bool:
    parts = urlsplit(url)
    if _DATE.search(parts.path) or _NUMBER.search(parts.path) or _CODE.search(parts.path) or _SLUG.search(parts.path):
        return True
    return any(_NUMBER.search(value) for _, value in parse_qsl(parts.query))


def url_shape(url: str) -> str:
    """A URL with everything that differs between two articles replaced; it holds no white space.

    >>> url_shape("https://a.example.com/2019/0907/c1-318.html") == url_shape("https://a.example.com/2020/0101/c22-7.html")
    True
    """
    parts = urlsplit(url)
    segments = [_CODE.sub("#", _SLUG.sub("-", segment)) for segment in parts.path.split("/")]
    if _DATE.search(parts.path) and segments:
        segments[-1] = "*"
    path = _DIGITS.sub("0", "/".join(segments))
    return f"{parts.netloc}{path}?{'&'.join(sorted({name for name, _ in parse_qsl(parts.query)}))}"


def _once(links: Iterable[Link]) -> list[Link]:
    """Each URL once, where it first stands, under the longest of its titles that is no summary."""
    kept: dict[str, Link] = {}
    for link in links:
        if link.url and (link.url not in kept or _worth(link.title) > _worth(kept[link.url].title)):
            kept[link.url] = link
    return [link if not _EMPTY_TITLE.fullmatch(link.title) else Link(link.url, "") for link in kept.values()]


def _worth(title: str) -> tuple[bool, int]:
    """How well a text may be the title of what it links to: better than a summary or 继续阅读, and then the longest."""
    is_other = title.endswith(("...", "…")) or "。" in title or len(title) > _LONGEST_TITLE
    return not is_other and not _EMPTY_TITLE.fullmatch(title), len(title)
