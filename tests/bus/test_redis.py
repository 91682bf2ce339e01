"""What only the bus of many machines can go through: nodes that come, go and die, and a Redis that does."""

from __future__ import annotations

import asyncio
import logging
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from secrets import token_hex
from typing import Any

import pytest
from redis.exceptions import RedisError
from redis_server import RedisServer, free_port
from test_contract import LEASE, WORKER, back, is_ready, job

from yuqing_daemon import __version__
from yuqing_daemon.bus import Job, Lost, Result
from yuqing_daemon.bus.redis import RedisBus
from yuqing_daemon.bus.redis_line import (
    BORN,
    NODES,
    PARTITION_OF,
    PARTITIONS,
    SETTINGS,
    Line,
    jobs_key,
    partition_of,
    refuse_eviction,
)
from yuqing_daemon.bus.redis_node import Station
from yuqing_daemon.crawl_node import CrawlNode, at_hand
from yuqing_daemon.errors import ConfigError

NODE = [sys.executable, str(Path(__file__).with_name("lone_node.py"))]
SOON = timedelta(seconds=0.1)


@asynccontextmanager
async def bus_at(redis: RedisServer, **options: Any) -> AsyncIterator[RedisBus]:
    bus = RedisBus(redis.url, name="main", look_every=SOON, **{"settings": {}, **options})
    await bus.start()
    try:
        async with asyncio.timeout(20):
            yield bus
    finally:
        await bus.stop(timedelta(0))


def node_at(redis: RedisServer, lease: timedelta = LEASE) -> CrawlNode:
    return CrawlNode(redis.url, workers=1, command=WORKER, lease=lease)


@contextmanager
def process_at(redis: RedisServer) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([*NODE, redis.url, str(LEASE.total_seconds())])
    try:
        yield process
    finally:
        process.kill()
        process.wait()


async def until(holds: Callable[[], Any]) -> None:
    while not holds():
        await asyncio.sleep(0.01)


def tell(story: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(story, 60))


def visit(name: str, folder: Path, *, host: str, after: float = 0.0) -> Job:
    return job(name, "visit", host=host, folder=str(folder), after=after)


# -- nodes ----------------------------------------------------------------------------------------


def test_a_job_whose_node_is_killed_comes_back_lost_and_the_next_node_takes_its_place(
    redis: RedisServer, tmp_path: Path
) -> None:
    async def story() -> None:
        async with bus_at(redis) as bus:
            with process_at(redis) as process:
                await is_ready(bus)
                await bus.put(visit("never", tmp_path, host="a", after=1000))
                await until(lambda: (tmp_path / "a.now").exists())
                process.kill()
                lost = await bus.get()
            assert isinstance(lost, Lost) and lost.reason == "its crawl node is gone" and not lost.blamed
            async with at_hand(node_at(redis)):
                await is_ready(bus)
                await bus.put(visit("again", tmp_path, host="a"))
                assert isinstance(await bus.get(), Result)
        assert not (tmp_path / "a.clash").exists()

    tell(story())


