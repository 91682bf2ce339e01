"""How well copies and excerpts are told from other stories: ``python benchmarks/stories.py [DIR]``.

DIR holds ``reposts/derived_reposts.jsonl`` (edits of one original share a ``group``), ``reposts/real_pairs_gold.jsonl``
(pairs judged by a reader) and ``events/news_events.jsonl`` (their texts); further texts only fill the window. Every
edit is looked up in a window of all originals and all other texts: right if what it is most like is its own original,
wrong if that belongs to another event. Exit status 1 when a bar is missed, 2 when DIR is absent.
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from yuqing_daemon.text.story import Likeness, clauses, compare, distinct

DEFAULT = Path(__file__).resolve().parents[2] / "shared" / "data"
FILLERS = ("kind/message_board.jsonl", "sentiment/finance_news_company.jsonl", "kind/rumor_ced.jsonl")
RECALL, PRECISION, ROUND_UPS, COPY_OR_EXCERPT = 0.985, 0.998, 0.05, 0.90

Row = Mapping[str, Any]


def rows(file: Path) -> list[Row]:
    if not file.exists():
        return []
    with file.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def clauses_of(row: Row) -> dict[int, int]:
    return clauses(row.get("title") or "", row.get("body") or row.get("text") or "")


@dataclass
class Window:
    """Posts by their clauses, and under how many events each clause was seen."""

    posts: dict[str, dict[int, int]] = field(default_factory=dict)
    event_of: dict[str, str] = field(default_factory=dict)
    holders: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))

    def add(self, id: str, event: str, mine: dict[int, int]) -> None:
        self.posts[id], self.event_of[id] = mine, event
        for clause in mine:
            self.holders[clause].append(id)

    def spread(self) -> dict[int, int]:
        return {clause: len({self.event_of[id] for id in ids}) for clause, ids in self.holders.items()}

    def without(self, spread: Mapping[int, int]) -> Window:
        """The same posts without their boilerplate."""
        slim = Window()
        for id, mine in self.posts.items():
            slim.add(id, self.event_of[id], distinct(mine, spread))
        return slim

    def nearest(self, mine: dict[int, int]) -> tuple[str, Likeness]:
        """The post it has most in common with, and how much."""
        shared: Counter[str] = Counter()
        for clause, size in mine.items():
            for id in self.holders.get(clause, ()):
                shared[id] += size
        found = ((id, compare(mine, self.posts[id])) for id, _ in shared.most_common(5))
        return max(found, key=lambda pair: pair[1].share_larger, default=("", Likeness(0.0, 0.0, "")))


def main() -> int:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT
    derived = rows(folder / "reposts" / "derived_reposts.jsonl")
    if not derived:
        print(f"no reposts in {folder}", file=sys.stderr)
        return 2
    news = {row["id"]: row for row in rows(folder / "events" / "news_events.jsonl")}
    window = Window()
    texts = list(window_rows(folder, derived, news))
    started = time.process_time()
    for id, event, row in texts:
        window.add(id, event, clauses_of(row))
    rate = len(texts) / (time.process_time() - started)
    print(f"window of {len(window.posts)} texts, {len(window.holders)} clauses; {rate:.0f} texts/s put in")
    print("edits, all clauses:")
    print_edits(window, {}, derived)
    print("edits, without boilerplate:")
    spread = window.spread()
    missed = print_edits(window.without(spread), spread, derived)
    return int(missed | print_pairs(window, news, rows(folder / "reposts" / "real_pairs_gold.jsonl")))


def window_rows(folder: Path, derived: list[Row], news: Mapping[str, Row]) -> Iterator[tuple[str, str, Row]]:
    """Originals, other news and fillers, each with its event: a post that belongs to none is its own."""
    originals = {row["group"]: row for row in derived if row["edit"] == "original"}
    for group, row in originals.items():
        yield group, news[group]["event"] if group in news else group, row
    for id, row in news.items():
        if id not in originals:
            yield id, row["event"], row
    for file in FILLERS:
        for row in rows(folder / file):
            if row["id"] not in originals:
                yield row["id"], row["id"], row


def print_edits(window: Window, spread: Mapping[int, int], derived: list[Row]) -> bool:
    """How every kind of edit is told, and the sums; returns whether a bar is missed."""
    told: dict[str, Counter[str]] = defaultdict(Counter)
    started = time.process_time()
    for row in derived:
        if row["edit"] == "original":
            continue
        own = row["group"].split("#")[0]
        id, likeness = window.nearest(distinct(clauses_of(row), spread))
        is_own = id == own or window.event_of.get(id) == window.event_of.get(own)
        told[row["edit"]][likeness.relation if is_own else "wrong" if likeness.relation else ""] += 1
    took = time.process_time() - started
    for edit, counts in sorted(told.items()):
        shares = {name: f"{counts[name] / counts.total():.3f}" for name in ("copy", "excerpt", "wrong")}
        print(f"  {edit:14}", *(f"{name} {share}" for name, share in shares.items()))
    print(f"  {sum(counts.total() for counts in told.values()) / took:.0f} texts/s looked up")
    round_ups = told.pop("digest")
    recall, precision = recall_of(told.values()), precision_of([*told.values(), round_ups])
    print(f"  found {recall:.3f}, bar {RECALL}")
    print(f"  of those right {precision:.4f}, bar {PRECISION}")
    return recall < RECALL or precision < PRECISION or round_ups["copy"] > ROUND_UPS * round_ups.total()


def recall_of(counts: Any) -> float:
    total: Counter[str] = sum(counts, Counter())
    return (total["copy"] + total["excerpt"]) / total.total()


def precision_of(counts: Any) -> float:
    total: Counter[str] = sum(counts, Counter())
    return 1 - total["wrong"] / (total.total() - total[""])


def print_pairs(window: Window, news: Mapping[str, Row], pairs: list[Row]) -> bool:
    """Real pairs with and without the boilerplate; returns whether the bar is missed."""
    by_news = {id: clauses_of(row) for id, row in news.items()}
    spread = window.spread()
    score = 0.0
    for name, events in (("all clauses", {}), ("without boilerplate", spread)):
        told = Counter[tuple[str, str]]()
        for pair in pairs:
            one, other = (distinct(by_news[pair[side]], events) for side in "ab")
            told[pair["label"], compare(one, other).relation] += 1
        copies = f_score(told, {"repost"}, {"copy"})
        score = f_score(told, {"repost", "partial"}, {"copy", "excerpt"})
        print(f"{len(pairs)} real pairs, {name}: copy F {copies:.3f}, copy or excerpt F {score:.3f}")
    print(f"copy or excerpt, bar {COPY_OR_EXCERPT}")
    return score < COPY_OR_EXCERPT


def f_score(told: Counter[tuple[str, str]], labels: set[str], relations: set[str]) -> float:
    right = sum(count for (label, relation), count in told.items() if label in labels and relation in relations)
    either = sum(count * ((label in labels) + (relation in relations)) for (label, relation), count in told.items())
    return 2 * right / either if either else 0.0


if __name__ == "__main__":
    sys.exit(main())
