"""The daemon: starts and watches the engine, the crawl workers, the notifier and the web, until it is told to stop.

The engine has one thread, and everything that changes the store for crawling or for time goes through it. Signal
handlers only set a flag; the loop acts on it. Being killed at any moment is a normal way to end.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import sys
import traceback
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, TypeVar

from sqlalchemy.exc import OperationalError

from . import systemd
from .bus import Job, Lost, Result
from .bus.pipes import PipeBus
from .config import Settings
from .control import ControlServer
from .engine import Engine
from .errors import ConfigError, RequestError
from .extract.urls import url_hash
from .notify import Notifier
from .plugins import Plugins
from .store import Store, secret_key
from .web import WebServer, make_app

log = logging.getLogger(__name__)
T = TypeVar("T")

LOOK_EVERY = 0.25  # seconds between two looks at what is due
HOUSEKEEPING_EVERY = timedelta(minutes=1)
WATCHDOG_EVERY = timedelta(seconds=20)
UNWELL_AFTER = timedelta(seconds=60)  # without a tick
STORE_TROUBLE_PAUSE = timedelta(seconds=30)  # no crawling while results cannot be stored
CRAWL_GRACE, SEND_GRACE = timedelta(seconds=8), timedelta(seconds=15)
JOBS_A_WORKER = 8


def utc_now() -> datetime:
    """The wall clock: the one place where the daemon reads it."""
    return datetime.now(UTC)


def worker_settings(settings: Settings, *, others: bool = True) -> dict[str, Any]:
    """What the crawl workers are told when they start."""
    crawl = settings.crawl
    return {
        "contact": crawl.contact,
        "spiders_dir": str(crawl.spiders) if crawl.spiders else "",
        "enable": list(settings.enable_plugins),
        "disable": list(settings.disable_plugins),
        "others": others,
        "gap": crawl.gap.total_seconds(),
    }


class Daemon:
    """One running daemon. ``read_settings`` reads the configuration again when a reload is asked for."""

    def __init__(
        self, settings: Settings, plugins: Plugins, read_settings: Callable[[], Settings], *, others: bool = True
    ) -> None:
        self._read_settings = read_settings
        self._others = others
        self._store = Store.open(settings.state)
        self.engine = Engine(self._store, settings, plugins, secret=secret_key(settings.state))
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="engine")
        self._notifier = Notifier(self.engine, utc_now)
        self._web = WebServer(
            make_app(self.engine, now=utc_now, health=self.health), host=settings.web.host, port=settings.web.port
        )
        self._control = ControlServer(settings.state, self.perform)
        self._stop = asyncio.Event()
        self._reload = asyncio.Event()
        self._running: dict[str, Job] = {}
        self._paused_until: datetime | None = None
        self._ticked_at = utc_now()
        self._config_error = ""
        self._loop: asyncio.AbstractEventLoop | None = None

    # -- running --------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Run until SIGTERM or SIGINT, then drain and stop."""
        self._loop = asyncio.get_running_loop()
        for name in (signal.SIGTERM, signal.SIGINT):
            self._loop.add_signal_handler(name, self._stop.set)
        self._loop.add_signal_handler(signal.SIGHUP, self._reload.set)
        await self._in_engine(self.engine.begin)
        for part in (self._notifier, self._web, self._control):
            part.start()
        log.info("daemon.started sources=%d web=%s", len(self.engine.settings.sources), self.engine.settings.web.port)
        systemd.notify("READY=1")
        tending = asyncio.create_task(self._tend())
        try:
            while not self._stop.is_set():
                await self._crawl_until_told(tending)
        finally:
            tending.cancel()
            await asyncio.gather(tending, return_exceptions=True)
            await self._end()

    async def _end(self) -> None:
        sent = await asyncio.to_thread(self._notifier.stop, SEND_GRACE)
        self._control.stop()
        self._web.stop()
        self._thread.shutdown()
        self._store.close()
        log.info("daemon.stopped on_its_way=%s", "nothing" if sent else "something, it will be sent again")

    async def _crawl_until_told(self, tending: asyncio.Task[None]) -> None:
        """Run the crawl workers until a stop or a reload; a reload starts fresh ones, so changed spiders count."""
        settings = self.engine.settings
        bus = PipeBus(
            (sys.executable, "-m", "yuqing_daemon.crawl"),
            workers=settings.crawl.workers,
            settings=worker_settings(settings, others=self._others),
        )
        await bus.start()
        collecting = asyncio.create_task(self._collect(bus))
        while not (self._stop.is_set() or self._reload.is_set()):
            await self._feed(bus)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stop.wait(), LOOK_EVERY)
            _raise_if_ended(tending, collecting)
        if self._stop.is_set():
            systemd.notify("STOPPING=1")
        await bus.stop(CRAWL_GRACE)
        while self._running:  # every job comes back, as a result or as lost
            _raise_if_ended(collecting)
            await asyncio.sleep(0.01)
        collecting.cancel()
        await asyncio.gather(collecting, return_exceptions=True)
        if self._reload.is_set() and not self._stop.is_set():
            self._reload.clear()
            await self._read_again(by="SIGHUP")

    async def _feed(self, bus: PipeBus) -> None:
        if self._paused_until and utc_now() < self._paused_until:
            return
        room = self.engine.settings.crawl.workers * JOBS_A_WORKER - len(self._running)
        busy = {job.host for job in self._running.values()}
        try:
            jobs = await self._in_engine(self.engine.jobs, busy=busy, room=room) if room > 0 else []
        except OperationalError as error:
            self._store_trouble(error)
            return
        for job in jobs:
            self._running[job.id] = job
            await bus.put(job)

    async def _collect(self, bus: PipeBus) -> None:
        told: tuple[str, ...] = ()
        while True:
            item = await bus.get()
            if bus.problems != told:
                told = bus.problems
                for problem in told:
                    log.error("spider.broken %s", problem)
            await self._in_engine(self._take, item)
            self._running.pop(item.job, None)

    async def _tend(self) -> None:
        """What time brings, several times a second."""
        swept_at = pinged_at = utc_now()
        while True:
            await self._in_engine(self._fire_due)
            now = utc_now()
            if now - swept_at > HOUSEKEEPING_EVERY:
                swept_at = now
                await self._in_engine(self._sweep)
            if now - pinged_at > WATCHDOG_EVERY and not self.health():
                pinged_at = now
                systemd.notify("WATCHDOG=1")
            await asyncio.sleep(LOOK_EVERY)

    async def _in_engine(self, action: Callable[..., T], *args: object, **named: object) -> T:
        """Do something in the engine's thread, at the instant at which it begins there."""
        assert self._loop is not None
        return await self._loop.run_in_executor(self._thread, lambda: action(*args, **named, now=utc_now()))

    # -- in the engine's thread -----------------------------------------------------------------------

    def _take(self, item: Result | Lost, *, now: datetime) -> None:
        """Take in what came back. What the engine cannot digest is taken apart, so that it costs only itself."""
        try:
            if isinstance(item, Lost):
                log.warning("crawl.lost source=%s blamed=%s reason=%s", item.source, item.blamed, item.reason)
                self.engine.lost(item, now=now)
            else:
                self.engine.take(item, now=now)
        except OperationalError as error:
            self._store_trouble(error)
        except Exception:
            log.exception("engine.failed source=%s", item.source)
            if isinstance(item, Result):
                self._take_apart(item, now=now)

    def _store_trouble(self, error: Exception) -> None:
        """The store takes no writes: stop crawling a while. Nothing is lost, for no source's state has advanced."""
        self._paused_until = utc_now() + STORE_TROUBLE_PAUSE
        log.error("store.failed pause=%s error=%s", STORE_TROUBLE_PAUSE, error)

    def _take_apart(self, result: Result, *, now: datetime) -> None:
        baseline = self.engine.is_first_visit(result.source)
        waiting = False
        for post in result.posts:
            key = f"post:{url_hash(post.url)}"
            if self.engine.is_quarantined(key):
                continue
            readings = tuple(reading for reading in result.readings if reading.url == post.url)
            try:
                self.engine.take_posts((post,), readings, baseline=baseline, now=now)
            except Exception:
                left_alone = self.engine.failed(key, f"post {post.url}", traceback.format_exc(), now=now)
                waiting = waiting or not left_alone
                log.exception("post.failed url=%s", post.url)
        rest = replace(result, posts=(), readings=(), state=None if waiting else result.state)
        self.engine.take(rest, now=now)

    def _fire_due(self, *, now: datetime) -> None:
        try:
            for due in self.engine.due(now=now):
                try:
                    self.engine.fire(due, now=now)
                except OperationalError:
                    raise
                except Exception:
                    log.exception("timer.failed %s", due.key)
                    self.engine.put_off(due, traceback.format_exc(), now=now)
            self._ticked_at = now
        except OperationalError as error:
            self._store_trouble(error)

    def _sweep(self, *, now: datetime) -> None:
        try:
            self.engine.housekeeping(now=now)
        except OperationalError as error:
            self._store_trouble(error)

    # -- asked from outside ---------------------------------------------------------------------------

    def health(self) -> dict[str, str]:
        """What is wrong, by part; empty if nothing is."""
        wrong: dict[str, str] = {}
        if utc_now() - self._ticked_at > UNWELL_AFTER:
            wrong["engine"] = f"has not looked at what is due since {self._ticked_at:%FT%TZ}"
        looked_at = self._notifier.last_look_at
        if looked_at is None or utc_now() - looked_at > UNWELL_AFTER:
            wrong["notify"] = "has not looked at the outbox for a minute"
        if self._config_error:
            wrong["config"] = self._config_error
        return wrong

    def perform(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        """Do what the command line asks for, from a thread of its own."""
        if request["do"] == "reload":
            assert self._loop is not None
            by = str(request["by"])
            return asyncio.run_coroutine_threadsafe(self._reload_now(by), self._loop).result(timeout=50)
        return perform(self.engine, request)

    async def _reload_now(self, by: str) -> Mapping[str, Any]:
        await self._read_again(by=by)
        if self._config_error:
            raise RequestError(self._config_error)
        self._reload.set()  # fresh workers; the files are read once more, which changes nothing
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
            await self._in_engine(self.engine.reload, settings, by=by)
            log.info("config.reloaded regime=%s sources=%d", settings.regime.version, len(settings.sources))
        systemd.notify("READY=1")


def _raise_if_ended(*tasks: asyncio.Task[None]) -> None:
    """These never end by themselves: a daemon that lost one would go on looking well, so it fails instead."""
    for task in tasks:
        if task.done():
            task.result()


def perform(engine: Engine, request: Mapping[str, Any]) -> Mapping[str, Any]:
    """What may be asked of a daemon, done on an engine.

    Raises:
        RequestError: it cannot be done.
    """
    now = utc_now()
    by = str(request["by"])
    actions: dict[str, Callable[[], Mapping[str, Any]]] = {
        "acknowledge": lambda: _acknowledge(engine, str(request["event"]), by=by, now=now),
        "resume": partial(_resume, engine, str(request.get("source", "")), by=by, now=now),
        "test-notify": lambda: {"keys": engine.test_notify(str(request["target"]), by=by, now=now)},
    }
    action = actions.get(str(request["do"]))
    if action is None:
        raise RequestError(f"no such request: {request['do']!r}")
    return action()


def _acknowledge(engine: Engine, code: str, *, by: str, now: datetime) -> Mapping[str, Any]:
    event = engine.acknowledge(code, by=by, how="command line", now=now)
    at = event.acknowledged_at.isoformat() if event.acknowledged_at else ""
    return {"event": event.code, "by": event.acknowledged_by, "at": at, "first": event.acknowledged_at == now}


def _resume(engine: Engine, source: str, *, by: str, now: datetime) -> Mapping[str, Any]:
    engine.resume(source, by=by, now=now)
    return {"source": source}
