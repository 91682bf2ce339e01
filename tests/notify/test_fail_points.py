"""A process that ends at any point of a notice's way: what was promised arrives, and at most one copy has a reason.

Each case forks, and the child ends itself with ``os._exit`` at the point, the first or the third time it comes there.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection
from world import ACCEPTED, Clock, World, person

from yuqing_daemon import Channel
from yuqing_daemon.config import NoticeSettings, Settings
from yuqing_daemon.engine import Engine, alerts, folding, sending, telling
from yuqing_daemon.plugins import Plugins
from yuqing_daemon.store import Store, attempts, audit, outbox

CHANNELS = ("mail", "sms", "chat")
OVER = ("accepted", "bundled", "suppressed", "expired")
HERE = 77  # the exit status of a child that ended where it should


def before(thing: object, name: str) -> Callable[[Callable[[], None]], None]:
    """Ends when something is about to be done."""

    def patch(end: Callable[[], None]) -> None:
        original = getattr(thing, name)

        def ending(*given: Any, **named: Any) -> Any:
            end()
            return original(*given, **named)

        setattr(thing, name, ending)

    return patch


def after(thing: object, name: str) -> Callable[[Callable[[], None]], None]:
    """Ends when something has just been done, in the transaction or after it."""

    def patch(end: Callable[[], None]) -> None:
        original = getattr(thing, name)

        def ending(*given: Any, **named: Any) -> Any:
            done = original(*given, **named)
            end()
            return done

        setattr(thing, name, ending)

    return patch


def commit(*, done: bool) -> Callable[[Callable[[], None]], None]:
    """Ends just before, or just after, a writing transaction is committed."""

    def patch(end: Callable[[], None]) -> None:
        original = Store.write

        @contextmanager
        def write(self: Store) -> Iterator[Connection]:
            with original(self) as connection:
                yield connection
                if not done:
                    end()
            if done:
                end()

        Store.write = write  # type: ignore[method-assign]

    return patch


class Sender:
    """Hands over to a file that outlives the process."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def hand_over(self, key: str) -> None:
        with self.path.open("a") as file:
            file.write(key + "\n")


# Where it ends, and whether a copy may come of it: only what ended between the sending and its record.
POINTS: dict[str, tuple[Callable[[Callable[[], None]], None], bool]] = {
    "before a commit": (commit(done=False), True),
    "after a commit": (commit(done=True), True),
    "before the promise": (before(telling, "promise"), False),
    "after the promise": (after(telling, "promise"), False),
    "before the claim": (before(outbox, "take"), False),
    "after the claim, within it": (after(outbox, "take"), False),
    "before it is handed over": (before(Sender, "hand_over"), True),
    "after it was handed over": (after(Sender, "hand_over"), True),
    "in the record, before the attempt": (before(attempts, "add"), True),
    "in the record, after the attempt": (after(attempts, "add"), True),
    "while the record is sealed": (after(audit, "append_all"), True),
    "while it goes into another message": (after(folding.outbox, "add"), False),
    "while nobody has acknowledged": (before(alerts, "repeat"), False),
    "while claims are given back": (after(sending, "give_back"), True),
}


def life(settings: Settings, clock: Clock, path: Path) -> None:
    """One life of a daemon: it starts, finds something, tells it, and lets some time pass."""
    engine = Engine(Store.open(settings.state), settings, Plugins.load(disable=("mail", "sms")), secret=b"s")
    world, sender = World(engine, clock), Sender(path)
    engine.begin(now=clock.now)
    if engine.is_first_visit("forum"):
        world.baseline()
    for number in range(3):
        words = "".join(chr(0x4E00 + (number * 37 + place * 101) % 5000) for place in range(60))
        url = f"https://forum.cn/{number}"
        world.visit("forum", world.post(title=f"青禾异物{words[:20]}", text=f"青禾{words}异物。", url=url))
    for _ in range(12):
        if all(row.state.value in OVER for row in world.deliveries()) and world.told("repeat"):
            break
        for channel in CHANNELS:
            for delivery in engine.claim(channel, token="t", now=clock.now, limit=2):
                sender.hand_over(delivery.key)
                engine.record(delivery, ACCEPTED, token="t", now=clock.now)
        if not world.told("repeat"):
            world.pass_(minutes=31)
        clock.pass_(minutes=11)
    engine.store.close()


@pytest.fixture
def house(settings: Settings) -> Settings:
    """Three monitors, one for each channel, who get little at once."""
    people = tuple(person(name, "monitor", "office", channels=(name,)) for name in CHANNELS)
    return replace(
        settings,
        sources=settings.sources[:1],
        recipients=people,
        channels={name: Channel(id=name, sender="test") for name in CHANNELS},
        notices=NoticeSettings(per_person=3, fold_every=timedelta(minutes=10)),
    )


def ends(point: str, nth: int, house: Settings, clock: Clock, path: Path) -> bool:
    """Whether a child that lives this life ends at the point."""
    child = os.fork()
    if child == 0:
        passes = iter(range(nth))

        def end() -> None:
            if next(passes) == nth - 1:
                os._exit(HERE)

        try:
            POINTS[point][0](end)
            life(house, clock, path)
        finally:
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == HERE


@pytest.mark.parametrize("nth", [1, 3])
@pytest.mark.parametrize("point", POINTS)
def test_wherever_it_ends_everything_promised_arrives_and_a_copy_has_a_reason(
    point: str, nth: int, house: Settings, clock: Clock, tmp_path: Path
) -> None:
    path = tmp_path / "arrived"
    path.touch()
    ended = ends(point, nth, house, clock, path)
    life(house, clock, path)
    store = Store.open(house.state)
    with store.read() as connection:
        rows, broken = outbox.everything(connection), audit.first_broken(connection)
    store.close()
    arrived = Counter(path.read_text().split("\n")[:-1])
    assert broken is None
    assert {row.state.value for row in rows} <= set(OVER)
    assert {row.key for row in rows if row.state == "accepted"} == set(arrived)
    copies = sum(count - 1 for count in arrived.values())
    assert copies <= (ended and POINTS[point][1])
