"""Whether nobody answers us: then it is our own network that is down, and no site is to blame."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """How a visit ended as far as the network goes: whether anybody answered, with whatever page."""

    host: str
    started_at: datetime
    answered: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """A time in which our own network was down: from the first visit without an answer."""

    since: datetime
    hosts: tuple[str, ...]


def is_down(newest_first: Iterable[Answered], *, hosts: int) -> Outage | None:
    """Whether so many hosts in a row did not answer, and none did since.

    >>> from datetime import UTC
    >>> at = datetime(2026, 3, 2, tzinfo=UTC)
    >>> silent = [Answered(host=name, started_at=at, answered=False) for name in ("a.cn", "b.cn")]
    >>> is_down(silent, hosts=2).hosts, is_down(silent, hosts=3)
    (('a.cn', 'b.cn'), None)
    """
    mute: dict[str, datetime] = {}
    for visit in newest_first:
        if visit.answered:
            break
        mute[visit.host] = visit.started_at
    if len(mute) < hosts:
        return None
    return Outage(since=min(mute.values()), hosts=tuple(sorted(mute)))
