"""A simulated year of any number of events: ``python benchmarks/year.py [EVENTS] [SEED]``.

In each of three zones, two of which move their clocks, EVENTS happenings on real curves are found, grow, and are judged
at random, while the daemon is restarted, given other rules, and its clock jumps. Prints what there was, and everything
that must not be; exit status 1 if there is any such thing.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))  # where a year is told

from simulation import CURVES, ZONES, simulated

COLUMNS = (
    "events",
    "duties",
    "done",
    "breaches",
    "dropped",
    "fired",
    "acts",
    "restarts",
    "reloads",
    "jumps",
    "entries",
)
DEFAULT = (1000, 1)
SHOWN = 20  # faults


def main() -> int:
    given = (*map(int, sys.argv[1:]), *DEFAULT[len(sys.argv) - 1 :])
    events, seed = given[0], given[1]
    if not CURVES.exists():
        print(f"the real curves are not here: {CURVES}")
        return 1
    print(f"{'zone':22}" + "".join(f"{column:>10}" for column in (*COLUMNS, "CPU s", "faults")))
    found: list[str] = []
    for zone in ZONES:
        start = time.process_time()
        with simulated(zone, events=events, seed=seed) as year:
            taken, tally, faults = time.process_time() - start, year.tally(), list(year.faults())
        cells = [*(str(tally[column]) for column in COLUMNS), f"{taken:.0f}", str(len(faults))]
        print(f"{zone:22}" + "".join(f"{cell:>10}" for cell in cells), flush=True)
        found += faults
    print(*found[:SHOWN], sep="\n")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
