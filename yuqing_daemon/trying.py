"""What would come of a source or a page, without storing or telling anything: for people who write configurations."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from .bus import Job, Lost, Result
from .config import Settings
from .crawl.once import crawl_once
from .daemon import worker_settings
from .domain import Match, Post, Reading, Source
from .errors import RequestError
from .extract import canonical_url, registrable_host
from .plugins import Plugins
from .text.matcher import Matcher, Verdict

PAGES = 5  # read from a list, to show how it goes


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """One post that was found, what its counters said, and what each topic says of it."""

    post: Post
    reading: Reading | None
    matches: tuple[tuple[str, Match], ...]  # (plugin, match)
    verdicts: tuple[Verdict, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One crawl that stayed without consequences."""

    source: Source
    result: Result
    posts: tuple[Tried, ...]


def try_out(target: str, settings: Settings, plugins: Plugins, *, internal: bool, others: bool) -> Trial:
    """Crawl a configured source, or an address as an article and, if it is none, as a list.

    Raises:
        RequestError: it is neither, or the crawl came to nothing.
    """
    source = settings.source(target)
    if source is not None:
        return _trial(source, settings, plugins, others=others)
    url = canonical_url(target)
    if not url:
        raise RequestError(f"{target!r} is neither a source in sources.toml nor an http address")
    source = Source(id="try", urls=(url,), site=registrable_host(url), spider="article", internal=internal)
    trial = _trial(source, settings, plugins, others=others)
    if not trial.posts and not trial.result.error.startswith("robots"):
        trial = _trial(replace(source, spider="auto"), settings, plugins, others=others)
    return trial


def _trial(source: Source, settings: Settings, plugins: Plugins, *, others: bool) -> Trial:
    job = Job(
        id="try",
        source=source,
        host=registrable_host(source.urls[0]),
        first_visit=True,
        max_pages=PAGES + len(source.urls),
        deadline=timedelta(minutes=1),
    )
    result = crawl_once(job, worker_settings(settings, others=others))
    if isinstance(result, Lost):
        raise RequestError(f"the spider cost its worker its life: {result.reason}\n{result.traceback}")
    readings = {reading.url: reading for reading in result.readings if reading.says_something}
    matcher = Matcher(settings.topics)
    return Trial(
        source=source,
        result=result,
        posts=tuple(_tried(post, readings.get(post.url), matcher, settings, plugins) for post in result.posts),
    )


def _tried(post: Post, reading: Reading | None, matcher: Matcher, settings: Settings, plugins: Plugins) -> Tried:
    answers = plugins.ask("match_post", post=post, topics=settings.topics)
    found = tuple((plugin, match) for plugin, answer in answers for match in answer)  # type: ignore[attr-defined]
    return Tried(post=post, reading=reading, matches=found, verdicts=tuple(matcher.explain(post)))
