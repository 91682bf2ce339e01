"""The bus of many machines, seen from the main process: Redis Streams, JSON lines, nothing durable.

A job goes to the stream of its host's partition; one crawl node at a time reads a partition. Results come back on a
stream of this main's own. What is outstanding is known here, in memory: a job comes back exactly once, as what its
node sent, or as lost if the node is gone, Redis has forgotten everything, or time is over. Whatever comes later is
dropped. The crawl node's end is ``redis_node.py``.
"""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from .. import __version__
from .crew import Crew, machine, text
from .messages import Job, Lost, Result, job_to_line, lost_from_line, result_from_line
from .redis_line import AWAY, MEMORY, SETTINGS, WAKE_UP, Line, jobs_key, partition_of, report, results_key

log = logging.getLogger(__name__)

MOST_WAITING = 10_000  # jobs of a partition; older ones are trimmed
AT_ONCE = 20  # results read in one go: each may be large
STOPPING = "the bus is stopping"

# KEYS: MEMORY; ARGV: the settings. Returns when this memory began, the owners of
# the partitions, then node, news, node, news ..., where a node that has fallen silent since the last look has no news.
_LOOK = f"""{WAKE_UP}
redis.call('SET', KEYS[4], ARGV[1], 'NX')
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now)
local said = {{redis.call('GET', KEYS[1]), redis.call('HGETALL', KEYS[5])}}
local news = redis.call('HGETALL', KEYS[3])
for i = 1, #news, 2 do
  if redis.call('ZSCORE', KEYS[2], news[i]) then
    said[#said + 1] = news[i]
    said[#said + 1] = news[i + 1]
  else
    redis.call('HDEL', KEYS[3], news[i])
    said[#said + 1] = news[i]
    said[#said + 1] = ''
  end
end
return said
"""


@dataclass(slots=True, eq=False)
class Out:
    """A job that is not back yet, and the moment of the loop's clock at which it is given up.

    ``entry`` is its place in its stream once it is there, ``node`` who took it from there.
    """

    job: Job
    until: float
    entry: Any = None
    node: str = ""


