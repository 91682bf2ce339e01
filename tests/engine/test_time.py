"""What becomes of an event's clocks, notices and digests while the wall's clock does what clocks do.

The rules by themselves have their tables in ``tests/rules`` (clocks, hours, rota, walltime). Here the engine lives
through each case as the daemon lets it: it looks at what is due now and then, and is told when the clock was set.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from world import World, person

from yuqing_daemon import Level
from yuqing_daemon.config.settings import Quiet
from yuqing_daemon.domain import Act, DutyRule, Notice
from yuqing_daemon.engine import careful
from yuqing_daemon.rules.hours import covers, parse_hours
from yuqing_daemon.rules.periodicals import Periodicals, latest
from yuqing_daemon.rules.rota import Rota, on_duty
from yuqing_daemon.rules.walltime import instant
from yuqing_daemon.store import duties

SHANGHAI, NEW_YORK, LORD_HOWE, APIA = "Asia/Shanghai", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
DIGEST_AT, NIGHT = time(2, 30), parse_hours("22:00-07:00")
WARN_AT = (0.5, 0.9)
ROTA = Rota(role="office", people=("wang", "li"), shift=DAY, starts_on=date(2010, 1, 1), handover=time(2, 30))
PAPER = Notice(subject="日报", text="日报", short="日报", data={"head": 1, "head_hash": "x"})


@dataclass
class Course:
    """The engine's life from an event on; ``changes`` are what the clock does, by how long after the event."""

    world: World
    zone: ZoneInfo
    began_at: datetime
    step: timedelta
    changes: dict[timedelta, timedelta] = field(default_factory=dict)
    sent: list[tuple[str, str, datetime]] = field(default_factory=list)  # key, recipient, when
    expected: set[str] = field(default_factory=set)  # the digests that were due when anybody looked
    breached_as_on_duty: list[tuple[str, ...]] = field(default_factory=list)

    def live(self, until: datetime) -> None:
        """Look at what is due, step by step, until the clock shows that."""
        lived = timedelta(0)
        self.look()
        while self.world.clock.now <= until or self.changes:
            lived += self.step
            self.world.clock.now += self.step
            for at in [at for at in self.changes if at <= lived]:
                by = self.changes.pop(at)
                self.world.clock.now += by
                self.world.engine.clock_jumped(by, now=self.world.clock.now)
            self.look()
        self.look()  # what was folded into one message at the last look

    def look(self) -> None:
        """What the daemon does several times a second."""
        engine, now = self.world.engine, self.world.clock.now
        before = len(self.world.record("duty.breached"))
        careful.fire_due(engine, now=now)
        if len(self.world.record("duty.breached")) > before:
            self.breached_as_on_duty.append(on_duty("office", now, engine.settings.roster).people)
        for due in latest(engine.settings.periodicals, now=now, zone=self.zone):
            self.expected |= {due.purpose} if due.due_at >= self.began_at else set()
        for issue in engine.issues_due(now=now):
            engine.issue(issue, {"zh": PAPER}, now=now)
        self.sent += [(delivery.key, delivery.recipient, now) for delivery in self.world.send()]


def begin(world: World, zone: str, started: datetime, length: str, step: timedelta = HOUR / 4) -> Course:
    """An event found at that instant, with one duty, a rota of two, and a monitor who is not disturbed at night."""
    world.clock.now = started
    duty = DutyRule(
        id="answer", name="答复", name_en="answer", on="found", owner="office", within=length, warn_at=WARN_AT,
        done_by=(Act.REPLY,),
    )  # fmt: skip
    others = tuple(p for p in world.engine.settings.recipients if p.id != "office")
    world.configure(
        regime=replace(world.engine.settings.regime, duties=(duty,)),
        timezone=ZoneInfo(zone),
        recipients=(*others, person("wang", "office"), person("li", "office")),
        quiet={"monitor": Quiet(hours=NIGHT, passes_from=Level.MAJOR)},
        rotas=(ROTA,),
        periodicals=Periodicals(roles=("office",), daily=DIGEST_AT),
    )
    world.sent.clear()
    world.visit("forum", world.post())
    return Course(world=world, zone=ZoneInfo(zone), began_at=started, step=step)


