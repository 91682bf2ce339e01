"""Hot lists: the JSON in which sites publish what is talked about most."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from .counters import parse_count
from .layout import plain_text
from .pointers import json_text, load_json, pointer_steps, resolve_pointer
from .urls import canonical_url

_TITLES = ("title", "word", "name", "note", "query", "keyword", "hotword", "topic", "subject")
_LINKS = ("url", "link", "href", "rawurl", "mobileurl", "shareurl", "pcurl", "appurl", "articleurl")
_HOTS = (
    "hot",
    "hotvalue",
    "hotscore",
    "heat",
    "rawhot",
    "hotnum",
    "score",
    "num",
    "views",
    "detailtext",
    "metricsarea",
    "joinnum",
    "joincount",
    "participants",
    "参与",
    "参与人数",
)
_TIMES = (
    *("publishtime", "pubtime", "publishdate", "pubdate", "publishedat", "datepublished"),
    *("posttime", "ptime", "ctime"),
)
_NO_LINK = r"(?<!img|pic|ico)(?<!icon|logo|over)(?<!image|thumb)"
_ENDINGS: dict[tuple[str, ...], re.Pattern[str]] = {
    _TITLES: re.compile(r"(?<!sub)title$"),
    _LINKS: re.compile(_NO_LINK + r"url$"),
}
_TEXTS = ("desc", "description", "excerpt", "summary", "abstract", "digest", "content")
_MOST = 50_000


@dataclass(frozen=True, slots=True)
class HotItem:
    """One entry: ``rank`` counts from 1, ``hot`` is the site's own value and no number of readers."""

    url: str
    title: str
    text: str
    hot: int | None
    rank: int
    time: str = ""  # as it is written there


def read_hotlist(
    body: bytes,
    *,
    url: str,
    items: str = "",
    title: str = "",
    link: str = "",
    hot: str = "",
    text: str = "",
    time: str = "",
) -> list[HotItem]:
    """Read a hot list, or another list in JSON.

    Each pointer is RFC 6901, ``items`` from the top, the others from one item.

    Without ``items`` the first list of objects that have a title and a URL is taken; without the others the usual
    names are looked for. Entries without a title or an http(s) URL are left out. Raises: ValueError for a pointer that
    does not start with a slash.
    """
    for pointer in (items, title, link, hot, text, time):
        pointer_steps(pointer)
    data = load_json(body)
    listed = resolve_pointer(data, items) if items else _first_list(data)
    found = []
    for rank, item in enumerate(listed if isinstance(listed, list) else [], start=1):
        address = canonical_url(json_text(resolve_pointer(item, link) if link else _usual(item, _LINKS)), url)
        name = json_text(resolve_pointer(item, title) if title else _usual(item, _TITLES))
        if address and name:
            more = json_text(resolve_pointer(item, text) if text else _usual(item, _TEXTS))
            heat = parse_count(json_text(resolve_pointer(item, hot) if hot else _usual(item, _HOTS)))
            at = json_text(resolve_pointer(item, time) if time else _usual(item, _TIMES))
            found.append(HotItem(address, plain_text(name), plain_text(more), heat, rank, at))
    return found


def _first_list(data: Any) -> list[Any]:
    """The first list, level by level, most of whose entries have a title and a URL."""
    waiting, seen = deque([data]), 0
    while waiting and seen < _MOST:
        value, seen = waiting.popleft(), seen + 1
        if isinstance(value, list):
            good = sum(bool(json_text(_usual(item, _TITLES)) and json_text(_usual(item, _LINKS))) for item in value)
            if value and good * 2 > len(value):
                return value
        waiting.extend(_inside(value))
    return []


def _inside(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return [each for each in value.values() if isinstance(each, dict | list)]
    return [each for each in value if isinstance(each, dict | list)] if isinstance(value, list) else []


def _usual(item: Any, names: tuple[str, ...]) -> Any:
    """The value under the first of these names, in an item or in the objects right inside it."""
    fields = list(_fields(item))
    for name in names:
        for key, value in fields:
            if key == name and not isinstance(value, list) and value not in ("", None):
                return value
    ending = _ENDINGS.get(names)
    likely = (value for key, value in fields if ending and ending.search(key) and isinstance(value, str) and value)
    return next(likely, None)


def _fields(item: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(item, dict):
        for inner in (item, *(value for value in item.values() if isinstance(value, dict))):
            yield from ((re.sub(r"[_-]", "", str(key)).lower(), value) for key, value in inner.items())
