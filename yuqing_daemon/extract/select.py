"""Selectors as operators write them: CSS, or XPath after ``xpath:``."""

from __future__ import annotations

from functools import lru_cache

from cssselect import SelectorError
from lxml import etree  # type: ignore[import-untyped]
from lxml.cssselect import CSSSelector  # type: ignore[import-untyped]

from .layout import Element


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
    return " ".join((found if isinstance(found, str) else "".join(found.itertext())).split())


def first_text(root: Element, selector: str) -> str:
    """The text of the first thing found that has any."""
    return next((text for text in map(text_of, select(root, selector)) if text), "")
