"""How fast 10,000 words are found in posts: ``python benchmarks/matching.py [DIR]``.

Measures the whole of it, normalising, matching and evidence, against asking for every word by itself and against one
regular expression of all words, in the same run; the ratio is what counts, the machine is not. DIR holds real texts as
``*/*.jsonl`` with ``title`` and ``body`` or ``text``; without it, texts are made of dictionary words as often as they
are used. Exit status 1 when the ratio to the plain loop misses its bar.
"""

from __future__ import annotations

import json
import random
import re
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import jieba  # type: ignore[import-untyped]

from yuqing_daemon.domain import Post, Topic
from yuqing_daemon.text.matcher import Matcher
from yuqing_daemon.text.normalise import normalise

DEFAULT = Path(__file__).resolve().parents[2] / "shared" / "data"
BAR = 20  # times the plain loop
WORDS, TOPICS = 10_000, 100
POSTS, SLICE = 2_000, 12  # the slow ones read only a slice
AT = datetime(2025, 3, 1, tzinfo=UTC)


def main() -> int:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT
    rng = random.Random(1)
    usage = dict(jieba.Tokenizer().gen_pfdict(jieba.dt.get_dict_file())[0])
    rare = [word for word, often in usage.items() if 3 <= len(word) <= 7 and 0 < often < 20 and word.isalpha()]
    words = rng.sample(rare, WORDS)
    read = list(islice(real_posts(folder), POSTS))
    posts = read or list(islice(made_posts(usage, rng), POSTS))
    print(f"{len(posts)} {'real' if read else 'made'} texts, {megabytes(posts):.1f} MB, {WORDS} words")

    matcher = Matcher(tuple(Topic(id=str(n), any=tuple(words[n::TOPICS])) for n in range(TOPICS)))
    alternation = re.compile("|".join(map(re.escape, words)))
    some = posts[:: max(1, len(posts) // SLICE)]
    loop = speed(some, lambda post: [word for word in words if word in post.text])
    expression = speed(some, lambda post: alternation.findall(post.text))
    ours = speed(posts, matcher.find)
    print(f"  normalise alone        {speed(posts, lambda post: normalise(post.text)):9.2f} MB/s")
    print(f"  normalise, match, why  {ours:9.2f} MB/s")
    print(f"  word by word           {loop:9.2f} MB/s   ours is {ours / loop:.0f} times as fast, bar {BAR}")
    print(f"  regular expression     {expression:9.2f} MB/s   ours is {ours / expression:.0f} times as fast")
    return int(ours < BAR * loop)


def real_posts(folder: Path) -> Iterator[Post]:
    """Posts of the files with long texts, in turn."""
    files = [folder / "events" / "news_events.jsonl", folder / "kind" / "message_board.jsonl"]
    for file in filter(Path.exists, files):
        with file.open(encoding="utf-8") as lines:
            for line in islice(lines, POSTS // 2):
                said = json.loads(line)
                yield post(said.get("title", ""), said.get("body") or said.get("text") or "")


def made_posts(usage: dict[str, int], rng: random.Random) -> Iterator[Post]:
    """Posts of dictionary words as often as they are used, a comma after every eight."""
    words, weights = list(usage), list(usage.values())
    while True:
        said = rng.choices(words, weights, k=600)
        clauses = ("".join(said[start : start + 8]) for start in range(0, len(said), 8))
        yield post("".join(said[:6]), "，".join(clauses))


def post(title: str, text: str) -> Post:
    return Post(url="https://bbs.example/1", source="bbs", title=title, text=text, fetched_at=AT)


def megabytes(posts: list[Post]) -> float:
    return sum(len((post.title + post.text).encode()) for post in posts) / 1e6


def speed(posts: list[Post], work: Callable[[Post], object]) -> float:
    """The best of three, in megabytes of UTF-8 a second of CPU."""
    best = float("inf")
    for _ in range(3):
        start = time.process_time()
        for post in posts:
            work(post)
        best = min(best, time.process_time() - start)
    return megabytes(posts) / best


if __name__ == "__main__":
    sys.exit(main())
