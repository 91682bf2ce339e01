"""Changed topics on the stored posts: gains and losses with their reasons, told before and when they go live."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from yuqing_daemon import Post, Source, Topic
from yuqing_daemon.backtest import backtest, keep_live, live_topics
from yuqing_daemon.clock import utc_now
from yuqing_daemon.config import Settings
from yuqing_daemon.store import Store, posts

NOW = utc_now()
TEXTS = {"a": "青禾酸奶变质", "b": "青禾喝出异物", "c": "青禾招聘", "d": "白鹭酸奶变质"}
OLD = (Topic(id="food", any=("变质",)), Topic(id="same", any=("青禾",)), Topic(id="gone", any=("招聘",)))
NEW = (
    Topic(id="food", query="青禾 AND (变质 OR 异物)"),
    Topic(id="same", any=("青禾",)),
    Topic(id="new", any=("白鹭",)),
)


@pytest.fixture
def store() -> Iterator[Store]:
    store = Store.in_memory()
    with store.write() as connection:
        for name, title in TEXTS.items():
            put(connection, name, title, days=1)
        put(connection, "old", "青禾酸奶有异物", days=30)
    yield store
    store.close()


def put(connection: object, name: str, title: str, *, days: int) -> None:
    at = NOW - timedelta(days=days)
    post = Post(url=f"https://bbs.cn/{name}", source="bbs", title=title, fetched_at=at)
    posts.store(connection, [(post, "")], baseline=False, now=at)  # type: ignore[arg-type]


def changes(store: Store, old: tuple[Topic, ...], new: tuple[Topic, ...], days: int = 7) -> dict[str, list[list[str]]]:
    def source(id: str) -> Source | None:
        return Source(id=id, urls=(), tags=("county",))

    with store.read() as connection:
        found = backtest(connection, old, new, since=NOW - timedelta(days=days), source=source)
    return {
        change.topic: [[f"{one.post.url[-1]} {one.why}" for one in some] for some in (change.gained, change.lost)]
        for change in found
    }


def test_each_topic_that_differs_says_what_it_gains_and_loses_and_why(store: Store) -> None:
    assert changes(store, OLD, NEW) == {
        "food": [["b title:青禾 AND title:异物"], ["d NOT 青禾"]],
        "gone": [[], ["c there is no such topic any more"]],
        "new": [["d title:白鹭"], []],
    }


def test_nothing_differs_if_nothing_was_changed(store: Store) -> None:
    assert changes(store, OLD, OLD) == {}


def test_only_posts_of_the_last_days_count(store: Store) -> None:
    assert [len(gained) for gained, _ in changes(store, (), NEW[:1], days=7).values()] == [2]
    assert [len(gained) for gained, _ in changes(store, (), NEW[:1], days=60).values()] == [3]


def test_a_topic_may_ask_for_the_tags_of_the_source(store: Store) -> None:
    (found,) = changes(store, (), (Topic(id="t", query="白鹭 AND tags:county"),)).values()
    assert len(found[0]) == 1


def test_the_topics_that_go_live_are_remembered_until_others_do(settings: Settings, tmp_path: Path) -> None:
    settings = replace(settings, folder=tmp_path, state=tmp_path / "state")
    assert live_topics(settings.state) == ()
    settings.state.mkdir()
    for word in ("变质", "异物"):
        (tmp_path / "topics.toml").write_text(f'[topics.food]\nany = ["{word}"]\n', "utf-8")
        keep_live(settings)
        assert live_topics(settings.state)[0].any == (word,)
