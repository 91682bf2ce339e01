"""A crawl node's end of the Redis bus: its lease on partitions, the jobs in them, and what it sends back.

Only the holder of a partition can take its jobs, so a host is visited by one node at a time. A lease ends when its
node has been silent for ``LEASE``. After Redis has lost its memory, nobody gets a partition of somebody else's until
that one's lease must be over.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from .. import __version__
from .messages import Job, Lost, Result, job_from_line, lost_to_line, result_to_line
from .redis_line import (
    LEASE,
    MEMORY,
    NEWS,
    NODES,
    PARTITION_OF,
    PARTITIONS,
    TURNS,
    WAKE_UP,
    Line,
    jobs_key,
    results_key,
)

log = logging.getLogger(__name__)

MOST_RESULTS = 10_000
KEEP_RESULTS = 600  # seconds, for a main that does not come to fetch them
AT_ONCE = 8  # jobs of one partition

# KEYS: MEMORY; ARGV: node, lease in ms, partitions there are, news, whether it wants
# more, then the partitions that it holds for certain. Returns settings, its fair share, then what it holds now.
_BEAT = f"""{WAKE_UP}
local node, lease, total = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now)
redis.call('ZADD', KEYS[2], now + lease, node)
redis.call('HSET', KEYS[3], node, ARGV[4])
local held = {{}}
for i = 6, #ARGV do held[ARGV[i]] = true end
local takers = 0
for _, other in ipairs(redis.call('ZRANGE', KEYS[2], 0, -1)) do
  if not string.find(redis.call('HGET', KEYS[3], other) or '', '"capacity": 0,', 1, true) then takers = takers + 1 end
