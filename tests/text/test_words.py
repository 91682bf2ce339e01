"""Many words in one reading."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yuqing_daemon.text.words import WordIndex

HAN = "青禾乳业变质𠮷"


@given(st.lists(st.text(HAN, min_size=1, max_size=4), max_size=12), st.text(HAN + "，", max_size=40))
def test_every_word_is_found_wherever_a_plain_search_finds_it(words: list[str], text: str) -> None:
    places = {word: [at for at in range(len(text)) if text.startswith(word, at)] for word in words}
    assert WordIndex(words).find(text) == {word: found for word, found in places.items() if found}


@pytest.mark.parametrize(
    ("text", "is_found"),
    [
        ("mac", True),
        ("买了mac电脑", True),
        ("a mac.", True),
        ("machine", False),
        ("imac", False),
        ("mac2", True),
        ("2mac", False),
        ("machine和mac", True),
        ("émac", False),
        ("", False),
    ],
)
def test_a_latin_word_must_stand_alone_but_may_carry_a_number(text: str, is_found: bool) -> None:
    assert ("mac" in WordIndex(["mac"]).find(text)) is is_found


@pytest.mark.parametrize(
    ("word", "text", "is_found"),
    [
        ("tb", "12tb硬盘", False),
        ("tb", "在tb买的", True),
        ("315", "打12315投诉", False),
        ("315", "315晚会", True),
        ("315", "3150", False),
        ("v信", "加v信", True),
        ("v信", "加av信", False),
        ("信v", "信v5", True),
        ("v", "加v聊", True),
        ("v", "tv和v", True),
        ("v", "tv", False),
        ("禾", "青禾", True),
    ],
)
def test_mixed_words_numbers_and_single_characters_are_held_to_the_same_rule(
    word: str, text: str, is_found: bool
) -> None:
    assert (word in WordIndex([word]).find(text)) is is_found


def test_words_that_overlap_are_all_found() -> None:
    assert WordIndex(["青禾", "禾乳", "青禾乳业", "乳业"]).find("青禾乳业") == {
        "青禾": [0],
        "青禾乳业": [0],
        "禾乳": [1],
        "乳业": [2],
    }
