"""A crawl node: takes jobs from Redis, lets its own crawl workers do them, and sends back what came of them.

It opens no database and keeps nothing. It crawls only what it holds a lease for: if it cannot renew that, it ends
its crawls before anybody else can begin them.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import secrets
import signal
import socket
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from . import systemd
from .bus import Lost, Result
from .bus.pipes import PipeBus
from .bus.redis_line import AWAY, LEASE, Line, refuse_eviction, report
from .bus.redis_node import Order, Standing, Station
from .config import NodeSettings
from .crawl.holdings import Holdings
from .crawl.once import WORKER
from .crawl.turns import boot_clock

log = logging.getLogger(__name__)

CHANGE_GRACE = timedelta(seconds=8)  # for running crawls, when the workers' settings change
DRAIN = timedelta(seconds=20)  # for running crawls, when the node ends
LAST_WORDS = 2.0  # seconds to send the last results
ANSWER_FOR = 60.0  # seconds a result is offered to a Redis that does not take it
AT_ONCE = 32  # crawls of one worker
TURNS_EVERY = 0.05  # seconds between two looks at the hosts that workers want to ask
SURE = 0.6  # the part of a lease for which its holder may be sure of it: the rest is for ending crawls


class CrawlNode:
    """One crawl node. It must be run in one event loop, once.

    Args:
        spiders: the folder of the organisation's own spiders on this machine.
        others: whether plugins that are not built in may be loaded.
        lease: must be the same on all nodes.
    """

    def __init__(
        self,
        url: str,
        *,
        workers: int,
        spiders: Path | None = None,
        others: bool = True,
        command: Sequence[str] = WORKER,
        lease: timedelta = LEASE,
    ) -> None:
        self.name = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(2)}"
        self._command, self._workers, self._others = command, workers, others
        self._spiders = str(spiders) if spiders else ""
        self._line = Line(url)
        self._station = Station(self._line, self.name, lease=lease)
        self._turns = Holdings(self._station)
        self._lease = lease.total_seconds()
        self._renewed = self._beat_at = float("-inf")
        self._standing = Standing(partitions=frozenset(), share=0, version="", settings=None)
        self._version = ""
        self._bus: PipeBus | None = None
        self._change: asyncio.Task[None] | None = None
        self._collecting: asyncio.Task[None] | None = None
        self._orders: dict[str, Order] = {}
        self._answers: asyncio.Queue[tuple[str, Result | Lost] | None] = asyncio.Queue()
        self._wants_fresh = self._is_leaving = self._is_over = False
        self._is_waiting = False  # for a main
        self._is_outrun = False  # another node has what is being crawled here

    @property
    def partitions(self) -> frozenset[int]:
        """What it holds for certain."""
        return frozenset() if self._is_unsure() else self._standing.partitions

    def _is_unsure(self) -> bool:
        return boot_clock() > self._renewed + SURE * self._lease

    async def run(self, stop: asyncio.Event, *, grace: timedelta = DRAIN) -> None:
        """Crawl until told to stop; then give running crawls this long, and give the partitions back."""
        parts = (self._guard(), self._answer(), self._mind_turns())
        minding = [asyncio.create_task(part, name="crawl-node") for part in parts]
        for task in minding:
            task.add_done_callback(report)
        try:
            while not stop.is_set():
                await self._try()
            await self._drain(grace)
        finally:
            self._is_over = True
            self._answers.put_nowait(None)
            await asyncio.wait(minding)  # they are not cancelled: the client may swallow that
            await self._line.close()
            self._turns.close()

    def refresh(self) -> None:
        """Replace the workers by fresh ones, which read the spiders' files again."""
        self._wants_fresh = True

    async def _try(self) -> None:
        try:
            await self._turn()
            self._line.works()
        except AWAY as error:
            self._line.fails(error)
            await self._line.pause()

    async def _turn(self) -> None:
        """Renew the lease if it is time, take what there is, and wait for more.

        Workers are replaced from here alone: never while jobs are being taken for them.
        """
        if self._wants_fresh and not self._is_changing() and not self._is_leaving:
            self._wants_fresh = False
            self._change = asyncio.create_task(self._replace_workers(), name="crawl-node-change")
            self._change.add_done_callback(report)
        if boot_clock() >= self._beat_at:
            await self._beat()
        partitions = self.partitions
        if not partitions or self._bus is None or self._is_changing() or self._is_leaving:
            await asyncio.sleep(self._lease / 100)
            return
        for order in await self._station.take(partitions):
            if order.job.id not in self._orders:
                self._orders[order.job.id] = order
                await self._bus.put(order.job)
        await self._station.wait(partitions, self._lease / 20)

    async def _beat(self) -> None:
        began = boot_clock()
        can_crawl = self._bus is not None and not self._is_leaving
        self._standing = await self._station.beat(
            capacity=self._workers * AT_ONCE if can_crawl else 0,
            problems=self._bus.problems if self._bus else self._standing.misfit,
            held=self.partitions,
            more=can_crawl,
        )
        self._renewed, self._beat_at = began, began + self._lease / 8
        self._is_outrun = not self._standing.partitions.issuperset(each.partition for each in self._orders.values())
        self._turns.sure_until(began + SURE * self._lease)
        await self._turns.keep()
        if self._standing.settings is None and not self._is_waiting:
            log.warning("node.waits reason=no main has told its settings yet; is it running, with the same [bus] url?")
        self._is_waiting = self._standing.settings is None
        if self._standing.settings is not None and self._standing.version != self._version:
            self._wants_fresh = self._wants_fresh or not self._is_changing()
        await self._level()

    async def _level(self) -> None:
        """Give back what is more than a fair share, as far as nothing of it is being crawled."""
        standing = self._standing
        extra = len(standing.partitions) - (0 if self._is_leaving else standing.share)
        busy = {order.partition for order in self._orders.values()}
        idle = sorted(standing.partitions - busy)[: max(0, extra)]
        if idle:
            self._standing = replace(standing, partitions=standing.partitions.difference(idle))
            await self._station.give_back(idle)

    # -- its workers ----------------------------------------------------------------------------------

    def _is_changing(self) -> bool:
        return self._change is not None and not self._change.done()

    async def _replace_workers(self) -> None:
        await self._end_workers(CHANGE_GRACE)
        settings, version = self._standing.settings, self._standing.version
        if settings is None:
            return  # a main will tell some
        self._version = version
        if self._standing.misfit:
            log.error("node.misfit reason=%s", *self._standing.misfit)
            return
        others = self._others and bool(settings.get("others", True))
        told = {**settings, "others": others, "spiders_dir": self._spiders, "leased": True}
        turns = self._turns.fd
        bus = PipeBus(self._command, workers=self._workers, settings=told, per_worker=AT_ONCE, turns=turns)
        await bus.start()
        self._bus = bus
        self._collecting = asyncio.create_task(self._collect(bus), name="crawl-node-collect")
        self._collecting.add_done_callback(report)
        self._beat_at = float("-inf")  # the mains want to know what it can hold
        log.info("node.ready node=%s settings=%s workers=%d", self.name, version, self._workers)

    async def _end_workers(self, grace: timedelta) -> None:
        if self._bus is None:
            return
        await self._bus.stop(grace)
        while self._orders:  # every job comes back, as a result or as lost
            await asyncio.sleep(0.01)
        self._bus = None
        if self._collecting is not None:
            self._collecting.cancel()

    async def _guard(self) -> None:
        """End the crawls in time when the lease cannot be renewed: others may begin them when it is over."""
        while not self._is_over:
            await asyncio.sleep(self._lease / 50)
            if self._bus is not None and self._orders and (self._is_unsure() or self._is_outrun):
                why = "another node may crawl them" if self._is_outrun else "the lease could not be renewed"
                log.error("node.unsure jobs=%d reason=%s", len(self._orders), why)
                self._wants_fresh = True
                await self._bus.stop(timedelta(0))

    async def _mind_turns(self) -> None:
        while not self._is_over:
            await asyncio.sleep(TURNS_EVERY)
            try:
                await self._turns.get()
            except AWAY as error:
                self._line.fails(error)
                await self._line.pause()

    async def _drain(self, grace: timedelta) -> None:
        self._is_leaving = True
        self._line.hurry()
        if self._is_changing() and self._bus is not None:
            await self._bus.stop(timedelta(0))  # there is no time for two of them
        if self._change is not None:
            await asyncio.wait([self._change])
        ending = asyncio.create_task(self._end_workers(grace))
        while not ending.done():
            await self._try()
        await ending
        with contextlib.suppress(*AWAY):
            await asyncio.wait_for(self._answers.join(), LAST_WORDS)
            until = boot_clock() + LAST_WORDS
            while await self._turns.keep() and boot_clock() < until:  # the pause after a last request
                await asyncio.sleep(TURNS_EVERY)
            await self._station.leave(self._standing.partitions)

    # -- what comes back ------------------------------------------------------------------------------

    async def _collect(self, bus: PipeBus) -> None:
        while True:
            item = await bus.get()
            self._answers.put_nowait((self._orders.pop(item.job).main, item))

    async def _answer(self) -> None:
        clock = asyncio.get_running_loop()
        while (answer := await self._answers.get()) is not None:
            until = clock.time() + ANSWER_FOR
            while not await self._is_sent(*answer):
                if self._is_over or clock.time() > until:  # its main will give it up
                    log.error("node.unsent job=%s", answer[1].job)
                    break
                await self._line.pause()
            self._answers.task_done()

    async def _is_sent(self, main: str, item: Result | Lost) -> bool:
        try:
            await self._station.answer(main, item)
        except AWAY as error:
            self._line.fails(error)
            return False
        return True


@contextlib.asynccontextmanager
async def at_hand(node: CrawlNode) -> AsyncIterator[None]:
    """Let a node crawl in this process while the block runs."""
    stop = asyncio.Event()
    running = asyncio.create_task(node.run(stop, grace=timedelta(0)), name="local-node")
    running.add_done_callback(report)
    try:
        yield
    finally:
        stop.set()
        await asyncio.gather(running, return_exceptions=True)


async def crawl_only(settings: NodeSettings, *, others: bool) -> None:
    """Be a crawl node and nothing else, until SIGTERM or SIGINT; SIGHUP brings fresh workers.

    Raises:
        ConfigError: this Redis cannot be used.
    """
    await refuse_eviction(settings.bus.url)
    node = CrawlNode(settings.bus.url, workers=settings.workers, spiders=settings.spiders, others=others)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    loop.add_signal_handler(signal.SIGHUP, node.refresh)
    log.info("node.started node=%s", node.name)
    systemd.notify("READY=1")
    await node.run(stop)
    systemd.notify("STOPPING=1")
    log.info("node.stopped node=%s", node.name)
