"""The lines of sources.toml for an address, with what was found there as comments."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator
from datetime import datetime
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from ..extract import registrable_host
from . import PAGES, Trial, Tried

SURE = 0.6  # a confidence from which on a text is shown without a word
_COUNTERS = ("reads", "comments", "reposts", "hot")


def draft(trial: Trial, *, taken: Collection[str], now: datetime) -> str:
    """A ``[[source]]`` table that can be appended to sources.toml; ``taken`` are the ids that are there already."""
    (url,) = trial.source.urls
    lines = [*(f"# {line}" for line in _comments(trial, now)), "[[source]]"]
    lines += [f"id = {_quoted(_id(url, taken))}", f"url = {_quoted(url)}"]
    if trial.source.internal:
        lines.append("internal = true")
    return "\n".join([*lines, *_wishes(trial)]) + "\n"


def _comments(trial: Trial, now: datetime) -> Iterator[str]:
    result = trial.result
    yield f"Looked at on {now:%Y-%m-%d}: {len(trial.posts)} articles listed, {len(_read(trial))} read."
    if result.error:
        yield f"It went wrong: {' '.join(result.error.split())}"
    yield from map(str, trial.found)
    if result.robots:
        yield f"robots.txt: {result.robots}."
    for tried in _read(trial) or trial.posts[:PAGES]:
        yield f"  {tried.post.title}: {_what_was_read(tried, ZoneInfo(trial.source.timezone))}"
    for page in result.unread[:PAGES]:
        yield f"could not read {page.url}: {' '.join(page.error.split())}"
    yield from trial.hints


def _read(trial: Trial) -> list[Tried]:
    return [tried for tried in trial.posts if tried.post.confidence is not None]


def _what_was_read(tried: Tried, zone: ZoneInfo) -> str:
    post, reading = tried.post, tried.reading
    sure = f"{len(post.text)} characters" + ("" if post.confidence is None else f", confidence {post.confidence:.0%}")
    shown = post.published_at.astimezone(zone) if post.published_at else None
    at = f"published {shown:%Y-%m-%d %H:%M}" if shown else "no time found"
    counters = [f"{name} {value}" for name in _COUNTERS if (value := getattr(reading, name, None)) is not None]
    return ", ".join([sure, at, *(counters or ["no counters found"])])


def _wishes(trial: Trial) -> Iterator[str]:
    """Keys that would help with what was not found, commented out."""
    read = _read(trial)
    if not trial.posts:
        yield '# links = "ul.news a"                 # where the links to articles are: CSS, or xpath:'
    fields = []
    if any((tried.post.confidence or 0) < SURE for tried in read):
        fields.append('# body = "div.article-body"          # where the text is, if it was not read well')
    if any(tried.post.published_at is None for tried in read):
        fields.append('# time = "span.time"                 # where the time of publication is')
    if read and not any(tried.reading for tried in read):
        fields.append('# reads = "span.reads"               # where the number of reads is, if the pages have one')
    if fields:
        yield from ["# [source.article]", *fields]


def _id(url: str, taken: Collection[str]) -> str:
    """A free id made of an address: its host's own name and the last steps of its path.

    >>> _id("https://www.news.example.com.cn/local/list_1.html", {"example-local"})
    'example-local-2'
    """
    parts = urlsplit(url)
    host = registrable_host(url).partition(":")[0]
    name = host if re.fullmatch(r"[\d.]+", host) else host.partition(".")[0]
    steps = [
        step for step in re.split(r"[^a-z0-9]+", parts.path.lower()) if len(step) > 1 and not _SAYS_NOTHING.match(step)
    ]
    plain = "-".join([re.sub(r"[^a-z0-9]+", "-", name.lower()), *steps[:2]]).strip("-")[:56] or "site"
    free = (f"{plain}-{number}" for number in range(2, len(taken) + 3))
    return plain if plain not in taken else next(id for id in free if id not in taken)


_SAYS_NOTHING = re.compile(r"(?:.?|index|list|default|html?|s?html|php|aspx?|jsp|\d+)$")


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
