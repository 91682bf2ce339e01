"""Instants as programs write them, and what a time says of its zone."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from email.utils import parsedate_to_datetime
from zoneinfo import ZoneInfo

_COMPACT = re.compile(
    r"(?P<year>(?:19|20)\d\d)(?P<month>\d\d)(?P<day>\d\d)(?P<hour>\d\d)(?P<minute>\d\d)(?P<second>\d\d)?"
)
_UNIX = re.compile(r"1?\d{9}(?:\d{3})?")
_RFC822 = re.compile(r"[A-Za-z]{3},?\s+\d{1,2}\s+[A-Za-z]{3}\s+\d{2,4}\s|\d{1,2}\s+[A-Za-z]{3}\s+\d{2,4}\s+\d")
_AMERICAN = re.compile(r"\bCST$")  # in a feed of a Chinese site it is China's time, not Chicago's
_HOURS = {"EST": -5, "EDT": -4, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7, "BST": 1, "CEST": 2}
_HOURS |= {"HKT": 8, "SGT": 8, "JST": 9, "KST": 9}
_PLACES = {"ET": "America/New_York", "PT": "America/Los_Angeles"}


def read_instant(text: str, zone: tzinfo) -> datetime | None:
    """A text that is nothing but seconds since 1970, fourteen digits, or a date as in a letter's head; as aware UTC."""
    return _unix(text) or _compact(text, zone) or _rfc822(text)


def offset_of(text: str | None) -> tzinfo | None:
    """The zone that is said behind a time: Z, +08:00, GMT, 北京时间, EST; ``None`` for none."""
    if not text or text == "北京时间":
        return timezone(timedelta(hours=8)) if text else None
    if text.upper() in ("UTC", "GMT"):
        return UTC
    if text.upper() in _HOURS:
        return timezone(timedelta(hours=_HOURS[text.upper()]))
    if text.upper() in _PLACES:
        return ZoneInfo(_PLACES[text.upper()])
    digits = text.upper().removeprefix("UTC").removeprefix("GMT").replace(":", "")
    if digits == "Z":
        return UTC
    span = timedelta(hours=int(digits[1:3]), minutes=int(digits[3:5] or 0))
    return timezone(-span if digits[0] == "-" else span) if span < timedelta(days=1) else None


def _unix(text: str) -> datetime | None:
    if not _UNIX.fullmatch(text):
        return None
    seconds = int(text) / (1000 if len(text) > 10 else 1)
    return datetime.fromtimestamp(seconds, UTC)


def _compact(text: str, zone: tzinfo) -> datetime | None:
    match = _COMPACT.fullmatch(text)
    if not match:
        return None
    try:
        parts = [int(part) for part in match.groups(default="0")]
        return datetime(*parts, tzinfo=zone).astimezone(UTC)  # type: ignore[misc,arg-type]
    except ValueError:
        return None


def _rfc822(text: str) -> datetime | None:
    if not _RFC822.match(text) or _AMERICAN.search(text):
        return None
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, IndexError, TypeError, OverflowError):
        return None
    return at.astimezone(UTC) if at.tzinfo else None
