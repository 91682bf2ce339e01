"""Which lines of the chosen block are not the article's text: link lists, editor lines, disclaimers, what follows."""

from __future__ import annotations

from .headline import Headline
from .layout import Element, Layout
from .vocabulary import BYLINE, EDITORIAL_LINE, LEGAL_LINE, MORE_HEADING, NEXT_POST

_SHORT, _LEGAL_LENGTH = 60, 220
_PROSE = 20.0  # the value from which a line is a sentence


def trim(layout: Layout, lines: tuple[int, ...], headline: Headline) -> list[int]:
    """The lines that stay, in page order."""
    if headline.line in lines:
        lines = tuple(index for index in lines if index > headline.line) or lines
    kept = [index for index in lines if not _is_noise(layout, index)]
    if kept and layout.lines[kept[0]].text == headline.text:
        kept = kept[1:]
    if len(kept) > 1 and _is_beginning_of(layout.lines[kept[0]].text, layout.lines[kept[1]].text):
        kept = kept[1:]
    return _without_byline(layout, _until_more(layout, kept))


def _is_beginning_of(summary: str, text: str) -> bool:
    """Whether a line that breaks off (...) is what the next one begins with."""
    begun = summary.rstrip(".…· ")
    return len(begun) < len(summary) and text.startswith(begun)


def _is_noise(layout: Layout, index: int) -> bool:
    line = layout.lines[index]
    if layout.blocks[line.block].side or line.linked > 0.5 * len(line.text):
        return True
    if len(line.text) <= _SHORT and EDITORIAL_LINE.search(line.text):
        return True
    return len(line.text) <= _LEGAL_LENGTH and bool(LEGAL_LINE.search(line.text))


def _until_more(layout: Layout, kept: list[int]) -> list[int]:
    """Everything up to a heading such as 相关阅读, if most stands before it, or up to the next post of a thread."""
    whole = sum(len(layout.lines[index].text) for index in kept)
    before, has_prose = 0, False
    for at, index in enumerate(kept):
        text = layout.lines[index].text
        if len(text) <= 20 and before >= 0.5 * whole and MORE_HEADING.search(text):
            return kept[:at]
        if len(text) <= _SHORT and NEXT_POST.search(text) and has_prose:
            return kept[:at]
        before += len(text)
        has_prose = has_prose or layout.lines[index].value > _PROSE
    return kept


def _without_byline(layout: Layout, kept: list[int]) -> list[int]:
    """Without the short lines before the first sentence that give time, source, counters and tools."""
    first = next((at for at, index in enumerate(kept) if layout.lines[index].value > _PROSE), min(len(kept), 3))
    cell, table = _cell(layout, kept[first]) if first < len(kept) else (None, None)
    before = [
        index
        for index in kept[:first]
        if not _is_byline(layout, index) and not (table is not None and _is_beside(_cell(layout, index), cell, table))
    ]
    start = first
    while start < min(len(kept), first + 3) and _is_byline(layout, kept[start]) and len(kept) > start + 1:
        start += 1
    return before + kept[start:]


def _cell(layout: Layout, index: int) -> tuple[Element, Element]:
    """The cell of a table, or the part of a list of terms, that a line stands in, and the table."""
    block = layout.blocks[layout.lines[index].block].element
    cells = ("td", "th", "dt", "dd")
    cell = block if block.tag in cells else next(block.iterancestors(*cells), None)
    return cell, next(cell.iterancestors("table", "dl"), None) if cell is not None else None


def _is_beside(place: tuple[Element, Element], cell: Element, table: Element) -> bool:
    """Whether a place is another cell of a table: where the text is one entry of a record, others are not the text."""
    return place[1] is table and place[0] is not cell


def _is_byline(layout: Layout, index: int) -> bool:
    text = layout.lines[index].text
    return len(text) <= _SHORT and not text.endswith(("。", "！", "？", "”")) and bool(BYLINE.search(text))
