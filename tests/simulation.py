"""A year in the life of an organisation, on a clock of its own: real curves, seeded people, and all that goes wrong.

Each happening is a post that grows as a real story did; between its looks time passes by steps and leaps, people judge
at random, the daemon is down for hours, started again, given other rules, and its clock jumps.
"""

from __future__ import annotations

import heapq
import json
import random
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from oracle import faults, wrong_instants
from sqlalchemy import select
from world import DATA, Clock, World, person

from yuqing_daemon import Channel, Post, Source, Topic
from yuqing_daemon.config import Settings, read_regime, regime_path
from yuqing_daemon.domain import Act, Kind, Level, SpecialPeriod
from yuqing_daemon.engine import Engine
from yuqing_daemon.engine.timers import Due
from yuqing_daemon.errors import RequestError
from yuqing_daemon.plugins import Plugins
from yuqing_daemon.store import Store, audit, schema

CURVES = DATA / "heat" / "cascades_ced.jsonl"
ZONES = ("Asia/Shanghai", "America/New_York", "Australia/Lord_Howe")
REGIMES = ("company", "agency", "joint-conference")
NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)
LOOKS = (0.1, 1, 3, 12, 40)  # hours after it was found
PEOPLE = ("wang", "li", "zhao")
REASONS = ("", "", "seen on the spot", "called them", "a second look")


def organisation(regime: str = "company", zone: str = "Asia/Shanghai", *, with_stages: bool = False) -> Settings:
    """A dairy with one forum, two papers, and somebody in every role of the regime."""
    rules = read_regime(regime_path(regime, Path()))
    return Settings(
        folder=Path("nowhere"),
        state=Path("nowhere"),
        organisation="青禾乳业",
        language="zh",
        timezone=ZoneInfo(zone),
        regime=rules if with_stages else replace(rules, stages=None),
        sources=tuple(
            Source(id=id, urls=(f"https://{id}.cn/",), site=id, spider="page", mainstream=id.startswith("press"))
            for id in ("forum", "press1", "press2")
        ),
        topics=(Topic(id="quality", name="产品质量", any=("青禾",)),),
        recipients=tuple(person(f"{role}-holder", role, channels=("mail", "sms")) for role in rules.roles),
        channels={name: Channel(id=name, sender="test") for name in ("mail", "sms")},
    )


def calm(settings: Settings) -> Settings:
    """The same with hardly a reminder and no second channel: what a year costs is then the duties, not the notices."""
    levels = tuple(replace(rule, repeats=1, fallback_after=timedelta(days=999)) for rule in settings.regime.levels)
    leader = person("leader", "leading_group")
    everybody = person("desk", *settings.regime.roles)
    return replace(settings, regime=replace(settings.regime, levels=levels), recipients=(everybody, leader))


def invented(number: int) -> tuple[str, str]:
    """The title and text of a complaint that nobody else makes: its words are those of its number."""
    rng = random.Random(number)
    places, things = "东西南北中上下新老大小金银石木水火土", "奶酪酪粉糖瓶盖袋罐车店厂库柜架票单卡灯"
    clauses = ["".join(rng.choices(places + things, k=rng.randint(9, 14))) for _ in range(6)]
    return f"青禾{clauses[0]}第{number}件", "，".join(clauses) + "。"


class Watched(Engine):
    """An engine that counts how often each timer was let happen."""

    fired: Counter[int]

    def fire(self, due: Due, *, now: datetime) -> None:
        if due.timer is not None:
            with self.store.read() as connection:
                state = select(schema.timer.c.state).where(schema.timer.c.id == due.timer.id)
                self.fired[due.timer.id] += connection.execute(state).scalar_one() == "pending"
        super().fire(due, now=now)


