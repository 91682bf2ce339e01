"""Trains the weights that are shipped: ``train.py sentiment FILE...`` or ``train.py kind FILE...``.

A file is JSON lines. For sentiment a line has ``text`` and ``label``; every file is one domain. For kind it has
``title``, ``text`` and ``gold_kind``, ``kind`` or ``weak_kind``. What is written holds figures and runs of at most
three characters, each seen in at least five texts; docs/model.md says what the shipped ones were made from:

    python benchmarks/train.py sentiment ../shared/data/sentiment/*.jsonl
    python benchmarks/train.py kind ../shared/data/kind/{message_board,consumer_complaints}.jsonl
"""

from __future__ import annotations

import json
import random
import sys
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import log, sqrt
from pathlib import Path
from typing import Any

import click

from yuqing_daemon.text.features import grams, plain
from yuqing_daemon.text.kind import DETAILS, LEAD
from yuqing_daemon.text.linear import Learner, Linear, dump, logistic

HERE = Path(__file__).parents[1] / "yuqing_daemon" / "text" / "weights"
SEEN = 5  # texts in which a run of characters must stand
# What other sets call it: 1 is negative. Neither one nor the other teaches where the middle is, at a smaller weight.
TARGETS = {"neg": 1.0, "angry": 1.0, "sad": 1.0, "fear": 1.0, "pos": 0.0, "happy": 0.0}
MIDDLE, MIDDLE_WEIGHT = frozenset({"neu", "neutral", "mixed"}), 0.2
FEW, MOST_WEIGHT = 5000, 3.0  # a domain with fewer texts than that counts more for each, so much at the most
RATE = 0.2  # of learning sentiment, for a run whose pace is one
LEAST_PACE = 0.1  # of a run that stands as often in negative texts as in positive ones
GOLD_WEIGHT = 2.0  # a kind that a person read, against one that a cue word guessed


@dataclass(frozen=True, slots=True)
class Example:
    """Sorted grams of one text, what it should come to, and how much it counts."""

    grams: tuple[str, ...]
    target: float
    weight: float = 1.0


