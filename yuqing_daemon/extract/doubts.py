"""Times that cannot be when an article was published: they lie ahead, or a template prints them on every page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

AHEAD = timedelta(minutes=10)  # clocks differ by so much
FARTHEST = timedelta(days=1)  # a time that lies farther ahead is not believed
_MANY, _NEARLY_ALL = 4, 0.8
_JUST_NOW = timedelta(minutes=2)


def ahead(at: datetime | None, now: datetime) -> str:
    """What is odd about a time that lies ahead, in words; ``""`` if it does not.

    >>> from datetime import UTC
    >>> now = datetime(2026, 5, 1, 12, tzinfo=UTC)
    >>> ahead(now + timedelta(hours=8), now), ahead(now, now)
    ('its time, 2026-05-01 20:00 UTC, lies ahead; is the timezone right?', '')
    """
    if at is None or at <= now + AHEAD:
        return ""
    return f"its time, {at:%Y-%m-%d %H:%M} UTC, lies ahead; is the timezone right?"


def copied(times: Sequence[tuple[datetime, datetime]]) -> str:
    """What is odd about the times of several pages of one visit, each with when it was fetched; ``""`` if nothing.

    >>> from datetime import UTC
    >>> noon, ten = datetime(2026, 5, 1, 12, tzinfo=UTC), datetime(2026, 5, 1, 10, 7, tzinfo=UTC)
    >>> copied([(ten, noon)] * 4)
    '4 of 4 pages say 2026-05-01 10:07 UTC; is that when they were published? see: time of [source.article]'
    >>> copied([(noon - timedelta(seconds=n), noon) for n in range(4)])
    '4 of 4 pages say that they were published just now; see: time of [source.article]'
    >>> copied([(ten, noon), (noon, noon)])
    ''
    """
    if len(times) < _MANY:
        return ""
    enough = _NEARLY_ALL * len(times)
    now = sum(abs(fetched - at) <= _JUST_NOW for at, fetched in times)
    if now >= enough:
        return f"{now} of {len(times)} pages say that they were published just now{_SEE}"
    clocks = Counter(at for at, _ in times if (at.minute, at.second) != (0, 0))  # a bare day is often the same
    for at, number in clocks.most_common(1):
        if number >= enough:
            when = f"{at:%Y-%m-%d %H:%M} UTC; is that when they were published?"
            return f"{number} of {len(times)} pages say {when}{_SEE[1:]}"
    return ""


_SEE = "; see: time of [source.article]"
