"""What events are called and the words that set them apart: chosen by the dictionary, and nothing waits for it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from world import World

from yuqing_daemon.domain import Act
from yuqing_daemon.text import dictionary, story


def test_an_event_is_named_by_its_first_post_and_named_again_when_others_say_it_in_other_words(world: World) -> None:
    world.visit("forum", world.post())
    assert world.event().key_words.split()[:3] == ["青禾", "酸奶", "异物"]
    first = world.post(title="求助", text="青禾的酸奶喝了拉肚子，孩子被送到医院洗胃，医院说是细菌感染。")
    world.visit("forum", first, replace(first, url="https://forum.cn/99", text=first.text + "医院洗胃，细菌感染。" * 9))
    words = [event.key_words for event in world.events()]
    assert "医院" in words[1] and "医院" not in words[0]


def test_a_title_that_tells_nothing_is_replaced_by_a_sentence_of_the_post(world: World) -> None:
    world.visit("forum", world.post(title="有人管吗", text="太过分了。青禾酸奶里喝出异物，青禾客服不理人！"))
    assert world.event().title == "青禾酸奶里喝出异物，青禾客服不理人！"


def test_a_title_in_which_the_topic_was_found_stays(world: World) -> None:
    world.visit("forum", world.post(title="青禾！！", text="打开看见里面有异物。异物很大，拍了照片。"))
    assert world.event().title == "青禾！！"


def test_before_the_dictionary_is_there_events_go_their_way_and_are_named_later(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as early:
        early.setattr(dictionary, "is_loaded", lambda: False)
        world.visit("forum", world.post())
        assert world.event().key_words == ""
        assert world.told("found") == {"monitor"}
    world.engine.housekeeping(now=world.clock.pass_(minutes=1))
    assert world.event().key_words.startswith("青禾 酸奶")
    assert world.event().rev == 1  # nobody is told of that


def test_an_event_whose_posts_have_no_key_word_is_looked_at_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at: list[int] = []
    monkeypatch.setattr(story, "telling_words", lambda posts: looked_at.append(len(posts)) or [])
    with monkeypatch.context() as early:
        early.setattr(dictionary, "is_loaded", lambda: False)
        world.visit("forum", world.post())
    for _ in range(3):
        world.engine.housekeeping(now=world.clock.pass_(minutes=1))
    assert looked_at == [1]
    other = world.post(title="青禾异物", text="青禾牛奶有异物，和别人说的不是一回事。")
    world.visit("forum", other)
    world.read(other, reads=20)
    assert looked_at == [1, 1]


def test_what_is_split_off_is_named_by_its_own_posts(world: World) -> None:
    other = world.post(title="看这里", text="青禾酸奶有异物。仓库里的老鼠把青禾的纸箱咬破了，老鼠就住在仓库里。")
    world.visit("forum", world.post())
    world.visit("forum", other)
    act = world.engine.act
    act("E2", Act.MERGE, by="office", reason="one", data={"into": "E1"}, now=world.clock.pass_(minutes=1))
    act("E1", Act.SPLIT, by="office", reason="two", data={"posts": [other.url]}, now=world.clock.pass_(minutes=1))
    part = world.events()[-1]
    assert "老鼠" in part.key_words and "老鼠" in part.title
