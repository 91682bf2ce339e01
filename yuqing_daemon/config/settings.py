"""The configuration as the daemon uses it: frozen, checked, with secrets resolved and never shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from ..domain import Channel, Level, Recipient, Regime, Source, SpecialPeriod, Topic
from ..rules.health import HealthRules
from ..rules.hours import ALWAYS, Hours
from ..rules.periodicals import Periodicals
from ..rules.rota import Absence, Override, Roster, Rota
from ..rules.subscriptions import Subscription
from .health_table import HealthTable, health_rules


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlSettings:
    """How sites are visited. ``gap`` is the least time between two requests to one host.

    Sources whose interval is not written begin with ``start`` and adapt between ``least`` and ``longest``, within
    ``polls_per_second`` visits in all; ``None``: as many as they would have with ``start``.
    """

    workers: int = 2
    contact: str = ""
    spiders: Path | None = None
    gap: timedelta = timedelta(seconds=1)
    deadline: timedelta = timedelta(minutes=2)
    max_pages: int = 50
    start: timedelta = timedelta(minutes=5)
    least: timedelta = timedelta(minutes=1)
    longest: timedelta = timedelta(minutes=30)
    polls_per_second: float | None = None
    revisit_at_least: timedelta = timedelta(minutes=5)  # the shortest time between two looks at one post


@dataclass(frozen=True, slots=True, kw_only=True)
class BusSettings:
    """How jobs travel. ``url`` is that of Redis; without one they go through pipes and stay on this machine."""

    url: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class WebSettings:
    """Where the daemon listens, and the address under which people reach it: acknowledgement links use it."""

    host: str = "127.0.0.1"
    port: int = 8470
    public_url: str = "http://127.0.0.1:8470"
    link_valid_for: timedelta = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSettings:
    """``plain`` lines for people or ``json`` for collectors."""

    format: str = "plain"
    level: str = "INFO"


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeSettings:
    """How much people are told at once, and how often. What is ``None`` or 0 is not done at all."""

    group_wait: timedelta = timedelta(0)  # of the first word of an event below extraordinary
    update_general: timedelta | None = None  # between two updates on one event
    update_major: timedelta | None = None
    per_person: int = 0  # over one channel within ten minutes; what is more comes in one message
    fold_every: timedelta = timedelta(minutes=10)  # when that message leaves
    progress_within: timedelta | None = None  # after an acknowledgement, or it is taken back
    self_test: bool = False  # every channel, once a week

    def update_every(self, level: Level) -> timedelta | None:
        """How long after one update another may follow."""
        return self.update_general if level is Level.GENERAL else self.update_major


@dataclass(frozen=True, slots=True, kw_only=True)
class HeartbeatSettings:
    """Who hears from us while all is well. Whoever knows the address can speak for us."""

    url: str = field(repr=False)
    every: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondOpinionSettings:
    """Whom to ask about what is unsure: at most ``a_day`` times, ``timeout`` seconds each."""

    base_url: str
    model: str
    api_key: str = field(default="", repr=False)
    a_day: int = 100
    timeout: int = 20
    internal: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeSettings:
    """All that a machine which only crawls has to know; its main tells it the rest."""

    bus: BusSettings
    workers: int
    spiders: Path | None
    log: LogSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Quiet:
    """When a person is not to be disturbed, and the lowest level that goes through all the same."""

    hours: Hours
    passes_from: Level


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything the configuration says. ``folder`` is where its files are, ``state`` where the database is."""

    folder: Path
    state: Path
    organisation: str
    language: str
    timezone: ZoneInfo
    regime: Regime
    sources: tuple[Source, ...] = ()
    topics: tuple[Topic, ...] = ()
    recipients: tuple[Recipient, ...] = ()
    channels: Mapping[str, Channel] = field(default_factory=dict)
    bus: BusSettings = BusSettings()
    crawl: CrawlSettings = CrawlSettings()
    health: HealthRules = field(default_factory=lambda: health_rules(HealthTable()))
    web: WebSettings = WebSettings()
    second_opinion: SecondOpinionSettings | None = None  # none: nobody is asked
    heartbeat: HeartbeatSettings | None = None  # none: nobody waits for us
    log: LogSettings = LogSettings()
    notices: NoticeSettings = NoticeSettings()
    enable_plugins: tuple[str, ...] = ()
    disable_plugins: tuple[str, ...] = ()
    keep_posts: timedelta = timedelta(days=180)
    ballast: int = 0  # bytes of the disk, given up when it is full
    templates: Path | None = None
    hours: Mapping[str, Hours] = field(default_factory=dict)  # of people who are not always there
    quiet: Mapping[str, Quiet] = field(default_factory=dict)
    rotas: tuple[Rota, ...] = ()
    overrides: tuple[Override, ...] = ()
    absences: tuple[Absence, ...] = ()
    subscriptions: tuple[Subscription, ...] = ()
    special_periods: tuple[SpecialPeriod, ...] = ()
    periodicals: Periodicals = field(default_factory=Periodicals)
    cut_off: time | None = None  # a same-day duty that begins later in the day is remarked upon
    _by_id: Mapping[str, Source] = field(init=False, repr=False, compare=False)  # there may be thousands

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_id", {source.id: source for source in self.sources})

    def source(self, id: str) -> Source | None:
        """The source of that id."""
        return self._by_id.get(id)

    def topic(self, id: str) -> Topic | None:
        """The topic of that id."""
        return next((topic for topic in self.topics if topic.id == id), None)

    def recipient(self, id: str) -> Recipient | None:
        """The recipient of that id."""
        return next((recipient for recipient in self.recipients if recipient.id == id), None)

    def special_period(self, now: datetime) -> SpecialPeriod | None:
        """The declared special period that an instant falls into."""
        return next((period for period in self.special_periods if period.begins_at <= now < period.ends_at), None)

    @property
    def roster(self) -> Roster:
        """All that decides who is on duty."""
        roles = dict.fromkeys(role for person in self.recipients for role in person.roles)
        holders = {role: {one.id: self.hours.get(one.id, ALWAYS) for one in self.holders(role)} for role in roles}
        return Roster(
            holders=holders,
            zone=self.timezone,
            rotas=self.rotas,
            overrides=self.overrides,
            absences=self.absences,
        )

    def holders(self, role: str) -> tuple[Recipient, ...]:
        """Who holds a role."""
        return tuple(recipient for recipient in self.recipients if role in recipient.roles)
