"""Events, the posts they are made of, and the opinions on them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, Connection, Row, Text, cast, delete, func, insert, select, update

from ..domain import Event, EventState, Heat, Kind, Level, Opinion, Regime
from . import schema

_REGIME = TypeAdapter(Regime)


def open_new(connection: Connection, event: Event, *, regime: Regime) -> int:
    """Insert an event with the regime it lives under, frozen; returns its number."""
    values = _values(event) | {"regime": _REGIME.dump_python(regime, mode="json")}
    key = connection.execute(insert(schema.event).values(**values)).inserted_primary_key
    assert key is not None
    return int(key[0])


def save(connection: Connection, event: Event) -> None:
    """Write an event back."""
    connection.execute(update(schema.event).where(schema.event.c.id == event.id).values(**_values(event)))


def get(connection: Connection, id: int) -> Event | None:
    """The event of that number."""
    row = connection.execute(select(schema.event).where(schema.event.c.id == id)).first()
    return _event(row) if row else None


def regime_of(connection: Connection, id: int) -> Regime:
    """The regime an event lives under, as it was when the event opened."""
    query = select(cast(schema.event.c.regime, Text)).where(schema.event.c.id == id)
    return _regime(connection.execute(query).scalar_one())


def set_regime(connection: Connection, id: int, regime: Regime) -> None:
    """Let an event live under another regime from now on, frozen as it is now."""
    values = {"regime": _REGIME.dump_python(regime, mode="json")}
    connection.execute(update(schema.event).where(schema.event.c.id == id).values(**values))


@lru_cache(maxsize=32)  # most events live under the same one, and reading it takes longer than finding it
def _regime(text: str) -> Regime:
    return _REGIME.validate_json(text)


def listed(connection: Connection, *, live: bool = False, limit: int = 1000) -> list[Event]:
    """Events, or only those that are live, the latest change first."""
    query = select(schema.event).order_by(schema.event.c.updated_at.desc(), schema.event.c.id.desc()).limit(limit)
    if live:
        query = query.where(schema.event.c.state.in_([state.value for state in EventState if state.is_live]))
    return [_event(row) for row in connection.execute(query)]


# -- posts ----------------------------------------------------------------------------------------


def add_post(connection: Connection, event: int, post: int, *, relation: str, reason: str, now: datetime) -> None:
    """Make a post part of an event."""
    values = {"event": event, "post": post, "relation": relation, "reason": reason, "joined_at": now}
    connection.execute(insert(schema.event_post).values(**values))


def move_posts(
    connection: Connection, event: int, to: int, *, only: Collection[int] | None = None, reason: str, now: datetime
) -> int:
    """Make posts of one event part of another, all or only some; returns how many."""
    table = schema.event_post
    leaving = [post for post in posts_of(connection, event) if only is None or post in only]
    there = set(posts_of(connection, to))
    connection.execute(delete(table).where(table.c.event == event, table.c.post.in_(leaving)))
    for number, post in enumerate(post for post in leaving if post not in there):
        relation = "copy" if there or number else "first"
        add_post(connection, to, post, relation=relation, reason=reason, now=now)
    return len(leaving)


def posts_of(connection: Connection, event: int) -> list[int]:
    """The numbers of an event's posts, in the order in which they joined."""
    table = schema.event_post
    query = select(table.c.post).where(table.c.event == event).order_by(table.c.joined_at, table.c.post)
    return list(connection.execute(query).scalars())


def relations(connection: Connection, event: int) -> dict[int, dict[str, str]]:
    """For each of an event's posts its relation to the others, and why it belongs there."""
    table = schema.event_post
    rows = connection.execute(select(table.c.post, table.c.relation, table.c.reason).where(table.c.event == event))
    return {row.post: {"relation": row.relation, "reason": row.reason} for row in rows}


