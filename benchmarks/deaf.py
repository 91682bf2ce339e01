"""Whether we notice that we are deaf, and stay calm while we are not: ``python benchmarks/deaf.py [YEARS]``.

Sites with their own days and weeks are visited for years on a clock of our own, with nothing between the visit and
``rules/health``: a news portal, a quiet bureau with two notices a week, a site that writes on working days alone, a
daily notice, a feed, a busy forum, through Spring Festival and National Day. They post by chance, at their hours, with
bursts; one page in two hundred has no text, one visit in two thousand fails, lists vary in length. Left alone, every
change of state is a false alarm. Then each way to break is put upon each site, at a time of its own, and the visits
until it is noticed are counted.

An expected interval is the written one. Visits come as the engine plans them, and the breakage right after one of them.
For what only a new article can show it is the site's time between two visits that bring one. Silence has its own rule:
its time is given beside the usual gap.
Exit status 1 when a bar is missed: noticed within two expected intervals, no false alarm.
"""

from __future__ import annotations

import math
import random
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from statistics import median

from deaf_site import BEGIN, SITES, Run, Site, probed

from yuqing_daemon.rules.health import Piece, Seen, Signs, State, Trouble
from yuqing_daemon.rules.health.rhythm import usual_gap

LEARNED = timedelta(weeks=12)  # before a breakage
BAR = 2.0

# -- ways to break ----------------------------------------------------------------------------------


def _failed(trouble: Trouble, error: str) -> Callable[[Seen, Run], Seen]:
    def change(seen: Seen, run: Run) -> Seen:
        signs = Signs(trouble=trouble)
        return replace(seen, failed=True, unchanged=False, links=0, new=0, pieces=(), signs=signs, error=error)

    return change


def _list(links: int = 0, **signs: object) -> Callable[[Seen, Run], Seen]:
    def change(seen: Seen, run: Run) -> Seen:
        signs_ = Signs(**{"lists": 1, "list_bytes": 9000, **signs})  # type: ignore[arg-type]
        return replace(seen, failed=False, unchanged=False, links=links, new=0, pieces=(), signs=signs_, error="")

    return change


def _pages(spoil: Callable[[Piece], Piece], *gone: str) -> Callable[[Seen, Run], Seen]:
    def change(seen: Seen, run: Run) -> Seen:
        counted = {name: 0 if name in gone else number for name, number in seen.signs.counted.items()}
        signs = replace(seen.signs, counted=counted)
        asked = probed(run, gone) if run.history.suspect and not seen.failed else {}
        return replace(seen, pieces=tuple(map(spoil, seen.pieces)), signs=signs, probed=asked)

    return change


def _rows(seen: Seen, run: Run) -> Seen:
    return replace(seen, signs=replace(seen.signs, rows_counted={}))


def _stale(seen: Seen, run: Run) -> Seen:
    return replace(seen, new=0, pieces=(), signs=replace(seen.signs, looked=0, counted={}, items=0))


VISITS, ARTICLES, ITS_OWN = "visits", "articles", "its own"
MODES: dict[str, tuple[State, str, Callable[[Seen, Run], Seen]]] = {
    "list without links": (State.BROKEN, VISITS, _list(list_bytes=15_000)),
    "login page": (State.BLOCKED, VISITS, _list(list_bytes=3000, gate="it asks for a password")),
    "captcha": (State.BLOCKED, VISITS, _list(list_bytes=900, gate="a short page that says 验证")),
    "another host": (State.BLOCKED, VISITS, _list(host="parked.example", links=3)),
    "one page everywhere": (State.BLOCKED, VISITS, _list(links=30, same=12)),
    "HTTP 403": (State.UNREACHABLE, VISITS, _failed(Trouble.REFUSED, "HTTP 403")),
    "no answer": (State.UNREACHABLE, VISITS, _failed(Trouble.NETWORK, "no answer in time")),
    "spider raises": (State.FAILING, VISITS, _failed(Trouble.SPIDER, "RuntimeError")),
    "spider does nothing": (State.IDLE, VISITS, _failed(Trouble.IDLE, "the spider does nothing")),
    "redesign": (State.DEGRADED, ARTICLES, _pages(lambda piece: replace(piece, chars=0), "body")),
    "times gone": (State.TIMELESS, ARTICLES, _pages(lambda piece: replace(piece, published_at=None), "time")),
    "counters gone": (State.METRICS, ARTICLES, _pages(lambda piece: piece, "reads", "comments")),
    "list counters gone": (State.METRICS, VISITS, _rows),
    "stale list": (State.SILENT, ITS_OWN, _stale),
}


