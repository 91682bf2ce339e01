"""What the daemon does while its store takes no writes, or its disk runs out of room.

What was promised comes first: crawling stops, the ballast is given up so that notices can still be recorded, and the
operators hear of it once, past the outbox. Everything goes on by itself when there is room, and they hear of that too.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy.exc import OperationalError, SQLAlchemyError

from .domain import DeliveryState
from .engine import Engine
from .errors import StoreError
from .notify import emergency
from .store import Store, gauges, outbox
from .store.ballast import Ballast

log = logging.getLogger(__name__)

PAUSE = timedelta(seconds=30)  # no crawling while what it finds cannot be stored
WELL_AFTER = timedelta(minutes=10)  # without a failure: sooner, a store that fails now and then would be told each time
UNSENT_AFTER = timedelta(seconds=60)  # what was due so long ago should be gone
TELL_AGAIN_AFTER = timedelta(minutes=1)  # if no channel took it
SUBJECT = "the daemon cannot write to its database"
TEXT = """{error}

State directory: {state}. Nothing new is crawled; the reserve of the disk was given up for what has been promised.
Make room, or mend the disk: the daemon goes on by itself, with nothing lost. See: yuqing status

This message is sent once, and is in no record."""


class Outage:
    """Lets things write, and knows how it went. ``now`` is the wall clock."""

    def __init__(self, engine: Engine, now: Callable[[], datetime]) -> None:
        self._engine, self._now = engine, now
        self._ballast = Ballast(engine.settings.state)
        self._alarmed_at = self._ballast.told_at
        self._failed_at = self._alarmed_at and now()  # a new start alone does not show that it is over
        self._times_given_up = 0
        self._over = threading.Event()
        self._lock = threading.Lock()
        self.error = ""  # why the store takes no writes
        self.shortage = ""  # why nothing is crawled, although it does
        self.paused_until: datetime | None = None
        engine.store.when_refused = self.refused

    def refused(self, error: OperationalError) -> None:
        """The store would not write; whoever tried hears of it as well."""
        with self._lock:
            now = self._now()
            if not self.error:
                log.error("store.failed pause=%s error=%s", PAUSE, error.orig)
            self.error, self.paused_until, self._failed_at = str(error.orig), now + PAUSE, now
            if _is_locked(error):
                return
            if self._ballast.give_up():
                self._times_given_up += 1
                log.warning("store.ballast_given_up")
            if self._alarmed_at is None:
                self._alarmed_at = now
                threading.Thread(target=self._tell, args=(self.error, now), name="emergency", daemon=True).start()

    def write(self, action: Callable[[], None], *, proves: bool = True) -> bool:
        """Do something that writes, with the room of the ballast if it must be; ``False`` if it could not be done.

        ``proves``: it writes in any case, so its success shows that the store works.
        """
        before = self._times_given_up
        try:
            try:
                action()
            except OperationalError as error:
                self.refused(error)
                if self._times_given_up == before:
                    raise
                action()
        except OperationalError as error:
            self.refused(error)
            return False
        if proves and self.error:
            self.error = ""
            log.info("store.works_again")
        return True

    def may_crawl(self) -> bool:
        """Whether the disk has room for what a crawl may find; what is left is for sending what was promised."""
        was, self.shortage = self.shortage, self._ballast.lacks(self._engine.settings.ballast)
        if self.shortage and not was:
            now = self._now()
            log.error("disk.short %s", self.shortage)
            told = (f"ops:disk:{now:%Y%m%dT%H}", "the disk is almost full", f"{self.shortage}, so nothing is crawled.")
            if self._alarmed_at is None:
                self.write(lambda: self._engine.tell_operators(*told, now=now), proves=False)
        return not self.shortage

    def settle(self, *, now: datetime) -> None:
        """Once all has been well for a while: make the ballast, and tell the operators if they had been alarmed."""
        size = self._engine.settings.ballast
        is_well = self._failed_at is None or now - self._failed_at >= WELL_AFTER
        if self.error or not is_well or self._ballast.lacks(size):
            return
        since, is_made = self._alarmed_at, self._ballast.make(size)
        if since is None or not is_made:
            return
        text = f"It took none at {since:%Y-%m-%d %H:%M:%S} UTC, of which you were told. Nothing promised was lost."
        told = (f"ops:store-again:{since:%Y%m%dT%H%M%S}", "the database takes writes again", text)
        if self.write(lambda: self._engine.tell_operators(*told, now=now)):
            self._ballast.forget_told()
            self._alarmed_at = None

    def unsent(self, *, now: datetime) -> dict[str, str]:
        """What is wrong with the outbox: it cannot be read, or what is due is not sent."""
        try:
            with self._engine.store.read() as connection:
                oldest = gauges.oldest_due_at(connection, now=now)
                holds = outbox.holds(connection, now=now)
        except SQLAlchemyError as error:
            return {"store": f"cannot be read: {getattr(error, 'orig', None) or error}"}
        if oldest is None or now - oldest < UNSENT_AFTER:
            return {}
        held = "".join(f"; channel {channel} is on hold: {why}" for channel, why in sorted(holds.items()))
        return {"outbox": f"a notice that was due at {oldest:%FT%TZ} has not been sent{held}"}

    def remarks(self) -> dict[str, str]:
        """What is no reason to be unwell, but has to be looked at."""
        try:
            with self._engine.store.read() as connection:
                dead = outbox.counts(connection).get(DeliveryState.DEAD.value, 0)
        except SQLAlchemyError:
            return {}  # ``unsent`` tells of it
        return {"dead_letters": f"{dead}; see: yuqing deliveries --dead"} if dead else {}

    def close(self) -> None:
        """Tell nobody any more: the daemon ends."""
        self._over.set()
        self._engine.store.when_refused = None

    def _tell(self, error: str, at: datetime) -> None:
        purpose, text = f"store:{at:%Y%m%dT%H%M%S}", TEXT.format(error=error, state=self._engine.settings.state)
        while not (took := emergency.tell(self._engine, purpose, SUBJECT, text, now=self._now())):
            log.error("store.nobody_told")
            if self._over.wait(TELL_AGAIN_AFTER.total_seconds()) or self._alarmed_at != at:
                return
        log.warning("store.operators_told %s", ", ".join(took))
        self._ballast.mark_told()


def _is_locked(error: OperationalError) -> bool:
    """Whether somebody else was only writing for too long."""
    code = getattr(error.orig, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
    return code & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def open_store(state: Path) -> Store:
    """Open the database of a state directory, with the room of the ballast if it must be; raises ``StoreError``."""
    try:
        return Store.open(state)
    except StoreError as error:
        if not isinstance(error.__cause__, OperationalError) or not Ballast(state).give_up():
            raise
        return Store.open(state)
