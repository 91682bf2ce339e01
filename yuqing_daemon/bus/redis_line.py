"""What both ends of the Redis bus share: the keys, the line itself, and what is done when it is broken.

Nothing in Redis needs to last: a job or a result that vanishes there is simply due again.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from datetime import timedelta

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from ..errors import ConfigError, Problem
from .pipes import seat_of
from .seat import pause_before

log = logging.getLogger(__name__)

PARTITIONS = 64  # of the hosts; more than there will ever be crawl nodes
LEASE = timedelta(seconds=10)  # how long a node that is silent keeps its partitions
ANSWER_TIME = 2.0  # seconds Redis may take to answer
BULK_TIME = 60.0  # seconds a result may take on its way: it may have tens of megabytes
SHORTEST_PAUSE, LONGEST_PAUSE = 0.1, 5.0

NODES = "yuqing:nodes"  # sorted set: node -> the millisecond at which its lease ends
NEWS = "yuqing:news"  # hash: node -> JSON, what it says of itself
PARTITION_OF = "yuqing:partitions"  # hash: partition -> node
TURNS = "yuqing:turns"  # hash: place of a host in the turns of a machine -> node
BORN = "yuqing:born"  # the millisecond at which this memory began, and the run of Redis: another one means all is void
SETTINGS = "yuqing:settings"  # JSON: what the nodes' workers are told, and its version

AWAY = (RedisError, OSError)

# How every script begins. What an earlier run of Redis had saved, or another server, may be old: it is as good as lost.
WAKE_UP = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local born_at, run = string.match(redis.call('GET', KEYS[1]) or '', '^(%d+):(%w+)$')
local this_run = string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
if run ~= this_run then
  redis.call('DEL', unpack(KEYS))
  born_at = now
  redis.call('SET', KEYS[1], string.format('%.0f', now) .. ':' .. this_run)
end
born_at = tonumber(born_at)
"""
MEMORY = (BORN, NODES, NEWS, SETTINGS, PARTITION_OF, TURNS)  # the keys of every script that wakes up


def jobs_key(partition: int) -> str:
    """The stream of a partition's jobs."""
    return f"yuqing:jobs:{partition}"


def results_key(main: str) -> str:
    """The stream of what comes back to one main."""
    return f"yuqing:results:{main}"


def partition_of(host: str) -> int:
    """The partition of a host: it has nothing to do with its worker's number within a node.

    >>> partition_of("example.com") == partition_of("example.com")
    True
    """
    return seat_of(f"partition of {host}", PARTITIONS)


class Line:
    """A line to Redis. It says once that it is broken, and once that it is mended."""

    def __init__(self, url: str) -> None:
        self.redis, self.bulk = _client(url, ANSWER_TIME), _client(url, BULK_TIME)
        self.error = ""  # why it is broken
        self._failures = 0
        self._hurry = asyncio.Event()

    @property
    def is_broken(self) -> bool:
        """Whether Redis did not answer when it was last asked."""
        return self._failures > 0

    def works(self) -> None:
        """Redis has answered."""
        if self._failures:
            log.warning("redis.back failures=%d", self._failures)
        self._failures, self.error = 0, ""

    def fails(self, error: Exception) -> None:
        """Redis has not answered."""
        said = str(error)
        self.error = "Authentication required." if "unauthenticated" in said else said
        if not self._failures:
            log.error("redis.away error=%s", self.error)
        self._failures += 1

    async def pause(self) -> None:
        """Wait before the next try, the longer the more tries have failed; hardly at all once we are in a hurry."""
        if self._hurry.is_set():
            await asyncio.sleep(SHORTEST_PAUSE)
        with suppress(TimeoutError):
            await asyncio.wait_for(self._hurry.wait(), min(LONGEST_PAUSE, pause_before(self._failures)))

    def hurry(self) -> None:
        """Nothing is waited for any more: whoever holds the line is about to end."""
        self._hurry.set()

    async def close(self) -> None:
        """Let it go."""
        await self.redis.aclose()
        await self.bulk.aclose()


def _client(url: str, patience: float) -> Redis:
    return Redis.from_url(
        url,
        protocol=2,
        socket_timeout=patience,
        socket_connect_timeout=ANSWER_TIME,
        retry=Retry(NoBackoff(), 0),  # what was sent once is not sent again behind our back
    )


def report(task: asyncio.Task[None]) -> None:
    """Tell of a task that should have gone on for ever."""
    if not task.cancelled() and task.exception() is not None:
        log.critical("bus.failed task=%s", task.get_name(), exc_info=task.exception())


async def refuse_eviction(url: str) -> None:
    """Refuse a Redis that throws keys away when its memory is full: two nodes could then visit one host at once.

    A Redis that cannot be asked now is not refused: the bus waits for it.

    Raises:
        ConfigError: its maxmemory-policy is not noeviction.
    """
    line = Line(url)
    try:
        policy = (await line.redis.info("memory")).get("maxmemory_policy", "noeviction")
    except AWAY as error:
        line.fails(error)
        return
    finally:
        await line.close()
    if policy != "noeviction":
        wanted = f"a Redis with maxmemory-policy noeviction; this one has {policy}"
        fix = "redis-cli CONFIG SET maxmemory-policy noeviction, and the same line in redis.conf"
        raise ConfigError([Problem(file="yuqing.toml", key="bus.url", wanted=wanted, fix=fix)])
