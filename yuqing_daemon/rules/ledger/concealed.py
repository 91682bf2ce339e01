"""Concealed 瞒报: put aside or made smaller though the level was reached, or never told to anybody."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from ...domain import AuditEntry, Heat, Level
from ..level import grade
from .lines import Heading, Line
from .record import EventRecord, numbers
from .waits import ACKNOWLEDGED, level_named, purpose, waits

DISMISSED = "judged.dismiss"
_LEVELLED = ("judged.confirm", "judged.correct")


def graded(record: EventRecord, entry: AuditEntry) -> Level:
    """The level by the rule when an act was done, as put on record then."""
    if said := entry.data.get("graded"):
        return level_named(said)
    return grade(Heat(**entry.data.get("heat", {})), record.regime).level


def is_against_the_rule(record: EventRecord, entry: AuditEntry) -> bool:
    """Whether an act dismissed an event that had reached a level, or gave it a lower one than it had reached."""
    reached = graded(record, entry)
    if entry.what == DISMISSED:
        return reached > min(rule.level for rule in record.regime.levels)
    return entry.what in _LEVELLED and bool(entry.data.get("level")) and level_named(entry.data["level"]) < reached


def lines(record: EventRecord, *, roles: Mapping[str, tuple[str, ...]], now: datetime) -> Iterator[Line]:
    """What was concealed about an event."""
    for entry in record.of(DISMISSED, *_LEVELLED):
        if is_against_the_rule(record, entry):
            yield _judged(record, entry, roles)
    yield from _untold(record, now)


def _judged(record: EventRecord, entry: AuditEntry, roles: Mapping[str, tuple[str, ...]]) -> Line:
    reached = graded(record, entry).name.lower()
    done = "dismissed" if entry.what == DISMISSED else f"made {entry.data['level']}"
    return Line(
        heading=Heading.CONCEALED,
        key=f"concealed:{record.id}:{entry.id}",
        event=record.id,
        at=entry.at,
        what=f"{done} though {reached} was reached",
        units=record.units_of(entry.actor, roles),
        people=(entry.actor,),
        figures={
            "reached": reached,
            "was": entry.data.get("was", {}).get("level"),
            "heat": dict(entry.data.get("heat", {})),
            "reason": str(entry.data.get("reason") or ""),
        },
        entries=numbers((entry,)),
    )


# -- first notices that reached nobody ------------------------------------------------------------


def _untold(record: EventRecord, now: datetime) -> Iterator[Line]:
    """The first notice is dead on every way, and nobody took the event up while it might wait for that."""
    dead_at = _all_dead_at(record)
    first = next(iter(waits(record)), None)
    if dead_at is None:
        return
    until = max(dead_at, first.until) if first and first.until else dead_at
    followed = [e for e in record.entries if e.what == ACKNOWLEDGED or e.what.startswith("judged.")]
    if now <= until or any(entry.at <= until for entry in followed):
        return
    notices = [entry for entry in record.entries if _is_first_notice(entry)]
    planned = [entry for entry in notices if entry.what == "alert.planned"]
    units = [entry.data.get("role") for entry in notices if entry.what in ("alert.planned", "alert.nobody_left")]
    after = followed[0] if followed else None
    yield Line(
        heading=Heading.CONCEALED,
        key=f"concealed:untold:{record.id}",
        event=record.id,
        at=dead_at,
        what="the first notice reached nobody, and nobody followed it up"
        + (f" until {after.actor} did" if after else ""),
        units=tuple(dict.fromkeys(str(unit) for unit in units if unit)),
        people=tuple(dict.fromkeys(str(entry.data["recipient"]) for entry in planned)),
        figures={"dead_at": dead_at, "allowed_until": until, "followed_at": after.at if after else None},
        entries=numbers((*(entry for entry in notices if entry.at <= until), after)),
    )


def _is_first_notice(entry: AuditEntry) -> bool:
    if entry.what == "alert.nobody_left":
        return str(entry.data.get("purpose", "")).endswith("found")
    told = ("alert.planned", "delivery.dead", "delivery.passed_on", "delivery.fell_back", "delivery.accepted")
    return entry.what in told and purpose(str(entry.data["key"])) == "found"


def _all_dead_at(record: EventRecord) -> datetime | None:
    """When the last way of telling anybody first was gone; ``None`` if one was not, or somebody was reached."""
    notices = [entry for entry in record.entries if _is_first_notice(entry)]
    hoped: set[str] = set()
    for number, entry in enumerate(notices):
        key = str(entry.data.get("key", ""))
        if entry.what == "delivery.accepted":
            return None
        if entry.what == "alert.planned":
            hoped.add(key)
        elif entry.what == "delivery.fell_back":
            start, _, recipient = key.rsplit(":", 2)
            hoped.add(f"{start}:{entry.data['to_channel']}:{recipient}")
        elif entry.what in ("delivery.dead", "delivery.passed_on"):
            hoped.discard(key)
        goes_on = number + 1 < len(notices) and notices[number + 1].at == entry.at  # within one transaction
        if not hoped and not goes_on:
            return entry.at
    return None
