"""``sources.toml``: the monitored points (R1). A source needs only ``id`` and ``url``."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, model_validator

from ..domain import Source
from ..errors import Problem
from ..extract.urls import registrable_host
from .checks import encoding, field, is_inside, one_of, pattern, placeholder, pointer, selector
from .documents import Document
from .main_file import MainFile, Url, Zone
from .wanted import Flag, Id, Known, Table, Text, Wanted, refusal

FILE = "sources.toml"
BUILT_IN_SPIDERS = ("auto", "page", "feed", "sitemap", "hotlist", "forum", "article")
START = 300  # seconds between two visits until it is known how much a source brings
LEAST_EVERY = 30  # seconds between two visits to somebody else's site
_SECONDS = f"seconds, a whole number >= {LEAST_EVERY}"


def _not_inside(value: str, info: ValidationInfo) -> str:
    if info.data.get("internal") is False and is_inside(value):
        raise refusal("a public address, unless the source is marked as one of our own", fix="internal = true")
    return value


def _politely(value: int, info: ValidationInfo) -> int:
    if info.data.get("internal") is False and value < LEAST_EVERY:
        raise refusal(_SECONDS, "300")
    return value


def _known_spider(value: str, info: ValidationInfo) -> str:
    if isinstance(info.context, Known) and info.context.own_spiders:
        return value
    return one_of(value, BUILT_IN_SPIDERS, "one of the spiders there are")


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Urls = Annotated[
    list[Annotated[Url, AfterValidator(_not_inside)]],
    Field(min_length=1),
    Wanted("a URL, or a list of URLs", '"https://example.com/news/"'),
    BeforeValidator(_as_list, json_schema_input_type=str | list[str]),
]
Tags = Annotated[list[Id], Wanted("a list of words of a-z, 0-9, _ and -", '["county", "official"]')]
Every = Annotated[int, Field(ge=1, le=31_536_000), AfterValidator(_politely), Wanted(_SECONDS, "300")]
Spider = Annotated[Text, AfterValidator(_known_spider)]
Encoding = Annotated[Text, AfterValidator(encoding), Wanted("an encoding by name", '"gb18030"')]
Reason = Annotated[
    Text,
    Field(min_length=10),
    Wanted("the written reason, at least 10 letters", '"written permission of the owner, 2026-03-01"'),
]
Selector = Annotated[
    Text, AfterValidator(selector), Wanted("a CSS selector, or xpath: and an expression", '"div.news-list a"')
]
Chosen = Annotated[
    Text, AfterValidator(field), Wanted("a CSS selector, or xpath: and an expression", '"div.article-body"')
]
Pattern = Annotated[Text, AfterValidator(pattern), Wanted("a regular expression", "'/20\\d\\d/'")]
Pointer = Annotated[str, AfterValidator(pointer), Wanted("a JSON pointer", '"/data/list"')]


class ArticleTable(Table):
    """Where an article page says what: selectors, CSS or behind xpath:, and after a | a regular expression for the part
    that is wanted. What is left out is found by itself."""

    title: Chosen | None = None
    """The headline."""
    time: Chosen | None = None
    """When it was published."""
    source: Chosen | None = None
    """Whom the page names as its source."""
    author: Chosen | None = None
    """Who wrote it; only ever kept as a keyed hash."""
    body: Chosen | None = None
    """The text."""
    reads: Chosen | None = None
    """The number of reads."""
    comments: Chosen | None = None
    """The number of comments."""
    reposts: Chosen | None = None
    """The number of reposts."""


class ItemsTable(Table):
    """Where a list in JSON says what: pointers; all but ``items`` start at one entry."""

    items: Pointer | None = None
    """The list of entries."""
    title: Pointer | None = None
    """An entry's title."""
    link: Pointer | None = None
    """An entry's address."""
    hot: Pointer | None = None
    """The site's own heat value."""
    text: Pointer | None = None
    """An entry's text."""
    time: Pointer | None = None
    """When it was published."""


class ThreadsTable(Table):
    """Where a forum's list of threads says what: selectors; all but ``row`` start at one row."""

    row: Selector | None = None
    """One thread's row."""
    link: Selector | None = None
    """The link to the thread."""
    title: Chosen | None = None
    """The thread's title."""
    reads: Chosen | None = None
    """The number of reads."""
    comments: Chosen | None = None
    """The number of replies."""
    time: Chosen | None = None
    """The time of the thread or of its last reply."""


