"""How much a day of visits adds to the database: ``python benchmarks/growth.py [--sources 500] [--days 1]``.

Every source is visited every five minutes; one visit in thirty brings something, one in a hundred fails. The same
visits are kept as they are kept by the daemon, and each by itself. Prints rows and bytes for 10,000 sources and a day.
Exit status 1 if the daemon's way takes more than a fifth of the other.
"""

from __future__ import annotations

import argparse
import random
import sys
from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from yuqing_daemon.store import Store, sources

EVERY, TOOK = timedelta(minutes=5), timedelta(seconds=1)
NEWS, FAILS = 1 / 30, 1 / 100
SOURCES = 10_000
BAR = 0.2


def a_day(number: int, days: int, joins: timedelta | None) -> tuple[float, float]:
    """Rows and MB that 10,000 sources take in a day."""
    store, draw = Store.in_memory(), random.Random(1)
    empty = size(store)
    for turn in range(days * int(timedelta(days=1) / EVERY)):
        at = datetime(2026, 3, 2, tzinfo=UTC) + turn * EVERY
        with store.write() as connection:
            for source in range(number):
                new, failed = int(draw.random() < NEWS), draw.random() < FAILS
                sources.add_visit(
                    connection,
                    f"source-{source}",
                    joins=None if new or failed else joins,
                    started_at=at,
                    ended_at=at + TOOK,
                    outcome="failed" if failed else "read" if new else "unchanged",
                    error="HTTP 503" if failed else "",
                    links=40,
                    pages=new,
                    found=new,
                    new=new,
                    trouble="",
                )
    with store.read() as connection:
        rows = int(connection.execute(text("select count(*) from visit")).scalar_one())
    share, grown = SOURCES / number / days, size(store) - empty
    store.close()
    return rows * share, grown * share / 1e6


def size(store: Store) -> int:
    """The bytes of the database's pages."""
    with store.read() as connection:
        pages, each = (connection.execute(text(f"pragma {what}")).scalar_one() for what in ("page_count", "page_size"))
    return int(pages) * int(each)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--sources", type=int, default=500)
    parser.add_argument("--days", type=int, default=1)
    given = parser.parse_args()
    found = {}
    for name, joins in (("each by itself", None), ("as shipped", 3 * EVERY)):
        rows, megabytes = found[name] = a_day(given.sources, given.days, joins)
        print(f"{name}: {rows:,.0f} rows and {megabytes:,.0f} MB a day for {SOURCES:,} sources")
    return int(found["as shipped"][1] > BAR * found["each by itself"][1])


if __name__ == "__main__":
    sys.exit(main())
