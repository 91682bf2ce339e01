"""In which stage an event is, what is to be expected of it, and whether it spreads (R3, R10, R14)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from curves import RULES
from world import COMPLAINT, World

from yuqing_daemon import EventState, Level, Post
from yuqing_daemon.domain import Act, DutyRule
from yuqing_daemon.store import duties

REPORT = DutyRule(
    id="report", name="报告", name_en="report", on="level", owner="office", from_level=Level.MAJOR, within="2h"
)


@pytest.fixture
def world(world: World) -> Iterator[World]:
    regime = replace(world.engine.settings.regime, duties=(REPORT,), stages=RULES)
    world.configure(regime=regime)
    world.visit("forum", world.post())
    world.send()
    yield world


def the_post(world: World) -> Post:
    with world.engine.store.read() as connection:
        (url,) = connection.exec_driver_sql("select url from post order by id limit 1").scalars()
    return replace(world.post(), url=url)


def grows(world: World, *counts: int | None, counter: str = "comments", every: timedelta = timedelta(hours=1)) -> None:
    """So many are seen, look by look, and the stage is looked at in between."""
    for count in counts:
        world.pass_(seconds=every.total_seconds())
        world.read(the_post(world), **{counter: count})


def stages(world: World) -> list[object]:
    return [entry["stage"] for entry in world.record("event.stage")]


def test_an_event_goes_through_all_its_stages_each_on_record_with_its_figures(world: World) -> None:
    world.pass_(minutes=10)
    assert world.event().stage == "emerging"
    grows(world, 20, 60, 150, 400)
    world.pass_(minutes=30)
    assert world.event().stage == "growing"
    grows(world, 420, 430)
    world.pass_(hours=1)
    assert world.event().stage == "peak"
    grows(world, 432, 434, 436, 438, 440, 442, 444)
    world.pass_(hours=1)
    assert world.event().stage == "subsiding"
    world.pass_(hours=60)
    assert world.event().state is EventState.OVER
    assert world.event().stage == "over"
    assert list(dict.fromkeys(stages(world))) == ["emerging", "growing", "peak", "subsiding", "over"]
    growing = next(entry for entry in world.record("event.stage") if entry["stage"] == "growing")
    assert "new comments and posts in the hour to" in str(growing["reason"])
    assert growing["was"] == "emerging"


def test_no_stage_is_told_where_the_regime_has_none_and_an_open_event_keeps_what_it_opened_under(world: World) -> None:
    world.configure(regime=replace(world.engine.settings.regime, stages=None))
    world.visit("forum", world.post(title="青禾酸奶变质", text="青禾的酸奶还没有到期就变质了，喝下去一股怪味。"))
    world.pass_(hours=3)
    assert [event.stage for event in sorted(world.events(), key=lambda event: event.id)] == ["emerging", ""]


def test_an_event_whose_counters_nobody_sees_is_staged_all_the_same(world: World) -> None:
    grows(world, None, None, None)
    assert world.event().stage == "emerging"
    world.pass_(hours=8)
    assert world.event().stage == "subsiding"


def test_the_early_sign_reaches_the_first_rung_once_for_each_level(world: World) -> None:
    grows(world, 5, 40, 70, 95)
    world.pass_(hours=2)
    assert world.told("early:major") == {"monitor"}
    assert len(world.record("event.early_sign")) == 1
    assert "苗头预警：" in str([row.notice.text for row in world.deliveries() if row.purpose == "early:major"])
    grows(world, 300, 440)
    world.pass_(hours=2)
    assert world.told("early:extraordinary") == {"monitor"}
    assert [entry["towards"] for entry in world.record("event.early_sign")] == ["MAJOR", "EXTRAORDINARY"]


def test_slow_growth_far_from_the_floor_is_no_early_sign(world: World) -> None:
    grows(world, 2, 4, 6, 8)
    world.pass_(hours=1)
    assert world.told("early") == set()


def test_a_general_event_that_does_not_subside_within_a_day_is_handled_as_major_with_the_reason(world: World) -> None:
    grows(world, *(2 * hour for hour in range(1, 24)))
    assert world.event().level is Level.GENERAL
    grows(world, 48, 50)
    world.pass_(minutes=30)
    assert (world.event().level, world.event().handled_as) == (Level.GENERAL, Level.MAJOR)
    (handled,) = world.record("event.handled_as")
    assert str(handled["reason"]).startswith("handled as major: does not subside")
    assert world.told("handled:major") >= {"office", "leader"}
    (duty,) = owed(world)
    assert (duty.rule, duty.owner) == ("report", "office")


def owed(world: World):  # type: ignore[no-untyped-def]
    with world.engine.store.read() as connection:
        return duties.of_event(connection, 1)


def carried(world: World, *sites: str) -> None:
    """Further sites carry it, none of them mainstream."""
    sources = tuple(replace(each, mainstream=False) for each in world.engine.settings.sources)
    world.configure(sources=sources)
    for site in sites:
        world.visit(site, world.post(site, text=COMPLAINT + site))


@pytest.mark.parametrize(
    ("sites", "level"), [(("press1", "press2"), Level.GENERAL), (("press1", "press2", "press3"), Level.MAJOR)]
)
def test_three_further_sites_within_a_day_are_a_sign_of_spreading(
    world: World, sites: tuple[str, ...], level: Level
) -> None:
    world.pass_(minutes=5)
    carried(world, *sites)
    assert world.event().level is Level.GENERAL
    world.pass_(hours=1)
    assert world.event().handled_level is level
    assert bool(world.record("event.handled_as")) == (level is Level.MAJOR)


def test_three_sites_over_many_days_are_none(world: World) -> None:
    for site in ("press1", "press2", "press3"):
        world.pass_(hours=30)
        carried(world, site)
    world.pass_(hours=1)
    assert world.event().level is Level.GENERAL


def test_a_level_that_a_person_lowered_is_not_raised_again_by_spreading(world: World) -> None:
    world.engine.act("E1", Act.CORRECT, by="wang", reason="?", data={"level": "major"}, now=world.clock.now)
    world.engine.act("E1", Act.CORRECT, by="wang", reason="a test", data={"level": "general"}, now=world.clock.now)
    carried(world, "press1", "press2", "press3")
    world.pass_(hours=3)
    assert world.event().level is Level.GENERAL


def test_an_event_that_was_over_and_stirs_is_looked_at_again(world: World) -> None:
    """However often it was looked at before."""
    world.pass_(hours=49)
    assert world.event().stage == "over"
    world.visit("press1", world.post("press1", text=COMPLAINT))
    world.pass_(hours=1)
    assert world.event().state.is_live
    assert stages(world)[-1] != "over"


def test_an_event_at_rest_is_not_looked_at(world: World) -> None:
    world.engine.act("E1", Act.DISMISS, by="wang", reason="not ours", now=world.clock.now)
    world.pass_(hours=3)
    assert stages(world) == []
