"""What would come of a source or a page, without storing or telling anything: for people who write configurations."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

from ..bus import Job, Lost, Result, Visit
from ..config import Settings
from ..crawl.once import crawl_once
from ..crawlers import worker_settings
from ..domain import Match, Post, Reading, Source
from ..errors import RequestError, StoreError
from ..extract import Pin, canonical_url, pins, registrable_host
from ..plugins import Plugins
from ..store import Store, sources
from ..store.sources import SourceRow
from ..text.matcher import Matcher, Verdict

PAGES = 3  # read from a list, to show how it goes
ARTICLE, LIST = "article", "auto"
UNREADABLE = "\N{REPLACEMENT CHARACTER}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """One post that was found, what its counters said, how its bytes became text, and what each topic says of it."""

    post: Post
    reading: Reading | None
    decoding: str
    matches: tuple[tuple[str, Match], ...]  # (plugin, match)
    verdicts: tuple[Verdict, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One crawl that stayed without consequences. ``hints`` say what can be done about what went wrong.

    ``found``: what its addresses were found to be; ``known``: what the daemon has of the source, if it has visited it.
    """

    source: Source
    result: Result
    hints: tuple[str, ...]
    posts: tuple[Tried, ...]
    found: tuple[Pin, ...] = ()
    known: SourceRow | None = None

    @property
    def pinned(self) -> tuple[Pin, ...]:
        """What the daemon goes on reading these addresses as, where that is not what they are now."""
        now = {pin.url: (pin.kind, pin.address) for pin in self.found}
        known = pins(self.known.state) if self.known else ()
        return tuple(pin for pin in known if pin.url in now and (pin.kind, pin.address) != now[pin.url])


def try_out(target: str, settings: Settings, plugins: Plugins, *, internal: bool, others: bool) -> Trial:
    """Crawl a configured source, or an address as an article and, if it is none, as a list.

    Raises:
        RequestError: it is neither, or the crawl cost its worker its life.
    """
    known = settings.source(target)
    if known is not None:
        source = replace(known, internal=known.internal or internal)
        return _trial(source, settings, plugins, _crawl(source, settings, plugins, others=others))
    source = replace(_unknown(target, settings, internal=internal), spider=ARTICLE)
    result = _crawl(source, settings, plugins, others=others)
    if not result.posts and result.visit is not Visit.FAILED:
        source = replace(source, spider=LIST)
        result = _crawl(source, settings, plugins, others=others)
    return _trial(source, settings, plugins, result)


def look_at(url: str, settings: Settings, plugins: Plugins, *, internal: bool, others: bool) -> Trial:
    """Crawl an address as a list: what a source of nothing but this address would be. Raises as ``try_out`` does."""
    source = _unknown(url, settings, internal=internal)
    trial = _trial(source, settings, plugins, _crawl(source, settings, plugins, others=others))
    if trial.posts or trial.result.visit is Visit.FAILED:
        return trial
    itself = _crawl(replace(source, spider=ARTICLE), settings, plugins, others=others).posts
    said = tuple(
        f"it is an article itself, {post.title}: a source is the page that lists such articles" for post in itself
    )
    return replace(trial, hints=said, found=()) if said else trial


def _unknown(target: str, settings: Settings, *, internal: bool) -> Source:
    url = canonical_url(target)
    if not url:
        raise RequestError(f"{target!r} is neither a source in sources.toml nor an http address")
    site, zone = registrable_host(url), settings.timezone.key
    return Source(id="try", urls=(url,), site=site, spider=LIST, internal=internal, timezone=zone)


def _crawl(source: Source, settings: Settings, plugins: Plugins, *, others: bool) -> Result:
    job = Job(
        id="try",
        source=source,
        host=registrable_host(source.urls[0]),
        first_visit=True,
        max_pages=PAGES + len(source.urls),
        deadline=timedelta(minutes=1),
    )
    result = crawl_once(job, worker_settings(settings, plugins, others=others))
    if isinstance(result, Lost):
        raise RequestError(f"the spider cost its worker its life: {result.reason}\n{result.traceback}".rstrip())
    return result


def _trial(source: Source, settings: Settings, plugins: Plugins, result: Result) -> Trial:
    readings = {reading.url: reading for reading in result.readings if reading.says_something}
    matcher = Matcher(settings.topics)
    return Trial(
        source=source,
        result=result,
        hints=tuple(_hints(source, result)),
        posts=tuple(_tried(post, source, readings.get(post.url), matcher, settings, plugins) for post in result.posts),
        found=pins(result.state or {}),
        known=_known(source.id, settings),
    )


def _known(id: str, settings: Settings) -> SourceRow | None:
    """What the daemon has of a source; nothing where there is no daemon yet."""
    try:
        store = Store.look(settings.state)
    except StoreError:
        return None
    try:
        with store.read() as connection:
            return sources.get(connection, id)
    finally:
        store.close()


def _tried(
    post: Post, source: Source, reading: Reading | None, matcher: Matcher, settings: Settings, plugins: Plugins
) -> Tried:
    answers = plugins.ask("match_post", post=post, topics=settings.topics)
    found = tuple((plugin, match) for plugin, answer in answers for match in answer)  # type: ignore[attr-defined]
    verdicts = tuple(matcher.explain(post))
    return Tried(post=post, reading=reading, decoding=_decoding(post, source), matches=found, verdicts=verdicts)


def _decoding(post: Post, source: Source) -> str:
    """How the bytes became text, and whether that went well."""
    how = f"as {source.encoding}, by sources.toml" if source.encoding else "as the page says or shows"
    bad = (post.title + post.text).count(UNREADABLE)
    if not bad:
        return f"{how}, clean"
    return f'{how}, {bad} characters unreadable; if the page says a wrong one: encoding = "gb18030" in sources.toml'


def _hints(source: Source, result: Result) -> Iterator[str]:
    """What can be done about what went wrong, for the cases in which the configuration can do something."""
    said = " ".join([result.error, *(page.error for page in result.unread)])
    if " is refused: " in said and not source.internal:
        yield "if it is the organisation's own: internal = true in sources.toml, or here --internal"
    if "robots.txt disallows" in said:
        yield "robots.txt is obeyed; what the site's owner allows in writing goes under ignore_robots in sources.toml"
    if result.visit is not Visit.FAILED and not result.posts:
        yield "neither an article nor links to articles were found; say where they are: links, article in sources.toml"
        yield "if a script draws the page: render = true, or the JSON that the script reads"
