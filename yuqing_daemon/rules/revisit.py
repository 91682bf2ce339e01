"""When to look at something again: a source's list, a post's counters (R2, R4)."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise

from ..domain import Floors, Heat, Reading

DAYS_OF_CARE = timedelta(days=3)  # while a post is younger, it is looked at every two hours at the least
LONGEST_EARLY, LONGEST_LATE = timedelta(hours=2), timedelta(hours=12)
LONGEST_BACK_OFF = timedelta(minutes=30)
LONGEST_PAUSE = timedelta(days=1)  # a site may ask for so much when it is overloaded
LONGEST_REST = timedelta(hours=1)  # and for so much in its feed, which may be set wrong for ever
SHORTEST = 0.9  # of the interval: sources do not march in step
USUAL, GRAVE = 4, 8  # the part of its age after which a post is looked at again; grave: its event is major


def next_visit(
    every: timedelta,
    *,
    now: datetime,
    draw: float,
    rest: timedelta | None = None,
    retry_after: timedelta | None = None,
) -> datetime:
    """When a source is due again: 10 % sooner or later, so that sources do not march in step.

    Args:
        rest: what its feed asks for; leave it out for an interval that is written, which always wins.
        retry_after: what the site asked for when it was overloaded.
    """
    wait = max(every * (SHORTEST + 0.2 * draw), min(rest or timedelta(0), LONGEST_REST))
    return now + max(wait, min(retry_after or timedelta(0), LONGEST_PAUSE))


def next_try(every: timedelta, *, failures: int, retry_after: timedelta | None, now: datetime) -> datetime:
    """When a source that could not be read is due again: doubled with each failure, up to half an hour.

    The first wait is the shortest between two visits, so that two failures in a row lie within two intervals. A site's
    own ``Retry-After`` is heeded up to a day.
    """
    wait = min(SHORTEST * every * (1 << min(failures - 1, 10)), max(LONGEST_BACK_OFF, every))
    return now + max(wait, min(retry_after or wait, LONGEST_PAUSE))


def next_look(
    *,
    born_at: datetime,
    now: datetime,
    at_least: timedelta,
    until_floor: timedelta | None = None,
    grave: bool = False,
) -> datetime:
    """When a post's counters are due again: a quarter of its age, or half the time to the next floor.

    Args:
        born_at: when it was published, or first seen.
        at_least: the shortest wait that politeness allows.
        until_floor: how long the next floor is away at the present pace, if there is one.
        grave: its event is major already: an eighth of its age, and never longer than the clock of two hours.

    >>> from datetime import UTC
    >>> now = datetime(2026, 1, 1, 12, tzinfo=UTC)
    >>> str(next_look(born_at=now - timedelta(hours=2), now=now, at_least=timedelta(minutes=5)) - now)
    '0:30:00'
    """
    age = now - born_at
    longest = LONGEST_EARLY if grave or age < DAYS_OF_CARE else LONGEST_LATE
    wait = min(age / (GRAVE if grave else USUAL), longest)
    if until_floor is not None:
        wait = min(wait, until_floor / 2)
    return now + max(wait, at_least)


def has_fallen(readings: list[Reading]) -> bool:
    """Whether a counter of a post was ever lower than before: deleted comments, or a changed counter (R2).

    >>> at = datetime.fromisoformat("2026-01-01T12:00:00Z")
    >>> has_fallen([Reading(url="u", at=at, reads=9), Reading(url="u", at=at), Reading(url="u", at=at, reads=8)])
    True
    """
    for name in ("reads", "comments", "reposts"):
        said = [count for reading in readings if (count := getattr(reading, name)) is not None]
        if any(later < earlier for earlier, later in pairwise(said)):
            return True
    return False


def time_to_floor(
    heat: Heat, floors: Floors, last: Reading, *, before: Reading | None, born_at: datetime
) -> timedelta | None:
    """How long the event's next floor is away if this post goes on growing as it does.

    It is taken to grow as between its last two readings, or as on average since it was published, whichever is faster:
    after a quiet night the last two say that nothing will ever happen.

    ``None``: it does not grow, or no floor is left.
    """
    waits = []
    for name in ("reads", "comments"):
        floor, total, now = getattr(floors, name), getattr(heat, name), getattr(last, name)
        if None in (floor, total, now) or total >= floor:
            continue
        spans = [(now, last.at - born_at)]
        if before is not None and getattr(before, name) is not None:
            spans.append((now - getattr(before, name), last.at - before.at))
        waits += [span * ((floor - total) / more) for more, span in spans if more > 0 and span > timedelta(0)]
    return min(waits, default=None)
