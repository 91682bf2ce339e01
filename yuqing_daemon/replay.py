"""Old posts on a simulated clock: what would have been an event, and who would have been told.

It is the daemon's own engine on an empty store in memory; every notice counts as accepted, and nobody acknowledges.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from .config import Settings
from .domain import Answer, AuditEntry, Event, Outcome, Post, Reading
from .engine import Engine
from .errors import RequestError
from .extract import canonical_url, parse_count, registrable_host
from .plugins import Plugins
from .store import Store, audit, events, outbox, posts

SENT = Outcome(answer=Answer.ACCEPTED, detail="replay")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of the input: a post as it stood at an instant, or only its counters then."""

    at: datetime
    post: Post | None
    reading: Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """What came of it: events and would-be alerts, ready to be printed as JSON."""

    lines: int
    events: list[dict[str, Any]]
    alerts: list[dict[str, Any]]


def read_lines(text: Iterable[str], *, timezone: ZoneInfo) -> Iterator[Line | RequestError]:
    """The lines of a JSONL file; for one that cannot be used an error that names it, and the fix."""
    for number, raw in enumerate(text, 1):
        if raw.strip():
            try:
                yield _line(json.loads(raw), timezone)
            except (ValueError, TypeError, AttributeError) as error:
                yield RequestError(f"line {number}: {error}")


def _line(record: Mapping[str, Any], timezone: ZoneInfo) -> Line:
    url = canonical_url(str(record.get("url", "")))
    if not url:
        raise ValueError(f"url = {record.get('url')!r}: want an http or https address")
    published_at = _instant(record.get("published_at"), "published_at", timezone)
    at = _instant(record.get("fetched_at"), "fetched_at", timezone) or published_at
    if at is None:
        raise ValueError("want fetched_at or published_at, such as 2026-03-01T09:00:00+08:00")
    source = str(record.get("source") or "")
    counts = {name: _count(record.get(name), name) for name in ("reads", "comments", "reposts")}
    post = None
    if record.get("title") or record.get("text"):
        post = Post(
            url=url,
            source=source or registrable_host(url),
            site=source or registrable_host(url),
            mainstream=record.get("mainstream") is True,
            title=str(record.get("title") or ""),
            text=str(record.get("text") or ""),
            published_at=published_at,
            fetched_at=at,
        )
    return Line(at=at, post=post, reading=Reading(url=url, at=at, **counts))


def _instant(value: object, name: str, timezone: ZoneInfo) -> datetime | None:
    if value in (None, ""):
        return None
    try:
        found = datetime.fromisoformat(str(value))
    except ValueError as error:
        raise ValueError(f"{name} = {value!r}: want a time such as 2026-03-01T09:00:00+08:00") from error
    return found if found.tzinfo else found.replace(tzinfo=timezone)


def _count(value: object, name: str) -> int | None:
    if value in (None, ""):
        return None
    found = value if isinstance(value, int) and not isinstance(value, bool) else parse_count(str(value))
    if found is None or found < 0:
        raise ValueError(f"{name} = {value!r}: want a whole number, or nothing if it is not known")
    return found


def replay(lines: Iterable[Line], settings: Settings, plugins: Plugins) -> Replayed:
    """Run the lines through the engine in the order of their times."""
    store = Store.in_memory()
    engine = Engine(store, settings, plugins, secret=b"replay", draw=lambda: 0.5)
    number = 0
    for line in sorted(lines, key=lambda line: line.at):
        number += 1
        _let_time_pass(engine, until=line.at)
        engine.take_posts((line.post,) if line.post else (), (line.reading,), now=line.at)
        _send(engine, line.at)
    replayed = Replayed(lines=number, events=_events(store), alerts=_alerts(store))
    store.close()
    return replayed


def _let_time_pass(engine: Engine, *, until: datetime) -> None:
    """Fire what comes due until then, each thing at its own instant, for one may lead to another."""
    while due := [thing for thing in engine.due(now=until) if thing.timer is not None]:
        timer = due[0].timer
        assert timer is not None
        engine.fire(due[0], now=timer.due_at)
        _send(engine, timer.due_at)


def _send(engine: Engine, now: datetime) -> None:
    for channel in engine.settings.channels:
        while claimed := engine.claim(channel, token="replay", now=now, limit=1000):
            for delivery in claimed:
                engine.record(delivery, SENT, token="replay", now=now)


def _events(store: Store) -> list[dict[str, Any]]:
    with store.read() as connection:
        found = sorted(events.listed(connection), key=lambda event: event.id)
        return [
            {
                "event": event.code,
                "topic": event.topic,
                "title": event.title,
                "level": event.level.name.lower(),
                "state": event.state.value,
                "found_at": event.found_at.isoformat(),
                "updated_at": event.updated_at.isoformat(),
                "heat": asdict(event.heat),
                "levels": _levels(event, audit.entries(connection, event=event.id)),
                "posts": [post.url for post in posts.get(connection, events.posts_of(connection, event.id))],
            }
            for event in found
        ]


def _levels(event: Event, entries: Iterable[AuditEntry]) -> list[dict[str, str]]:
    """The levels an event went through, each with the instant and the reason."""
    levels: list[dict[str, str]] = []
    for entry in entries:
        if entry.what == "event.measured" and (not levels or levels[-1]["level"] != str(entry.data["level"]).lower()):
            level, reason = str(entry.data["level"]).lower(), str(entry.data["reason"])
            levels.append({"level": level, "at": entry.at.isoformat(), "reason": reason})
    return levels


def _alerts(store: Store) -> list[dict[str, Any]]:
    with store.read() as connection:
        return [
            {
                "at": row.created_at.isoformat(),
                "event": f"E{row.event}" if row.event else None,
                "purpose": row.purpose,
                "level": row.level.name.lower(),
                "role": row.role,
                "recipient": row.recipient,
                "channel": row.channel,
                "to": row.to,
                "subject": row.notice.subject,
            }
            for row in outbox.everything(connection)
        ]
