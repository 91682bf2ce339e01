"""What the daemon does while its store takes no writes: nothing is lost, and those who can mend it hear of it once."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError
from world import ACCEPTED, Clock, person

from yuqing_daemon import Answer, Delivery, Outcome, hookimpl, outage
from yuqing_daemon.config import Settings
from yuqing_daemon.engine import Engine
from yuqing_daemon.outage import WELL_AFTER, Outage
from yuqing_daemon.plugins import Plugins
from yuqing_daemon.store import Store, outbox, quarantine

MIB = 1 << 20
WORST = {"full": "pragma max_page_count = 1", "read-only": "pragma query_only = 1"}
WELL = "pragma max_page_count = 1000000; pragma query_only = 0"


class Sender:
    """Takes everything, on the channels that work."""

    def __init__(self) -> None:
        self.took: list[Delivery] = []
        self.tried: list[str] = []
        self.broken: set[str] = set()
        self.fails = 0  # that many attempts

    @hookimpl
    def send(self, delivery: Delivery) -> Outcome:
        self.tried.append(delivery.key)
        if delivery.channel.id in self.broken or len(self.tried) <= self.fails:
            return Outcome(answer=Answer.RETRY, detail="451 later")
        self.took.append(delivery)
        return ACCEPTED


class Place:
    """An engine on a real file, whose database can be made to fail."""

    def __init__(self, settings: Settings, plugins: Plugins, clock: Clock) -> None:
        self.clock, self.sender = clock, Sender()
        self.settings = replace(settings, ballast=MIB, recipients=(person("admin", "ops", channels=("sms", "mail")),))
        plugins.register(self.sender, "test")
        self.store = Store.open(settings.state)
        self.make("vacuum")  # in what the migrations left free a full one would write on
        self.engine = Engine(self.store, self.settings, plugins, secret=b"secret")
        self.numbers = itertools.count()
        self.outage = self.started()
        self.outage.settle(now=clock.now)

    def started(self) -> Outage:
        """As a new process begins."""
        self.outage = Outage(self.engine, lambda: self.clock.now)
        return self.outage

    def make(self, how: str) -> None:
        connection: Connection
        with self.store._writer.connect() as connection:
            for pragma in how.split(";"):
                connection.connection.driver_connection.execute(pragma)  # type: ignore[union-attr]

    def write(self) -> bool:
        """Write something that needs room."""

        def action() -> None:
            with self.store.write() as connection:
                quarantine.count(connection, f"k{next(self.numbers)}", "what", "error" * 2000, now=self.clock.now)

        done = self.outage.write(action)
        for thread in threading.enumerate():
            if thread.name == "emergency":
                thread.join(10)
        return done

    def pass_(self, **span: float) -> datetime:
        """Let time pass, with what is done every minute at the end of it."""
        now = self.clock.pass_(**span)
        self.write()
        self.outage.settle(now=now)
        return now

    def promised(self) -> list[str]:
        with self.store.read() as connection:
            return [row.notice.subject for row in outbox.everything(connection)]

    def ballast(self) -> int:
        file: Path = self.settings.state / "ballast"
        return file.stat().st_size if file.exists() else 0


@pytest.fixture
def place(settings: Settings, plugins: Plugins, clock: Clock) -> Iterator[Place]:
    place = Place(settings, plugins, clock)
    yield place
    place.outage.close()
    place.store.close()


@pytest.mark.parametrize("worst", WORST)
def test_operators_are_told_once_past_the_outbox_and_once_that_it_is_over(place: Place, worst: str) -> None:
    place.make(WORST[worst])
    for _ in range(3):
        assert not place.write()
        place.clock.pass_(minutes=1)
    (word,) = place.sender.took
    assert (word.recipient, word.notice.subject) == ("admin", "服务无法写入数据库")
    assert place.outage.error in word.notice.text
    assert place.promised() == []
    assert place.ballast() == 0
    place.make(WELL)
    place.pass_(minutes=1)
    assert place.outage.error == ""
    assert place.ballast() == 0  # one good minute proves little
    place.clock.pass_(seconds=WELL_AFTER.total_seconds())
    place.pass_(minutes=1)
    assert place.ballast() == MIB
    assert place.promised() == ["数据库已恢复写入"]
    place.pass_(minutes=1)
    assert len(place.promised()) == 1


def test_a_new_start_in_the_same_outage_tells_nobody_again(place: Place) -> None:
    place.make(WORST["full"])
    place.write()
    for _ in range(3):
        place.started()
        place.clock.pass_(minutes=11)
        assert not place.write()
    assert len(place.sender.took) == 1
    place.make(WELL)
    place.started()
    place.pass_(minutes=1)
    assert place.promised() == []  # it may fail again in a moment, as it did before the start
    place.pass_(minutes=10)
    assert place.promised() == ["数据库已恢复写入"]


def test_a_store_that_fails_now_and_then_is_one_outage_and_the_next_one_is_told_anew(place: Place) -> None:
    for _ in range(4):
        place.make(WORST["full"])
        assert not place.write()
        place.make(WELL)
        place.pass_(minutes=9)
    assert (len(place.sender.took), place.promised()) == (1, [])
    place.pass_(minutes=1)
    assert len(place.promised()) == 1
    place.make(WORST["full"])
    place.write()
    assert len({word.key for word in place.sender.took}) == 2


def test_what_was_refused_is_done_with_the_room_of_the_ballast(place: Place) -> None:
    def action() -> None:
        if place.ballast():
            raise OperationalError("insert", {}, Exception("database or disk is full"))

    assert place.outage.write(action)
    assert place.ballast() == 0
    assert place.outage.error == ""


def test_a_channel_that_fails_too_is_passed_over(place: Place) -> None:
    place.sender.broken = {"sms"}
    place.make(WORST["full"])
    place.write()
    assert [word.channel.id for word in place.sender.took] == ["mail"]


def test_if_nobody_took_it_they_are_told_later_under_the_same_key(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outage, "TELL_AGAIN_AFTER", timedelta(0))
    place.sender.fails = 4  # on both channels, twice
    place.make(WORST["full"])
    place.write()
    assert [word.key for word in place.sender.took] == place.sender.tried[:1]


def test_a_database_that_somebody_else_uses_for_too_long_is_no_emergency(place: Place) -> None:
    other = Store(f"sqlite:///{place.settings.state}/yuqing.db")
    place.make("pragma busy_timeout = 1")
    with other.write() as connection:
        connection.execute(text("delete from meta"))
        assert not place.write()
    other.close()
    assert "locked" in place.outage.error
    assert place.sender.took == []
    assert place.ballast() == MIB
    assert place.write()
    assert place.outage.error == ""


def test_a_disk_that_is_almost_full_is_told_the_ordinary_way_and_only_stops_crawling(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert place.outage.may_crawl()
    monkeypatch.setattr("yuqing_daemon.store.ballast.least_free", lambda _: 1 << 60)
    assert not place.outage.may_crawl()
    assert not place.outage.may_crawl()
    assert place.promised() == ["磁盘将满"]
    assert place.write()
    monkeypatch.undo()
    assert place.outage.may_crawl()
    assert place.outage.shortage == ""


# -- what cannot be read, or does not leave


def test_a_store_that_cannot_be_read_is_told_with_the_reason(place: Place) -> None:
    assert place.outage.unsent(now=place.clock.now) == {}
    place.make("alter table delivery rename to gone")
    assert place.outage.unsent(now=place.clock.now) == {"store": "cannot be read: no such table: delivery"}


def test_dead_letters_are_shown_and_are_no_reason_to_be_unwell(place: Place) -> None:
    assert place.outage.remarks() == {}
    place.engine.tell_operators("ops:x", "something", "look", now=place.clock.now)
    (sent,) = place.engine.claim("sms", token="t", now=place.clock.now, limit=1)
    refused = Outcome(answer=Answer.PERMANENT, detail="no such number")
    place.engine.record(sent, refused, token="t", now=place.clock.now)
    assert place.outage.remarks() == {"dead_letters": "1; see: yuqing deliveries --dead"}
    place.make("alter table delivery rename to gone")
    assert place.outage.remarks() == {}


def test_a_notice_that_was_due_a_minute_ago_and_is_still_there_is_told_with_the_channel_that_holds_it(
    place: Place,
) -> None:
    place.engine.tell_operators("ops:x", "something", "look", now=place.clock.now)
    place.clock.pass_(seconds=59)
    assert place.outage.unsent(now=place.clock.now) == {}
    with place.store.write() as connection:
        outbox.hold(connection, "sms", until=place.clock.now + timedelta(hours=1), reason="429")
    place.clock.pass_(seconds=1)
    said = place.outage.unsent(now=place.clock.now)["outbox"]
    assert said.endswith("has not been sent; channel sms is on hold: 429")
