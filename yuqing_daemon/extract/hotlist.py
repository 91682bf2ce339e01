"""Hot lists: the JSON in which sites publish what is talked about most."""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from .counters import parse_count
from .decode import decode
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
)
_TEXTS = ("desc", "description", "excerpt", "summary", "abstract", "digest", "content")
_CALLBACK = re.compile(r"^\s*[\w.$]+\s*\(\s*([\[{].*[\]}])\s*\)\s*;?\s*$", re.DOTALL)
_MOST = 50_000


@dataclass(frozen=True, slots=True)
class HotItem:
    """One entry: ``rank`` counts from 1, ``hot`` is the site's own value and no number of readers."""

    url: str
    title: str
    text: str
    hot: int | None
    rank: int


def read_hotlist(
    body: bytes, *, url: str, items: str = "", title: str = "", link: str = "", hot: str = "", text: str = ""
) -> list[HotItem]:
    """Read a hot list. Each pointer is RFC 6901, ``items`` from the top, the others from one item.

    Without ``items`` the first list of objects that have a title and a URL is taken; without the others the usual
    names are looked for. Entries without a title or an http(s) URL are left out. Raises: ValueError for a pointer that
    does not start with a slash.
    """
    for pointer in (items, title, link, hot, text):
        _tokens(pointer)
    data = _load(body)
    listed = _at(data, items) if items else _first_list(data)
    found = []
    for rank, item in enumerate(listed if isinstance(listed, list) else [], start=1):
        address = canonical_url(_as_text(_at(item, link) if link else _usual(item, _LINKS)), url)
        name = _as_text(_at(item, title) if title else _usual(item, _TITLES))
        if address and name:
            more = _as_text(_at(item, text) if text else _usual(item, _TEXTS))
            heat = parse_count(_as_text(_at(item, hot) if hot else _usual(item, _HOTS)))
            found.append(HotItem(address, name, more, heat, rank))
    return found


def resolve_pointer(data: Any, pointer: str) -> Any:
    """What a JSON pointer (RFC 6901) leads to, or ``None``.

    >>> resolve_pointer({"data": [{"a/b": 7}]}, "/data/0/a~1b")
    7
    """
    return _at(data, pointer)


def _tokens(pointer: str) -> list[str]:
    if pointer and not pointer.startswith("/"):
        raise ValueError(f"not a JSON pointer: {pointer!r}: want it to start with /")
    return [token.replace("~1", "/").replace("~0", "~") for token in pointer.split("/")[1:]]


def _at(data: Any, pointer: str) -> Any:
    for token in _tokens(pointer):
        if isinstance(data, list):
            data = data[int(token)] if token.isdecimal() and int(token) < len(data) else None
        elif isinstance(data, dict):
            data = data.get(token)
        else:
            return None
    return data


def _load(body: bytes) -> Any:
    text = decode(body)
    wrapped = _CALLBACK.match(text)
    try:
        return json.loads(wrapped[1] if wrapped else text)
    except (ValueError, RecursionError):
        return None


def _first_list(data: Any) -> list[Any]:
    """The first list, level by level, most of whose entries have a title and a URL."""
    waiting, seen = deque([data]), 0
    while waiting and seen < _MOST:
        value, seen = waiting.popleft(), seen + 1
        if isinstance(value, list):
            good = sum(bool(_as_text(_usual(item, _TITLES)) and _as_text(_usual(item, _LINKS))) for item in value)
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
    return None


def _fields(item: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(item, dict):
        for inner in (item, *(value for value in item.values() if isinstance(value, dict))):
            yield from ((re.sub(r"[_-]", "", str(key)).lower(), value) for key, value in inner.items())


def _as_text(value: Any) -> str:
    if isinstance(value, dict):
        value = value.get("text") or value.get("url") or ""
    return "" if value is None or isinstance(value, bool | list | dict) else " ".join(str(value).split())
