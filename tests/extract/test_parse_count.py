"""Counts as pages write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yuqing_daemon.extract import parse_count


@pytest.mark.parametrize(
    "text,count",
    [
        ("1.2万", 12_000),
        ("1.25 万", 12_500),
        ("3,456", 3456),
        ("1,234,567次", 1_234_567),
        ("10w+", 100_000),
        ("10W+", 100_000),
        ("1.5亿", 150_000_000),
        ("2千万", 20_000_000),
        ("3.4k", 3400),
        ("１２３", 123),
        ("阅读(35)", 35),
        ("0", 0),
        ("999+", 999),
    ],
)
def test_this_count_is_read(text, count):
    assert parse_count(text) == count


@pytest.mark.parametrize("text", ["", "-", "--", "万", "暂无", "阅读", "-5", "9" * 40])
def test_what_is_not_said_is_none_and_never_zero(text):
    assert parse_count(text) is None


@given(st.integers(0, 10**12))
def test_separators_change_nothing(count):
    assert parse_count(f"{count:,}") == parse_count(str(count)) == count


@given(st.text(max_size=60))
def test_no_text_raises(text):
    count = parse_count(text)
    assert count is None or count >= 0
