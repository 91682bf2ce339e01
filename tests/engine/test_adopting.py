"""An event keeps the regime it opened under until a person puts it under the one in force (R8, R25)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from world import World

from yuqing_daemon import Level
from yuqing_daemon.domain import Act, Duty, DutyRule, Floors, Regime
from yuqing_daemon.store import duties, events

JUDGE = DutyRule(
    id="judge", name="研判", name_en="judge", on="found", owner="monitor", within="2h", warn_at=(0.5,),
    breach_tells=("office",), done_by=(Act.CONFIRM,),
)  # fmt: skip


@pytest.fixture
def world(world: World) -> Iterator[World]:
    regime = replace(world.engine.settings.regime, duties=(JUDGE,), version="old")
    world.configure(regime=regime)
    world.visit("forum", world.post())
    world.send()
    yield world


def in_force(world: World, *rules: DutyRule, **changes: object) -> Regime:
    """Another version of the regime is read."""
    regime = replace(world.engine.settings.regime, duties=rules, version="new", **changes)
    world.configure(regime=regime)
    return regime


def adopt(world: World, reason: str = "the new plan holds for all") -> None:
    world.engine.act("E1", Act.ADOPT, by="wang", reason=reason, now=world.clock.now)


def owed(world: World) -> list[Duty]:
    with world.engine.store.read() as connection:
        return duties.of_event(connection, 1)


def test_an_open_event_keeps_its_regime_until_a_person_puts_it_under_the_one_in_force(world: World) -> None:
    regime = in_force(world, JUDGE)
    with world.engine.store.read() as connection:
        assert events.regime_of(connection, 1).version == "old"
    adopt(world)
    adopt(world)  # a second time is nothing
    with world.engine.store.read() as connection:
        assert events.regime_of(connection, 1) == regime
    (entry,) = world.record("judged.adopt")
    assert entry["regime"] == {"was": "company old", "now": "company new"}


def test_a_clock_runs_by_the_new_rule_from_when_it_began(world: World) -> None:
    world.pass_(minutes=10)
    in_force(world, replace(JUDGE, within="1h", owner="office"))
    adopt(world)
    (duty,) = owed(world)
    assert (duty.owner, duty.due_at) == ("office", duty.started_at + timedelta(hours=1))
    world.pass_(minutes=49)
    assert world.record("duty.breached") == []
    world.pass_(minutes=2)
    assert len(world.record("duty.breached")) == 1
    assert len(world.record("duty.warned")) == 1


def test_nobody_is_late_by_a_rule_that_was_not_in_force(world: World) -> None:
    world.pass_(minutes=90)
    in_force(world, replace(JUDGE, within="1h"))
    adopt(world)
    (duty,) = owed(world)
    assert duty.due_at == world.clock.now + timedelta(hours=1)


def test_what_was_late_stays_late(world: World) -> None:
    world.pass_(hours=3)
    (before,) = owed(world)
    in_force(world, replace(JUDGE, within="9h"))
    adopt(world)
    assert owed(world) == [before]
    assert before.breached_at is not None


def test_duties_that_the_new_regime_does_not_know_are_dropped_and_new_ones_begin(world: World) -> None:
    in_force(world, replace(JUDGE, id="look", name="查看"))
    adopt(world)
    assert [(duty.rule, duty.state) for duty in owed(world)] == [("judge", "dropped"), ("look", "open")]


def test_lower_floors_raise_it_and_higher_ones_lower_nothing(world: World) -> None:
    (url,) = [row["url"] for row in world.record("event.opened")]
    world.read(replace(world.post(), url=str(url)), comments=120)
    assert world.event().level is Level.MAJOR
    regime = world.engine.settings.regime
    for floor, level in ((110, Level.EXTRAORDINARY), (10_000, Level.EXTRAORDINARY)):
        levels = tuple(
            replace(rule, floors=Floors(comments=floor)) if rule.level > Level.GENERAL else rule
            for rule in regime.levels
        )
        in_force(world, JUDGE, levels=levels)
        world.configure(regime=replace(world.engine.settings.regime, version=f"floor {floor}"))
        adopt(world)
        assert world.event().level is level


def only_leaders(regime: Regime) -> dict[str, object]:
    steps = {rule.level: (replace(rule.steps[0], roles=("leading_group",)),) for rule in regime.levels}
    return {"levels": tuple(replace(rule, steps=steps[rule.level], repeats=0) for rule in regime.levels)}


def test_whom_the_new_regime_names_is_told_and_the_old_rungs_are_climbed_no_further(world: World) -> None:
    in_force(world, **only_leaders(world.engine.settings.regime))
    before = len(world.deliveries())
    adopt(world)
    world.pass_(hours=9)
    (told,) = [row for row in world.deliveries()[before:] if not row.purpose.startswith("relieved")]
    assert told.recipient == "leader"
    assert "the new plan holds for all" in told.notice.text
    assert "研判后尽快签收" in told.notice.text


def test_nobody_is_told_again_of_what_somebody_has_taken_over(world: World) -> None:
    world.engine.acknowledge("E1", by="wang", how="test", now=world.clock.now)
    in_force(world, **only_leaders(world.engine.settings.regime))
    adopt(world)
    assert world.told("adopted") == set()
