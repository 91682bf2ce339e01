"""The review suggests from judgements and misses, with evidence and lines to paste (R27)."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from typing import Any

import pytest
from world import World

from yuqing_daemon import Level, Topic
from yuqing_daemon.domain import Act, Heat, Regime
from yuqing_daemon.rules.ledger import Heading, Line, ledger
from yuqing_daemon.rules.review import (
    ClosingFacts,
    Missed,
    Quiet,
    ReviewFacts,
    Shift,
    Suggestion,
    Verdict,
    closing_review,
    suggestions,
)
from yuqing_daemon.store.ledger import records
from yuqing_daemon.store.review import closing_facts, review_facts, topic_words

QUALITY = Topic(id="quality", name="产品质量", all=("青禾",), any=("异物", "拉肚子"), subject="food")


def told(company: Regime, **facts: Any) -> dict[str, Suggestion]:
    return said_of(QUALITY, company, **facts)


def said_of(topic: Topic, company: Regime, **facts: Any) -> dict[str, Suggestion]:
    known = topic_words([topic])
    return {each.key: each for each in suggestions(ReviewFacts(topics=(topic,), words=known, regime=company, **facts))}


def missed(event: int = 1, *words: str, **more: Any) -> Missed:
    return Missed(event=event, topic="quality", url=f"https://x.cn/{event}", words=words, entries=(event * 10,), **more)


def verdict(event: int, *terms: str, dismissed: bool) -> Verdict:
    return Verdict(event=event, topic="quality", terms=terms, is_dismissed=dismissed, entry=event)


def shift(event: int, graded: Level, level: Level, **heat: int) -> Shift:
    return Shift(event=event, topic="quality", graded=graded, level=level, heat=Heat(**heat), entry=event)


def test_without_judgements_and_misses_there_is_nothing_to_suggest(company: Regime) -> None:
    assert told(company) == {}


# -- words ----------------------------------------------------------------------------------------


def test_words_of_missed_events_that_no_topic_has_are_suggested_with_the_events(company: Regime) -> None:
    found = told(company, missed=(missed(1, "金属片", "青禾酸奶", "异物"), missed(2, "金属片", "胀袋")))
    (suggestion,) = found.values()
    assert tomllib.loads(suggestion.toml) == {"topics": {"quality": {"any": ["异物", "拉肚子", "金属片", "胀袋"]}}}
    assert suggestion.figures["add"] == {"金属片": (1, 2), "胀袋": (2,)}
    assert (suggestion.events, suggestion.entries) == ((1, 2), (10, 20))


def test_what_the_words_had_found_wants_no_further_words(company: Regime) -> None:
    assert told(company, missed=(missed(1, "金属片", is_found=True),)) == {}


def test_a_post_without_the_words_a_topic_demands_wants_a_topic_beside_it(company: Regime) -> None:
    found = told(company, missed=(missed(1, "酸奶", lacks=("青禾",)),))
    assert tomllib.loads(found["topic:quality"].toml) == {
        "topics": {"quality-more": {"name": "产品质量", "any": ["酸奶"]}}
    }


@pytest.mark.parametrize(("dismissed", "of", "is_suggested"), [(1, 2, False), (2, 3, True), (2, 4, False)])
def test_a_word_whose_events_were_mostly_dismissed_is_to_be_dropped(
    company: Regime, dismissed: int, of: int, is_suggested: bool
) -> None:
    verdicts = tuple(verdict(n, "异物", "青禾", dismissed=n < dismissed) for n in range(of))
    found = told(company, verdicts=verdicts)
    assert ("keywords:quality" in found) == is_suggested
    if is_suggested:
        assert found["keywords:quality"].why == f"异物: {dismissed} of {of} dismissed"
        assert tomllib.loads(found["keywords:quality"].toml) == {"topics": {"quality": {"any": ["拉肚子"]}}}


def test_the_last_word_of_a_topic_is_not_dropped_but_narrowed(company: Regime) -> None:
    verdicts = (verdict(1, "异物", dismissed=True), verdict(2, "拉肚子", dismissed=True))
    found = told(company, verdicts=verdicts)
    assert tomllib.loads(found["keywords:quality"].toml) == {}
    assert "give them company under all" in found["keywords:quality"].toml


IN_A_QUERY = Topic(id="quality", query="青禾 AND (异物 OR list:ill) NOT 招聘", lists=(("ill", ("拉肚子",)),))


def test_words_of_a_query_and_of_its_lists_are_known_and_a_person_puts_new_ones_into_it(company: Regime) -> None:
    found = said_of(IN_A_QUERY, company, missed=(missed(1, "金属片", "异物", "拉肚子", "招聘"),))
    assert found["keywords:quality"].figures["add"] == {"金属片": (1,)}
    assert found["keywords:quality"].toml == "# [topics.quality]: in its query add 金属片"


def test_a_word_of_a_query_is_to_be_dropped_but_not_what_all_of_it_demands(company: Regime) -> None:
    verdicts = (verdict(1, "青禾", "拉肚子", dismissed=True),)
    found = said_of(IN_A_QUERY, company, verdicts=verdicts)
    assert found["keywords:quality"].figures["drop"] == {"拉肚子": (1, 1)}
    assert found["keywords:quality"].toml == "# [topics.quality]: in its query drop 拉肚子"


# -- floors ---------------------------------------------------------------------------------------


def test_events_raised_by_people_suggest_the_floor_they_came_nearest_to(company: Regime) -> None:
    raised = (
        shift(1, Level.GENERAL, Level.MAJOR, reads=700, comments=10),
        shift(2, Level.GENERAL, Level.MAJOR, reads=800, comments=90),
    )
    suggestion = told(company, shifts=raised)["thresholds:major:raised"]
    floors = {"reads": 700, "comments": 90, "mainstream": 1}
    assert tomllib.loads(suggestion.toml) == {"levels": {"major": {"floors": floors}}}
    assert suggestion.figures["heat"]["E2"] == {"reads": 800, "comments": 90, "mainstream": 0}
    assert suggestion.entries == (1, 2)


def test_events_lowered_by_people_suggest_a_floor_just_above_them_and_say_where_that_gets_in_the_way(
    company: Regime,
) -> None:
    lowered = (shift(1, Level.MAJOR, Level.GENERAL, reads=1500), shift(2, Level.MAJOR, Level.GENERAL, reads=2999))
    suggestion = told(company, shifts=lowered)["thresholds:major:lowered"]
    assert tomllib.loads(suggestion.toml)["levels"]["major"]["floors"]["reads"] == 3000
    assert "passes the 3000 of extraordinary" in suggestion.why


def test_an_event_lowered_though_no_figure_raised_it_points_to_its_subject(company: Regime) -> None:
    found = told(company, shifts=(shift(1, Level.EXTRAORDINARY, Level.GENERAL, reads=5),))
    assert set(found) == {"subject:quality"}
    assert '# subject = "food"' in found["subject:quality"].toml


# -- sources --------------------------------------------------------------------------------------


def test_a_site_that_nobody_watches_and_a_source_that_is_quiet_are_told(company: Regime) -> None:
    post = missed(3, is_found=True, site="x.cn", home="https://www.x.cn/")
    found = told(company, missed=(post,), quiet=(Quiet(source="press1", error="timeout"),))
    assert tomllib.loads(found["source:x.cn"].toml) == {"source": [{"id": "x-cn", "url": "https://www.x.cn/"}]}
    assert found["quiet:press1"].why == "not one post in the period: timeout"
    assert tomllib.loads(found["quiet:press1"].toml) == {}


# -- one event ------------------------------------------------------------------------------------


def test_the_closing_review_says_what_was_missed_and_which_words_would_have_found_it() -> None:
    at = datetime(2026, 3, 1, tzinfo=UTC)
    line = Line(heading=Heading.MISSED, key="k", event=1, at=at, what="found by others", entries=(4, 2))
    credit = Line(heading=Heading.IN_TIME, key="c", event=1, at=at, what="duty x: done in time", entries=(5,))
    other = Line(heading=Heading.LATE, key="o", event=2, at=at, what="not ours")
    facts = ClosingFacts(
        event=1, lines=(line, credit, other), missed=(missed(1, "金属片", "异物"),), words=topic_words([QUALITY])
    )
    assert closing_review(facts).as_data() == {
        "faults": ["missed: found by others"],
        "credits": ["in time: duty x: done in time"],
        "words": ["金属片"],
        "entries": [2, 4, 5],
    }


# -- from the store -------------------------------------------------------------------------------


def facts_of(world: World) -> ReviewFacts:
    settings = world.engine.settings
    with world.engine.store.read() as connection:
        record = list(records(connection))
        lines = ledger(record, now=world.clock.now, roles={})
        return review_facts(
            connection, record, lines, topics=settings.topics, watched=settings.sources, regime=settings.regime
        )


def test_a_hand_added_event_brings_its_words_and_its_site(world: World) -> None:
    world.engine.add_by_hand(
        topic="quality", title="青禾酸奶喝出金属片", text="青禾酸奶里喝出一块金属片，金属片很锋利。",
        url="https://bbs.faraway.com/t/1", by="li", now=world.clock.now,
    )  # fmt: skip
    (post,) = facts_of(world).missed
    assert not post.is_found
    assert "金属片" in post.words
    assert (post.lacks, post.site, post.home) == ((), "faraway.com", "https://bbs.faraway.com/")
    with world.engine.store.read() as connection:
        closing = closing_facts(connection, 1, topics=world.engine.settings.topics, roles={}, now=world.clock.now)
    assert "金属片" in closing_review(closing).words


def test_judgements_of_a_store_become_verdicts_and_shifts_and_quiet_sources(world: World) -> None:
    world.visit("forum", world.post())
    world.engine.act("E1", Act.CORRECT, by="li", reason="school", data={"level": "major"}, now=world.clock.now)
    world.engine.act("E1", Act.DISMISS, by="li", reason="another one", data={}, now=world.clock.now)
    facts = facts_of(world)
    (judged,) = facts.verdicts
    assert (judged.is_dismissed, set(judged.terms)) == (True, {"异物", "拉肚子", "青禾"})
    (moved,) = facts.shifts
    assert (moved.graded, moved.level) == (Level.GENERAL, Level.MAJOR)
    assert {quiet.source for quiet in facts.quiet} == {"press1", "press2", "press3", "press4", "press5"}
