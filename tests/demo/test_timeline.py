"""The story of the demonstration is told by a pure timeline, counted here as the regime counts."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from yuqing_daemon.demo.story import Text, script, world
from yuqing_daemon.domain import Heat, Level, Post, Reading, Regime, Topic
from yuqing_daemon.rules.heat import measure
from yuqing_daemon.rules.level import grade
from yuqing_daemon.text.matcher import Matcher
from yuqing_daemon.text.story import clauses, compare

NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
QUALITY = Topic(id="quality", all=("青禾",), any=("异物", "拉肚子", "腹泻", "变质", "肠胃炎"), none=("招聘",))


def post(text: Text) -> Post:
    site = script().site(text.site)
    return Post(
        url=f"{text.site}/{text.id}",
        source=site.id,
        site=site.name,
        mainstream=site.mainstream,
        title=text.title,
        text="\n".join(text.paragraphs),
        fetched_at=NOW,
    )


def story_posts(t: float) -> list[Text]:
    """The texts that matter to the company, as it is told of them: those that came after the first visit."""
    matcher = Matcher((QUALITY,))
    return [text for texts in world(t).values() for text in texts if text.at > 0 and matcher.find(post(text))]


def heat(t: float) -> Heat:
    texts = story_posts(t)
    readings = [Reading(url=post(text).url, at=NOW, reads=text.reads, comments=text.comments) for text in texts]
    return measure([post(text) for text in texts], readings)


def test_before_the_story_begins_nothing_new_matters() -> None:
    assert story_posts(-1) == []
    assert all(texts for texts in world(-1).values())


def test_one_old_complaint_stands_there_before() -> None:
    old = [text for texts in world(-1).values() for text in texts if Matcher((QUALITY,)).find(post(text))]
    assert [text.site for text in old] == ["forum"]


@pytest.mark.parametrize(
    ("t", "level"),
    [
        (1, Level.GENERAL),
        (10, Level.GENERAL),
        (12, Level.MAJOR),
        (22, Level.MAJOR),
        (23, Level.EXTRAORDINARY),
        (31, Level.EXTRAORDINARY),
    ],
)
def test_each_act_stays_at_its_level_by_the_regime_of_a_company(t: float, level: Level, company: Regime) -> None:
    assert grade(heat(t), company).level is level


def test_the_complaint_alone_reaches_the_next_level() -> None:
    assert heat(10) == Heat(reads=880, comments=71, mainstream=0, posts=1)
    first = next(text for text in world(12)["forum"] if text.id == 20311)
    assert first.reads is not None
    assert first.reads >= 1000


def test_in_the_end_every_criterion_of_the_highest_level_is_reached(company: Regime) -> None:
    total = heat(script().acts[-1])
    floors = company.rule(Level.EXTRAORDINARY).floors
    assert (total.reads or 0) >= (floors.reads or 0)
    assert (total.comments or 0) >= (floors.comments or 0)
    assert total.mainstream == floors.mainstream == 5


def test_every_repost_is_told_to_be_the_same_story() -> None:
    first, *others = sorted(story_posts(99), key=lambda text: text.at)
    known = clauses(first.title, "\n".join(first.paragraphs))
    for text in others:
        assert compare(clauses(text.title, "\n".join(text.paragraphs)), known).relation, text.title


def test_counters_never_fall() -> None:
    for name in ("reads", "comments"):
        for curve in (curves[name] for curves in script().curves.values() if name in curves):
            counts = [count for _, count in curve]
            assert counts == sorted(counts)


def test_the_newest_text_comes_first_and_the_hottest_in_a_hot_list() -> None:
    shown = world(31)
    times = [text.at for text in shown["evening"]]
    assert times == sorted(times, reverse=True)
    hots = [text.hot or 0 for text in shown["hot"]]
    assert hots == sorted(hots, reverse=True)
