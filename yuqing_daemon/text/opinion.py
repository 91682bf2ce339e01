"""What is thought of a text (R5, R6): sentiment, kind, sensitive subjects, claims; each with the words that weighed."""

from __future__ import annotations

from dataclasses import dataclass

from .claims import claims, pushed
from .features import grams, plain
from .kind import KindFinding, find_kind
from .linear import Linear, logistic, shipped
from .subjects import Finding, find_subjects

SURE = 0.55  # of the likelier side; below it is a coin, so a person looks first
SLIGHT = 0.02  # a margin that small means that nothing in the text weighs
NOTHING = Linear()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentiment:
    """``pos``, ``neg``, ``neu`` (nothing weighs) or ``unsure``; ``p`` is that of negative."""

    label: str
    p: float
    why: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """Everything that is thought of one text. ``claims`` and ``pushed`` are questions to a person, never findings."""

    sentiment: Sentiment
    kind: KindFinding
    subjects: tuple[Finding, ...] = ()
    claims: tuple[str, ...] = ()
    pushed: tuple[str, ...] = ()


def judge(title: str, text: str = "", *, own: Linear = NOTHING) -> Judged:
    """Judge a text. ``own`` are the organisation's own weights for sentiment, on top of those that are shipped.

    >>> judged = judge("客服态度极差", "等了三天没人处理，太失望了")
    >>> judged.sentiment.label, judged.kind.detail
    ('neg', 'complaint')
    """
    return Judged(
        sentiment=find_sentiment(title, text, own=own),
        kind=find_kind(title, text),
        subjects=find_subjects(title, text),
        claims=claims(title, text),
        pushed=pushed(title, text),
    )


def find_sentiment(title: str, text: str = "", *, own: Linear = NOTHING) -> Sentiment:
    """Whether a text speaks ill of what it speaks of.

    >>> find_sentiment("", "").label
    'neu'
    """
    found = grams(plain(f"{title}\n{text}"))
    general = shipped("sentiment")["negative"]
    margin = general.margin(found) + own.margin(found)
    negative = logistic(margin)
    label = "neg" if margin > 0 else "pos"
    if abs(margin - general.bias) <= SLIGHT:
        label = "neu"
    elif max(negative, 1 - negative) < SURE:
        label = "unsure"
    return Sentiment(label=label, p=negative, why=_why(own, general, found, margin > 0))


def _why(own: Linear, general: Linear, found: set[str], yes: bool) -> tuple[str, ...]:
    learned = own.why(found, yes=yes, most=2)
    words = general.why(found, yes=yes)
    return (*learned, *(run for run in words if not any(run in word for word in learned)))[:5]
