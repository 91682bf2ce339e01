"""How well articles are read from saved, labelled pages: ``python benchmarks/articles.py [DIR]``.

DIR holds ``expected.jsonl`` and the pages it names. Prints the share of titles that are exact, of publication times
right to the day and the minute, of clean bodies (all three sentences found, the boilerplate absent) and of pages
decoded right, each also as the mean over sites, and the CPU time against readability-lxml in the same run. White space
and quotation marks are removed before comparing. Pages whose label has no time are left out of the time figures, and
those whose label is a day out of the minute figure. Exit status 1 when a bar is missed, 2 when DIR is absent.
"""

from __future__ import annotations

import json
import re
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from yuqing_daemon.extract import decode, read_article

HERE = Path(__file__).resolve().parents[1]
DEFAULT = HERE.parent / "shared" / "data" / "articles"
BARS = {"title": 0.95, "minute": 0.92, "clean": 0.88, "decoding": 1.0}
CPU_BAR = 0.7
FETCHED_AT = datetime(2026, 11, 1, tzinfo=UTC)
_IGNORED = re.compile(r"[\s\"'“”‘’「」『』＂＇]")


def plain(text: str) -> str:
    return _IGNORED.sub("", text)


def score(page: dict[str, Any], body: bytes) -> dict[str, bool]:
    """Which figures one page gets right; a figure that does not apply to it is left out."""
    article = read_article(body, url=f"http://{page['site']}/", fetched_at=FETCHED_AT)
    text = plain(article.text) if article else ""
    good = {
        "title": plain(article.title if article else "") == plain(page["title"]),
        "sentences": all(plain(sentence) in text for sentence in page["body_contains"]),
        "boilerplate absent": all(plain(noise) not in text for noise in page["body_excludes"]),
        "decoding": decode(body) == body.decode(page["encoding"], "replace").removeprefix("\ufeff"),
    }
    good["clean"] = good["sentences"] and good["boilerplate absent"]
    for what in ("source", "author"):
        if page[what]:
            got = (article.source_name if what == "source" else article.author) if article else ""
            good[what] = plain(page[what]) == plain(got)
    return good | times(page, article.published_at if article else None)


def times(page: dict[str, Any], at: datetime | None) -> dict[str, bool]:
    wanted = [stamp for stamp in (page["published"], *page["published_also_ok"]) if stamp]
    if not wanted:
        return {}
    got = f"{at.astimezone(ZoneInfo('Asia/Shanghai')):%Y-%m-%d %H:%M}" if at else ""
    good = {"day": any(got[:10] == stamp[:10] for stamp in wanted)}
    if page["published_precision"] != "day":
        good["minute"] = any(got == stamp[:16] for stamp in wanted)
    return good


def cpu(work: Callable[[Any], None], texts: list[Any]) -> float:
    start = time.process_time()
    for text in texts:
        work(text)
    return time.process_time() - start


def cpu_ratio(bodies: list[bytes]) -> float:
    """CPU time of ours against readability-lxml's title and summary, both from decoded text; the best of three runs."""
    from readability import Document  # type: ignore[import-untyped]

    def theirs(text: str) -> None:
        document = Document(text)
        document.short_title(), document.summary()

    def ours(body: bytes) -> None:
        read_article(body, url="", fetched_at=FETCHED_AT)

    texts = [decode(body) for body in bodies]
    ratios = [cpu(ours, bodies) / cpu(theirs, texts) for _ in range(3)]
    return min(ratios)


def main(folder: Path) -> int:
    if not (folder / "expected.jsonl").exists():
        print(f"no labelled pages: {folder / 'expected.jsonl'} is absent; give their folder as the argument")
        return 2
    pages = [json.loads(line) for line in (folder / "expected.jsonl").read_text("utf-8").splitlines() if line]
    bodies = [(folder / page["file"]).read_bytes() for page in pages]
    figures: dict[str, list[tuple[str, bool]]] = defaultdict(list)
    for page, body in zip(pages, bodies, strict=True):
        for what, good in score(page, body).items():
            figures[what].append((page["site"], good))
            if not good:
                print(f"  missed {what:20} {page['file']}")
    missed = show(figures)
    ratio = cpu_ratio(bodies)
    print(f"CPU against readability-lxml {ratio:.2f} (bar <= {CPU_BAR})")
    return 1 if missed or ratio > CPU_BAR else 0


def show(figures: dict[str, list[tuple[str, bool]]]) -> list[str]:
    """Print the table; returns the figures under their bar."""
    missed = []
    print(f"{'figure':20} pages  share  by site  bar")
    for what, results in figures.items():
        by_site = defaultdict(list)
        for site, good in results:
            by_site[site].append(good)
        share = sum(good for _, good in results) / len(results)
        macro = sum(sum(goods) / len(goods) for goods in by_site.values()) / len(by_site)
        bar = BARS.get(what)
        print(f"{what:20} {len(results):5} {share:6.1%}  {macro:7.1%}  {'' if bar is None else f'>= {bar:.0%}'}")
        if bar is not None and share < bar:
            missed.append(what)
    return missed


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT))
