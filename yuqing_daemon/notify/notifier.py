"""One dispatcher hands due deliveries to a small pool of threads a channel.

A slow gateway holds up its own channel only. A sender that never comes back loses its claim when the lease ends.
"""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from ..domain import Answer, Delivery, Outcome
from ..engine import Engine

log = logging.getLogger(__name__)

SENDERS = 4  # at once, on each channel
LOOK_EVERY = timedelta(milliseconds=250)
NO_ANSWER = "its sender failed; see: yuqing plugins list"


class Notifier:
    """Sends what the outbox holds, for as long as it runs."""

    def __init__(self, engine: Engine, now: Callable[[], datetime]) -> None:
        self._engine = engine
        self._now = now
        self._token = secrets.token_hex(8)
        self._pools: dict[str, ThreadPoolExecutor] = {}
        self._busy: dict[str, int] = {}
        self._failing: set[str] = set()
        self._changed = threading.Condition()
        self._stopping = False
        self.last_look_at: datetime | None = None
        self._thread = threading.Thread(target=self._run, name="notify", daemon=True)

    def start(self) -> None:
        """Begin to send, in the background."""
        self._thread.start()

    def stop(self, grace: timedelta) -> bool:
        """Claim nothing more and wait for what is on its way; ``False`` if some of it took longer than ``grace``."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
            ended = self._changed.wait_for(lambda: not any(self._busy.values()), grace.total_seconds())
        for pool in self._pools.values():
            pool.shutdown(wait=False, cancel_futures=True)
        return ended

    def drain(self) -> None:
        """Send everything that is due now, then return: for a command that runs without the daemon."""
        while any(self._dispatch(channel) for channel in self._engine.settings.channels):
            with self._changed:
                self._changed.wait_for(lambda: not any(self._busy.values()))

    def _run(self) -> None:
        while True:
            with self._changed:
                if self._stopping:
                    return
            try:
                for channel in self._engine.settings.channels:
                    self._dispatch(channel)
                self.last_look_at = self._now()
            except Exception:
                log.exception("notify.failed")  # the store is in trouble: the watchdog sees it too
            with self._changed:
                self._changed.wait_for(lambda: self._stopping, LOOK_EVERY.total_seconds())

    def _dispatch(self, channel: str) -> int:
        room = SENDERS - self._busy.get(channel, 0)
        if room <= 0 or not self._engine.has_due(channel, now=self._now()):
            return 0
        claimed = self._engine.claim(channel, token=self._token, now=self._now(), limit=room)
        pool = self._pools.setdefault(channel, ThreadPoolExecutor(SENDERS, thread_name_prefix=f"send-{channel}"))
        for delivery in claimed:
            with self._changed:
                self._busy[channel] = self._busy.get(channel, 0) + 1
            pool.submit(self._send, delivery)
        return len(claimed)

    def _send(self, delivery: Delivery) -> None:
        try:
            outcome = Outcome(answer=Answer.RETRY, detail=NO_ANSWER)
            for _, answer in self._engine.plugins.ask("send", delivery=delivery):
                if isinstance(answer, Outcome):
                    outcome = answer
                    break
            self._engine.record(delivery, outcome, token=self._token, now=self._now())
            self._note(delivery, outcome)
        except Exception:
            log.exception("notify.not_recorded key=%s", delivery.key)  # the lease gives it back
        finally:
            with self._changed:
                self._busy[delivery.channel.id] -= 1
                self._changed.notify_all()

    def _note(self, delivery: Delivery, outcome: Outcome) -> None:
        """A failing channel is logged when it begins to fail, and when it works again."""
        channel = delivery.channel.id
        if outcome.answer is Answer.ACCEPTED:
            log.info("alert.sent event=%s to=%s channel=%s", delivery.event_code, delivery.recipient, channel)
            if channel in self._failing:
                self._failing.discard(channel)
                log.info("channel.works_again channel=%s", channel)
        elif channel not in self._failing:
            self._failing.add(channel)
            log.warning("channel.failing channel=%s answer=%s detail=%s", channel, outcome.answer, outcome.detail)
