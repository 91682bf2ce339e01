"""The crawl nodes of the Redis bus as a main sees them: who is there, what each says and holds, who is gone."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from .redis_line import partition_of

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class News:
    """What a node says of itself: how many jobs it can hold, what is wrong with it, since when it is there."""

    capacity: int
    problems: tuple[str, ...]
    since: str = ""


class Crew:
    """The nodes that were there at the last look."""

    def __init__(self) -> None:
        self.nodes: dict[str, News] = {}
        self._owners: dict[int, str] = {}
        self._gone: dict[str, str] = {}  # machine -> when its only node had fallen silent

    @property
    def capacity(self) -> int:
        """How many jobs they can hold."""
        return sum(news.capacity for news in self.nodes.values())

    @property
    def problems(self) -> tuple[str, ...]:
        """What is wrong with them, each with its node."""
        return tuple(f"{node}: {problem}" for node, news in sorted(self.nodes.items()) for problem in news.problems)

    def see(self, owners: Sequence[bytes], *said: bytes) -> None:
        """Take in a look: partition, owner, ...; then node, news, ... where one that fell silent has no news."""
        news = {text(node): line for node, line in zip(said[::2], said[1::2], strict=True)}
        before, self.nodes = self.nodes, {node: _news(line) for node, line in news.items() if line}
        self._owners = {int(at): text(node) for at, node in zip(owners[::2], owners[1::2], strict=True)}
        living = set(map(machine, self.nodes))
        for node in news.keys() - self.nodes.keys():
            log.error("node.gone node=%s reason=it was silent for longer than its lease", node)
            if machine(node) not in living:
                self._gone[machine(node)] = f"{datetime.now(UTC):%FT%TZ}"
        for node in self.nodes.keys() - before.keys():
            log.info("node.came node=%s", node)
            self._gone.pop(machine(node), None)

    def seen(self, hosts: Mapping[str, str]) -> dict[str, Any]:
        """All of it, for people. ``hosts``: of each source."""
        owner = {source: self._owners.get(partition_of(host), "") for source, host in hosts.items()}
        nodes = [
            {
                "node": node,
                "since": news.since,
                "capacity": news.capacity,
                "problems": list(news.problems),
                "sources": [source for source in hosts if owner[source] == node],
            }
            for node, news in sorted(self.nodes.items())
        ]
        return {"nodes": nodes, "gone": dict(self._gone)}


def text(value: bytes) -> str:
    """What Redis holds, as text."""
    return value.decode(errors="replace")


def machine(node: str) -> str:
    """The machine of a node, whose name also has its process and a mark.

    >>> machine("crawl-2-4711-a0f3")
    'crawl-2'
    """
    return node.rsplit("-", 2)[0]


def _news(line: bytes) -> News:
    """A node's news; one that says nothing sensible can hold nothing.

    >>> _news(b'{"capacity": 16, "problems": []}'), _news(b"[")
    (News(capacity=16, problems=(), since=''), News(capacity=0, problems=(), since=''))
    """
    try:
        news = json.loads(line)
        return News(max(0, int(news["capacity"])), tuple(map(str, news["problems"])), str(news.get("since", "")))
    except (ValueError, TypeError, KeyError, RecursionError):
        return News(0, ())
