"""One gate and one robots.txt for each host, for all crawls of a worker."""

import asyncio
import os
import subprocess
import sys
import tempfile
from collections.abc import Coroutine
from typing import Any

import pytest

from yuqing_daemon.crawl.guard import Permits, Refused
from yuqing_daemon.crawl.politeness import Gate
from yuqing_daemon.crawl.robots_cache import RobotsCache
from yuqing_daemon.crawl.turns import Turn, Turns
from yuqing_daemon.domain import Source


class Clock:
    """A clock that sleeping moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


def run(story: Coroutine[Any, Any, None]) -> None:
    asyncio.run(story)


def test_requests_to_one_host_keep_their_distance_and_others_do_not_wait(clock: Clock) -> None:
    async def story() -> None:
        gate, at = Gate(gap=1.0, clock=clock, sleep=clock.sleep), []
        for url in ("http://a.example.com/1", "http://b.example.com/2", "http://example.org/", "http://example.com/3"):
            async with gate.turn(url):
                at.append(clock.now - 1000)
        assert at == [0, 1, 1, 2]

    run(story())


def test_a_crawl_delay_counts_if_it_is_longer(clock: Clock) -> None:
    async def story() -> None:
        gate = Gate(gap=1.0, clock=clock, sleep=clock.sleep)
        gate.slow_down("http://example.com/", 7)
        for _ in range(2):
            async with gate.turn("http://example.com/", gap=0):
                pass
        assert clock.now == 1007
        gate.slow_down("http://example.com/", 86400)
        async with gate.turn("http://example.com/"):
            pass
        async with gate.turn("http://example.com/"):
            pass
        assert clock.now < 1100

    run(story())


def test_a_closed_host_is_not_asked_until_its_time_is_over(clock: Clock) -> None:
    async def story() -> None:
        gate = Gate(gap=0, clock=clock, sleep=clock.sleep)
        gate.close("http://example.com/", 60)
        with pytest.raises(Refused, match="another 60 s"):
            async with gate.turn("http://www.example.com/x"):
                pass
        clock.now += 61
        async with gate.turn("http://example.com/"):
            pass

    run(story())


def test_two_workers_keep_their_distance_at_a_host_that_is_nobodys(clock: Clock) -> None:
    """Locks are by process, so the other worker is one."""
    with tempfile.TemporaryFile() as file:
        turns, url = Turns(os.dup(file.fileno())), "http://cdn.example.com/a"
        other = (
            "import sys; from yuqing_daemon.crawl.turns import Turn, Turns\n"
            "turns = Turns(int(sys.argv[1])); print(turns.take('example.com'), flush=True)\n"
            "input(); turns.note('example.com', Turn(1005.0, 1000.0)); turns.leave('example.com')\n"
            "print('left', flush=True); input()"
        )
        os.set_inheritable(file.fileno(), True)
        with subprocess.Popen(
            [sys.executable, "-c", other, str(file.fileno())], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            pass_fds=[file.fileno()], bufsize=0,
        ) as process:  # fmt: skip
            assert process.stdin and process.stdout
            assert process.stdout.readline() == b"True\n"
            looks = []

            async def look_again(seconds: float) -> None:
                looks.append(seconds)
                if len(looks) == 3:
                    process.stdin.write(b"\n")
                    assert process.stdout.readline() == b"left\n"
                await clock.sleep(seconds)

            async def story() -> None:
                gate = Gate(gap=1.0, clock=clock, sleep=look_again, shared=turns)
                async with gate.turn(url):
                    assert clock.now == 1005
                    assert looks[:3] == [0.1] * 3
                async with gate.turn(url):
                    assert clock.now == 1006

            run(story())
            process.stdin.write(b"\n")


def test_a_turn_that_a_dead_worker_held_is_free_and_a_pause_outlives_it() -> None:
    with tempfile.TemporaryFile() as file:
        turns, code = (
            Turns(os.dup(file.fileno())),
            (
                "import os, sys; from yuqing_daemon.crawl.turns import Turn, Turns\n"
                "turns = Turns(int(sys.argv[1])); turns.take('a.cn'); turns.note('a.cn', Turn(7.0, 60.0)); os._exit(1)"
            ),
        )
        subprocess.run([sys.executable, "-c", code, str(file.fileno())], pass_fds=[file.fileno()], check=False)
        assert turns.take("a.cn")
        assert turns.of("a.cn") == Turn(7.0, 60.0)
        assert turns.of("b.cn") == Turn()


def test_only_so_many_at_once(clock: Clock) -> None:
    async def story() -> None:
        gate, inside, most = Gate(gap=0, at_once=2, clock=clock, sleep=clock.sleep), 0, 0

        async def visit() -> None:
            nonlocal inside, most
            async with gate.turn("http://example.com/"):
                inside += 1
                most = max(most, inside)
                for _ in range(3):
                    await asyncio.get_running_loop().run_in_executor(None, int)
                inside -= 1

        await asyncio.gather(*(visit() for _ in range(6)))
        assert most == 2

    run(story())


@pytest.mark.parametrize(
    ("status", "refused", "hours"),
    [(200, True, 24), (404, False, 24), (403, False, 24), (500, True, 1), (503, True, 1), (429, True, 1)],
)
def test_robots_txt_is_kept_for_a_day_and_an_error_for_an_hour(
    clock: Clock, status: int, refused: bool, hours: int
) -> None:
    cache = RobotsCache(clock=clock)
    rules = cache.answered("http://example.com", status, "User-agent: *\nDisallow: /\nCrawl-delay: 3")
    assert bool(rules.refusal("http://example.com/x", "yuqing-daemon/0.1")) is refused
    clock.now += hours * 3600 - 1
    assert cache.get("http://example.com") is rules
    clock.now += 2
    assert cache.get("http://example.com") is None


def test_rules_that_were_known_apply_while_nobody_answers(clock: Clock) -> None:
    cache = RobotsCache(clock=clock)
    assert "cannot be read: no answer" in cache.unreachable("http://example.com", "no answer").refusal("x", "y")
    cache.answered("http://example.com", 200, "User-agent: *\nDisallow: /private")
    rules = cache.unreachable("http://example.com", "no answer")
    assert rules.refusal("http://example.com/", "y") == ""
    assert rules.refusal("http://example.com/private", "y") == "robots.txt disallows http://example.com/private"


INSIDE = Source(id="i", urls=("http://intranet.example:8080/",), internal=True)
OUTSIDE = Source(id="o", urls=("http://example.com/",))


def test_an_internal_source_may_use_its_own_places_only() -> None:
    permits = Permits()
    for url in ("http://intranet.example:8080/x", "http://intranet.example/", "https://intranet.example/"):
        assert permits.reason(url, INSIDE) == ""
    assert "is refused" in permits.reason("http://127.0.0.1:8080/", INSIDE)
    assert "not an http address" in permits.reason("file:///etc/passwd", INSIDE)


def test_a_name_is_inside_only_while_its_own_source_is_visited() -> None:
    permits = Permits()
    assert not permits.may_resolve("intranet.example", "10.0.0.7")
    with permits.visit(INSIDE):
        assert permits.may_resolve("intranet.example", "10.0.0.7")
        assert not permits.may_resolve("example.com", "10.0.0.7")
        assert "belongs to an internal source" in permits.reason("http://intranet.example/", OUTSIDE)
        assert "belongs to an internal source" in permits.reason("http://INTRANET.example./", OUTSIDE)
        assert "belongs to an internal source" in permits.reason("http://intranet.example:6379/", INSIDE)
    assert not permits.may_resolve("intranet.example", "10.0.0.7")
    assert permits.may_resolve("example.com", "8.8.8.8")


def test_an_error_leaves_the_rules_that_were_known_for_an_hour(clock: Clock) -> None:
    cache = RobotsCache(clock=clock)
    cache.answered("http://example.com", 200, "User-agent: *\nDisallow: /private")
    clock.now += 25 * 3600
    rules = cache.answered("http://example.com", 503, "")
    assert rules.refusal("http://example.com/", "y") == "" and rules.refusal("http://example.com/private", "y")
    assert rules.until == clock.now + 3600


def test_a_new_worker_knows_what_the_old_one_knew_as_long_as_it_is_good(clock: Clock) -> None:
    old = RobotsCache(clock=clock)
    old.answered("http://example.com", 200, "User-agent: *\nDisallow: /private")
    old.answered("http://a.example", 404, "")
    old.answered("http://b.example", 503, "")
    stored = old.to_store(["http://example.com", "http://a.example", "http://b.example", "http://c.example"])
    assert set(stored) == {"http://example.com", "http://a.example"}
    new = RobotsCache(clock=clock)
    new.recall({**stored, "http://odd.example": "rubbish", "http://late.example": [int(clock.now) + 10**6, ""]})
    assert set(new.rules) == set(stored)
    assert new.rules["http://example.com"].refusal("http://example.com/private", "y")
    clock.now += 24 * 3600
    late = RobotsCache(clock=clock)
    late.recall(stored)
    assert not late.rules
