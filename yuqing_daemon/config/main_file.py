"""``yuqing.toml``: the organisation, its regime, and how the daemon runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import time, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, ConfigDict, Field, WithJsonSchema

from ..errors import Problem
from ..rules.periodicals import Periodicals
from .checks import host_and_port, is_redis_url, listen, redis_url, timezone, web_url
from .days import SpecialPeriodTable, TimeOfDay
from .documents import Document, is_folder
from .health_table import HealthTable
from .heartbeat_table import HeartbeatTable
from .rota_tables import Role
from .second_opinion_table import SecondOpinionTable
from .secret import Secrets, reference
from .settings import BusSettings, CrawlSettings, LogSettings, NoticeSettings, WebSettings
from .wanted import Count, Days, Id, Span, Table, Text, Wanted

FILE = "yuqing.toml"
MACHINE_STATE = Path("/var/lib/yuqing")
SPIDERS = "spiders"

Url = Annotated[str, AfterValidator(web_url), Wanted("a URL with http or https", '"https://example.com/news/"')]
PublicUrl = Annotated[str, AfterValidator(web_url), Wanted("a URL with http or https", '"https://yuqing.example.com"')]
RedisUrl = Annotated[
    Any,
    AfterValidator(redis_url),
    Wanted("a URL with redis or rediss", '"redis://10.0.0.5:6379/0"'),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "object"}]}),
]
Zone = Annotated[Text, AfterValidator(timezone), Wanted("a time zone by name", '"Asia/Shanghai"')]
Listen = Annotated[str, AfterValidator(listen), Wanted("an address and a port", '"127.0.0.1:8470"')]
Names = Annotated[list[Text], Wanted("a list of plugins by name", '["school"]')]
Language = Annotated[Literal["zh", "en"], Wanted('"zh" or "en"', '"zh"')]
Gap = Annotated[float, Field(ge=0, le=3600, allow_inf_nan=False), Wanted("seconds, a number from 0 to 3600", "1")]
Rate = Annotated[float, Field(gt=0, le=1000, allow_inf_nan=False), Wanted("visits a second, a number above 0", "10")]
Poll = Annotated[int, Field(ge=30, le=31_536_000), Wanted("seconds, a whole number >= 30", "300")]


class StoreTable(Table):
    """Where what was found is kept, and how long."""

    path: Text | None = None
    """The state directory, relative to this folder. Default: systemd's, /var/lib/yuqing if it exists, else state."""
    keep_posts_days: Days = 180
    """How long posts that belong to no event are kept."""
    ballast_mib: Annotated[int, Field(ge=0, le=65_536), Wanted("MiB, a whole number from 0 to 65536", "64")] = 64
    """Room on the disk that is kept for recording what was promised when it is full."""


class BusTable(Table):
    """How jobs reach the crawl workers."""

    url: RedisUrl = None
    """Redis, for crawling on further machines; it may stand elsewhere: { env = "NAME" }. Default: none is needed."""


class CrawlTable(Table):
    """How sites are visited."""

    workers: Annotated[int, Field(ge=1, le=64), Wanted("a whole number from 1 to 64", "2")] = 2
    """Crawl processes."""
    every: Poll | None = None
    """Seconds between two visits to a source that says nothing else. Default: as often as what it brings demands."""
    every_min: Poll = 60
    """Fewest seconds between two visits to a source whose interval is not written."""
    every_max: Poll = 1800
    """Most seconds between two visits to a source whose interval is not written."""
    polls_per_second: Rate | None = None
    """Most visits a second, to all sources together. Default: as many as one every 5 minutes to each would take."""
    contact: Text | None = None
    """An address or page for site owners, sent with every request."""
    spiders: Text = SPIDERS
    """The folder of the organisation's own Scrapy spiders, relative to this one."""
    gap: Gap = 1
    """Least seconds between two requests to one host."""
    deadline: Span = 120
    """Seconds after which a visit is broken off."""
    max_pages: Count = 50
    """Most pages of one visit."""
    revisit_at_least: Span = 300
    """Shortest seconds between two looks at the counters of one post."""


class WebTable(Table):
    """Where the daemon listens, and the address under which people reach it."""

    listen: Listen = "127.0.0.1:8470"
    """Address and port."""
    public_url: PublicUrl | None = None
    """The address in acknowledgement links. Default: http:// and ``listen``."""
    link_valid_days: Days = 7
    """How long an acknowledgement link works."""


