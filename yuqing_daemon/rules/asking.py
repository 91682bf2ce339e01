"""What a person is asked to judge first: what has to be done soonest, then what the machine is least sure of (R8)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from ..domain import Event, Opinion

LOW = 0.1  # a probability of being relevant below which an event goes to the end of the queue
NEVER = "9999"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """An event that waits for a judgement: when the nearest duty ends, and what is thought of it now."""

    event: Event
    due_at: datetime | None
    opinions: tuple[Opinion, ...] = ()

    @property
    def is_low(self) -> bool:
        """Whether it looks as if it would be dismissed. One that was drawn to be asked about all the same is not."""
        return any(each.detail == "relevance" and each.confidence < LOW and not each.unsure for each in self.opinions)

    @property
    def uncertainty(self) -> float:
        """0 if everything is clear, 1 if nothing is: the greatest doubt counts."""
        return max((doubt(each) for each in self.opinions if each.unsure), default=0.0)


def doubt(opinion: Opinion) -> float:
    """How far an opinion is from being sure.

    >>> doubt(Opinion(reason="", confidence=0.5)), doubt(Opinion(reason="", confidence=1.0))
    (1.0, 0.0)
    """
    return 1 - abs(2 * opinion.confidence - 1)


def doubts(opinions: Iterable[Opinion]) -> list[str]:
    """What a person should look at first, in a few words each.

    >>> doubts([Opinion(reason="吃出", confidence=0.8, subject="food", unsure=True)])
    ['sensitive subject food? 吃出']
    """
    return [f"{_question(each)}? {each.reason}".strip() for each in opinions if each.unsure]


def _question(opinion: Opinion) -> str:
    if opinion.subject:
        return f"sensitive subject {opinion.subject}"
    if opinion.sentiment:
        return "sentiment"
    names = {"claim": "a claim to verify", "pushed": "pushed", "relevance": "to the point"}
    return names.get(opinion.detail, f"kind {opinion.detail}".strip())


def says(opinion: Opinion) -> str:
    """What an opinion says, in a word or two.

    >>> from yuqing_daemon import Kind
    >>> says(Opinion(reason="", confidence=0.9, kind=Kind.INQUIRY, detail="complaint"))
    'inquiry (complaint)'
    """
    if opinion.sentiment or opinion.subject:
        return opinion.sentiment or f"subject {opinion.subject}"
    if opinion.kind is None:
        return f"{opinion.detail}?"
    return f"{opinion.kind} ({opinion.detail})" if opinion.detail else opinion.kind.value


def in_order(questions: Iterable[Question]) -> list[Question]:
    """The order in which to ask: by the hour in which something is due, then by uncertainty; the low queue last."""
    return sorted(questions, key=lambda each: (each.is_low, _hour(each.due_at), -each.uncertainty, each.event.id))


def _hour(at: datetime | None) -> str:
    return f"{at:%Y-%m-%dT%H}" if at else NEVER
