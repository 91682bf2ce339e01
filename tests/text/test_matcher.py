"""Which topics a post belongs to, with the evidence and the reason."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from yuqing_daemon.domain import Post, Topic
from yuqing_daemon.text.matcher import Matcher

FOOD = Topic(id="food", any=("变质", "异物"), all=("青禾",), none=("招聘", "股价"))


def post(title: str = "", text: str = "") -> Post:
    return Post(
        url="https://bbs.example/1", source="bbs", title=title, text=text, fetched_at=datetime(2025, 3, 1, tzinfo=UTC)
    )


def found(post: Post, *topics: Topic) -> list[str]:
    return [match.topic for match in Matcher(topics).find(post)]


@pytest.mark.parametrize(
    ("title", "text", "why", "belongs"),
    [
        ("青禾酸奶变质", "", "title:变质 AND title:青禾", True),
        ("酸奶变质", "是青禾的", "title:变质 AND text:青禾", True),
        ("青禾", "先有异物，又变质", "text:异物 AND title:青禾", True),
        ("青禾酸奶好喝", "", "NOT (变质 OR 异物)", False),
        ("酸奶变质", "", "NOT 青禾", False),
        ("青禾变质", "正在招聘", "text:招聘", False),
        ("招聘", "", "NOT (变质 OR 异物) AND NOT 青禾 AND title:招聘", False),
    ],
)
def test_a_topic_wants_one_of_any_all_of_all_and_none_of_none(title: str, text: str, why: str, belongs: bool) -> None:
    matcher = Matcher((FOOD,))
    (verdict,) = matcher.explain(post(title, text))
    assert (verdict.topic, verdict.matched, verdict.why) == ("food", belongs, why)
    assert matcher.find(post(title, text)) == verdict.matches
    assert bool(verdict.matches) is belongs


def test_without_any_all_the_words_of_all_are_enough() -> None:
    topic = Topic(id="both", all=("青禾", "召回"))
    assert found(post("青禾宣布召回"), topic) == ["both", "both"]
    assert found(post("青禾"), topic) == []


def test_without_all_one_word_of_any_is_enough() -> None:
    assert found(post("酸奶变质"), Topic(id="one", any=("变质", "异物"))) == ["one"]


@pytest.mark.parametrize(
    "topic", [Topic(id="x"), Topic(id="x", none=("招聘",)), Topic(id="x", any=("", " ", "\u200b"))]
)
def test_a_topic_that_asks_for_nothing_never_matches_and_says_so(topic: Topic) -> None:
    matcher = Matcher((topic,))
    assert matcher.find(post("青禾酸奶变质")) == ()
    assert matcher.explain(post("青禾酸奶变质"))[0].why == ""


def test_a_word_does_not_reach_from_the_title_into_the_text() -> None:
    assert found(post("吃出异", "物美价廉"), Topic(id="food", any=("异物",))) == []


def test_the_evidence_is_the_span_as_it_stands_in_the_original() -> None:
    original = "昨天买的ＱＨ乳\u200b业酸奶"
    (match,) = Matcher((Topic(id="brand", any=("qh乳业",)),)).find(post(text=original))
    assert (match.term, match.span, match.field) == ("qh乳业", "ＱＨ乳\u200b业", "text")
    assert original[match.start : match.end] == match.span
    assert match.variant == "zero width + full width"
    assert match.why == "text:qh乳业"


def test_each_term_is_evidence_once_where_it_stands_first() -> None:
    matches = Matcher((FOOD,)).find(post("青禾变质了，又变质了", "青禾，异物，异物"))
    assert [(match.term, match.field, match.start) for match in matches] == [
        ("青禾", "title", 0),
        ("变质", "title", 2),
        ("异物", "text", 3),
    ]


def test_one_term_written_in_two_ways_is_evidence_once() -> None:
    (match,) = Matcher((Topic(id="brand", any=("QH", "ｑｈ"), all=("qh",)),)).find(post("QH"))
    assert match.term == "QH"


def test_several_topics_share_words_and_each_gets_its_own_evidence() -> None:
    brand = Topic(id="brand", any=("青禾",))
    quality = Topic(id="quality", all=("青禾", "变质"))
    other = Topic(id="other", any=("白鹭",))
    assert found(post("青禾变质"), other, quality, brand) == ["quality", "quality", "brand"]


def test_a_post_is_judged_the_same_among_ten_thousand_other_words() -> None:
    crowd = tuple(Topic(id=f"t{n}", any=(f"第{n}号词", f"品牌{n}")) for n in range(5000))
    assert found(post("青禾酸奶变质", "第4999号词"), *crowd, FOOD) == ["t4999", "food", "food"]
