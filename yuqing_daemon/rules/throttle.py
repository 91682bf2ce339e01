"""How much may be sent how fast, counted from what was sent: so a restart forgets nothing, and every process agrees."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

RESERVED = 0.2  # of every budget, for the first word of an extraordinary event
PERSON_SPAN = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """At most so many within any span of that length."""

    most: int
    span: timedelta

    @property
    def usual(self) -> int:
        """What is open to everything; the rest is kept for the first word of an extraordinary event.

        >>> Budget(most=20, span=timedelta(minutes=1)).usual, Budget(most=1, span=timedelta(minutes=1)).usual
        (16, 1)
        """
        return max(1, self.most - max(1, round(self.most * RESERVED)))

    def room(self, used: int, *, urgent: bool) -> int:
        """How many more may go now."""
        return max(0, (self.most if urgent else self.usual) - used)


def of_channel(options: Mapping[str, Any]) -> tuple[Budget, ...]:
    """What a channel bears: ``per_second`` and ``per_minute`` of its settings.

    >>> [budget.most for budget in of_channel({"per_minute": 20, "per_second": None})]
    [20]
    """
    spans = {"per_second": timedelta(seconds=1), "per_minute": timedelta(minutes=1)}
    found = ((options.get(name), span) for name, span in spans.items())
    return tuple(Budget(most=max(1, int(most)), span=span) for most, span in found if most)
