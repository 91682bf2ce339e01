"""The clock of the story: it runs with the wall clock, and waits at the end of each act until it may go on.

So every level is really seen, however slow the machine is: the story never runs away from the daemon.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

BEFORE = -1.0  # the instant at which everything stands before the story begins


class StoryClock:
    """Seconds of the story. Read from several threads.

    >>> wall = iter([0.0, 0.0, 3.0, 60.0, 61.0])
    >>> clock = StoryClock(now=lambda: next(wall))
    >>> clock.allow(10)
    >>> clock.read(), clock.read(), clock.read()
    (2.0, 10, 10)
    """

    def __init__(self, *, now: Callable[[], float], pace: float = 1.0) -> None:
        self._now = now
        self._pace = pace
        self._lock = threading.Lock()
        self._t = self._limit = BEFORE
        self._looked_at = now()

    def read(self) -> float:
        """The instant of the story."""
        with self._lock:
            now = self._now()
            self._t = min(self._limit, self._t + (now - self._looked_at) * self._pace)
            self._looked_at = now
            return self._t

    def allow(self, until: float) -> None:
        """Let it run up to an instant. Time it has waited is not made up for."""
        self.read()
        with self._lock:
            self._limit = until
