"""The thread that asks for second opinions: what to ask and what was answered are transactions of the engine, the
asking itself is in none, so nobody waits for it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import datetime

from sqlalchemy.exc import OperationalError

from .domain import Advice
from .engine import Engine

log = logging.getLogger(__name__)

LOOK_EVERY = 5.0  # seconds between two looks, while there is nothing to ask


class Adviser:
    """Asks about one event after the other. Does nothing where no second opinion is configured."""

    def __init__(self, engine: Engine, now: Callable[[], datetime]) -> None:
        self._engine = engine
        self._now = now
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="adviser", daemon=True)

    def start(self) -> None:
        """Begin to ask."""
        self._thread.start()

    def stop(self) -> None:
        """Ask nothing more; what is being asked is left behind, and counts as asked."""
        self._stopping.set()

    def once(self) -> bool:
        """Ask about one event; ``False`` if there was none."""
        engine = self._engine
        consultation = engine.next_consultation(now=self._now())
        if consultation is None:
            return False
        _, advice = next(engine.plugins.ask("advise", consultation=consultation), ("", None))
        given = advice if isinstance(advice, Advice) else Advice(prompt="", error="no plugin answered")
        if self._stopping.is_set():
            return False  # the store may be closed by now
        engine.record_advice(consultation, given, now=self._now())
        return True

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                busy = self._engine.settings.second_opinion is not None and self.once()
            except OperationalError as error:
                log.error("advice.not_kept error=%s", error)  # noqa: TRY400 - one line
                busy = False
            if not busy:
                self._stopping.wait(LOOK_EVERY)
