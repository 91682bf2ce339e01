"""From what a clock on the wall shows to the instant that is meant, on every day of every zone."""

from __future__ import annotations

import bisect
import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

_IN_UTC = re.compile(r"(\d\d-\d\d \d\d:\d\d) UTC")


def local(at: datetime, zone: ZoneInfo) -> datetime:
    """What the wall shows at an instant, without a zone, so that it counts in days and hours of the wall."""
    return at.astimezone(zone).replace(tzinfo=None)


def instant(wall: datetime, zone: ZoneInfo, *, not_before: datetime | None = None) -> datetime:
    """The instant at which the wall shows this time, in UTC.

    A time that is shown twice means its first occurrence; one that is never shown means the first instant after
    the gap.

    Args:
        wall: without a zone.
        not_before: a time shown twice means its second occurrence if the first is earlier than this; no answer is
            ever earlier than this.

    >>> new_york = ZoneInfo("America/New_York")
    >>> str(instant(datetime(2026, 3, 8, 2, 30), new_york))  # at 02:00 it is 03:00
    '2026-03-08 07:00:00+00:00'
    >>> str(instant(datetime(2026, 11, 1, 1, 30), new_york))  # at 02:00 it is 01:00 again
    '2026-11-01 05:30:00+00:00'
    """
    first, second = (wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if local(first, zone) != wall:
        first = second = _end_of_gap(wall, zone, second)
    if not_before is None or first >= not_before:
        return first
    return max(second, not_before.astimezone(UTC))


def retold(reason: str, near: datetime, zone: ZoneInfo) -> str:
    """A reason of the machine's, whose instants stand in UTC, with what the wall shows; all lie near that one.

    >>> retold("reads up to 03-01 23:30 UTC", datetime(2026, 3, 2, tzinfo=UTC), ZoneInfo("Asia/Shanghai"))
    'reads up to 03-02 07:30'
    """

    def shown(found: re.Match[str]) -> str:
        at = datetime.strptime(f"{near.year} {found[1]} +0000", "%Y %m-%d %H:%M %z")
        return f"{at.astimezone(zone):%m-%d %H:%M}"

    return _IN_UTC.sub(shown, reason)


def _end_of_gap(wall: datetime, zone: ZoneInfo, before: datetime) -> datetime:
    """The first instant that shows a later time than ``wall``; ``before`` is one that shows an earlier time."""
    start = before.replace(microsecond=0)
    seconds = range(int(timedelta(days=2).total_seconds()))  # the longest gap ever was a day
    passed = bisect.bisect_left(seconds, True, key=lambda n: local(start + timedelta(seconds=n), zone) > wall)
    return start + timedelta(seconds=passed)
