"""Which line of a page is its headline: the one the page's own title repeats, weighed by tag and names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from .layout import Layout, Line, lay_out, names_of, parse_html, words_of
from .meta import Meta, read_meta
from .vocabulary import OTHER_TITLE_NAMES, SITE_NAME, TITLE_NAMES

_META_TITLES = (
    "og:title", "twitter:title", "articletitle", "headline", "weibo:article:title", "dc.title", "title", "sharetitle",
)  # fmt: skip
_SEPARATORS = re.compile(r"\s*(?:[_|｜»·]|\s[-–—－]+\s|--+|——+|\s/\s|\s::\s|<<|>>|＿)\s*")
_DASHES = re.compile(r"\s*[-–—－]\s*")
_NOT_SAID = re.compile(r"[\W_]+")
_TAGS = {"h1": 5.0, "h2": 3.5, "h3": 2.5, "h4": 2.0, "h5": 1.0, "h6": 1.0}
_MIN, _MAX, _MAX_SITE = 4, 120, 14
_HEADING = 1.5  # weight from which a block is a heading
_FIRST, _BIG_MIN = 60, 6  # lines in which a headline is looked for that the head does not tell; its letters
_LABEL = re.compile(
    r"(?:(?:信件|来信|留言|投诉|咨询|诉求|问题|帖子|文章|新闻|公告)?(?:标\s*题|主\s*题|题\s*目))\s*(?:[:：]\s*|$)"
)
_NO_TITLE = re.compile(r"[。！；;:：]$|^(?:来源|作者|发布|当前位置|您)|(?:19|20)\d\d[-年/]\d")
_TIME = re.compile(r"(?:19|20)\d\d\s*[-年/.]\s*\d{1,2}\s*[-月/.]\s*\d{1,2}")
_BIG = re.compile(r"font-size\s*:\s*(?:1[89]|[2-9]\d)(?:px|pt)|font-weight\s*:\s*(?:bold|[6-9]00)", re.IGNORECASE)
_BIG_SIZE = re.compile(r"\+?[4-7]$")
_HEAVY = ("b", "strong", "h1", "h2", "h3")
_LITTLE = 0.3  # share of the title below which a line only repeats a word of it


@dataclass(frozen=True, slots=True)
class Headline:
    """The headline and the line where it stands, -1 when it is only known from the head of the page."""

    text: str
    line: int = -1


@dataclass(frozen=True, slots=True)
class Opened:
    """A page, laid out, with what its head says and its headline."""

    layout: Layout
    meta: Meta
    headline: Headline


@lru_cache(maxsize=1)
def open_page(html: str) -> Opened | None:
    """Lay a page out; ``None`` when there is nothing. The last one is kept: it is read for its text, then counted."""
    root = parse_html(html)
    if root is None:
        return None
    meta, layout = read_meta(root), lay_out(root)
    return Opened(layout, meta, find_headline(layout, meta))


def find_headline(layout: Layout, meta: Meta) -> Headline:
    """The headline of a page; its text is empty when the page has none that can be believed."""
    said = _said(meta)
    best, best_score = Headline(""), 0.0
    for index, line in enumerate(layout.lines):
        if len(line.text) > _MAX:
            continue
        weight = _weight(layout, line)
        for text in _readings(layout, index, weight):
            score = _score(layout, line, text, weight, said)
            if score > best_score:
                spread = text != line.text and len(text) > len(line.text)
                best, best_score = Headline(text, layout.blocks[line.block].last - 1 if spread else index), score
    return best if best.line >= 0 else _labelled(layout) or Headline(_from_head(meta))


def _labelled(layout: Layout) -> Headline | None:
    """The headline where all pages have one title: what a label says it is, or what stands big above a time."""
    lines = layout.lines
    for index, line in enumerate(lines[:_FIRST]):
        found = _LABEL.match(line.text)
        text = line.text[found.end() :] if found else ""
        if found and not text and index + 1 < len(lines):
            index, text = index + 1, lines[index + 1].text
        if _MIN <= len(text) <= _MAX and not _LABEL.match(text):
            return Headline(text, index)
    for index, line in enumerate(lines[:_FIRST]):
        is_title = _BIG_MIN <= len(line.text) <= _MAX and not line.linked and not _NO_TITLE.search(line.text)
        if is_title and any(_TIME.search(each.text) for each in lines[index + 1 : index + 3]) and _is_big(layout, line):
            return Headline(line.text, index)
    return None


def _is_big(layout: Layout, line: Line) -> bool:
    """Whether all of a line is written in a large or heavy script."""
    block = layout.blocks[line.block].element
    around = (block, *islice(block.iterdescendants("font", "b", "strong", "span"), 3))
    return any(
        _BIG.search(element.get("style") or "") or _BIG_SIZE.match(element.get("size") or "") or element.tag in _HEAVY
        for element in around
        if " ".join("".join(element.itertext()).split()) == line.text
    )


def _said(meta: Meta) -> list[str]:
    """What the head of the page says its title is, as bare letters; the name of the site alone says nothing."""
    titles = (meta.title, meta.first(*_META_TITLES), meta.linked_text("headline"))
    return [_letters(text) for text in titles if text and not (len(text) <= _MAX_SITE and SITE_NAME.search(text))]


def _weight(layout: Layout, line: Line) -> float:
    """What the tag and the names of a line's block say for its being the headline."""
    return _TAGS.get(layout.blocks[line.block].element.tag, 0.0) + _named(layout, line)


