"""The short review of one event when it is closed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..ledger import Heading, Line
from .facts import Missed, TopicWords
from .words import new_words

FAULTS = (Heading.LATE, Heading.MISSED, Heading.FALSE, Heading.CONCEALED)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosingFacts:
    """One event at its end: its lines in the ledger, and those of its posts that no topic's words find."""

    event: int
    lines: tuple[Line, ...]
    missed: tuple[Missed, ...]
    words: Mapping[str, TopicWords]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosingReview:
    """The short review of one event: what went wrong, what went well, and the words that would have found it."""

    event: int
    faults: tuple[str, ...]
    credits: tuple[str, ...]
    words: tuple[str, ...]
    entries: tuple[int, ...]

    def as_data(self) -> dict[str, Any]:
        """As an audit entry keeps it."""
        lists = {"faults": self.faults, "credits": self.credits, "words": self.words, "entries": self.entries}
        return {name: list(values) for name, values in lists.items()}


def closing_review(facts: ClosingFacts) -> ClosingReview:
    """What was missed about an event, and which words would have found it."""
    own = [line for line in facts.lines if line.event == facts.event]
    said = [(line.heading in FAULTS, f"{line.heading.title('en')}: {line.what}") for line in own]
    return ClosingReview(
        event=facts.event,
        faults=tuple(what for is_fault, what in said if is_fault),
        credits=tuple(what for is_fault, what in said if not is_fault),
        words=tuple(new_words(facts.missed, facts.words)),
        entries=tuple(sorted({number for line in own for number in line.entries})),
    )
