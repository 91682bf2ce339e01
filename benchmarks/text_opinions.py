"""Rows about opinions for ``text.py``: sentiment, kind, sensitive subjects, and learning from judgements.

Weights are measured on texts they never saw: they are trained here, by ``train.py``, on the texts of the data folder
that are not held out. What ships was trained on all of them. By itself: ``python benchmarks/text_opinions.py [DATA]``.
"""

from __future__ import annotations

import sys
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import cache, partial
from importlib.util import find_spec
from pathlib import Path
from random import Random
from typing import Any

import train
from text_rows import Row

from yuqing_daemon.text import kind, lessons, relevance
from yuqing_daemon.text.features import grams, plain
from yuqing_daemon.text.linear import Linear, dump, parse, shipped
from yuqing_daemon.text.opinion import judge
from yuqing_daemon.text.subjects import find_subjects

SETS = {
    "weibo": ("weibo2018", 0.83),
    "hotel": ("hotel_reviews", 0.87),
    "waimai": ("waimai_reviews", 0.89),
    "shopping": ("shopping_reviews", 0.87),
    "finance": ("finance_news_company", 0.92),
    "stock": ("stock_forum", 0.90),
    "car": ("car_forum_aspects", 0.74),
    "usual": ("smp2020_usual_emotion", 0.83),
    "virus": ("smp2020_virus_emotion", 0.88),
}
NEAR, MEAN = 0.015, 0.855  # of each bar, and of all together
ROUNDS = 10  # each text is held out in one of them; a tenth alone puts a set up or down by two hundredths
LEARNED = {0: 0.67, 200: 0.81, 400: 0.84}  # decisions on a forum never seen, and the bar
STEP = 20  # decisions between two choices of what to ask about
Pairs = list[tuple[Any, Any]]


def rows(data: Path) -> Iterator[Row]:
    yield from sentiment(data)
    yield from speed(data)
    yield from kinds(data)
    yield from subjects(data)
    yield from learning(data)
    yield from names(data)


# -- measures -------------------------------------------------------------------------------------


def f1(pairs: Pairs, label: Any) -> float:
    both = sum(said == is_ == label for is_, said in pairs)
    either = sum((said == label) + (is_ == label) for is_, said in pairs)
    return 2 * both / either if either else 0.0


def macro(pairs: Pairs, labels: Sequence[Any] = (0, 1)) -> float:
    return sum(f1(pairs, label) for label in labels) / len(labels)


def is_held(row: dict[str, Any], round: int) -> bool:
    return zlib.crc32(str(row["id"]).encode()) % ROUNDS == round


@cache
def domains(data: Path) -> dict[str, list[dict[str, Any]]]:
    return {name: train.read(data / "sentiment" / f"{file}.jsonl") for name, (file, _) in SETS.items()}


