"""How well the stage and the forecast of an event hold: ``python benchmarks/stages.py [DIR]``.

DIR holds ``heat/cascades_ced.jsonl`` (the minute of every comment on one post) and ``heat/weibo_hot_hourly.jsonl``
(counters of hot topics, about every hour). An event is wrongly over when a fifth of its comments or more are still to
come when it is first called so. Reads three hours ahead are compared with the reading nearest to that instant, at most
half an hour off. An early sign is right when the floor is reached within a day. Each figure stands beside the plain
ways to get it. Exit status 1 when a bar is missed, 2 when DIR is absent.
"""

from __future__ import annotations

import json
import sys
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

from yuqing_daemon.domain import Floors, Reading
from yuqing_daemon.rules.curve import HOUR, Curve, curve_of
from yuqing_daemon.rules.forecast import AHEAD, forecast, is_early_sign
from yuqing_daemon.rules.stage import Stage, StageRules, stage

DEFAULT = Path(__file__).resolve().parents[2] / "shared" / "data"
WRONG_OVER, STILL_TO_COME, READS_ERROR = 0.06, 0.20, 0.08
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
NEAR = timedelta(minutes=30)  # how far a reading may be from the instant foretold
MAJOR, EXTRAORDINARY = Floors(reads=1000, comments=100), Floors(reads=3000, comments=500)

SHIPPED = StageRules(
    young=timedelta(hours=6),
    rising=1.25,
    subsiding_share=0.2,
    subsiding_after=timedelta(hours=6),
    over_after=timedelta(hours=48),
    over_life_share=0.25,
    over_at_latest=timedelta(days=7),
    over_voices_share=0.0,
    over_reads_share=0.05,
    still_reads=10,
    early_sign=timedelta(hours=2),
    must_subside=timedelta(hours=24),
    spread_share=0.3,
    spread_sites=3,
    spread_within=timedelta(hours=24),
)

Row = dict[str, Any]


