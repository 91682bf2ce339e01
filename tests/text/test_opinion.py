"""Opinions on a text: what is said, how sure, by which words; and what is never said."""

from __future__ import annotations

from importlib.resources import files
from math import log

import pytest

from yuqing_daemon.domain import Kind
from yuqing_daemon.text.claims import claims, pushed
from yuqing_daemon.text.kind import DETAILS, KIND_OF, find_kind
from yuqing_daemon.text.linear import Learner, Linear, dump, parse, shipped
from yuqing_daemon.text.opinion import find_sentiment, judge
from yuqing_daemon.text.subjects import find_subjects


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("公司被立案调查，股份被冻结", "neg"),
        ("客服态度极差，等了三天没人处理", "neg"),
        ("味道很好，送餐很快，下次还来", "pos"),
        ("签订64亿元合同，净利润同比增长", "pos"),
        ("", "neu"),
    ],
)
def test_sentiment_is_told(text: str, label: str) -> None:
    found = find_sentiment("", text)
    assert found.label == label
    assert bool(found.why) == bool(text)


def test_what_could_be_either_is_unsure() -> None:
    found = find_sentiment("房间很大", "早餐很差")
    level = Linear({}, -log(found.p / (1 - found.p)))
    assert find_sentiment("房间很大", "早餐很差", own=level).label == "unsure"


def test_the_organisations_own_weights_are_on_top_and_named_first() -> None:
    before = find_sentiment("青禾又上热搜", "")
    after = find_sentiment("青禾又上热搜", "", own=Linear({"热搜": 30.0}))
    assert after.p > before.p
    assert after.label == "neg"
    assert after.why[0] == "热搜"


@pytest.mark.parametrize(
    ("title", "detail"),
    [
        ("请问A7县的公交车什么时候开通？", "inquiry"),
        ("投诉某小区物业乱收费", "complaint"),
        ("请求在学校门口修建一座人行天桥", "appeal"),
        ("关于增设路灯的建议", "suggestion"),
    ],
)
def test_kind_goes_by_what_a_text_wants(title: str, detail: str) -> None:
    found = find_kind(title)
    assert (found.detail, found.label) == (detail, KIND_OF[detail])
    assert found.why


def test_fabrication_and_hype_are_never_decided_by_a_text() -> None:
    assert set(KIND_OF.values()) == {Kind.INQUIRY, Kind.CONSTRUCTIVE}
    rumour = judge("震惊！惊天黑幕曝光", "听说昨晚死了三十人，医院内部消息，快转发给身边的人，删前速看")
    assert rumour.kind.label not in (Kind.FABRICATION, Kind.HYPE)
    assert rumour.claims[0] == "no source named"
    assert rumour.pushed


def test_a_text_with_a_source_is_no_claim_to_verify() -> None:
    assert claims("市卫健委通报", "据新华社报道，事故致3人死亡，请大家转发提醒") == ()
    assert claims("今天食堂的菜不错", "") == ()
    assert pushed("新品曝光", "") == ()


@pytest.mark.parametrize(
    ("title", "subject"),
    [
        ("某某奶茶被曝使用过期水果", "food"),
        ("医院回应患者手术后死亡", "health"),
        ("台风登陆多地停运", "disaster"),
        ("化工厂爆炸致3人受伤", "safety"),
        ("业主聚集维权与保安对峙", "mass_incident"),
        ("境外间谍窃密案告破", "secrecy"),
    ],
)
def test_a_sensitive_subject_is_found_by_its_words(title: str, subject: str) -> None:
    assert subject in {found.subject for found in find_subjects(title)}


@pytest.mark.parametrize("title", ["韩娱地震", "食堂上新三道菜", "演技爆炸的十个瞬间", "医生谈如何预防近视", ""])
def test_what_only_sounds_like_a_sensitive_subject_is_none(title: str) -> None:
    assert find_subjects(title) == ()


# -- weights --------------------------------------------------------------------------------------


def test_what_is_shipped_holds_figures_and_runs_of_at_most_three_characters() -> None:
    folder = files("yuqing_daemon.text") / "weights"
    for name, questions in (
        ("sentiment", {"negative"}),
        ("kind", {f"{d} {f}" for d in DETAILS for f in ("title", "text")}),
    ):
        models = shipped(name)
        assert set(models) == questions
        assert all(1 <= len(gram) <= 3 for model in models.values() for gram in model.weights)
        assert len((folder / f"{name}.json").read_bytes()) <= 500_000


def test_written_and_read_again_weights_are_the_same_within_a_step() -> None:
    linear = Linear({"很差": 3.0, "差": 1.111, "好": -2.22, "😀好": -0.5}, 0.125)
    again = parse(dump(linear))
    assert again.bias == linear.bias
    assert again.weights.keys() == linear.weights.keys()
    assert all(abs(again.weights[gram] - linear.weights[gram]) <= 3.0 / 127 for gram in linear.weights)


def test_a_learner_comes_to_what_it_is_taught_and_twice_to_the_same() -> None:
    def taught() -> Linear:
        learner = Learner()
        for _ in range(20):
            learner.learn(["很差", "差"], 1.0)
            learner.learn(["很好", "好"], 0.0)
        return learner.done()

    linear = taught()
    assert linear.margin({"差", "很差"}) > 2 > -2 > linear.margin({"好", "很好"})
    assert taught() == linear
