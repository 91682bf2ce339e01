"""False 谎报: reports whose figures are not those that had been read by then."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from ...domain import AuditEntry, Heat
from ..heat import measure
from .lines import Heading, Line
from .record import EventRecord, numbers

FIGURES = tuple(Heat.__dataclass_fields__)


def claims(entry: AuditEntry) -> Mapping[str, int | None]:
    """The figures an entry claims: of a report ``figures`` or ``heat``, of an act only ``figures``.

    The ``heat`` of an act is what the daemon itself had measured, so nobody claims it.
    """
    is_report = entry.what.startswith("report.")
    if not is_report and not entry.what.startswith("judged."):
        return {}
    said = entry.data.get("figures") or (entry.data.get("heat") if is_report else None)
    if not isinstance(said, Mapping):
        return {}
    return {name: said[name] for name in FIGURES if name in said and _is_figure(said[name])}


def _is_figure(value: Any) -> bool:
    return value is None or (isinstance(value, int) and not isinstance(value, bool))


def heat_at(record: EventRecord, at: datetime) -> Heat:
    """What was known of an event's heat then: the posts it had, and the readings that had come home."""
    posts = [member.post for member in record.members if member.belongs(at)]
    return measure(posts, [seen.reading for seen in record.seen if seen.known_at <= at])


def _as_of(entry: AuditEntry) -> datetime:
    """The instant a report speaks of: its own, unless it says that it was gathered before."""
    said = entry.data.get("as_of")
    return min(entry.at, datetime.fromisoformat(str(said))) if said else entry.at


def lines(record: EventRecord, *, roles: Mapping[str, tuple[str, ...]]) -> Iterator[Line]:
    """The reports on an event that say something else than what was known."""
    for entry in record.entries:
        said = claims(entry)
        if not said:
            continue
        read = asdict(heat_at(record, _as_of(entry)))
        wrong = [name for name, figure in said.items() if figure != read[name]]
        if wrong:
            both = ", ".join(f"{name} {_count(said[name])} instead of {_count(read[name])}" for name in wrong)
            yield Line(
                heading=Heading.FALSE,
                key=f"false:{record.id}:{entry.id}",
                event=record.id,
                at=entry.at,
                what=f"{entry.what} says {both}",
                units=record.units_of(entry.actor, roles),
                people=(entry.actor,),
                figures={"as_of": _as_of(entry), "said": dict(said), "read": {name: read[name] for name in said}},
                entries=numbers((entry,)),
            )


def _count(figure: int | None) -> str:
    return "unknown" if figure is None else f"{figure:,}"
