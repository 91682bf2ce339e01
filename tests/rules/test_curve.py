"""The course of an event over all its posts (R2, R7, R10)."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest
from curves import NOON, after, comments, events, hours, read
from hypothesis import given

from yuqing_daemon.domain import Post, Reading
from yuqing_daemon.rules.curve import Curve, Point, curve_of
from yuqing_daemon.rules.heat import measure


def point(curve: Curve, at: float) -> Point:
    found = curve.at(after(at))
    assert found
    return found


def test_nothing_read_is_an_empty_curve() -> None:
    assert curve_of({}) == curve_of({"a": []}) == Curve()
    assert (Curve().looked_at, Curve().at(NOON), Curve().busiest("reads"), Curve().until(NOON)) == (None,) * 3 + (
        Curve(),
    )


def test_all_posts_count_together_each_with_its_latest_figure() -> None:
    curve = curve_of({"a": read("comments", {0: 10, 2: 30}), "b": read("comments", {1: 5, 3: 6}, url="b")})
    assert [point(curve, at).comments for at in (0, 1, 2, 3)] == [10, 15, 35, 36]
    assert [point(curve, at).posts for at in (0, 1)] == [1, 2]


def test_the_order_of_the_readings_does_not_matter() -> None:
    assert curve_of({"a": comments(1, 5, 9)[::-1]}) == curve_of({"a": comments(1, 5, 9)})


def test_a_counter_that_falls_keeps_its_highest_and_counts_again_only_above_it() -> None:
    curve = curve_of({"a": comments(40, 10, 45)})
    assert [point(curve, at).comments for at in (0, 1, 2)] == [40, 40, 45]
    assert [point(curve, at).comments_per_hour for at in (1, 2)] == [0, 5]


def test_what_no_post_says_is_unknown_and_zero_is_zero() -> None:
    curve = curve_of({"a": read("reads", {0: None, 1: 0})})
    assert [point(curve, at).reads for at in (0, 1)] == [None, 0]
    assert point(curve, 1).comments is None
    assert point(curve, 0).posts == 1


def test_what_a_post_shows_at_the_first_look_is_no_growth_of_that_hour() -> None:
    assert point(curve_of({"a": comments(500)}), 0).comments_per_hour == 0


@pytest.mark.parametrize(("born", "rate"), [(-0.5, 500), (-1, 500), (-10, 50), (1, 0)])
def test_it_is_spread_over_the_time_since_the_post_was_published(born: float, rate: float) -> None:
    curve = curve_of({"a": comments(500)}, published={"a": after(born)})
    assert point(curve, 0).comments_per_hour == pytest.approx(rate)


def test_growth_over_a_gap_is_spread_over_it() -> None:
    curve = curve_of({"a": read("reads", {0: 100, 10: 1100})})
    assert (point(curve, 9).reads, point(curve, 10).reads) == (100, 1100)
    assert point(curve, 10).reads_per_hour == 100


def test_looks_within_an_hour_add_up_to_its_growth() -> None:
    curve = curve_of({"a": read("comments", {0: 0, 0.25: 4, 0.5: 9, 0.75: 9, 1: 12, 1.25: 13})})
    assert [point(curve, at).comments_per_hour for at in (0.25, 1, 1.25)] == [4, 12, 9]


def test_posts_looked_at_in_turn_give_the_pace_of_the_whole() -> None:
    even = read("comments", {hour: 10 * hour for hour in range(0, 20, 2)})
    odd = read("comments", {hour: 10 * hour for hour in range(1, 20, 2)}, url="b")
    curve = curve_of({"a": even, "b": odd})
    assert {point(curve, hour).comments_per_hour for hour in range(4, 19)} == {20}


def test_the_pace_of_a_post_that_nobody_looks_at_any_more_is_forgotten_after_twice_the_usual_wait() -> None:
    curve = curve_of({"a": comments(0, 10, 20)})
    assert (point(curve, 3.9).comments_per_hour, point(curve, 4).comments_per_hour) == (10, 0)


def test_a_new_post_is_a_voice_for_an_hour() -> None:
    curve = curve_of({"a": comments(0), "b": comments(0, url="b")})
    assert (point(curve, 0.9).per_hour("voices"), point(curve, 1).per_hour("voices")) == (2, 0)


def test_the_busiest_hour_is_the_first_of_the_highest() -> None:
    curve = curve_of({"a": comments(0, 5, 35, 65, 66)})
    busiest = curve.busiest("voices")
    assert busiest
    assert (busiest.at, busiest.comments_per_hour) == (after(2), 30)


@given(events, hours)
def test_what_was_known_at_an_instant_does_not_depend_on_what_came_later(
    posts: dict[str, list[Reading]], at: float
) -> None:
    earlier = {url: [row for row in rows if row.at <= after(at)] for url, rows in posts.items()}
    now, then = curve_of(posts).until(after(at)), curve_of(earlier).until(after(at))
    assert now.looks == then.looks
    for instant in (*now.looks, after(at)):
        assert now.at(instant) == then.at(instant) or _same(now.at(instant), then.at(instant))


def _same(one: Point | None, other: Point | None) -> bool:
    """Alike but for the instant at which a state began."""
    assert one
    assert other
    return all(
        getattr(one, name) == pytest.approx(getattr(other, name), abs=1e-5) for name in Point.__slots__ if name != "at"
    )


@given(events)
def test_totals_never_fall_and_end_at_the_heat_of_the_event(posts: dict[str, list[Reading]]) -> None:
    curve = curve_of(posts)
    for before, later in pairwise(curve.points):
        assert before.at < later.at
        assert before.posts <= later.posts
        assert (before.reads or 0) <= (later.reads or 0)
        assert (before.comments or 0) <= (later.comments or 0)
    if curve.points:
        found = [Post(url=url, source="bbs", title="酸奶里有异物", fetched_at=NOON) for url in posts]
        heat, last = measure(found, [row for rows in posts.values() for row in rows]), curve.points[-1]
        assert (last.reads, last.comments) == (heat.reads, heat.comments)
        assert all(rate >= 0 for each in curve.points for rate in (each.reads_per_hour, each.per_hour("voices")))


def test_what_held_within_a_span_includes_the_state_at_its_start() -> None:
    curve = curve_of({"a": comments(0, 10, 20, 30)})
    within = curve.within(after(0.5), after(2))
    assert [each.at - NOON for each in within] == [timedelta(hours=hour) for hour in (0, 1, 2)]
