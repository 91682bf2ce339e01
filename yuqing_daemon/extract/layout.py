"""A page as the reader sees it: one lxml parse, cut into blocks and lines of text in page order.

Everything that reads an article (headline, time, body, byline) looks at these lines, so the tree is walked once.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from lxml import etree  # type: ignore[import-untyped]

from .vocabulary import SIDE_NAMES, words

Element = Any  # lxml's elements carry no types

_SKIPPED = words("""
    script style noscript textarea select option button input iframe object embed svg math template canvas head audio
    video map datalist
""")
_BLOCKS = words("""
    html body address article aside blockquote caption center dd details dialog div dl dt fieldset figcaption figure
    footer form h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section summary table tbody td tfoot th thead tr ul
""")
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b\u2060\ufeff\ufffe\uffff\ud800-\udfff]")
_XML_LABEL = re.compile(r"^\s*<\?xml[^>]*>", re.IGNORECASE)
_ENDS = re.compile(r"</(?:body|html)\s*>", re.IGNORECASE)  # some pages go on behind them, which a parser would drop
_HIDDEN = re.compile(r"display\s*:\s*none", re.IGNORECASE)
_WORD = re.compile(r"[A-Z][a-z]+|[a-z]{2,}|[A-Z]{2,}(?![a-z])")
_MAX_TEXT = 8_000_000


@dataclass(slots=True)
class Block:
    """A block element, the index of the block around it, and the lines ``first`` to ``last`` (not included)."""

    element: Element
    parent: int
    first: int
    last: int = 0
    side: bool = False  # its names say that it is not the article


@dataclass(slots=True)
class Line:
    """One line of text, the block it stands in, how many of its characters are links; ``value`` is set by the body."""

    text: str
    block: int
    linked: int
    value: float = 0.0


@dataclass(slots=True)
class Layout:
    """A parsed page: the tree, its blocks (a parent always before its children) and its lines."""

    root: Element
    blocks: list[Block] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)


def parse_html(text: str) -> Element | None:
    """The tree of a page, or ``None`` when there is nothing to parse. Entities are not loaded, nothing is fetched."""
    text = _XML_LABEL.sub("", _ENDS.sub("", CONTROL.sub("", text[:_MAX_TEXT])))
    if not text.strip():
        return None
    parser = etree.HTMLParser(remove_comments=True, remove_pis=True, no_network=True, huge_tree=True)
    try:
        return etree.fromstring(text, parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError, AssertionError):
        return None


def lay_out(root: Element) -> Layout:
    """Cut a tree into blocks and lines. Scripts, forms' fields and the head are left out."""
    layout = Layout(root)
    pen = _Pen(layout)
    walker = etree.iterwalk(root, events=("start", "end"))
    for event, element in walker:
        tag = element.tag
        if event == "start":
            if tag in _SKIPPED or not isinstance(tag, str):
                walker.skip_subtree()
                continue
            if tag in _BLOCKS:
                pen.open(element)
            elif tag == "br":
                pen.end_line()
            elif tag == "a":
                pen.links += 1
            if text := element.text:
                pen.write(f" {text}" if element.attrib and text[0].isdigit() and pen.ends_in_digit() else text)
        else:
            if tag in _BLOCKS:
                pen.close()
            elif tag == "a":
                pen.links -= 1
            if (text := element.tail) and element is not root:
                pen.write(text)
    return layout


def plain_text(html: str) -> str:
    """HTML as it stands in a description or a script to text, one paragraph a line."""
    if "<" not in html and "&" not in html:
        return clean(" ".join(html.split()))
    root = parse_html(html)
    return "" if root is None else clean("\n".join(line.text for line in lay_out(root).lines))


class _Pen:
    """Collects the text between two block borders into lines."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.here = -1
        self.links = 0
        self.parts: list[str] = []
        self.linked = 0

    def open(self, element: Element) -> None:
        self.end_line()
        self.layout.blocks.append(Block(element, self.here, len(self.layout.lines), side=_is_side(element)))
        self.here = len(self.layout.blocks) - 1

    def close(self) -> None:
        self.end_line()
        block = self.layout.blocks[self.here]
        block.last = len(self.layout.lines)
        self.here = block.parent

    def write(self, text: str) -> None:
        self.parts.append(text)
        if self.links:
            self.linked += len("".join(text.split()))

    def ends_in_digit(self) -> bool:
        """Whether a figure in an element of its own would run into one before it: 13:43 and 1.2万."""
        return bool(self.parts) and self.parts[-1][-1:].isdigit()

    def end_line(self) -> None:
        if self.parts:
            text = " ".join("".join(self.parts).split())
            if text:
                self.layout.lines.append(Line(text, max(self.here, 0), self.linked))
            self.parts.clear()
            self.linked = 0


_NOT_TEXT = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u061c\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2060-\u206f"
    "\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff\U000e0000-\U000e007f]"
)


def clean(text: str) -> str:
    r"""Nothing but text: without control characters, direction marks and invisible letters, however they came in.

    >>> clean("a\x1b[31m\u202eb\u200bc\nd")
    'a[31mbc\nd'
    """
    return _NOT_TEXT.sub("", text)


def shown_text(element: Element) -> str:
    """The text of an element without scripts and styles in it, white space folded."""
    if len(element) and next(element.iter("script", "style"), None) is not None:
        return " ".join(" ".join(line.text for line in lay_out(element).lines).split())
    return " ".join("".join(element.itertext()).split())


def spaced_text(element: Element) -> str:
    """The same, with a space wherever an element begins or ends: cells and spans stand beside each other."""
    return " ".join(" ".join(_TEXTS(element)).split())


_TEXTS = etree.XPath("descendant::text()[not(parent::script or parent::style)]", smart_strings=False)


def names_of(element: Element) -> str:
    """The class and id of an element, as one string."""
    return f"{element.get('class') or ''} {element.get('id') or ''}"


@lru_cache(maxsize=8192)
def words_of(names: str) -> frozenset[str]:
    """The words that class and id names are made of, in lower case.

    >>> sorted(words_of("articleBody post_text-3zQ3 main"))
    ['article', 'body', 'main', 'post', 'text']
    """
    return frozenset(word.lower() for word in _WORD.findall(names))


@lru_cache(maxsize=8192)
def _names_a_side(names: str) -> bool:
    return not words_of(names).isdisjoint(SIDE_NAMES)


def _is_side(element: Element) -> bool:
    if element.tag in ("aside", "footer", "nav"):
        return True
    style = element.get("style")
    return _names_a_side(names_of(element)) or bool(style and _HIDDEN.search(style))
