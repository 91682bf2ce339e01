"""Late 迟报: duties breached, notices acknowledged too late, rungs reached because nobody acknowledged (R11-R14)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from ...domain import AuditEntry
from .lines import Heading, Line
from .record import EventRecord, numbers
from .waits import purpose, waits


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """A duty with a clock, as the record tells it."""

    duty: str
    n: int
    due_at: datetime
    begun: AuditEntry
    breached: AuditEntry | None = None
    ended: AuditEntry | None = None  # done or dropped

    @property
    def owner(self) -> str:
        """Who owes it."""
        return str(self.begun.data["owner"])

    @property
    def done(self) -> AuditEntry | None:
        """The entry that says it was done."""
        return self.ended if self.ended is not None and self.ended.what == "duty.done" else None

    def is_late(self, now: datetime) -> bool:
        """Whether its time was over before it ended; what happens after that changes nothing."""
        return self.breached is not None or (self.ended.at if self.ended else now) > self.due_at


def clocks(record: EventRecord) -> list[Clock]:
    """The duties of an event that have a clock, in the order in which they began."""
    found = []
    for begun in record.of("duty.begun"):
        if begun.data.get("due_at"):
            same = (begun.data["duty"], begun.data.get("n", 1))
            later = [each for each in record.entries if (each.data.get("duty"), each.data.get("n", 1)) == same]
            found.append(
                Clock(
                    duty=same[0],
                    n=same[1],
                    due_at=datetime.fromisoformat(begun.data["due_at"]),
                    begun=begun,
                    breached=_first(later, "duty.breached"),
                    ended=_first(later, "duty.done", "duty.dropped"),
                )
            )
    return found


def lines(record: EventRecord, *, now: datetime) -> Iterator[Line]:
    """What was late about an event."""
    yield from _duties(record, now)
    yield from _notices(record, now)
    yield from _climbed(record)


def _duties(record: EventRecord, now: datetime) -> Iterator[Line]:
    for clock in clocks(record):
        if not clock.is_late(now):
            continue
        ended = clock.ended.at if clock.ended else None
        outcome = "done late" if clock.done else "never done, no longer owed" if ended else "still not done"
        yield Line(
            heading=Heading.LATE,
            key=f"late:duty:{record.id}:{clock.duty}:{clock.n}",
            event=record.id,
            at=clock.due_at,
            what=f"duty {clock.duty}: {outcome}",
            units=(clock.owner,),
            people=(clock.done.actor,) if clock.done else record.told_as(clock.owner, until=clock.due_at),
            figures={"due_at": clock.due_at, "ended_at": ended, "late_by": (ended or now) - clock.due_at},
            entries=numbers((clock.begun, clock.breached, clock.ended)),
        )


def _notices(record: EventRecord, now: datetime) -> Iterator[Line]:
    for wait in waits(record):
        ended = wait.ended.at if wait.ended else None
        if wait.until is None or (ended or now) <= wait.until:
            continue
        answer = wait.acknowledged
        outcome = "acknowledged late" if answer else "never, and it waits no more" if ended else "still nobody"
        yield Line(
            heading=Heading.LATE,
            key=f"late:notice:{record.id}:{wait.series}",
            event=record.id,
            at=wait.until,
            what=f"notice of level {wait.series.split(':')[0]} to be acknowledged: {outcome}",
            units=wait.units(wait.until),
            people=wait.people(wait.until),
            figures={
                "told_at": wait.began_at,
                "due_at": wait.until,
                "ended_at": ended,
                "late_by": (ended or now) - wait.until,
            },
            entries=numbers((*(entry for entry in wait.told if entry.at < wait.until), wait.ended)),
        )


def _climbed(record: EventRecord) -> Iterator[Line]:
    for entry in record.of("alert.climbed"):
        _, level, rev, n = str(entry.data["purpose"]).split(":")
        if n == "0":  # the first rung, which the regime lets begin later
            continue
        before = [each for wait in waits(record) if wait.series == f"{level}:{rev}" for each in wait.told]
        before = [each for each in before if each.id < entry.id]
        to = ", ".join(map(str, entry.data.get("roles", ())))
        yield Line(
            heading=Heading.LATE,
            key=f"late:rung:{record.id}:{entry.data['purpose']}",
            event=record.id,
            at=entry.at,
            what=f"nobody acknowledged, so it climbed to {to}",
            units=tuple(dict.fromkeys(str(each.data["role"]) for each in before)),
            people=tuple(dict.fromkeys(str(each.data["recipient"]) for each in before)),
            figures={"told_at": before[0].at if before else None, "climbed_at": entry.at, "told": to},
            entries=numbers((*(each for each in before if not _is_reminder(each)), entry)),
        )


def _is_reminder(entry: AuditEntry) -> bool:
    return purpose(str(entry.data["key"])).startswith("repeat:")


def _first(entries: list[AuditEntry], *whats: str) -> AuditEntry | None:
    return next((entry for entry in entries if entry.what in whats), None)
