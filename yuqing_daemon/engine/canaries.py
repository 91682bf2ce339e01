"""Pages that read well are kept, and read again when the program or a source's selectors have changed."""

from __future__ import annotations

import hashlib
import json
import zlib
from base64 import b85decode
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from .. import __version__
from ..bus.messages import Kept
from ..config import Settings
from ..domain import Article, Page, Source
from ..errors import RequestError
from ..extract import page_text, read_counters, table_option
from ..plugins import Plugins
from ..rules.health import COUNTERS, Probe
from ..rules.health.canaries import Read, differences, verdicts
from ..store import health
from ..store.health import Canary
from .telling import tell_operators
from .work import Work

AT_ONCE = 5  # sources whose pages are read again in one round
PROBED = 2  # pages that are fetched again when something looks wrong
MOST_LINES = 30

Errands = tuple[int, tuple[str, ...]]  # how many good pages to bring, and which of the kept ones to read again


@dataclass(frozen=True, slots=True, kw_only=True)
class Reread:
    """What came of reading one kept page again: the page with its new digest, and what is read from it now."""

    canary: Canary
    now: Read

    @property
    def lost(self) -> str:
        """How it differs from the reading that a good one was."""
        return ", ".join(differences(read_of(self.canary.read), self.now))


def errands(work: Work, sources: Collection[str]) -> dict[str, Errands]:
    """What the next visit of each is to do beside its reading."""
    if not work.settings.health.canaries:
        return dict.fromkeys(sources, (0, ()))
    times = health.canary_times(work.connection, sources)
    return {source: (_wanted(work, times[source]), _suspicious(work, source, times[source])) for source in sources}


def _wanted(work: Work, times: Sequence[datetime]) -> int:
    missing = work.settings.health.canaries - len(times)
    return missing if missing > 0 else int(work.now - times[0] > work.settings.health.canary_refresh)


def _suspicious(work: Work, source: str, times: Sequence[datetime]) -> tuple[str, ...]:
    if not times or not health.get(work.connection, source).history.suspect:
        return ()
    return tuple(page.url for page in health.canaries(work.connection, source)[:PROBED])


def keep(work: Work, source: Source, pages: Iterable[Kept]) -> None:
    """Keep pages that read well; beyond the number wanted the oldest go."""
    digest = digest_of(source, work.plugins)
    for page in pages:
        read = Read(title=page.title, chars=page.chars, published_at=page.published_at, counters=page.counters)
        canary = Canary(
            source=source.id,
            url=page.url,
            content_type=page.content_type,
            body=b85decode(page.packed),
            fetched_at=page.fetched_at,
            read=_row_of(read),
            digest=digest,
            lost="",
        )
        health.save_canary(work.connection, canary)
        health.drop_canaries(work.connection, source.id, keep=work.settings.health.canaries)


def probed(work: Work, source: str, probes: Iterable[Probe]) -> dict[str, str]:
    """What pages fetched again say about the source."""
    known = {canary.url: read_of(canary.read) for canary in health.canaries(work.connection, source)}
    return verdicts((known[probe.url], probe) for probe in probes if probe.url in known)


def digest_of(source: Source, plugins: Plugins) -> str:
    """A mark that changes with everything that decides how a page is read."""
    packages = sorted(str(entry.package) for entry in plugins.entries.values())
    told = [__version__, packages, source.encoding, source.timezone, source.options]
    return hashlib.sha256(json.dumps(told, sort_keys=True, default=str).encode()).hexdigest()[:32]


def stale(digests: dict[str, set[str]], settings: Settings, plugins: Plugins) -> list[Source]:
    """The sources whose kept pages were last read by another program, or with other settings."""
    known = [source for source in settings.sources if source.id in digests]
    return [source for source in known if digests[source.id] != {digest_of(source, plugins)}]


def reread(canary: Canary, source: Source, plugins: Plugins) -> Reread:
    """Read a kept page again, as a worker would. No transaction is needed."""
    page = Page(
        url=canary.url,
        body=zlib.decompress(canary.body),
        content_type=canary.content_type,
        fetched_at=canary.fetched_at,
    )
    answers = plugins.ask("extract_article", page=page, source=source)
    article = next((answer for _, answer in answers if isinstance(answer, Article)), None)
    counters = read_counters(page_text(page, source), table_option(source, "article"))
    shown = tuple(name for name in COUNTERS if getattr(counters, name, None) is not None)
    now = Read(counters=shown)
    if article is not None:
        now = replace(now, title=article.title, chars=len(article.text), published_at=article.published_at)
    return Reread(canary=replace(canary, digest=digest_of(source, plugins)), now=now)


def record(work: Work, done: Iterable[Reread], *, is_last: bool) -> None:
    """Keep what came of it. What differs is put on record and told, and stays until a person accepts it."""
    changed = False
    for each in done:
        known = {canary.url: canary for canary in health.canaries(work.connection, each.canary.source)}
        if each.canary.url not in known:
            continue  # it was replaced meanwhile
        health.save_canary(work.connection, replace(each.canary, lost=each.lost))
        if each.lost and each.lost != known[each.canary.url].lost:
            changed = True
            work.audit("canary.differs", source=each.canary.source, url=each.canary.url, differs=each.lost)
    if changed or is_last:
        _tell(work, "done" if is_last else f"{work.now:%Y%m%dT%H}")


def _tell(work: Work, when: str) -> None:
    counts = health.lost_canaries(work.connection)
    if not counts:
        return
    lines = []
    for source in sorted(counts)[:MOST_LINES]:
        for canary in health.canaries(work.connection, source):
            if canary.lost:
                lines.append(f"{source}: {canary.lost}\n  {canary.url}")
    state = hashlib.sha256("\n".join(lines).encode()).hexdigest()[:12]
    text = "\n".join(lines) + "\n\nIf that is right: yuqing sources ID --canaries --accept"
    subject = f"kept pages of {len(counts)} source{'s' * (len(counts) > 1)} read otherwise than before"
    tell_operators(work, f"ops:canaries:{when}:{state if when == 'done' else ''}", subject, text)


def accept(work: Work, id: str, *, by: str) -> int:
    """A person says that the pages are read rightly now; returns how many.

    Raises:
        RequestError: there is nothing to accept.
    """
    source = work.settings.source(id)
    pages = [canary for canary in health.canaries(work.connection, id) if canary.lost]
    if source is None or not pages:
        raise RequestError(f"no kept page of {id!r} reads otherwise than before")
    for canary in pages:
        done = reread(canary, source, work.plugins)
        health.save_canary(work.connection, replace(done.canary, lost="", read=_row_of(done.now)))
        work.audit("canary.accepted", actor=by, source=id, url=canary.url, differs=canary.lost)
    return len(pages)


def _row_of(read: Read) -> dict[str, Any]:
    """What was read, for its row."""
    at = read.published_at.isoformat() if read.published_at else None
    return {"title": read.title, "chars": read.chars, "published_at": at, "counters": list(read.counters)}


def read_of(read: dict[str, Any]) -> Read:
    """What was read, from its row."""
    at = read.get("published_at")
    return Read(
        title=str(read.get("title", "")),
        chars=int(read.get("chars", 0)),
        published_at=datetime.fromisoformat(at) if at else None,
        counters=tuple(read.get("counters", ())),
    )
