"""A linear model in plain Python: one weight for every run of characters, learned one example at a time.

A text's margin is the sum of the weights of what occurs in it, over the square root of how many do. Its logistic is
the probability; the weights that add most to it are the explanation.
"""

from __future__ import annotations

import json
import string
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from heapq import nlargest
from importlib.resources import files
from math import exp, log, sqrt
from typing import Any

FOLDER = files(__package__) / "weights"
LEVELS = 127  # steps on either side of nothing in which shipped weights are counted
_EDGES = string.whitespace + string.punctuation + "、…“”‘’《》【】~·"
MOST = 30.0  # a margin beyond it is as good as certain


@dataclass(frozen=True, slots=True)
class Linear:
    """The weights of one question: a positive margin says yes."""

    weights: Mapping[str, float] = field(default_factory=dict)
    bias: float = 0.0

    def margin(self, grams: Iterable[str]) -> float:
        """How much speaks for yes, less what speaks for no.

        >>> round(Linear({"很差": 2.0, "差": 2.0}).margin({"很", "差", "很差", "好"}), 3)
        2.828
        """
        get = self.weights.get
        known = [weight for gram in grams if (weight := get(gram))]
        return self.bias + sum(known) / sqrt(len(known)) if known else self.bias

    def why(self, grams: Iterable[str], *, yes: bool = True, most: int = 4) -> tuple[str, ...]:
        """The runs that weigh most for yes, or for no, without punctuation; single characters say nothing to people.

        >>> Linear({"很差": 2.0, "差": 1.0, "太慢了": 0.5, "慢了!": 0.4}).why({"差", "很差", "太慢了", "慢了!"})
        ('很差', '太慢了')
        """
        sign = 1 if yes else -1
        get = self.weights.get
        found = [
            (sign * weight, gram) for gram in grams if len(gram) > 1 and (weight := get(gram)) and (weight > 0) is yes
        ]
        said: list[str] = []
        for _, gram in nlargest(6 * most, found):
            words = _words(gram)
            if words and not any(words in other or other in words for other in said):
                said.append(words)
            if len(said) == most:
                break
        return tuple(said)


def _words(gram: str) -> str:
    """A run as it is shown: nothing if it is one character, or hardly more than punctuation."""
    words = gram.strip(_EDGES)
    return words if len(words) > 1 else ""


def logistic(margin: float) -> float:
    """The probability a margin stands for.

    >>> logistic(0.0), round(logistic(2.2), 2)
    (0.5, 0.9)
    """
    return 1 / (1 + exp(-max(-MOST, min(MOST, margin))))


def logit(probability: float) -> float:
    """The margin a probability stands for, never more than certain.

    >>> logit(0.5), round(logit(0.9), 2), logit(1.0)
    (0.0, 2.2, 30.0)
    """
    if not 0 < probability < 1:
        return MOST if probability >= 1 else -MOST
    return max(-MOST, min(MOST, log(probability / (1 - probability))))


class Learner:
    """Learns a ``Linear`` by AdaGrad: a weight that has moved much moves less.

    The same examples in the same order give the same weights, to the last digit. ``base`` is a margin that others
    give an example already: only what is missing is learned.
    """

    def __init__(self, *, rate: float = 0.4, start: float = 1e-3) -> None:
        self.weights: dict[str, float] = {}
        self.bias = 0.0
        self._rate = rate
        self._moved: dict[str, float] = {}
        self._start = start
        self._bias_moved = start

    def margin(self, grams: Collection[str]) -> float:
        """What it says so far of grams that are all features."""
        get = self.weights.get
        return self.bias + sum([get(gram, 0.0) for gram in grams]) / sqrt(len(grams)) if grams else self.bias

    def learn(self, grams: Collection[str], target: float, *, base: float = 0.0, weight: float = 1.0) -> None:
        """Move towards a ``target`` between 0 (no) and 1 (yes). The order of ``grams`` must not hang on a hash."""
        if not grams:
            return
        error = (logistic(base + self.margin(grams)) - target) * weight
        share = error / sqrt(len(grams))
        square, step = share * share, self._rate * share
        weights, moved, start = self.weights, self._moved, self._start
        for gram in grams:
            total = moved[gram] = moved.get(gram, start) + square
            weights[gram] = weights.get(gram, 0.0) - step / sqrt(total)
        self._bias_moved += error * error
        self.bias -= self._rate * error / sqrt(self._bias_moved)

    def done(self) -> Linear:
        """What was learned."""
        return Linear(dict(self.weights), self.bias)


# -- files of figures -----------------------------------------------------------------------------


def dump(linear: Linear) -> dict[str, Any]:
    """Weights as JSON, rounded to 127 steps a side, those of the same figure and length run together.

    >>> dump(Linear({"差": 1.27, "很差": 1.27, "好": -0.5, "的": 0.0001}, 0.25))
    {'step': 0.01, 'bias': 0.25, 'weights': {'-50': ['好', '', ''], '127': ['差', '很差', '']}}
    """
    step = max((abs(weight) for weight in linear.weights.values()), default=0.0) / LEVELS or 1.0
    groups: dict[int, list[str]] = {}
    for gram, weight in sorted(linear.weights.items()):
        if figure := round(weight / step):
            groups.setdefault(figure, ["", "", ""])[len(gram) - 1] += gram
    weights = {str(figure): groups[figure] for figure in sorted(groups)}
    return {"step": round(step, 6), "bias": round(linear.bias, 6), "weights": weights}


def parse(figures: Mapping[str, Any]) -> Linear:
    """The weights that ``dump`` wrote down.

    >>> parse({"step": 0.01, "bias": 0.25, "weights": {"127": ["差", "很差", ""]}})
    Linear(weights={'差': 1.27, '很差': 1.27}, bias=0.25)
    """
    weights: dict[str, float] = {}
    for figure, by_length in figures["weights"].items():
        weight = int(figure) * figures["step"]
        for length, run in enumerate(by_length, start=1):
            for start in range(0, len(run), length):
                weights[run[start : start + length]] = weight
    return Linear(weights, figures["bias"])


@cache
def shipped(name: str) -> Mapping[str, Linear]:
    """The weights shipped under a name, by the question they answer; read once."""
    text = (FOLDER / f"{name}.json").read_text(encoding="utf-8")
    return {question: parse(figures) for question, figures in json.loads(text)["models"].items()}
