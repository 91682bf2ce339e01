"""What a text wants (R5): it asks, complains, appeals, suggests or praises. Cue words first, then linear weights.

Two of the regime's kinds can be read from a text, inquiry and constructive. Hype and fabrication cannot: whether
something is true, or pushed, is not in its words. See ``claims`` for what is put to a person instead.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from math import exp, sqrt
from typing import Literal

from ..domain import Kind
from .features import grams, plain
from .linear import Linear, shipped
from .words import WordIndex

KIND_OF = {
    "inquiry": Kind.INQUIRY,
    "complaint": Kind.INQUIRY,
    "appeal": Kind.INQUIRY,
    "suggestion": Kind.CONSTRUCTIVE,
    "praise": Kind.CONSTRUCTIVE,
}
DETAILS = tuple(KIND_OF)
LEAD = 200  # characters of a text in which it says what it wants
SURE = 0.6  # below it a person looks first
TEMPER = 0.4  # the two fields say the same twice over, so their margins promise too much
CUE = 1.5  # what the first cue word of a title adds to the margin of what it stands for


def _read() -> dict[str, str]:
    """Every cue word, and the class it stands for."""
    with (files(__package__) / "cues" / "kinds.toml").open("rb") as file:
        return {word: detail for detail, words in tomllib.load(file).items() for word in words.split()}


_MEANS = _read()
_CUES = WordIndex(_MEANS)


@dataclass(frozen=True, slots=True, kw_only=True)
class KindFinding:
    """The finer class, the kind it belongs to or ``unsure``, how sure it is, and the words that weighed."""

    label: Kind | Literal["unsure"]
    detail: str
    p: float
    why: tuple[str, ...] = ()


def find_kind(title: str, text: str = "") -> KindFinding:
    """What a text wants, going by its title and its beginning.

    >>> found = find_kind("投诉某某物业乱收费")
    >>> found.label.value, found.detail, found.why[:2]
    ('inquiry', 'complaint', ('投诉', '乱收费'))
    """
    seen = _seen(title, text)
    detail, p = max(seen.chances.items(), key=lambda each: each[1])
    words = tuple(word for word in seen.cued if _MEANS[word] == detail)
    models = shipped("kind")
    heavy = models[f"{detail} title"].why(seen.head) + models[f"{detail} text"].why(seen.body, most=2)
    why = words + tuple(run for run in heavy if not any(run in word or word in run for word in words))
    return KindFinding(label=KIND_OF[detail] if p >= SURE else "unsure", detail=detail, p=p, why=why[:5])


def chance(title: str, text: str = "", *, kind: Kind) -> float:
    """How likely a text is of a kind that texts can be.

    >>> chance("关于增设路灯的建议", kind=Kind.CONSTRUCTIVE) > 0.6
    True
    """
    return sum(p for detail, p in _seen(title, text).chances.items() if KIND_OF[detail] is kind)


@dataclass(frozen=True, slots=True)
class _Seen:
    """The runs of a title and of a text, the cue words, and how likely each class is."""

    head: set[str]
    body: set[str]
    cued: Iterable[str]
    chances: Mapping[str, float]


def _seen(title: str, text: str) -> _Seen:
    lead = plain(text)[:LEAD]
    words = plain(title) or lead[:60]
    head, body, cued = grams(words), grams(lead), _CUES.find(words)
    cues = _cues(cued)
    by_title, by_text = _table("title").margins(head), _table("text").margins(body)
    margins = {
        detail: (first + second) * TEMPER + cues.get(detail, 0.0)
        for detail, first, second in zip(DETAILS, by_title, by_text, strict=True)
    }
    return _Seen(head, body, cued, _chances(margins))


class _Table:
    """The weights of all classes side by side, so that a text's runs are looked up once."""

    def __init__(self, models: Sequence[Linear]) -> None:
        every = set().union(*(model.weights for model in models))
        self._rows = {gram: [model.weights.get(gram, 0.0) for model in models] for gram in every}
        self._biases = [model.bias for model in models]

    def margins(self, found: set[str]) -> list[float]:
        """Every class's margin."""
        rows = [row for gram in found if (row := self._rows.get(gram))]
        if not rows:
            return self._biases
        share = 1 / sqrt(len(rows))
        return [bias + sum(column) * share for bias, column in zip(self._biases, zip(*rows, strict=True), strict=True)]


@cache
def _table(field: str) -> _Table:
    models = shipped("kind")
    return _Table([models[f"{detail} {field}"] for detail in DETAILS])


def _cues(words: Iterable[str]) -> dict[str, float]:
    """What the cue words of a title add: the first one of a class counts whole, further ones a third."""
    found: dict[str, float] = {}
    for word in words:
        detail = _MEANS[word]
        found[detail] = found[detail] + CUE / 3 if detail in found else CUE
    return found


def _chances(margins: Mapping[str, float]) -> dict[str, float]:
    highest = max(margins.values())
    odds = {detail: exp(margin - highest) for detail, margin in margins.items()}
    total = sum(odds.values())
    return {detail: each / total for detail, each in odds.items()}