@dataclass(kw_only=True)
class Year:
    """One organisation's year. ``step`` lets the next thing happen; ``faults`` says what must not be."""

    rng: random.Random
    world: World
    plugins: Plugins
    looks: list[tuple[datetime, int, Post, int | None, int | None]] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    number: int = 0
    found: int = 0
    ticked: bool = True

    @property
    def now(self) -> datetime:
        return self.world.clock.now

    def finds(self, at: datetime, minutes: list[int]) -> None:
        """At an instant a post is found, and from then on it is looked at while it grows like that curve."""
        self.number += 1
        title, text = invented(self.number)
        source = self.rng.choice(("forum", "forum", "forum", "press1", "press2"))
        post = replace(self.world.post(source, title=title, text=text), fetched_at=at)
        share, speaks = self.rng.choice((0.01, 0.03, 0.1, 0.3, 1)), self.rng.random()
        heapq.heappush(self.looks, (at, self.number, post, None, None))
        for hours in LOOKS:
            count = int(sum(minute <= hours * 60 for minute in minutes) * share)
            reads = count * 9 if speaks > 0.3 else None
            comments = count if speaks < 0.8 else None
            heapq.heappush(self.looks, (at + timedelta(hours=hours), self.number, post, reads, comments))

    def runs(self) -> None:
        """Everything happens, one thing after the other, and then three weeks in which nothing does."""
        while self.looks:
            at, _, post, reads, comments = heapq.heappop(self.looks)
            self.waits_until(at)
            if at == post.fetched_at:
                self.world.visit(post.source, replace(post, fetched_at=self.now))
                self.found += 1
            else:
                self.world.read(post, reads=reads, comments=comments)
            self.somebody_acts()
            self.something_goes_wrong()
        self.world.clock.now += timedelta(days=21)
        self.ticks()

    def waits_until(self, at: datetime) -> None:
        """Time passes; what is due is fired at its own instant, or late, when the daemon was down."""
        is_down = self.rng.random() < 0.05
        while not is_down and (due := self.world.engine.due(now=at)):
            for each in due:
                self.world.clock.now = max(self.now, each.timer.due_at if each.timer else self.now)
                self.world.engine.fire(each, now=self.now)
                self.counts["fired"] += 1
        self.world.clock.now = max(self.now, at)

    def ticks(self) -> None:
        """All that is due now is fired now."""
        for _ in range(10_000):
            if not (due := self.world.engine.due(now=self.now)):
                return
            for each in due:
                self.world.engine.fire(each, now=self.now)
                self.counts["fired"] += 1
        raise AssertionError("there is no end of what is due")

    def somebody_acts(self) -> None:
        """Now and then somebody does something about one of the latest events."""
        for _ in range(self.rng.choice((0, 0, 1, 1, 2))):
            code, what = self.code(), self.rng.choice((Act.ACKNOWLEDGE, Act.REPORT, *Act))
            with suppress(RequestError):
                reason, data = self.rng.choice(REASONS), self.given(what)
                self.world.engine.act(code, what, by=self.rng.choice(PEOPLE), reason=reason, data=data, now=self.now)
                self.counts["acts"] += 1

    def code(self) -> str:
        """One of the latest events."""
        return f"E{max(1, self.found - self.rng.randrange(5))}"

    def given(self, what: Act) -> dict[str, object]:
        """What an act takes, at random."""
        rng = self.rng
        if what in (Act.CONFIRM, Act.CORRECT):
            level = {"level": rng.choice(tuple(Level)).name.lower()} if rng.random() < 0.2 else {}
            return {"kind": rng.choice(tuple(Kind)).value, **level}
        if what is Act.MERGE:
            return {"into": self.code()}
        if what is Act.HAND_OVER:
            return {"to": rng.choice(self.world.engine.settings.recipients).id}
        if what is Act.DO:
            return {"duty": rng.choice(self.world.engine.settings.regime.duties).id}
        return {}

    def something_goes_wrong(self) -> None:
        """Now and then: a restart, a reload, a jump of the clock."""
        rng = self.rng
        if rng.random() < 0.02:
            self.restarts()
        if rng.random() < 0.02:
            self.reloads()
        if rng.random() < 0.02:
            self.world.clock.now += timedelta(hours=rng.choice((-26, -2, -1, 1, 5)))
            self.counts["jumps"] += 1

    def restarts(self) -> None:
        """Another engine takes up the same store."""
        was = self.world.engine
        self.world.engine = engine_on(was.store, was.settings, self.plugins, fired=was.fired)  # type: ignore[attr-defined]
        self.world.engine.begin(now=self.now)
        self.counts["restarts"] += 1

    def reloads(self) -> None:
        """Another of the regimes is in force from now on, perhaps in a special period."""
        settings = self.world.engine.settings
        period = SpecialPeriod(name="节日", begins_at=self.now, ends_at=self.now + timedelta(days=10))
        periods = (period,) if self.rng.random() < 0.5 else ()
        other = calm(organisation(self.rng.choice(REGIMES), settings.timezone.key))
        self.world.engine.reload(replace(other, special_periods=periods), by="root", now=self.now)
        self.counts["reloads"] += 1

    def faults(self) -> Iterator[str]:
        """What must not be after all this."""
        engine = self.world.engine
        with engine.store.read() as connection:
            yield from faults(connection, now=self.now, ticked=self.ticked)
            yield from wrong_instants(connection, engine.settings)
        fired: Counter[int] = engine.fired  # type: ignore[attr-defined]
        yield from (f"timer {id} fired {count} times" for id, count in fired.items() if count > 1)

    def tally(self) -> Counter[str]:
        """How much of what there was."""
        with self.world.engine.store.read() as connection:
            whats = Counter(entry.what for entry in audit.entries(connection))
        return self.counts + Counter(
            events=whats["event.opened"],
            duties=whats["duty.begun"],
            done=whats["duty.done"],
            breaches=whats["duty.breached"],
            dropped=whats["duty.dropped"],
            entries=sum(whats.values()),
        )


def engine_on(store: Store, settings: Settings, plugins: Plugins, *, fired: Counter[int] | None = None) -> Watched:
    """An engine that is being watched."""
    engine = Watched(store, settings, plugins, secret=b"secret", draw=lambda: 0.5)
    engine.fired = Counter() if fired is None else fired
    return engine


@contextmanager
def begun(settings: Settings, *, seed: object, at: datetime = NEW_YEAR) -> Iterator[Year]:
    """A year whose sources have had their first visit."""
    store = Store.in_memory()
    plugins = Plugins.load(disable=("mail", "webhook", "sms", "apprise"))
    world = World(engine_on(store, settings, plugins), Clock(at))
    world.engine.begin(now=at)
    world.baseline()
    yield Year(rng=random.Random(str(seed)), world=world, plugins=plugins)
    store.close()


@contextmanager
def simulated(zone: str, *, events: int, seed: int = 1) -> Iterator[Year]:
    """The whole year of an organisation in a zone, with so many happenings."""
    with CURVES.open(encoding="utf-8") as lines:
        curves = [json.loads(line)["minutes"] for line in lines]
    with begun(calm(organisation(zone=zone)), seed=f"{seed} {zone}") as year:
        for _ in range(events):
            year.finds(NEW_YEAR + timedelta(minutes=year.rng.randrange(365 * 24 * 60)), year.rng.choice(curves))
        year.runs()
        yield year
