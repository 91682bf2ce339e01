"""A line of the ledger, and how many there are of each heading for each unit and person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class Heading(StrEnum):
    """What a line answers for. The last four are credit."""

    LATE = "late"
    MISSED = "missed"
    FALSE = "false"
    CONCEALED = "concealed"
    FOUND_FIRST = "found_first"
    IN_TIME = "in_time"
    ACKNOWLEDGED = "acknowledged"
    FALSE_ALARM = "false_alarm"

    def title(self, language: str = "zh") -> str:
        """The heading for people.

        >>> Heading.CONCEALED.title(), Heading.FOUND_FIRST.title("en")
        ('瞒报', 'found first')
        """
        return self.value.replace("_", " ") if language == "en" else _CHINESE[self]


_CHINESE = {
    Heading.LATE: "迟报",
    Heading.MISSED: "漏报",
    Heading.FALSE: "谎报",
    Heading.CONCEALED: "瞒报",
    Heading.FOUND_FIRST: "首先发现",
    Heading.IN_TIME: "按时报告",
    Heading.ACKNOWLEDGED: "按时签收",
    Heading.FALSE_ALARM: "误报",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line. ``key`` names it for ever; ``at`` is the instant that puts it into a period.

    ``units`` are the roles or departments in charge, ``people`` the persons as the record names them; either may be
    empty where the record does not say. ``figures`` are counts, instants, spans and words; ``entries`` the numbers
    of the audit entries it rests on.
    """

    heading: Heading
    key: str
    event: int
    at: datetime
    what: str
    units: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    figures: Mapping[str, Any] = field(default_factory=dict)
    entries: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How many lines of each heading a unit or a person has."""

    who: str
    counts: Mapping[Heading, int]


def within(
    lines: Iterable[Line], *, since: datetime | None = None, until: datetime | None = None, unit: str = ""
) -> tuple[Line, ...]:
    """The lines from ``since`` on and before ``until``; with ``unit`` only those of that unit or person."""
    return tuple(
        line
        for line in lines
        if (since is None or line.at >= since)
        and (until is None or line.at < until)
        and (not unit or unit in line.units or unit in line.people)
    )


def counted(lines: Iterable[Line], *, by_person: bool = False) -> tuple[Tally, ...]:
    """Count the lines for each unit, or for each person. One that names nobody counts for ``-``.

    A line that names two units counts for both, so the counts need not add up to the number of lines.
    """
    counts: dict[str, Counter[Heading]] = {}
    for line in lines:
        for who in (line.people if by_person else line.units) or ("-",):
            counts.setdefault(who, Counter())[line.heading] += 1
    return tuple(Tally(who=who, counts=counts[who]) for who in sorted(counts))
