"""The reports that come by themselves: which of them has come due last (R25)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from .walltime import instant, local


@dataclass(frozen=True, slots=True, kw_only=True)
class Periodicals:
    """To whom the digests go, and at which time of the day; ``None``: that one is not sent.

    The daily one tells of the day before, the weekly one on Mondays of the week before.
    """

    roles: tuple[str, ...] = ()
    daily: time | None = None
    weekly: time | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """One of them: ``daily`` or ``weekly``, the first day it tells of, and when it is due."""

    kind: str
    day: date
    due_at: datetime

    @property
    def purpose(self) -> str:
        """What names it for ever."""
        return f"digest:{self.kind}:{self.day}"


def latest(wanted: Periodicals, *, now: datetime, zone: ZoneInfo) -> tuple[Issue, ...]:
    """The last issue of each that has come due: what was due while the daemon was down is not sent up.

    >>> at_eight = Periodicals(daily=time(8), weekly=time(8))
    >>> monday = datetime.fromisoformat("2026-03-02T00:00:00+00:00")  # 08:00 in Shanghai
    >>> [issue.purpose for issue in latest(at_eight, now=monday, zone=ZoneInfo("Asia/Shanghai"))]
    ['digest:daily:2026-03-01', 'digest:weekly:2026-02-23']
    >>> [issue.purpose for issue in latest(at_eight, now=monday - timedelta(seconds=1), zone=ZoneInfo("Asia/Shanghai"))]
    ['digest:daily:2026-02-28', 'digest:weekly:2026-02-16']
    """
    today = local(now, zone).date()
    monday = today - timedelta(days=today.weekday())
    found = []
    for kind, at, first, length in (
        ("daily", wanted.daily, today, timedelta(days=1)),
        ("weekly", wanted.weekly, monday, timedelta(days=7)),
    ):
        if at is None:
            continue
        due_at = instant(datetime.combine(first, at), zone)
        if due_at > now:
            first -= length
            due_at = instant(datetime.combine(first, at), zone)
        found.append(Issue(kind=kind, day=first - length, due_at=due_at))
    return tuple(found)
