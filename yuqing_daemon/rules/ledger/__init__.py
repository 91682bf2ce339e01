"""The ledger (R25, R26): late 迟报, missed 漏报, false 谎报, concealed 瞒报 and credit, told from the record alone.

    late       duties breached, notices acknowledged too late, rungs reached because nobody acknowledged
    missed     what others found before us, what stood there before we looked, what we knew too long after the press
    untrue     reports whose figures were not those that had been read
    concealed  dismissals and downgrades against a level that was reached, first notices that reached nobody
    credit     found first, done in time, acknowledged in time, false alarms told apart

A line comes from entries that are never changed, and whether it is there was decided by the time it speaks of: what
anybody does later may add lines and say more about those there are, but removes none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from . import concealed, credit, late, missed, untrue
from .lines import Heading, Line, Tally, counted, within
from .record import EventRecord, Member, Seen

__all__ = ["EventRecord", "Heading", "Line", "Member", "Seen", "Tally", "counted", "ledger", "within"]


def ledger(
    records: Iterable[EventRecord],
    *,
    now: datetime,
    roles: Mapping[str, tuple[str, ...]],
    known_within: timedelta | None = None,
) -> tuple[Line, ...]:
    """Every line there is by ``now``, in the order of the instants they belong to.

    Args:
        roles: the roles of each recipient, to find the unit of a person who was told nothing about the event.
        known_within: how long after a mainstream site an event may become known; ``None``: nobody says, so it is
            not asked.
    """
    lines: list[Line] = []
    for record in records:
        lines += late.lines(record, now=now)
        lines += missed.lines(record, known_within=known_within)
        lines += untrue.lines(record, roles=roles)
        lines += concealed.lines(record, roles=roles, now=now)
        lines += credit.lines(record, roles=roles)
    return tuple(sorted(lines, key=lambda line: (line.at, line.key)))
