"""Which visit is due: by what is written, by what a source brings, and by posts whose counters are due (R1, R2)."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from datetime import datetime, timedelta

from ..bus.messages import Job, Result
from ..domain import Source
from ..extract.urls import registrable_host
from ..rules import revisit, schedule
from ..rules.schedule import Limits, Pace, Tempo
from ..store import posts, sources
from ..store.sources import SourceRow
from . import canaries
from .canaries import Errands
from .work import Work

LOOKS_A_JOB = 20


def register(work: Work) -> None:
    """Give every configured source a row with its host; tell what is new about those that ignore robots.txt."""
    hosts = {source.id: host_of(source) for source in work.settings.sources}
    sources.ensure(work.connection, hosts, now=work.now)
    ignoring = {source.id: source.ignore_robots for source in work.settings.sources if source.ignore_robots}
    told = sources.robots_ignored(work.connection)
    if told != ignoring:
        for id in sorted(told.keys() | ignoring.keys()):
            if told.get(id) != ignoring.get(id):
                what = "source.ignores_robots" if id in ignoring else "source.obeys_robots"
                work.audit(what, source=id, reason=ignoring.get(id, ""))
        sources.save_robots_ignored(work.connection, ignoring)


def host_of(source: Source) -> str:
    """The registrable host that a source's jobs are kept apart by."""
    return registrable_host(source.urls[0])


def jobs(work: Work, *, busy: Collection[str], room: int) -> list[Job]:
    """The visits that are due: sources whose list is due, or that have posts whose counters are due."""
    looks = posts.due_looks(work.connection, now=work.now, busy=busy, limit=room * LOOKS_A_JOB)
    due = {row.id: row for row in sources.due(work.connection, now=work.now, busy=busy, limit=room)}
    for id in looks.keys() - due.keys():
        row = sources.get(work.connection, id)
        if row is not None:
            due[id] = row
    chosen: dict[str, tuple[Source, SourceRow]] = {}  # by host
    for row in due.values():
        source = work.settings.source(row.id)
        if source is not None and len(chosen) < room and row.host not in {*busy, *chosen}:
            chosen[row.host] = source, row
    errands = canaries.errands(work, [source.id for source, _ in chosen.values()])
    return [
        _job(work, source, row, looks.get(row.id, [])[:LOOKS_A_JOB], errands[row.id]) for source, row in chosen.values()
    ]


def _job(work: Work, source: Source, row: SourceRow, looks: list[str], errands: Errands) -> Job:
    # Planned now already: a look that comes to nothing is asked again, but not at once.
    work.looks.update(posts.numbers(work.connection, looks).values())
    wanted, probes = errands
    return Job(
        id=secrets.token_hex(8),
        source=source,
        host=row.host,
        state=row.state,
        revisit=tuple(looks),
        keep=wanted,
        probes=probes,
        first_visit=row.first_read_at is None,
        max_pages=work.settings.crawl.max_pages,
        deadline=work.settings.crawl.deadline,
    )


# -- when the next one is due ---------------------------------------------------------------------


def after_reading(work: Work, source: Source, row: SourceRow, result: Result, *, new: int) -> dict[str, object]:
    """The columns that say when a source that was read is due again, and what is known of its tempo by now."""
    tempo, kept = Tempo.of(row.tempo), {}
    if row.first_read_at is not None and row.last_read_at is not None:
        zone = work.settings.timezone
        tempo = schedule.learn(tempo, new=new, since=row.last_read_at, now=work.now, zone=zone)
        kept = {"tempo": tempo.to_store()}
    every = interval(work, source, tempo)
    rest = result.rest if source.adapts else None
    due_at = revisit.next_visit(every, now=work.now, draw=work.draw(), rest=rest, retry_after=result.retry_after)
    return {"due_at": due_at, **kept}


def after_failing(work: Work, source: Source, row: SourceRow, failures: int, retry_after: timedelta | None) -> datetime:
    """When a source that could not be read is due again."""
    every = min(source.every, interval(work, source, Tempo.of(row.tempo)))
    return revisit.next_try(every, failures=failures, retry_after=retry_after, now=work.now)


def hasten(work: Work, source: Source, result: Result) -> None:
    """Something looked wrong for the first time: the visit that tells comes as soon as a regular one may."""
    row = sources.get(work.connection, source.id)
    if row is not None and result.rest is None and result.retry_after is None:
        every = interval(work, source, Tempo.of(row.tempo))
        soon = revisit.next_try(every, failures=1, retry_after=None, now=work.now)
        sources.save(work.connection, source.id, due_at=min(row.due_at, soon))


def interval(work: Work, source: Source, tempo: Tempo) -> timedelta:
    """The time between two visits as things stand: as written, else by what the source brings at this hour."""
    if not source.adapts:
        return source.every
    crawl, known = work.settings.crawl, sources.pace(work.connection)
    limits = Limits(crawl.start, crawl.least, crawl.longest)
    hour = work.now.astimezone(work.settings.timezone).hour
    return schedule.interval(tempo, hour=hour, pace=known or Pace.before_any(limits), limits=limits)


def set_pace(work: Work) -> None:
    """Spread the budget over the sources, by what they bring at this hour of the day; what is written goes first.

    Without a budget it is as many visits as one every five minutes to each of them would take.
    """
    crawl = work.settings.crawl
    limits = Limits(crawl.start, crawl.least, crawl.longest)
    adapting = {source.id for source in work.settings.sources if source.adapts}
    written = sum(1 / source.every.total_seconds() for source in work.settings.sources if not source.adapts)
    usual = len(adapting) / limits.start.total_seconds()
    budget = usual if crawl.polls_per_second is None else crawl.polls_per_second - written
    hour = work.now.astimezone(work.settings.timezone).hour
    tempos = [Tempo.of(kept) for id, kept in sources.tempos(work.connection) if id in adapting]
    rates = [tempo.rate(hour) for tempo in tempos if tempo.is_known]
    pace = schedule.pace_for(rates, beginners=len(adapting) - len(rates), budget=budget, limits=limits)
    sources.save_pace(work.connection, pace)
