"""Bulletins (R23): an event's first one takes the next number of the year, its later issues keep that number."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, insert, select

from . import schema

_table = schema.bulletin


@dataclass(frozen=True, slots=True, kw_only=True)
class Bulletin:
    """One issue of an event's bulletin. ``year`` is the one in which its first issue came out."""

    event: int
    year: int
    number: int
    issue: int
    at: datetime
    by: str


def issue(connection: Connection, event: int, *, by: str, year: int, now: datetime) -> Bulletin:
    """Give out the next issue. The number is taken in this transaction, so it is given out once.

    Args: year: by the organisation's clock; it only counts for a first issue.
    """
    before = latest(connection, event)
    if before is None:
        highest = select(func.max(_table.c.number)).where(_table.c.year == year)
        number, nth = (connection.execute(highest).scalar() or 0) + 1, 1
    else:
        year, number, nth = before.year, before.number, before.issue + 1
    given = Bulletin(event=event, year=year, number=number, issue=nth, at=now, by=by)
    connection.execute(insert(_table).values(**{name: getattr(given, name) for name in given.__slots__}))
    return given


def latest(connection: Connection, event: int) -> Bulletin | None:
    """The last issue of an event's bulletin."""
    query = select(_table).where(_table.c.event == event).order_by(_table.c.issue.desc()).limit(1)
    row = connection.execute(query).first()
    return Bulletin(**{name: row._mapping[name] for name in Bulletin.__slots__}) if row else None
