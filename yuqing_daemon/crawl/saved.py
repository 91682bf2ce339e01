"""A spider's callback on a saved page, without a network: for the tests of an organisation's spiders."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterable, Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from scrapy import Request, Spider
from scrapy.http import HtmlResponse

from ..domain import Source
from ..extract import decode, registrable_host
from .items import Found, read_item
from .loader import load_file


def saved_posts(
    spider: Path | type[Spider], page: Path, *, url: str, now: datetime, callback: str = "parse", name: str = ""
) -> list[Found]:
    """What the daemon would take from a page: the posts and readings of the items that a spider yields for it.

    Args:
        spider: its class, or the file it stands in; ``name`` says which, if there are several.
        page: the saved page; url: where it is from; now: when it was saved, for times like 3小时前.
        callback: the method that gets it.

    Raises:
        BadItem: an item lacks its URL or title.
        ValueError: the file holds no such spider, or cannot be imported.
    """
    made = (spider if isinstance(spider, type) else _spider(spider, name))()
    text = decode(page.read_bytes())
    response = HtmlResponse(url, body=text.encode("utf-8", "replace"), encoding="utf-8", request=Request(url))
    source = Source(id=made.name, urls=(url,), site=registrable_host(url), spider=made.name)
    items = asyncio.run(_collect(getattr(made, callback)(response)))
    return [read_item(item, source, now) for item in items if not isinstance(item, Request)]


def _spider(file: Path, name: str) -> type[Spider]:
    spiders = load_file(file)
    found = [spider for each, spider in spiders.by_name.items() if name in ("", each)]
    if len(found) != 1:
        there = ", ".join(spiders.by_name) or "none"
        raise ValueError("; ".join([f"{file}: want one spider {name!r}, there are: {there}", *spiders.problems]))
    return found[0]


async def _collect(output: Any) -> list[Any]:
    if inspect.isawaitable(output):
        output = await output
    if isinstance(output, AsyncIterable):
        return [each async for each in output]
    return list(output) if isinstance(output, Iterable) and not isinstance(output, dict) else [output] if output else []
