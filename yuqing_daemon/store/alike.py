"""Events of which a person might say that they are one: the same happening, told in other words (R7).

What is surely the same is one event already: ``engine.rewording``. This is only suggested, for a wrong merge hides an
event. It is worked out when somebody looks, so that it costs nothing while posts come in.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from ..domain import Event
from ..text import gist
from . import events, gists

LOOKED_AT, SHOWN = 300, 3  # the live events that share most, and how many of them are named at the most


def perhaps_the_same(connection: Connection, event: Event) -> list[tuple[Event, float]]:
    """The live events of its topic that are about the like, each with how like, 0..1, the likest first."""
    mine = gists.about(connection, [event.id]).get(event.id)
    if mine is None:
        return []
    since = datetime.min.replace(tzinfo=event.found_at.tzinfo)
    numbers = gists.sharing(connection, event.topic, list(mine.gist), since=since, limit=LOOKED_AT)
    about = gists.about(connection, [number for number in numbers if number != event.id])
    found = [(number, gist.likeness(mine.gist, other.gist)) for number, other in about.items()]
    likely = sorted((pair for pair in found if pair[1] >= gist.SUGGEST), key=lambda pair: (-pair[1], pair[0]))
    live = ((other, by) for number, by in likely if (other := events.get(connection, number)) and other.state.is_live)
    return [pair for pair, _ in zip(live, range(SHOWN), strict=False)]
