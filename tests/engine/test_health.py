"""A source that cannot be heard is told to those who run the daemon, once, and so is that it is well again (R1)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from world import World

from yuqing_daemon import Post, Source
from yuqing_daemon.bus import Lost, Result, Visit
from yuqing_daemon.domain import AuditEntry
from yuqing_daemon.errors import RequestError
from yuqing_daemon.reports.unheard import blind_of_source
from yuqing_daemon.rules.health import Signs, State, Trouble
from yuqing_daemon.store import audit, sources

MOMENT = timedelta(seconds=1)
NETWORK = Signs(trouble=Trouble.NETWORK)


def visit(
    world: World,
    source: str = "forum",
    *posts: Post,
    links: int = 20,
    failed: bool = False,
    signs: Signs | None = None,
    error: str = "",
    node: str = "",
) -> str:
    """A visit five minutes after the one before; the state that comes of it."""
    at = world.clock.pass_(minutes=5)
    outcome = Visit.FAILED if failed else Visit.READ
    signs = signs or Signs(lists=1, items=len(posts), list_bytes=40_000)
    result = Result(
        job="j", source=source, visit=outcome, started_at=at, ended_at=at, posts=posts, links=0 if failed else links,
        signs=signs, error=error, node=node,
    )  # fmt: skip
    world.engine.take(result, now=at)
    return state(world, source)


def state(world: World, source: str = "forum") -> str:
    with world.engine.store.read() as connection:
        row = sources.get(connection, source)
    assert row is not None
    return row.status


def told(world: World) -> list[str]:
    """What the operators were told, after a round of housekeeping, as it is on record."""
    world.engine.housekeeping(now=world.clock.now)
    return [str(entry["subject"]) for entry in world.record("operators.told")]


def well(world: World, visits: int = 6) -> None:
    for _ in range(visits):
        assert visit(world) == "ok"


def test_a_list_without_links_is_told_at_once_and_that_it_is_well_again_too(world: World) -> None:
    well(world)
    assert visit(world, links=0) == State.BROKEN
    assert told(world) == ["source forum is broken: the list was read, and no link found; usually 20 or more"]
    assert visit(world) == State.BROKEN  # one good visit may be an accident
    assert visit(world) == State.OK
    world.clock.pass_(hours=2)
    assert told(world)[-1] == "source forum is well again: it was broken"
    assert world.deliveries()[-1].notice.subject == "信息源 forum 已恢复，此前：列表中无链接"
    assert [entry["after"] for entry in world.record("source.ok")] == ["broken"]


def test_the_duty_monitor_is_never_told_of_a_source(world: World) -> None:
    well(world)
    visit(world, links=0)
    told(world)
    assert {row.recipient for row in world.deliveries()} == {"admin"}
    assert world.events() == []


def test_two_visits_in_a_row_without_an_answer_are_unreachable_and_one_is_not(world: World) -> None:
    well(world)
    assert visit(world, failed=True, error="HTTP 503") == State.OK
    assert visit(world, failed=True, error="HTTP 503") == State.UNREACHABLE
    assert told(world) == ["source forum is unreachable: HTTP 503"]


def test_a_source_that_flaps_is_one_word_in_two_hours(world: World) -> None:
    well(world)
    for links in (0, 20, 20) * 6:
        visit(world, links=links)
        world.engine.housekeeping(now=world.clock.now)
    assert len(told(world)) == 1
    assert len(world.record("source.broken")) == 6
    world.clock.pass_(minutes=40)
    assert told(world)[1:] == ["source forum is well again: it was broken (changed 11 times since you were told)"]


def test_many_sources_that_change_together_are_one_word(world: World) -> None:
    for source in ("forum", "press1", "press2"):
        for _ in range(6):
            visit(world, source)
        visit(world, source, links=0)
    assert told(world) == ["3 sources have changed"]


def test_a_spider_that_raises_or_does_nothing_is_told_at_once(world: World) -> None:
    error = "RuntimeError: no such row (forum.py, line 7)"
    assert visit(world, failed=True, error=error, signs=Signs(trouble=Trouble.SPIDER)) == State.FAILING
    assert visit(world, "press1", failed=True, signs=Signs(trouble=Trouble.IDLE)) == State.IDLE


def test_a_worker_that_was_killed_is_told_with_the_place_in_the_code(world: World) -> None:
    lost = Lost(job="j", source="forum", reason="silent for 5 s", blamed=True, traceback="forum.py, line 7")
    world.engine.lost(lost, now=world.clock.now)
    assert state(world) == State.FAILING
    told(world)
    assert "forum.py, line 7" in world.deliveries()[-1].notice.text


def test_a_login_page_twice_in_a_row_is_blocked(world: World) -> None:
    well(world)
    gate = Signs(lists=1, list_bytes=3000, gate="it asks for a password")
    assert visit(world, links=0, signs=gate) == State.OK
    assert visit(world, links=0, signs=gate) == State.BLOCKED
    assert told(world) == ["source forum is blocked: it asks for a password"]


def test_what_looks_wrong_for_the_first_time_is_looked_at_again_within_two_intervals(world: World) -> None:
    well(world)
    visit(world, links=0, signs=Signs(lists=1, list_bytes=3000, gate="it asks for a password"))
    with world.engine.store.read() as connection:
        row = sources.get(connection, "forum")
    assert row is not None and row.due_at - world.clock.now == timedelta(minutes=4.5)


def test_a_front_page_that_gets_a_login_box_is_not_blocked_while_its_links_are_there(world: World) -> None:
    well(world)
    box = Signs(lists=1, list_bytes=41_000, gate="it asks for a password")
    for _ in range(4):
        assert visit(world, signs=box) == State.OK


# -- our own network ------------------------------------------------------------------------------


def fail(world: World, source: str, node: str = "") -> str:
    return visit(world, source, failed=True, error="there is no such host", signs=NETWORK, node=node)


def test_when_no_site_answers_it_is_our_own_network_and_no_source_is_blamed(world: World) -> None:
    ids = [source.id for source in world.engine.settings.sources]
    for id in ids:
        visit(world, id)
    began = world.clock.now
    for _ in range(3):
        for id in ids:
            assert fail(world, id) == State.OK
    assert told(world) == ["our own network is down"]
    assert visit(world) == State.OK
    assert told(world)[1:] == ["our own network is back"]
    with world.engine.store.read() as connection:
        (span,) = blind_of_source(connection, world.engine.settings, "press5", since=began, until=world.clock.now)[:1]
    assert (span.why, span.since, span.until) == ("network", began + timedelta(minutes=5), world.clock.now)


def test_when_one_node_of_several_is_cut_off_no_site_is_blamed_and_the_others_go_on(world: World) -> None:
    cut_off, well = ("press1", "press2", "press3"), ("press4", "press5")
    for id in cut_off:
        visit(world, id, node="crawl-1")
    for _ in range(3):
        for id in cut_off:
            assert fail(world, id, node="crawl-1") == State.OK
        for id in well:
            assert visit(world, id, node="crawl-2") == State.OK
    assert told(world) == ["the network of the crawl node crawl-1 is down"]
    assert fail(world, "forum", node="crawl-2") == State.OK
    visit(world, "press4", node="crawl-2")
    assert fail(world, "forum", node="crawl-2") == State.UNREACHABLE
    visit(world, "press1", node="crawl-1")
    assert told(world)[1:] == [
        "the network of the crawl node crawl-1 is back",
        "source forum is unreachable: there is no such host",
    ]
    assert [entry["node"] for entry in world.record("network.down")] == ["crawl-1"]


def test_the_network_of_a_node_that_is_gone_is_forgotten_and_one_node_alone_is_everybodys(world: World) -> None:
    visit(world, "press4", node="crawl-2")
    for id in ("press1", "press2", "press3"):
        fail(world, id, node="crawl-1")
    assert told(world) == ["the network of the crawl node crawl-1 is down"]
    world.clock.pass_(hours=3)
    assert told(world)[1:] == ["the network of the crawl node crawl-1 is forgotten: the node is gone"]
    for id in ("press1", "press2", "press3"):
        fail(world, id, node="crawl-3")
    assert told(world)[2:] == ["our own network is down"]


def test_when_others_answer_it_is_the_site(world: World) -> None:
    visit(world)
    assert fail(world, "forum") == State.OK
    visit(world, "press1")
    assert fail(world, "forum") == State.UNREACHABLE
    assert told(world) == ["source forum is unreachable: there is no such host"]


def test_while_nobody_else_was_visited_it_is_not_known_whose_fault_it_is(world: World) -> None:
    visit(world)
    assert fail(world, "forum") == State.OK
    assert fail(world, "forum") == State.OK
    visit(world, "press1")
    assert fail(world, "forum") == State.UNREACHABLE


def test_a_site_that_refuses_us_proves_that_the_network_works(world: World) -> None:
    for id in ("press1", "press2", "press3", "press4"):
        visit(world, id, failed=True, error="HTTP 403", signs=Signs(trouble=Trouble.REFUSED))
        fail(world, "forum")
    assert "our own network is down" not in told(world)


def test_the_organisations_own_sites_do_not_prove_that_the_network_works(world: World) -> None:
    intranet = Source(id="intranet", urls=("http://10.0.0.9/",), site="intranet", internal=True)
    world.configure(sources=(*world.engine.settings.sources, intranet))
    for id in ("press1", "press2", "press3"):
        fail(world, id)
        visit(world, "intranet")
    assert told(world) == ["our own network is down"]


# -- people ---------------------------------------------------------------------------------------


def test_a_pause_ends_by_itself_and_is_on_record(world: World) -> None:
    well(world)
    until = world.clock.now + timedelta(hours=3)
    world.engine.pause("forum", reason="new version", until=until, by="root", now=world.clock.now)
    assert state(world) == State.PAUSED
    world.clock.pass_(hours=2)
    assert "forum" not in {job.source.id for job in world.jobs()}
    world.clock.pass_(hours=1)
    assert told(world) == []
    assert "forum" in {job.source.id for job in world.jobs()}
    assert visit(world) == State.OK
    (paused,) = world.record("source.paused")
    assert (paused["reason"], paused["until"]) == ("new version", until.isoformat())
    assert [entry["reason"] for entry in world.record("source.resumed")] == ["its time is over"]


def test_a_pause_needs_a_reason_and_an_end_to_come(world: World) -> None:
    now = world.clock.now
    for reason, until, said in (("", now + timedelta(hours=1), "want a reason"), ("x", now, "still to come")):
        with pytest.raises(RequestError, match=said):
            world.engine.pause("forum", reason=reason, until=until, by="root", now=now)
    with pytest.raises(RequestError, match="there is no source 'nowhere'"):
        world.engine.pause("nowhere", reason="x", until=now + timedelta(hours=1), by="root", now=now)


def test_a_visit_that_was_under_way_when_the_pause_began_changes_nothing(world: World) -> None:
    well(world)
    until = world.clock.now + timedelta(hours=3)
    world.engine.pause("forum", reason="new version", until=until, by="root", now=world.clock.now)
    assert visit(world, links=0) == State.PAUSED


def test_the_blind_time_reaches_from_the_last_good_visit_to_the_next(world: World) -> None:
    well(world)
    last_good = world.clock.now
    visit(world, failed=True)
    visit(world, failed=True)
    visit(world)
    visit(world)
    assert state(world) == State.OK
    until = world.clock.now + MOMENT
    with world.engine.store.read() as connection:
        found = blind_of_source(connection, world.engine.settings, "forum", since=last_good, until=until)
        entries: list[AuditEntry] = [e for e in audit.entries(connection) if e.what.startswith("source.")]
    assert [(span.why, span.since, span.until) for span in found] == [(State.UNREACHABLE, last_good, world.clock.now)]
    assert found[0].trace == tuple(f"#{entry.id}" for entry in entries)


def test_a_source_that_is_no_longer_configured_is_told_of_no_more(world: World) -> None:
    well(world)
    visit(world, links=0)
    world.configure(sources=world.engine.settings.sources[1:])
    assert told(world) == []


def test_limits_are_the_configurations(world: World) -> None:
    world.configure(health=replace(world.engine.settings.health, unreachable_after=3))
    states = [visit(world, failed=True) for _ in range(3)]
    assert states == [State.OK, State.OK, State.UNREACHABLE]
