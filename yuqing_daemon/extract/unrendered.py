"""The article of a page that a script would draw: in structured data, or as HTML inside a script's strings."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator

from .layout import Element, plain_text
from .meta import Meta

_STRING = re.compile(r"""\"((?:[^"\\\n]++|\\[^\n])*+)"?|'((?:[^'\\\n]++|\\[^\n])*+)'?""")  # never looks back: linear
_MARKUP = re.compile(r"<(?:p|br|div|section)\b", re.IGNORECASE)
_MARKUP_INSIDE = re.compile(r"(?:<|\\u003c|\\x3c|&lt;)(?:p|br|div|section)\b", re.IGNORECASE)
_SHORTEST = 200
_STOPS = re.compile("[，。！？]|[,.!?] ")


def unrendered_text(root: Element, meta: Meta) -> str:
    """The longest text found there, one paragraph a line; empty when there is none that reads like prose."""
    found = [plain_text(str(meta.linked.get("articleBody") or "").replace("\n", "<br>")), *_in_scripts(root)]
    return max((text for text in found if len(_STOPS.findall(text)) > 1), key=len, default="")


def _in_scripts(root: Element) -> Iterator[str]:
    for script in root.iter("script"):
        text = script.text or ""
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
