"""What events are about, so that posts which tell of them in other words are found: the index of ``text.retelling``."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, func, insert, or_, select, update

from ..domain import EventState
from ..text.retelling import About, Known, serial
from . import schema

_GIST, _PAIR, _EVENT = schema.gist, schema.gist_pair, schema.event
# What was dismissed or closed takes copies in, but what is told anew is looked at anew.
_TAKES_IN = [state.value for state in EventState if state.is_live or state in (EventState.OVER, EventState.SUMMARISED)]
_EVENTS = select(func.count()).where(_GIST.c.topic == bindparam("topic"))
_HOLDING = (
    select(_PAIR.c.pair, func.count())
    .where(_PAIR.c.topic == bindparam("topic"), _PAIR.c.pair.in_(bindparam("pairs", expanding=True)))
    .group_by(_PAIR.c.pair)
)
_SHARING = (
    select(_PAIR.c.event)
    .join(_EVENT, _EVENT.c.id == _PAIR.c.event)
    .where(
        _PAIR.c.topic == bindparam("topic"),
        _PAIR.c.pair.in_(bindparam("pairs", expanding=True)),
        _EVENT.c.updated_at >= bindparam("since"),
        _EVENT.c.state.in_(_TAKES_IN),
    )
    .group_by(_PAIR.c.event)
    .order_by(func.count().desc(), _PAIR.c.event)
    .limit(bindparam("limit"))
)
_ABOUT = (
    select(_GIST, _EVENT.c.title)
    .join(_EVENT, _EVENT.c.id == _GIST.c.event)
    .where(_GIST.c.event.in_(bindparam("events", expanding=True)))
)


def known(connection: Connection, topic: str, pairs: Collection[str]) -> Known:
    """How many events of a topic are indexed, and how many of them hold each of the pairs."""
    events = connection.execute(_EVENTS, {"topic": topic}).scalar_one()
    rows = connection.execute(_HOLDING, {"topic": topic, "pairs": list(pairs)})
    return Known(events, {pair: number for pair, number in rows}, is_within=True)  # noqa: C416 - rows are no pairs to mypy


def sharing(connection: Connection, topic: str, pairs: Collection[str], *, since: datetime, limit: int) -> list[int]:
    """The topic's events that stirred since and hold some of the pairs, those that hold most first."""
    given = {"topic": topic, "pairs": list(pairs), "since": since, "limit": limit}
    return list(connection.execute(_SHARING, given).scalars())


def about(connection: Connection, events: Collection[int]) -> dict[int, About]:
    """What those of the events that are indexed are about."""
    rows = connection.execute(_ABOUT, {"events": list(events)})
    return {row.event: About(row.weights, row.is_report, row.is_own, serial(row.title)) for row in rows}


def save(connection: Connection, topic: str, event: int, about_it: About, *, before: About | None) -> None:
    """Index an event by what it is about, in the place of what it was about ``before``, if it was indexed."""
    values = {"weights": dict(about_it.gist), "is_report": about_it.is_report, "is_own": about_it.is_own}
    was = before.gist.keys() if before else frozenset[str]()
    if before is None:
        connection.execute(insert(_GIST), values | {"event": event, "topic": topic})
    else:
        connection.execute(update(_GIST).where(_GIST.c.event == event).values(values))
    if gone := was - about_it.gist.keys():
        connection.execute(delete(_PAIR).where(_PAIR.c.topic == topic, _PAIR.c.event == event, _PAIR.c.pair.in_(gone)))
    if new := about_it.gist.keys() - was:
        connection.execute(insert(_PAIR), [{"topic": topic, "pair": pair, "event": event} for pair in sorted(new)])


def forget(connection: Connection, events: Collection[int]) -> None:
    """Take events out of the index."""
    for table in (_PAIR, _GIST):
        connection.execute(delete(table).where(table.c.event.in_(events)))


def outdated(connection: Connection, *, since: datetime) -> list[int]:
    """The indexed events that did not stir since then, or take nothing in any more."""
    query = select(_GIST.c.event).join(_EVENT, _EVENT.c.id == _GIST.c.event)
    query = query.where(or_(_EVENT.c.updated_at < since, _EVENT.c.state.not_in(_TAKES_IN)))
    return list(connection.execute(query).scalars())


def missing(connection: Connection, *, since: datetime, limit: int) -> Iterator[tuple[int, str]]:
    """Events that stirred since and ought to be indexed, with their topics: those of an older version, or reopened."""
    query = select(_EVENT.c.id, _EVENT.c.topic).outerjoin(_GIST, _GIST.c.event == _EVENT.c.id)
    query = query.where(_EVENT.c.updated_at >= since, _EVENT.c.state.in_(_TAKES_IN), _GIST.c.event.is_(None))
    for row in connection.execute(query.order_by(_EVENT.c.id).limit(limit)):
        yield row.id, row.topic
