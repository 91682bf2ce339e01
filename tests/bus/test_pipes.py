"""The bus against a small real process that misbehaves on request; Scrapy's own worker is tried in tests/crawl."""

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from yuqing_daemon.bus import Job, Lost, Result, child
from yuqing_daemon.bus.blame import Verdict, lost
from yuqing_daemon.bus.pipes import PipeBus
from yuqing_daemon.bus.seat import next_job
from yuqing_daemon.domain import Source

WORKER = [sys.executable, "-S", str(Path(__file__).with_name("obedient.py"))]
QUICK = timedelta(milliseconds=300)


def job(name: str, do: str = "answer", *, host: str = "", spider: str = "auto", **options: Any) -> Job:
    source = Source(id=f"s-{name}", urls=("http://example.com/",), spider=spider, options={"do": do, **options})
    deadline = timedelta(seconds=options.get("deadline", 60))
    return Job(id=name, source=source, host=host or f"{name}.example.com", deadline=deadline)


def on_a_bus(story: Callable[[PipeBus], Coroutine[Any, Any, None]], **settings: Any) -> None:
    command, told = settings.pop("command", WORKER), settings.pop("settings", {})
    limits = {"workers": 1, "silence": QUICK, "grace": timedelta(0), **settings}

    async def tell() -> None:
        bus = PipeBus(command, settings=told, **limits)
        await bus.start()
        try:
            async with asyncio.timeout(20):
                await story(bus)
        finally:
            await bus.stop(timedelta(0))
        assert bus.pids == ()

    asyncio.run(tell())


async def back(bus: PipeBus, count: int) -> dict[str, Result | Lost]:
    return {each.job: each for each in [await bus.get() for _ in range(count)]}


def test_every_job_comes_back_once_from_several_workers() -> None:
    async def story(bus: PipeBus) -> None:
        for number in range(200):
            await bus.put(job(f"j{number}"))
        returned = await back(bus, 200)
        assert len(returned) == 200
        assert all(isinstance(each, Result) for each in returned.values())

    on_a_bus(story, workers=2)


@pytest.mark.parametrize(("do", "words"), [("die", "SIGKILL"), ("exit", "exit code 0"), ("stand still", "silent")])
def test_a_dead_or_silent_worker_gives_its_jobs_back_and_is_replaced(do: str, words: str) -> None:
    async def story(bus: PipeBus) -> None:
        await bus.put(job("waits", "never"))
        await bus.put(job("bad", do))
        await bus.put(job("other", "never"))
        returned = await back(bus, 2)
        assert all(isinstance(each, Lost) and words in each.reason for each in returned.values())
        assert {"waits", "bad"} <= returned.keys() | {(await bus.get()).job}
        await bus.put(job("next"))
        assert isinstance(await bus.get(), Result)

    on_a_bus(story)


def test_the_spider_in_the_traceback_is_blamed_and_its_neighbours_are_not() -> None:
    async def story(bus: PipeBus) -> None:
        await bus.put(job("neighbour", "never"))
        await bus.put(job("bad", "stand still", spider="bad"))
        returned = await back(bus, 2)
        culprit, victim = returned["bad"], returned["neighbour"]
        assert isinstance(culprit, Lost) and isinstance(victim, Lost)
        assert culprit.blamed and "obedient.py" in culprit.traceback
        assert not victim.blamed and not victim.traceback

    on_a_bus(story)


def test_when_nobody_can_be_blamed_the_suspects_run_alone_until_one_shows_itself() -> None:
    async def story(bus: PipeBus) -> None:
        for number in range(3):
            await bus.put(job(f"good{number}", "later", after=0.2))
        await bus.put(job("bad", "die"))
        first = await back(bus, 4)
        assert all(isinstance(each, Lost) and not each.blamed for each in first.values())
        for number in range(3):
            await bus.put(job(f"good{number}"))
        await bus.put(job("bad", "die"))
        second = await back(bus, 4)
        assert [name for name, each in second.items() if isinstance(each, Lost)] == ["bad"]
        assert second["bad"].blamed  # type: ignore[union-attr]

    on_a_bus(story)


def test_a_job_past_its_deadline_is_blamed_though_the_worker_is_alive() -> None:
    async def story(bus: PipeBus) -> None:
        await bus.put(job("waits", "never"))
        await bus.put(job("slow", "never", deadline=0.1))
        returned = await back(bus, 2)
        assert returned["slow"].blamed and not returned["waits"].blamed  # type: ignore[union-attr]

    on_a_bus(story)


def test_rubbish_costs_only_itself() -> None:
    async def story(bus: PipeBus) -> None:
        await bus.put(job("j", "rubbish"))
        assert isinstance(await bus.get(), Result)
        await bus.put(job("k", "twice"))
        await bus.put(job("l"))
        assert (await back(bus, 2)).keys() == {"k", "l"}

    on_a_bus(story)


def test_an_endless_line_kills_the_worker_and_blames_the_job(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "LONGEST_LINE", 1 << 20)

    async def story(bus: PipeBus) -> None:
        await bus.put(job("waits", "never"))
        await bus.put(job("long", "too long"))
        returned = await back(bus, 2)
        assert returned["long"].blamed and "longer than 1 MB" in returned["long"].reason  # type: ignore[union-attr]
        assert not returned["waits"].blamed  # type: ignore[union-attr]

    on_a_bus(story)