def nothing_twice_and_nothing_skipped(course: Course, due: datetime) -> None:
    """What has to hold whatever the clock did."""
    world = course.world
    with world.engine.store.read() as connection:
        (duty,) = duties.of_event(connection, 1)
    assert (duty.due_at, duty.breached_at) == (due, due)  # late by the wall, not by when anybody looked
    assert len(world.record("duty.breached")) == 1
    warned = [str(entry["reason"]).partition(" ")[0] for entry in world.record("duty.warned")]
    assert warned == ([f"{share:.0%}" for share in WARN_AT] if duty.started_at < due else [])
    keys = [key for key, _, _ in course.sent]
    assert len(keys) == len(set(keys))
    promised = {row.key for row in world.deliveries() if row.state.value == "pending" and row.due_at <= world.clock.now}
    assert promised == set()
    told = tuple(r for k, r, _ in course.sent if ":breach:" in k and r in ("wang", "li"))
    assert [told] == course.breached_as_on_duty
    digests = [entry["digest"] for entry in world.record("digest.sent")]
    assert len(digests) == len(set(digests))
    assert set(digests) == course.expected
    for key, recipient, at in course.sent:
        assert recipient != "monitor" or ":breach:" in key or not covers(NIGHT, at, course.zone), (key, at)


def shown(wall: str, zone: str) -> datetime:
    """The instant at which the wall shows that; with an offset it is exact."""
    at = datetime.fromisoformat(wall)
    return at.astimezone(UTC) if at.tzinfo else instant(at, ZoneInfo(zone))


FALL, SPRING = "2026-11-01", "2026-03-08"  # in New York
CASES = [  # zone, length, found, due
    (SHANGHAI, "2h", "2026-03-02T10:00", "2026-03-02T12:00"),
    (SHANGHAI, "2h", "2026-03-02T22:30", "2026-03-03T00:30"),  # over midnight
    (SHANGHAI, "same day", "2026-03-02T23:50", "2026-03-02T23:59:59"),
    (SHANGHAI, "same day", "2026-12-31T23:50", "2026-12-31T23:59:59"),
    (SHANGHAI, "same day", "2026-03-02T00:00", "2026-03-02T23:59:59"),
    (SHANGHAI, "same day", "2028-02-29T09:00", "2028-02-29T23:59:59"),
    (SHANGHAI, "1 day", "2028-02-28T10:00", "2028-02-29T10:00"),
    (SHANGHAI, "1 day", "2028-02-29T10:00", "2028-03-01T10:00"),
    (SHANGHAI, "3 days", "2028-02-27T10:00", "2028-03-01T10:00"),
    (SHANGHAI, "3 days", "2026-12-30T09:00", "2027-01-02T09:00"),
    (NEW_YORK, "2h", f"{SPRING}T01:30", f"{SPRING}T04:30"),
    (NEW_YORK, "2h", f"{SPRING}T00:59", f"{SPRING}T03:59"),
    (NEW_YORK, "same day", f"{SPRING}T01:00", f"{SPRING}T23:59:59"),
    (NEW_YORK, "same day", f"{SPRING}T23:50", f"{SPRING}T23:59:59"),
    (NEW_YORK, "1 day", "2026-03-07T02:30", f"{SPRING}T03:00"),  # into the gap
    (NEW_YORK, "1 day", f"{SPRING}T03:30", "2026-03-09T03:30"),
    (NEW_YORK, "3 days", "2026-03-06T10:00", "2026-03-09T10:00"),
    (NEW_YORK, "2h", f"{FALL}T00:30-04:00", f"{FALL}T01:30-05:00"),
    (NEW_YORK, "2h", f"{FALL}T01:30-04:00", f"{FALL}T02:30-05:00"),
    (NEW_YORK, "2h", f"{FALL}T01:30-05:00", f"{FALL}T03:30-05:00"),
    (NEW_YORK, "same day", f"{FALL}T01:30-05:00", f"{FALL}T23:59:59"),
    (NEW_YORK, "1 day", "2026-10-31T01:30", f"{FALL}T01:30-04:00"),  # the first showing
    (NEW_YORK, "1 day", f"{FALL}T01:30-05:00", "2026-11-02T01:30"),
    (LORD_HOWE, "2h", "2026-10-04T01:45", "2026-10-04T04:15"),
    (LORD_HOWE, "1 day", "2026-10-03T02:15", "2026-10-04T02:30"),  # into the half-hour gap
    (LORD_HOWE, "same day", "2026-10-04T23:50", "2026-10-04T23:59:59"),
    (LORD_HOWE, "2h", "2026-04-05T00:45", "2026-04-05T02:15"),
    (LORD_HOWE, "1 day", "2026-04-04T01:45", "2026-04-05T01:45+11:00"),  # the first showing
    (APIA, "same day", "2011-12-29T23:50", "2011-12-29T23:59:59"),
    (APIA, "1 day", "2011-12-29T10:00", "2011-12-31T00:00"),  # the next day never was
]


