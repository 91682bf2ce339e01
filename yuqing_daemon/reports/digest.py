"""The facts of a day or a week (R23, R25, R26), read from the store within one reading transaction."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from ..config import Settings
from ..domain import AuditEntry, Event, Level
from ..rules.health import State
from ..store import audit, events, outbox, posts, sources, spans
from .facts import Carried, DigestFacts, Line, Told
from .gather import curve, figures_of, owed, told
from .unheard import blind_times

DEAD = ("delivery.dead",)


def day_span(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """A day of the organisation's zone, as two instants.

    >>> [f"{at:%d %H:%M}" for at in day_span(date(2026, 3, 2), ZoneInfo("Asia/Shanghai"))]
    ['01 16:00', '02 16:00']
    """
    return _midnight(day, zone), _midnight(day + timedelta(days=1), zone)


def week_span(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The week from Monday that a day belongs to."""
    monday = day - timedelta(days=day.weekday())
    return _midnight(monday, zone), _midnight(monday + timedelta(days=7), zone)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


def gather_digest(
    connection: Connection, settings: Settings, *, since: datetime, until: datetime, language: str, now: datetime
) -> DigestFacts:
    """All that a digest may say of a span; of one that is not over yet, what happened until now."""
    ends = min(until, now + timedelta(microseconds=1))
    watched, blind = blind_times(connection, settings, since=since, until=ends)
    stirred = spans.events_of(connection, since=since, until=ends)
    found = [_line(connection, event, settings, since, ends) for event in stirred]
    breached = [
        owed(duty, events.regime_of(connection, duty.event), settings, language)
        for duty in spans.breached(connection, since=since, until=ends)
    ]
    head, broken = audit.head(connection), audit.first_broken(connection)
    return DigestFacts(
        organisation=settings.organisation,
        since=since,
        until=until,
        as_of=now,
        events=tuple(sorted(found, key=lambda line: (-line.level, line.event.id))),
        breached=tuple(breached),
        failed=_failed(connection, settings, since, ends),
        watched=watched,
        states=_states(connection, settings),
        blind=blind,
        entries=audit.size(connection),
        head=f"#{head.id}" if head else "",
        head_hash=head.hash if head else "",
        broken=f"#{broken.id}" if broken else "",
    )


def _states(connection: Connection, settings: Settings) -> tuple[tuple[str, int], ...]:
    """How many sources are in which state now."""
    counts = Counter(row.status for row in sources.all_rows(connection) if settings.source(row.id))
    ordered = sorted(State, key=lambda state: not state.is_good)
    return tuple((state.value, counts[state.value]) for state in ordered if counts[state.value])


def _line(connection: Connection, event: Event, settings: Settings, since: datetime, until: datetime) -> Line:
    record = [entry for entry in audit.entries(connection, event=event.id) if entry.at < until]
    joined = spans.joined(connection, event.id)
    members = [post for post in posts.get(connection, list(joined)) if joined[post.id] < until]
    carried = tuple(
        Carried(
            post=post.id, site=post.site or post.source, mainstream=post.mainstream, at=post.published_at,
            seen_at=joined[post.id], relation="", reason="", title=post.title, url=post.url, trace=(f"P{post.id}",),
        )
        for post in members
    )  # fmt: skip
    topic = settings.topic(event.topic)
    level, trace = _level(event, record)
    return Line(
        event=event,
        topic=(topic.name if topic else "") or event.topic,
        level=level,
        is_new=since <= event.found_at,
        figures=figures_of(curve(connection, members, until), carried),
        trace=trace,
    )


def _level(event: Event, record: list[AuditEntry]) -> tuple[Level, tuple[str, ...]]:
    """The level an event had at the end of its record, with the last entry that says so."""
    level = Level.GENERAL
    trace: tuple[str, ...] = ()
    for entry in record:
        if said := str(entry.data.get("level") or ""):
            level, trace = Level[said.upper()], (f"E{event.id}#{entry.id}",)
    return level, trace


def _failed(connection: Connection, settings: Settings, since: datetime, until: datetime) -> tuple[Told, ...]:
    """The notices that were given up within a span, each with the entry that says so."""
    found = []
    for entry in spans.entries(connection, what=DEAD, since=since, until=until):
        row = outbox.by_key(connection, str(entry.data["key"]))
        if row is not None:
            regime = events.regime_of(connection, row.event) if row.event else settings.regime
            notice = told(row, regime, settings)
            found.append(replace(notice, trace=(*notice.trace, f"{notice.event}#{entry.id}")))
    return tuple(found)
