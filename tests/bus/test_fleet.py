"""A main that does not crawl and two machines that do nothing else, all of them real: nodes die and sleep, Redis dies.

Each site is a host of its own, and both nodes have some.
"""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from daemon.house import COMPLAINT, DAEMON, NOT_INHERITED, House, Site, house, until
from redis_server import RedisServer

from yuqing_daemon.bus.redis_line import NODES, PARTITION_OF, PARTITIONS, partition_of

ENVIRON = {name: value for name, value in os.environ.items() if name not in NOT_INHERITED}


class SlowSite(Site):
    """A site that gives an article only when it may."""

    def __init__(self) -> None:
        super().__init__()
        self.visits = 0
        self.asked = threading.Event()
        self.may_answer = threading.Event()
        self.may_answer.set()
        at_once = self.server.RequestHandlerClass.do_GET  # type: ignore[attr-defined]
        site = self

        def do_GET(handler: Any) -> None:
            site.visits += handler.path == "/"
            if handler.path.startswith("/2026/"):
                site.asked.set()
                site.may_answer.wait(120)
            at_once(handler)

        self.server.RequestHandlerClass.do_GET = do_GET  # type: ignore[attr-defined]

    @property
    def host(self) -> str:
        return self.url.split("/")[2]

    def hold(self, number: int) -> None:
        """Publish an article, and keep whoever reads it waiting."""
        self.asked.clear()
        self.may_answer.clear()
        self.publish(number)


class Node:
    """``yuqing run --only crawl`` in a folder of its own."""

    def __init__(self, folder: Path, url: str) -> None:
        folder.mkdir()
        (folder / "yuqing.toml").write_text(f'[bus]\nurl = "{url}"\n[crawl]\nworkers = 1\n')
        self._log = folder / "log"
        with self._log.open("wb") as log:
            command = [*DAEMON, "--config", str(folder), "run", "--only", "crawl"]
            self.process = subprocess.Popen(command, env=ENVIRON, stdout=log, stderr=log)

    @property
    def log(self) -> str:
        return self._log.read_text(errors="replace")

    def workers(self) -> list[int]:
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return [int(pid) for pid in children.split()]

    def is_called(self, name: bytes) -> bool:
        return f"-{self.process.pid}-" in name.decode()

    def close(self) -> None:
        self.process.kill()
        self.process.wait()


class Fleet:
    """The main's house, the sites, the nodes."""

    def __init__(self, home: House, redis: RedisServer, folder: Path) -> None:
        self.home, self.redis, self._folder = home, redis, folder
        self.sites = [SlowSite() for _ in range(6)]
        self.nodes: list[Node] = []
        self._count = 0
        home.add("yuqing.toml", f'[bus]\nurl = "{redis.url}"\n')
        for number, site in enumerate(self.sites):
            home.add("sources.toml", f'[[source]]\nid = "s{number}"\nurl = "{site.url}"\nspider = "page"\n')
            home.add("sources.toml", "internal = true\nevery = 1\n")

    def start(self) -> None:
        with (self.home.folder / "daemon.log").open("wb") as log:
            command = [*DAEMON, "--config", str(self.home.folder), "run", "--only", "main"]
            self.home.process = subprocess.Popen(command, env=ENVIRON, stdout=log, stderr=log)
        self.be_two()
        read = "select count(*) from source where first_read_at is not null"
        until(lambda: self.home.ask(read) == [(1 + len(self.sites),)], "the first visits")

    def be_two(self) -> None:
        """Go on with two nodes that live and share the hosts."""
        self.nodes = [node for node in self.nodes if node.process.poll() is None]
        while len(self.nodes) < 2:
            self._count += 1
            self.nodes.append(Node(self._folder / f"node{self._count}", self.redis.url))
        half = PARTITIONS // 2
        until(lambda: sorted(Counter(self.owners()).values()) == [half, half], "a share for both")

    def owners(self) -> list[bytes]:
        return list(self.redis.client.hvals(PARTITION_OF))

    def node_of(self, site: SlowSite) -> Node | None:
        owner = self.redis.client.hget(PARTITION_OF, partition_of(site.host)) or b""
        return next((node for node in self.nodes if node.is_called(owner)), None)

    def told_of(self, number: int) -> int:
        """How many mails the monitor has had about a story."""
        return sum(f"第{number}号投诉" in subject for subject in self.home.inbox.subjects("duty@"))

    def posts(self, number: int) -> list[tuple[Any, ...]]:
        return self.home.ask(f"select text from post where url like '%/c1-{100_000 + number}.html'")