@pytest.mark.parametrize(("zone", "length", "found", "due"), CASES, ids=[f"{c[0]} {c[1]} {c[2]}" for c in CASES])
def test_in_every_zone_an_event_lives_by_the_clock_on_the_wall(
    world: World, zone: str, length: str, found: str, due: str
) -> None:
    step = HOUR / 4 if length == "2h" else HOUR
    course = begin(world, zone, shown(found, zone), length, step)
    course.live(shown(due, zone) + 10 * HOUR)
    nothing_twice_and_nothing_skipped(course, shown(due, zone))


JUMPS = [  # what the clock does, when, by how much
    ("is set back a day", 1 * HOUR, -DAY),
    ("is set back an hour before the end", 1.75 * HOUR, -HOUR),
    ("is set back an hour after the end", 2.25 * HOUR, -HOUR),
    ("is set back a day after the end", 2.25 * HOUR, -DAY),
    ("is set forward an hour", 0.5 * HOUR, HOUR),
    ("is set forward an hour, over the end", 1.5 * HOUR, HOUR),
    ("is set forward a day", 1 * HOUR, DAY),
    ("is set forward a day after the end", 2.25 * HOUR, DAY),
    ("goes on after eight hours of sleep", 1 * HOUR, 8 * HOUR),
    ("goes on after eight hours of sleep over the end", 1.75 * HOUR, 8 * HOUR),
]


@pytest.mark.parametrize("found", ["2026-03-02T10:00", "2026-03-02T23:50"], ids=["by day", "at 23:50"])
@pytest.mark.parametrize(("what", "after", "by"), JUMPS, ids=[jump[0] for jump in JUMPS])
def test_a_clock_that(world: World, what: str, after: timedelta, by: timedelta, found: str) -> None:
    started = shown(found, SHANGHAI)
    course = begin(world, SHANGHAI, started, "2h")
    course.changes = {after: by}
    course.live(started + 2 * HOUR + 10 * HOUR)
    nothing_twice_and_nothing_skipped(course, started + 2 * HOUR)
    assert world.record("clock.jumped") == [{"seconds": by.total_seconds()}]


def test_what_is_done_after_its_end_is_late_by_the_clock_on_the_wall(world: World) -> None:
    started = shown(f"{FALL}T00:30-04:00", NEW_YORK)
    course = begin(world, NEW_YORK, started, "same day")
    course.live(shown("2026-11-02T00:30", NEW_YORK))
    world.engine.act("E1", Act.HAND_OVER, by="wang", data={"to": "department"}, now=world.clock.now)
    world.engine.act("E1", Act.REPLY, by="wang", now=world.clock.now)
    late = world.clock.now - shown(f"{FALL}T23:59:59", NEW_YORK)
    assert [entry["late_seconds"] for entry in world.record("duty.done")] == [late.total_seconds()]


ZONES = st.sampled_from([SHANGHAI, NEW_YORK, LORD_HOWE, APIA, "Europe/London", "America/Nuuk", "Asia/Kathmandu"])
SHARED = [HealthCheck.function_scoped_fixture]  # the worlds it makes are fresh ones
NO_SHRINKING = tuple(phase for phase in Phase if phase not in (Phase.shrink, Phase.explain))  # a case takes a second
EARLIEST, LATEST = datetime.fromisoformat("2011-12-20"), datetime.fromisoformat("2030-01-01")
STARTS = st.datetimes(EARLIEST, LATEST, timezones=st.just(UTC))
CHANGES = st.dictionaries(
    st.integers(1, 12).map(lambda n: n * HOUR), st.integers(-26, 26).filter(bool).map(lambda n: n * HOUR), max_size=3
)


@settings(
    max_examples=20, deadline=None, phases=NO_SHRINKING, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(ZONES, STARTS, st.sampled_from(["2h", "same day", "1 day"]), CHANGES)
def test_whatever_the_zone_the_instant_and_the_clock_nothing_is_told_twice_and_nothing_is_skipped(
    worlds: Callable[[], World], zone: str, started: datetime, length: str, changes: dict[timedelta, timedelta]
) -> None:
    course = begin(worlds(), zone, started.replace(second=0, microsecond=0), length, HOUR)
    course.changes = dict(changes)
    with course.world.engine.store.read() as connection:
        (duty,) = duties.of_event(connection, 1)
    assert duty.due_at is not None
    course.live(duty.due_at + 10 * HOUR)
    nothing_twice_and_nothing_skipped(course, duty.due_at)
