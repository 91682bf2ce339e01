"""What is wrong with a query, and at which character."""

from __future__ import annotations

import unicodedata


class QueryError(ValueError):
    """A query that cannot be read. ``at`` is the character it goes wrong at, counted from 0; ``fix`` may be empty."""

    def __init__(self, wanted: str, query: str, at: int, fix: str = "") -> None:
        super().__init__(wanted)
        self.wanted, self.query, self.at, self.fix = wanted, query, min(at, len(query)), fix

    def __str__(self) -> str:
        return f"{self.wanted}\n{self.marked()}"

    def marked(self) -> str:
        """The line of the query with a mark under the place."""
        start = self.query.rfind("\n", 0, self.at) + 1
        line = self.query[start:].split("\n", 1)[0]
        before = line[: self.at - start]
        return f"  {line}\n  {''.join(map(_blank_for, before))}^"


def _blank_for(char: str) -> str:
    return "\u3000" if unicodedata.east_asian_width(char) in "WF" else " "