class RedisBus:
    """A ``Bus`` to crawl nodes anywhere. It must be started and used in one event loop.

    Args:
        name: of this main, for people who look into Redis.
        settings: what the nodes' workers are told; must be JSON. Every start makes a new version of them, and the
            nodes then start fresh workers.
        program: the version of the program, which must be the nodes' too.
        grace: how long after its deadline a job may still come back; the time it waits for a worker counts.
        look_every: how often it looks which nodes there are.
    """

    def __init__(
        self,
        url: str,
        *,
        name: str,
        settings: Mapping[str, Any],
        program: str = __version__,
        grace: timedelta = timedelta(seconds=60),
        look_every: timedelta = timedelta(seconds=1),
    ) -> None:
        self._line = Line(url)
        self._look_script = self._line.redis.register_script(_LOOK)
        self._main = f"{name}-{secrets.token_hex(4)}"  # what is left of an earlier run is not ours
        told = {"version": secrets.token_hex(4), "program": program, "settings": dict(settings)}
        self._settings = json.dumps(told)
        self._grace = grace
        self._look_every = look_every.total_seconds()
        self._look_at = 0.0
        self._is_told = False
        self._born = b""
        self._crew = Crew()
        self._out: dict[str, Out] = {}
        self._back: asyncio.Queue[Result | Lost] = asyncio.Queue()
        self._closing = self._is_over = False
        self._life: asyncio.Task[None] | None = None

    @property
    def capacity(self) -> int:
        """How many jobs may usefully be out at once: none while Redis or every node is away."""
        return 0 if self._line.is_broken else self._crew.capacity

    @property
    def problems(self) -> tuple[str, ...]:
        """What the nodes' workers could not load, each with its node."""
        return self._crew.problems

    @property
    def trouble(self) -> str:
        """Why nothing can be crawled, as far as Redis is the reason."""
        return self._line.error and f"Redis is away: {self._line.error}"

    def nodes(self, hosts: Mapping[str, str]) -> Mapping[str, Any]:
        """Its crawl nodes, and those that are gone."""
        return self._crew.seen(hosts)

    async def start(self) -> None:
        """Begin to listen. Redis may be away: it is waited for."""
        self._life = asyncio.create_task(self._live(), name="redis-bus")
        self._life.add_done_callback(report)

    async def put(self, job: Job) -> None:
        """Hand a job to the node of its host."""
        patience = job.deadline + self._grace
        out = Out(job, asyncio.get_running_loop().time() + patience.total_seconds())
        self._out[job.id] = out
        if self._closing:
            self._give_up([out], STOPPING)
            return
        fields: dict[Any, Any] = {
            "job": job.id,
            "main": self._main,
            "within": int(patience.total_seconds() * 1000),
            "line": job_to_line(job),
        }
        try:
            stream = jobs_key(partition_of(job.host))
            out.entry = await self._line.redis.xadd(stream, fields, maxlen=MOST_WAITING, approximate=True)
        except AWAY as error:
            self._line.fails(error)
            self._give_up([out], f"Redis is away: {error}")

    async def get(self) -> Result | Lost:
        """The next thing that came back."""
        return await self._back.get()

    def also(self, most: int) -> list[Result | Lost]:
        """What else has come back by now, at most so many; it never waits."""
        return [self._back.get_nowait() for _ in range(min(most, self._back.qsize()))]

    async def stop(self, grace: timedelta) -> None:
        """Take back what no node has begun, and give the rest this long. What is left then comes back lost."""
        self._closing = True
        with suppress(*AWAY):
            await self._withdraw([out for out in self._out.values() if out.entry and not out.node])
        until = asyncio.get_running_loop().time() + grace.total_seconds()
        while self._out and not self._line.is_broken and asyncio.get_running_loop().time() < until:
            await asyncio.sleep(0.02)
        self._give_up(self._out.values(), STOPPING)
        self._is_over = True
        self._line.hurry()
        if self._life is not None:
            await asyncio.wait([self._life])  # it is not cancelled: the client may swallow that
        with suppress(*AWAY):
            await self._line.redis.delete(results_key(self._main))
        await self._line.close()

    async def _withdraw(self, waiting: list[Out]) -> None:
        for out in waiting:
            if await self._line.redis.xdel(jobs_key(partition_of(out.job.host)), out.entry):
                self._give_up([out], STOPPING)

    def _give_up(self, outs: Iterable[Out], reason: str) -> None:
        for out in list(outs):
            if self._out.pop(out.job.id, None) is not None:
                lost = Lost(job=out.job.id, source=out.job.source.id, reason=reason, blamed=False)
                self._back.put_nowait(lost)

    # -- what goes on all the time --------------------------------------------------------------------

    async def _live(self) -> None:
        clock = asyncio.get_running_loop()
        while not self._is_over:
            try:
                try:
                    if clock.time() >= self._look_at:
                        await self._look()
                        self._look_at = clock.time() + self._look_every
                finally:  # one whose memory is full takes no word any more, and gets room by what is fetched
                    await self._listen()
                self._line.works()
            except AWAY as error:
                self._line.fails(error)
                await self._line.pause()
            late = [out for out in self._out.values() if clock.time() > out.until]
            self._give_up(late, "no crawl node has sent its result in time")

    async def _look(self) -> None:
        """See which nodes there are, and give up what those had that are gone."""
        if not self._is_told:
            await self._line.redis.set(SETTINGS, self._settings)
            self._is_told = True
        known = [(out, out.node) for out in self._out.values() if out.entry]  # before the look: the newer is not in it
        born, *said = await self._look_script(keys=MEMORY, args=[self._settings])
        self._crew.see(*said)
        if self._born and born != self._born:
            self._give_up([out for out, _ in known], "Redis was emptied")
        self._born = born
        gone = [out for out, node in known if node and node not in self._crew.nodes]
        self._give_up(gone, "its crawl node is gone")

    async def _listen(self) -> None:
        """Take in what has come back; wait for it a little if there is nothing."""
        stream = results_key(self._main)
        entries: list[Any] = await self._line.bulk.xrange(stream, count=AT_ONCE) or []
        for _, fields in entries:
            self._hear(fields)
        if entries:
            await self._line.redis.xdel(stream, *(entry for entry, _ in entries))
        else:
            await self._line.bulk.xread({stream: "0-0"}, count=1, block=int(self._look_every * 500))

    def _hear(self, fields: Mapping[bytes, bytes]) -> None:
        out = self._out.get(text(fields.get(b"job", b"")))
        if out is None:
            log.debug("redis.late job=%.100r", fields.get(b"job"))
        elif b"node" in fields:
            out.node = text(fields[b"node"])
        else:
            try:
                item = lost_from_line(fields[b"lost"]) if b"lost" in fields else result_from_line(fields[b"result"])
            except (KeyError, ValueError) as error:
                log.error("redis.rubbish job=%s error=%.200s", out.job.id, error)  # noqa: TRY400 - one line is enough
                return
            if (item.job, item.source) != (out.job.id, out.job.source.id):
                log.error("redis.stray_result job=%s source=%.100s", out.job.id, item.source)
                return
            del self._out[out.job.id]
            self._back.put_nowait(replace(item, node=machine(out.node)) if isinstance(item, Result) else item)