def clear(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return [row for row in rows if row["label"] in train.TARGETS]


# -- sentiment ------------------------------------------------------------------------------------


def sentiment(data: Path) -> Iterator[Row]:
    with ProcessPoolExecutor() as processes:
        rounds = list(processes.map(partial(held_out, data), range(ROUNDS)))
    size = max(size for size, _ in rounds)
    scores = {name: macro([pair for _, found in rounds for pair in found[name]]) for name in SETS}
    plain_way = libraries(data)
    for name, (_, bar) in SETS.items():
        yield row(f"sentiment, macro-F1: {name}", scores[name], bar - NEAR, plain_way.get(name, ""))
    yield row("sentiment, macro-F1: mean of nine", sum(scores.values()) / len(scores), MEAN)
    yield Row(what="sentiment weights, MB", measured=f"{size / 1e6:.2f}", bar="<= 0.50", holds=size <= 500_000)


def held_out(data: Path, round: int) -> tuple[int, dict[str, Pairs]]:
    """Weights from the texts that are not held out in this round: their size in bytes, what they say of the others."""
    taught = [[row for row in rows if not is_held(row, round)] for rows in domains(data).values()]
    trained = train.train_sentiment(taught)
    model = parse(dump(trained))
    found = {
        name: [
            (int(train.TARGETS[row["label"]]), says(model, row["text"])) for row in clear(rows) if is_held(row, round)
        ]
        for name, rows in domains(data).items()
    }
    return len(train.as_text("sentiment", {"negative": trained})), found


def says(model: Linear, text: str) -> int:
    return int(model.margin(grams(plain(text))) > 0)


def row(what: str, measured: float, bar: float, plain_way: str = "") -> Row:
    return Row(
        what=what, measured=f"{measured:.3f}", bar=f">= {bar:.3f}", holds=round(measured, 3) >= bar, baseline=plain_way
    )


def libraries(data: Path, most: int = 60) -> dict[str, str]:
    """What a library says of some of the texts, if one is installed."""
    if not find_spec("snownlp"):
        print("  snownlp is not installed: no library beside the sentiment", file=sys.stderr)
        return {}
    from snownlp import SnowNLP

    found = {}
    for name, rows in domains(data).items():
        some = clear(rows)
        Random(1).shuffle(some)
        pairs = [
            (int(train.TARGETS[r["label"]]), int(SnowNLP(r["text"]).sentiments < 0.5)) for r in some[:most] if r["text"]
        ]
        found[name] = f"snownlp {macro(pairs):.2f} on {len(pairs)}"
    return found


def speed(data: Path) -> Iterator[Row]:
    texts = [row["text"] for rows in domains(data).values() for row in rows[:300]]
    model = shipped("sentiment")["negative"]
    for what, bar, action in (
        ("sentiment, texts/s one by one", 6000, lambda text: model.margin(grams(plain(text)))),
        ("everything of text judge, texts/s", 2000, lambda text: judge("", text)),
    ):
        action(texts[0])
        took = cpu(action, texts)
        yield Row(what=what, measured=f"{len(texts) / took:,.0f}", bar=f">= {bar:,}", holds=len(texts) / took >= bar)


def cpu(action: Callable[[str], object], texts: Iterable[str]) -> float:
    began = time.process_time()
    for text in texts:
        action(text)
    return time.process_time() - began


# -- kind and subject -----------------------------------------------------------------------------


def kinds(data: Path) -> Iterator[Row]:
    """By the messages a person has read, a quarter of which is held out in turn."""
    board = train.read(data / "kind" / "message_board.jsonl")
    others = train.read(data / "kind" / "consumer_complaints.jsonl")
    read = [row for row in board if row.get("gold_kind")]
    Random(3).shuffle(read)
    rest = [row for row in board if not row.get("gold_kind")] + others
    pairs: Pairs = []
    cued: Pairs = []
    for part in range(4):
        taught = [row for number, row in enumerate(read) if number % 4 != part]
        with weights("kind", train.train_kind(rest + taught)):
            for row_ in read[part::4]:
                pairs.append((row_["gold_kind"], kind.find_kind(row_["title"], row_["text"]).detail))
                cued.append((row_["gold_kind"], row_.get("weak_kind") or "complaint"))
    labels = ("inquiry", "complaint", "appeal", "suggestion")
    rights = [sum(a == b for a, b in some) / len(some) for some in (pairs, cued)]
    yield row("kind of messages, accuracy", rights[0], 0.82, f"cue words alone {rights[1]:.3f}")
    yield row("kind of messages, macro-F1", macro(pairs, labels), 0.76, f"cue words alone {macro(cued, labels):.3f}")


@contextmanager
def weights(name: str, models: dict[str, Linear]) -> Iterator[None]:
    """Let the rules go by other weights for a while."""
    rounded = {question: parse(dump(model)) for question, model in models.items()}
    usual = kind.shipped
    kind.shipped = lambda asked: rounded if asked == name else usual(asked)  # type: ignore[assignment]
    kind._table.cache_clear()
    try:
        yield
    finally:
        kind.shipped = usual
        kind._table.cache_clear()


def subjects(data: Path) -> Iterator[Row]:
    titles = train.read(data / "kind" / "sensitive_subject_titles.jsonl")
    pairs = [(row["subject"] != "none", bool(find_subjects(row["title"]))) for row in titles]
    both = sum(is_ and said for is_, said in pairs)
    yield row("sensitive subjects of titles, recall", both / sum(is_ for is_, _ in pairs), 0.97)
    yield row("sensitive subjects of titles, precision", both / sum(said for _, said in pairs), 0.77)


# -- learning -------------------------------------------------------------------------------------


def learning(data: Path) -> Iterator[Row]:
    """Decisions on a forum that the weights never saw: those asked first of which they are least sure."""
    curve = learning_curve(data)
    for decisions, bar in LEARNED.items():
        yield row(f"stock forum never seen, {decisions} decisions, macro-F1", curve[decisions], bar)
    print(drawn(curve))


def learning_curve(data: Path, domain: str = "stock", most: int = 400) -> dict[int, float]:
    others = [rows for name, rows in domains(data).items() if name != domain]
    general = parse(dump(train.train_sentiment(others)))
    rows = clear(domains(data)[domain])
    Random(7).shuffle(rows)
    test, pool = rows[:1500], rows[1500:3500]
    base = lambda words: general.margin(grams(plain(words)))  # noqa: E731 - it is given on as it stands
    given = {row["id"]: base(row["text"]) for row in rows[:3500]}
    taught: list[lessons.Lesson] = []
    own: lessons.Parts = {}
    curve = {}
    while True:
        curve[len(taught)] = macro([(int(train.TARGETS[r["label"]]), int(judged(own, r, given) > 0)) for r in test])
        if len(taught) >= most:
            return curve
        pool.sort(key=lambda r: abs(judged(own, r, given)))
        taught += [lessons.Lesson(r["text"], r["label"] == "neg") for r in pool[:STEP]]
        del pool[:STEP]
        own = lessons.learn(lessons.SENTIMENT, taught, base=base)


def judged(own: lessons.Parts, row: dict[str, Any], given: dict[str, float]) -> float:
    return given[row["id"]] + (own["text"].margin(grams(plain(row["text"]))) if own else 0.0)


def drawn(curve: dict[int, float]) -> str:
    """The curve as text, one line a step."""
    low = min(curve.values())
    lines = [f"  {count:4}  {score:.3f}  {'#' * round(1 + (score - low) * 200)}" for count, score in curve.items()]
    return "\n".join(["  decisions on the stock forum, macro-F1 on 1,500 others", *lines])


def names(data: Path, most: int = 50, tries: int = 10) -> Iterator[Row]:
    """Names that are also words: fifty judgements on the topic, those least sure first."""
    sentences = train.read(data / "keywords" / "ambiguous_names.jsonl")
    seen = [(relevance.context("", row["text"], [row["keyword"]]), bool(row["expect"])) for row in sentences]
    target = lessons.RELEVANCE + "names"
    pairs: Pairs = []
    untaught: Pairs = []
    for number in range(tries):
        pool = list(seen)
        Random(number).shuffle(pool)
        taught = [lessons.Lesson(*pool.pop()) for _ in range(10)]
        while len(taught) < most:
            own = lessons.learn(target, taught)
            pool.sort(key=lambda each: abs(lessons.margin(target, own, each[0])))
            taught += [lessons.Lesson(*each) for each in pool[:10]]
            del pool[:10]
        own = lessons.learn(target, taught)
        pairs += [(yes, lessons.margin(target, own, words) > 0) for words, yes in pool]
        untaught += [(yes, relevance.prior(words) > 0) for words, yes in pool]
    told = f"none {f1(untaught, True):.2f}, every hit {f1([(yes, True) for yes, _ in pairs], True):.2f}"
    yield row("names that are words, 50 judgements, F", f1(pairs, True), 0.75, told)


def main() -> int:
    data = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parents[2] / "shared" / "data"
    missed = 0
    for each in rows(data):
        print(
            f"{'' if each.holds else 'MISS':4} {each.what:56} {each.measured:>10} {each.bar:>10}   {each.baseline}",
            flush=True,
        )
        missed += not each.holds
    return int(missed > 0)


if __name__ == "__main__":
    sys.exit(main())
