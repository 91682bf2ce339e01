"""Who was told of an event in a role hears it, once, when that role is taken from them."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta

import pytest
from world import NOON, World, person

from yuqing_daemon.domain import Act, Answer, DutyRule, Outcome, Recipient
from yuqing_daemon.rules.rota import Rota
from yuqing_daemon.rules.subscriptions import Subscription


@pytest.fixture
def told(world: World) -> World:
    """A world whose monitor, and nobody else, was told of an event."""
    world.visit("forum", world.post())
    world.send()
    assert world.told("found") == {"monitor"}
    return world


def holding(world: World, id: str, *roles: str) -> tuple[Recipient, ...]:
    """The people of the configuration, of whom one holds other roles."""
    people = world.engine.settings.recipients
    return tuple(replace(each, roles=roles) if each.id == id else each for each in people)


def relieved(world: World) -> list[str]:
    return [row.recipient for row in world.deliveries() if row.purpose.startswith("relieved:")]


def test_a_reload_that_takes_the_role_is_told_once_and_asks_for_nothing(told: World) -> None:
    told.configure(recipients=holding(told, "monitor", "office"))
    told.configure(recipients=holding(told, "monitor", "office", "ops"))
    (row,) = [row for row in told.deliveries() if row.purpose.startswith("relieved:")]
    assert (row.recipient, row.event) == ("monitor", 1)
    assert "您已不再担任此前接到通知时的岗位" in row.notice.text
    assert row.notice.data["link"] == ""
    (entry,) = told.record("alert.relieved")
    assert entry["recipients"] == ["monitor"]


def test_who_keeps_one_of_the_roles_in_which_they_were_told_is_told_nothing(told: World) -> None:
    told.pass_(minutes=30)  # the next rung: the office
    told.send()
    both = holding(told, "office", "office", "monitor")
    told.configure(recipients=both)
    assert relieved(told) == []
    told.configure(recipients=holding(told, "office", "monitor"))
    assert relieved(told) == ["office"]


def test_a_role_that_comes_back_and_is_taken_again_is_told_again(told: World) -> None:
    people = told.engine.settings.recipients
    told.configure(recipients=holding(told, "monitor", "office"))
    told.send()
    told.configure(recipients=people)
    told.pass_(hours=2)  # they are reminded, in their old role
    told.send()
    told.configure(recipients=holding(told, "monitor", "office"))
    assert relieved(told) == ["monitor", "monitor"]


def test_a_shift_that_ends_takes_no_role_away(world: World) -> None:
    early, late = person("early", "monitor"), person("late", "monitor")
    rota = Rota(
        role="monitor",
        people=("early", "late"),
        shift=timedelta(days=1),
        starts_on=NOON.date(),
        handover=time(8),
    )
    world.configure(recipients=(early, late), rotas=(rota,))
    world.visit("forum", world.post())
    world.send()
    assert world.told("found") == {"early"}
    world.pass_(days=1)
    world.configure(recipients=(early, late), rotas=(rota,))
    assert relieved(world) == []


def test_who_was_not_reached_is_told_nothing(world: World) -> None:
    world.visit("forum", world.post())
    world.send(Outcome(answer=Answer.PERMANENT, detail="550"))
    world.configure(recipients=holding(world, "monitor", "ops"))
    assert relieved(world) == []


def test_who_has_it_by_name_keeps_it(told: World) -> None:
    told.engine.act("E1", Act.HAND_OVER, by="wang", data={"to": "monitor"}, now=told.clock.now)
    told.configure(recipients=holding(told, "monitor", "office"))
    assert relieved(told) == []


def test_who_merely_asked_to_hear_of_it_owes_nothing(world: World) -> None:
    world.configure(subscriptions=(Subscription(person="speaker", role="spokesperson"),))
    world.visit("forum", world.post())
    world.send()
    assert world.told("subscribed") == {"speaker"}
    world.configure(recipients=holding(world, "speaker", "office"))
    assert relieved(world) == []


def test_an_event_that_is_over_and_done_with_is_nobodys(told: World) -> None:
    told.engine.act("E1", Act.DISMISS, by="wang", reason="not ours", now=told.clock.now)
    told.configure(recipients=holding(told, "monitor", "office"))
    assert relieved(told) == []


def test_who_is_no_longer_listed_is_told_nothing(told: World) -> None:
    told.configure(recipients=told.engine.settings.recipients[1:])
    assert relieved(told) == []


def test_a_change_while_no_daemon_ran_counts_at_the_next_start(told: World) -> None:
    told.engine.settings = replace(told.engine.settings, recipients=holding(told, "monitor", "office"))
    told.engine.begin(now=told.clock.now)
    told.engine.begin(now=told.clock.now)
    assert relieved(told) == ["monitor"]


def test_a_regime_that_no_longer_names_the_role_takes_it_from_the_event_it_is_applied_to(told: World) -> None:
    regime = told.engine.settings.regime
    steps = {rule.level: (replace(rule.steps[0], roles=("leading_group",)),) for rule in regime.levels}
    levels = tuple(replace(rule, steps=steps[rule.level], repeats=0) for rule in regime.levels)
    told.configure(regime=replace(regime, levels=levels, version="new"))
    assert relieved(told) == []  # the event lives under the old one
    told.engine.act("E1", Act.ADOPT, by="wang", now=told.clock.now)
    assert relieved(told) == ["monitor"]
    assert told.told("adopted") == {"leader"}


def test_a_role_that_owes_a_duty_in_the_new_regime_is_still_concerned(told: World) -> None:
    regime = told.engine.settings.regime
    steps = {rule.level: (replace(rule.steps[0], roles=("leading_group",)),) for rule in regime.levels}
    levels = tuple(replace(rule, steps=steps[rule.level], repeats=0) for rule in regime.levels)
    judge = DutyRule(id="judge", name="研判", name_en="judge", on="found", owner="monitor")
    told.configure(regime=replace(regime, levels=levels, duties=(judge,), version="new"))
    told.engine.act("E1", Act.ADOPT, by="wang", now=told.clock.now)
    assert relieved(told) == []
