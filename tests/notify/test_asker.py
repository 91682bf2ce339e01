"""Providers that do not call back are asked, more and more rarely, and what they say is a receipt like any other."""

from __future__ import annotations

from world import World

from yuqing_daemon import Answer, Delivery, Outcome, Receipt, Signal, hookimpl
from yuqing_daemon.notify import Asker

TAKEN = Outcome(answer=Answer.ACCEPTED, detail="taken", provider_id="9^0")


class Provider:
    """Answers what a test says, and counts how often it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.receipt: Receipt | None = None

    @hookimpl
    def look_up(self, delivery: Delivery) -> Signal | None:
        self.asked.append(delivery.provider_id)
        if self.receipt is None:
            return None
        return Signal(receipt=self.receipt, provider_id=delivery.provider_id, detail="told when asked")


def sent(world: World) -> tuple[Provider, Asker]:
    provider = Provider()
    world.engine.plugins.register(provider, "test")  # the sender of every channel here
    world.visit("forum", world.post())
    world.pass_(minutes=1)
    world.send(TAKEN, channels=("mail",))
    return provider, Asker(world.engine, lambda: world.clock.now)


def receipts(world: World) -> list[str]:
    return [row.receipt for row in world.deliveries() if row.provider_id]


def test_a_provider_is_asked_after_a_minute_and_then_more_and_more_rarely(world: World) -> None:
    provider, asker = sent(world)
    asker.look()
    assert provider.asked == []
    for _ in range(60):
        world.clock.pass_(minutes=1)
        asker.look()
    assert len(provider.asked) == 4  # after 1, 4, 13 and 40 minutes
    assert set(provider.asked) == {"9^0"}


def test_what_it_says_is_kept_and_it_is_asked_until_the_last_word(world: World) -> None:
    provider, asker = sent(world)
    provider.receipt = Receipt.DELIVERED
    asker.look()
    world.clock.pass_(minutes=1)
    assert asker.look() == 1
    assert receipts(world) == ["delivered"]
    provider.receipt = Receipt.READ
    world.clock.pass_(minutes=3)
    assert asker.look() == 1
    assert receipts(world) == ["read"]
    world.clock.pass_(hours=1)
    assert asker.look() == 0
    assert world.record("delivery.receipt")


def test_what_was_taken_and_then_not_delivered_goes_to_the_next_channel(world: World) -> None:
    provider, asker = sent(world)
    provider.receipt = Receipt.FAILED
    asker.look()
    world.clock.pass_(minutes=1)
    asker.look()
    assert any(row.channel == "sms" for row in world.deliveries())


def test_after_a_day_nobody_is_asked_any_more(world: World) -> None:
    provider, asker = sent(world)
    asker.look()
    world.clock.pass_(hours=25)
    asker.look()
    assert provider.asked == []


def test_nobody_is_asked_about_a_channel_whose_sender_cannot_ask(world: World) -> None:
    world.visit("forum", world.post())
    world.pass_(minutes=1)
    world.send(TAKEN, channels=("mail",))
    assert world.engine.unreceipted(now=world.clock.now) == []


def test_a_plugin_that_fails_costs_nothing_but_its_answer(world: World) -> None:
    class Broken:
        @hookimpl
        def look_up(self) -> Signal | None:
            raise RuntimeError("no line")

    world.engine.plugins.register(Broken(), "broken")
    provider, asker = sent(world)
    provider.receipt = Receipt.DELIVERED
    asker.look()
    world.clock.pass_(minutes=1)
    asker.look()
    assert receipts(world) == ["delivered"]
