"""A judgement teaches on the spot, sorts and never hides, and taken back it leaves everything as it was."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

import pytest
from world import World

from yuqing_daemon.domain import Act, EventState, Opinion
from yuqing_daemon.errors import RequestError
from yuqing_daemon.store import opinions, schema, weights
from yuqing_daemon.text import lessons

ILL = (
    "青禾酸奶喝出异物",
    "投诉青禾酸奶里有异物",
    "青禾酸奶吃坏肚子发现异物",
    "青禾酸奶异物客服不理",
    "又见青禾酸奶异物",
)
IDLE = ("青禾路口有异物堵车", "青禾路口异物已清", "青禾路口掉落异物", "青禾路口异物绕行", "青禾路口发现异物请绕行")


def judge(world: World, code: str, what: Act, **data: str) -> None:
    world.engine.act(code, what, by="li", reason="seen", data=data, now=world.clock.pass_(minutes=1))


def opened(world: World, title: str) -> str:
    """A post about something of its own, whatever its title sounds like."""
    own = "".join(Random(title).choices([chr(code) for code in range(0x4E00, 0x6E00)], k=len(title)))
    text = f"{title}。{own}，{len(world.events())}号帖子说的事情各不相同。"
    world.visit("forum", world.post(title=title, text=text))
    return max(world.events(), key=lambda event: event.id).code


def teach(world: World, relevant: Sequence[str] = ILL, idle: Sequence[str] = IDLE) -> None:
    for titles, what in ((relevant, Act.CONFIRM), (idle, Act.DISMISS)):
        for title in titles:
            judge(world, opened(world, title), what)


def rows(world: World, table: Any) -> list[Any]:
    with world.engine.store.read() as connection:
        return list(connection.execute(table.select()).mappings().all())


def thought(world: World, code: str, plugin: str = opinions.LEARNED) -> dict[str, Opinion]:
    with world.engine.store.read() as connection:
        held = opinions.current(connection, [int(code[1:])]).get(int(code[1:]), [])
    return {each.matter: each.opinion for each in held if each.plugin == plugin}


def test_what_is_shipped_has_an_opinion_and_a_person_is_asked_where_it_is_unsure(world: World) -> None:
    code = opened(world, "投诉青禾酸奶里有异物")
    found = thought(world, code, "opinions")
    assert found["kind"].detail == "complaint"
    assert found["subject food"].unsure
    assert world.event().kind is None
    assert world.event().subject == ""


def test_a_notice_says_what_a_person_should_look_at_first(world: World) -> None:
    opened(world, "投诉青禾酸奶里有异物")
    (told,) = [row for row in world.deliveries() if row.purpose == "found"][:1]
    assert "请先判断：可能涉及敏感主题 食品（奶, 异物）" in told.notice.text


def test_a_topics_relevance_is_told_once_enough_was_judged(world: World) -> None:
    world.baseline()
    teach(world)
    assert thought(world, opened(world, "青禾酸奶瓶里漂着异物"))["relevance"].confidence > 0.6
    assert thought(world, opened(world, "青禾路口的异物影响通行"))["relevance"].confidence < 0.4


def test_before_that_nothing_is_said_of_it(world: World) -> None:
    world.baseline()
    teach(world, ILL[:2], IDLE[:2])
    assert "relevance" not in thought(world, opened(world, "青禾路口的异物影响通行"))


def test_a_judgement_taken_back_leaves_the_weights_exactly_as_they_were(world: World) -> None:
    world.baseline()
    teach(world)
    before = rows(world, schema.weights)
    code = opened(world, "感谢青禾酸奶及时处理异物")
    judge(world, code, Act.CONFIRM, kind="constructive", sentiment="pos")
    assert rows(world, schema.weights) != before
    taken = world.engine.unlearn(code, by="li", now=world.clock.pass_(minutes=1))
    assert set(taken) == {"relevance:quality", "constructive", "sentiment"}
    assert rows(world, schema.weights) == before
    assert [row["undone_by"] for row in rows(world, schema.lesson)][-3:] == ["li"] * 3
    with pytest.raises(RequestError, match="nothing that stands was learned"):
        world.engine.unlearn(code, by="li", now=world.clock.now)


def test_the_first_judgement_taken_back_leaves_no_weights_at_all(world: World) -> None:
    code = opened(world, ILL[0])
    judge(world, code, Act.DISMISS)
    world.engine.unlearn(code, by="li", now=world.clock.pass_(minutes=1))
    assert rows(world, schema.weights) == []


def test_the_record_gives_the_weights_again(world: World) -> None:
    world.baseline()
    teach(world)
    target = lessons.RELEVANCE + "quality"
    with world.engine.store.read() as connection:
        taught = weights.standing(connection, target)
        ((kept, count),) = weights.parts(connection, target)
    assert count == len(taught) == 10
    assert lessons.learn(target, [lessons.Lesson(each.words, each.yes) for each in taught]) == kept


def test_reopening_what_was_dismissed_takes_that_lesson_back(world: World) -> None:
    code = opened(world, ILL[0])
    judge(world, code, Act.DISMISS)
    judge(world, code, Act.REOPEN)
    assert rows(world, schema.weights) == []
    assert world.event().state is EventState.FOUND


def test_fabrication_and_hype_teach_nothing_about_words(world: World) -> None:
    code = opened(world, ILL[0])
    judge(world, code, Act.CONFIRM, kind="fabrication")
    assert {row["target"] for row in rows(world, schema.lesson)} == {"relevance:quality"}


def test_the_organisations_own_sentiment_goes_before_the_shipped_one(world: World) -> None:
    world.baseline()
    for number in range(6):
        judge(world, opened(world, f"青禾异物盲盒开箱第{number}弹"), Act.CORRECT, sentiment="pos")
    found = thought(world, opened(world, "青禾异物盲盒开箱第九弹"))
    assert found["sentiment"].sentiment == "pos"


def test_a_sentiment_there_is_not_is_refused(world: World) -> None:
    code = opened(world, ILL[0])
    with pytest.raises(RequestError, match="there is no sentiment 'angry'; want pos, neg"):
        judge(world, code, Act.CORRECT, sentiment="angry")


def test_what_looks_dismissible_is_alerted_all_the_same_and_one_in_fifty_is_asked_about(world: World) -> None:
    world.baseline()
    teach(world, ILL, IDLE * 3)
    codes = [opened(world, f"青禾路口异物{a}{b}绕行请注意") for a in "甲乙丙丁戊己庚辛壬癸" for b in "子丑寅卯辰巳"]
    low = [found["relevance"] for code in codes if (found := thought(world, code))["relevance"].confidence < 0.1]
    assert len(low) > 50
    assert 0 < sum(each.unsure for each in low) < 8
    told = {row.event for row in world.deliveries() if row.purpose == "found"}
    assert {int(code[1:]) for code in codes} <= told
