"""Keywords: disguises found, sound-alikes left alone, ambiguous names, queries, speed and size."""

from __future__ import annotations

import json
import random
import time
import tracemalloc
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from matching import megabytes, post, speed
from text_rows import Row

from yuqing_daemon.domain import Post, Topic
from yuqing_daemon.text.characters import company_words
from yuqing_daemon.text.dictionary import tokenizer
from yuqing_daemon.text.matcher import Matcher

ALL = ("split", "pinyin", "homophone")
COMPANY = (("company", company_words()),)
TOPICS = 100
FAST, PLAIN = 8, 0.35  # MB/s wanted, and what asking word by word came to where that was said


def rows(data: Path) -> Iterator[Row]:
    yield from disguises(data / "keywords")
    yield from names(data / "keywords")
    yield from queries(data)
    yield from speeds(data)


def read(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def read_post(said: dict[str, Any]) -> Post:
    return post(said.get("title") or "", said.get("body") or said.get("text") or "")


def disguises(folder: Path) -> Iterator[Row]:
    wanted, others = read(folder / "evasion_positive.jsonl"), read(folder / "negative_pinyin_lookalike.jsonl")
    words = sorted({said["keyword"] for said in wanted + others})
    plain = sum(said["keyword"] in said["text"] for said in wanted) / len(wanted)
    for name, variants, found_bar, wrong_bar in (("as it comes", (), 0.59, 0.01), ("all variants", ALL, 0.80, 0.015)):
        matcher = Matcher(tuple(Topic(id=word, any=(word,), variants=variants) for word in words))
        found = sum(is_found(matcher, said) for said in wanted) / len(wanted)
        wrong = sum(is_found(matcher, said) for said in others) / len(others)
        yield row(f"disguises found, {name}", f"{found:.3f}", f">= {found_bar}", found >= found_bar, f"{plain:.3f}")
        yield row(f"sound-alikes taken for the word, {name}", f"{wrong:.2%}", f"<= {wrong_bar:.1%}", wrong <= wrong_bar)
        yield row(f"  by kind, {name}", by_kind(matcher, wanted), "", True)


def is_found(matcher: Matcher, said: dict[str, Any]) -> bool:
    return any(match.topic == said["keyword"] for match in matcher.find(read_post(said)))


def by_kind(matcher: Matcher, wanted: list[dict[str, Any]]) -> str:
    there, found = Counter[str](), Counter[str]()
    for said in wanted:
        there[said["type"]] += 1
        found[said["type"]] += is_found(matcher, said)
    return " ".join(f"{kind} {found[kind]}/{there[kind]}" for kind in sorted(there))


def names(folder: Path) -> Iterator[Row]:
    """Names that are ordinary words, with the context that ``yuqing check`` advises."""
    said = read(folder / "ambiguous_names.jsonl")
    for what, topic, bar in (
        ("name alone", partial(Topic), 0.0),
        ("whole word", partial(Topic), 0.0),
        ('context = ["list:company"]', partial(Topic, context=("list:company",), lists=COMPANY), 0.62),
    ):
        prefix = "word:" if what == "whole word" else ""
        got = [bool(Matcher((topic(id="t", any=(prefix + one["keyword"],)),)).find(read_post(one))) for one in said]
        true = sum(found and one["expect"] for found, one in zip(got, said, strict=True))
        precision, recall = true / max(1, sum(got)), true / sum(one["expect"] for one in said)
        f = 2 * precision * recall / (precision + recall)
        measured = f"{precision:.2f} {recall:.2f} {f:.2f}"
        yield row(f"ambiguous names P R F, {what}", measured, f">= {bar}" if bar else "", f >= bar)


def queries(data: Path) -> Iterator[Row]:
    cases = read(data / "keywords" / "query_cases.jsonl")
    posts = {name: [(one["id"], read_post(one)) for one in read(data / name)] for name in {c["corpus"] for c in cases}}
    right = 0
    for case in cases:
        matcher = Matcher((Topic(id="t", query=case["query"]),))
        found = {id for id, each in posts[case["corpus"]] if matcher.find(each)}
        right += found == set(case["expect"])
    yield row("queries answered with the exact set", f"{right} of {len(cases)}", "all", right == len(cases))


def speeds(data: Path) -> Iterator[Row]:
    news = read(data / "events" / "news_events.jsonl")[:1000] + read(data / "kind" / "message_board.jsonl")[:1000]
    posts = [read_post(said) for said in news]
    usage = tokenizer().FREQ
    rare = [word for word, often in usage.items() if 3 <= len(word) <= 7 and 0 < often < 20 and word.isalpha()]
    words = random.Random(1).sample(rare, 10_000)
    ours = speed(posts, Matcher(shared_out(words)).find)
    some = posts[:: max(1, len(posts) // 12)]
    loop = speed(some, lambda each: [word for word in words if word in each.text])
    what = f"normalise, match, evidence, 10,000 terms, {megabytes(posts):.1f} MB"
    holds = ours >= FAST or ours >= FAST / PLAIN * loop  # the same on a machine that is slower, or busy
    plain = f"word by word {loop:.2f} MB/s, {ours / loop:.0f} times"
    yield row(what, f"{ours:.1f} MB/s", f">= {FAST} MB/s", holds, plain)
    many = [word for word, often in usage.items() if 2 <= len(word) <= 7 and 0 < often < 20 and word.isalpha()]
    topics = shared_out(random.Random(1).sample(many, 100_000))
    started = time.process_time()
    Matcher(topics)
    took = time.process_time() - started
    yield row("100,000 terms compiled", f"{took:.2f} s", "<= 2 s", took <= 2)
    tracemalloc.start()
    kept = Matcher(topics)
    size, peak = (figure / 1e6 for figure in tracemalloc.get_traced_memory())
    tracemalloc.stop()
    del kept
    yield row("100,000 terms in memory", f"{size:.0f} MB", "<= 60 MB", size <= 60, f"while compiling {peak:.0f} MB")


def shared_out(words: list[str]) -> tuple[Topic, ...]:
    return tuple(Topic(id=str(number), any=tuple(words[number::TOPICS])) for number in range(TOPICS))


def row(what: str, measured: str, bar: str, holds: bool, baseline: str = "") -> Row:
    return Row(what=what, measured=measured, bar=bar, holds=holds, baseline=baseline)
