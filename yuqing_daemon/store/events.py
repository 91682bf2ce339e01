"""Events, the posts they are made of, and the opinions on them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict
from datetime import datetime
from functools import lru_cache
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import (
    BigInteger,
    Connection,
    Row,
    Text,
    bindparam,
    case,
    cast,
    delete,
    func,
    insert,
    select,
    update,
)

from ..domain import Event, EventState, Heat, Kind, Level, Regime
from . import schema

_REGIME = TypeAdapter(Regime)
_EVENT, _MEMBER, _POST, _READING = schema.event, schema.event_post, schema.post, schema.reading
_COLUMNS = [_EVENT.c[name] for name in Event.__slots__]  # not the regime, which is long
_GET = select(*_COLUMNS).where(_EVENT.c.id == bindparam("event"))
_REGIME_OF = select(cast(_EVENT.c.regime, Text)).where(_EVENT.c.id == bindparam("event"))
_SAVE = update(_EVENT).where(_EVENT.c.id == bindparam("number"))
_POSTS_OF = (
    select(_MEMBER.c.post).where(_MEMBER.c.event == bindparam("event")).order_by(_MEMBER.c.joined_at, _MEMBER.c.post)
)
_FIRST = _POSTS_OF.limit(1)
_WORDINGS = _POSTS_OF.where(_MEMBER.c.relation != "copy").limit(bindparam("limit"))
_ELDER = (
    select((_other := _MEMBER.alias()).c.event)
    .distinct()
    .join(_MEMBER, _MEMBER.c.post == _other.c.post)
    .where(_MEMBER.c.event == bindparam("event"), _other.c.event < bindparam("event"))
    .order_by(_other.c.event)
)
_NEW, _NEW_MEMBER = insert(_EVENT), insert(_MEMBER)
_OF_POST = (
    select(_EVENT.c.topic, _EVENT.c.id)
    .join(_MEMBER, _MEMBER.c.event == _EVENT.c.id)
    .where(_MEMBER.c.post == bindparam("post"))
)
_WATCHING = (
    select(_MEMBER.c.post, *_COLUMNS)
    .join(_EVENT, _EVENT.c.id == _MEMBER.c.event)
    .where(_MEMBER.c.post.in_(bindparam("posts", expanding=True)))
)
_NEWEST = (
    select(_MEMBER.c.post)
    .where(_MEMBER.c.event == bindparam("event"))
    .order_by(_MEMBER.c.joined_at.desc(), _MEMBER.c.post.desc())
    .limit(bindparam("number"))
)
_COUNTERS = ("reads", "comments", "reposts")
_PEAKS = (
    select(_READING.c.post, *(func.max(_READING.c[name]).label(name) for name in _COUNTERS))
    .join(_MEMBER, _MEMBER.c.post == _READING.c.post)
    .where(_MEMBER.c.event == bindparam("event"))
    .group_by(_READING.c.post)
    .subquery()
)
_SITE = func.coalesce(func.nullif(_POST.c.site, ""), _POST.c.source)
_HEAT = (
    select(
        *(cast(func.sum(_PEAKS.c[name]), BigInteger).label(name) for name in _COUNTERS),
        func.count(func.distinct(case((_POST.c.mainstream, _SITE)))).label("mainstream"),
        func.count().label("posts"),
    )
    .select_from(_MEMBER)
    .join(_POST, _POST.c.id == _MEMBER.c.post)
    .outerjoin(_PEAKS, _PEAKS.c.post == _MEMBER.c.post)
    .where(_MEMBER.c.event == bindparam("event"))
)
_last_dumped: tuple[Regime, dict[str, Any]] | None = None


def open_new(connection: Connection, event: Event, *, regime: Regime) -> int:
    """Insert an event with the regime it lives under, frozen; returns its number."""
    values = _values(event) | {"regime": _dumped(regime)}
    key = connection.execute(_NEW, values).inserted_primary_key
    assert key is not None
    return int(key[0])


def save(connection: Connection, event: Event) -> None:
    """Write an event back."""
    connection.execute(_SAVE, _values(event) | {"number": event.id})


def get(connection: Connection, id: int) -> Event | None:
    """The event of that number."""
    row = connection.execute(_GET, {"event": id}).first()
    return _read(row) if row else None


def regime_of(connection: Connection, id: int) -> Regime:
    """The regime an event lives under, as it was when the event opened."""
    return _regime(connection.execute(_REGIME_OF, {"event": id}).scalar_one())


def set_regime(connection: Connection, id: int, regime: Regime) -> None:
    """Let an event live under another regime from now on, frozen as it is now."""
    connection.execute(_SAVE, {"number": id, "regime": _dumped(regime)})


@lru_cache(maxsize=32)  # most events live under the same one, and reading it takes longer than finding it
def _regime(text: str) -> Regime:
    return _REGIME.validate_json(text)


def _dumped(regime: Regime) -> dict[str, Any]:
    """The regime as JSON; as a rule it is the same object as the last time."""
    global _last_dumped
    if _last_dumped is None or _last_dumped[0] is not regime:
        _last_dumped = regime, _REGIME.dump_python(regime, mode="json")
    return _last_dumped[1]


def listed(connection: Connection, *, live: bool = False, limit: int = 1000) -> list[Event]:
    """Events, or only those that are live, the latest change first."""
    query = select(schema.event).order_by(schema.event.c.updated_at.desc(), schema.event.c.id.desc()).limit(limit)
    if live:
        query = query.where(schema.is_live)
    return [_read(row) for row in connection.execute(query)]


# -- posts ----------------------------------------------------------------------------------------


def add_post(connection: Connection, event: int, post: int, *, relation: str, reason: str, now: datetime) -> None:
    """Make a post part of an event."""
    values = {"event": event, "post": post, "relation": relation, "reason": reason, "joined_at": now}
    connection.execute(_NEW_MEMBER, values)


def move_posts(
    connection: Connection, event: int, to: int, *, only: Collection[int] | None = None, reason: str, now: datetime
) -> int:
    """Make posts of one event part of another, all or only some; returns how many."""
    table = schema.event_post
    leaving = [post for post in posts_of(connection, event) if only is None or post in only]
    there = set(posts_of(connection, to))
    were = relations(connection, event)
    connection.execute(delete(table).where(table.c.event == event, table.c.post.in_(leaving)))
    for number, post in enumerate(post for post in leaving if post not in there):
        was = were[post]["relation"]
        relation = "first" if not there and not number else "retold" if was == "first" else was
        add_post(connection, to, post, relation=relation, reason=reason, now=now)
    return len(leaving)


def posts_of(connection: Connection, event: int) -> list[int]:
    """The numbers of an event's posts, in the order in which they joined."""
    return list(connection.execute(_POSTS_OF, {"event": event}).scalars())


