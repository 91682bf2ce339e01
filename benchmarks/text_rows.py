"""One row of the table that ``text.py`` prints."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What was measured, the bar it has to hold, and what the simplest way comes to in the same run."""

    what: str
    measured: str
    bar: str
    holds: bool
    baseline: str = ""
