"""How often a feed wants to be asked for: its ttl, its skipHours, its update period, and its Cache-Control."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

_START = 8192
_FEED = re.compile(rb"<(?:rss|feed|rdf:RDF)[\s>]", re.IGNORECASE)
_TTL = re.compile(rb"<ttl>\s*(\d{1,6})\s*</ttl>", re.IGNORECASE)
_SKIPPED = re.compile(rb"<skipHours>(.{0,2000}?)</skipHours>", re.IGNORECASE | re.DOTALL)
_HOUR = re.compile(rb"<hour>\s*(\d{1,2})\s*</hour>", re.IGNORECASE)
_PERIOD = re.compile(rb"<sy:updatePeriod>\s*(hourly|daily|weekly|monthly|yearly)\s*</sy:updatePeriod>", re.IGNORECASE)
_FREQUENCY = re.compile(rb"<sy:updateFrequency>\s*(\d{1,4})\s*</sy:updateFrequency>", re.IGNORECASE)
_MAX_AGE = re.compile(r"(?:^|[,\s])max-age\s*=\s*\"?(\d{1,9})", re.IGNORECASE)
_PERIODS = {b"hourly": 1, b"daily": 24, b"weekly": 168, b"monthly": 720, b"yearly": 8760}


def rest_of(body: bytes, cache_control: str, *, now: datetime) -> timedelta | None:
    """How long a feed asks to be left alone; ``None`` if it does not, or if this is no feed. It may be far too long.

    >>> now = datetime(2026, 5, 1, 12, 30, tzinfo=UTC)
    >>> str(rest_of(b"<rss><channel><ttl>30</ttl>", "", now=now)), str(rest_of(b"<feed>", "max-age=90", now=now))
    ('0:30:00', '0:01:30')
    >>> str(rest_of(b"<rss><skipHours><hour>12</hour><hour>13</hour></skipHours>", "", now=now))
    '1:30:00'
    """
    start = body[:_START]
    if not _FEED.search(start):
        return None
    waits = [timedelta(minutes=int(found[1])) for found in [_TTL.search(start)] if found]
    waits += [timedelta(seconds=int(found[1])) for found in [_MAX_AGE.search(cache_control)] if found]
    if period := _PERIOD.search(start):
        times = _FREQUENCY.search(start)
        waits.append(timedelta(hours=_PERIODS[period[1].lower()]) / max(int(times[1]) if times else 1, 1))
    if skipped := _SKIPPED.search(start):
        waits.append(_until_heard({int(hour) % 24 for hour in _HOUR.findall(skipped[1])}, now))
    return max(waits, default=None)


def _until_heard(skipped: set[int], now: datetime) -> timedelta:
    """Until the next hour, in UTC, that is not skipped; nothing if all of them are."""
    at = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    for hours in range(24):
        if (at.hour + hours) % 24 not in skipped:
            return max(at + timedelta(hours=hours) - now, timedelta(0))
    return timedelta(0)