class MetricsTable(Table):
    """A small JSON address that says a post's counters, asked instead of its page. At least one counter is named."""

    url: Annotated[Url, AfterValidator(placeholder)]
    """The address, with {id} where the post's id goes."""
    id: Pattern | None = None
    """What in a post's URL is its id: the first group. Default: the last number."""
    reads: Pointer | None = None
    """The number of reads."""
    comments: Pointer | None = None
    """The number of comments."""
    reposts: Pointer | None = None
    """The number of reposts."""
    hot: Pointer | None = None
    """The site's own heat value."""

    @model_validator(mode="after")
    def _has_a_counter(self) -> Self:
        if not any((self.reads, self.comments, self.reposts, self.hot)):
            raise refusal("at least one of reads, comments, reposts and hot", fix='reads = "/data/views"')
        return self


class SourceTable(Table):
    """One monitored point."""

    id: Id
    """Names the source in the record; never change it."""
    internal: Flag = False
    """One of the organisation's own sites: private addresses are allowed, and visits every second."""
    url: Urls
    """The page to look at, or several."""
    name: Text | None = None
    """What people call it. Default: the id."""
    site: Text | None = None
    """What counts once among the mainstream sites. Default: the registered domain of the first URL."""
    spider: Spider = "auto"
    """How to read it: auto, page, feed, sitemap, hotlist, forum, article, or an own spider's name."""
    render: Flag = False
    """Whether a browser shows its pages before they are read: for pages that a script draws. Wants the extra render."""
    worker: Annotated[Literal["own"], Wanted('"own", or nothing', '"own"')] | None = None
    """own: its spider gets a worker process of its own, so that it can harm no other source."""
    mainstream: Flag = False
    """Whether it counts as a mainstream site."""
    tags: Tags = Field(default_factory=list)
    """Words to find the source by: yuqing sources --tag WORD, and tags:WORD in a topic."""
    every: Every | None = None
    """Seconds between two visits, at least 30 unless internal. Default: every of [crawl], else as its posts demand."""
    encoding: Encoding | None = None
    """The text encoding, where the pages say a wrong one."""
    timezone: Zone | None = None
    """The zone of the times on its pages. Default: the organisation's."""
    ignore_robots: Reason | None = None
    """The written reason to ignore its robots.txt; it lands in the record."""
    links: Selector | None = None
    """The links to articles. Default: found by themselves."""
    link_pattern: Pattern | None = None
    """Only links that this regular expression finds."""
    link_exclude: Pattern | None = None
    """No links that this regular expression finds."""
    login_pattern: Pattern | None = None
    """Text or address that tells a login page."""
    article: ArticleTable | None = None
    """Where an article page says what."""
    items: ItemsTable | None = None
    """Where a hot list says what."""
    threads: ThreadsTable | None = None
    """Where a forum's list says what."""
    metrics: MetricsTable | None = None
    """Where a post's counters are to be had as JSON."""
    args: dict[str, Any] | None = None
    """Arguments of an own spider."""


class SourcesFile(Table):
    """sources.toml"""

    source: Annotated[list[SourceTable], Wanted("tables under double brackets", fix="[[source]]")] = Field(
        default_factory=list
    )
    """The monitored points."""


_OPTIONS = ("links", "link_pattern", "link_exclude", "login_pattern", "article", "items", "threads", "metrics", "args")


def sources(file: SourcesFile, main: MainFile) -> tuple[Source, ...]:
    """The sources as the daemon uses them."""
    return tuple(_source(table, main) for table in file.source)


def _source(table: SourceTable, main: MainFile) -> Source:
    return Source(
        id=table.id,
        urls=tuple(table.url),
        name=table.name or table.id,
        site=table.site or registrable_host(table.url[0]),
        spider=table.spider,
        mainstream=table.mainstream,
        internal=table.internal,
        tags=tuple(table.tags),
        render=table.render,
        own_worker=table.worker == "own",
        every=timedelta(seconds=table.every or main.crawl.every or START),
        adapts=not (table.every or main.crawl.every),
        encoding=table.encoding or "",
        timezone=table.timezone or main.timezone,
        ignore_robots=table.ignore_robots or "",
        options=table.model_dump(include=set(_OPTIONS), exclude_none=True),
    )


def repeated(document: Document) -> Iterator[Problem]:
    """Ids that stand twice, each with the line of the first."""
    first: dict[str, int | None] = {}
    for path, table in document.tables("source"):
        id = table.get("id")
        if not isinstance(id, str):
            continue
        if id in first:
            wanted = f"an id of its own; line {first[id]} has it already"
            yield document.problem((*path, "id"), wanted, f'id = "{id}-2"')
        else:
            first[id] = document.line((*path, "id"))
