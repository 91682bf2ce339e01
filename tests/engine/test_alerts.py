"""Who is told, when, and again (R11, R14, R15, R28, R29)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from world import World, person

from yuqing_daemon import Address, Answer, Level, Outcome
from yuqing_daemon.errors import RequestError

DEAD = Outcome(answer=Answer.PERMANENT, detail="550 no such user")
LATER = Outcome(answer=Answer.RETRY, detail="451 try later")


def test_a_general_event_is_told_to_the_monitor_at_once_and_to_nobody_else(world: World) -> None:
    world.visit("forum", world.post())
    assert {(row.recipient, row.channel, row.purpose) for row in world.deliveries()} == {("monitor", "mail", "found")}


def test_a_rise_is_told_to_every_role_of_the_new_level_and_never_taken_for_the_first_notice(world: World) -> None:
    post = world.post()
    world.visit("forum", post)
    world.read(post, reads=1000)
    assert world.told("raise:major") == {"monitor", "office", "department", "leader"}
    world.clock.pass_(minutes=1)
    world.read(post, reads=3000)
    assert world.told("raise:extraordinary") == {"monitor", "office", "department", "leader", "speaker"}


def test_an_event_that_opens_high_is_told_once_at_that_level(world: World) -> None:
    post = world.post("press1")
    world.visit("press1", post)
    assert world.told("found") == {"monitor", "office", "department", "leader"}
    assert world.told("raise") == set()


def test_what_nobody_acknowledges_climbs_to_the_next_role(world: World) -> None:
    world.visit("forum", world.post())
    world.send()
    world.pass_(minutes=29)
    assert world.told("step") == set()
    world.pass_(minutes=1)
    assert world.told("step") == {"office"}
    world.pass_(minutes=90)
    assert world.told("step") == {"office", "leader"}


def test_a_step_that_fires_late_is_followed_by_the_next_with_its_full_delay(world: World) -> None:
    world.visit("forum", world.post())
    world.send()
    world.clock.pass_(hours=20)  # the daemon was down
    while due := world.engine.due(now=world.clock.now):
        world.engine.fire(due[0], now=world.clock.now)
    assert world.told("step") == {"office"}
    world.pass_(minutes=89)
    assert world.told("step") == {"office"}
    world.pass_(minutes=1)
    assert world.told("step") == {"office", "leader"}


def test_those_who_were_told_are_reminded_until_somebody_acknowledges(world: World) -> None:
    world.visit("press1", world.post("press1"))
    world.send()
    world.pass_(minutes=15)
    assert world.told("repeat:major") == {"monitor", "office", "department", "leader"}
    world.send()
    world.engine.acknowledge("E1", by="office", how="test", now=world.clock.now)
    before = len(world.deliveries())
    world.pass_(hours=5)
    assert len(world.deliveries()) == before


def test_reminders_end_after_the_number_the_regime_allows(world: World) -> None:
    world.visit("forum", world.post())
    world.send()
    world.pass_(hours=40)
    repeats = [row for row in world.deliveries() if row.purpose.startswith("repeat") and row.channel == "mail"]
    assert len([row for row in repeats if row.recipient == "monitor"]) == 3


def test_acknowledging_twice_changes_nothing_and_names_who_was_first(world: World) -> None:
    world.visit("forum", world.post())
    first = world.engine.acknowledge("E1", by="wang", how="test", now=world.clock.now)
    world.clock.pass_(minutes=3)
    assert world.engine.acknowledge("e1", by="li", how="test", now=world.clock.now) == first
    assert first.acknowledged_by == "wang"
    assert len(world.record("event.acknowledged")) == 1


def test_a_rise_after_an_acknowledgement_waits_for_somebody_again(world: World) -> None:
    post = world.post()
    world.visit("forum", post)
    world.engine.acknowledge("E1", by="wang", how="test", now=world.clock.now)
    world.read(post, reads=1000)
    assert not world.event().is_acknowledged
    world.send()
    world.pass_(minutes=15)
    assert world.told("repeat:major")


def test_only_an_event_that_exists_can_be_acknowledged(world: World) -> None:
    with pytest.raises(RequestError, match="there is no event 'E7'; see: yuqing events"):
        world.engine.acknowledge("E7", by="wang", how="test", now=world.clock.now)


def test_a_refused_delivery_falls_back_to_the_next_channel_at_once(world: World) -> None:
    world.visit("forum", world.post())
    world.send(DEAD, channels=("mail",))
    rows = {row.channel: row for row in world.deliveries() if row.recipient == "monitor"}
    assert rows["mail"].state == "dead"
    assert rows["sms"].state == "pending"
    assert rows["sms"].notice == rows["mail"].notice


def test_a_delivery_that_is_not_accepted_in_time_falls_back_while_it_goes_on_being_tried(world: World) -> None:
    world.visit("forum", world.post())
    world.send(LATER, channels=("mail",))
    world.pass_(minutes=29)
    assert {row.channel for row in world.deliveries()} == {"mail"}
    world.pass_(minutes=1)
    found = [row for row in world.deliveries() if row.purpose == "found"]
    assert {row.channel: str(row.state) for row in found} == {"mail": "pending", "sms": "pending"}


def test_when_all_channels_of_a_role_fail_the_next_role_is_told_and_told_why(world: World) -> None:
    world.visit("forum", world.post())
    world.send(DEAD, channels=("mail",))
    world.send(DEAD, channels=("sms",))
    assert world.told("handover:monitor") == {"office"}
    (row,) = [row for row in world.deliveries() if row.purpose.startswith("handover")]
    assert "监控人员" in row.notice.text
    assert "550 no such user" in str(world.record("alert.handed_over"))


def test_a_role_is_not_given_up_while_one_of_its_holders_can_be_reached(world: World) -> None:
    world.configure(recipients=(*world.engine.settings.recipients, person("second", "monitor")))
    world.visit("forum", world.post())
    (first, second) = world.engine.claim("mail", token="t", now=world.clock.now, limit=9)
    world.engine.record(first, DEAD, token="t", now=world.clock.now)
    world.send(DEAD, channels=("sms",))
    assert world.told("handover") == set()
    world.engine.record(second, DEAD, token="t", now=world.clock.now)
    assert world.told("handover") == {"office"}


def test_a_role_that_nobody_holds_is_stood_in_for_at_once(world: World) -> None:
    world.configure(recipients=tuple(p for p in world.engine.settings.recipients if p.id != "monitor"))
    world.visit("forum", world.post())
    assert {(row.recipient, row.purpose) for row in world.deliveries()} == {("office", "handover:monitor:found")}


def test_when_nobody_at_all_is_left_the_record_says_so(world: World) -> None:
    world.configure(recipients=())
    world.visit("forum", world.post())
    assert world.record("alert.nobody_left")


def test_nobody_who_was_taken_off_the_list_is_told(world: World) -> None:
    world.visit("forum", world.post())
    world.configure(recipients=tuple(p for p in world.engine.settings.recipients if p.id != "monitor"))
    assert [delivery.recipient for delivery in world.send()] == ["office"]
    assert {row.recipient: str(row.state) for row in world.deliveries()} == {
        "monitor": "cancelled",
        "office": "accepted",
    }


def test_a_changed_address_counts_for_what_is_not_sent_yet(world: World) -> None:
    world.visit("forum", world.post())
    moved = tuple(
        replace(p, addresses=(replace(p.addresses[0], to="new@mail"),)) if p.id == "monitor" else p
        for p in world.engine.settings.recipients
    )
    world.configure(recipients=moved)
    assert [delivery.to for delivery in world.send()] == ["new@mail"]


def test_a_test_message_goes_over_every_channel_of_a_person(world: World) -> None:
    keys = world.engine.test_notify("monitor", by="root", now=world.clock.now)
    assert len(keys) == 2
    assert {delivery.channel.id for delivery in world.send()} == {"mail", "sms"}
    assert all("测试" in delivery.notice.subject for delivery in world.sent)
    with pytest.raises(RequestError, match="no recipient, role or channel 'nobody'"):
        world.engine.test_notify("nobody", by="root", now=world.clock.now)


def test_a_test_message_of_a_level_goes_where_such_notices_go(world: World) -> None:
    sms, mail = Address(channel="sms", to="139", from_level=Level.MAJOR), Address(channel="mail", to="m@mail")
    monitor = replace(world.engine.settings.recipients[0], addresses=(sms, mail))
    world.configure(recipients=(monitor, *world.engine.settings.recipients[1:]))
    for level, channels in ((Level.GENERAL, {"mail"}), (Level.EXTRAORDINARY, {"sms", "mail"})):
        world.engine.test_notify("monitor", by="root", level=level, now=world.clock.pass_(minutes=1))
        taken = world.send()
        assert {delivery.channel.id for delivery in taken} == channels
        assert all(level.title() in delivery.notice.subject for delivery in taken)
    with pytest.raises(RequestError, match="'sms' is told of nothing at the level general; see from in"):
        world.engine.test_notify("sms", by="root", level=Level.GENERAL, now=world.clock.now)
