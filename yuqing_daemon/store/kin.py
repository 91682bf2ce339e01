"""Posts of a topic's events that have clauses, or the very title, in common with another post."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, case, func, select

from ..text import story
from . import schema

_EVENT, _MEMBER, _POST, _CLAUSE = schema.event, schema.event_post, schema.post, schema.clause
# Not looked up in the index of topics: SQLite would go through all events of one, though a few clauses lead to a few.
_IS_OF_TOPIC = func.coalesce(_EVENT.c.topic, "") == bindparam("topic")
# What quotes a clause among other things does not make it tell of one event more.
_SPREAD = (
    select(
        _CLAUSE.c.hash,
        func.count(func.distinct(case((_MEMBER.c.relation != "excerpt", _EVENT.c.id)))).label("events"),
        case((func.min(_POST.c.site) == "", 0), else_=func.count(func.distinct(_POST.c.site))).label("sites"),
    )
    .join(_MEMBER, _MEMBER.c.post == _CLAUSE.c.post)
    .join(_EVENT, _EVENT.c.id == _MEMBER.c.event)
    .join(_POST, _POST.c.id == _CLAUSE.c.post)
    .where(_CLAUSE.c.hash.in_(bindparam("hashes", expanding=True)), _IS_OF_TOPIC)
    .group_by(_CLAUSE.c.hash)
)
_STIRRED = _EVENT.c.updated_at >= bindparam("since")
_RELATIVES = (
    select(_CLAUSE.c.post, _EVENT.c.id.label("event"))
    .join(_MEMBER, _MEMBER.c.post == _CLAUSE.c.post)
    .join(_EVENT, _EVENT.c.id == _MEMBER.c.event)
    .where(_CLAUSE.c.hash.in_(bindparam("hashes", expanding=True)), _IS_OF_TOPIC, _STIRRED)
    .group_by(_CLAUSE.c.post, _EVENT.c.id)
    .order_by(func.sum(_CLAUSE.c.chars).desc(), _EVENT.c.id)
    .limit(10)
)
_SAME_TITLE = (
    select(_POST.c.id.label("post"), _EVENT.c.id.label("event"))
    .join(_MEMBER, _MEMBER.c.post == _POST.c.id)
    .join(_EVENT, _EVENT.c.id == _MEMBER.c.event)
    .where(_POST.c.title_key == bindparam("title"), _IS_OF_TOPIC, _STIRRED)
    .order_by(_EVENT.c.id)
    .limit(1)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Relative:
    """A post of an event that has clauses in common with another post."""

    post: int
    event: int


@dataclass(frozen=True, slots=True)
class Spread:
    """Under how many different events of a topic each clause stands, and on how many sites; 0: not known."""

    events: dict[int, int]
    sites: dict[int, int]

    def distinct(self, clauses: Mapping[int, int]) -> dict[int, int]:
        """The clauses that tell a story: a site's own furniture stands under several events."""
        return story.distinct(clauses, self.events, self.sites)


def spread(connection: Connection, topic: str, hashes: Collection[int]) -> Spread:
    """Where under a topic each of the clauses stands; those that stand nowhere are left out."""
    rows = connection.execute(_SPREAD, {"hashes": list(hashes), "topic": topic}).all()
    return Spread({row.hash: row.events for row in rows}, {row.hash: row.sites for row in rows})


def relatives(connection: Connection, topic: str, hashes: Collection[int], *, since: datetime) -> list[Relative]:
    """Posts of the topic's events that share clauses, those that share most first, ten at the most."""
    rows = connection.execute(_RELATIVES, {"hashes": list(hashes), "topic": topic, "since": since})
    return [Relative(post=row.post, event=row.event) for row in rows]


def same_title(connection: Connection, topic: str, title_key: str, *, since: datetime) -> Relative | None:
    """A post of the topic's events under the very same title."""
    row = connection.execute(_SAME_TITLE, {"title": title_key, "topic": topic, "since": since}).first()
    return Relative(post=row.post, event=row.event) if row else None
