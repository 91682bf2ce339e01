"""One dispatcher hands due deliveries to a few threads a channel.

A slow gateway holds up its own channel only. A sender that never comes back loses its claim when the lease ends, and
its place to another thread; it cannot keep the daemon from stopping either.
"""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy.exc import OperationalError

from ..domain import Answer, Delivery, Outcome
from ..engine import Engine
from ..engine.sending import LEASE

log = logging.getLogger(__name__)

SENDERS = 4  # at once, on each channel
SPARE = 2  # more, for the first words of extraordinary events alone
LOOK_EVERY = timedelta(milliseconds=250)
GATHER = timedelta(milliseconds=40)  # between two looks: one serves all senders that came back meanwhile
RECORD_AGAIN_AFTER = timedelta(seconds=1)
Ended = Callable[[Delivery, Outcome, timedelta], None]  # an attempt, what came of it, and how long it took
NO_ANSWER = "its sender failed; see: yuqing plugins list"


class Notifier:
    """Sends what the outbox holds, for as long as it runs. ``ended`` hears of every attempt, from its thread."""

    def __init__(self, engine: Engine, now: Callable[[], datetime], *, ended: Ended = lambda *_: None) -> None:
        self._engine = engine
        self._now = now
        self._ended = ended
        self._token = secrets.token_hex(8)
        self._sending: dict[threading.Thread, tuple[str, datetime]] = {}  # channel, and since when
        self._failing: set[str] = set()
        self._in_trouble = False
        self._changed = threading.Condition()
        self._stopping = False
        self._has_room = False  # a sender came back since the last look
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
        if self._thread.is_alive():
            self._thread.join()
        with self._changed:
            return self._changed.wait_for(lambda: not self._sending, grace.total_seconds())

    def clock_jumped(self, by: timedelta) -> None:
        """The wall clock was set: what is on its way has the time that it had."""
        with self._changed:
            self._sending = {thread: (channel, since + by) for thread, (channel, since) in self._sending.items()}
            if self.last_look_at is not None:
                self.last_look_at += by

    def drain(self) -> None:
        """Send everything that is due now, then return: for a command that runs without the daemon."""
        while any(self._dispatch(channel) for channel in self._engine.settings.channels):
            with self._changed:
                self._changed.wait_for(lambda: not self._sending)

    def _run(self) -> None:
        while True:
            with self._changed:
                if self._stopping:
                    return
                self._has_room = False
            self._look()
            with self._changed:
                self._changed.wait_for(lambda: self._stopping or self._has_room, LOOK_EVERY.total_seconds())
                self._changed.wait_for(lambda: self._stopping, GATHER.total_seconds())

    def _look(self) -> None:
        try:
            for channel in self._engine.settings.channels:
                self._dispatch(channel)
        except OperationalError:  # the store's trouble, which ends by itself: to start anew would not mend it
            self.last_look_at = self._now()
        except Exception:
            if not self._in_trouble:  # the watchdog sees it too, for the last look is getting old
                log.exception("notify.failed")
            self._in_trouble = True
        else:
            self._in_trouble = False
            self.last_look_at = self._now()

    def _dispatch(self, channel: str) -> int:
        room, urgent = SENDERS - self._busy(channel), False
        if room <= 0:
            room, urgent = room + SPARE, True
        if room <= 0 or not self._engine.has_due(channel, now=self._now(), urgent=urgent):
            return 0
        claimed = self._engine.claim(channel, token=self._token, now=self._now(), limit=room, urgent=urgent)
        for delivery in claimed:
            # Not a pool: its threads could not be left behind when the daemon ends.
            thread = threading.Thread(target=self._send, args=(delivery,), name=f"send-{channel}", daemon=True)
            with self._changed:
                self._sending[thread] = (channel, self._now())
            thread.start()
        return len(claimed)

    def _busy(self, channel: str) -> int:
        """How many senders a channel has on their way; one that has outlived its claim is not waited for."""
        with self._changed:
            return sum(own == channel and self._now() - since < LEASE for own, since in self._sending.values())

    def _send(self, delivery: Delivery) -> None:
        try:
            began = time.monotonic()
            outcome = Outcome(answer=Answer.RETRY, detail=NO_ANSWER)
            for _, answer in self._engine.plugins.ask("send", delivery=delivery):
                if isinstance(answer, Outcome):
                    outcome = answer
                    break
            took = timedelta(seconds=time.monotonic() - began)
            self._record(delivery, outcome)
            self._ended(delivery, outcome, took)
            self._note(delivery, outcome)
        except Exception:
            log.exception("notify.not_recorded key=%s", delivery.key)  # the lease gives it back
        finally:
            with self._changed:
                del self._sending[threading.current_thread()]
                self._has_room = True
                self._changed.notify_all()

    def _record(self, delivery: Delivery, outcome: Outcome) -> None:
        """Keep what came of it. While the store takes no writes (a full disk) this waits, so as not to send twice."""
        while True:
            try:
                self._engine.record(delivery, outcome, token=self._token, now=self._now())
            except OperationalError:
                with self._changed:
                    if self._changed.wait_for(lambda: self._stopping, RECORD_AGAIN_AFTER.total_seconds()):
                        raise
            else:
                return

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
