"""What the head of a page says about its article: meta tags and JSON-LD."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from .layout import Element

_KEYS = ("property", "name", "itemprop", "http-equiv")
_ARTICLE_TYPES = ("Article", "Posting", "WebPage", "Report", "Discussion", "Question")


@dataclass(frozen=True, slots=True)
class Meta:
    """``tags`` by lower-case name, the first one winning; ``linked`` the JSON-LD object that is the article."""

    title: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    linked: Mapping[str, Any] = field(default_factory=dict)

    def first(self, *names: str) -> str:
        """The first of these tags that is there and not empty."""
        return next((self.tags[name] for name in names if self.tags.get(name)), "")

    def linked_text(self, *keys: str) -> str:
        """The first of these JSON-LD keys as text; an object or list gives its first name."""
        return next((text for key in keys if (text := _text(self.linked.get(key)))), "")


def read_meta(root: Element) -> Meta:
    """Read the title, the meta tags and the JSON-LD of a page."""
    tags: dict[str, str] = {}
    for element in root.iter("meta"):
        content = " ".join((element.get("content") or "").split())
        for key in _KEYS:
            if content and element.get(key):
                tags.setdefault(element.get(key).strip().lower(), content)
    titles = ("".join(element.itertext()) for element in root.iter("title"))
    title = next((text for text in (" ".join(raw.split()) for raw in titles) if text), "")
    return Meta(title, tags, _linked_data(root))


def _linked_data(root: Element) -> dict[str, Any]:
    found: list[dict[str, Any]] = []
    for script in root.iter("script"):
        if "ld+json" in (script.get("type") or ""):
            try:
                found += _objects(json.loads(script.text or "", strict=False), depth=0)
            except (ValueError, RecursionError):
                continue
    articles = [each for each in found if any(word in str(each.get("@type")) for word in _ARTICLE_TYPES)]
    return max(articles or found or [{}], key=lambda each: len(each))


def _objects(value: Any, depth: int) -> Iterator[dict[str, Any]]:
    if isinstance(value, list) and depth < 4:
        for each in value[:50]:
            yield from _objects(each, depth + 1)
    elif isinstance(value, dict):
        yield value
        yield from _objects(value.get("@graph"), depth + 1)


def _text(value: Any) -> str:
    if isinstance(value, list) and value:
        value = value[0]
    if isinstance(value, dict):
        value = value.get("name")
    return " ".join(value.split()) if isinstance(value, str) else ""
