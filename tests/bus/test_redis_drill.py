"""A drill where another machine crawls: its page goes over Redis, and the record says as much as without it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from daemon.house import House, house
from redis_server import RedisServer, crawling_only

STEPS = ["asked", "crawled", "matched", "event", "level", "escalated", "promised"]


@pytest.fixture
def home(redis: RedisServer, tmp_path: Path) -> Iterator[House]:
    (tmp_path / "main").mkdir()
    with house(tmp_path / "main", only=("--only", "main")) as made:
        made.add("yuqing.toml", f'[bus]\nurl = "{redis.url}"\n')
        yield made


@pytest.fixture
def node(redis: RedisServer, tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    with crawling_only(tmp_path / "node", redis.url) as machine:
        yield machine


def test_a_drill_goes_over_redis_and_back(home: House, node: subprocess.Popen[bytes], tmp_path: Path) -> None:
    home.start()
    assert not home.workers(), "the main crawls itself"
    done = home.cli("drill", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    came = json.loads(done.stdout)
    assert [each["step"] for each in came["steps"]] == STEPS
    assert {(each["recipient"], each["channel"]) for each in came["told"] if each["accepted"]} == {
        ("duty", "mail"),
        ("second", "chat"),
        ("office", "mail"),
    }
    assert home.ask("select count(*) from event") == [(0,)]
    assert "Traceback" not in home.log + (tmp_path / "node" / "log").read_text()


def test_a_drill_that_no_machine_crawls_ends_in_time_and_says_how_far_it_came(
    home: House, node: subprocess.Popen[bytes], redis: RedisServer
) -> None:
    home.start()
    node.kill()
    node.wait()
    done = home.cli("drill", "--wait", "3", "--json")
    assert done.returncode == 1, done.stdout + done.stderr
    came = json.loads(done.stdout)
    assert (came["ok"], came["told"]) == (False, [])
    assert "asked" in came["fault"]
    assert not home.inbox.mails


def test_a_drill_whose_page_the_other_machine_cannot_reach_says_which_address_to_mend(
    home: House, node: subprocess.Popen[bytes]
) -> None:
    home.change("yuqing.toml", "[web]\n", '[web]\npublic_url = "http://127.0.0.1:9"\n')
    home.start()
    done = home.cli("drill", "--wait", "20")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "its page http://127.0.0.1:9/drill/" in done.stdout
    assert "public_url" in done.stdout
