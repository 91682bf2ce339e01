"""What others told us of: opened by hand, and on record as a miss (R25-R27)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from world import COMPLAINT, World

from yuqing_daemon import Event, Level, Topic
from yuqing_daemon.domain import Act
from yuqing_daemon.errors import RequestError

SERVICE = Topic(id="service", name="服务", any=("客服",))


def add(world: World, *, topic: str = "quality", title: str = "青禾酸奶里有异物", **told: object) -> Event:
    return world.engine.add_by_hand(topic=topic, title=title, by="wang", now=world.clock.now, **told)  # type: ignore[arg-type]


def missed(world: World) -> list[tuple[object, object]]:
    """(source, unit) of everything on record as found by others."""
    return [(entry["source"], entry["unit"]) for entry in world.record("event.added_by_hand")]


def test_what_was_told_by_phone_opens_an_event_that_is_a_miss_on_record(world: World) -> None:
    public_at: datetime = world.clock.now - timedelta(hours=9)
    event = add(world, unit="市场部", public_at=public_at, reason="a customer called")
    assert (event.level, event.title) == (Level.GENERAL, "青禾酸奶里有异物")
    (entry,) = world.record("event.added_by_hand")
    assert (entry["source"], entry["unit"], entry["reason"]) == ("phone", "市场部", "a customer called")
    assert entry["public_at"] == public_at.isoformat()
    assert world.told("found") == {"monitor"}
    with world.engine.store.read() as connection:
        actors = connection.exec_driver_sql("select actor from audit where what = 'event.added_by_hand'").scalars()
        assert list(actors) == ["wang"]


def test_a_post_on_no_site_of_ours_is_kept_under_its_address_and_not_visited(world: World) -> None:
    add(world, url="https://elsewhere.cn/1?utm_source=app")
    assert missed(world) == [("https://elsewhere.cn/1?utm_source=app", "")]
    world.clock.pass_(minutes=6)
    assert not [job for job in world.jobs() if job.revisit]


def test_a_post_on_a_site_of_ours_counts_for_that_site_and_is_watched_from_now_on(world: World) -> None:
    event = add(world, url="https://press1.cn/missed")
    assert (event.heat.mainstream, event.level) == (1, Level.MAJOR)
    world.clock.pass_(minutes=6)
    (job,) = [job for job in world.jobs() if job.revisit]
    assert (job.source.id, job.revisit) == ("press1", ("https://press1.cn/missed",))


def test_a_copy_found_later_joins_it(world: World) -> None:
    add(world, text=COMPLAINT)
    world.visit("forum", world.post())
    assert world.event().heat.posts == 2


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({"topic": "weather"}, "no topic 'weather'; there are quality"),
        ({"title": "  "}, "want a title"),
        ({"url": "mailto:wang@elsewhere.cn"}, "not an http or https address"),
    ],
)
def test_what_cannot_be_added_is_refused_and_leaves_no_trace(world: World, told: dict[str, str], why: str) -> None:
    with pytest.raises(RequestError, match=why):
        add(world, **told)
    assert (world.events(), missed(world)) == ([], [])


def test_a_post_of_an_event_of_ours_is_no_miss(world: World) -> None:
    post = world.post()
    world.visit("forum", post)
    with pytest.raises(RequestError, match="part of E1 already"):
        add(world, url=post.url)
    assert missed(world) == []


def test_the_same_twice_is_one_event(world: World) -> None:
    add(world, url="https://elsewhere.cn/1")
    with pytest.raises(RequestError, match="part of E1 already"):
        add(world, url="https://elsewhere.cn/1")
    assert len(world.events()) == 1


def test_a_post_that_matched_nothing_becomes_an_event_with_the_text_that_was_read(world: World) -> None:
    post = world.post(title="喝坏了肚子", text="楼下便利店的那一款，我们全家喝了都不舒服，已经去了医院。")
    world.visit("forum", post)
    event = add(world, title="便利店酸奶", url=post.url, text="three of a family are ill")
    assert (event.title, missed(world)) == ("喝坏了肚子", [(post.url, "")])
    with world.engine.store.read() as connection:
        assert list(connection.exec_driver_sql("select text from post").scalars()) == [post.text]


def test_a_post_that_stood_there_before_we_looked_is_news_when_somebody_says_so(world: World) -> None:
    old = world.post("press1")
    world.configure(sources=(*world.engine.settings.sources, replace(world.engine.settings.sources[0], id="late")))
    world.visit("late", replace(old, source="late"))
    assert world.events() == []
    assert add(world, url=old.url).heat.posts == 1


def test_a_post_of_an_event_of_another_topic_keeps_that_event_and_its_reasons(world: World) -> None:
    world.configure(topics=(SERVICE,))
    post = world.post()
    world.visit("forum", post)
    world.configure(topics=(SERVICE, replace(SERVICE, id="quality", any=("nothing",))))
    assert add(world, url=post.url).code == "E2"
    assert [event.topic for event in world.events()] == ["service", "quality"]
    with world.engine.store.read() as connection:
        topics = connection.exec_driver_sql("select topic from match order by id").scalars()
        assert list(topics) == ["service", "quality"]


def test_when_it_is_closed_the_words_that_would_have_found_it_go_on_record(world: World) -> None:
    add(world, title="奶粉罐里有金属片", text="奶粉罐里有一块金属片，金属片很锋利，孩子差点吃下金属片。", unit="市场部")
    world.engine.act("E1", Act.CLOSE, by="wang", reason="the batch was called back", now=world.clock.now)
    (review,) = world.record("event.reviewed")
    assert "金属片" in review["words"]  # type: ignore[operator]
    assert any("missed" in str(fault) for fault in review["faults"])  # type: ignore[attr-defined]
    assert world.engine.settings.topics[0].any == ("异物", "拉肚子", "变质")  # nothing changes by itself
