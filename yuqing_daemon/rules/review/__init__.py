"""The review (R27): what judgements and misses say about words, floors and sources. It suggests; nobody is overruled.

Every suggestion carries its evidence and lines of TOML to paste. Nothing changes by itself.
"""

from __future__ import annotations

from .closing import ClosingFacts, ClosingReview, closing_review
from .facts import Missed, Quiet, ReviewFacts, Shift, Suggestion, TopicWords, Verdict
from .floors import thresholds
from .sources import sources
from .words import keywords

__all__ = [
    "ClosingFacts", "ClosingReview", "Missed", "Quiet", "ReviewFacts", "Shift", "Suggestion", "TopicWords", "Verdict",
    "closing_review", "suggestions",
]  # fmt: skip


def suggestions(facts: ReviewFacts) -> tuple[Suggestion, ...]:
    """What could be changed, from judgements and misses and nothing else."""
    return (*keywords(facts), *thresholds(facts), *sources(facts))
