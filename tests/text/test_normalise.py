"""One normal form, and the way back to the original."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yuqing_daemon.text.normalise import normalise

SAMPLES = st.text(alphabet=st.sampled_from("青禾乳业aBＣ１①，\u200b\u200d\ufeff\u00ad 👍𝐐İ㎡"), max_size=30)


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("青禾乳业", "青禾乳业"),
        ("ＱＨ乳业", "qh乳业"),
        ("QH乳业", "qh乳业"),
        ("３１５", "315"),
        ("青\u200b禾\ufeff乳\u00ad业", "青禾乳业"),
        ("③号线", "3号线"),
        ("𝐐𝐇乳业", "qh乳业"),
        ("青\u2f72", "青禾"),  # a radical that looks like the character
        ("青\u3000禾", "青 禾"),
        ("青禾乳業", "青禾乳业"),
        ("ＱН乳业", "qh乳业"),  # with a Cyrillic letter
        ("ＡＴ＆Ｔ", "at&t"),
        ("", ""),
    ],
)
def test_ways_of_writing_the_same_become_one(written: str, plain: str) -> None:
    assert normalise(written).text == plain


def test_the_commas_of_every_sentence_and_what_has_no_plain_form_are_left_alone() -> None:
    text = "好，坏；对！（错）👍㎡İ青禾"
    assert normalise(text).text == text


def test_a_place_in_the_normal_form_leads_back_over_what_nobody_sees() -> None:
    original = "\ufeff说青\u200b\u200b禾Ａ\u200d吗"
    normal = normalise(original)
    start = normal.text.index("青")
    begin, end = normal.original_span(start, start + 3)
    assert normal.text == "说青禾a吗"
    assert original[begin:end] == "青\u200b\u200b禾Ａ"


@given(SAMPLES)
def test_any_span_leads_back_to_characters_that_have_that_normal_form(original: str) -> None:
    normal = normalise(original)
    for start in range(len(normal.text)):
        for end in range(start + 1, len(normal.text) + 1):
            begin, stop = normal.original_span(start, end)
            assert normalise(original[begin:stop]).text == normal.text[start:end]


@given(SAMPLES)
def test_the_normal_form_is_its_own_normal_form(original: str) -> None:
    once = normalise(original).text
    assert normalise(once).text == once
