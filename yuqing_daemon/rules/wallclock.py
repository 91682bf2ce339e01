"""Whether the wall clock was set: it has to advance as the monotonic clock does."""

from __future__ import annotations

from datetime import datetime, timedelta

TOLERATED = timedelta(seconds=2)  # between two looks: slewing and scheduling do no more


class WallClock:
    """Compares two clocks from look to look.

    >>> from datetime import UTC
    >>> noon = datetime(2026, 1, 1, 12, tzinfo=UTC)
    >>> clock = WallClock(noon, 100.0)
    >>> clock.jump(noon + timedelta(seconds=5), 105.0)
    datetime.timedelta(0)
    >>> clock.jump(noon + timedelta(hours=1, seconds=6), 106.0)
    datetime.timedelta(seconds=3600)
    """

    def __init__(self, wall: datetime, monotonic: float) -> None:
        self._wall, self._monotonic = wall, monotonic

    def jump(self, wall: datetime, monotonic: float) -> timedelta:
        """By how much the wall clock was set since the last look; zero if it was not."""
        passed = timedelta(seconds=monotonic - self._monotonic)
        jump = (wall - self._wall) - passed
        self._wall, self._monotonic = wall, monotonic
        return jump if abs(jump) > TOLERATED else timedelta(0)