class LogTable(Table):
    """How the daemon logs."""

    format: Annotated[Literal["plain", "json"], Wanted('"plain" or "json"', '"plain"')] = "plain"
    """Lines for people, or JSON for collectors."""
    level: Annotated[
        Literal["DEBUG", "INFO", "WARNING", "ERROR"], Wanted('"DEBUG", "INFO", "WARNING" or "ERROR"', '"INFO"')
    ] = "INFO"
    """The least that is logged."""


Seconds = Annotated[int, Field(ge=0, le=2_592_000), Wanted("seconds, a whole number >= 0", "300")]


class NoticesTable(Table):
    """How much people are told at once, and how often. An extraordinary event's first word never waits."""

    group_wait: Seconds = 30
    """Seconds that the first word of a new event waits for what else comes. A rise, and an extraordinary one: never."""
    update_general: Seconds = 1800
    """Least seconds between two updates on a general event; 0: none are sent."""
    update_major: Seconds = 300
    """The same for major and extraordinary ones."""
    per_person: Annotated[int, Field(ge=0, le=1_000_000), Wanted("a whole number >= 0", "20")] = 20
    """Notices to one person over one channel within ten minutes; more come in one message. 0: no limit."""
    fold_every: Annotated[int, Field(ge=60, le=86_400), Wanted("seconds, a whole number from 60 to 86400", "600")] = 600
    """How often, in seconds, such a message leaves."""
    progress_within: Seconds = 14_400
    """Seconds after an acknowledgement with nothing done: a reminder; as long again, and it is taken back. 0: never."""
    self_test: bool = True
    """Test every channel once a week; one that fails is told over another."""


class PluginsTable(Table):
    """Which plugins are loaded. Built-ins are loaded unless disabled, others only if enabled."""

    enable: Names = Field(default_factory=list)
    """Names of installed plugins to load."""
    disable: Names = Field(default_factory=list)
    """Names of plugins not to load."""


class DigestsTable(Table):
    """The reports that come by themselves; each carries the head of the record, so that it can be held against it."""

    roles: Annotated[list[Role], Field(min_length=1), Wanted("a list of roles, not empty", '["office"]')]
    """Who gets them."""
    daily: TimeOfDay | None = None
    """When the one on the day before is sent. Default: never."""
    weekly: TimeOfDay | None = None
    """When the one on the week before is sent, on Mondays. Default: never."""


class ChannelTable(Table):
    """A way out: the sender, and that sender's own settings.

    A text may stand elsewhere: { env = "NAME" }, { file = "path" } or { credential = "name" }.
    """

    model_config = ConfigDict(extra="allow")

    sender: Annotated[Text, Wanted("the name of a sender", '"mail"')]
    """Who sends: mail, webhook, wecom, dingtalk, feishu, sms, apprise, or another of docs/channels.md."""


class MainFile(Table):
    """yuqing.toml"""

    organisation: Annotated[Text, Wanted("the organisation's name", '"示例公司"')]
    """The organisation's name, as notices show it."""
    language: Language = "zh"
    """The language of notices and pages."""
    timezone: Zone = "Asia/Shanghai"
    """The organisation's time zone."""
    regime: Annotated[Text, Wanted("a shipped regime, or a file's path relative to this folder", '"company"')]
    """The written rules to go by: a shipped regime's name, or a path ending in .toml."""
    cut_off: TimeOfDay | None = None
    """A same-day clock that starts later in the day is remarked upon. Default: none is."""
    templates: Text | None = None
    """A folder of own notice templates, relative to this one."""
    store: StoreTable = StoreTable()
    """Where what was found is kept."""
    bus: BusTable = BusTable()
    """How jobs reach the crawl workers."""
    crawl: CrawlTable = CrawlTable()
    """How sites are visited."""
    health: HealthTable = HealthTable()
    """From when on a source counts as deaf."""
    web: WebTable = WebTable()
    """Where the daemon listens."""
    heartbeat: HeartbeatTable | None = None
    """Who hears from us while all is well. Default: nobody."""
    log: LogTable = LogTable()
    """How the daemon logs."""
    notices: NoticesTable = NoticesTable()
    """How much people are told at once, and how often."""
    digests: DigestsTable | None = None
    """The daily and weekly reports. Default: none is sent."""
    plugins: PluginsTable = PluginsTable()
    """Which plugins are loaded."""
    second_opinion: SecondOpinionTable | None = None
    """Whom to ask about what is unsure. Default: nobody."""
    channels: Annotated[dict[Id, ChannelTable], Wanted("a table for each channel", fix="[channels.mail]")] = Field(
        default_factory=dict
    )
    """The ways out, by id."""
    special_periods: Annotated[
        list[SpecialPeriodTable], Wanted("a table for each special period", fix="[[special_periods]]")
    ] = Field(default_factory=list)
    """When the regime's special rules hold: an election, an inspection, a festival."""