NEEDS = {"counters gone": "counters", "list counters gone": "listed"}


def grown(site: Site, seed: int) -> Run:
    """A site as it is known after some weeks."""
    run = Run(site, random.Random(seed))
    while run.now < BEGIN + LEARNED:
        run.visit()
    return run


def noticed(site: Site, mode: str, seed: int, begun: Run) -> tuple[float, timedelta] | None:
    """After how many expected intervals a breakage is noticed, and after what time; ``None``: never, or as another."""
    state, unit, change = MODES[mode]
    run = replace(begun, dice=random.Random(seed))
    for _ in range(run.dice.randint(0, 400)):  # a time of its own
        run.visit()
    began, with_articles = run.now, 0
    while run.now - began < timedelta(days=150):
        before = run.now
        spoiled: list[bool] = []

        def watched(seen: Seen, run: Run, spoiled: list[bool] = spoiled) -> Seen:
            spoiled.append(bool(seen.pieces) and not seen.failed)
            return change(seen, run)

        found = run.visit(watched)
        with_articles += spoiled[0]
        if found.state is state:
            if unit == ARTICLES:  # the articles that had to come, and the visit that looked again
                return with_articles + (0 if spoiled[0] else (run.now - before) / site.every / 10), run.now - began
            return (run.now - began) / site.every, run.now - began
    return None


def quiet_years(site: Site, years: float, seed: int) -> Iterator[tuple[datetime, State, str]]:
    """Every wrong alarm on a site that is well."""
    run = Run(site, random.Random(seed))
    while run.now < BEGIN + timedelta(days=365 * years):
        was = run.state
        found = run.visit()
        if found.state is not was and not found.state.is_good:
            yield run.now, found.state, found.reason


def usual_hours(run: Run) -> float:
    """The site's usual longest gap in hours of its mean pace: what silence is held against."""
    week = sum(run.history.rhythm.counts.values())
    weeks = (1 - 0.5 ** (LEARNED / timedelta(weeks=6))) * 6 / math.log(2)
    return usual_gap(run.history.rhythm) / (week / weeks) * 168


def main(years: float = 1.0, tries: int = 5, sites: tuple[Site, ...] = SITES) -> int:
    """Print both tables; the exit status."""
    missed = 0
    print(f"wrong alarms on sites that are well, {years:g} years each")
    for number, site in enumerate(sites):
        wrong = list(quiet_years(site, years, seed=100 + number))
        missed += len(wrong)
        print(f"  {site.name:14} {len(wrong) / years:6.2f} a site-year")
        for at, state, reason in wrong:
            print(f"      {at:%Y-%m-%d %H:%M} {state.value}: {reason}")
    print(f"\nnoticed after so many expected intervals, the worst of {tries} tries; silence: its time")
    print(f"  {'':22}" + "".join(f"{site.name:>14}" for site in sites))
    begun = [grown(site, seed=number) for number, site in enumerate(sites)]
    for mode, (_, unit, _) in MODES.items():
        cells = []
        for number, site in enumerate(sites):
            if mode in NEEDS and not getattr(site, NEEDS[mode]):
                cells.append("-")
                continue
            found = [noticed(site, mode, seed, begun[number]) for seed in range(tries)]
            told = [each for each in found if each is not None]
            if len(told) < len(found):
                cells.append("missed")
                missed += 1
            elif unit == ITS_OWN:
                hours = median(span / timedelta(hours=1) for _, span in told)
                cells.append(f"{hours:.0f} h, {hours / usual_hours(begun[number]):.1f}x")
            else:
                worst = max(intervals for intervals, _ in told)
                missed += worst > BAR
                cells.append(f"{worst:.1f}" + ("!" if worst > BAR else ""))
        print(f"  {mode:22}" + "".join(f"{cell:>14}" for cell in cells))
    print(f"\n{missed} missed" if missed else "\nall bars met")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]) if len(sys.argv) > 1 else 1.0))
