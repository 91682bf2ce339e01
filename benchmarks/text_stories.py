"""Stories and events as `yuqing text stories` and `yuqing text events` tell them, on real texts.

``rows(data)`` is what benchmarks/text.py prints of it; ``python benchmarks/text_stories.py [DIR]`` prints these alone.
Edited copies come into a window of 100,000 texts: the originals, other articles, and sentences of real texts put
together anew. Events are those of the news set, with 800 articles mixed in that have nothing to do with them.
"""

from __future__ import annotations

import json
import random
import resource
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from text_rows import Row

from yuqing_daemon.text.index import EventIndex, StoryIndex
from yuqing_daemon.text.story import clauses, compare, distinct

DEFAULT = Path(__file__).resolve().parents[2] / "shared" / "data"
WINDOW, NOISE = 100_000, 800
FILLERS = ("kind/message_board.jsonl", "sentiment/finance_news_company.jsonl", "kind/rumor_ced.jsonl")
UNRELATED = ("kind/emergency_cec.jsonl", "sentiment/finance_news_company.jsonl", "kind/message_board.jsonl")
REVIEWS = (
    ("hotels", "sentiment/hotel_reviews.jsonl", ""),
    ("fruit", "sentiment/shopping_reviews.jsonl", "水果"),
    ("meals brought home", "sentiment/waimai_reviews.jsonl", ""),
)
REVIEWED = 800
Record = Mapping[str, Any]


def rows(data: Path) -> Iterator[Row]:
    """The rows about stories and events; none if the sets are not there."""
    derived, news = read(data / "reposts/derived_reposts.jsonl"), read(data / "events/news_events.jsonl")
    if derived and news:
        yield from of_reposts(data, derived, news)
        yield from of_pairs(read(data / "reposts/real_pairs_gold.jsonl"), news)
        yield from of_events(data, news)
        yield from of_reviews(data)


def read(file: Path) -> list[Record]:
    if not file.exists():
        return []
    with file.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def text_of(row: Record) -> tuple[str, str]:
    return row.get("title") or "", row.get("body") or row.get("text") or ""


# -- reposts --------------------------------------------------------------------------------------


def of_reposts(data: Path, derived: Sequence[Record], news: Sequence[Record]) -> Iterator[Row]:
    event_of = {row["id"]: row["event"] for row in news}
    originals = [row for row in derived if row["edit"] == "original"]
    edits = [row for row in derived if row["edit"] != "original"]
    stories = StoryIndex()
    window = [(row["group"], *text_of(row)) for row in originals]
    window += list(fillers(data, {row["group"] for row in originals}))[: WINDOW - len(window)]
    before, started = peak_memory(), time.process_time()
    for id, title, text in window:
        stories.place(id, "", title, text)
    memory, rate = peak_memory() - before, len(window) / (time.process_time() - started)
    told = [(row, stories.place(f"edit:{row['id']}", "", *text_of(row))) for row in edits]
    counts = defaultdict[str, Counter[str]](Counter)
    for row, each in told:
        own = row["group"].split("#")[0]
        is_own = each.story == own or event_of.get(str(each.story), str(each.story)) == event_of.get(own, own)
        counts[row["edit"]][each.relation if each.relation == "new" or is_own else "wrong"] += 1
    round_ups = counts.pop("digest", Counter[str]())
    total = sum(counts.values(), Counter[str]())
    found, wrong = total["copy"] + total["excerpt"], total["wrong"]
    recall, precision = found / total.total(), found / max(1, found + wrong)
    copies = round_ups["copy"] / max(1, round_ups.total())
    print(*(f"  {edit}: {dict(count)}" for edit, count in sorted(counts.items())), sep="\n", file=sys.stderr)
    yield Row(
        what=f"edited copies found among {len(window)}",
        measured=f"{recall:.3f}",
        bar=">= 0.985",
        holds=recall >= 0.985,
        baseline=f"{simhash(window, edits)}, {min_hash(window, edits)}",
    )
    yield Row(what="... of those told, right", measured=f"{precision:.4f}", bar=">= 0.998", holds=precision >= 0.998)
    yield Row(what="... round-ups called a copy", measured=f"{copies:.3f}", bar="<= 0.05", holds=copies <= 0.05)
    yield Row(what="... items a second", measured=f"{rate:.0f}", bar=">= 8000", holds=rate >= 8000)
    yield Row(what="... memory of the window, MB", measured=f"{memory:.0f}", bar="<= 100", holds=memory <= 100)


