"""Events of which a person might say that they are one: the same happening, told in other words (R7).

It is only suggested, for a wrong merge hides an event. It is worked out when somebody looks, from the posts that
opened the events, so that it costs nothing while posts come in.
"""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from ..domain import Event
from ..text import gist
from . import events, posts, schema

LOOKED_AT, SHOWN = 300, 3  # the latest live events of the topic, and how many of them are named at the most


def perhaps_the_same(connection: Connection, event: Event) -> list[tuple[Event, float]]:
    """The live events of its topic that are about the like, each with how like, 0..1, the likest first."""
    others = {other.id: other for other in _others(connection, event)}
    words = _words(connection, event)
    opening = _opening(connection, [event.id, *others])
    about = {number: gist.gist(title, text, without=words) for number, (title, text) in opening.items()}
    mine = about.pop(event.id, {})
    found = ((others[number], gist.likeness(mine, other)) for number, other in about.items())
    likely = sorted((pair for pair in found if pair[1] >= gist.SUGGEST), key=lambda pair: (-pair[1], pair[0].id))
    return likely[:SHOWN]


def _others(connection: Connection, event: Event) -> list[Event]:
    live = events.listed(connection, live=True, limit=10 * LOOKED_AT)
    return [other for other in live if other.topic == event.topic and other.id != event.id][:LOOKED_AT]


def _words(connection: Connection, event: Event) -> set[str]:
    """The words by which its posts were found: all posts of the topic have those."""
    found = posts.matches(connection, events.first_and_last(connection, event.id, 5))
    return {word for match in found if match.topic == event.topic for word in (match.term, match.span)}


def _opening(connection: Connection, numbers: list[int]) -> dict[int, tuple[str, str]]:
    """The title and the beginning of the text of the post that opened each event."""
    post, member = schema.post, schema.event_post
    query = (
        select(member.c.event, post.c.title, func.substr(post.c.text, 1, gist.READ).label("text"))
        .join(post, post.c.id == member.c.post)
        .where(member.c.event.in_(numbers), member.c.relation == "first")
    )
    return {row.event: (row.title, row.text) for row in connection.execute(query)}
