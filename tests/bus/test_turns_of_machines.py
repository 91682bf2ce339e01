"""One host is asked by one worker at a time, whatever machine it is on, and with its pause; also if it is nobody's."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, contextmanager
from datetime import timedelta
from itertools import pairwise

from redis_server import RedisServer

from yuqing_daemon.bus.redis_line import TURNS, Line
from yuqing_daemon.bus.redis_node import Station
from yuqing_daemon.crawl.holdings import Holdings
from yuqing_daemon.crawl.politeness import Gate
from yuqing_daemon.crawl.turns import Turns, boot_clock

LEASE = timedelta(seconds=30)
GAP = 0.2
WORKER = """
import asyncio, sys, time
from yuqing_daemon.crawl.politeness import Gate
from yuqing_daemon.crawl.turns import Turns

async def main(fd, gap, times, url):
    gate = Gate(gap=float(gap), shared=Turns(int(fd), leased=True))
    for _ in range(int(times)):
        async with gate.turn(url):
            began = time.monotonic()
            await asyncio.sleep(0.02)
            print(began, time.monotonic(), flush=True)

asyncio.run(main(*sys.argv[1:]))
"""


@contextmanager
def worker(holdings: Holdings, times: int, url: str = "http://cdn.example.com/a") -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", WORKER, str(holdings.fd), str(GAP), str(times), url]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, pass_fds=[holdings.fd]) as process:
        try:
            yield process
        finally:
            process.kill()


async def join(line: Line, name: str) -> Station:
    station = Station(line, name, lease=LEASE)
    await station.beat(capacity=1, problems=(), held=(), more=False)
    return station


@asynccontextmanager
async def machine(line: Line, name: str) -> AsyncIterator[Holdings]:
    """A crawl node, as far as turns go."""
    holdings = Holdings(await join(line, name))
    holdings.sure_until(boot_clock() + LEASE.total_seconds())
    minding = asyncio.create_task(mind(holdings))
    yield holdings
    minding.cancel()
    await asyncio.gather(minding, return_exceptions=True)
    holdings.close()


async def mind(holdings: Holdings) -> None:
    while True:
        await holdings.get()
        await holdings.keep()
        await asyncio.sleep(0.01)


async def said(process: subprocess.Popen[str]) -> list[tuple[float, float]]:
    output, _ = await asyncio.to_thread(process.communicate)
    spans = [tuple(map(float, line.split())) for line in output.splitlines()]
    return [(began, ended) for began, ended in spans]


def test_workers_of_two_machines_keep_their_distance_at_a_host_that_is_nobodys(redis: RedisServer) -> None:
    async def story() -> None:
        line = Line(redis.url)
        async with AsyncExitStack() as machines, asyncio.timeout(60):
            one, two = [await machines.enter_async_context(machine(line, name)) for name in ("one", "two")]
            with ExitStack() as workers:
                processes = [workers.enter_context(worker(holdings, 5)) for holdings in (one, one, two)]
                spans = sorted([span for process in processes for span in await said(process)])
            assert len(spans) == 15
            assert all(later[0] - earlier[1] >= GAP for earlier, later in pairwise(spans))
            while redis.client.hlen(TURNS):  # what nobody uses is given back
                await asyncio.sleep(0.01)
        await line.close()

    asyncio.run(story())


def test_a_worker_whose_node_stands_still_asks_for_nothing_until_it_is_heard_of_again(redis: RedisServer) -> None:
    async def story() -> None:
        line, looks = Line(redis.url), 0
        holdings = Holdings(await join(line, "one"))

        async def look_again(_: float) -> None:
            nonlocal looks
            looks += 1
            await holdings.get()
            if looks == 5:
                holdings.sure_until(boot_clock() + LEASE.total_seconds())

        holdings.sure_until(boot_clock() - 1)
        gate = Gate(gap=0, sleep=look_again, shared=Turns(holdings.fd, leased=True))
        async with gate.turn("http://example.com/"):
            assert looks == 5
        holdings.close()
        await line.close()

    asyncio.run(story())


def test_a_host_of_a_dead_machine_is_free_when_its_lease_is_over_and_not_before(redis: RedisServer) -> None:
    async def story() -> None:
        line = Line(redis.url)
        dead, living = await join(line, "dead"), await join(line, "living")
        assert await dead.hold((), [7, 8]) == {7, 8}
        assert await living.hold((), [7, 9]) == {9}
        redis.client.zadd("yuqing:nodes", {"dead": 1})
        assert await living.hold([9], [7]) == {7, 9}
        assert await dead.hold([7, 8], ()) == set()
        await dead.let_go([7])
        assert redis.client.hget(TURNS, 7) == b"living"
        await line.close()

    asyncio.run(story())


def test_after_redis_was_emptied_who_has_a_host_keeps_it_and_nobody_else_gets_it_too_soon(redis: RedisServer) -> None:
    async def story() -> None:
        line = Line(redis.url)
        one = await join(line, "one")
        assert await one.hold((), [7]) == {7}
        redis.client.flushall()
        two, one = await join(line, "two"), await join(line, "one")
        assert await two.hold((), [7]) == set()
        assert await one.hold([7], [8]) == {7}
        await line.close()

    asyncio.run(story())


def test_what_was_saved_by_an_earlier_redis_is_as_good_as_lost(redis: RedisServer) -> None:
    async def story() -> None:
        line = Line(redis.url)
        one = await join(line, "one")
        assert (await one.beat(capacity=1, problems=(), held=(), more=True)).partitions
        redis.client.set("yuqing:born", "1:another")
        two = Station(line, "two", lease=LEASE)
        assert not (await two.beat(capacity=1, problems=(), held=(), more=True)).partitions
        assert redis.client.zrange("yuqing:nodes", 0, -1) == [b"two"]
        await line.close()

    asyncio.run(story())
