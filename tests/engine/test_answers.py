"""What people and providers answer, and what people hear of what is no longer so; all of it once, and on record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from world import World, person

from yuqing_daemon import Answer, Callback, Channel, Heard, Outcome, Post, Receipt, Signal, hookimpl
from yuqing_daemon.bus import Result, Visit
from yuqing_daemon.config import NoticeSettings
from yuqing_daemon.domain import Act
from yuqing_daemon.engine import hearing
from yuqing_daemon.errors import RequestError

NUMBER = "13900000000"


class Gateway:
    """A provider whose callbacks say what a test wants."""

    def __init__(self) -> None:
        self.signals: tuple[Signal, ...] = ()

    @hookimpl
    def hear(self, channel: Channel, callback: Callback) -> Heard | None:
        return Heard(signals=self.signals, reply={"code": 0}) if callback.body else None


@pytest.fixture
def gateway(world: World) -> Gateway:
    made = Gateway()
    world.engine.plugins.register(made, "gateway")
    monitor = person("monitor", "monitor", channels=("sms",))
    monitor = replace(monitor, addresses=(replace(monitor.addresses[0], to=NUMBER),))
    world.configure(recipients=(monitor, *world.engine.settings.recipients[1:]))
    return made


def tell(world: World, gateway: Gateway, *signals: Signal) -> Mapping[str, Any]:
    gateway.signals = signals
    token = hearing.token(b"secret", "sms")
    return world.engine.hear("sms", token, Callback(body=b"x"), now=world.clock.pass_(seconds=1))


def accepted(world: World) -> None:
    world.visit("forum", world.post())
    world.send(Outcome(answer=Answer.ACCEPTED, provider_id="call-1"))


@pytest.mark.parametrize(
    "words", ["E1", "签收ｅ１", " e 1 ", "Ｅ－１。", "收到", "收到\r\n> 【一般】青禾酸奶里有异物", "１", "1", "ok"]
)
def test_who_answers_from_the_number_it_went_to_acknowledges(world: World, gateway: Gateway, words: str) -> None:
    accepted(world)
    assert tell(world, gateway, Signal(answer=words, number=f"+86{NUMBER}")) == {"code": 0}
    event = world.event()
    assert (event.is_acknowledged, event.acknowledged_by) == (True, "monitor")
    assert [entry["how"] for entry in world.record("event.acknowledged")] == ["SMS reply"]


def test_an_answer_to_what_has_risen_meanwhile_does_not_count_until_they_are_told(
    world: World, gateway: Gateway
) -> None:
    post = world.post()
    world.visit("forum", post)
    world.send()
    world.read(post, reads=1000)
    tell(world, gateway, Signal(answer="E1", number=NUMBER))
    assert not world.event().is_acknowledged
    assert [entry["why"] for entry in world.record("answer.too_late")] == ["risen"]
    world.send()
    tell(world, gateway, Signal(answer="E1", number=NUMBER))
    assert world.event().is_acknowledged


def test_an_answer_from_somebody_who_is_listed_no_more_does_not_count(world: World, gateway: Gateway) -> None:
    accepted(world)
    world.configure(recipients=world.engine.settings.recipients[1:])
    tell(world, gateway, Signal(answer="E1", number=NUMBER))
    assert not world.event().is_acknowledged
    assert [entry["why"] for entry in world.record("answer.too_late")] == ["not yours"]


def test_an_answer_to_what_is_over_is_on_record(world: World, gateway: Gateway) -> None:
    accepted(world)
    world.engine.act("E1", Act.DISMISS, by="office", reason="none", now=world.clock.now)
    tell(world, gateway, Signal(answer="E1", number=NUMBER))
    assert [(entry["why"], entry["how"]) for entry in world.record("answer.too_late")] == [("over", "SMS reply")]


def test_a_key_pressed_on_the_call_acknowledges_and_another_does_not(world: World, gateway: Gateway) -> None:
    accepted(world)
    tell(world, gateway, Signal(answer="9", provider_id="call-1"))
    tell(world, gateway, Signal(answer="19", provider_id="call-1"))
    assert not world.event().is_acknowledged
    tell(world, gateway, Signal(answer="1", provider_id="call-1"))
    assert world.event().acknowledged_by == "monitor"
    assert [entry["how"] for entry in world.record("event.acknowledged")] == ["key press"]


@pytest.mark.parametrize("pressed", ["11", "1#"])
def test_a_key_pressed_twice_or_ended_counts(world: World, gateway: Gateway, pressed: str) -> None:
    accepted(world)
    tell(world, gateway, Signal(answer=pressed, provider_id="call-1"))
    assert world.event().acknowledged_by == "monitor"


def test_a_call_whose_answer_was_lost_is_known_by_the_number_of_its_delivery(world: World, gateway: Gateway) -> None:
    world.visit("forum", world.post())
    world.send(Outcome(answer=Answer.UNKNOWN))
    (row,) = (row for row in world.deliveries() if row.purpose == "found")
    tell(world, gateway, Signal(answer="1", provider_id="call-1", delivery=row.id + 1000))
    assert not world.event().is_acknowledged
    tell(world, gateway, Signal(answer="1", provider_id="call-1", delivery=row.id))
    assert world.event().acknowledged_by == "monitor"


def test_an_answer_that_comes_twice_counts_once(world: World, gateway: Gateway) -> None:
    accepted(world)
    signal = Signal(answer="E1", number=NUMBER)
    tell(world, gateway, signal, signal)
    tell(world, gateway, signal)
    assert len(world.record("event.acknowledged")) == 1


@pytest.mark.parametrize(
    "signal",
    [
        Signal(answer="E1", number="13800000000"),
        Signal(answer="E2", number=NUMBER),
        Signal(answer="谁啊", number=NUMBER),
        Signal(answer="1", provider_id="another-call"),
        Signal(answer="E1"),
    ],
)
def test_what_is_no_acknowledgement_is_on_record_and_does_nothing(
    world: World, gateway: Gateway, signal: Signal
) -> None:
    accepted(world)
    tell(world, gateway, signal)
    assert not world.event().is_acknowledged
    assert world.record("answer.not_understood")


def test_a_plain_yes_to_two_events_is_neither(world: World, gateway: Gateway) -> None:
    accepted(world)
    world.visit("forum", world.post(title="青禾酸奶里另有异物的事", text="青禾酸奶里另有异物，完全不同的一件事情。"))
    world.send()
    tell(world, gateway, Signal(answer="收到", number=NUMBER))
    assert not any(event.is_acknowledged for event in world.events())


def test_an_address_with_another_token_is_none_of_ours(world: World, gateway: Gateway) -> None:
    for channel, token in (("sms", "0" * 32), ("mail", hearing.token(b"secret", "sms")), ("fax", "")):
        with pytest.raises(RequestError, match="there is nothing here"):
            world.engine.hear(channel, token, Callback(body=b"x"), now=world.clock.now)


# -- receipts


def receipt(world: World) -> str:
    return next(row.receipt for row in world.deliveries() if row.purpose == "found")


def test_receipts_go_from_accepted_to_delivered_to_read_and_an_older_one_is_ignored(
    world: World, gateway: Gateway
) -> None:
    accepted(world)
    at = world.clock.now
    names = {"provider_id": "call-1"}
    tell(world, gateway, Signal(receipt=Receipt.DELIVERED, at=at + timedelta(seconds=5), **names))
    assert receipt(world) == "delivered"
    tell(world, gateway, Signal(receipt=Receipt.FAILED, at=at + timedelta(seconds=1), **names))
    assert receipt(world) == "delivered"
    tell(world, gateway, Signal(receipt=Receipt.READ, at=at + timedelta(seconds=9), **names))
    tell(world, gateway, Signal(receipt=Receipt.DELIVERED, at=at + timedelta(seconds=20), **names))
    assert receipt(world) == "read"
    assert [entry["receipt"] for entry in world.record("delivery.receipt")] == ["delivered", "read"]


def test_what_was_accepted_and_then_not_delivered_falls_over_like_a_refusal(world: World, gateway: Gateway) -> None:
    accepted(world)
    tell(world, gateway, Signal(receipt=Receipt.FAILED, provider_id="call-1", detail="absent subscriber"))
    assert world.told("handover:monitor") == {"office"}
    assert world.told("ops:dead:sms") == {"admin"}


# -- corrections


def told_all(world: World) -> None:
    """Everybody of a major event was told."""
    world.visit("press1", world.post("press1"))
    world.send()


@pytest.mark.parametrize(
    ("act", "data", "kind"),
    [
        (Act.CLOSE, {}, "closed"),
        (Act.DISMISS, {}, "withdrawn"),
        (Act.CORRECT, {"level": "general"}, "lowered"),
    ],
)
def test_who_was_told_hears_what_became_of_it_and_who_did_it_does_not(
    world: World, act: Act, data: dict[str, str], kind: str
) -> None:
    told_all(world)
    world.engine.act("E1", act, by="office", reason="another Qinghe", data=data, now=world.clock.pass_(minutes=1))
    assert world.told(f"{kind}:") == {"monitor", "department", "leader"}
    (notice, *_) = [delivery.notice for delivery in world.send() if delivery.purpose.startswith(kind)]
    assert "another Qinghe" in notice.text


def test_a_correction_that_reaches_nobody_is_told_to_nobody_else(world: World) -> None:
    world.visit("forum", world.post())
    world.send()
    world.engine.act("E1", Act.DISMISS, by="wang", reason="none", now=world.clock.pass_(minutes=1))
    for _ in range(3):
        world.send(Outcome(answer=Answer.PERMANENT, detail="550"))
    assert {row.recipient for row in world.deliveries() if row.event} == {"monitor"}


def test_who_was_told_of_an_event_that_is_part_of_another_now_hears_it(world: World) -> None:
    told_all(world)
    world.visit("forum", world.post(title="青禾酸奶里另有异物的事", text="青禾酸奶里另有异物，完全不同的一件事情。"))
    world.engine.act("E1", Act.MERGE, by="office", reason="one", data={"into": "E2"}, now=world.clock.pass_(minutes=1))
    assert world.told("merged:") == {"monitor", "department", "leader"}


def test_who_was_not_told_yet_is_not_told_that_it_is_nothing_and_the_first_word_is_called_back(world: World) -> None:
    world.visit("forum", world.post())
    world.engine.act("E1", Act.DISMISS, by="office", reason="none", now=world.clock.now)
    assert {row.purpose: row.state.value for row in world.deliveries()} == {"found": "cancelled"}


# -- progress


def keep_up(world: World, **settings: timedelta) -> None:
    world.configure(notices=NoticeSettings(**settings))  # type: ignore[arg-type]


def test_who_acknowledged_and_does_nothing_is_reminded_and_then_it_is_taken_back(world: World) -> None:
    keep_up(world, progress_within=timedelta(hours=4))
    told_all(world)
    world.engine.acknowledge("E1", by="monitor", how="test", now=world.clock.now)
    world.pass_(hours=3, minutes=59)
    assert world.told("progress") == set()
    world.pass_(minutes=2)
    assert world.told("progress") == {"monitor"}
    world.pass_(hours=4)
    assert not world.event().is_acknowledged
    assert world.told("unacked") == {"monitor", "office", "department", "leader"}


def test_who_does_something_is_left_in_peace(world: World) -> None:
    keep_up(world, progress_within=timedelta(hours=4))
    told_all(world)
    world.engine.acknowledge("E1", by="monitor", how="test", now=world.clock.now)
    for _ in range(4):
        world.pass_(hours=3)
        world.engine.act("E1", Act.NOTE, by="monitor", reason=f"asked at {world.clock.now}", now=world.clock.now)
    assert world.event().is_acknowledged
    assert world.told("progress") == set()


def test_news_is_told_to_those_who_know_of_the_event_at_most_once_an_interval(world: World) -> None:
    keep_up(world, update_general=timedelta(minutes=30))
    world.visit("forum", world.post())
    world.send()
    world.engine.acknowledge("E1", by="monitor", how="test", now=world.clock.now)
    for _ in range(3):
        world.pass_(minutes=9)
        world.visit("forum", world.post())
    assert world.told("update") == set()
    world.pass_(minutes=4)
    (update,) = [delivery for delivery in world.send() if delivery.purpose.startswith("update")]
    assert "信息 4 条" in update.notice.text
    world.pass_(hours=5)
    assert len([row for row in world.deliveries() if row.purpose.startswith("update")]) == 1


# -- the clock


def test_a_clock_that_is_set_back_lets_nothing_wait_for_the_hour_that_is_gone(world: World) -> None:
    world.visit("forum", world.post())
    world.clock.pass_(hours=-1)
    world.engine.clock_jumped(timedelta(hours=-1), now=world.clock.now)
    assert len(world.send()) == 1
    assert world.record("clock.jumped") == [{"seconds": -3600.0}]


def test_a_clock_that_is_set_forward_takes_no_claim_away(world: World) -> None:
    world.visit("forum", world.post())
    world.engine.claim("mail", token="t", now=world.clock.now, limit=1)
    world.clock.pass_(hours=1)
    world.engine.clock_jumped(timedelta(hours=1), now=world.clock.now)
    world.engine.housekeeping(now=world.clock.now)
    assert [row.state.value for row in world.deliveries() if row.purpose == "found"] == ["sending"]


# -- the weekly test


def test_every_channel_is_tested_once_a_week_by_those_who_run_the_daemon(world: World) -> None:
    admin = person("admin", "ops", channels=("mail", "sms"))
    world.configure(
        recipients=(*(p for p in world.engine.settings.recipients if p.id != "admin"), admin),
        notices=NoticeSettings(self_test=True),
    )
    for _ in range(3):
        world.engine.housekeeping(now=world.clock.pass_(hours=1))
    tests = [row for row in world.deliveries() if row.purpose.startswith("test:week")]
    assert {(row.recipient, row.channel) for row in tests} == {("admin", "mail"), ("admin", "sms")}
    world.send(Outcome(answer=Answer.PERMANENT, detail="535"), channels=("sms",))
    (alarm,) = [row for row in world.deliveries() if row.purpose.startswith("ops:dead:sms")]
    assert alarm.channel == "mail"
    world.engine.housekeeping(now=world.clock.pass_(days=7))
    assert len([row for row in world.deliveries() if row.purpose.startswith("test:week")]) == 4


def test_a_channel_that_fails_again_and_again_is_told_over_another(world: World) -> None:
    admin = person("admin", "ops", channels=("mail", "sms"))
    world.configure(recipients=(*(p for p in world.engine.settings.recipients if p.id != "admin"), admin))
    world.visit("press1", world.post("press1"))
    world.send(Outcome(answer=Answer.RETRY, detail="451"), channels=("mail",))
    world.clock.pass_(minutes=1)
    world.send(Outcome(answer=Answer.RETRY, detail="451"), channels=("mail",))
    alarms = [row for row in world.deliveries() if row.purpose.startswith("ops:channel-failing:mail")]
    assert [(row.recipient, row.channel) for row in alarms] == [("admin", "sms")]


def test_a_plain_yes_to_a_drill_acknowledges_no_event(world: World, gateway: Gateway) -> None:
    accepted(world)
    job = world.engine.begin_drill(wait=timedelta(minutes=2), by="wang", channel="sms", now=world.clock.now)
    at, source = world.clock.now, job.source
    post = Post(url=source.urls[0], source=source.id, title="演练 DRILL", fetched_at=at)
    read = Result(job=job.id, source=source.id, visit=Visit.READ, started_at=at, ended_at=at, posts=(post,), state={})
    world.engine.take_drill(read, clock=lambda: at, now=at)
    world.send(channels=("sms",))
    tell(world, gateway, Signal(answer="收到", number=NUMBER))
    assert not world.event().is_acknowledged
    assert [each["how"] for each in world.record("drill.answered")] == ["SMS reply"]
    tell(world, gateway, Signal(answer="E1", number=NUMBER))
    assert world.event().acknowledged_by == "monitor"
