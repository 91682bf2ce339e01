"""What is watched: sources and topics."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One monitored point (R1): where to look and how.

    ``site`` is what counts once among the mainstream sites (R7): the registrable host unless the
    configuration says that several sources are one site. ``options`` are the spider's own settings, already
    checked by the configuration and safe to send as JSON. ``ignore_robots`` is the written reason, or empty.
    ``render``: its pages are shown in a browser before they are read.
    ``own_worker``: its spider shares its process with no other source's.
    ``adapts``: ``every`` is not written, so it only holds until it is known how much the source brings.
    """

    id: str
    urls: tuple[str, ...]
    name: str = ""
    site: str = ""
    spider: str = "auto"
    mainstream: bool = False
    internal: bool = False
    tags: tuple[str, ...] = ()
    own_worker: bool = False
    render: bool = False
    every: timedelta = timedelta(minutes=5)
    adapts: bool = False
    encoding: str = ""
    timezone: str = "Asia/Shanghai"
    ignore_robots: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """What an organisation wants to hear of: what ``query`` says, any, all and none of the words (docs/topics.md).

    ``variants`` switches ways of writing on, or off behind ``-``; ``context``: near each word one of these must stand;
    ``lists``: the words of the lists it names. ``must_match`` and ``must_not_match`` are examples that prove it.
    ``subject`` names one of the regime's sensitive subjects if everything under this topic concerns it (R6).
    """

    id: str
    name: str = ""
    any: tuple[str, ...] = ()
    all: tuple[str, ...] = ()
    none: tuple[str, ...] = ()
    subject: str = ""
    query: str = ""
    variants: tuple[str, ...] = ()
    context: tuple[str, ...] = ()
    lists: tuple[tuple[str, tuple[str, ...]], ...] = ()
    must_match: tuple[str, ...] = ()
    must_not_match: tuple[str, ...] = ()
