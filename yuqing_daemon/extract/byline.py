"""Who wrote an article and where it was first published, as the page says near the headline."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from .headline import Headline
from .layout import Layout, names_of, words_of
from .meta import Meta
from .vocabulary import AUTHOR_NAMES, NICK_NAMES, SITE_NAME, SOURCE_NAMES

_NEXT_LABEL = (  # what often follows a name without a space
    r"(?:作者|记者|記者|(?:责任)?编辑|责编|(?:发布|发表|更新|成文)?(?:时间|時間|日期)|发布(?:人|者|单位|机构)|录入|审核|字体|字号|"
    r"(?:点击|浏览|阅读|查看|评论|访问)(?:次数|量|数|率)?|人气|来源)\s*[:：]"
)
_NAME = rf"([^\s|｜，。；：:（(【\[)）】\]/／<>]{{2,30}}?)(?=$|[\s|｜，。；：:（(【\[)）】\]/／<>]|{_NEXT_LABEL})"
_SOURCE = re.compile(r"(?:来源|來源|稿源|出处|来自)\s*[:：]\s*" + _NAME)
_SOURCE_LABEL = re.compile(r"(?:来源|來源|稿源|出处)\s*[:：]\s*$")
_AUTHOR = re.compile(
    r"(?:(?:作者|撰文|記者|记者|撰稿|供稿|^文)\s*[:：/／╱]\s*"
    + _NAME
    + r"|[记記]者\s*([\u4e00-\u9fff·]{2,4})(?=[\s)）/／,，、]|$))"
)
_AUTHOR_LABEL = re.compile(r"(?:作者|撰文|記者|记者|撰稿)\s*[:：]\s*$")
_AFTER_TIME = re.compile(
    r"(?:\d{1,2}[:：]\d\d(?:[:：]\d\d)?|(?:19|20)\d\d[-/.年]\d{1,2}[-/.月]\d{1,2}日?)\s*[·|]?\s*" + _NAME + "$"
)
_ONLY_TIME = re.compile(r"(?:(?:19|20)\d\d[-/.年])?\d{1,2}[-/.月]\d{1,2}日?(?:\s*\d{1,2}[:：]\d\d(?:[:：]\d\d)?)?")
_NO_NAME = re.compile(
    r"^\d|^(?:来源|作者|编辑|责任|时间|日期|发布|发表|浏览|点击|阅读|评论|回复|查看|分享|收藏|字体|字号|打印|大|中|小|未知|佚名|互联网|admin|我要|关注|"
    r"关闭|只看|楼主|上午|下午|星期|[T+-])|\d{4}[-年]|https?:|^[\d\W_]+$|\d{1,2}[:：]\d\d",
    re.IGNORECASE,
)
_LABEL_BEFORE = re.compile(r"^(?:(?:文章|信息|稿件|新闻)?(?:来源|來源)|作者|记者|記者|文|发布者|发布)\s*[:：/]\s*")
_META_SOURCES = ("source", "mediaid", "article:source", "contentsource", "og:article:source")
_META_AUTHORS = ("author", "article:author", "og:article:author", "byl", "dc.creator")
_INLINE = ("span", "a", "em", "i", "b", "strong", "font", "cite")
_LONG, _LONGEST_SOURCE = 120, 16


def find_byline(layout: Layout, meta: Meta, headline: Headline, lines: Iterable[int]) -> tuple[str, str]:
    """The source and the author, empty where the page names none; ``lines`` are those around the headline."""
    near = [index for index in lines if 0 <= index < len(layout.lines) and len(layout.lines[index].text) <= _LONG]
    sources = (
        _labelled(layout, near, _SOURCE, _SOURCE_LABEL), _named(layout, near, SOURCE_NAMES), _after_time(layout, near),
        _beside_time(layout, near),
        [meta.first(*_META_SOURCES)], _named(layout, near, NICK_NAMES),
    )  # fmt: skip
    authors = (
        _labelled(layout, near, _AUTHOR, _AUTHOR_LABEL), _named(layout, near, AUTHOR_NAMES),
        [meta.linked_text("author"), meta.first(*_META_AUTHORS)],
    )  # fmt: skip
    source = _first(sources, lambda name: name != headline.text and len(name) <= _LONGEST_SOURCE)
    return source, _first(authors, lambda name: name not in meta.title and name != source)


def _first(readings: Iterable[Iterable[str]], is_wanted: Callable[[str], bool]) -> str:
    names = (_name(text) for reading in readings for text in reading)
    return next((name for name in names if name and is_wanted(name)), "")


def _labelled(layout: Layout, near: list[int], pattern: re.Pattern[str], label: re.Pattern[str]) -> Iterator[str]:
    """What follows a label such as 来源：, on its line or, where the label ends the line, on the next one."""
    for index in near:
        text = layout.lines[index].text
        found = pattern.search(text)
        if found:
            yield found[1] or found[found.lastindex or 1]
        elif label.search(text) and index + 1 < len(layout.lines):
            yield layout.lines[index + 1].text


def _named(layout: Layout, near: list[int], names: frozenset[str]) -> Iterator[str]:
    """The text of a block, or of an element inside it, whose class or id says what it is."""
    for index in near:
        block = layout.blocks[layout.lines[index].block].element
        for element in (block, *block.iter(*_INLINE)):
            if words_of(names_of(element)) & names:
                yield " ".join("".join(element.itertext()).split())


def _after_time(layout: Layout, near: list[int]) -> Iterator[str]:
    """What alone follows the time on its line: 2019-09-07 13:43 云岭晚报."""
    return (found[1] for index in near if (found := _AFTER_TIME.search(layout.lines[index].text)))


def _beside_time(layout: Layout, near: list[int]) -> Iterator[str]:
    """The line above or below one that is a time, if it is what sites are called."""
    for index in near:
        if _ONLY_TIME.fullmatch(layout.lines[index].text):
            beside = [layout.lines[at].text for at in (index - 1, index + 1) if 0 <= at < len(layout.lines)]
            yield from (text for text in beside if len(text) <= _LONGEST_SOURCE and SITE_NAME.search(text))


def _name(text: str) -> str:
    """A name, if that is what the text is."""
    text = _LABEL_BEFORE.sub("", text.strip(" \t:：-—|·,，、()（）[]【】"))
    return text if 2 <= len(text) <= 30 and not _NO_NAME.search(text) else ""