@pytest.fixture(scope="module")
def running(redis_server: RedisServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    folder = tmp_path_factory.mktemp("fleet")
    (folder / "main").mkdir()
    redis_server.be_old()
    with house(folder / "main") as home:
        fleet = Fleet(home, redis_server, folder)
        try:
            fleet.start()
            yield fleet
        finally:
            for node in fleet.nodes:
                node.close()
            for site in fleet.sites:
                site.may_answer.set()
                site.server.shutdown()
                site.server.server_close()


@pytest.fixture
def fleet(running: Fleet) -> Fleet:
    running.be_two()
    return running


def test_an_operator_sees_which_node_crawls_what_since_when(fleet: Fleet) -> None:
    said = json.loads(fleet.home.cli("status", "--json").stdout)
    names = {node["node"]: node for node in said["nodes"]}
    assert len(names) == 2 and not any(node["problems"] for node in said["nodes"])
    assert sorted(source for node in said["nodes"] for source in node["sources"]) == [
        "news",
        "s0",
        "s1",
        "s2",
        "s3",
        "s4",
        "s5",
    ]
    for name in names:
        assert f"{name} since 20" in fleet.home.cli("status").stdout
    listed = fleet.home.cli("sources").stdout.splitlines()
    assert "NODE" in listed[0]
    assert all(any(name in line for name in names) for line in listed[1:8])


def a_site_and_its_node(fleet: Fleet) -> tuple[SlowSite, Node]:
    site = fleet.sites[0]
    return site, until(lambda: fleet.node_of(site), "a node for the site")


def test_what_a_killed_node_was_reading_another_reads_within_the_lease_and_it_is_told_once(fleet: Fleet) -> None:
    site, node = a_site_and_its_node(fleet)
    site.hold(1)
    assert site.asked.wait(60)
    (worker,) = map(os.pidfd_open, node.workers())
    node.close()
    assert select.select([worker], [], [], 60)[0], "no crawler outlives its node"
    os.close(worker)
    site.may_answer.set()
    until(lambda: fleet.told_of(1), "the notice")
    assert "has not been heard of" not in fleet.home.cli("status").stdout  # the other is on the same machine
    assert fleet.node_of(site) not in (None, node)
    assert fleet.told_of(1) == len(fleet.posts(1)) == 1


def test_what_a_killed_worker_was_reading_is_read_again_and_told_once(fleet: Fleet) -> None:
    site, node = a_site_and_its_node(fleet)
    site.hold(20)
    assert site.asked.wait(60)
    (worker,) = node.workers()
    os.kill(worker, signal.SIGKILL)
    site.may_answer.set()
    until(lambda: fleet.told_of(20), "the notice")
    assert fleet.told_of(20) == len(fleet.posts(20)) == 1
    assert worker not in node.workers() and node.process.poll() is None


def test_what_a_node_brings_that_slept_through_its_lease_changes_nothing(fleet: Fleet) -> None:
    site, node = a_site_and_its_node(fleet)
    site.hold(2)
    assert site.asked.wait(60)
    node.process.send_signal(signal.SIGSTOP)
    site.may_answer.set()  # its worker goes on, and its result lies in a pipe
    until(lambda: not any(map(node.is_called, fleet.redis.client.zrange(NODES, 0, -1))), "the end of its lease")
    site.publish(2, text=COMPLAINT.replace("两盒", "三盒"))
    until(lambda: fleet.told_of(2), "the notice")
    assert fleet.node_of(site) not in (None, node)
    node.process.send_signal(signal.SIGCONT)
    fleet.be_two()
    until(lambda: "node.unsure" in node.log, "the node to notice")
    visits = site.visits
    until(lambda: site.visits > visits + 1, "a visit after that")
    assert fleet.told_of(2) == len(fleet.posts(2)) == 1
    assert "三盒" in fleet.posts(2)[0][0]


def test_a_redis_that_dies_loses_nothing_of_what_appears_meanwhile(fleet: Fleet) -> None:
    fleet.sites[0].hold(3)
    assert fleet.sites[0].asked.wait(60)
    fleet.redis.kill()
    until(lambda: "redis.away" in fleet.home.log, "the main to notice")
    for number, site in enumerate(fleet.sites, start=3):
        if number > 3:
            site.publish(number)
    fleet.redis.start()
    fleet.sites[0].may_answer.set()
    numbers = range(3, 3 + len(fleet.sites))
    until(lambda: all(map(fleet.told_of, numbers)), "the notices", 120)
    assert [fleet.told_of(number) for number in numbers] == [1] * len(numbers)
    assert [len(fleet.posts(number)) for number in numbers] == [1] * len(numbers)


def test_nodes_that_are_told_to_stop_end_well(fleet: Fleet) -> None:
    with closing(fleet.nodes[0]), closing(fleet.nodes[1]):
        for node in fleet.nodes:
            node.process.terminate()
        assert [node.process.wait(60) for node in fleet.nodes] == [0, 0]
    assert "Traceback" not in "".join(node.log for node in fleet.nodes) + fleet.home.log
