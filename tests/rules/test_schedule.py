"""How often a source is visited whose interval is not written (R1)."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from yuqing_daemon.rules.schedule import Limits, Pace, Tempo, interval, learn, pace_for

ZONE = ZoneInfo("Asia/Shanghai")
MORNING = datetime(2026, 3, 2, 9, tzinfo=ZONE)
LIMITS = Limits(timedelta(minutes=5), timedelta(minutes=1), timedelta(minutes=30))
EVEN = (1.0,) * 24


def watched(*, days: int, posts_at: dict[int, int]) -> Tempo:
    """A source that brings so many posts at those hours of every day, visited every half hour."""
    tempo, at = Tempo(), MORNING - timedelta(days=days)
    while at < MORNING:
        new = posts_at.get(at.hour, 0) if at.minute else 0
        tempo = learn(tempo, new=new, since=at, now=at + timedelta(minutes=30), zone=ZONE)
        at += timedelta(minutes=30)
    return tempo


def test_a_new_source_is_visited_every_five_minutes_until_it_was_watched_for_six_hours() -> None:
    pace, tempo = Pace(60.0, LIMITS.start), Tempo()
    for _ in range(12):
        assert interval(tempo, hour=9, pace=pace, limits=LIMITS) == timedelta(minutes=5)
        tempo = learn(tempo, new=9, since=MORNING, now=MORNING + timedelta(minutes=30), zone=ZONE)
    tempo = learn(tempo, new=9, since=MORNING, now=MORNING + timedelta(minutes=30), zone=ZONE)
    assert interval(tempo, hour=9, pace=pace, limits=LIMITS) == timedelta(minutes=1)


def test_four_times_the_posts_are_visited_twice_as_often() -> None:
    quiet, busy = Tempo(EVEN, EVEN), Tempo((4.0,) * 24, EVEN)
    pace = Pace(600.0, LIMITS.start)
    waits = [interval(tempo, hour=3, pace=pace, limits=LIMITS) for tempo in (quiet, busy)]
    assert waits == [timedelta(minutes=10), timedelta(minutes=5)]


@pytest.mark.parametrize(("rate", "minutes"), [(1e-9, 30), (1e6, 1)])
def test_no_interval_leaves_its_limits(rate: float, minutes: int) -> None:
    tempo = Tempo((rate,) * 24, EVEN)
    assert interval(tempo, hour=0, pace=Pace(300.0, LIMITS.start), limits=LIMITS) == timedelta(minutes=minutes)


def test_the_hours_at_which_a_source_publishes_are_learned() -> None:
    tempo = watched(days=14, posts_at={8: 6, 9: 6})
    assert tempo.rate(8) > 4 and tempo.rate(3) < 0.3
    assert sum(tempo.watched) > 150


def test_what_is_long_ago_fades() -> None:
    tempo = Tempo(posts=EVEN, watched=(10.0,) * 24)
    later = learn(tempo, new=0, since=MORNING, now=MORNING + timedelta(hours=24), zone=ZONE)
    assert later.posts[0] == pytest.approx(0.5 ** (1 / 7)) and later.watched[0] > 9


def test_a_visit_after_a_long_time_tells_nothing_of_the_hours_between() -> None:
    tempo = Tempo(posts=EVEN, watched=EVEN)
    assert learn(tempo, new=500, since=MORNING - timedelta(days=3), now=MORNING, zone=ZONE) is tempo
    assert learn(tempo, new=500, since=MORNING, now=MORNING, zone=ZONE) is tempo


def test_posts_are_counted_to_the_hours_in_which_they_may_have_come() -> None:
    since = MORNING.replace(hour=23, minute=30)
    tempo = learn(Tempo(), new=4, since=since, now=since + timedelta(hours=2), zone=ZONE)
    assert [tempo.posts[hour] for hour in (22, 23, 0, 1, 2)] == [0, 1, 2, 1, 0]
    assert [tempo.watched[hour] for hour in (23, 0, 1)] == [0.5, 1, 0.5]


def visits(pace: Pace, rates: list[float]) -> float:
    tempos = [Tempo((rate,) * 24, EVEN) for rate in rates]
    return sum(1 / interval(tempo, hour=0, pace=pace, limits=LIMITS).total_seconds() for tempo in tempos)


@pytest.mark.parametrize("budget", [1.0, 2.0, 3.3, 8.0])
def test_all_visits_together_keep_to_the_budget_and_use_it(budget: float) -> None:
    rates = [0.002 * 1.01**n for n in range(1000)]
    pace = pace_for(rates, beginners=0, budget=budget, limits=LIMITS)
    assert visits(pace, rates) == pytest.approx(budget, rel=0.01)


def test_beginners_share_the_budget_and_wait_longer_if_it_is_small() -> None:
    roomy = pace_for([1.0] * 100, beginners=300, budget=2.0, limits=LIMITS)
    assert roomy.start == timedelta(minutes=5) and visits(roomy, [1.0] * 100) == pytest.approx(1.0, rel=0.01)
    assert pace_for([], beginners=300, budget=0.5, limits=LIMITS).start == timedelta(minutes=10)


def test_nobody_is_left_out_by_a_budget_that_is_too_small() -> None:
    pace = pace_for([1.0] * 100, beginners=100, budget=-5.0, limits=LIMITS)
    assert pace.start == timedelta(minutes=30)
    assert interval(Tempo(EVEN, EVEN), hour=0, pace=pace, limits=LIMITS) == timedelta(minutes=30)


@pytest.mark.parametrize("kept", [None, {}, {"posts": [1]}, {"posts": ["x"] * 24, "watched": [0] * 24}, {"posts": 7}])
def test_a_tempo_that_cannot_be_read_is_begun_anew(kept: dict[str, object] | None) -> None:
    assert Tempo.of(kept) == Tempo()


def test_a_tempo_survives_being_stored() -> None:
    tempo = Tempo(posts=(0.5,) * 24, watched=(2.0,) * 24)
    assert Tempo.of(tempo.to_store()) == tempo
