"""Credit (R26): found first, done in time, acknowledged in time, false alarms told apart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from .concealed import DISMISSED, is_against_the_rule
from .late import clocks
from .lines import Heading, Line
from .record import EventRecord, numbers
from .waits import waits

Roles = Mapping[str, tuple[str, ...]]


def lines(record: EventRecord, *, roles: Roles) -> Iterator[Line]:
    """What was done well about an event, and what turned out to be none."""
    yield from _found_first(record)
    yield from _in_time(record, roles)
    yield from _acknowledged(record, roles)
    yield from _false_alarms(record, roles)


def _found_first(record: EventRecord) -> Iterator[Line]:
    opened = record.opened
    if opened is None or record.added_by_hand:
        return
    first = next(iter(record.press), None)
    if first and first.carried_at <= opened.at:
        return
    site = first.post.site or first.post.source if first else ""
    carried_at = first.carried_at if first else None
    yield Line(
        heading=Heading.FOUND_FIRST,
        key=f"found_first:{record.id}",
        event=record.id,
        at=opened.at,
        what=f"found before {site} carried it" if first else "found, and no mainstream site carried it",
        units=record.watchers,
        figures={
            "opened_at": opened.at,
            "carried_at": carried_at,
            "ahead": carried_at - opened.at if carried_at else None,
        },
        entries=numbers((opened,)),
    )


def _in_time(record: EventRecord, roles: Roles) -> Iterator[Line]:
    for clock in clocks(record):
        if clock.done and not clock.is_late(clock.done.at):
            yield Line(
                heading=Heading.IN_TIME,
                key=f"in_time:{record.id}:{clock.duty}:{clock.n}",
                event=record.id,
                at=clock.done.at,
                what=f"duty {clock.duty}: done in time",
                units=(clock.owner,),
                people=(clock.done.actor,),
                figures={"due_at": clock.due_at, "done_at": clock.done.at, "left": clock.due_at - clock.done.at},
                entries=numbers((clock.begun, clock.done)),
            )


def _acknowledged(record: EventRecord, roles: Roles) -> Iterator[Line]:
    for wait in waits(record):
        answer = wait.acknowledged
        if answer and wait.until and answer.at <= wait.until:
            yield Line(
                heading=Heading.ACKNOWLEDGED,
                key=f"acknowledged:{record.id}:{wait.series}",
                event=record.id,
                at=answer.at,
                what=f"notice of level {wait.series.split(':')[0]}: acknowledged in time",
                units=record.units_of(answer.actor, roles),
                people=(answer.actor,),
                figures={"told_at": wait.began_at, "due_at": wait.until, "after": answer.at - wait.began_at},
                entries=numbers((wait.told[0], answer)),
            )


def _false_alarms(record: EventRecord, roles: Roles) -> Iterator[Line]:
    """A dismissal with a reason, unless a level was reached: that is another heading."""
    for entry in record.of(DISMISSED):
        reason = str(entry.data.get("reason") or "").strip()
        if reason and not is_against_the_rule(record, entry):
            yield Line(
                heading=Heading.FALSE_ALARM,
                key=f"false_alarm:{record.id}:{entry.id}",
                event=record.id,
                at=entry.at,
                what=f"a false alarm: {reason}",
                units=record.units_of(entry.actor, roles),
                people=(entry.actor,),
                figures={"heat": dict(entry.data.get("heat", {})), "reason": reason},
                entries=numbers((entry,)),
            )
