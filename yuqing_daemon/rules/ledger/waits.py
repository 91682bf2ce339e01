"""Notices that wait for somebody to acknowledge them, as the record tells."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from ...domain import AuditEntry, Level
from .record import EventRecord

ACKNOWLEDGED = "event.acknowledged"
_ENDS = (ACKNOWLEDGED, "event.over", "judged.dismiss", "judged.merge", "judged.close")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """One series of notices, from the first one to what ended it; ``until``: how long the regime lets it wait.

    ``told`` are the entries of all its notices that were planned before it ended.
    """

    series: str
    told: tuple[AuditEntry, ...]
    until: datetime | None
    ended: AuditEntry | None = None

    @property
    def began_at(self) -> datetime:
        """When the first notice was planned."""
        return self.told[0].at

    @property
    def acknowledged(self) -> AuditEntry | None:
        """The entry of the acknowledgement, if that is what ended it."""
        return self.ended if self.ended is not None and self.ended.what == ACKNOWLEDGED else None

    def units(self, before: datetime) -> tuple[str, ...]:
        """The roles told before an instant."""
        return tuple(dict.fromkeys(str(entry.data["role"]) for entry in self.told if entry.at < before))

    def people(self, before: datetime) -> tuple[str, ...]:
        """Who was told before an instant."""
        return tuple(dict.fromkeys(str(entry.data["recipient"]) for entry in self.told if entry.at < before))


def purpose(key: str) -> str:
    """What a delivery was for, from its key, without the roles it was handed over from.

    >>> purpose("E1:found:mail:wang"), purpose("E1:handover:monitor:raise:major:3:sms:li")
    ('found', 'raise:major:3')
    """
    words = key.split(":", 1)[1].rsplit(":", 2)[0]
    while words.startswith("handover:"):
        words = words.split(":", 2)[2]
    return words


def waits(record: EventRecord) -> tuple[Wait, ...]:
    """The event's series of notices in their order. A new one ends the one before it."""
    found: list[Wait] = []
    for entry in record.entries:
        series, is_first = _series(record, entry)
        last = found[-1] if found else None
        if is_first and (last is None or last.series != series):
            found[-1:] = [*_ended(last, entry), Wait(series=series, told=(entry,), until=record.rungs.get(series))]
        elif last is not None and last.ended is None and series == last.series:
            found[-1] = Wait(series=series, told=(*last.told, entry), until=last.until)
        elif last is not None and _ends(entry):
            found[-1:] = _ended(last, entry)
    return tuple(found)


def _ended(wait: Wait | None, entry: AuditEntry) -> Iterator[Wait]:
    if wait is not None:
        yield Wait(series=wait.series, told=wait.told, until=wait.until, ended=wait.ended or entry)


def _series(record: EventRecord, entry: AuditEntry) -> tuple[str, bool]:
    """The series a planned notice belongs to, and whether it can be its first one.

    Who is told in no role merely asked to hear of it, and owes nothing.
    """
    if entry.what != "alert.planned" or not entry.data["role"]:
        return "", False
    words = purpose(str(entry.data["key"])).split(":")
    level = str(entry.data["level"]).lower()
    match words:
        case ["found"]:
            revisions = [int(name.split(":")[1]) for name in record.rungs if name.startswith(f"{level}:")]
            return f"{level}:{min(revisions, default=1)}", True
        case ["raise", level, rev]:
            return f"{level}:{rev}", True
        case ["reopened" | "adopted", rev]:
            return f"{level}:{rev}", True
        case ["step", level, rev, n]:
            return f"{level}:{rev}", n == "0"
        case ["repeat", level, rev, _]:
            return f"{level}:{rev}", False
    return "", False


def _ends(entry: AuditEntry) -> bool:
    return entry.what in _ENDS or (entry.what in ("judged.confirm", "judged.correct") and is_lowered(entry))


def is_lowered(entry: AuditEntry) -> bool:
    """Whether a judgement gave an event a lower level than it had."""
    level, was = entry.data.get("level"), entry.data.get("was", {}).get("level")
    return bool(level and was and level_named(level) < level_named(was))


def level_named(name: object) -> Level:
    """The level of that name, in capitals or not."""
    return Level[str(name).upper()]