def test_jobs_of_one_host_run_one_at_a_time_in_their_order() -> None:
    async def story(bus: PipeBus) -> None:
        await bus.put(job("first", "later", host="a", after=0.1))
        await bus.put(job("second", host="a"))
        await bus.put(job("elsewhere", host="b"))
        assert list(await back(bus, 3)) == ["elsewhere", "first", "second"]

    on_a_bus(story)


@pytest.mark.parametrize("worn", [{"recycle_after": 3}, {"max_rss": 10, "settings": {"rss": 11}}])
def test_a_worn_worker_is_drained_and_replaced_without_losing_a_job(worn: dict[str, Any]) -> None:
    async def story(bus: PipeBus) -> None:
        seen = set()
        for number in range(9):
            await bus.put(job(f"j{number}"))
        for _ in range(9):
            assert isinstance(await bus.get(), Result)
            seen.update(bus.pids)
        while len(seen) < 2:
            await asyncio.sleep(0.01)
            seen.update(bus.pids)

    on_a_bus(story, **worn)


def test_a_worker_that_cannot_start_gives_the_jobs_back_with_the_reason() -> None:
    async def story(bus: PipeBus) -> None:
        await bus.put(job("j"))
        lost = await bus.get()
        assert isinstance(lost, Lost) and "cannot start" in lost.reason and not lost.blamed

    on_a_bus(story, settings={"broken": True})
    on_a_bus(story, command=["/nonexistent/python"])


def test_stopping_lets_running_jobs_end_within_the_grace_and_gives_the_rest_back() -> None:
    async def story(bus: PipeBus) -> None:
        await bus.put(job("ready"))
        await bus.get()
        await bus.put(job("ends", "later", host="a", after=0.1))
        await bus.put(job("queued", host="a"))
        await bus.put(job("never", "never"))
        await asyncio.sleep(0)
        await bus.stop(timedelta(seconds=0.5))
        await bus.put(job("too late"))
        returned = await back(bus, 4)
        assert isinstance(returned["ends"], Result)
        for name in ("queued", "never", "too late"):
            assert isinstance(returned[name], Lost), name
            assert not returned[name].blamed  # type: ignore[union-attr]

    on_a_bus(story)


def test_a_process_that_a_spider_left_behind_does_not_hide_the_workers_death() -> None:
    async def story(bus: PipeBus) -> None:
        await bus.put(job("bad", "leave a child"))
        lost = await bus.get()
        assert isinstance(lost, Lost) and lost.blamed and "SIGKILL" in lost.reason
        await bus.put(job("next"))
        assert isinstance(await bus.get(), Result)

    on_a_bus(story)


def test_a_suspect_runs_only_alone_and_its_turn_comes() -> None:
    a, b, c, same_host = job("a"), job("b"), job("c"), job("d", host="a.example.com")
    assert next_job([a, b], [], set()) is a
    assert next_job([same_host, b], [a], set()) is b
    assert next_job([same_host], [a], set()) is None
    assert next_job([a, b], [], {"s-a"}) is a
    assert next_job([a, b], [c], {"s-a"}) is None  # it waits for its turn, and nobody goes before it
    assert next_job([b, a], [c], {"s-a"}) is b
    assert next_job([b, c], [a], {"s-a"}) is None


def test_an_error_that_was_survived_blames_nobody_for_a_later_death() -> None:
    trace = 'Traceback (most recent call last):\n  File "a.py", line 1, in parse\nValueError: x\n'
    jobs = [job("a", spider="a"), job("b", spider="b")]
    code = {"a": ("a.py",), "b": ("b.py",)}
    assert not any(each.blamed for each in lost(jobs, Verdict(reason="gone"), trace, code))
    said = f"{trace}Fatal worker error: a spider ended the loop\n" + trace.replace("a.py", "b.py")
    assert [each.blamed for each in lost(jobs, Verdict(reason="gone"), said, code)] == [False, True]


def test_the_workers_problems_can_be_seen() -> None:
    async def story(bus: PipeBus) -> None:
        await bus.put(job("j"))
        await bus.get()
        assert bus.problems == ("x.py: SyntaxError",)

    on_a_bus(story)


def test_a_worker_killed_from_outside_is_replaced() -> None:
    async def story(bus: PipeBus) -> None:
        await bus.put(job("j"))
        await bus.get()
        (old,) = bus.pids
        os.kill(old, signal.SIGKILL)
        await bus.put(job("k", "later", after=0.1))
        while isinstance(await bus.get(), Lost):
            await bus.put(job("k"))
        assert bus.pids and bus.pids != (old,)

    on_a_bus(story)


def test_a_source_with_a_worker_of_its_own_runs_in_no_other_process_and_harms_nobody() -> None:
    async def story(bus: PipeBus) -> None:
        apart = replace(job("apart", "die"), source=replace(job("apart", "die").source, own_worker=True))
        await bus.put(job("beside", "later", after=0.5))
        await bus.put(apart)
        both = await back(bus, 2)
        assert isinstance(both["beside"], Result) and isinstance(both["apart"], Lost)
        assert both["apart"].blamed
        await bus.put(replace(apart, id="again", source=replace(apart.source, options={"do": "answer"})))
        assert isinstance(await bus.get(), Result) and len(bus.pids) == 2 and bus.capacity == 33

    on_a_bus(story)
