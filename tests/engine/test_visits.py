"""Which crawl is due, and what is remembered of it (R1, R2)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from world import World

from yuqing_daemon import Source
from yuqing_daemon.bus import Lost, Result, Visit
from yuqing_daemon.errors import RequestError
from yuqing_daemon.store import sources


def failed(world: World, source: str, error: str = "HTTP 503", **more: object) -> None:
    at = world.clock.now
    result = Result(job="j", source=source, visit=Visit.FAILED, started_at=at, ended_at=at, error=error, **more)
    world.engine.take(result, now=at)


def state(world: World, source: str) -> sources.SourceRow:
    with world.engine.store.read() as connection:
        row = sources.get(connection, source)
    assert row is not None
    return row


def test_a_source_is_due_again_after_its_interval(world: World) -> None:
    assert world.jobs() == []
    world.clock.pass_(minutes=5)
    assert {job.source.id for job in world.jobs()} == {source.id for source in world.engine.settings.sources}


def test_one_crawl_at_a_time_for_each_host(world: World) -> None:
    twin = Source(id="twin", urls=("https://forum.cn/other",), site="forum")
    world.configure(sources=(*world.engine.settings.sources, twin))
    world.clock.pass_(minutes=5)
    hosts = [job.host for job in world.jobs()]
    assert len(hosts) == len(set(hosts))
    assert not [job for job in world.jobs(busy=("forum.cn",)) if job.source.id in ("forum", "twin")]


def test_a_sources_state_advances_with_what_was_found_and_not_without(world: World) -> None:
    world.visit("forum", world.post(), cursor=7)
    assert state(world, "forum").state == {"cursor": 7}
    failed(world, "forum")
    assert state(world, "forum").state == {"cursor": 7}


def test_a_result_that_cannot_be_stored_leaves_no_trace(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from yuqing_daemon.engine import judging

    monkeypatch.setattr(judging, "measure", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        world.visit("forum", world.post(), cursor=7)
    assert state(world, "forum").state == {}
    assert world.events() == []
    assert world.deliveries() == []


def test_failures_back_off_up_to_half_an_hour(world: World) -> None:
    waits = []
    for _ in range(5):
        failed(world, "forum")
        waits.append((state(world, "forum").due_at - world.clock.now) / timedelta(minutes=1))
    assert waits == [4.5, 9, 18, 30, 30]


def test_a_sites_own_retry_after_is_heeded(world: World) -> None:
    failed(world, "forum", retry_after=timedelta(hours=3))
    assert state(world, "forum").due_at == world.clock.now + timedelta(hours=3)


def test_a_failed_first_visit_is_no_baseline(world: World) -> None:
    world.configure(sources=(*world.engine.settings.sources, Source(id="new", urls=("https://new.cn/",), site="new")))
    failed(world, "new")
    world.visit("new", world.post("new"))
    assert world.events() == []


def test_a_victim_of_a_killed_worker_is_due_at_once_and_the_culprit_gets_a_strike(world: World) -> None:
    world.engine.lost(Lost(job="j", source="press1", reason="killed", blamed=False), now=world.clock.now)
    assert [job.source.id for job in world.jobs()] == ["press1"]
    world.engine.lost(Lost(job="j", source="forum", reason="silent for 5 s", blamed=True), now=world.clock.now)
    assert state(world, "forum").failures == 1


def test_two_strikes_within_an_hour_set_a_source_aside_until_somebody_resumes_it(world: World) -> None:
    lost = Lost(job="j", source="forum", reason="silent for 5 s", blamed=True, traceback="spider.py, line 7")
    world.engine.lost(lost, now=world.clock.now)
    world.engine.lost(lost, now=world.clock.pass_(minutes=61))
    assert state(world, "forum").status != sources.SET_ASIDE
    world.engine.lost(lost, now=world.clock.pass_(minutes=59))
    assert state(world, "forum").status == sources.SET_ASIDE
    assert world.told("ops:source-set-aside:forum") == {"admin"}
    assert "spider.py, line 7" in world.deliveries()[-1].notice.text
    world.clock.pass_(days=2)
    assert "forum" not in {job.source.id for job in world.jobs()}
    world.engine.resume("forum", by="root", now=world.clock.now)
    assert "forum" in {job.source.id for job in world.jobs()}
    with pytest.raises(RequestError, match="there is no source 'nowhere'"):
        world.engine.resume("nowhere", by="root", now=world.clock.now)


def test_a_repinned_source_finds_out_again_and_still_knows_what_it_delivered(world: World) -> None:
    kept = {"recent": {"h": 1}, "kind": {"u": "page"}, "shapes": {"u": ["s"]}, "bodies": {"u": "m"}}
    world.visit("forum", **kept)
    world.engine.repin("forum", by="root", now=world.clock.pass_(minutes=1))
    assert state(world, "forum").state == {"recent": {"h": 1}}
    assert "forum" in {job.source.id for job in world.jobs()}
    with pytest.raises(RequestError, match="there is no source 'nowhere'"):
        world.engine.repin("nowhere", by="root", now=world.clock.now)


def test_a_source_taken_out_of_the_configuration_is_visited_no_more_and_its_late_result_is_dropped(
    world: World,
) -> None:
    post = world.post()
    world.configure(sources=world.engine.settings.sources[1:])
    world.clock.pass_(minutes=6)
    assert "forum" not in {job.source.id for job in world.jobs()}
    world.visit("forum", post)
    assert world.events() == []


def test_a_look_that_came_to_nothing_is_asked_again_but_not_at_once(world: World) -> None:
    world.visit("forum", world.post())
    world.clock.pass_(minutes=5)
    assert [job for job in world.jobs() if job.revisit]
    assert not [job for job in world.jobs() if job.revisit]
    world.clock.pass_(minutes=5)
    assert [job for job in world.jobs() if job.revisit]


def test_posts_that_matched_nothing_are_dropped_after_their_time_and_those_of_events_are_kept(world: World) -> None:
    world.visit("forum", world.post(), world.post(title="周末天气", text="周末晴。"))
    world.configure(keep_posts=timedelta(days=30))
    world.clock.pass_(days=31)
    world.engine.housekeeping(now=world.clock.now)
    with world.engine.store.read() as connection:
        titles = list(connection.exec_driver_sql("select title from post").scalars())
    assert titles == ["青禾酸奶里有异物"]


def test_a_title_only_list_does_not_wipe_out_the_text_that_was_read(world: World) -> None:
    post = world.post()
    world.visit("forum", post)
    world.visit("forum", replace(post, text=""))
    with world.engine.store.read() as connection:
        (text,) = connection.exec_driver_sql("select text from post").scalars()
    assert text == post.text


def adapting(world: World, **crawl: object) -> None:
    """Every source's interval is left to what it brings."""
    settings = world.engine.settings
    found = tuple(replace(source, adapts=True) for source in settings.sources)
    world.configure(sources=found, crawl=replace(settings.crawl, **crawl))


