"""The bars on real labelled pages, which are not part of this repository."""

import json
import runpy
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
FOLDER = REPOSITORY.parent / "shared" / "data" / "articles"


@pytest.mark.skipif(not (FOLDER / "expected.jsonl").exists(), reason="the labelled pages are not beside the repository")
def test_titles_times_bodies_and_decoding_keep_their_bars():
    benchmark = runpy.run_path(str(REPOSITORY / "benchmarks" / "articles.py"))
    pages = [json.loads(line) for line in (FOLDER / "expected.jsonl").read_text("utf-8").splitlines() if line]
    results = [benchmark["score"](page, (FOLDER / page["file"]).read_bytes()) for page in pages]
    for figure, bar in benchmark["BARS"].items():
        good = [result[figure] for result in results if figure in result]
        assert sum(good) / len(good) >= bar, figure
