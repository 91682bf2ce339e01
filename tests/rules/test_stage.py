"""The stages of an event, and when a general event is handled as major (R10, R14)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from curves import FLOORS, NOON, RULES, after, comments, events, hours, read
from hypothesis import given
from hypothesis import strategies as st

from yuqing_daemon.domain import Reading, StageRules
from yuqing_daemon.rules.curve import Point, curve_of
from yuqing_daemon.rules.stage import Stage, Staging, spreads, stage


def staged(readings: Sequence[Reading], at: float, *, rules: StageRules = RULES, found_at: datetime = NOON) -> Staging:
    return stage(curve_of({"a": readings}), now=after(at), found_at=found_at, rules=rules, floors=FLOORS)


def test_an_event_without_a_reading_is_emerging_then_subsiding_then_over() -> None:
    ages = [(5.9, Stage.EMERGING), (6, Stage.SUBSIDING), (47.9, Stage.SUBSIDING), (48, Stage.OVER)]
    assert [staged([], at).stage for at, _ in ages] == [expected for _, expected in ages]
    assert staged([], 48).reason == "no reading yet; nothing new for 48 h"


def test_an_event_of_one_reading_is_emerging_below_the_floor() -> None:
    staging = staged(comments(40), 0)
    assert staging.stage is Stage.EMERGING
    assert staging.reason.endswith("found 0 min ago, at 40% of the nearest floor")


@pytest.mark.parametrize(("count", "expected"), [(99, Stage.EMERGING), (100, Stage.GROWING)])
def test_a_young_event_emerges_until_it_reaches_the_first_floor(count: int, expected: Stage) -> None:
    assert staged(comments(10, 20, count), 2).stage is expected


def test_an_event_that_is_no_longer_young_grows_below_the_floor_too() -> None:
    slow = comments(0, 0, 0, 0, 0, 2, 10)
    assert staged(slow, 5.9).stage is Stage.EMERGING
    assert staged(slow, 6).stage is Stage.GROWING


@pytest.mark.parametrize(("last", "expected"), [(325, Stage.GROWING), (324, Stage.PEAK)])
def test_it_grows_from_a_quarter_more_in_the_last_hour_than_in_the_hour_before(last: int, expected: Stage) -> None:
    assert staged(comments(0, 100, 200, last), 3).stage is expected


def test_the_reason_can_be_checked_against_the_readings() -> None:
    staging = staged(comments(0, 100, 230, 234), 3)
    assert staging.stage is Stage.PEAK
    assert staging.reason == (
        "4 new comments and posts in the hour to 03-01 15:00 UTC, 3% of the busiest hour (130, to 03-01 14:00 UTC); "
        "130 in the hour before, and not below 20% for 6 h"
    )
    assert (staging.figures.last_hour, staging.figures.busiest, staging.figures.busiest_at) == (4, 130, after(2))


@pytest.mark.parametrize(("slow", "expected"), [(19, Stage.SUBSIDING), (20, Stage.PEAK)])
def test_it_subsides_when_six_hours_were_below_a_fifth_of_the_busiest(slow: int, expected: Stage) -> None:
    readings = comments(0, 100, *(100 + slow * hour for hour in range(1, 8)))
    assert staged(readings, 7).stage is Stage.PEAK
    assert staged(readings, 8).stage is expected


def test_it_does_not_subside_while_it_is_read_though_nobody_comments() -> None:
    said = comments(0, 100, *[100] * 10)
    both = [replace(row, reads=1000 * hour) for hour, row in enumerate(said)]
    assert staged(said, 11).stage is Stage.SUBSIDING
    assert staged(both, 11).stage is Stage.PEAK
    assert staged(both, 11).figures.counter == "reads"


@pytest.mark.parametrize(("at", "expected"), [(49.9, Stage.SUBSIDING), (50, Stage.OVER)])
def test_it_is_over_after_48_hours_without_anything_new(at: float, expected: Stage) -> None:
    quiet = comments(0, 100, 120, *[120] * 60)
    staging = staged([row for row in quiet if row.at <= after(at)], at)
    assert staging.stage is expected
    assert staged(quiet, 60).over_at == after(50)


def test_the_quiet_span_is_the_regime_s() -> None:
    quiet = comments(0, 100, 120, *[120] * 60)
    assert staged(quiet, 26, rules=replace(RULES, over_after=timedelta(hours=24))).stage is Stage.OVER


def test_one_new_comment_keeps_it_from_being_over() -> None:
    assert staged(comments(0, 100, 120, *[120] * 40, *[121] * 20), 60).stage is Stage.SUBSIDING


def test_a_regime_may_call_few_comments_nothing_new() -> None:
    trickle = comments(0, 100, *(100 + hour for hour in range(60)))
    assert staged(trickle, 60).stage is Stage.SUBSIDING
    assert staged(trickle, 60, rules=replace(RULES, over_voices_share=0.05)).stage is Stage.OVER


def test_but_a_single_comment_is_new_where_the_limit_is_less_than_one_an_hour() -> None:
    """A twentieth of ten comments is half a comment, and one in twelve hours is slower than that."""
    rare = read("comments", {0: 0, 1: 10, 13: 11, 25: 11, 37: 11, 49: 11, 60: 11})
    assert staged(rare, 60, rules=replace(RULES, over_voices_share=0.05)).over_at > after(60)


def test_an_event_found_late_is_not_over_before_it_was_quiet_since_then() -> None:
    old = comments(0, 100, *[100] * 100)
    assert staged(old, 100, found_at=after(99)).stage is not Stage.OVER


@pytest.mark.parametrize(("per_hour", "expected"), [(50, Stage.OVER), (51, Stage.SUBSIDING)])
def test_reads_up_to_a_twentieth_of_the_busiest_hour_are_nothing_new(per_hour: int, expected: Stage) -> None:
    reads = {0: 0, 1: 1000} | {1 + hour: 1000 + per_hour * hour for hour in range(1, 61)}
    assert staged(read("reads", reads), 61).stage is expected


def test_our_own_looks_do_not_keep_an_event_of_few_reads_open() -> None:
    looks = read("reads", {hour: 30 + hour for hour in range(60)})
    assert staged(looks, 60).stage is Stage.OVER
    assert staged(looks, 60, rules=replace(RULES, still_reads=0)).stage is not Stage.OVER


def test_a_new_post_is_always_something_new() -> None:
    old, new = comments(0, 100, *[100] * 60), read("comments", {40: 0}, url="b")
    curve = curve_of({"a": old, "b": new})
    assert stage(curve, now=after(60), found_at=NOON, rules=RULES, floors=FLOORS).stage is Stage.SUBSIDING


def test_quiet_that_nobody_saw_is_not_over_until_the_longest_wait() -> None:
    seen_once = comments(0, 100, 120)
    assert staged(seen_once, 100).stage is not Stage.OVER
    assert staged(seen_once, 2 + 7 * 24).stage is Stage.OVER
    assert staged([*seen_once, *read("comments", {55: 120})], 55).stage is Stage.OVER


def test_an_event_that_lived_long_rests_long() -> None:
    daily = read("comments", {24 * day: day for day in range(13)} | {288 + hour: 12 for hour in range(1, 100)})
    assert staged(daily, 288 + 71).stage is Stage.SUBSIDING
    assert staged(daily, 288 + 72).stage is Stage.OVER


def test_it_reopens_by_itself() -> None:
    again = comments(0, 100, 120, *[120] * 50, 150)
    assert staged(again, 52).stage is Stage.OVER
    assert staged(again, 53).stage is Stage.GROWING


def test_a_reading_dated_later_than_now_is_not_known_yet() -> None:
    readings = comments(0, 10, 20)
    assert staged([*readings, *read("comments", {9: 900})], 2) == staged(readings, 2)


@given(events, hours, hours)
def test_any_curve_has_a_stage_at_any_time_and_a_reason(
    posts: dict[str, list[Reading]], now: float, found: float
) -> None:
    curve = curve_of(posts)
    staging = stage(curve, now=after(now), found_at=after(found), rules=RULES, floors=FLOORS)
    assert staging.reason
    assert 0 <= staging.figures.share <= 1
    assert (staging.stage is Stage.OVER) == (staging.over_at <= after(now))
    assert isinstance(spreads(curve, [], now=after(now), found_at=after(found), rules=RULES, floors=FLOORS), str)


@given(events, hours, hours)
def test_it_is_never_over_while_anything_new_came_within_the_quiet_span(
    posts: dict[str, list[Reading]], now: float, found: float
) -> None:
    strict = replace(RULES, over_reads_share=0.0, still_reads=0)
    curve = curve_of(posts).until(after(now))
    staging = stage(curve, now=after(now), found_at=after(found), rules=strict, floors=FLOORS)
    if totals(curve.at(after(now))) != totals(curve.at(after(now) - RULES.over_after)):
        assert staging.stage is not Stage.OVER


def totals(point: Point | None) -> tuple[int, int, int]:
    return (point.reads or 0, point.comments or 0, point.posts) if point else (0, 0, 0)


@given(events, hours, st.integers(0, 400))
def test_without_a_new_reading_it_never_comes_back_from_over(
    posts: dict[str, list[Reading]], now: float, later: int
) -> None:
    curve = curve_of(posts).until(after(now))
    first, second = (
        stage(curve, now=at, found_at=NOON, rules=RULES, floors=FLOORS) for at in (after(now), after(now + later))
    )
    assert second.over_at == first.over_at
    assert first.stage is not Stage.OVER or second.stage is Stage.OVER


# -- spreading -------------------------------------------------------------------------------------


def why(readings: Sequence[Reading], at: float, *sites: float) -> str:
    curve = curve_of({"a": readings})
    seen = [after(site) for site in sites]
    return spreads(curve, seen, now=after(at), found_at=NOON, rules=RULES, floors=FLOORS)


def test_a_quiet_general_event_does_not_spread() -> None:
    assert why([], 30) == ""
    assert why(comments(0, 3, 5, *[5] * 30), 30, 1, 2) == ""


@pytest.mark.parametrize(
    ("sites", "spreading"), [((1, 2), False), ((1, 2, 3), True), ((0, 2, 3), False), ((1, 2, 25), False)]
)
def test_three_further_sites_within_a_day_are_a_sign(sites: tuple[float, ...], spreading: bool) -> None:
    assert why([], 24, *sites) == ("signs of spreading: 3 further sites within 24 h" if spreading else "")


@pytest.mark.parametrize(
    ("counts", "spreading"),
    [
        ((0, 8, 18, 31), True),
        ((0, 8, 18, 30), False),  # the last hour is less than a quarter more
        ((0, 8, 17, 31), False),  # so is the one before
        ((0, 7, 16, 30), True),
        ((0, 7, 16, 29), False),  # not yet at three tenths of the floor
    ],
)
def test_two_hours_of_faster_growth_near_the_floor_are_a_sign(counts: tuple[int, ...], spreading: bool) -> None:
    assert why(comments(*counts), 3).startswith("signs of spreading: 1") == spreading
    assert bool(why(comments(*counts), 3)) == spreading


@pytest.mark.parametrize(("step", "at", "stubborn"), [(2, 24, True), (2, 23.9, False), (1, 24, False)])
def test_a_general_event_that_has_not_subsided_after_a_day_is_handled_as_major(
    step: int, at: float, stubborn: bool
) -> None:
    reason = why(comments(*range(0, 25 * step, step)), at)
    assert reason.startswith("does not subside, 24 h after it was found: 2 new comments") == stubborn
    assert bool(reason) == stubborn


def test_a_general_event_that_subsided_is_left_alone() -> None:
    assert why(comments(0, 40, *[40] * 30), 30) == ""
