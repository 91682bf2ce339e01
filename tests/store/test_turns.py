"""A busy writer does not keep the others waiting."""

from __future__ import annotations

import threading
import time

import pytest

from yuqing_daemon.store.turns import Turns


def test_who_came_first_goes_first_even_if_the_owner_wants_it_again_at_once() -> None:
    turns, order = Turns(), []

    def wait() -> None:
        with turns:
            order.append("the one that waited")

    waiting = threading.Thread(target=wait)
    with turns:
        waiting.start()
        while turns._last < 2:  # it stands in the line by then
            time.sleep(0)
    with turns:
        order.append("the busy one")
    waiting.join()
    assert order == ["the one that waited", "the busy one"]


def test_an_error_ends_a_turn_and_a_turn_within_a_turn_is_an_error() -> None:
    turns = Turns()
    with pytest.raises(RuntimeError, match="a transaction within a transaction"), turns, turns:
        pass
    with turns:
        pass
