"""The sites of ``deaf.py``: each with its own days and weeks, visited as the engine plans it, on a clock of its own."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from yuqing_daemon.config.health_table import HealthTable, health_rules
from yuqing_daemon.rules.calendar import MondayToFriday, work_calendar
from yuqing_daemon.rules.health import Days, Finding, History, Piece, Probe, Seen, Signs, State, Trouble, judge
from yuqing_daemon.rules.health.canaries import Read, verdicts
from yuqing_daemon.rules.revisit import next_try, next_visit

RULES = health_rules(HealthTable())
ZONE = ZoneInfo("Asia/Shanghai")
WORK, USUAL = work_calendar("china", closes=time(12)), MondayToFriday(closes=time(12))
BEGIN = datetime(2025, 1, 6, tzinfo=UTC)
NO_TEXT, NO_ANSWER = 1 / 200, 1 / 2000
HOURS = {  # posts by the hour of the day, of its mean
    "office": [0] * 8 + [1, 3, 4, 3, 1, 1, 3, 4, 3, 1] + [0] * 6,
    "news": [2, 1, 1, 1, 2, 5, 10, 15, 20, 20, 20, 18, 14, 13, 15, 16, 16, 15, 12, 10, 10, 9, 6, 4],
    "people": [8, 4, 2, 1, 1, 2, 4, 7, 10, 11, 11, 12, 15, 12, 10, 10, 10, 11, 13, 16, 20, 22, 20, 14],
}


@dataclass(frozen=True)
class Site:
    """How a site lives. ``days`` are its posts on a working day, a weekend day and a public holiday."""

    name: str
    days: tuple[float, float, float]
    hours: str
    links: int = 30
    every: timedelta = timedelta(minutes=5)
    regular: bool = False  # one post a day, at half past nine, and no chance in it
    counters: tuple[str, ...] = ()  # on its pages
    listed: tuple[str, ...] = ()  # in its list
    dated: bool = True


SITES = (
    Site("news portal", (120, 80, 60), "news", links=160, counters=("comments",)),
    Site("quiet bureau", (0.4, 0, 0), "office", links=20, every=timedelta(minutes=30)),
    Site("weekday site", (10, 0, 0), "office", links=25),
    Site("daily notice", (1, 0, 0), "office", links=15, every=timedelta(minutes=30), regular=True),
    Site("feed", (25, 15, 10), "news", links=40, every=timedelta(minutes=10)),
    Site("forum", (300, 350, 350), "people", links=50, counters=("reads", "comments"), listed=("reads", "comments")),
)


@dataclass
class Run:
    """One site, visit by visit."""

    site: Site
    dice: random.Random
    luck: random.Random = field(init=False)  # of its own, so that a retry does not change what the site brings
    history: History = field(default_factory=History)
    state: State = State.WAITING
    now: datetime = BEGIN
    left: float = 0.0  # expected posts until the next one
    number: int = 0
    known: bool = False
    due_at: datetime = BEGIN
    failures: int = 0

    def __post_init__(self) -> None:
        self.luck = random.Random(self.dice.getrandbits(32))

    def posts(self, until: datetime) -> int:
        """How many came since."""
        if self.site.regular:
            local = until.astimezone(ZONE)
            due = datetime.combine(local.date(), time(9, 30), ZONE) + timedelta(minutes=self.dice.randint(0, 20))
            return int(self.now < due <= until and self._kind(local.date()) == 0)
        self.left -= self._expected(until)
        count = 0
        while self.left <= 0:
            count += 1
            burst = self.dice.random() < 0.2  # one in five brings another at its heels
            self.left += 0.02 if burst else self.dice.expovariate(1) * 1.2
        return count

    def _expected(self, until: datetime) -> float:
        local = until.astimezone(ZONE)
        hours = HOURS[self.site.hours]
        share = hours[local.hour] / sum(hours)
        return self.site.days[self._kind(local.date())] * share * ((until - self.now) / timedelta(hours=1))

    def _kind(self, day: date) -> int:
        if USUAL.day(day).is_working and not WORK.day(day).is_working:
            return 2
        return 0 if USUAL.day(day).is_working else 1

    def piece(self) -> Piece:
        """A new article; now and then one is a gallery without text."""
        self.number += 1
        empty = self.dice.random() < NO_TEXT
        at = self.now - timedelta(minutes=self.dice.randint(3, 40), seconds=self.number % 60)
        return Piece(
            title=f"{self.site.name} {self.number}",
            chars=0 if empty else self.dice.randint(200, 3000),
            confidence=0.95,
            published_at=at,
            fetched_at=self.now,
        )

    def visit(self, change: Callable[[Seen, Run], Seen] | None = None) -> Finding:
        """The next visit, as planned."""
        now = self.due_at
        new = self.posts(now)
        self.now = now
        pieces = tuple(self.piece() for _ in range(min(new, 20)))
        links = max(1, round(self.site.links * self.dice.uniform(0.9, 1.05)))
        shown = {name: len(pieces) for name in self.site.counters}
        rows = dict.fromkeys(self.site.listed, links - 3)  # three stay on top and show none
        signs = Signs(
            lists=1, items=len(pieces), list_bytes=links * 250 + 9000, looked=len(pieces), counted=shown,
            rows=links, rows_counted=rows,
        )  # fmt: skip
        seen = Seen(
            at=now, every=self.site.every, links=links, new=new if self.known else 0, pieces=pieces, signs=signs,
            unchanged=not new and self.dice.random() < 0.7,
        )  # fmt: skip
        self.known = True
        if self.luck.random() < NO_ANSWER:
            seen = replace(seen, failed=True, unchanged=False, links=0, new=0, pieces=(), error="no answer in time",
                           signs=Signs(trouble=Trouble.NETWORK))  # fmt: skip
        if change is not None:
            seen = change(seen, self)
        elif self.history.suspect and not seen.failed:
            seen = replace(seen, probed=probed(self, ()))
        self.history, found = judge(self.history, seen, self.state, RULES, DAYS)
        self.state = found.state
        self._plan(seen)
        return found

    def _plan(self, seen: Seen) -> None:
        """When the next one is due, as the engine has it."""
        every, self.failures = self.site.every, self.failures + 1 if seen.failed else 0
        soon = next_try(every, failures=max(self.failures, 1), retry_after=None, now=self.now)
        usual = next_visit(every, now=self.now, draw=self.dice.random())
        self.due_at = soon if seen.failed else min(soon, usual) if self.history.is_in_doubt else usual


@cache
def _is_holiday(day: date) -> bool:
    return USUAL.day(day).is_working and not WORK.day(day).is_working


DAYS = Days(zone=ZONE, is_holiday=_is_holiday)


def probed(run: Run, gone: tuple[str, ...]) -> dict[str, str]:
    """What two kept pages show when they are fetched again."""
    was = Read(title="kept", chars=1240, published_at=BEGIN, counters=run.site.counters)
    left = tuple(name for name in was.counters if name not in gone)
    probe = Probe(
        url="kept", title="kept", chars=0 if "body" in gone else 1240,
        published_at=None if "time" in gone else BEGIN, counters=left,
    )  # fmt: skip
    return verdicts([(was, probe), (was, probe)])
