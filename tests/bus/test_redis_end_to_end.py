"""A real main and a real machine that only crawls, with Redis between them: from a page to a notice."""

from __future__ import annotations

import signal
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from redis_server import RedisServer, crawling_only

from yuqing_daemon import control
from yuqing_daemon.bus.redis_line import NEWS, PARTITION_OF, PARTITIONS, partition_of
from yuqing_daemon.cli import cli
from yuqing_daemon.config import write_example
from yuqing_daemon.demo.farm import SiteServer, farm
from yuqing_daemon.demo.process import running
from yuqing_daemon.demo.setup import DUTY_MAIL, write_configuration
from yuqing_daemon.demo.sinks import Sinks, free_port, sinks
from yuqing_daemon.errors import ConfigError, RequestError
from yuqing_daemon.store import Store, sources


def until(holds: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < deadline, f"in vain waited for: {what}"
        time.sleep(0.02)


def configured(folder: Path, sites: tuple[SiteServer, ...], inboxes: Sinks, url: str, port: int) -> Path:
    folder.mkdir()
    write_configuration(folder, sites, inboxes, port=port, secret="s")
    with (folder / "yuqing.toml").open("a") as main:
        main.write(f'\n[bus]\nurl = "{url}"\n')
    return folder


def read_sources(folder: Path) -> int:
    """How many sources have been read at least once."""
    store = Store.look(folder / "state")
    try:
        with store.read() as connection:
            return sum(row.first_read_at is not None for row in sources.all_rows(connection))
    finally:
        store.close()


def owners(redis: RedisServer, sites: tuple[SiteServer, ...]) -> set[bytes]:
    """The nodes whose partitions the sites are in."""
    hosts = [site.press.list_url.split("/")[2] for site in sites]
    return {redis.client.hget(PARTITION_OF, partition_of(host)) for host in hosts}


def test_a_main_and_a_machine_that_only_crawls_raise_an_alert_though_redis_dies_meanwhile(
    redis: RedisServer, tmp_path: Path
) -> None:
    story_time, port = [-1.0], free_port()
    with ExitStack() as stack:
        sites = stack.enter_context(farm(lambda: story_time[0], began_at=datetime.now(UTC)))
        inboxes = stack.enter_context(sinks(tmp_path / "received", secret="s"))
        folder = configured(tmp_path / "main", sites, inboxes, redis.url, port)
        node = stack.enter_context(crawling_only(tmp_path / "node", redis.url))
        daemon = stack.enter_context(running(folder, port=port))

        until(daemon.is_ready, "the daemon")
        until(lambda: read_sources(folder) == len(sites), "the first visits")
        half = PARTITIONS // 2
        until(lambda: sorted(Counter(redis.client.hvals(PARTITION_OF)).values()) == [half, half], "a share for both")
        if len(owners(redis, sites)) == 2:
            visits = [site.visits for site in sites]
            until(lambda: all(s.visits > v for s, v in zip(sites, visits, strict=True)), "visits by both nodes")

        redis.kill()
        until(lambda: "redis.away" in daemon.log.read_text(), "the daemon to notice")
        control.ask(folder / "state", {"do": "test-notify", "target": "duty", "by": "tester"})
        until(lambda: inboxes.mail.received, "a notice that goes out without Redis")
        tests = len(inboxes.mail.received)
        redis.start()
        redis.be_old()

        story_time[0] = 10.0
        until(lambda: len(inboxes.mail.received) > tests, "the notice")
        assert inboxes.mail.received[-1].to == DUTY_MAIL

        assert redis.client.hlen(NEWS) == 2
        node.send_signal(signal.SIGTERM)
        assert node.wait(30) == 0
        assert redis.client.hlen(NEWS) == 1
        assert not list((tmp_path / "node").glob("**/*.db")), "it opens no database"
        assert daemon.stop() == 0
        assert "Traceback" not in daemon.log.read_text() + (tmp_path / "node" / "log").read_text()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "bus.url: want the Redis that the main uses"),
        ('[bus]\nurl = "localhost"\n', "bus.url = 'localhost': want a URL with redis or rediss"),
        ('[bus]\nurl = { env = "TEST_GONE" }\n', "want the environment variable TEST_GONE to be set"),
        ('[bus]\nurl = { env = "HOME" }\n', "want a URL with redis or rediss to stand there"),
        ("[bus]\nhost = 'a'\n", "want a key that exists here"),
    ],
)
def test_a_node_that_has_no_redis_says_what_it_wants(text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "yuqing.toml").write_text(text)
    done = CliRunner().invoke(cli, ["--config", str(tmp_path), "run", "--only", "crawl"])
    assert isinstance(done.exception, ConfigError)
    assert said in str(done.exception)


def test_a_main_that_does_not_crawl_needs_others_that_can(tmp_path: Path) -> None:
    write_example(tmp_path)
    done = CliRunner().invoke(cli, ["--config", str(tmp_path), "run", "--only", "main"])
    assert isinstance(done.exception, RequestError)
    assert "--only main needs a Redis" in str(done.exception)