def read(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


def vocabulary(texts: Iterable[set[str]]) -> set[str]:
    """The runs seen in enough texts."""
    seen = Counter(gram for text in texts for gram in text)
    return {sys.intern(gram) for gram, count in seen.items() if count >= SEEN}


# -- sentiment ------------------------------------------------------------------------------------


def sentiment_examples(domains: Sequence[Sequence[dict[str, Any]]]) -> list[Example]:
    texts = [[(grams(plain(row["text"])), row["label"]) for row in rows] for rows in domains]
    known = vocabulary(text for rows in texts for text, _ in rows)
    examples = []
    for rows in texts:
        clear = sum(label in TARGETS for _, label in rows)
        weight = min(MOST_WEIGHT, max(1.0, FEW / max(1, clear)))
        for text, label in rows:
            if label in TARGETS or label in MIDDLE:
                counts = weight if label in TARGETS else MIDDLE_WEIGHT
                examples.append(Example(tuple(sorted(text & known)), TARGETS.get(label, 0.5), counts))
    return examples


class PacedLearner(Learner):
    """Learns faster of runs that take a side by their counts alone: in a short text the others are mostly chance."""

    def __init__(self, pace: Mapping[str, float], *, rate: float = RATE, start: float = 1e-3) -> None:
        super().__init__()
        self._steps = {gram: rate * share for gram, share in pace.items()}
        self._bias_step, self._bias_squares = rate, start
        self._squares = dict.fromkeys(pace, start)
        self.weights = dict.fromkeys(pace, 0.0)

    def learn(self, grams: Collection[str], target: float, *, base: float = 0.0, weight: float = 1.0) -> None:
        if not grams:
            return
        error = (logistic(base + self.margin(grams)) - target) * weight
        share = error / sqrt(len(grams))
        square, weights, squares, steps = share * share, self.weights, self._squares, self._steps
        for gram in grams:
            total = squares[gram] = squares[gram] + square
            weights[gram] -= steps[gram] * share / sqrt(total)
        self._bias_squares += error * error
        self.bias -= self._bias_step * error / sqrt(self._bias_squares)


def paces(examples: Iterable[Example]) -> dict[str, float]:
    """How far each run takes a side: the logarithm of its share of the negative texts over that of the positive."""
    counts: tuple[Counter[str], Counter[str]] = Counter(), Counter()
    totals = [0.0, 0.0]
    seen: dict[str, None] = {}
    for each in examples:
        seen.update(dict.fromkeys(each.grams))
        if each.target in (0.0, 1.0):
            side = int(each.target)
            totals[side] += each.weight
            for gram in each.grams:
                counts[side][gram] += each.weight  # type: ignore[assignment]
    usual = log((1 + totals[1]) / (1 + totals[0]))
    return {gram: LEAST_PACE + abs(log((1 + counts[1][gram]) / (1 + counts[0][gram])) - usual) for gram in seen}


def fit(examples: Sequence[Example], pace: Mapping[str, float], *, passes: int, seed: int = 1) -> Linear:
    learner, order = PacedLearner(pace), list(examples)
    shuffle = random.Random(seed).shuffle
    for _ in range(passes):
        shuffle(order)
        for example in order:
            learner.learn(example.grams, example.target, weight=example.weight)
    return learner.done()


def kept(linear: Linear, examples: Iterable[tuple[str, ...]], most: int) -> set[str]:
    """The runs that matter most: those with large weights that occur often."""
    seen = Counter(gram for text in examples for gram in text)
    weights = linear.weights
    ordered = sorted(weights, key=lambda gram: (-abs(weights[gram]) * sqrt(seen[gram]), gram))
    return set(ordered[:most])


def train_sentiment(domains: Sequence[Sequence[dict[str, Any]]], *, most: int = 72_000, passes: int = 3) -> Linear:
    """Learn from all runs, keep those that matter, and learn again from these alone."""
    examples = sentiment_examples(domains)
    pace = paces(examples)
    keep = kept(fit(examples, pace, passes=passes), (each.grams for each in examples), most)
    fewer = [Example(tuple(g for g in each.grams if g in keep), each.target, each.weight) for each in examples]
    return fit(fewer, {gram: pace[gram] for gram in pace if gram in keep}, passes=passes)


# -- kind -----------------------------------------------------------------------------------------


def kind_of(row: dict[str, Any]) -> str | None:
    return row.get("gold_kind") or row.get("kind") or row.get("weak_kind")


def train_kind(rows: Sequence[dict[str, Any]], *, most: int = 4_000, passes: int = 4) -> dict[str, Linear]:
    """For every class two sets of weights, for the title and for the text, that learn what the other leaves open."""
    titles = [grams(plain(row["title"])) for row in rows]
    texts = [grams(plain(row["text"])[:LEAD]) for row in rows]
    in_title, in_text = vocabulary(titles), vocabulary(texts)
    examples = [
        (
            tuple(sorted(title & in_title)),
            tuple(sorted(text & in_text)),
            kind,
            GOLD_WEIGHT if "gold_kind" in row else 1.0,
        )
        for row, title, text in zip(rows, titles, texts, strict=True)
        if (kind := kind_of(row))
    ]
    models: dict[str, Linear] = {}
    for detail in DETAILS:
        first, second = fit_pair(examples, detail, passes)
        heavy = kept(first, (each[0] for each in examples), most), kept(second, (each[1] for each in examples), most)
        models[f"{detail} title"], models[f"{detail} text"] = (
            Linear({gram: linear.weights[gram] for gram in keep}, linear.bias)
            for linear, keep in zip((first, second), heavy, strict=True)
        )
    return models


def fit_pair(examples: Sequence[Any], detail: str, passes: int) -> tuple[Linear, Linear]:
    first, second, order = Learner(), Learner(), list(examples)
    shuffle = random.Random(1).shuffle
    for _ in range(passes):
        shuffle(order)
        for title, text, kind, weight in order:
            target = float(kind == detail)
            first.learn(title, target, base=second.margin(text), weight=weight)
            second.learn(text, target, base=first.margin(title), weight=weight / 2)
    return first.done(), second.done()


# -- command --------------------------------------------------------------------------------------


def as_text(what: str, models: dict[str, Linear]) -> bytes:
    """The file of figures."""
    figures = {"what": what, "models": {name: dump(linear) for name, linear in models.items()}}
    return (json.dumps(figures, ensure_ascii=False, separators=(",", ":")) + "\n").encode()


def write(path: Path, what: str, models: dict[str, Linear]) -> None:
    path.write_bytes(as_text(what, models))
    click.echo(f"{path}: {path.stat().st_size / 1e6:.2f} MB")


@click.command()
@click.argument("what", type=click.Choice(["sentiment", "kind"]))
@click.argument("sources", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), default=HERE, help="The folder to write to.")
def main(what: str, sources: tuple[Path, ...], out: Path) -> None:
    """Train the weights for WHAT from JSON lines."""
    domains = [read(path) for path in sources]
    if what == "sentiment":
        write(out / "sentiment.json", what, {"negative": train_sentiment(domains)})
    else:
        write(out / "kind.json", what, train_kind([row for rows in domains for row in rows]))


if __name__ == "__main__":
    main()