def rows(file: Path) -> list[Row]:
    if not file.exists():
        return []
    with file.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def main() -> int:
    folder = (Path(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT) / "heat"
    cascades, topics = rows(folder / "cascades_ced.jsonl"), rows(folder / "weibo_hot_hourly.jsonl")
    if not cascades or not topics:
        print(f"no heat in {folder}", file=sys.stderr)
        return 2
    wrong = print_over(cascades)
    error = print_forecast(topics)
    for floors in (MAJOR, EXTRAORDINARY):
        print_early_signs(cascades, floors)
    return int(wrong > WRONG_OVER or error > READS_ERROR)


# -- over ------------------------------------------------------------------------------------------


def print_over(cascades: list[Row]) -> float:
    """How often an event was called over too soon, by the shipped rules and by others; returns the shipped share."""
    all_rules = {
        "shipped": SHIPPED,
        "24 h": replace(SHIPPED, over_after=DAY, over_life_share=0.0),
        "48 h": replace(SHIPPED, over_life_share=0.0),
        "72 h": replace(SHIPPED, over_after=3 * DAY, over_life_share=0.0),
        "48 h below 5 % of the busiest hour": replace(SHIPPED, over_life_share=0.0, over_voices_share=0.05),
    }
    shares = {}
    for name, rules in all_rules.items():
        calls = [first_over(row, rules) for row in cascades]
        left = [to_come(row, after) for row, after in zip(cascades, calls, strict=True)]
        shares[name] = sum(share >= STILL_TO_COME for share in left) / len(left)
        days = median(after / DAY for after in calls)
        print(f"over, {name}: wrong {shares[name]:.4f} of {len(left)}, called after {days:.1f} days (median)")
    print(f"  bar for the shipped rules {WRONG_OVER}")
    return shares["shipped"]


def to_come(row: Row, after: timedelta) -> float:
    """The share of a post's comments that come later than so long after its birth."""
    return 1 - bisect_right(row["minutes"], after / MINUTE) / len(row["minutes"])


def first_over(row: Row, rules: StageRules) -> timedelta:
    """How long after its birth a post looked at every hour is first called over."""
    born_at = datetime.fromtimestamp(row["t0"], UTC)
    end = row["minutes"][-1] * MINUTE + 2 * rules.over_at_latest
    known_for = 10 * DAY
    while True:
        curve = curve_at(row, [HOUR * hour for hour in range(1 + min(known_for, end) // HOUR)])
        now = born_at + rules.over_after
        while now <= born_at + min(known_for, end):
            staging = stage(curve, now=now, found_at=born_at, rules=rules, floors=MAJOR)
            if staging.stage is Stage.OVER:
                return now - born_at
            now = max(now + HOUR, staging.figures.stirred_at + rules.over_after)
        known_for *= 4


def curve_at(row: Row, looks: list[timedelta]) -> Curve:
    """What looks at a post, so long after its birth, make of its comments."""
    born_at = datetime.fromtimestamp(row["t0"], UTC)
    counts = (bisect_right(row["minutes"], look / MINUTE) for look in looks)
    return curve_of(
        {"post": [Reading(url="post", at=born_at + look, comments=n) for look, n in zip(looks, counts, strict=True)]}
    )


# -- three hours ahead -----------------------------------------------------------------------------


def print_forecast(topics: list[Row]) -> float:
    """The median relative error of reads three hours ahead, and of plainer ways; returns the first."""
    errors = defaultdict(list)
    for row in topics:
        for actual, guesses in guesses_of(row):
            for name, guess in guesses.items():
                errors[name].append(abs(guess - actual) / actual)
    for name, each in errors.items():
        print(f"reads three hours ahead, {name}: median error {median(each):.3f} of {len(each)}")
    print(f"  bar for the forecast {READS_ERROR}")
    return median(errors["forecast"])


def guesses_of(row: Row) -> Iterator[tuple[int, dict[str, float]]]:
    """For each reading with another three hours later: what came, and what each way expected."""
    pairs = [(datetime.fromtimestamp(point[0], UTC), point[3]) for point in row["pts"] if point[3]]
    readings = [Reading(url="topic", at=at, reads=reads) for at, reads in pairs]
    curve = curve_of({"topic": readings})
    for (at, reads), later in ((pair, nearest(pairs, pair[0] + AHEAD)) for pair in pairs):
        expected = forecast(curve, now=at, floors=Floors()) if later else None
        point = curve.at(at)
        if later is None or expected is None or expected.reads is None or point is None:
            continue
        line = (point.reads or 0) + point.reads_per_hour * (AHEAD / HOUR)
        yield later, {"forecast": expected.reads, "straight line": line, "as now": reads}


def nearest(pairs: list[tuple[datetime, int]], instant: datetime) -> int | None:
    """The count read nearest to an instant, if it was near."""
    at, count = min(pairs, key=lambda pair: abs(pair[0] - instant))
    return count if abs(at - instant) <= NEAR else None


# -- early signs -----------------------------------------------------------------------------------


def print_early_signs(cascades: list[Row], floors: Floors) -> None:
    """How early the first sign comes before the floor, and how often it is right, for some horizons."""
    assert floors.comments is not None
    looks = (
        [10 * MINUTE * n for n in range(18)]
        + [30 * MINUTE * n for n in range(6, 48)]
        + [HOUR * n for n in range(24, 72)]
    )
    curves = [curve_at(row, looks) for row in cascades]
    reached = [
        row["minutes"][floors.comments - 1] * MINUTE if len(row["minutes"]) >= floors.comments else None
        for row in cascades
    ]
    for horizon in (HOUR, 2 * HOUR, 6 * HOUR):
        signs = [first_sign(row, curve, looks, floors, horizon) for row, curve in zip(cascades, curves, strict=True)]
        right = [
            (sign, at) for sign, at in zip(signs, reached, strict=True) if sign is not None and at and at - sign <= DAY
        ]
        given = sum(sign is not None for sign in signs)
        of = sum(at is not None and at <= looks[-1] for at in reached)
        early = median((at - sign) / MINUTE for sign, at in right)
        print(
            f"early sign of {floors.comments} comments within {horizon // HOUR} h: {given} given, right "
            f"{len(right) / given:.2f}, found {len(right) / of:.2f} of {of}, {early:.0f} min before (median)"
        )


def first_sign(row: Row, curve: Curve, looks: list[timedelta], floors: Floors, horizon: timedelta) -> timedelta | None:
    """How long after its birth a post first gives an early sign."""
    born_at = datetime.fromtimestamp(row["t0"], UTC)
    for look in looks:
        now = born_at + look
        expected = forecast(curve, now=now, floors=floors)
        if is_early_sign(expected, now=now, horizon=horizon):
            return look
        if expected and not expected.is_below:
            return None
    return None


if __name__ == "__main__":
    sys.exit(main())
