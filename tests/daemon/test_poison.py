"""What the engine itself cannot digest costs only itself, and a person is told (fail open)."""

from __future__ import annotations

import itertools
import logging
from datetime import datetime
from functools import partial

import pytest
from sqlalchemy.exc import OperationalError
from world import World

from yuqing_daemon import Post, Reading
from yuqing_daemon.bus import Lost, Result, Visit
from yuqing_daemon.engine import careful, grouping, judging
from yuqing_daemon.store import quarantine, sources
from yuqing_daemon.store.posts import Stored

POISON = "吃坏引擎的标题一二三四"


@pytest.fixture
def poisoned(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """A world whose engine fails on posts of one title."""
    place = grouping.place

    def fail(work: object, stored: Stored, topics: set[str]) -> set[int]:
        if stored.post.title == POISON:
            raise ZeroDivisionError("the poison")
        return place(work, stored, topics)  # type: ignore[arg-type]

    monkeypatch.setattr(grouping, "place", fail)
    return world


def take(world: World, *posts: Post, readings: tuple[Reading, ...] = (), **state: object) -> None:
    at = world.clock.now
    result = Result(
        job="j",
        source="forum",
        visit=Visit.READ,
        started_at=at,
        ended_at=at,
        posts=posts,
        readings=readings,
        state=state,
    )
    careful.take(world.engine, result, now=at)


def state(world: World) -> dict[str, object]:
    with world.engine.store.read() as connection:
        row = sources.get(connection, "forum")
    assert row is not None
    return row.state


def titles(world: World) -> set[str]:
    with world.engine.store.read() as connection:
        return set(connection.exec_driver_sql("select title from post").scalars())


def test_its_neighbours_live_and_the_source_waits_for_it(poisoned: World) -> None:
    good, bad = poisoned.post(), poisoned.post(title=POISON)
    take(poisoned, bad, good, readings=(Reading(url=good.url, at=poisoned.clock.now, reads=7),), cursor=1)
    assert titles(poisoned) == {good.title}
    assert poisoned.event().heat.reads == 7
    assert poisoned.told("found") == {"monitor"}
    assert state(poisoned) == {}  # so the post comes again
    assert poisoned.told("ops") == set()


def test_after_the_third_time_it_is_left_alone_and_a_person_is_asked_to_read_it(poisoned: World) -> None:
    bad = poisoned.post(title=POISON)
    for cursor in (1, 2, 3):
        take(poisoned, bad, cursor=cursor)
    assert state(poisoned) == {"cursor": 3}
    assert poisoned.told("ops:post:") == {"admin"}
    (told,) = [row.notice.text for row in poisoned.deliveries() if row.purpose.startswith("ops:post:")]
    assert bad.url in told
    assert "ZeroDivisionError: the poison" in told
    with poisoned.engine.store.read() as connection:
        assert [what for _, what, _, _ in quarantine.listed(connection)] == [f"post {bad.url}"]
    take(poisoned, bad, poisoned.post(), cursor=4)
    assert poisoned.event().heat.posts == 1
    assert state(poisoned) == {"cursor": 4}
    assert len([row for row in poisoned.deliveries() if row.event is None]) == 1


def test_a_counter_that_poisons_the_measuring_of_one_event_leaves_the_others_measured(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = [f"第{n}件事情里青禾酸奶有异物，与其他各件事情的说法完全不同。" for n in range(3)]
    posts = [world.post(title=f"第{number}件事情的标题是这样的", text=text) for number, text in enumerate(texts)]
    take(world, *posts)
    measure = judging.measure
    monkeypatch.setattr(judging, "measure", lambda work, number: 1 / 0 if number == 2 else measure(work, number))
    world.clock.pass_(minutes=5)
    readings = tuple(Reading(url=post.url, at=world.clock.now, reads=1500) for post in posts)
    for cursor in (1, 2, 3):
        take(world, readings=readings, cursor=cursor)
    assert [event.level.name for event in world.events()] == ["MAJOR", "GENERAL", "MAJOR"]
    assert world.told("ops:post:") == {"admin"}
    assert state(world) == {"cursor": 3}


def test_many_counters_are_taken_a_few_at_a_time_so_that_nobody_who_sends_waits_long(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = [world.post(title=f"第{number}篇帖子的标题是这样", text="") for number in range(60)]
    take(world, *known)
    sizes: list[int] = []
    take_posts = world.engine.take_posts

    def count(posts: tuple[Post, ...], readings: tuple[Reading, ...], **named: object) -> None:
        sizes.append(len(readings))
        take_posts(posts, readings, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(world.engine, "take_posts", count)
    new = world.post()
    at = world.clock.now
    take(world, new, readings=tuple(Reading(url=post.url, at=at, reads=3000) for post in (*known, new)), cursor=1)
    assert sizes == [25, 25, 10]
    assert world.event().level.name == "EXTRAORDINARY"  # what is new comes with its own counters, and is told once
    assert world.told("found") == {"monitor", "office", "department", "leader", "speaker"}
    assert world.told("raise") == set()
    assert state(world) == {"cursor": 1}


def test_trouble_with_the_store_is_not_taken_for_poison(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    full = OperationalError("insert", {}, Exception("database or disk is full"))
    errors = itertools.cycle([full, ZeroDivisionError(), full])  # whole; whole, and again when taken apart

    def fail(*_: object) -> None:
        raise next(errors)

    monkeypatch.setattr(judging, "measure", fail)
    for _ in range(8):
        with pytest.raises(OperationalError):
            take(world, world.post(), cursor=1)
    monkeypatch.undo()
    with world.engine.store.read() as connection:
        assert connection.exec_driver_sql("select count(*) from quarantine").scalar() == 0
    assert state(world) == {}


def test_a_timer_that_fails_holds_up_no_other_and_is_tried_again_in_an_hour(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = [f"第{n}件事情里青禾酸奶有异物，与其他各件事情的说法完全不同。" for n in range(2)]
    world.visit("forum", *(world.post(title=f"第{n}件事情的标题是这样的", text=text) for n, text in enumerate(texts)))
    world.send()
    from yuqing_daemon.engine import alerts

    climb = alerts.climb
    monkeypatch.setattr(
        alerts, "climb", lambda work, event, *more: 1 / 0 if event.id == 1 else climb(work, event, *more)
    )
    world.clock.pass_(minutes=30)
    careful.fire_due(world.engine, now=world.clock.now)
    assert {row.event for row in world.deliveries() if row.purpose.startswith("step")} == {2}
    assert world.told("ops:timer:") == {"admin"}
    assert not [due for due in world.engine.due(now=world.clock.pass_(minutes=59)) if "step" in str(due.timer)]
    monkeypatch.undo()
    careful.fire_due(world.engine, now=world.clock.pass_(minutes=1))
    assert {row.event for row in world.deliveries() if row.purpose.startswith("step")} == {1, 2}


def test_a_lost_crawl_is_noted_in_one_line(world: World, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        careful.take(world.engine, Lost(job="j", source="forum", reason="killed", blamed=True), now=world.clock.now)
    assert [record.getMessage() for record in caplog.records] == ["crawl.lost source=forum blamed=True reason=killed"]


def test_visits_that_brought_nothing_are_taken_in_together_and_one_by_one_if_that_fails(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    at, all_together = world.clock.now, world.engine.take
    taken: list[list[str]] = []

    def take_in(*results: Result, now: datetime) -> None:
        taken.append([result.job for result in results])
        if len(taken) == 1:
            raise ZeroDivisionError("the poison")
        all_together(*results, now=now)

    monkeypatch.setattr(world.engine, "take", take_in)
    visit = partial(Result, visit=Visit.READ, started_at=at, ended_at=at, state={"cursor": 1})
    found, lost = (
        visit(job="c", source="forum", posts=(world.post(),)),
        Lost(job="d", source="forum", reason="killed", blamed=False),
    )
    first, second = visit(job="a", source="press1"), visit(job="b", source="press2")
    assert careful.together([first, found, second, lost]) == [[first, second], [found], [lost]]
    careful.take_all(world.engine, [first, second], now=at)
    assert taken == [["a", "b"], ["a"], ["b"]]
    careful.take_all(world.engine, [first, second], now=at)
    assert taken[3:] == [["a", "b"]]
