"""What tests are told in: a clock that moves only when told, a small organisation, short ways to say what happens."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from yuqing_daemon import Address, Event, Level, Post, Reading, Recipient, hookimpl
from yuqing_daemon.bus import Job, Result, Visit
from yuqing_daemon.domain import Answer, Delivery, Outcome
from yuqing_daemon.engine import Engine
from yuqing_daemon.store import audit, events, outbox
from yuqing_daemon.store.outbox import DeliveryRow

ROOT = Path(__file__).parents[1]
DATA = ROOT.parent / "shared" / "data"
NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)  # noon in Shanghai
ACCEPTED = Outcome(answer=Answer.ACCEPTED, detail="250 ok")


@dataclass
class Clock:
    """Time that passes only when a test says so."""

    now: datetime = NOON

    def pass_(self, **span: float) -> datetime:
        """Let time pass; returns the new instant."""
        self.now += timedelta(**span)
        return self.now


def person(id: str, *roles: str, channels: tuple[str, ...] = ("mail",)) -> Recipient:
    """Somebody who holds roles, with an address on each channel."""
    return Recipient(id=id, roles=roles, addresses=tuple(Address(channel=name, to=f"{id}@{name}") for name in channels))


COMPLAINT = (
    "昨天在超市买了两盒青禾酸奶，孩子喝了半盒就开始拉肚子，夜里又吐了三次。今天打开另一盒一看，里面有一块黑色的异物，"
    "像是塑料碎片。打客服电话，对方说会登记，让我们等三个工作日。有没有遇到同样情况的家长？"
)


@dataclass
class World:
    """An engine, a clock, and short ways to say what happens."""

    engine: Engine
    clock: Clock
    sent: list[Delivery] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def post(
        self, source: str = "forum", *, title: str = "青禾酸奶里有异物", text: str = COMPLAINT, url: str = ""
    ) -> Post:
        """A post as a worker would bring it."""
        spec = self.engine.settings.source(source)
        assert spec is not None
        return Post(
            url=url or f"{spec.urls[0]}{next(self.numbers)}",
            source=source,
            site=spec.site,
            mainstream=spec.mainstream,
            title=title,
            text=text,
            fetched_at=self.clock.now,
        )

    def visit(self, source: str, *posts: Post, readings: tuple[Reading, ...] = (), **state: object) -> None:
        """A visit to a source brings posts and readings."""
        result = Result(
            job="j",
            source=source,
            visit=Visit.READ,
            started_at=self.clock.now,
            ended_at=self.clock.now,
            posts=posts,
            readings=readings,
            state=state,
        )
        self.engine.take(result, now=self.clock.now)

    def baseline(self) -> None:
        """Every source has been visited once, and there was nothing."""
        for source in self.engine.settings.sources:
            self.visit(source.id)

    def read(self, post: Post, **counts: int | None) -> None:
        """The counters of a post are read."""
        self.visit(post.source, readings=(Reading(url=post.url, at=self.clock.now, **counts),))

    def pass_(self, **span: float) -> None:
        """Let time pass, and let everything due happen at its own instant."""
        until = self.clock.now + timedelta(**span)
        while due := self.engine.due(now=until):
            first = due[0]
            self.clock.now = max(self.clock.now, first.timer.due_at if first.timer else self.clock.now)
            if first.silence:
                self.clock.now = until
            self.engine.fire(first, now=self.clock.now)
        self.clock.now = until

    def send(self, outcome: Outcome = ACCEPTED, *, channels: tuple[str, ...] = ("mail", "sms")) -> list[Delivery]:
        """Send everything that is due, with one and the same outcome."""
        done = []
        for channel in channels:
            for delivery in self.engine.claim(channel, token="t", now=self.clock.now, limit=100):
                self.engine.record(delivery, outcome, token="t", now=self.clock.now)
                done.append(delivery)
        self.sent += done
        return done

    # -- what came of it

    def events(self) -> list[Event]:
        with self.engine.store.read() as connection:
            return sorted(events.listed(connection), key=lambda event: event.id)

    def event(self) -> Event:
        (event,) = self.events()
        return event

    def deliveries(self) -> list[DeliveryRow]:
        with self.engine.store.read() as connection:
            return outbox.everything(connection)

    def told(self, purpose: str) -> set[str]:
        """Who was promised a notice whose purpose begins so."""
        return {row.recipient for row in self.deliveries() if row.purpose.startswith(purpose)}

    def record(self, what: str) -> list[dict[str, object]]:
        with self.engine.store.read() as connection:
            return [dict(entry.data) for entry in audit.entries(connection) if entry.what == what]

    def jobs(self, busy: tuple[str, ...] = (), room: int = 100) -> list[Job]:
        return self.engine.jobs(now=self.clock.now, busy=busy, room=room)

    def configure(self, **changes: object) -> None:
        """Go on with other settings."""
        self.engine.reload(replace(self.engine.settings, **changes), by="test", now=self.clock.now)


class Demanding:
    """A plugin that wants every event at a level."""

    def __init__(self, level: Level) -> None:
        self.level = level

    @hookimpl
    def escalate_event(self) -> Level:
        return self.level