def of_post(connection: Connection, post: int) -> dict[str, int]:
    """The events a post belongs to, by topic."""
    query = (
        select(schema.event.c.topic, schema.event.c.id)
        .join(schema.event_post, schema.event_post.c.event == schema.event.c.id)
        .where(schema.event_post.c.post == post)
    )
    return {row.topic: row.id for row in connection.execute(query)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Relative:
    """A post of an event that has clauses in common with another post."""

    post: int
    event: int


def spread(connection: Connection, topic: str, hashes: Collection[int]) -> dict[int, int]:
    """Under how many different events of a topic each of the clauses stands."""
    clause, member, event = schema.clause, schema.event_post, schema.event
    query = (
        select(clause.c.hash, func.count(func.distinct(event.c.id)))
        .join(member, member.c.post == clause.c.post)
        .join(event, event.c.id == member.c.event)
        .where(clause.c.hash.in_(hashes), _is_of(topic))
        .group_by(clause.c.hash)
    )
    return {hash: number for hash, number in connection.execute(query)}  # noqa: C416 - rows are not pairs to mypy


def relatives(connection: Connection, topic: str, hashes: Collection[int], *, since: datetime) -> list[Relative]:
    """Posts of the topic's events that share clauses, those that share most first, ten at the most."""
    clause, member, event = schema.clause, schema.event_post, schema.event
    query = (
        select(clause.c.post, event.c.id.label("event"))
        .join(member, member.c.post == clause.c.post)
        .join(event, event.c.id == member.c.event)
        .where(clause.c.hash.in_(hashes), _is_of(topic), event.c.updated_at >= since)
        .group_by(clause.c.post, event.c.id)
        .order_by(func.sum(clause.c.chars).desc(), event.c.id)
        .limit(10)
    )
    return [Relative(post=row.post, event=row.event) for row in connection.execute(query)]


def same_title(connection: Connection, topic: str, title_key: str, *, since: datetime) -> Relative | None:
    """A post of the topic's events under the very same title."""
    post, member, event = schema.post, schema.event_post, schema.event
    query = (
        select(post.c.id, event.c.id.label("event"))
        .join(member, member.c.post == post.c.id)
        .join(event, event.c.id == member.c.event)
        .where(post.c.title_key == title_key, _is_of(topic), event.c.updated_at >= since)
        .order_by(event.c.id)
        .limit(1)
    )
    row = connection.execute(query).first()
    return Relative(post=row.id, event=row.event) if row else None


def add_opinions(connection: Connection, event: int, found: Iterable[tuple[str, Opinion]], *, now: datetime) -> None:
    """Keep what the classifiers think; a person decides."""
    for plugin, opinion in found:
        values = {name: getattr(opinion, name) for name in opinion.__slots__}
        connection.execute(insert(schema.opinion).values(event=event, plugin=plugin, at=now, **values))


def _is_of(topic: str) -> ColumnElement[bool]:
    """Whether an event belongs to a topic, not looked up in the index of topics: SQLite would go through all its events
    first, though a few clauses lead to a few posts."""
    return func.coalesce(schema.event.c.topic, "") == topic


# -- rows and values ------------------------------------------------------------------------------


def _values(event: Event) -> dict[str, Any]:
    return {
        "topic": event.topic,
        "title": event.title,
        "level": int(event.level),
        "kind": event.kind,
        "subject": event.subject,
        "state": event.state.value,
        "found_at": event.found_at,
        "updated_at": event.updated_at,
        "heat": asdict(event.heat),
        "rev": event.rev,
        "acknowledged_level": event.acknowledged_level and int(event.acknowledged_level),
        "acknowledged_by": event.acknowledged_by,
        "acknowledged_at": event.acknowledged_at,
        "over_at": event.over_at,
        "closed_at": event.closed_at,
        "department": event.department,
        "handled_as": event.handled_as and int(event.handled_as),
        "stage": event.stage,
        "stage_reason": event.stage_reason,
        "merged_into": event.merged_into,
        "overruled_level": event.overruled_level and int(event.overruled_level),
    }


def _event(row: Row[Any]) -> Event:
    values = {name: row._mapping[name] for name in Event.__slots__}
    values["level"] = Level(row.level)
    values["kind"] = Kind(row.kind) if row.kind else None
    values["state"] = EventState(row.state)
    values["heat"] = Heat(**row.heat)
    values["acknowledged_level"] = Level(row.acknowledged_level) if row.acknowledged_level else None
    values["handled_as"] = Level(row.handled_as) if row.handled_as else None
    values["overruled_level"] = Level(row.overruled_level) if row.overruled_level else None
    return Event(**values)
