"""Counters from a site's small JSON addresses: one little answer instead of a page."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import quote

from .counters import parse_count
from .pointers import json_text, load_json, resolve_pointer
from .select import only

_COUNTERS = ("reads", "comments", "reposts", "hot")
_LAST_NUMBER = r"(\d+)(?!.*\d)"


def metrics_url(table: Mapping[str, str], url: str) -> str:
    """Where a post's counters are, by the source's ``metrics`` table; empty if the post's URL shows no id.

    >>> metrics_url({"url": "https://example.cn/count?id={id}"}, "https://example.cn/2026/0501/c77.html")
    'https://example.cn/count?id=77'
    >>> metrics_url({"url": "https://example.cn/{id}", "id": "/a/([a-z]+)"}, "https://example.cn/7")
    ''
    """
    id = only(url, table.get("id") or _LAST_NUMBER)
    return table["url"].replace("{id}", quote(id, safe="")) if id and table.get("url") else ""


def read_metrics(body: bytes, table: Mapping[str, str]) -> dict[str, int | None]:
    """The counters of an answer by the pointers of a ``metrics`` table; ``None`` where it does not say one (R2).

    A count below zero is how some sites say that they do not know. Raises: ValueError for a bad pointer.

    >>> read_metrics('{"views": "1.2万", "likes": -1}'.encode(), {"reads": "/views", "comments": "/n", "hot": "/likes"})
    {'reads': 12000, 'comments': None, 'hot': None}
    """
    data = load_json(body)
    said = {name: json_text(resolve_pointer(data, table[name])) for name in _COUNTERS if table.get(name)}
    return {name: None if re.match(r"\s*-", text) else parse_count(text) for name, text in said.items()}
