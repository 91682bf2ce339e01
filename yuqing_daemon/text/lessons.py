"""What an organisation's own decisions teach: weights of the same form as the shipped ones, on top of them.

They are a function of the decisions that stand, in their order, and of nothing else: a decision taken back leaves
exactly the weights there were before it, and the record gives them again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from ..domain import Kind
from . import relevance
from .features import grams, plain
from .kind import chance
from .linear import Learner, Linear, logit, shipped

SENTIMENT, CONSTRUCTIVE, RELEVANCE = "sentiment", "constructive", "relevance:"  # the last one with a topic's id
PASSES = 12  # old decisions are learned again with every new one
MOST = 400  # decisions that are learned from, the latest
KEPT = 6_000  # weights of one part that are kept
WIDE = 0.5  # what the wider surroundings of a word count against the nearer ones

Parts = Mapping[str, Linear]
Base = Callable[[str], float]
View = dict[str, tuple[str, ...]]  # by part, the features of one text


@dataclass(frozen=True, slots=True)
class Lesson:
    """One decision: the words it was about, and whether the answer was yes."""

    words: str
    yes: bool


def learn(target: str, lessons: Sequence[Lesson], base: Base | None = None) -> Parts:
    """The weights that a list of decisions comes to, on top of the margin ``base`` gives (default: what is shipped).

    >>> taught = [Lesson(relevance.context("", "喝青禾酸奶", ["青禾"]), True),
    ...           Lesson(relevance.context("", "青禾路口堵车", ["青禾"]), False)] * 3
    >>> own = learn("relevance:quality", taught)
    >>> margin("relevance:quality", own, relevance.context("", "又喝青禾酸奶了", ["青禾"])) > 0
    True
    """
    base = base or _base(target)
    examples = [(_view(target, each.words), float(each.yes), base(each.words)) for each in lessons[-MOST:]]
    learners = {part: Learner() for part in (("near", "wide") if _is_relevance(target) else ("text",))}
    for _ in range(PASSES):
        for view, answer, given in examples:
            for part, learner in learners.items():
                others = sum(
                    other.margin(view[name]) * _share(name) for name, other in learners.items() if name != part
                )
                learner.learn(view[part], answer, base=given + others)
    return {part: _kept(learner.done()) for part, learner in learners.items()}


def margin(target: str, own: Parts, words: str, base: Base | None = None) -> float:
    """How much speaks for yes, by the shipped and the own weights together; 0 is the middle."""
    view = _view(target, words)
    learned = sum(linear.margin(view[part]) * _share(part) for part, linear in own.items())
    return (base or _base(target))(words) + learned


def words_of(title: str, text: str) -> str:
    """The words that a decision on sentiment or kind is about."""
    return f"{plain(title)}\n{plain(text)}"


def answer(target: str, said: str) -> bool | None:
    """What a person's word means for a target; ``None`` where it teaches nothing.

    Hype and fabrication teach nothing: they are not in the words.

    >>> answer("constructive", "inquiry"), answer("constructive", "fabrication"), answer("sentiment", "neg")
    (False, None, True)
    """
    meanings = {
        SENTIMENT: {"neg": True, "pos": False},
        CONSTRUCTIVE: {Kind.CONSTRUCTIVE.value: True, Kind.INQUIRY.value: False},
    }
    return meanings.get(target, {"yes": True, "no": False}).get(said)


def _is_relevance(target: str) -> bool:
    return target.startswith(RELEVANCE)


def _share(part: str) -> float:
    return WIDE if part == "wide" else 1.0


def _view(target: str, words: str) -> View:
    if _is_relevance(target):
        return relevance.view(words)
    return {"text": tuple(sorted(grams(plain(words))))}


def _base(target: str) -> Base:
    """What the shipped weights, or common sense, say of a text already."""
    if _is_relevance(target):
        return relevance.prior
    if target == CONSTRUCTIVE:
        return lambda words: logit(chance(*words.split("\n", 1), kind=Kind.CONSTRUCTIVE))
    general = shipped("sentiment")["negative"]
    return lambda words: general.margin(grams(plain(words)))


def _kept(linear: Linear) -> Linear:
    heaviest = sorted(linear.weights.items(), key=lambda each: (-abs(each[1]), each[0]))[:KEPT]
    return Linear({gram: round(weight, 6) for gram, weight in sorted(heaviest)}, round(linear.bias, 6))
