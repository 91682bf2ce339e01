"""What every bus promises, with workers that do what they are told."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from redis_server import RedisServer

from yuqing_daemon.bus import Bus, Job, Lost, Result
from yuqing_daemon.bus.pipes import PipeBus
from yuqing_daemon.bus.redis import RedisBus
from yuqing_daemon.crawl_node import CrawlNode, at_hand
from yuqing_daemon.domain import Source

WORKER = (sys.executable, "-S", str(Path(__file__).with_name("witness.py")))
LEASE = timedelta(seconds=2)
Story = Callable[[Bus], Coroutine[Any, Any, None]]


def job(name: str, do: str = "answer", *, host: str = "", spider: str = "auto", **options: Any) -> Job:
    source = Source(id=f"s-{name}", urls=("http://example.com/",), spider=spider, options={"do": do, **options})
    deadline = timedelta(seconds=options.get("deadline", 60))
    return Job(id=name, source=source, host=host or f"{name}.example.com", deadline=deadline)


async def back(bus: Bus, count: int) -> dict[str, Result | Lost]:
    return {each.job: each for each in [await bus.get() for _ in range(count)]}


async def is_ready(bus: Bus) -> None:
    while not bus.capacity:
        await asyncio.sleep(0.01)


@asynccontextmanager
async def started(bus: Bus) -> AsyncIterator[None]:
    await bus.start()
    try:
        async with asyncio.timeout(15):
            await is_ready(bus)
            yield
    finally:
        await bus.stop(timedelta(0))


@pytest.fixture(params=["pipes", "redis"])
def on_a_bus(request: pytest.FixtureRequest) -> Callable[[Story], None]:
    """Let a story happen on a bus with one worker."""

    async def on_pipes(story: Story) -> None:
        bus = PipeBus(WORKER, workers=1, settings={})
        async with started(bus):
            await story(bus)

    async def on_redis(story: Story) -> None:
        url = server.url
        bus = RedisBus(url, name="main", settings={}, look_every=timedelta(seconds=0.1))
        async with at_hand(CrawlNode(url, workers=1, command=WORKER, lease=LEASE)), started(bus):
            await story(bus)

    if request.param == "pipes":
        return lambda story: asyncio.run(on_pipes(story))
    server: RedisServer = request.getfixturevalue("redis")
    return lambda story: asyncio.run(on_redis(story))


def test_every_job_comes_back_once(on_a_bus: Callable[[Story], None]) -> None:
    async def story(bus: Bus) -> None:
        for number in range(100):
            await bus.put(job(f"j{number}"))
        returned = await back(bus, 100)
        assert len(returned) == 100
        assert all(isinstance(each, Result) and each.source == f"s-{name}" for name, each in returned.items())

    on_a_bus(story)


def test_the_culprit_of_a_workers_death_comes_back_blamed_with_its_traceback(
    on_a_bus: Callable[[Story], None],
) -> None:
    async def story(bus: Bus) -> None:
        await bus.put(job("bad", "crash"))
        culprit = await bus.get()
        assert isinstance(culprit, Lost) and culprit.blamed and culprit.source == "s-bad"
        assert "witness.py" in culprit.traceback and "exit code 1" in culprit.reason
        await bus.put(job("next"))
        assert isinstance(await bus.get(), Result)

    on_a_bus(story)


def test_jobs_of_one_host_run_one_at_a_time_in_their_order(on_a_bus: Callable[[Story], None]) -> None:
    async def story(bus: Bus) -> None:
        await bus.put(job("first", "later", host="a", after=0.5))
        await bus.put(job("second", host="a"))
        await bus.put(job("elsewhere", host="b"))
        assert list(await back(bus, 3)) == ["elsewhere", "first", "second"]

    on_a_bus(story)


def test_a_result_of_tens_of_megabytes_arrives_whole(on_a_bus: Callable[[Story], None]) -> None:
    async def story(bus: Bus) -> None:
        await bus.put(job("j", "much", bytes=48_000_000))
        await bus.put(job("beside"))
        result = (await back(bus, 2))["j"]
        assert isinstance(result, Result) and len(result.error) == 48_000_000

    on_a_bus(story)


def test_what_a_worker_says_that_is_no_result_costs_only_itself(on_a_bus: Callable[[Story], None]) -> None:
    async def story(bus: Bus) -> None:
        await bus.put(job("j", "rubbish"))
        assert isinstance(await bus.get(), Result)
        await bus.put(job("k", "twice"))
        await bus.put(job("l"))
        assert (await back(bus, 2)).keys() == {"k", "l"}

    on_a_bus(story)


def test_what_a_job_and_a_result_hold_arrives_as_it_was(on_a_bus: Callable[[Story], None]) -> None:
    async def story(bus: Bus) -> None:
        await bus.put(job("食堂\n\x00", host="例子.中国"))
        result = await bus.get()
        assert isinstance(result, Result) and result.job == "食堂\n\x00" and result.started_at.tzinfo

    on_a_bus(story)


def test_it_says_how_much_it_can_hold_and_what_could_not_be_loaded(on_a_bus: Callable[[Story], None]) -> None:
    async def story(bus: Bus) -> None:
        assert bus.capacity == 32
        while not bus.problems:
            await asyncio.sleep(0.01)
        assert bus.problems[0].endswith("x.py: SyntaxError")

    on_a_bus(story)


def test_stopping_lets_running_jobs_end_within_the_grace_and_gives_the_rest_back(
    on_a_bus: Callable[[Story], None],
) -> None:
    async def story(bus: Bus) -> None:
        await bus.put(job("ready", host="a"))
        await bus.get()
        await bus.put(job("ends", "later", host="a", after=0.3))
        await bus.put(job("never", "never", host="b"))
        await bus.put(job("queued", host="a"))
        await asyncio.sleep(0)
        await bus.stop(timedelta(seconds=1.5))
        await bus.put(job("too late"))
        returned = await back(bus, 4)
        assert returned.keys() == {"ends", "never", "queued", "too late"}
        for name in ("never", "too late"):
            lost = returned[name]
            assert isinstance(lost, Lost) and not lost.blamed, name

    on_a_bus(story)
