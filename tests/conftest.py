"""What many tests need: a clock that only moves when told, a small organisation, and an engine on an empty store."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from yuqing_daemon import Address, Channel, Event, Level, Post, Reading, Recipient, Source, Topic, hookimpl
from yuqing_daemon.bus import Job, Result, Visit
from yuqing_daemon.config import Settings, load, write_example
from yuqing_daemon.domain import Answer, Delivery, Outcome, Regime
from yuqing_daemon.engine import Engine
from yuqing_daemon.plugins import Plugins
from yuqing_daemon.store import Store, audit, events, outbox
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


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def company(tmp_path_factory: pytest.TempPathFactory) -> Regime:
    """The shipped regime of a company."""
    folder = tmp_path_factory.mktemp("example")
    write_example(folder)
    return load(folder, senders={"mail": None}).regime


def person(id: str, *roles: str, channels: tuple[str, ...] = ("mail",)) -> Recipient:
    """Somebody who holds roles, with an address on each channel."""
    return Recipient(id=id, roles=roles, addresses=tuple(Address(channel=name, to=f"{id}@{name}") for name in channels))


@pytest.fixture
def settings(tmp_path: Path, company: Regime) -> Settings:
    """A small dairy: one topic, five people, mail and SMS."""
    return Settings(
        folder=tmp_path,
        state=tmp_path / "state",
        organisation="青禾乳业",
        language="zh",
        timezone=ZoneInfo("Asia/Shanghai"),
        regime=company,
        sources=tuple(
            Source(id=id, urls=(f"https://{id}.cn/",), site=id, spider="page", mainstream=id.startswith("press"))
            for id in ("forum", "press1", "press2", "press3", "press4", "press5")
        ),
        topics=(Topic(id="quality", name="产品质量", all=("青禾",), any=("异物", "拉肚子", "变质")),),
        recipients=(
            person("monitor", "monitor", channels=("mail", "sms")),
            person("office", "office"),
            person("department", "department"),
            person("leader", "leading_group"),
            person("speaker", "spokesperson"),
            person("admin", "ops"),
        ),
        channels={name: Channel(id=name, sender="test") for name in ("mail", "sms")},
    )


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
            self.clock.now = max(self.clock.now, due[0].timer.due_at if due[0].timer else self.clock.now)
            self.engine.fire(due[0], now=self.clock.now)
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


@pytest.fixture
def plugins() -> Plugins:
    """The built-ins, without the senders of the outside world."""
    return Plugins.load(disable=("mail", "webhook", "sms", "apprise"))


@pytest.fixture
def world(settings: Settings, plugins: Plugins, clock: Clock) -> Iterator[World]:
    """A fresh world whose sources have had their first visit."""
    store = Store.in_memory()
    world = World(Engine(store, settings, plugins, secret=b"secret", draw=lambda: 0.5), clock)
    world.engine.begin(now=clock.now)
    world.baseline()
    yield world
    store.close()


class Demanding:
    """A plugin that wants every event at a level."""

    def __init__(self, level: Level) -> None:
        self.level = level

    @hookimpl
    def escalate_event(self) -> Level:
        return self.level


def pytest_sessionfinish(session: pytest.Session) -> None:
    """In CI nothing may be skipped: everything that a test could need is there."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.stats.get("skipped", []) if reporter else []
    if os.environ.get("CI") and skipped:
        reporter.write_line(f"{len(skipped)} skipped, and in CI none may be", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