def absent_folders(document: Document, folder: Path) -> Iterator[Problem]:
    """Folders that are named and are not there."""
    for path in (("templates",), ("crawl", "spiders")):
        name = document.get(*path)
        if isinstance(name, str) and name and not is_folder(folder / name):
            yield document.problem(path, f"a folder that exists; {folder / name} does not", f"mkdir {folder / name}")


def state_path(table: StoreTable, folder: Path, environ: Mapping[str, str]) -> Path:
    """Where the database is: as written, else as systemd says, else the machine's, else beside the files."""
    if table.path:
        return folder / table.path
    if environ.get("STATE_DIRECTORY"):
        return Path(environ["STATE_DIRECTORY"].partition(":")[0])
    return MACHINE_STATE if is_folder(MACHINE_STATE) else folder / "state"


def bus_settings(document: Document, secrets: Secrets) -> BusSettings:
    """The table as the daemon uses it. A URL that stands elsewhere is read and checked here."""
    path = ("bus", "url")
    given = document.get(*path)
    if not isinstance(given, dict) or not reference(given):
        return BusSettings(url=given if isinstance(given, str) else "")
    url = secrets.resolve(given, path)
    if url and not is_redis_url(url):
        secrets.problems.append(document.problem(path, "a URL with redis or rediss to stand there"))
    return BusSettings(url=url)


def inline_password(document: Document) -> Iterator[str]:
    """The bus's URL, if it has a password written out."""
    url = document.get("bus", "url")
    if is_redis_url(url) and urlsplit(url).password:
        yield "bus.url"


def crawl_settings(table: CrawlTable, folder: Path) -> CrawlSettings:
    """The table as the daemon uses it; no ``spiders`` if there is no such folder."""
    spiders = folder / table.spiders
    return CrawlSettings(
        workers=table.workers,
        contact=table.contact or "",
        spiders=spiders if is_folder(spiders) else None,
        gap=timedelta(seconds=table.gap),
        least=timedelta(seconds=min(table.every_min, table.every_max)),
        longest=timedelta(seconds=table.every_max),
        polls_per_second=table.polls_per_second,
        deadline=timedelta(seconds=table.deadline),
        max_pages=table.max_pages,
        revisit_at_least=timedelta(seconds=table.revisit_at_least),
    )


def web_settings(table: WebTable) -> WebSettings:
    """The table as the daemon uses it."""
    host, port = host_and_port(table.listen)
    url = (table.public_url or f"http://{table.listen}").rstrip("/")
    return WebSettings(host=host, port=port, public_url=url, link_valid_for=timedelta(days=table.link_valid_days))


def periodicals(table: DigestsTable | None) -> Periodicals:
    """The table as the daemon uses it."""
    if table is None:
        return Periodicals()
    daily, weekly = (time.fromisoformat(at) if at else None for at in (table.daily, table.weekly))
    return Periodicals(roles=tuple(table.roles), daily=daily, weekly=weekly)


def log_settings(table: LogTable) -> LogSettings:
    """The table as the daemon uses it."""
    return LogSettings(format=table.format, level=table.level)


def notice_settings(table: NoticesTable) -> NoticeSettings:
    """The table as the daemon uses it."""
    return NoticeSettings(
        group_wait=timedelta(seconds=table.group_wait),
        update_general=timedelta(seconds=table.update_general) or None,
        update_major=timedelta(seconds=table.update_major) or None,
        per_person=table.per_person,
        fold_every=timedelta(seconds=table.fold_every),
        progress_within=timedelta(seconds=table.progress_within) or None,
        self_test=table.self_test,
    )
