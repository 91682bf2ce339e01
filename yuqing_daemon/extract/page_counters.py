"""The counters of a page or of a row: how often it was read, answered and passed on."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from .counters import parse_count
from .headline import open_page
from .layout import Element, Layout, names_of, spaced_text, words_of
from .select import select_texts
from .vocabulary import words

_COUNT = r"(\d[\d,]*(?:\.\d+)?\s*(?:千|[万萬]|亿|[wk](?![a-z]))?)(?!\d|[-/.:年月]\d)\+?"
_LABELS = {
    "reads": r"阅读|閱讀|(?<![总站日月])访问|浏览|瀏覽|点击|點擊|查看|围观|人气|播放|views?|reads?|hits?",
    "comments": r"评论|評論|回复|回覆|回帖|跟帖|跟贴|留言|讨论|comments?|repl(?:y|ies)",
    "reposts": r"转发|轉發|转载|分享|reposts?|shares?",
    "hot": r"参与|參與|热度|熱度",
}
_TAIL = r"(?:次数|数量|总数|人数|人次|数|量|值)?"
# Of taking part news speak as well (吸引3万人参与活动): a count of it stands by itself.
_LEAD = {"hot": r"(?<![^\s·|/(（:：有共])"}
_END = {"hot": r"(?!\s*(?:人次|人(?!次)|次)[\u4e00-\u9fff]|(?![人次])[\u4e00-\u9fff])"}
_TOPIC = {"hot": r"(?:讨论|討論|话题|話題|互动)?"}
_SIGNED, _BEFORE, _AFTER = (
    {
        what: re.compile(
            pattern.format(
                label=label,
                count=_COUNT,
                lead=_LEAD.get(what, ""),
                end=_END.get(what, ""),
                topic=_TOPIC.get(what, ""),
            ),
            re.IGNORECASE,
        )
        for what, label in _LABELS.items()
    }
    for pattern in (
        rf"(?<![a-z])(?:{{label}}){_TAIL}\s*[:：(（【\[|]\s*{{count}}{{end}}",
        r"{lead}(?<![\d./:-]){count}\s*(?:次|人|条|个|篇)?\s*(?:{label}){topic}(?![a-z]){end}",
        rf"(?<![a-z]){{lead}}(?:{{label}}){_TAIL}\s*{{count}}{{end}}",
    )
)
_OTHERS = "点?赞|喜欢|收藏|关注|推荐|likes?|points?"  # what is counted too, and says on which side the counts stand
_ANY_LABEL = re.compile("|".join((*_LABELS.values(), _OTHERS)), re.IGNORECASE)
_NAMES = {
    "reads": words("view views hits click clicks read reads readnum viewnum pv browse liulan yuedu"),
    "comments": words("reply replies replynum comment comments commentnum huifu pinglun rep"),
    "reposts": words("repost reposts forward zhuanfa"),
    "hot": words("participants canyu joinnum hotnum redu"),
}
_INTERACTIONS = {
    "reads": ("ReadAction", "ViewAction", "WatchAction"),
    "comments": ("CommentAction",),
    "reposts": ("ShareAction",),
    "hot": ("JoinAction",),
}
_BARE = re.compile(r"[(（]?\s*\d[\d,]*(?:\.\d+)?\s*(?:千|[万萬]|亿|w|k)?\+?\s*[)）]?", re.IGNORECASE)
_PAIR = re.compile(r"(?<![\d/.:-])(\d[\d,.]*[万wk]?)\s*/\s*(\d[\d,.]*[万wk]?)(?![\d/.:-])")
_DATE = re.compile(
    r"\d{2,4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?(?!\d)|(?<!\d)\d{1,2}[-/月]\d{1,2}日?(?!\d)|(?<!\d)\d{1,2}:\d{2}(?::\d{2})?|"
    r"\d+\s*个?(?:秒|分钟|小时|天|周|月|年)之?前|\d+\s*(?:second|minute|hour|day|week|month|year)s?\s+ago"
)
_COUNTED = re.compile("interaction|commentCount")
_DIGIT = re.compile(r"\d")
_LONG = 80


@dataclass(frozen=True, slots=True)
class Counters:
    """What a page says about itself; ``None`` is what it does not say."""

    reads: int | None = None
    comments: int | None = None
    reposts: int | None = None
    hot: int | None = None  # who took part, where a site counts that


def read_counters(html: str, selectors: Mapping[str, str] | None = None) -> Counters:
    """The counters of a thread or article page; each is ``None`` where the page does not say it (R2).

    ``selectors`` may hold reads, comments and reposts: CSS or ``xpath:``, and after a ``|`` a regular expression whose
    first group, or the whole of it, is the count. Without one, labels near the headline are looked for
    (阅读 1.2万, 评论(35), 转发 8, 3万人参与), then JSON-LD. Raises: ValueError for a selector that cannot be read.
    """
    opened = open_page(html)
    if opened is None:
        return Counters()
    layout, root = opened.layout, opened.layout.root
    chosen = {what: selector for what, selector in (selectors or {}).items() if selector}
    found: dict[str, int | None] = {what: select_count(root, selector) for what, selector in chosen.items()}
    said, candidates = _interactions(root), _candidates(layout, max(opened.headline.line, 0))
    for what in _LABELS:
        if what not in chosen:
            labelled = _nearest(candidates, what)
            found[what] = said.get(what) if labelled is None else labelled
    return Counters(**{each.name: found.get(each.name) for each in fields(Counters)})


def row_counters(row: Element, title: str = "") -> Counters:
    """The counters of one row of a list, by label, by the names of its elements, or as 回复/查看 pairs.

    ``title`` is what the row is about; figures and labels in it count nothing.
    """
    text = spaced_text(row).replace(title or "\0", " ")
    found = {what: _labelled(text, what) for what in _LABELS}
    for element in row.iter("*"):
        named = _counted_by_name(element)
        if named and found[named[0]] is None:
            found[named[0]] = named[1]
    if found["comments"] is None and found["reads"] is None:
        found["comments"], found["reads"] = _pair(row, text)
    return Counters(**found)


def column_label(text: str) -> str:
    """What a column's heading says is counted under it; empty if nothing, or several things.

    >>> [column_label(text) for text in ("回复", "浏览数", "回复/查看", "最后回复", "作者")]
    ['comments', 'reads', '', '', '']
    """
    labels = (what for what, label in _LABELS.items() if re.fullmatch(rf"(?:{label}){_TAIL}", text, re.IGNORECASE))
    return next(labels, "")


def is_bare(text: str) -> bool:
    """Whether a text is a count and nothing else."""
    return bool(_BARE.fullmatch(text))


def select_count(root: Element, selector: str) -> int | None:
    """The first count that a selector with its optional ``|regex`` finds."""
    counts = (parse_count(text) for text in select_texts(root, selector))
    return next((count for count in counts if count is not None), None)


def _labelled(text: str, what: str) -> int | None:
    """The count of a label: after a colon or bracket, else on the side on which this text has its counts."""
    found = _SIGNED[what].search(text)
    if found is None:
        text = _DATE.sub(" ", text)
        label, number = _ANY_LABEL.search(text), re.search(r"\d", text)
        if label is None or number is None:
            return None
        sides = (_AFTER, _BEFORE) if label.start() < number.start() else (_BEFORE, _AFTER)
        found = sides[0][what].search(text) or sides[1][what].search(text)
    return parse_count(found[1]) if found else None


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A short line with a figure: its distance to the headline, its text if it has a label, what its block counts."""

    distance: int
    text: str
    named: tuple[str, int] | None


