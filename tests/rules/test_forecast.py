"""Where an event is heading (R3, R10)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from curves import FLOORS, after, comments, events, hours, read
from hypothesis import given

from yuqing_daemon.domain import Floors, Reading
from yuqing_daemon.rules.curve import Curve, curve_of
from yuqing_daemon.rules.forecast import Forecast, forecast, growth, is_early_sign, wait

TWO_HOURS = timedelta(hours=2)


def expected(readings: list[Reading], at: float, floors: Floors = FLOORS) -> Forecast:
    found = forecast(curve_of({"a": readings}), now=after(at), floors=floors)
    assert found
    return found


def test_nothing_is_foretold_of_an_event_whose_pace_is_not_known() -> None:
    assert forecast(Curve(), now=after(0), floors=FLOORS) is None
    assert forecast(curve_of({"a": comments(50)}), now=after(1), floors=FLOORS) is None
    assert forecast(curve_of({"a": read("comments", {0: None, 1: None})}), now=after(1), floors=FLOORS) is None


def test_one_look_is_enough_if_it_is_known_when_the_post_was_published() -> None:
    found = forecast(curve_of({"a": comments(50)}, published={"a": after(-1)}), now=after(0), floors=FLOORS)
    assert found
    assert found.comments == 126


def test_each_hour_ahead_brings_seven_tenths_of_the_one_before() -> None:
    assert expected(comments(0, 1000), 1).comments == 1000 + 700 + 490 + 343


def test_what_came_since_the_last_look_is_foretold_as_well() -> None:
    assert expected(comments(0, 1000), 2).comments == 1000 + 700 + 490 + 343 + 240


def test_a_counter_that_no_post_says_stays_unknown() -> None:
    assert expected(comments(0, 10), 1).reads is None


def test_an_event_that_does_not_grow_stays_where_it_is() -> None:
    found = expected(comments(80, 80), 1)
    assert (found.comments, found.floor_at) == (80, None)
    assert found.reason == "comments 80, 0 in the last hour, 80 expected by 03-01 16:00 UTC; no floor within 24 h"


def test_the_instant_of_the_next_floor_is_foretold() -> None:
    found = expected(comments(0, 60), 1)
    assert (found.counter, found.floor) == ("comments", 100)
    assert found.floor_at
    assert found.floor_at - after(1) == pytest.approx(wait(40 / 60), abs=timedelta(seconds=1))
    assert found.reason.endswith("; 100 comments about 03-01 13:56 UTC")


def test_the_floor_that_is_reached_first_counts() -> None:
    both = [Reading(url="a", at=after(hour), reads=800 * hour, comments=60 * hour) for hour in (0, 1)]
    assert (expected(both, 1).counter, expected(both, 1).floor) == ("reads", 1000)


@pytest.mark.parametrize(("count", "comes"), [(30, False), (31, True)])
def test_damped_growth_that_never_reaches_the_floor_has_no_instant(count: int, comes: bool) -> None:
    """The hours to come bring at most 7/3 of the last one: 30 comments make 100 in the end, and not within a day."""
    assert (expected(comments(0, count), 1).floor_at is not None) == comes


@pytest.mark.parametrize(("floor", "comes"), [(9998, True), (9999, False)])
def test_a_floor_further_ahead_than_a_day_is_not_foretold(floor: int, comes: bool) -> None:
    found = expected(comments(0, 3000), 1, Floors(comments=floor))
    assert (found.floor_at is not None) == comes


def test_a_floor_already_reached_is_not_foretold() -> None:
    found = expected(comments(50, 100), 1)
    assert (found.is_below, found.floor_at) == (False, None)
    assert found.reason.endswith("; a floor is reached already")


def test_a_floor_that_should_have_come_since_the_last_look_is_expected_now() -> None:
    assert expected(comments(0, 99), 1.9).floor_at == after(1.9)


@pytest.mark.parametrize(("hours_ahead", "due"), [(2, True), (1.9, False)])
def test_an_early_sign_is_due_when_a_floor_is_expected_within_the_horizon(hours_ahead: float, due: bool) -> None:
    rate = 1000
    floors = Floors(comments=1000 + int(rate * growth(timedelta(hours=2))))
    found = expected(comments(0, rate), 1, floors)
    assert is_early_sign(found, now=after(1), horizon=timedelta(hours=hours_ahead)) == due


def test_there_is_no_early_sign_without_a_forecast_or_a_floor_ahead() -> None:
    assert not is_early_sign(None, now=after(1), horizon=TWO_HOURS)
    assert not is_early_sign(expected(comments(0, 100), 1), now=after(1), horizon=TWO_HOURS)
    assert not is_early_sign(expected(comments(0, 60), 1, Floors()), now=after(1), horizon=TWO_HOURS)


@given(events, hours)
def test_any_curve_can_be_foretold_and_never_falls(posts: dict[str, list[Reading]], now: float) -> None:
    curve = curve_of(posts)
    found, last = forecast(curve, now=after(now), floors=FLOORS), curve.at(after(now))
    if found is None:
        return
    assert last
    assert found.reason
    for name in ("reads", "comments"):
        total, ahead = getattr(last, name), getattr(found, name)
        assert (total is None) == (ahead is None)
        assert total is None or ahead >= total
    assert found.floor_at is None or after(now) <= found.floor_at <= after(now + 24)
