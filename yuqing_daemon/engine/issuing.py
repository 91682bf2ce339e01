"""A report that was made (R16, R23): the bulletin takes its number in the transaction that puts it on record."""

from __future__ import annotations

from typing import Any

from ..domain import Event
from ..store import bulletins
from .work import Work

BULLETIN = "bulletin"  # the kind of report that has numbers


def report(work: Work, event: Event, by: str, reason: str, given: dict[str, Any]) -> Event:
    """What the act ``report`` brings about: ``given["kind"]`` says which report it is, the number is added to it."""
    if given.get("kind") == BULLETIN:
        year = work.now.astimezone(work.settings.timezone).year
        row = bulletins.issue(work.connection, event.id, by=by, year=year, now=work.now)
        given |= {"year": row.year, "number": row.number, "issue": row.issue}
    return event
