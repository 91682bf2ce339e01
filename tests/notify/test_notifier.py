"""From the outbox to a sender and back, with senders that do what senders do."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from sqlalchemy.exc import OperationalError
from world import ACCEPTED, World, person

from yuqing_daemon import Answer, Delivery, Outcome, hookimpl
from yuqing_daemon.notify import Notifier, notifier

SOON = 10.0


class Sender:
    """A sender whose channels are open or shut; what came while its channel was shut hangs until ``open``."""

    def __init__(self) -> None:
        self.keys: list[str] = []
        self.shut: set[str] = set()
        self.moved = threading.Condition()
        self.gate = threading.Event()
        self.error: Exception | None = None

    @hookimpl
    def send(self, delivery: Delivery) -> Outcome:
        with self.moved:
            self.keys.append(delivery.key)
            self.moved.notify_all()
        if delivery.channel.id in self.shut:
            self.gate.wait(SOON)
        if self.error:
            raise self.error
        return ACCEPTED

    def open(self) -> None:
        self.shut = set()
        self.gate.set()

    def count(self, number: int) -> None:
        """Wait until so many have come."""
        with self.moved:
            assert self.moved.wait_for(lambda: len(self.keys) >= number, SOON), self.keys


@pytest.fixture
def sender(world: World) -> Iterator[Sender]:
    sender = Sender()
    world.engine.plugins.register(sender, "test")
    yield sender
    sender.open()


@pytest.fixture
def running(world: World, sender: Sender) -> Iterator[Notifier]:
    made = Notifier(world.engine, lambda: world.clock.now)
    made.start()
    yield made
    sender.open()
    made.stop(timedelta(seconds=SOON))


def alert(world: World, monitors: int, *channels: str) -> None:
    """One story that so many people are told of, each over the first of the channels."""
    people = [person(f"m{number}", "monitor", channels=channels or ("mail",)) for number in range(monitors)]
    world.configure(recipients=(*people, *world.engine.settings.recipients[1:]))
    world.visit("forum", world.post())


def states(world: World) -> set[str]:
    return {row.state.value for row in world.deliveries()}


def settled(running: Notifier, world: World) -> None:
    assert running.stop(timedelta(seconds=SOON))
    assert states(world) == {"accepted"}


def test_the_next_one_goes_as_soon_as_one_comes_back(
    world: World, sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notifier, "LOOK_EVERY", timedelta(hours=1))
    alert(world, 20)
    running = Notifier(world.engine, lambda: world.clock.now)
    running.start()
    sender.count(20)
    settled(running, world)


def test_no_more_than_four_at_once_on_a_channel_and_the_others_do_not_wait(
    world: World, sender: Sender, running: Notifier
) -> None:
    sender.shut = {"mail"}
    alert(world, 6)
    sender.count(4)
    world.configure(recipients=(person("m9", "monitor", channels=("sms",)), *world.engine.settings.recipients))
    world.visit(
        "forum", world.post(title="青禾酸奶里另有异物的事", text="青禾酸奶里另有异物，这是完全不同的一件事情。")
    )
    sender.count(5)
    assert sum(":mail:" in key for key in sender.keys) == 4
    assert [key for key in sender.keys if ":sms:" in key] == ["E2:found:sms:m9"]
    sender.open()
    sender.count(13)
    settled(running, world)


def test_a_sender_that_never_comes_back_gives_its_place_up_when_its_claim_is_over(
    world: World, sender: Sender, running: Notifier
) -> None:
    sender.shut = {"mail"}
    alert(world, 5)
    sender.count(4)
    sender.shut = set()  # but those four hang for ever
    world.clock.pass_(minutes=6)
    world.engine.housekeeping(now=world.clock.now)
    sender.count(9)
    assert len(set(sender.keys)) == 5
    sender.open()
    settled(running, world)


def test_a_sender_that_raises_is_tried_again(world: World, sender: Sender) -> None:
    sender.error = RuntimeError("the modem is gone")
    alert(world, 1)
    Notifier(world.engine, lambda: world.clock.now).drain()
    (row,) = world.deliveries()
    assert (row.state.value, row.attempts, row.detail) == ("pending", 1, notifier.NO_ANSWER)
    assert row.due_at > world.clock.now


def test_a_channel_nobody_sends_over_is_tried_again_and_not_lost(world: World) -> None:
    alert(world, 1)
    Notifier(world.engine, lambda: world.clock.now).drain()
    assert states(world) == {"pending"}


def test_what_a_full_disk_keeps_from_being_recorded_is_recorded_later_and_not_sent_twice(
    world: World, sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    record, failures = world.engine.record, iter([True, True, False])

    def fail(*given: object, **named: object) -> bool:
        if next(failures):
            raise OperationalError("update", {}, Exception("database or disk is full"))
        return record(*given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(world.engine, "record", fail)
    monkeypatch.setattr(notifier, "RECORD_AGAIN_AFTER", timedelta(0))
    alert(world, 1)
    Notifier(world.engine, lambda: world.clock.now).drain()
    assert states(world) == {"accepted"}
    assert len(sender.keys) == 1


def test_stopping_claims_nothing_more_and_waits_for_what_is_on_its_way(world: World, sender: Sender) -> None:
    sender.shut = {"mail"}
    alert(world, 6)
    running = Notifier(world.engine, lambda: world.clock.now)
    running.start()
    sender.count(4)
    assert not running.stop(timedelta(0))
    sender.open()
    assert running.stop(timedelta(seconds=SOON))
    found = [row.state.value for row in world.deliveries()]
    assert (found.count("accepted"), found.count("pending")) == (4, 2)


def test_a_failing_channel_is_logged_when_it_begins_and_when_it_ends(
    world: World, sender: Sender, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "yuqing_daemon.notify")
    drain: Callable[[], None] = Notifier(world.engine, lambda: world.clock.now).drain
    sender.error = RuntimeError("gone")
    alert(world, 3)
    drain()
    sender.error = None
    world.clock.pass_(minutes=1)
    drain()
    said = [record.getMessage().split()[0] for record in caplog.records if "channel." in record.getMessage()]
    assert said == ["channel.failing", "channel.works_again"]


def test_an_answer_that_is_no_outcome_is_a_failure(world: World) -> None:
    class Chatty:
        @hookimpl
        def send(self) -> str:
            return "sent!"

    world.engine.plugins.register(Chatty(), "test")
    alert(world, 1)
    Notifier(world.engine, lambda: world.clock.now).drain()
    assert states(world) == {"pending"}
    assert world.engine.plugins.entries["test"].failures == 1
    assert Answer.RETRY.value in [entry["answer"] for entry in world.record("delivery.delayed")]