def test_nodes_share_the_partitions_and_one_that_leaves_hands_its_part_over_at_once(redis: RedisServer) -> None:
    def shares() -> list[int]:
        return sorted(Counter(redis.client.hvals(PARTITION_OF)).values())

    async def story() -> None:
        async with bus_at(redis) as bus, at_hand(node_at(redis)):
            await until(lambda: shares() == [PARTITIONS])
            async with at_hand(node_at(redis)):
                await until(lambda: shares() == [PARTITIONS // 2, PARTITIONS // 2])
                assert bus.capacity == 64
            assert len(shares()) == 1 and redis.client.zcard(NODES) == 1
            await until(lambda: shares() == [PARTITIONS])

    tell(story())


def test_no_host_is_ever_visited_by_two_nodes_at_once_though_nodes_come_go_and_die(
    redis: RedisServer, tmp_path: Path
) -> None:
    spans = {f"h{number}": 0.4 if number < 4 else 0.02 for number in range(12)}

    async def crawl(bus: RedisBus, done: Counter[str]) -> None:
        """Every host is always due twice, and a job that is lost is due at once, as in the daemon."""
        for host, after in [*spans.items()] * 2:
            await bus.put(visit(f"{host}/{token_hex(4)}", tmp_path, host=host, after=after))
        while True:
            item = await bus.get()
            host = item.job.partition("/")[0]
            done[type(item).__name__] += 1
            await bus.put(visit(f"{host}/{token_hex(4)}", tmp_path, host=host, after=spans[host]))

    async def more(done: Counter[str], count: int) -> None:
        goal = done["Result"] + count
        await until(lambda: done["Result"] >= goal)

    async def story() -> None:
        done: Counter[str] = Counter()
        async with bus_at(redis) as bus:
            crawling = asyncio.create_task(crawl(bus, done))
            with process_at(redis) as first:
                await more(done, 50)
                async with at_hand(node_at(redis)):
                    await more(done, 50)
                    first.kill()
                    await until(lambda: redis.client.zcard(NODES) == 1)
                    await more(done, 50)
                    async with at_hand(node_at(redis)):
                        await more(done, 50)
            crawling.cancel()
        assert not list(tmp_path.glob("*.clash"))
        visitors = {line for file in tmp_path.glob("*.visits") for line in file.read_text().split()}
        orphaned = {"1"}  # a worker's last moment after its node was killed
        assert len(visitors - orphaned) == 2  # the process of its own, and this one with two nodes

    tell(story())


def test_a_node_takes_nothing_from_a_partition_that_is_not_its_own_any_more(redis: RedisServer) -> None:
    async def story() -> None:
        line = Line(redis.url)
        one, two = (Station(line, name, lease=LEASE) for name in ("one", "two"))
        standing = await one.beat(capacity=8, problems=(), held=(), more=True)
        assert len(standing.partitions) == standing.share == PARTITIONS
        async with bus_at(redis) as bus:
            await bus.put(job("j"))
            redis.client.zrem(NODES, "one")
            assert await one.take(standing.partitions) == []
            await two.beat(capacity=8, problems=(), held=(), more=True)
            await one.beat(capacity=8, problems=(), held=standing.partitions, more=True)
            assert await one.take(standing.partitions) == []
            assert [order.job.id for order in await two.take(standing.partitions)] == ["j"]
        await line.close()

    tell(story())


def test_a_node_that_is_told_to_stop_finishes_what_it_does(redis: RedisServer, tmp_path: Path) -> None:
    async def story() -> None:
        async with bus_at(redis) as bus:
            with process_at(redis) as process:
                await is_ready(bus)
                await bus.put(visit("j", tmp_path, host="a", after=0.5))
                await until(lambda: (tmp_path / "a.now").exists())
                process.terminate()
                result = await bus.get()
                assert isinstance(result, Result) and result.node == socket.gethostname()
                await until(lambda: process.poll() is not None)
                assert process.returncode == 0
        assert not redis.client.hgetall(PARTITION_OF) and not redis.client.zcard(NODES)

    tell(story())


def test_workers_start_afresh_when_the_main_tells_other_settings(redis: RedisServer, tmp_path: Path) -> None:
    async def worker_of(node: CrawlNode, name: str) -> int:
        async with bus_at(redis, settings={"contact": name}) as bus:
            await until(lambda: node._bus and name in str(node._standing.settings))
            await is_ready(bus)
            await bus.put(visit(name, tmp_path, host="a"))
            assert isinstance(await bus.get(), Result)
            (worker,) = node._bus.pids if node._bus else ()
            return worker

    async def story() -> None:
        node = node_at(redis)
        async with at_hand(node):
            assert await worker_of(node, "first") != await worker_of(node, "second")

    tell(story())


def test_every_job_comes_back_though_the_workers_are_replaced_all_the_time(redis: RedisServer) -> None:
    async def story() -> None:
        node = node_at(redis)
        async with bus_at(redis) as bus, at_hand(node):
            await is_ready(bus)
            fresh = asyncio.create_task(refreshed(node))
            for number in range(200):
                await bus.put(job(f"j{number}", "later", after=0.01))
                await asyncio.sleep(0)
            assert len(await back(bus, 200)) == 200
            fresh.cancel()

    async def refreshed(node: CrawlNode) -> None:
        while True:
            node.refresh()
            await asyncio.sleep(0.05)

    tell(story())


# -- Redis ----------------------------------------------------------------------------------------


def test_a_redis_that_comes_back_empty_costs_what_was_out_and_nothing_more(
    redis: RedisServer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def story() -> None:
        async with bus_at(redis) as bus, at_hand(node_at(redis)):
            await is_ready(bus)
            await bus.put(visit("out", tmp_path, host="a", after=1000))
            await until(lambda: (tmp_path / "a.now").exists())
            redis.kill()
            await until(lambda: bus.capacity == 0)
            await bus.put(job("meanwhile"))
            returned = await back(bus, 1)
            redis.start()
            returned |= await back(bus, 1)
            assert {name: type(each) for name, each in returned.items()} == {"out": Lost, "meanwhile": Lost}
            assert "Redis is away" in returned["meanwhile"].reason  # type: ignore[union-attr]
            await is_ready(bus)
            await bus.put(job("next"))
            assert isinstance(await bus.get(), Result)

    with caplog.at_level(logging.WARNING):
        tell(story())
    away = [record for record in caplog.records if record.message.startswith("redis.away")]
    assert len(away) == 2  # once at each end of the line


def test_a_redis_that_comes_late_is_waited_for(tmp_path: Path) -> None:
    late = RedisServer(tmp_path)

    async def story() -> None:
        async with bus_at(late) as bus, at_hand(node_at(late)):
            assert bus.capacity == 0
            late.start()
            await is_ready(bus)
            await bus.put(job("j"))
            assert isinstance(await bus.get(), Result)

    try:
        tell(story())
    finally:
        late.kill()


def test_a_node_without_redis_ends_its_crawls_before_its_lease_is_over(redis: RedisServer, tmp_path: Path) -> None:
    async def story() -> None:
        node = node_at(redis)
        async with bus_at(redis) as bus, at_hand(node):
            await is_ready(bus)
            await bus.put(visit("j", tmp_path, host="a", after=1000))
            await until(lambda: (tmp_path / "a.now").exists())
            (worker,) = node._bus.pids if node._bus else ()
            redis.kill()
            killed = asyncio.get_running_loop().time()
            await until(lambda: not Path(f"/proc/{worker}").exists())
            assert asyncio.get_running_loop().time() - killed < LEASE.total_seconds()
            assert node.partitions == frozenset()

    tell(story())


def test_a_node_that_slept_through_its_lease_ends_the_crawls_that_are_anothers_now(
    redis: RedisServer, tmp_path: Path
) -> None:
    async def story() -> None:
        node = node_at(redis)
        async with bus_at(redis) as bus, at_hand(node):
            await is_ready(bus)
            await bus.put(visit("j", tmp_path, host="a", after=1000))
            await until(lambda: (tmp_path / "a.now").exists())
            (worker,) = node._bus.pids if node._bus else ()
            redis.client.zadd(NODES, {"other": 10**15})
            redis.client.hset(PARTITION_OF, partition_of("a"), "other")
            await until(lambda: not Path(f"/proc/{worker}").exists())
            lost = await bus.get()
            assert isinstance(lost, Lost) and not lost.blamed

    tell(story())


def test_a_main_sees_who_crawls_what_and_who_fell_silent(redis: RedisServer) -> None:
    async def story() -> None:
        async with bus_at(redis) as bus:
            hosts = {f"s{number}": f"h{number}.example.com" for number in range(10)}
            with process_at(redis) as process:
                await until(lambda: (seen := bus.nodes(hosts)["nodes"]) and len(seen[0]["sources"]) == 10)
                (node,) = bus.nodes(hosts)["nodes"]
                assert f"-{process.pid}-" in node["node"] and datetime.fromisoformat(node["since"]).tzinfo
                process.kill()
                await until(lambda: bus.nodes(hosts)["gone"])
                assert bus.nodes(hosts)["nodes"] == [] and list(bus.nodes(hosts)["gone"]) == [socket.gethostname()]
            async with at_hand(node_at(redis)):
                await is_ready(bus)
                assert not bus.nodes(hosts)["gone"]
            await until(lambda: not bus.nodes(hosts)["nodes"])
            assert not bus.nodes(hosts)["gone"]  # it said goodbye

    tell(story())


def test_a_node_of_another_version_stands_aside_and_says_why(redis: RedisServer) -> None:
    async def story() -> None:
        async with at_hand(node_at(redis)), bus_at(redis, program="9.9") as bus:
            await until(lambda: bus.problems)
            assert f"it is yuqing-daemon {__version__}, the main 9.9" in bus.problems[0]
            assert bus.capacity == 0 and not redis.client.hlen(PARTITION_OF)
            async with bus_at(redis) as better, at_hand(node_at(redis)):
                await until(lambda: better.capacity == 64 and "install" not in " ".join(better.problems))

    tell(story())


def test_the_share_of_a_node_that_cannot_crawl_is_done_by_the_others(redis: RedisServer) -> None:
    async def story() -> None:
        line = Line(redis.url)
        idle, other = (Station(line, name, lease=LEASE) for name in ("idle", "other"))
        await idle.beat(capacity=0, problems=("broken",), held=(), more=False)
        assert len((await other.beat(capacity=8, problems=(), held=(), more=True)).partitions) == PARTITIONS
        await line.close()

    tell(story())


def test_a_redis_whose_memory_is_full_is_told_and_all_goes_on_when_there_is_room(
    redis: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    async def story() -> None:
        async with bus_at(redis) as bus, at_hand(node_at(redis)):
            await is_ready(bus)
            results = f"yuqing:results:{bus._main}"
            redis.client.xadd(results, {"job": "nobody's", "result": "x" * 1000})
            redis.client.config_set("maxmemory", "1kb")
            await until(lambda: "maxmemory" in bus.trouble and not bus.capacity)
            await until(lambda: not redis.client.xlen(results))  # what is fetched makes room
            redis.client.config_set("maxmemory", "0")
            await is_ready(bus)
            await bus.put(job("next"))
            assert isinstance(await bus.get(), Result) and not bus.trouble

    try:
        tell(story())
    finally:
        redis.client.config_set("maxmemory", "0")
    assert any("redis.away" in record.message and "maxmemory" in record.message for record in caplog.records)


def test_a_wrong_password_is_told_in_the_words_of_redis_and_tried_again(redis: RedisServer) -> None:
    async def story() -> None:
        bus = RedisBus(redis.url.replace("//", "//:wrong@"), name="main", settings={}, look_every=SOON)
        await bus.start()
        await until(lambda: "password" in bus.trouble)
        line = Line(redis.url)
        for command in (("PING",), ("SADD", *map(str, range(20)))):  # Redis has two ways to say it
            with pytest.raises(RedisError) as refused:
                await line.redis.execute_command(*command)
            line.fails(refused.value)
            assert line.error == "Authentication required."
        await line.close()
        redis.client.config_set("requirepass", "wrong")
        await until(lambda: not bus.trouble)
        await bus.stop(timedelta(0))

    redis.client.config_set("requirepass", "right")
    try:
        tell(story())
    finally:
        redis.client.config_set("requirepass", "")


def test_tls_at_a_port_that_has_none_is_told(redis: RedisServer) -> None:
    async def story() -> None:
        bus = RedisBus(redis.url.replace("redis:", "rediss:"), name="main", settings={}, look_every=SOON)
        await bus.start()
        await until(lambda: bus.trouble)
        assert bus.capacity == 0
        await bus.stop(timedelta(0))

    tell(story())


def test_after_redis_was_emptied_nobody_takes_a_partition_that_somebody_may_still_hold(redis: RedisServer) -> None:
    async def story() -> None:
        holder, other = node_at(redis), node_at(redis)
        async with bus_at(redis), AsyncExitStack() as nodes:
            await nodes.enter_async_context(at_hand(holder))
            await until(lambda: len(holder.partitions) == PARTITIONS)
            redis.client.flushall()
            await nodes.enter_async_context(at_hand(other))
            await until(lambda: other.partitions)
            born, (now, _) = int(redis.client.get(BORN).partition(b":")[0]), redis.client.time()
            assert now * 1000 - born >= LEASE.total_seconds() * 1000 - 1000
            assert not holder.partitions & other.partitions

    tell(story())


def test_a_job_that_no_node_takes_in_time_comes_back_and_is_not_done_any_more(
    redis: RedisServer, tmp_path: Path
) -> None:
    async def story() -> None:
        async with bus_at(redis, grace=timedelta(0)) as bus:
            await bus.put(job("j", "visit", folder=str(tmp_path), after=0, deadline=0.3))
            lost = await bus.get()
            assert isinstance(lost, Lost) and "in time" in lost.reason and not lost.blamed
            async with at_hand(node_at(redis)):
                await is_ready(bus)
                await until(lambda: not any(map(redis.client.xlen, map(jobs_key, range(PARTITIONS)))))
                await bus.put(job("later"))
                await bus.get()
        assert not list(tmp_path.iterdir())

    tell(story())


def test_rubbish_in_redis_costs_only_itself(redis: RedisServer) -> None:
    async def story() -> None:
        async with bus_at(redis) as bus, at_hand(node_at(redis)):
            await is_ready(bus)
            results = f"yuqing:results:{bus._main}"
            await bus.put(job("j", "never"))
            for partition in range(PARTITIONS):
                redis.client.xadd(jobs_key(partition), {"x": "y"})
                redis.client.xadd(jobs_key(partition), {"job": "r", "main": bus._main, "within": 9999, "line": "{"})
                redis.client.xadd(jobs_key(partition), {"job": b"\xff", "main": b"\xff", "within": "soon"})
            for fields in (
                {"x": "y"},
                {"job": b"\xff"},
                {"job": "j"},
                {"job": "j", "result": b"\xff["},
                {"job": "j", "lost": '{"job": "j"}'},
                {"job": "j", "lost": '{"job":"j","source":"other","reason":"","blamed":true}'},
            ):
                redis.client.xadd(results, fields)
            redis.client.hset("yuqing:news", "nobody", "[")
            await bus.put(job("k"))
            item = await bus.get()
            assert isinstance(item, Result) and item.job == "k"

    tell(story())


def test_settings_that_are_rubbish_leave_the_node_waiting_for_better_ones(redis: RedisServer) -> None:
    async def story() -> None:
        redis.client.set(SETTINGS, "[")
        async with at_hand(node_at(redis)):
            await until(lambda: redis.client.zcard(NODES))
            async with bus_at(redis) as bus:
                await is_ready(bus)
                await bus.put(job("j"))
                assert isinstance(await bus.get(), Result)

    tell(story())


def test_a_result_that_comes_twice_or_late_is_dropped(redis: RedisServer) -> None:
    async def story() -> None:
        async with bus_at(redis) as bus, at_hand(node_at(redis)):
            await is_ready(bus)
            await bus.put(job("j"))
            result = await bus.get()
            assert isinstance(result, Result)
            results = f"yuqing:results:{bus._main}"
            lost = '{"job":"j","source":"s-j","reason":"late","blamed":true}'
            redis.client.xadd(results, {"job": "j", "lost": lost})
            await until(lambda: redis.client.xlen(results) == 0)
            await bus.put(job("k"))
            assert (await bus.get()).job == "k"

    tell(story())


def test_nothing_piles_up_in_redis(redis: RedisServer) -> None:
    async def story() -> None:
        async with bus_at(redis) as bus, at_hand(node_at(redis)):
            await is_ready(bus)
            for number in range(50):
                await bus.put(job(f"j{number}"))
            await back(bus, 50)
            await until(lambda: not any(map(redis.client.xlen, redis.client.scan_iter("yuqing:*", _type="stream"))))
        assert not list(redis.client.scan_iter("yuqing:results:*"))

    tell(story())


def test_a_redis_that_would_throw_keys_away_is_refused_with_the_fix(redis: RedisServer) -> None:
    asyncio.run(refuse_eviction(redis.url))
    redis.client.config_set("maxmemory-policy", "allkeys-lru")
    with pytest.raises(ConfigError) as refused:
        asyncio.run(refuse_eviction(redis.url))
    assert str(refused.value) == (
        "yuqing.toml: bus.url: want a Redis with maxmemory-policy noeviction; this one has allkeys-lru\n"
        "  fix: redis-cli CONFIG SET maxmemory-policy noeviction, and the same line in redis.conf"
    )


def test_a_redis_that_does_not_answer_is_not_refused() -> None:
    asyncio.run(refuse_eviction(f"redis://127.0.0.1:{free_port()}/0"))
