"""The wall clock: the one place where the daemon and its commands read it. Everything below is told what time it is."""

from __future__ import annotations

from datetime import UTC, datetime


def utc_now() -> datetime:
    """The instant it is."""
    return datetime.now(UTC)