def peak_memory() -> float:
    """The most that this process ever took, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def fillers(data: Path, taken: set[str]) -> Iterator[tuple[str, str, str]]:
    """Other real texts, and then texts of 300 characters made of their sentences."""
    sentences: list[str] = []
    for file in FILLERS:
        for row in read(data / file):
            title, text = text_of(row)
            if row["id"] not in taken:
                sentences += [part for part in text.replace("\n", "。").split("。") if 10 < len(part) < 60]
                yield row["id"], title, text
    rng = random.Random(1)
    for number in range(WINDOW):
        yield f"made:{number}", "", "".join(rng.choice(sentences)[rng.randrange(9) :] + "。" for _ in range(4))


def simhash(window: Sequence[tuple[str, str, str]], edits: Sequence[Record]) -> str:
    """How many edits 64-bit fingerprints of 4-grams find within 3 bits: the usual way, for comparison."""
    prints = {id: fingerprint(text) for id, _, text in window[: len({row["group"] for row in edits}) + 1000]}
    some = [row for row in edits if row["edit"] != "digest"][:300]
    found = sum(
        (fingerprint(text_of(row)[1]) ^ prints.get(row["group"].split("#")[0], 0)).bit_count() <= 3 for row in some
    )
    return f"simhash {found / max(1, len(some)):.2f}"


def min_hash(window: Sequence[tuple[str, str, str]], edits: Sequence[Record]) -> str:
    """The same for 128 permutations of 4-grams and a Jaccard likeness of a half, by datasketch if it is installed."""
    if not find_spec("datasketch"):
        print("  datasketch is not installed: no MinHash beside it", file=sys.stderr)
        return "MinHash not installed"
    from datasketch import MinHash, MinHashLSH

    def signed(text: str) -> Any:
        signature = MinHash(num_perm=128)
        signature.update_batch([text[at : at + 4].encode("utf-8", "replace") for at in range(max(1, len(text) - 3))])
        return signature

    index = MinHashLSH(threshold=0.5, num_perm=128)
    for id, _, text in window[: len({row["group"] for row in edits}) + 1000]:
        index.insert(id, signed(text), check_duplication=False)
    some = [row for row in edits if row["edit"] != "digest"][:300]
    found = sum(row["group"].split("#")[0] in index.query(signed(text_of(row)[1])) for row in some)
    return f"MinHash {found / max(1, len(some)):.2f}"


def fingerprint(text: str) -> int:
    votes = [0] * 64
    for gram in {text[start : start + 4] for start in range(max(1, len(text) - 3))}:
        bits = hash_of(gram)
        for place in range(64):
            votes[place] += 1 if bits >> place & 1 else -1
    return sum(1 << place for place in range(64) if votes[place] > 0)


def hash_of(gram: str) -> int:
    value = 0xCBF29CE484222325
    for byte in gram.encode("utf-8", "surrogatepass"):
        value = (value ^ byte) * 0x100000001B3 & (1 << 64) - 1
    return value ^ value >> 29


# -- pairs ----------------------------------------------------------------------------------------


def of_pairs(pairs: Sequence[Record], news: Sequence[Record]) -> Iterator[Row]:
    known = {row["id"]: clauses(*text_of(row)) for row in news}
    events: dict[int, set[str]] = defaultdict(set)
    for row in news:
        for clause in known[row["id"]]:
            events[clause].add(row["event"])
    spread = {clause: len(under) for clause, under in events.items()}
    told = Counter[tuple[str, str]]()
    for pair in pairs:
        one, other = (distinct(known[pair[side]], spread) for side in "ab")
        told[pair["label"], compare(one, other).relation] += 1
    copy = f_score(told, {"repost"}, {"copy"})
    either = f_score(told, {"repost", "partial"}, {"copy", "excerpt"})
    yield Row(what="real pairs, copy F", measured=f"{copy:.3f}", bar=">= 0.83", holds=copy >= 0.83)
    yield Row(what="real pairs, copy or excerpt F", measured=f"{either:.3f}", bar=">= 0.90", holds=either >= 0.90)


def f_score(told: Counter[tuple[str, str]], labels: set[str], relations: set[str]) -> float:
    right = sum(count for (label, relation), count in told.items() if label in labels and relation in relations)
    either = sum(count * ((label in labels) + (relation in relations)) for (label, relation), count in told.items())
    return 2 * right / either if either else 0.0


# -- events ---------------------------------------------------------------------------------------


def of_events(data: Path, news: Sequence[Record]) -> Iterator[Row]:
    posts = sorted(with_noise(data, news), key=lambda post: post[0])
    events, stories = EventIndex(), StoryIndex()
    started = time.process_time()
    told = [events.place(number, "", title, text, at) for number, (at, _, title, text) in enumerate(posts)]
    rate = len(posts) / (time.process_time() - started)
    alone = [stories.place(number, "", title, text).story for number, (_, _, title, text) in enumerate(posts)]
    gold = [event for _, event, _, _ in posts]
    precision, recall, pulled = b_cubed(gold, told)
    score, baseline = f_of(precision, recall), f_of(*b_cubed(gold, alone)[:2])
    yield Row(what="events, B-cubed precision", measured=f"{precision:.3f}", bar=">= 0.97", holds=precision >= 0.97)
    yield Row(
        what="events, B-cubed F",
        measured=f"{score:.3f}",
        bar=">= 0.76",
        holds=score >= 0.76,
        baseline=f"same text only {baseline:.2f}",
    )
    yield Row(what="... unrelated articles pulled in", measured=f"{pulled:.2%}", bar="<= 0.5 %", holds=pulled <= 0.005)
    yield Row(what="... posts a second", measured=f"{rate:.0f}", bar="", holds=True)


def of_reviews(data: Path) -> Iterator[Row]:
    """Reviews of one kind of thing, each of which tells of a happening of its own: none may join another."""
    for name, file, domain in REVIEWS:
        rows = [row for row in read(data / file) if row.get("domain", "") == domain][:REVIEWED]
        events, stories = EventIndex(), StoryIndex()
        told = [events.place(row["id"], "", "", row["text"], None) for row in rows]
        copies = sum(stories.place(row["id"], "", "", row["text"]).relation != "new" for row in rows)
        wrong = len(rows) - copies - len(set(told))
        share = wrong / max(1, len(rows))
        what = f"{len(rows)} reviews of {name}, wrongly joined"
        yield Row(what=what, measured=f"{share:.2%}", bar="<= 1 %", holds=share <= 0.01)


def with_noise(data: Path, news: Sequence[Record]) -> Iterator[tuple[datetime, str, str, str]]:
    """The news with their events, and other articles at times of theirs, each an event of its own."""
    rng = random.Random(1)
    times = [datetime.fromisoformat(row["time"]).replace(tzinfo=UTC) for row in news]
    for at, row in zip(times, news, strict=True):
        yield at, row["event"], *text_of(row)
    names = {row["event"][:2] for row in news}
    others = [row for file in UNRELATED for row in read(data / file) if not any(n in text_of(row)[1] for n in names)]
    for number, row in enumerate(rng.sample(others, min(NOISE, len(others)))):
        yield rng.choice(times), f"noise {number}", *text_of(row)


def b_cubed(gold: Sequence[str], told: Sequence[object]) -> tuple[float, float, float]:
    """Precision and recall over the news, and the share of the noise that shares an event with any news."""
    meant: dict[object, set[int]] = defaultdict(set)
    found: dict[object, set[int]] = defaultdict(set)
    for number, (event, name) in enumerate(zip(gold, told, strict=True)):
        meant[event].add(number)
        found[name].add(number)
    is_news = [not event.startswith("noise") for event in gold]
    both = [(len(meant[g] & found[t]), len(found[t]), len(meant[g])) for g, t in zip(gold, told, strict=True)]
    news = [figures for figures, real in zip(both, is_news, strict=True) if real]
    mean: Callable[[list[float]], float] = lambda values: sum(values) / len(values)  # noqa: E731
    pulled = [any(is_news[other] for other in found[t]) for t, real in zip(told, is_news, strict=True) if not real]
    return mean([n / of for n, of, _ in news]), mean([n / of for n, _, of in news]), mean([float(p) for p in pulled])


def f_of(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall)


def main() -> int:
    data = Path(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT
    told = list(rows(data))
    for row in told:
        print(f"{row.what:42} {row.measured:>8}  {row.bar:9} {'holds' if row.holds else 'MISSED':6}  {row.baseline}")
    return 2 if not told else int(not all(row.holds for row in told))


if __name__ == "__main__":
    sys.exit(main())