def _candidates(layout: Layout, headline: int) -> list[_Candidate]:
    """The lines that may hold a counter, the nearest to the headline first; few lines of a page do."""
    found = []
    for index, line in enumerate(layout.lines):
        text = _with_next(layout, index) if len(line.text) <= _LONG else ""
        if not _DIGIT.search(text):
            continue
        block = layout.blocks[line.block]
        alone = block.last - block.first == 1 and _BARE.fullmatch(line.text)
        named = _counted_by_name(block.element) if alone else None
        labelled = text if _ANY_LABEL.search(text) else ""
        if labelled or named:
            distance = index - headline if index >= headline else 2 * (headline - index) + 1
            found.append(_Candidate(distance, labelled, named))
    return sorted(found, key=lambda candidate: candidate.distance)


def _nearest(candidates: list[_Candidate], what: str) -> int | None:
    """The labelled count, or the count in a block named for it, that stands nearest to the headline."""
    for candidate in candidates:
        count = _labelled(candidate.text, what) if candidate.text else None
        if count is None and candidate.named and candidate.named[0] == what:
            count = candidate.named[1]
        if count is not None:
            return count
    return None


def _with_next(layout: Layout, index: int) -> str:
    """A line, with the next one if that is a bare count: label and number often stand in blocks of their own."""
    text = layout.lines[index].text
    following = layout.lines[index + 1].text if index + 1 < len(layout.lines) else ""
    return f"{text} {following}" if not _DIGIT.search(text) and _BARE.fullmatch(following) else text


def _counted_by_name(element: Element) -> tuple[str, int] | None:
    """What an element counts by its class, id or title, and the count, if it holds nothing else."""
    text = "".join(element.itertext()).strip() if len(element) <= 3 else ""
    count = parse_count(text) if _BARE.fullmatch(text) else None
    if count is None:
        return None
    words = words_of(names_of(element))
    title = element.get("title") or ""
    for what, names in _NAMES.items():
        if words & names or re.match(_LABELS[what], title, re.IGNORECASE):
            return what, count
    return None


def _pair(row: Element, text: str) -> tuple[int | None, int | None]:
    """Answers and reads where a row gives two bare counts: 12/345, or one above the other in a cell of their own."""
    found = _PAIR.search(text)
    if found:
        return parse_count(found[1]), parse_count(found[2])
    for cell in row.iter("td", "div", "span", "p"):
        parts = [part.strip() for part in cell.itertext() if part.strip()]
        if len(parts) == 2 and all(_BARE.fullmatch(part) for part in parts):
            return parse_count(parts[0]), parse_count(parts[1])
    return None, None


def _interactions(root: Element) -> dict[str, int]:
    """The counts of JSON-LD's ``interactionStatistic``."""
    found: dict[str, int] = {}
    for script in root.iter("script"):
        if "ld+json" in (script.get("type") or "") and _COUNTED.search(script.text or ""):
            try:
                _collect(json.loads(script.text, strict=False), found)
            except (ValueError, RecursionError):
                continue
    return found


def _collect(value: Any, found: dict[str, int]) -> None:
    if (
        isinstance(value, dict)
        and "commentCount" in value
        and (count := parse_count(str(value["commentCount"]))) is not None
    ):
        found.setdefault("comments", count)
    if isinstance(value, dict) and "userInteractionCount" in value:
        count = parse_count(str(value["userInteractionCount"]))
        for what, kinds in _INTERACTIONS.items():
            if count is not None and any(kind in str(value.get("interactionType")) for kind in kinds):
                found.setdefault(what, count)
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            _collect(each, found)
