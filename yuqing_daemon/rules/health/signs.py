"""What a crawl notices beside what it reads: the worker's part of knowing that we are deaf."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

COUNTERS = ("reads", "comments", "reposts", "hot")


class Trouble(StrEnum):
    """What kept a visit from going well, as far as the crawl itself can tell."""

    NONE = ""
    IDLE = "idle"  # the spider made no request
    SPIDER = "spider"  # its code raised, or it was stopped
    CHANGED = "changed"  # the address answers with something else than what it is declared to be
    GATE = "gate"  # a login page, as the source's own pattern tells
    ROBOTS = "robots"  # robots.txt says no
    REFUSED = "refused"  # the site answered, and not with the page
    NETWORK = "network"  # nobody answered


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """A page that was read well before, fetched and read again because the source is under suspicion.

    ``chars`` is ``None`` if the page did not come: then it tells nothing. ``counters`` are those that were found.
    """

    url: str
    title: str = ""
    chars: int | None = None
    published_at: datetime | None = None
    counters: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Signs:
    """What one visit noticed.

    Args:
        trouble: the first thing that went wrong.
        lists: list pages that came in full; one that is as it was before is not among them.
        items: what the spider yielded.
        list_bytes: the size of the largest list page; 0 if none came in full.
        host: the registrable host it really came from, if that is not the one that was asked.
        gate: what about a list page, or several articles, looks like a login or a captcha; ``""``: nothing.
        same: pages of different addresses with the very same bytes, if they are most of those that came.
        looked: pages that were looked at for counters.
        counted: how many of these showed each counter.
        rows: entries of lists that were looked at for counters.
        rows_counted: how many of these showed each counter.
        probes: pages fetched again to see whether they still read as before.
    """

    trouble: Trouble = Trouble.NONE
    lists: int = 0
    items: int = 0
    list_bytes: int = 0
    host: str = ""
    gate: str = ""
    same: int = 0
    looked: int = 0
    counted: Mapping[str, int] = field(default_factory=dict)
    rows: int = 0
    rows_counted: Mapping[str, int] = field(default_factory=dict)
    probes: tuple[Probe, ...] = ()
