"""Who was told of an event in a role hears it, once, when that role is taken from them."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta

import pytest
from world import NOON, World, person

from yuqing_daemon import Level
from yuqing_daemon.config import NoticeSettings
from yuqing_daemon.config.settings import Quiet
from yuqing_daemon.domain import Act, Answer, DutyRule, Outcome, Recipient
from yuqing_daemon.rules.hours import parse_hours
from yuqing_daemon.rules.rota import Absence, Rota
from yuqing_daemon.rules.subscriptions import Subscription

DEAD = Outcome(answer=Answer.PERMANENT, detail="550 no such user")
LATER = Outcome(answer=Answer.RETRY, detail="451 try later")


@pytest.fixture
def told(world: World) -> World:
    """A world whose monitor, and nobody else, was told of an event."""
    world.visit("forum", world.post())
    world.send()
    assert world.told("found") == {"monitor"}
    return world


def holding(world: World, id: str, *roles: str) -> tuple[Recipient, ...]:
    """The people of the configuration, of whom one holds other roles, and somebody else those that were theirs."""
    people = tuple(each for each in world.engine.settings.recipients if each.id != "successor")
    before = next(each.roles for each in people if each.id == id)
    changed = tuple(replace(each, roles=roles) if each.id == id else each for each in people)
    return (*changed, person("successor", *(role for role in before if role not in roles)))


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


def states(world: World, who: str) -> dict[str, str]:
    return {row.purpose.split(":")[0]: row.state.value for row in world.deliveries() if row.recipient == who}


# -- who has the role now


def test_who_takes_the_role_is_told_of_what_is_open_once_and_asked_to_acknowledge(told: World) -> None:
    told.configure(recipients=holding(told, "monitor", "office"))
    told.configure(recipients=holding(told, "monitor", "office"))
    (row,) = [row for row in told.deliveries() if row.recipient == "successor"]
    assert row.purpose == "inherited:1"
    assert "该事件现由您接手（此前通知：monitor）" in row.notice.text
    assert "尽快签收" in row.notice.text and row.notice.data["link"]


def test_what_somebody_else_had_acknowledged_is_theirs_to_go_on_with(told: World) -> None:
    told.engine.acknowledge("E1", by="monitor", how="test", now=told.clock.now)
    told.configure(recipients=holding(told, "monitor", "office"))
    (row,) = [row for row in told.deliveries() if row.recipient == "successor"]
    assert "monitor 已签收" in row.notice.text
    assert "办理或督促办理" in row.notice.text


def test_who_took_the_role_is_told_also_if_who_had_it_is_not_listed_any_more(told: World) -> None:
    told.configure(recipients=(*told.engine.settings.recipients[1:], person("successor", "monitor")))
    assert told.told("inherited") == {"successor"}


def test_nobody_is_told_again_while_one_who_knows_still_has_the_role(world: World) -> None:
    world.configure(recipients=(*world.engine.settings.recipients, person("second", "monitor")))
    world.visit("forum", world.post())
    world.send()
    assert world.told("found") == {"monitor", "second"}
    people = (each for each in holding(world, "monitor", "office") if each.id != "successor")
    world.configure(recipients=(*people, person("third", "monitor")))
    assert world.told("inherited") == set()


def test_a_role_that_nobody_has_any_more_is_stood_in_for(told: World) -> None:
    told.configure(recipients=told.engine.settings.recipients[1:])
    assert told.told("handover:monitor:inherited") == {"office"}


def test_who_stands_in_for_a_role_has_it(world: World) -> None:
    away = Absence(person="monitor", starts_at=NOON, ends_at=NOON + timedelta(days=1), substitute="zhao")
    world.configure(recipients=(*world.engine.settings.recipients, person("zhao")), absences=(away,))
    world.visit("forum", world.post())
    world.send()
    assert world.told("found") == {"zhao"}
    world.engine.begin(now=world.clock.pass_(minutes=1))
    assert relieved(world) == []
    world.configure(absences=())
    assert relieved(world) == ["zhao"]


def test_who_is_relieved_hears_no_more_news_and_is_not_asked_to_go_on(told: World) -> None:
    told.configure(notices=NoticeSettings(update_general=timedelta(minutes=30), progress_within=timedelta(hours=4)))
    told.engine.acknowledge("E1", by="monitor", how="test", now=told.clock.now)
    told.configure(recipients=holding(told, "monitor", "speaker"))
    told.send()
    told.visit("forum", told.post())
    told.pass_(hours=5)
    assert told.told("update") == {"successor"}
    assert "monitor" not in told.told("progress")
    assert "successor" in told.told("progress")


# -- what waited for who had the role


def sleeping(world: World) -> None:
    """The monitor is not to be disturbed now."""
    world.configure(quiet={"monitor": Quiet(hours=parse_hours("11:00-19:00"), passes_from=Level.MAJOR)})


def test_what_waits_for_the_end_of_quiet_hours_goes_to_who_has_the_role_now_and_at_once(world: World) -> None:
    sleeping(world)
    world.visit("forum", world.post())
    world.configure(recipients=holding(world, "monitor", "department"))
    assert states(world, "monitor") == {"found": "cancelled"}
    (delivery,) = world.send()
    assert (delivery.recipient, delivery.purpose) == ("successor", "found")
    assert [entry["role"] for entry in world.record("delivery.passed_on")] == ["monitor"]
    world.pass_(hours=9)
    assert "monitor" not in {delivery.recipient for delivery in world.send()}


def test_what_was_tried_and_waits_for_another_attempt_goes_to_who_has_the_role_now(world: World) -> None:
    world.visit("forum", world.post())
    world.send(LATER, channels=("mail",))
    world.configure(recipients=holding(world, "monitor", "department"))
    world.clock.pass_(hours=1)
    assert {delivery.recipient for delivery in world.send()} == {"successor"}


def test_what_perhaps_arrived_is_corrected_and_goes_to_who_has_the_role_now(world: World) -> None:
    world.visit("forum", world.post())
    world.send(Outcome(answer=Answer.UNKNOWN, detail="lost"), channels=("mail",))
    world.configure(recipients=holding(world, "monitor", "department"))
    assert states(world, "monitor") == {"found": "cancelled", "relieved": "pending"}
    assert world.told("found") == {"monitor", "successor"}


@pytest.mark.parametrize("outcome", [LATER, DEAD])
def test_what_is_on_its_way_while_the_role_changes_is_not_tried_again(world: World, outcome: Outcome) -> None:
    world.visit("forum", world.post())
    (delivery,) = world.engine.claim("mail", token="t", now=world.clock.now, limit=9)
    world.configure(recipients=holding(world, "monitor", "department"))
    world.engine.record(delivery, outcome, token="t", now=world.clock.now)
    world.clock.pass_(hours=1)
    sent = [*world.send(), *world.send()]
    assert {each.recipient for each in sent if each.purpose == "found"} == {"successor"}
    assert {row.channel for row in world.deliveries() if row.recipient == "monitor"} == {"mail"}


def test_what_nobody_acknowledged_is_not_tried_over_another_channel_of_who_has_not_the_role(told: World) -> None:
    told.configure(recipients=holding(told, "monitor", "department"))
    told.pass_(hours=1)
    assert [row.channel for row in told.deliveries() if row.recipient == "monitor" and row.purpose == "found"] == [
        "mail"
    ]


@pytest.mark.parametrize("is_listed", [True, False])
def test_what_was_folded_is_unfolded_for_who_has_the_role_now(world: World, is_listed: bool) -> None:
    world.configure(notices=NoticeSettings(per_person=1))
    for words in ("包装里有玻璃渣", "瓶盖上面全是霉点", "学校食堂发的一批"):
        world.visit("forum", world.post(title=f"青禾异物：{words}", text=f"青禾{words}，异物。" + words * 9))
    world.send()
    assert len([row for row in world.deliveries() if row.state == "bundled"]) == 2
    people = holding(world, "monitor", "department")
    world.configure(recipients=people if is_listed else tuple(each for each in people if each.id != "monitor"))
    world.clock.pass_(minutes=10)
    world.send()
    world.clock.pass_(minutes=10)
    world.send()
    assert not any(row.slot and row.state == "accepted" for row in world.deliveries() if row.recipient == "monitor")
    mine = {row.event for row in world.deliveries() if row.recipient == "successor" and row.event}
    assert mine == {1, 2, 3}


def test_what_a_silence_held_back_is_told_to_who_has_the_role_when_it_ends(world: World) -> None:
    ends_at = world.clock.now + timedelta(hours=1)
    world.engine.set_silence({"topic": "quality"}, ends_at=ends_at, by="wang", reason="x", now=world.clock.now)
    world.visit("forum", world.post())
    world.send()
    world.configure(recipients=holding(world, "monitor", "department"))
    world.pass_(hours=1)
    told = {delivery.recipient: delivery.purpose for delivery in world.send()}
    assert "monitor" not in told
    assert told["successor"] == "found"


def test_a_word_to_the_operators_goes_to_who_runs_the_daemon_now(world: World) -> None:
    world.engine.tell_operators("ops:x", "something is wrong", "look", now=world.clock.now)
    world.configure(recipients=holding(world, "admin", "office"))
    assert [delivery.recipient for delivery in world.send()] == ["successor"]


def test_a_subscriber_in_a_role_is_the_one_who_has_it(world: World) -> None:
    world.configure(subscriptions=(Subscription(role="spokesperson", hours=parse_hours("18:00-20:00")),))
    world.visit("forum", world.post())
    world.configure(recipients=holding(world, "speaker", "office"))
    world.clock.pass_(hours=7)
    assert {each.recipient for each in world.send() if each.purpose.startswith("subscribed")} == {"successor"}


def test_an_address_that_was_taken_off_the_list_is_not_written_to(world: World) -> None:
    world.visit("forum", world.post())
    people = world.engine.settings.recipients
    only_sms = replace(people[0], addresses=people[0].addresses[1:])
    world.configure(recipients=(only_sms, *people[1:]))
    assert [each.to for each in world.send()] == ["monitor@sms"]


def test_what_waits_for_a_channel_that_is_gone_falls_back_at_once(world: World) -> None:
    world.visit("forum", world.post())
    people = world.engine.settings.recipients
    only_sms = replace(people[0], addresses=people[0].addresses[1:])
    channels = {"sms": world.engine.settings.channels["sms"]}
    world.configure(recipients=(only_sms, *people[1:]), channels=channels)
    assert [each.to for each in world.send(channels=("sms",))] == ["monitor@sms"]
    assert states(world, "monitor") == {"found": "accepted"}
    assert {row.state.value for row in world.deliveries() if row.channel == "mail"} == {"dead"}


# -- and who is told nothing


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
