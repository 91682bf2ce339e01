"""Readings for the tests of curves, stages and forecasts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from yuqing_daemon.domain import Floors, Reading, StageRules

NOON = datetime(2025, 3, 1, 12, tzinfo=UTC)
FLOORS = Floors(reads=1000, comments=100, mainstream=1)
RULES = StageRules(
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


def after(hours: float) -> datetime:
    """So many hours after noon."""
    return NOON + timedelta(hours=hours)


def read(counter: str, counts: Mapping[int, int | None] | Mapping[float, int], *, url: str = "a") -> list[Reading]:
    """One post's readings of one counter (``reads`` or ``comments``), by hours after noon."""
    blank = [(Reading(url=url, at=after(hours)), count) for hours, count in counts.items()]
    if counter == "reads":
        return [replace(row, reads=count) for row, count in blank]
    return [replace(row, comments=count) for row, count in blank]


def comments(*counts: int, url: str = "a") -> list[Reading]:
    """One post's comments, read every hour from noon on."""
    return read("comments", dict(enumerate(counts)), url=url)


hours = st.integers(-100, 400).map(lambda quarters: quarters / 4)
counts = st.none() | st.integers(0, 3000)
looks = st.lists(st.tuples(hours, counts, counts), max_size=12)
events = st.dictionaries(st.sampled_from("abc"), looks, max_size=3).map(
    lambda posts: {
        url: [Reading(url=url, at=after(at), reads=reads, comments=said) for at, reads, said in rows]
        for url, rows in posts.items()
    }
)
