"""The article of a page that a script would draw: in structured data, or as HTML inside a script's strings."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from urllib.parse import unquote

from .layout import Element, Line, lay_out, plain_text
from .meta import Meta

_STRING = re.compile(r"""\"((?:[^"\\\n]++|\\[^\n])*+)"?|'((?:[^'\\\n]++|\\[^\n])*+)'?""")  # never looks back: linear
_MARKUP = re.compile(r"<(?:p|br|div|section)\b", re.IGNORECASE)
_MARKUP_INSIDE = re.compile(r"(?:<|\\u003c|\\x3c|&lt;)(?:p|br|div|section)\b", re.IGNORECASE)
_SWITCH_ON = re.compile(r"java\s*script|脚本|浏览器", re.IGNORECASE)
_SHORTEST = 60
_STOPS = re.compile("[，。！？]|[,.!?] ")


def unrendered_text(root: Element, meta: Meta) -> str:
    """The longest text found there, one paragraph a line; empty when there is none that reads like prose."""
    found = [plain_text(str(meta.linked.get("articleBody") or "").replace("\n", "<br>")), *_in_scripts(root)]
    found += [plain_text(element.text or "") for element in root.iter("textarea")]
    found += ["\n".join(line.text for line in _lines(element)) for element in root.iter("noscript")]
    return max((text for text in found if len(_STOPS.findall(text)) > 1), key=len, default="")


def _lines(noscript: Element) -> Iterator[Line]:
    """What is there for those without scripts, but for the request to switch them on."""
    inner = (line for element in noscript for line in lay_out(element).lines)
    return (line for line in inner if not _SWITCH_ON.search(line.text))


def _in_scripts(root: Element) -> Iterator[str]:
    for script in root.iter("script"):
        text = script.text or ""
        if text.lstrip()[:3] == "%7B":  # JSON that was made fit for an address
            text = unquote(text)
        if script.get("src") is None and _MARKUP_INSIDE.search(text):
            for found in _STRING.finditer(text):
                literal = found[1] or found[2] or ""
                if len(literal) >= _SHORTEST and _MARKUP.search(inside := _unescape(literal)):
                    yield plain_text(inside)


def _unescape(literal: str) -> str:
    """The value of a script's string literal, its entities resolved."""
    try:
        value = json.loads('"' + literal.replace("\\'", "'").replace("\\x", "\\u00").replace('"', "&quot;") + '"')
    except ValueError:
        value = literal
    return html.unescape(value)