def live(world: World, *, days: int) -> None:
    """The forum brings two posts an hour, everybody else nothing."""
    for _ in range(days * 24):
        world.clock.pass_(hours=1)
        for source in world.engine.settings.sources:
            fresh = [world.post(title=f"闲谈{n}之{world.clock.now}", text="周末晴。") for n in range(2)]
            world.visit(source.id, *(fresh if source.id == "forum" else ()))
    world.engine.housekeeping(now=world.clock.now)


def waits(world: World) -> dict[str, float]:
    for source in world.engine.settings.sources:
        world.visit(source.id)
    now = world.clock.now
    return {
        source.id: (state(world, source.id).due_at - now).total_seconds() for source in world.engine.settings.sources
    }


def test_a_source_whose_interval_is_not_written_is_visited_by_what_it_brings(world: World) -> None:
    adapting(world)
    assert set(waits(world).values()) == {300}
    live(world, days=1)
    found = waits(world)
    others = [wait for source, wait in found.items() if source != "forum"]
    assert found["forum"] < 120 and min(others) > 300
    assert sum(1 / wait for wait in found.values()) <= len(found) / 300 * 1.05


def test_a_written_interval_always_wins(world: World) -> None:
    adapting(world)
    live(world, days=1)
    settings = world.engine.settings
    world.configure(sources=tuple(replace(source, adapts=False) for source in settings.sources))
    assert set(waits(world).values()) == {300}


def test_a_small_budget_makes_everybody_wait(world: World) -> None:
    adapting(world, polls_per_second=len(world.engine.settings.sources) / 900)
    world.engine.housekeeping(now=world.clock.now)
    assert set(waits(world).values()) == {900}


def test_a_feeds_rest_is_respected_unless_the_interval_is_written(world: World) -> None:
    def rested(world: World) -> timedelta:
        at, rest = world.clock.now, timedelta(minutes=40)
        result = Result(job="j", source="forum", visit=Visit.READ, started_at=at, ended_at=at, rest=rest)
        world.engine.take(result, now=at)
        return state(world, "forum").due_at - at

    assert rested(world) == timedelta(minutes=5)
    adapting(world)
    assert rested(world) == timedelta(minutes=40)


def test_ignoring_robots_txt_is_put_on_record_with_its_reason_once_for_each_change(world: World) -> None:
    def say(reason: str) -> None:
        forum, *others = world.engine.settings.sources
        world.configure(sources=(replace(forum, ignore_robots=reason), *others))

    for reason in ("agreed with the owner on 1 May", "agreed with the owner on 1 May", "agreed again on 1 June", ""):
        say(reason)
    reasons = [entry["reason"] for entry in world.record("source.ignores_robots")]
    assert reasons == ["agreed with the owner on 1 May", "agreed again on 1 June"]
    assert world.record("source.obeys_robots") == [{"source": "forum", "reason": ""}]


def test_one_host_with_many_due_sources_hides_no_other(world: World) -> None:
    crowd = tuple(Source(id=f"c{n}", urls=(f"https://crowd.cn/{n}",), site="crowd") for n in range(50))
    last = Source(id="last", urls=("https://last.cn/",), site="last")
    world.configure(sources=(*crowd, last))
    jobs = world.jobs(room=2)
    assert {job.host for job in jobs} == {"crowd.cn", "last.cn"}
    assert [job.source.id for job in world.jobs(room=2, busy=("crowd.cn",))] == ["last"]


def test_a_counter_that_falls_is_kept_and_put_on_record_once(world: World) -> None:
    post = world.post()
    world.visit("forum", post)
    for reads in (900, 850, 820):
        world.clock.pass_(minutes=10)
        world.read(post, reads=reads)
    assert world.event().heat.reads == 900
    assert [entry["reads"] for entry in world.record("post.counter_fell")] == [850]


def test_the_posts_of_a_major_event_are_looked_at_more_often_and_never_dropped_while_it_is_open(world: World) -> None:
    def gap(reads: int) -> timedelta:
        post = world.post()
        world.visit("forum", post)
        world.clock.pass_(hours=8)
        world.read(post, reads=reads)
        with world.engine.store.read() as connection:
            (at,) = connection.exec_driver_sql("select look_at from post where url = ?", (post.url,)).scalars()
        return datetime.fromisoformat(at).replace(tzinfo=UTC) - world.clock.now

    assert gap(10) == timedelta(hours=2)
    assert gap(5000) == timedelta(hours=1)
