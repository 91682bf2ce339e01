"""How soon something new is seen, and for how many visits: ``python benchmarks/revisit.py [DIR]``.

Two simulations with the daemon's own rules. **Lists**: 1,500 sites whose posts come at lognormal rates over a day and
a night; the delay of a post is the time to the first visit after it. **Counters**: real repost cascades in
DIR/heat/cascades_ced.jsonl, first seen 5 to 35 minutes after publication, watched for a week; the delay is the time
from the crossing of 100 and 500 to the look that shows it. Exit status 1 when a bar is missed; without DIR only the
lists are simulated, and the exit status is 2.
"""

from __future__ import annotations

import json
import math
import random
import sys
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import mean, median, quantiles

from yuqing_daemon.domain import Floors, Heat, Reading
from yuqing_daemon.rules.revisit import next_look, next_visit, time_to_floor
from yuqing_daemon.rules.schedule import Limits, Pace, Tempo, interval, learn, pace_for

DEFAULT = Path(__file__).resolve().parents[2] / "shared" / "data"
START = datetime(2026, 3, 2, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
SITES, DAYS, LEARNING = 400, 6, 4  # the first days are for learning and are not counted
LIMITS = Limits(timedelta(minutes=5), timedelta(minutes=1), timedelta(minutes=30))
DAY = [0.2] * 6 + [0.6, 1.2, 2.0, 2.2, 2.0, 1.6, 1.2, 1.4, 1.6, 1.6, 1.5, 1.3, 1.0, 1.0, 0.9, 0.8, 0.5, 0.3]
MEAN_DELAY_BAR = 0.65  # of the delay of fixed intervals with as many visits
LOOKS_BAR, CROSSING_BARS = 75, {100: (5, 40), 500: (5, 59)}  # median and ninth decile, minutes
WEEK = timedelta(days=7)


# -- lists ----------------------------------------------------------------------------------------


def publications(rate: float, dice: random.Random) -> list[datetime]:
    """The instants at which a site with so many posts a day publishes."""
    found, at = [], START
    while at < START + timedelta(days=DAYS):
        expected = rate / 24 * DAY[at.hour] / mean(DAY)
        for _ in range(_poisson(expected, dice)):
            found.append(at + HOUR * dice.random())
        at += HOUR
    return sorted(found)


def _poisson(expected: float, dice: random.Random) -> int:
    if expected > 50:
        return max(round(dice.gauss(expected, math.sqrt(expected))), 0)
    count, left = 0, math.exp(-expected)
    product = dice.random()
    while product > left:
        count, product = count + 1, product * dice.random()
    return count


@dataclass(slots=True)
class Site:
    """One simulated site, and what has been seen of it."""

    posts: list[datetime]
    due_at: datetime
    seen_at: datetime = START
    tempo: Tempo = field(default_factory=Tempo)
    visits: int = 0


def watch(sites: list[list[datetime]], *, adapts: bool, dice: random.Random) -> tuple[float, list[float]]:
    """Visits a second and the delays in minutes, both after the days of learning."""
    fleet = [Site(posts, START + LIMITS.start * dice.random()) for posts in sites]
    pace, delays = Pace.before_any(LIMITS), []
    counted_from, end = START + timedelta(days=LEARNING), START + timedelta(days=DAYS)
    now = START
    while now < end:
        if adapts:
            rates = [site.tempo.rate(now.hour) for site in fleet if site.tempo.is_known]
            budget = len(fleet) / LIMITS.start.total_seconds()
            pace = pace_for(rates, beginners=len(fleet) - len(rates), budget=budget, limits=LIMITS)
        for site in fleet:
            while site.due_at < now + 10 * MINUTE:
                delays += _visit(site, pace, counted_from, adapts=adapts, dice=dice)
        now += 10 * MINUTE
    visits = sum(site.visits for site in fleet)
    return visits / (end - counted_from).total_seconds() * 10_000 / len(fleet), delays


def _visit(site: Site, pace: Pace, counted_from: datetime, *, adapts: bool, dice: random.Random) -> list[float]:
    at = site.due_at
    first, last = bisect_right(site.posts, site.seen_at), bisect_right(site.posts, at)
    new = site.posts[first:last]
    every = LIMITS.start
    if adapts:
        site.tempo = learn(site.tempo, new=len(new), since=site.seen_at, now=at, zone=UTC)
        every = interval(site.tempo, hour=at.hour, pace=pace, limits=LIMITS)
    site.seen_at, site.due_at = at, next_visit(every, now=at, draw=dice.random())
    site.visits += at >= counted_from
    return [(at - post) / MINUTE for post in new if post >= counted_from]


def lists() -> int:
    dice = random.Random(7)
    sites = [publications(15 * math.exp(1.5 * dice.gauss(0, 1)), dice) for _ in range(SITES)]
    print(f"{'lists of 10,000 sites':44}{'visits/s':>9}{'mean':>7}{'median':>8}{'p95 min':>9}")
    means = {}
    for words, adapts in (("fixed 5 min", False), ("1/sqrt(rate x hour of day), as shipped", True)):
        visits, delays = watch(sites, adapts=adapts, dice=random.Random(3))
        means[adapts] = mean(delays)
        p95 = quantiles(delays, n=20)[-1]
        print(f"{words:44}{visits:>9.1f}{means[adapts]:>7.2f}{median(delays):>8.2f}{p95:>9.1f}")
    ratio = means[True] / means[False]
    print(f"mean delay against fixed intervals: {ratio:.2f} (bar {MEAN_DELAY_BAR})")
    return int(ratio > MEAN_DELAY_BAR)


# -- counters -------------------------------------------------------------------------------------

Schedule = Callable[[timedelta, Reading, Reading], datetime]
MAJOR = Floors(comments=100)
GREATER = Floors(comments=500)


def shipped(*, grave: bool) -> Schedule:
    """The daemon's own rule: ``grave`` as for the posts of major events from the beginning."""

    def after(age: timedelta, before: Reading, last: Reading) -> datetime:
        heat = Heat(comments=last.comments)
        floors = MAJOR if (last.comments or 0) < 100 else GREATER
        born_at = last.at - age
        until = time_to_floor(heat, floors, last, before=before, born_at=born_at)
        return next_look(born_at=born_at, now=last.at, at_least=5 * MINUTE, until_floor=until, grave=grave)

    return after


def fixed(minutes: int) -> Schedule:
    """Always after so many minutes."""
    return lambda age, before, last: last.at + minutes * MINUTE


def follow(minutes: list[int], schedule: Schedule, dice: random.Random) -> tuple[int, dict[int, float]]:
    """How many looks one cascade takes in a week, and the delay in minutes of each floor that it crosses."""
    at = START + timedelta(minutes=5 + 30 * dice.random())
    before = last = Reading(url="u", at=START, comments=0)
    looks, seen = 0, {}
    while at < START + WEEK:
        count = bisect_right(minutes, (at - START) / MINUTE)
        before, last = last, Reading(url="u", at=at, comments=count)
        looks += 1
        for floor in CROSSING_BARS:
            if count >= floor and floor not in seen:
                seen[floor] = (at - START) / MINUTE - minutes[floor - 1]
        at = schedule(at - START, before, last)
    return looks, seen


def counters(folder: Path) -> int:
    with (folder / "heat" / "cascades_ced.jsonl").open(encoding="utf-8") as lines:
        cascades = [sorted(json.loads(line)["minutes"]) for line in lines]
    print(f"\n{f'counters of {len(cascades)} posts':44}{'looks':>9}{'100: median / p90':>20}{'500: median / p90':>20}")
    missed = 0
    rows = {
        "fixed 5 min": fixed(5),
        "fixed 30 min": fixed(30),
        "fixed 60 min": fixed(60),
        "age/4 and crossing, as shipped": shipped(grave=False),
        "age/8 and crossing, as shipped for major": shipped(grave=True),
    }
    for words, schedule in rows.items():
        dice = random.Random(11)
        followed = [follow(minutes, schedule, dice) for minutes in cascades]
        looks = mean(looks for looks, _ in followed)
        cells = ""
        for floor, (middle, most) in CROSSING_BARS.items():
            delays = [seen[floor] for _, seen in followed if floor in seen]
            p90 = quantiles(delays, n=10)[-1]
            cells += f"{f'{median(delays):.0f} / {p90:.0f}':>20}"
            if words == "age/4 and crossing, as shipped":
                missed += median(delays) > middle or p90 > most or looks > LOOKS_BAR
            if "major" in words:
                missed += max(delays) > 120
        print(f"{words:44}{looks:>9.0f}{cells}")
    return missed


def main() -> int:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT
    missed = lists()
    if not (folder / "heat" / "cascades_ced.jsonl").exists():
        print(f"there is no {folder / 'heat' / 'cascades_ced.jsonl'}")
        return 2
    missed += counters(folder)
    print("every bar is kept" if not missed else f"{missed} bars missed")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
