"""Old posts on a simulated clock: what would have been an event, and who would have been told.

It is the daemon's own engine on an empty store in memory; every notice counts as accepted, and nobody acknowledges.
Nothing leaves: no sender is asked, and no plugin is told of the record.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from .config import Settings
from .domain import Answer, AuditEntry, Event, Outcome, Post, Reading
from .engine import Engine
from .plugins import Plugins
from .store import Store, audit, events, outbox, posts

SENT = Outcome(answer=Answer.ACCEPTED, detail="replay")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line: how a post stood at the instant ``at``. Counters that are ``None`` were not read then."""

    number: int
    at: datetime
    url: str
    source: str = ""
    site: str = ""
    mainstream: bool | None = None
    title: str = ""
    text: str = ""
    published_at: datetime | None = None
    reads: int | None = None
    comments: int | None = None
    reposts: int | None = None

    @property
    def order(self) -> tuple[object, ...]:
        """Its place among the others: its instant; of one instant, something that is not its place in the file."""
        counters = (-1 if count is None else count for count in (self.reads, self.comments, self.reposts))
        return (self.at, self.url, self.title, self.text, *counters)


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """What came of it: events and would-be alerts, as the JSON objects that are printed."""

    lines: int
    events: list[dict[str, Any]]
    alerts: list[dict[str, Any]]


class _Asked(Plugins):
    """The plugins of a daemon, asked for what they think and never told what happened: it did not."""

    def __init__(self, plugins: Plugins) -> None:
        self.manager, self.entries = plugins.manager, plugins.entries

    def ask(self, hook: str, **given: object) -> Iterator[tuple[str, object]]:
        return iter(()) if hook == "on_audit" else super().ask(hook, **given)


def replay(lines: Iterable[Line], settings: Settings, plugins: Plugins) -> Replayed:
    """Run the lines through the engine in the order of their times, whatever order they come in."""
    store = Store.in_memory()
    settings = replace(settings, sources=())  # nothing is visited, so no visit needs planning
    engine = Engine(store, settings, _Asked(plugins), secret=b"replay", draw=lambda: 0.5)
    ordered = sorted(lines, key=lambda line: line.order)
    matching = _matching(ordered, engine)
    for line in ordered:
        if line.url in matching:
            _let_time_pass(engine, until=line.at)
            engine.take_posts((_post(line),), (_reading(line),), now=line.at)
            _send(engine, line.at)
    if ordered:
        _let_time_pass(engine, until=ordered[-1].at)
    replayed = Replayed(lines=len(ordered), events=_events(store), alerts=_alerts(store))
    store.close()
    return replayed


def _matching(lines: Iterable[Line], engine: Engine) -> set[str]:
    """The posts that belong to a topic at some time: no other can ever be part of an event, and most are others."""
    found: set[str] = set()
    for line in lines:
        if line.url not in found:
            answers = engine.plugins.ask("match_post", post=_post(line), topics=engine.settings.topics)
            if any(answer for _, answer in answers):
                found.add(line.url)
    return found


def _post(line: Line) -> Post:
    return Post(
        url=line.url,
        source=line.source,
        site=line.site,
        mainstream=bool(line.mainstream),
        title=line.title,
        text=line.text,
        published_at=line.published_at,
        fetched_at=line.at,
    )


def _reading(line: Line) -> Reading:
    return Reading(url=line.url, at=line.at, reads=line.reads, comments=line.comments, reposts=line.reposts)


def _let_time_pass(engine: Engine, *, until: datetime) -> None:
    """Fire what comes due until then, each thing at its own instant, for one may lead to another."""
    while due := [thing for thing in engine.due(now=until) if thing.timer is not None]:
        timer = due[0].timer
        assert timer is not None
        engine.fire(due[0], now=timer.due_at)
        _send(engine, timer.due_at)


def _send(engine: Engine, now: datetime) -> None:
    for channel in engine.settings.channels:
        while engine.has_due(channel, now=now):
            for delivery in engine.claim(channel, token="replay", now=now, limit=1000):
                engine.record(delivery, SENT, token="replay", now=now)


# -- what came of it ------------------------------------------------------------------------------


def _events(store: Store) -> list[dict[str, Any]]:
    with store.read() as connection:
        found = sorted(events.listed(connection, limit=-1), key=lambda event: event.id)
        return [
            {
                "event": event.code,
                "topic": event.topic,
                "title": event.title,
                "level": event.level.name.lower(),
                "state": event.state.value,
                "found_at": event.found_at,
                "updated_at": event.updated_at,
                "heat": asdict(event.heat),
                "levels": _levels(event, audit.entries(connection, event=event.id)),
                "posts": [post.url for post in posts.get(connection, events.posts_of(connection, event.id))],
            }
            for event in found
        ]


def _levels(event: Event, entries: Iterable[AuditEntry]) -> list[dict[str, Any]]:
    """The levels an event went through, each with the instant and the reason."""
    levels: list[dict[str, Any]] = []
    for entry in entries:
        if entry.what == "event.measured":
            level = str(entry.data["level"]).lower()
            if not levels or levels[-1]["level"] != level:
                levels.append({"level": level, "at": entry.at, "reason": str(entry.data["reason"])})
    return levels


def _alerts(store: Store) -> list[dict[str, Any]]:
    with store.read() as connection:
        return [
            {
                "at": row.created_at,
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
