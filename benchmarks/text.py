"""Prints every row of the text side with its bar: ``python benchmarks/text.py [DATA] [PART...]``.

DATA is the folder of labelled texts, PART one of keywords, opinions, stories; default: all there are. Exit status 1
when a bar is missed. Accuracy is that of the public halves; speed is CPU time on this machine, with the plain way
beside it, and datasketch and snownlp where they are installed.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from text_rows import Row

DEFAULT = Path(__file__).resolve().parents[2] / "shared" / "data"
PARTS = ("keywords", "opinions", "stories")


def main() -> int:
    folders = [Path(argument) for argument in sys.argv[1:] if argument not in PARTS]
    wanted = [argument for argument in sys.argv[1:] if argument in PARTS] or PARTS
    data = folders[0] if folders else DEFAULT
    if not data.is_dir():
        print(f"no such folder: {data}")
        return 2
    print(f"{'':4} {'what':62} {'measured':>16} {'bar':>12}   plain way")
    missed = 0
    for row in rows(data, wanted):
        mark = "" if row.holds else "MISS"
        print(f"{mark:4} {row.what:62} {row.measured:>16} {row.bar:>12}   {row.baseline}", flush=True)
        missed += not row.holds
    print("all bars hold" if not missed else f"{missed} bars missed")
    return int(missed > 0)


def rows(data: Path, wanted: list[str] | tuple[str, ...]) -> Iterator[Row]:
    for part in wanted:
        if find_spec(f"text_{part}"):
            yield from import_module(f"text_{part}").rows(data)


if __name__ == "__main__":
    sys.exit(main())
