"""Each way of writing a word has a name, a switch, and is shown in the match; ordinary words are left alone."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from yuqing_daemon.domain import Match, Post, Topic
from yuqing_daemon.text.matcher import Matcher
from yuqing_daemon.text.variants import DEFAULT, switched

ALL = ("split", "pinyin", "homophone")


def matches(term: str, text: str, *variants: str, context: tuple[str, ...] = ()) -> tuple[Match, ...]:
    topic = Topic(id="t", any=(term,), variants=variants, context=context)
    return Matcher((topic,)).find(
        Post(url="", source="", title="", text=text, fetched_at=datetime(2025, 3, 1, tzinfo=UTC))
    )


CASES = [
    ("拼多多", "在拼多多买", "拼多多", "plain"),
    ("拼多多", "在拼\u200b多\ufeff多买", "拼\u200b多\ufeff多", "zero width"),
    ("ZTE", "买ＺＴＥ的", "ＺＴＥ", "full width"),
    ("KFC", "吃Kfc的", "Kfc", "case"),
    ("京东", "在京東买", "京東", "traditional"),
    ("京東", "在京东买", "京东", "traditional"),
    ("OPPO", "买ОРРО的", "ОРРО", "lookalike"),
    ("ZTE", "买2τE的", "2τE", "lookalike"),
    ("拼多多", "拼<b>多多", "拼<b>多多", "html"),
    ("滴滴", "滴&nbsp;滴", "滴&nbsp;滴", "html"),
    ("拼多多", "在拼 多*多买", "拼 多*多", "separators"),
    ("特斯拉", "买特①斯①拉", "特①斯①拉", "separators"),
    ("小米", "小[doge]米真好", "小[doge]米", "separators"),
    ("淘宝", "【淘】宝", "淘】宝", "separators"),
    ("VIVO", "买V.I.V.O的", "V.I.V.O", "separators + case"),
    ("拼多多", "用拼duo多买", "拼duo多", "pinyin"),
]
BY_CHOICE = [
    ("骗子", "是马扁子", "马扁子", "split"),
    ("拼多多", "在PinDuoDuo买", "PinDuoDuo", "pinyin"),
    ("淘宝", "上tao bao买", "tao bao", "pinyin"),
    ("肯德基", "吃肯得基", "肯得基", "homophone"),
    ("支付宝", "用置府爆", "置府爆", "homophone"),
]


@pytest.mark.parametrize(("term", "text", "span", "variant"), CASES)
def test_a_word_is_found_in_its_disguises_and_the_match_names_them(
    term: str, text: str, span: str, variant: str
) -> None:
    (match,) = matches(term, text)
    assert (match.term, match.span, match.variant) == (term, span, variant.replace("separators + case", "separators"))
    assert text[match.start : match.end] == span


@pytest.mark.parametrize(("term", "text", "span", "variant"), BY_CHOICE)
def test_others_are_found_by_choice(term: str, text: str, span: str, variant: str) -> None:
    assert not matches(term, text)
    (match,) = matches(term, text, variant)
    assert (match.span, match.variant) == (span, variant)
    assert text[match.start : match.end] == span


@pytest.mark.parametrize(("term", "text", "span", "variant"), [case for case in CASES if case[3] != "plain"])
def test_each_can_be_switched_off_for_a_topic_or_a_word(term: str, text: str, span: str, variant: str) -> None:
    name = variant.split(" + ")[0]
    assert not matches(term, text, f"-{name}")
    assert not matches(f"no-{name.replace(' ', '-')}:{term}", text)
    assert (
        matches(term, text, *(f"-{other}" for other in DEFAULT if other not in (*variant.split(" + "), "mixed pinyin")))
        or "pinyin" in variant
    )


def test_a_word_may_have_a_variant_of_its_own() -> None:
    assert matches("split:骗子", "是马扁子")
    assert matches("homophone:肯德基", "吃肯得基")


@pytest.mark.parametrize(
    ("term", "text"),
    [
        ("京东", "晚上去了北京·东方广场"),
        ("头发", "制造噱头、发布虚假信息"),
        ("起火", "均因上坟烧纸引起,火灾未造成伤亡"),
        ("中兴", "学校（小学、初中），兴联小区"),
        ("京东", "他住北京。东方红"),
        ("京东", "他住北京\n东方红"),
        ("格力", "与居民区隔离"),
        ("自燃", "自然要好些"),
        ("召回", "把场子找回来"),
        ("mac", "machine"),
    ],
)
def test_ordinary_words_are_not_mistaken_for_a_disguise(term: str, text: str) -> None:
    assert not matches(term, text, *ALL)


def test_a_homophone_that_is_an_ordinary_word_is_none() -> None:
    assert not matches("实施者", "适时者生存，事实者言", "homophone")


@pytest.mark.parametrize(("text", "is_found"), [("iPhoneX很贵", True), ("ZTEServices", False), ("aiPhone", False)])
def test_a_capital_begins_a_new_word(text: str, is_found: bool) -> None:
    assert bool(matches("iPhone", text)) is is_found


def test_a_name_that_is_an_ordinary_word_needs_its_context() -> None:
    assert not matches("联想", "让我联想到公司", context=("电脑",))
    assert matches("联想", "买了联想的电脑", context=("电脑",))
    assert not matches("联想", f"联想{'，' * 31}电脑", context=("电脑",))
    assert not matches("美的", "最美的手机", context=("手机",))
    assert matches("美的", "美的集团公告", context=("集团",))


def test_switches_add_to_the_usual_ones_or_take_away() -> None:
    assert switched(()) == frozenset(DEFAULT)
    assert switched(["split", "full-width", "-html"]) == frozenset(DEFAULT) - {"html"} | {"split"}
    assert switched(["-default"]) == frozenset()
    with pytest.raises(ValueError, match='did you mean "separators"'):
        switched(["seperators"])
