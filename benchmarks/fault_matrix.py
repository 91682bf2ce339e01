"""The fault matrix as a table: every way in which each channel can fail, through real sockets and the real engine.

``python benchmarks/fault_matrix.py [CHANNEL ...]`` prints one line a cell; exit status 1 if one is not as it has to be.
The tests run the same cells.
"""

from __future__ import annotations

import sys
import tempfile
from datetime import timedelta
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1] / "tests"
sys.path[:0] = [str(TESTS), str(TESTS / "plugins" / "senders")]  # where the cells are told

from faults import Cell, cells  # noqa: E402
from matrix import Seen, expected, run  # noqa: E402
from tls import make_authority  # noqa: E402

from yuqing_daemon.config import load, write_example  # noqa: E402
from yuqing_daemon.plugins import Plugins  # noqa: E402

ROW = "{:<18} {:<32} {:<10} {:>9} {:>9} {:<9} {:>8}  {}"
NEAR = timedelta(seconds=10)


def main(wanted: list[str]) -> int:
    print(ROW.format("channel", "fault", "outcome", "next", "hold", "state", "attempts", "next channel"))
    wrong = 0
    chosen = [cell for cell in cells() if not wanted or cell.channel.partition(" ")[0] in wanted]
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        write_example(folder / "example")
        regime = load(folder / "example", senders={"mail": None}).regime
        authority, plugins = make_authority(folder), Plugins.load()
        for cell in chosen:
            seen = run(cell, regime, folder, plugins, authority)
            print(_line(cell, seen), "" if _fits(seen, expected(cell)) else f"  <- wants {expected(cell)}")
            wrong += not _fits(seen, expected(cell))
    print(f"{len(chosen)} cells, {len(chosen) - wrong} as they have to be")
    return 1 if wrong else 0


def _line(cell: Cell, seen: Seen) -> str:
    due = f"{seen.due.total_seconds():.0f} s" if seen.due is not None else "-"
    hold = f"{seen.hold.total_seconds():.0f} s" if seen.hold else "-"
    return ROW.format(
        cell.channel, cell.fault.name, seen.answer.value, due, hold, seen.state, seen.attempts, seen.fallback
    ).rstrip()


def _fits(seen: Seen, wanted: Seen) -> bool:
    same = all(getattr(seen, name) == getattr(wanted, name) for name in ("answer", "state", "attempts", "fallback"))
    due = seen.due == wanted.due or bool(seen.due and wanted.due and abs(seen.due - wanted.due) < NEAR)
    return same and due and abs(seen.hold - wanted.hold) <= NEAR


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