end
local share = math.ceil(total / math.max(1, takers))
local all_leases_are_known = now - born_at > lease
local wants_more = ARGV[5] == '1' and all_leases_are_known
local mine = {{}}
for number = 0, total - 1 do
  local partition = tostring(number)
  local owner = redis.call('HGET', KEYS[5], partition)
  local is_free = not owner or (owner ~= node and not redis.call('ZSCORE', KEYS[2], owner))
  if is_free and (held[partition] or (wants_more and #mine < share)) then
    redis.call('HSET', KEYS[5], partition, node)
    owner = node
  end
  if owner == node then mine[#mine + 1] = partition end
end
return {{redis.call('GET', KEYS[4]) or '', share, unpack(mine)}}
"""

# KEYS: MEMORY; ARGV: node, lease in ms, how many of the places it has for certain, then those, then others that it
# wants. Returns which of them are its own.
_HOLD = f"""{WAKE_UP}
local function lives(node) return now < tonumber(redis.call('ZSCORE', KEYS[2], node) or '0') end
local mine = {{}}
if not lives(ARGV[1]) then return mine end
local all_leases_are_known = now - born_at > tonumber(ARGV[2])
for i = 4, #ARGV do
  local owner = redis.call('HGET', KEYS[6], ARGV[i])
  local is_free = not owner or (owner ~= ARGV[1] and not lives(owner))
  if is_free and (all_leases_are_known or i - 4 < tonumber(ARGV[3])) then
    redis.call('HSET', KEYS[6], ARGV[i], ARGV[1])
    owner = ARGV[1]
  end
  if owner == ARGV[1] then mine[#mine + 1] = ARGV[i] end
end
return mine
"""

# KEYS: NODES PARTITION_OF, then the streams of the partitions; ARGV: node, how many of each, how many results a main
# may have waiting, how long, how a main's results are called, then the partitions. Returns partition, fields, ...
_TAKE = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if now > tonumber(redis.call('ZSCORE', KEYS[1], ARGV[1]) or '0') then return {} end
local taken = {}
for i = 3, #KEYS do
  local partition = ARGV[i + 3]
  local is_mine = redis.call('HGET', KEYS[2], partition) == ARGV[1]
  local entries = is_mine and redis.call('XRANGE', KEYS[i], '-', '+', 'COUNT', ARGV[2]) or {}
  for _, entry in ipairs(entries) do
    redis.call('XDEL', KEYS[i], entry[1])
    local job = {}
    for f = 1, #entry[2], 2 do job[entry[2][f]] = entry[2][f + 1] end
    local age = now - tonumber(string.match(entry[1], '^%d+'))
    if job.main and job.job and age < (tonumber(job.within) or 0) then
      local results = ARGV[5] .. job.main
      redis.call('XADD', results, 'MAXLEN', '~', ARGV[3], '*', 'job', job.job, 'node', ARGV[1])
      redis.call('EXPIRE', results, ARGV[4])
      taken[#taken + 1] = partition
      taken[#taken + 1] = job.main
      taken[#taken + 1] = job.line or ''
    end
  end
end
return taken
"""

# KEYS: PARTITION_OF or TURNS; ARGV: node, then the partitions or places.
_GIVE_BACK = """
for i = 2, #ARGV do
  if redis.call('HGET', KEYS[1], ARGV[i]) == ARGV[1] then redis.call('HDEL', KEYS[1], ARGV[i]) end
end
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What a node has for now.

    ``share`` is how many partitions are its due, ``version`` is that of the workers' settings, ``program`` that of the
    main's program, ``settings`` are ``None`` as long as no main has told any.
    """

    partitions: frozenset[int]
    share: int
    version: str
    settings: Mapping[str, Any] | None
    program: str = ""

    @property
    def misfit(self) -> tuple[str, ...]:
        """Why the node can do nothing for the main, if so: what one writes, the other must be able to read."""
        if self.settings is None or self.program == __version__:
            return ()
        main = self.program or "an older version"
        return (f"it is yuqing-daemon {__version__}, the main {main}: install the same version on both",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A job that was taken, the partition it stood in, and the main that wants the result."""

    job: Job
    partition: int
    main: str


class Station:
    """One crawl node at Redis. Every method raises one of ``redis_line.AWAY`` if Redis does not answer.

    Args:
        node: its name, which no other node and no earlier run has.
        lease: must be the same on all nodes.
    """

    def __init__(self, line: Line, node: str, *, lease: timedelta = LEASE) -> None:
        self._redis, self._bulk = line.redis, line.bulk
        self._node = node
        self._since = f"{datetime.now(UTC):%FT%TZ}"
        self._lease = int(lease.total_seconds() * 1000)
        scripts = (_BEAT, _TAKE, _HOLD, _GIVE_BACK)
        self._beat, self._take, self._hold, self._give_back = map(self._redis.register_script, scripts)

    async def beat(self, *, capacity: int, problems: tuple[str, ...], held: Collection[int], more: bool) -> Standing:
        """Renew the lease.

        Args:
            capacity: how many jobs it can hold; problems: what its workers could not load.
            held: the partitions it holds for certain; more: whether it takes as many as are its due.
        """
        news = json.dumps({"capacity": capacity, "problems": problems, "since": self._since})
        settings, share, *mine = await self._beat(
            keys=MEMORY,
            args=[self._node, self._lease, PARTITIONS, news, int(more), *held],
        )
        version, program, told = _settings(settings)
        return Standing(
            partitions=frozenset(map(int, mine)), share=share, version=version, settings=told, program=program
        )

    async def take(self, partitions: Collection[int]) -> list[Order]:
        """The jobs that wait in partitions that are still its own; they are its own from now on."""
        found = await self._take(
            keys=[NODES, PARTITION_OF, *map(jobs_key, partitions)],
            args=[self._node, AT_ONCE, MOST_RESULTS, KEEP_RESULTS, results_key(""), *partitions],
        )
        orders = []
        for partition, main, line in zip(found[::3], found[1::3], found[2::3], strict=True):
            try:
                job = job_from_line(line)
            except ValueError as error:
                log.error("redis.rubbish partition=%d error=%.200s", int(partition), error)  # noqa: TRY400
            else:
                orders.append(Order(job=job, partition=int(partition), main=main.decode(errors="replace")))
        return orders

    async def wait(self, partitions: Collection[int], seconds: float) -> None:
        """Wait until there may be a job."""
        await self._redis.xread({jobs_key(partition): "0-0" for partition in partitions}, 1, int(seconds * 1000))

    async def answer(self, main: str, item: Result | Lost) -> None:
        """Send back what came of a job."""
        stream = results_key(main)
        fields: dict[Any, Any] = {"job": item.job}
        fields |= {"lost": lost_to_line(item)} if isinstance(item, Lost) else {"result": result_to_line(item)}
        async with self._bulk.pipeline(transaction=True) as pipeline:
            pipeline.xadd(stream, fields, maxlen=MOST_RESULTS, approximate=True)
            pipeline.expire(stream, KEEP_RESULTS)
            await pipeline.execute()

    async def hold(self, ours: Collection[int], wanted: Collection[int]) -> set[int]:
        """Which of the places that it has for certain, and of those that it wants, are its own now."""
        found = await self._hold(keys=MEMORY, args=[self._node, self._lease, len(ours), *ours, *wanted])
        return set(map(int, found))

    async def let_go(self, places: Collection[int]) -> None:
        """Let others have these places, now."""
        await self._give_back(keys=[TURNS], args=[self._node, *places])

    async def give_back(self, partitions: Collection[int]) -> None:
        """Let others have these partitions, now."""
        await self._give_back(keys=[PARTITION_OF], args=[self._node, *partitions])

    async def leave(self, partitions: Collection[int]) -> None:
        """Be a node no more."""
        await self.give_back(partitions)
        await self._redis.zrem(NODES, self._node)
        await self._redis.hdel(NEWS, self._node)


def _settings(line: bytes) -> tuple[str, str, Mapping[str, Any] | None]:
    """The version of a line, that of the main's program, and the settings; nothing if it says nothing sensible.

    >>> _settings(b'{"version": "7", "program": "0.1", "settings": {"gap": 1}}'), _settings(b"[")
    (('7', '0.1', {'gap': 1}), ('', '', None))
    """
    try:
        told = json.loads(line)
        return str(told["version"]), str(told.get("program", "")), dict(told["settings"])
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        if line:
            log.error("redis.rubbish settings=%.200r", line)  # noqa: TRY400 - one line is enough
        return "", "", None
