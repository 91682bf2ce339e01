"""Selectors as operators write them: CSS, or XPath after ``xpath:``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from cssselect import SelectorError
from lxml import etree  # type: ignore[import-untyped]
from lxml.cssselect import CSSSelector  # type: ignore[import-untyped]

from .layout import Element, shown_text


@lru_cache(maxsize=1024)
def compile_selector(selector: str) -> etree.XPath:
    """A selector ready to run.

    Raises: ValueError with the selector in it when it cannot be read; the configuration asks before a crawl does.
    """
    try:
        if selector.startswith("xpath:"):
            return etree.XPath(selector.removeprefix("xpath:"))
        return CSSSelector(selector, translator="html")
    except (SelectorError, etree.XPathError) as error:
        raise ValueError(f"not a selector: {selector!r}: {error}") from error


def select(root: Element, selector: str) -> list[Element | str]:
    """What a selector finds: elements, or strings when it is an XPath that ends in ``@name`` or ``text()``."""
    found = compile_selector(selector)(root)
    if isinstance(found, list):
        return found
    return [found if isinstance(found, str) else f"{found:g}" if isinstance(found, float) else str(found)]


def text_of(found: Element | str) -> str:
    """The text of one thing found, white space folded."""
    return " ".join(found.split()) if isinstance(found, str) else shown_text(found)


def first_text(root: Element, selector: str) -> str:
    """The first text, not empty, that a selector with its optional ``|regex`` finds."""
    return next((text for text in select_texts(root, selector) if text), "")


def select_texts(root: Element, selector: str) -> Iterator[str]:
    """The text of each thing found; with a ``|regex`` only what its first group, or the whole of it, finds in there."""
    path, pattern = split_selector(selector)
    for found in select(root, path):
        text = text_of(found)
        yield only(text, pattern) if pattern else text


def only(text: str, pattern: str) -> str:
    """What the first group of a regular expression, or the whole of it, finds; empty if it finds nothing.

    >>> only("编辑：林小舟 2026-05-01", "编辑：(.{2,3}) "), only("阅读 7", "[0-9]+"), only("无", "[0-9]+")
    ('林小舟', '7', '')
    """
    found = re.search(pattern, text)
    return (found[1] or "" if found.lastindex else found[0]) if found else ""


@lru_cache(maxsize=1024)
def split_selector(selector: str) -> tuple[str, str]:
    """The selector and the regular expression behind its ``|``, which may be empty.

    >>> split_selector("span.num|[0-9]+"), split_selector("xpath://p|//b")
    (('span.num', '[0-9]+'), ('xpath://p|//b', ''))
    """
    for at, character in enumerate(selector):
        if character == "|" and selector[at + 1 : at + 2] != "=" and _is_selector(selector[:at]):
            union = selector.startswith("xpath:") and _is_selector(f"xpath:{selector[at + 1 :]}")
            if not union:
                return selector[:at], selector[at + 1 :]
    return selector, ""


def _is_selector(text: str) -> bool:
    try:
        compile_selector(text)
    except ValueError:
        return False
    return True
