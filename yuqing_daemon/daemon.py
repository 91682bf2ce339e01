"""The daemon: starts and watches the engine, the crawl workers, the notifier and the web, until it is told to stop.

The engine has one thread, and everything that changes the store for crawling or for time goes through it. Signal
handlers only set a flag; the loop acts on it. Being killed at any moment is a normal way to end.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import time
import traceback
from collections import deque
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any, TypeVar

from . import heartbeat, systemd
from .advising import Adviser
from .backtest import keep_live
from .bus import Bus, Job, Lost, Result
from .clock import utc_now
from .config import Settings
from .control import ControlServer, perform
from .crawlers import check_bus, choose_bus, local_node, worker_settings
from .engine import Engine, careful
from .errors import ConfigError, RequestError
from .extract import registrable_host
from .metrics import Metrics
from .notify import Asker, Notifier
from .outage import Outage, open_store
from .plugins import Plugins
from .reports.periodicals import send_due
from .rules import drill
from .rules.wallclock import WallClock
from .store import secret_key
from .web import WebServer, make_app

log = logging.getLogger(__name__)
T = TypeVar("T")

LOOK_EVERY = 0.25  # seconds between two looks at what is due
TAKEN_TOGETHER = 16  # results at a time
HOUSEKEEPING_EVERY = timedelta(minutes=1)
WATCHDOG_EVERY = timedelta(seconds=20)
UNWELL_AFTER = timedelta(seconds=60)  # without a tick
STORE_AGAIN_AFTER = timedelta(seconds=1)  # what came back from a crawl is kept until it can be stored
CRAWL_GRACE, SEND_GRACE = timedelta(seconds=8), timedelta(seconds=30)  # within the unit's TimeoutStopSec


class Daemon:
    """One running daemon. ``read_settings`` reads the configuration again; ``crawls``: even if others can."""

    def __init__(
        self,
        settings: Settings,
        plugins: Plugins,
        read_settings: Callable[[], Settings],
        *,
        others: bool = True,
        crawls: bool = True,
    ) -> None:
        self._crawls = crawls
        self._read_settings = read_settings
        self._others = others
        self._store = open_store(settings.state)
        self.engine = Engine(self._store, settings, plugins, secret=secret_key(settings.state))
        self._outage = Outage(self.engine, utc_now)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="engine")
        self._metrics = Metrics(self._store, now=utc_now, config_is_good=lambda: not self._config_error)
        self._notifier = Notifier(self.engine, utc_now, ended=self._metrics.sent)
        self._asker = Asker(self.engine, utc_now)
        self._web = WebServer(
            make_app(
                self.engine,
                now=utc_now,
                health=self.health,
                remarks=self._outage.remarks,
                metrics=self._metrics.text,
            ),
            host=settings.web.host,
            port=settings.web.port,
        )
        self._adviser = Adviser(self.engine, utc_now)
        self._control = ControlServer(settings.state, self.perform)
        self._stop = asyncio.Event()
        self._reload = asyncio.Event()  # SIGHUP came
        self._renew = asyncio.Event()  # the configuration has changed: the workers have to be new ones
        self._running: dict[str, Job] = {}
        self._errands: deque[Job] = deque()  # crawls that are due at once
        self._is_held_up = False  # with what came back from a crawl
        self._ticked_at = self._crawlers_seen_at = utc_now()
        self._config_error = ""
        self._loop: asyncio.AbstractEventLoop | None = None
        self._bus: Bus | None = None

    # -- running --------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Run until SIGTERM or SIGINT, then drain and stop."""
        self._loop = asyncio.get_running_loop()
        for name in (signal.SIGTERM, signal.SIGINT):
            self._loop.add_signal_handler(name, self._stop.set)
        self._loop.add_signal_handler(signal.SIGHUP, self._reload.set)
        await check_bus(self.engine.settings)
        for shows in (self._web, self._control):
            shows.start()
        while not await self._in_engine(self._begin):
            systemd.notify("EXTEND_TIMEOUT_USEC=60000000", "STATUS=waiting until the database can be written")
            if await self._stopped_within(STORE_AGAIN_AFTER):
                return await self._end()
        await asyncio.to_thread(keep_live, self.engine.settings)
        for part in (self._notifier, self._asker, self._adviser):
            part.start()
        await self._in_engine(self._fire_due)  # ready is who has looked at what is overdue
        log.info("daemon.started sources=%d web=%s", len(self.engine.settings.sources), self.engine.settings.web.port)
        systemd.notify("READY=1")
        tending = asyncio.create_task(self._tend())
        aside = [
            asyncio.create_task(self._issue_digests()),
            asyncio.create_task(heartbeat.beat(lambda: self.engine.settings.heartbeat, self.health)),
        ]
        try:
            while not self._stop.is_set():
                async with local_node(self.engine.settings, others=self._others, wanted=self._crawls):
                    await self._crawl_until_told(tending)
        finally:
            for task in (tending, *aside):
                task.cancel()
            await asyncio.gather(tending, *aside, return_exceptions=True)
            await self._end()

    async def _end(self) -> None:
        self._asker.stop()
        sent = await asyncio.to_thread(self._notifier.stop, SEND_GRACE)
        self._control.stop()
        self._adviser.stop()
        self._web.stop()
        self._outage.close()
        self._thread.shutdown()
        self._store.close()
        log.info("daemon.stopped on_its_way=%s", "nothing" if sent else "something, it will be sent again")

    async def _crawl_until_told(self, tending: asyncio.Task[None]) -> None:
        """Run the crawl workers until a stop or a reload; a reload starts fresh ones, so changed spiders count."""
        settings = self.engine.settings
        self._bus = bus = choose_bus(settings, worker_settings(settings, self.engine.plugins, others=self._others))
        await bus.start()
        collecting = asyncio.create_task(self._collect(bus))
        while not (self._stop.is_set() or self._renew.is_set()):
            await self._feed(bus)
            await self._stopped_within(timedelta(seconds=LOOK_EVERY))
            _raise_if_ended(tending, collecting)
            if self._reload.is_set():
                self._reload.clear()
                await self._read_again(by="SIGHUP")
        if self._stop.is_set():
            systemd.notify("STOPPING=1")
        await bus.stop(CRAWL_GRACE)
        while self._running:  # every job comes back, as a result or as lost
            _raise_if_ended(collecting)
            await asyncio.sleep(0.01)
        collecting.cancel()
        await asyncio.gather(collecting, return_exceptions=True)
        self._renew.clear()

    async def _feed(self, bus: Bus) -> None:
        if bus.capacity:
            self._crawlers_seen_at = utc_now()
        if self._outage.paused_until and utc_now() < self._outage.paused_until:
            return
        room = bus.capacity - len(self._running)
        while room > 0 and self._errands:
            await self._put(bus, self._errands.popleft())
            room -= 1
        busy = {job.host for job in self._running.values()}
        for job in await self._in_engine(self._jobs, busy=busy, room=room) if room > 0 else ():
            await self._put(bus, job)

    async def _put(self, bus: Bus, job: Job) -> None:
        self._running[job.id] = job
        await bus.put(job)

    async def _collect(self, bus: Bus) -> None:
        told: tuple[str, ...] = ()
        while True:
            items = [await bus.get(), *bus.also(TAKEN_TOGETHER - 1)]
            if bus.problems != told:
                told = bus.problems
                for problem in told:
                    log.error("spider.broken %s", problem)
            for group in careful.together(items):
                await self._take_in(group)

    async def _take_in(self, items: Sequence[Result | Lost]) -> None:
        for item in items:
            self._metrics.crawled(item)
        while not await self._in_engine(self._take, items):  # a site may not show it a second time
            self._is_held_up = True
            if await self._stopped_within(STORE_AGAIN_AFTER):
                break
        self._is_held_up = False
        for item in items:
            self._running.pop(item.job, None)

    async def _stopped_within(self, span: timedelta) -> bool:
        """Wait, but not beyond the word to stop."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stop.wait(), span.total_seconds())
        return self._stop.is_set()

    async def _tend(self) -> None:
        """What time brings, several times a second."""
        swept_at = pinged_at = utc_now()
        clock = WallClock(utc_now(), time.monotonic())
        while True:
            jump = clock.jump(utc_now(), time.monotonic())
            if jump:
                log.warning("clock.jumped seconds=%.1f", jump.total_seconds())
                swept_at, pinged_at, self._ticked_at = swept_at + jump, pinged_at + jump, self._ticked_at + jump
                self._crawlers_seen_at += jump
                await self._in_engine(self._jumped, jump)
            await self._in_engine(self._fire_due)
            now = utc_now()
            if now - swept_at > HOUSEKEEPING_EVERY:
                swept_at = now
                await self._in_engine(self._sweep)
            if now - pinged_at > WATCHDOG_EVERY and not self._stuck():
                pinged_at = now
                systemd.notify("WATCHDOG=1")
            await asyncio.sleep(LOOK_EVERY)

    async def _issue_digests(self) -> None:
        """A digest reads the whole record, so nothing else waits for it."""
        while True:
            await asyncio.to_thread(self._send_digests, now=utc_now())
            await asyncio.sleep(HOUSEKEEPING_EVERY.total_seconds())

    async def _in_engine(self, action: Callable[..., T], *args: object, **named: object) -> T:
        """Do something in the engine's thread, at the instant at which it begins there."""
        assert self._loop is not None
        return await self._loop.run_in_executor(self._thread, lambda: action(*args, **named, now=utc_now()))

    # -- in the engine's thread -----------------------------------------------------------------------

    def _begin(self, *, now: datetime) -> bool:
        has_begun = self._outage.write(lambda: self.engine.begin(now=now))
        self._outage.settle(now=now)
        return has_begun

    def _jobs(self, *, busy: Collection[str], room: int, now: datetime) -> list[Job]:
        found: list[Job] = []
        if self._outage.may_crawl():
            self._outage.write(lambda: found.extend(self.engine.jobs(now=now, busy=busy, room=room)), proves=False)
        return found

    def _take(self, items: Sequence[Result | Lost], *, now: datetime) -> bool:
        if items[0].source == drill.SOURCE:
            return self._outage.write(lambda: careful.take_drill(self.engine, items[0], clock=utc_now, now=now))
        return self._outage.write(lambda: careful.take_all(self.engine, items, now=now))

    def _fire_due(self, *, now: datetime) -> None:
        self._outage.write(lambda: self._metrics.fired(careful.fire_due(self.engine, now=now)), proves=False)
        self._ticked_at = now

    def _jumped(self, by: timedelta, *, now: datetime) -> None:
        self._notifier.clock_jumped(by)
        self._outage.write(lambda: self.engine.clock_jumped(by, now=now))

    def _sweep(self, *, now: datetime) -> None:
        self._outage.write(lambda: self.engine.housekeeping(now=now), proves=not self._is_held_up)
        self._outage.write(lambda: self._reread(now), proves=False)
        self._outage.settle(now=now)

    def _reread(self, now: datetime) -> None:
        """Kept pages are read again a few at a time; none are left but after an upgrade or a reload."""
        left = self.engine.reread_canaries(now=now)
        if left:
            log.info("canaries.reading left=%d", left)

    def _send_digests(self, *, now: datetime) -> None:
        try:
            self._outage.write(lambda: send_due(self.engine, now=now), proves=False)
        except Exception:
            log.exception("digest.failed")
            told = (f"ops:digest:{now:%Y%m%d}", "a digest could not be made", traceback.format_exc())
            self._outage.write(lambda: self.engine.tell_operators(*told, now=now), proves=False)

    def _take_over(self, settings: Settings, *, by: str, now: datetime) -> None:
        self._outage.write(lambda: self.engine.reload(settings, by=by, now=now))

    # -- asked from outside ---------------------------------------------------------------------------

    def health(self) -> dict[str, str]:
        """What is wrong, by part; empty if nothing is."""
        store = self._outage.error and f"takes no writes, so nothing is crawled: {self._outage.error}"
        disk = self._outage.shortage and f"{self._outage.shortage}, so nothing is crawled"
        why = (self._bus.trouble if self._bus else "") or "see its log"
        crawl = f"no crawl worker has been in reach for a minute: {why}"
        crawl = crawl if utc_now() - self._crawlers_seen_at > UNWELL_AFTER else ""
        told = {"store": store, "disk": disk, "config": self._config_error, "crawl": crawl}
        wrong = self._stuck() | self._outage.unsent(now=utc_now())
        return wrong | {part: error for part, error in told.items() if error}

    def _stuck(self) -> dict[str, str]:
        """The parts that hang. The watchdog hears of these alone: a new start mends no disk and no configuration."""
        wrong: dict[str, str] = {}
        if utc_now() - self._ticked_at > UNWELL_AFTER:
            wrong["engine"] = f"has not looked at what is due since {self._ticked_at:%FT%TZ}"
        looked_at = self._notifier.last_look_at
        if looked_at is None or utc_now() - looked_at > UNWELL_AFTER:
            wrong["notify"] = "has not looked at the outbox for a minute"
        return wrong

    def perform(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        """Do what the command line asks for, from a thread of its own."""
        if request["do"] == "health":
            return self.health()
        if request["do"] == "nodes":
            hosts = {source.id: registrable_host(source.urls[0]) for source in self.engine.settings.sources}
            return self._bus.nodes(hosts) if self._bus else {}
        if request["do"] == "reload":
            assert self._loop is not None
            by = str(request["by"])
            return asyncio.run_coroutine_threadsafe(self._reload_now(by), self._loop).result(timeout=50)
        if request["do"] == "drill":
            return self._begin_drill(request)
        return perform(self.engine, request, now=utc_now())

    def _begin_drill(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        narrowed = {name: str(request.get(name, "")) for name in ("person", "role", "channel")}
        wait, by = timedelta(seconds=float(request["wait"])), str(request["by"])
        job = self.engine.begin_drill(wait=wait, by=by, now=utc_now(), **narrowed)
        self._errands.append(job)
        return {"drill": job.id}

    async def _reload_now(self, by: str) -> Mapping[str, Any]:
        await self._read_again(by=by)
        if self._config_error:
            raise RequestError(self._config_error)
        return {"regime": self.engine.settings.regime.version}

    async def _read_again(self, *, by: str) -> None:
        """Go on with the configuration as it is now in its files, or with the old one if it has a fault."""
        systemd.notify_reloading()
        try:
            settings = await asyncio.to_thread(self._read_settings)
        except ConfigError as error:
            self._config_error = str(error)
            log.error("config.kept_old problems=%d\n%s", len(error.problems), error)  # noqa: TRY400 - no traceback
        else:
            self._config_error = ""
            await self._in_engine(self._take_over, settings, by=by)
            await asyncio.to_thread(keep_live, settings)
            self._renew.set()
            log.info("config.reloaded regime=%s sources=%d", settings.regime.version, len(settings.sources))
        systemd.notify("READY=1")


def _raise_if_ended(*tasks: asyncio.Task[None]) -> None:
    """These never end by themselves: a daemon that lost one would go on looking well, so it fails instead."""
    for task in tasks:
        if task.done():
            task.result()
