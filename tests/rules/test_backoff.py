"""Waits between attempts: full jitter under a ceiling that doubles."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yuqing_daemon.rules.backoff import BASE, CAP, delay

ATTEMPTS = st.integers(1, 10_000)
DRAWS = st.floats(0, 1, exclude_max=True)
PAUSES = st.timedeltas(timedelta(0), timedelta(days=365))
ALMOST_ONE = 1 - 2**-53


@given(ATTEMPTS, DRAWS)
def test_a_wait_is_never_negative_and_never_over_a_quarter_of_an_hour(attempts: int, draw: float) -> None:
    assert timedelta(0) <= delay(attempts, draw=draw) <= CAP


@given(ATTEMPTS, DRAWS)
def test_with_the_same_draw_a_later_attempt_never_waits_less(attempts: int, draw: float) -> None:
    assert delay(attempts, draw=draw) <= delay(attempts + 1, draw=draw)


@given(ATTEMPTS, DRAWS, PAUSES)
def test_what_the_provider_asked_for_is_the_floor_but_an_hour_is_the_most(
    attempts: int, draw: float, pause: timedelta
) -> None:
    wait = delay(attempts, draw=draw, retry_after=pause)
    assert wait == max(delay(attempts, draw=draw), min(pause, timedelta(hours=1)))


@pytest.mark.parametrize(
    ("attempts", "seconds"), [(1, 10), (2, 20), (3, 40), (6, 320), (7, 640), (8, 900), (9, 900), (10_000, 900)]
)
def test_the_ceiling_doubles_until_the_cap(attempts: int, seconds: int) -> None:
    assert delay(attempts, draw=0.0) == timedelta(0)
    assert delay(attempts, draw=0.5) == timedelta(seconds=seconds / 2)
    assert delay(attempts, draw=ALMOST_ONE) <= timedelta(seconds=seconds)


def test_even_draws_spread_evenly_over_the_whole_wait() -> None:
    waits = [delay(3, draw=n / 10) for n in range(10)]
    assert waits == [BASE * 8 * n / 10 for n in range(10)]


def test_a_pause_in_the_past_is_no_pause() -> None:
    assert delay(1, draw=0.0, retry_after=timedelta(seconds=-30)) == timedelta(0)