def _readings(layout: Layout, index: int, weight: float) -> Iterator[str]:
    """The texts a line may be read as: itself; in a heading also the heading's lines together, or an inner element."""
    line = layout.lines[index]
    block = layout.blocks[line.block]
    if len(line.text) >= _MIN:
        yield line.text
    if weight >= _HEADING and block.last - block.first <= 3:
        own = " ".join("".join([block.element.text or "", *(each.tail or "" for each in block.element)]).split())
        if _MIN <= len(own) < len(line.text):  # without a mark such as 已回复 before it
            yield own
        if block.first == index < block.last - 1:
            yield " ".join(each.text for each in layout.lines[block.first : block.last])
        for inner in block.element.iter("span", "a", "b", "strong", "font", "em"):
            text = " ".join("".join(inner.itertext()).split())
            if _MIN <= len(text) < len(line.text):
                yield text


def _score(layout: Layout, line: Line, text: str, weight: float, said: list[str]) -> float:
    """How much a text looks like the headline: 0 when it cannot be."""
    letters = _letters(text)
    shared = max((len(letters) / max(len(whole), 1) for whole in said if letters and letters in whole), default=0.0)
    if shared < _LITTLE:
        shared = max((_cut_short(letters, whole) for whole in said), default=0.0) if weight >= 2 else 0.0
    if not shared:
        return 0.0 if weight < 2 or line.linked or len(letters) < 6 or layout.blocks[line.block].side else weight * 0.1
    score = weight + 8 * min(shared, 1.0)
    if line.linked * 2 > len(line.text):
        score *= 0.4
    return score * 0.3 if layout.blocks[line.block].side else score


def _named(layout: Layout, line: Line) -> float:
    block = layout.blocks[line.block]
    words = words_of(names_of(block.element))
    score = 2.0 if words & TITLE_NAMES else 0.0
    if not score and block.parent >= 0 and words_of(names_of(layout.blocks[block.parent].element)) & TITLE_NAMES:
        score = 1.5
    if block.element.get("itemprop") in ("headline", "name"):
        score += 1.0
    return score - 1.5 if words & OTHER_TITLE_NAMES else score


def _cut_short(letters: str, said: str) -> float:
    """The share of the page's title that a longer or shorter headline agrees with from the start."""
    if len(letters) < 6 or not said:
        return 0.0
    if said in letters:
        return len(said) / len(letters)
    same = next((at for at, (one, other) in enumerate(zip(letters, said, strict=False)) if one != other), 0)
    return same / len(letters) if same >= 0.7 * len(letters) else 0.0


def _from_head(meta: Meta) -> str:
    """The title of the head without the site's name."""
    given = meta.linked_text("headline") or meta.first(*_META_TITLES)
    title = meta.title or given
    if given and _letters(given) and _letters(given) in _letters(title):
        title = given
    parts = [part for part in _SEPARATORS.split(title) if part]
    if len(parts) < 2:
        parts = [part for part in _DASHES.split(title) if part]
    kept = [part for part in parts if len(part) > _MAX_SITE or not SITE_NAME.search(part)] or parts
    best = max(kept, key=len, default="")
    return best if len(parts) > 1 and len(best) >= 6 else title


def _letters(text: str) -> str:
    return _NOT_SAID.sub("", text).lower()
