"""A lock that goes to whoever asked for it first, so that a busy thread cannot starve the others."""

from __future__ import annotations

import threading
from types import TracebackType


class Turns:
    """Threads take turns in the order in which they come.

    An ordinary lock goes to any thread that is awake: one that takes it again and again, as the engine does while
    sites pour in, would keep those that send waiting for minutes.
    """

    def __init__(self) -> None:
        self._moved = threading.Condition()
        self._last = 0  # the last number that was given out
        self._now = 0  # how many have had their turn
        self._owner: int | None = None

    def __enter__(self) -> None:
        with self._moved:
            if self._owner == threading.get_ident():
                raise RuntimeError("a transaction within a transaction")
            mine, self._last = self._last, self._last + 1
            self._moved.wait_for(lambda: self._now == mine)
            self._owner = threading.get_ident()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        with self._moved:
            self._owner = None
            self._now += 1
            self._moved.notify_all()