def first_and_last(connection: Connection, event: int, last: int) -> list[int]:
    """The numbers of an event's first post and of so many of its last ones, in the order in which they joined."""
    newest = connection.execute(_NEWEST, {"event": event, "number": last + 1}).scalars().all()[::-1]
    if len(newest) <= last:
        return list(newest)
    return [connection.execute(_FIRST, {"event": event}).scalar_one(), *newest[1:]]


def wordings(connection: Connection, event: int, *, limit: int) -> list[int]:
    """The numbers of an event's posts that are no copies of another, the first ones first."""
    return list(connection.execute(_WORDINGS, {"event": event, "limit": limit}).scalars())


def relations(connection: Connection, event: int) -> dict[int, dict[str, str]]:
    """For each of an event's posts its relation to the others, and why it belongs there."""
    table = schema.event_post
    rows = connection.execute(select(table.c.post, table.c.relation, table.c.reason).where(table.c.event == event))
    return {row.post: {"relation": row.relation, "reason": row.reason} for row in rows}


def of_post(connection: Connection, post: int) -> dict[str, int]:
    """The events a post belongs to, by topic."""
    return {row.topic: row.id for row in connection.execute(_OF_POST, {"post": post})}


def watching(connection: Connection, posts: Collection[int]) -> list[tuple[int, Event]]:
    """The live events that some posts belong to, as (post, event)."""
    found = [(row.post, _read(row)) for row in connection.execute(_WATCHING, {"posts": list(posts)})]
    return [(post, event) for post, event in found if event.state.is_live]


# -- heat -----------------------------------------------------------------------------------------


def heat(connection: Connection, event: int) -> Heat:
    """The totals of an event's posts, as ``rules.heat.measure`` says them (R7).

    The database adds up: an event may have many thousands of posts, and is counted again with each that comes.
    """
    return Heat(**connection.execute(_HEAT, {"event": event}).one()._mapping)


def elder(connection: Connection, event: int) -> list[int]:
    """Older events that hold one of the posts of an event: the same happening under another topic."""
    return list(connection.execute(_ELDER, {"event": event}).scalars())


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
        "key_words": event.key_words,
    }


def _read(row: Row[Any]) -> Event:
    values = {name: row._mapping[name] for name in Event.__slots__}
    values["level"] = Level(row.level)
    values["kind"] = Kind(row.kind) if row.kind else None
    values["state"] = EventState(row.state)
    values["heat"] = Heat(**row.heat)
    values["acknowledged_level"] = Level(row.acknowledged_level) if row.acknowledged_level else None
    values["handled_as"] = Level(row.handled_as) if row.handled_as else None
    values["overruled_level"] = Level(row.overruled_level) if row.overruled_level else None
    return Event(**values)
