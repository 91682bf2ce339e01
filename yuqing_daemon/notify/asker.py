"""Asks providers what became of what they took, for those who cannot or do not call back.

Asked soon after it was accepted, then more and more rarely, for a day. When that was is kept in memory alone: after a
restart a provider is asked once more, which changes nothing.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from ..domain import Delivery, Signal
from ..engine import Engine

log = logging.getLogger(__name__)

LOOK_EVERY = timedelta(seconds=20)
FIRST, GROWS = timedelta(minutes=1), 3  # after it was accepted; each wait is three times the one before


class Asker:
    """Asks, one delivery after the other, for as long as it runs."""

    def __init__(self, engine: Engine, now: Callable[[], datetime]) -> None:
        self._engine = engine
        self._now = now
        self._next: dict[int, tuple[datetime, timedelta]] = {}  # delivery -> when it is asked about, and the wait then
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="receipts", daemon=True)

    def start(self) -> None:
        """Begin to ask, in the background."""
        self._thread.start()

    def stop(self) -> None:
        """Ask nothing more; an answer that is under way is not waited for."""
        self._stopping.set()

    def look(self) -> int:
        """Ask about everything that is due; returns how many answers there were."""
        waiting = {delivery.id: delivery for delivery in self._engine.unreceipted(now=self._now())}
        self._next = {id: due for id, due in self._next.items() if id in waiting}
        return sum(self._ask(delivery) for delivery in waiting.values() if self._is_due(delivery.id))

    def _is_due(self, id: int) -> bool:
        now = self._now()
        at, wait = self._next.setdefault(id, (now + FIRST, FIRST))
        if at > now or self._stopping.is_set():
            return False
        self._next[id] = (now + GROWS * wait, GROWS * wait)
        return True

    def _ask(self, delivery: Delivery) -> bool:
        for _, signal in self._engine.plugins.ask("look_up", delivery=delivery):
            if isinstance(signal, Signal):
                self._engine.told(delivery.channel.id, signal, now=self._now())
                return True
        return False

    def _run(self) -> None:
        in_trouble = False
        while not self._stopping.wait(LOOK_EVERY.total_seconds()):
            try:
                self.look()
            except Exception:
                if not in_trouble:
                    log.exception("receipts.failed")
                in_trouble = True
            else:
                in_trouble = False
