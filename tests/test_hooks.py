"""Each hook, with a plugin as anybody might write it: what it answers has its effect, in the engine or in a worker."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from farm import Site, article
from installed import install
from world import COMPLAINT, World

from yuqing_daemon import (
    Advice,
    Answer,
    AuditEntry,
    Consultation,
    Delivery,
    Heat,
    Kind,
    Level,
    Match,
    Opinion,
    Outcome,
    Post,
    Source,
    hookimpl,
)
from yuqing_daemon.advising import Adviser
from yuqing_daemon.bus import Job, Result
from yuqing_daemon.clock import utc_now
from yuqing_daemon.config import Settings
from yuqing_daemon.config.settings import SecondOpinionSettings
from yuqing_daemon.crawl.once import crawl_once
from yuqing_daemon.crawlers import worker_settings
from yuqing_daemon.engine import Engine
from yuqing_daemon.notify import Notifier
from yuqing_daemon.plugins import Plugins
from yuqing_daemon.store import Store, schema


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site({"/": "<html><ul><li>食堂|/1</li></ul></html>", "/1": article("内部通报")})
    yield site
    site.close()


def crawl(site: Site, settings: Settings, spider: str, *enabled: str) -> Result:
    """One visit in a worker of its own, that loads its plugins as the daemon's workers do."""
    source = Source(id="own", urls=(site.url + "/1",), internal=True, spider=spider)
    job = Job(id="j", source=source, host="own", first_visit=True, deadline=timedelta(seconds=30))
    found = crawl_once(job, worker_settings(replace(settings, enable_plugins=enabled), Plugins.load(enable=enabled)))
    assert isinstance(found, Result)
    return found


def use(world: World, plugin: object) -> Plugins:
    plugins = world.engine.plugins
    plugins.register(plugin, "own")
    return plugins


# -- in a crawl worker ----------------------------------------------------------------------------


def test_hook_spiders_brings_a_spider_that_sources_can_name(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, site: Site, settings: Settings
) -> None:
    code = """
        import scrapy
        from yuqing_daemon import hookimpl

        class Board(scrapy.Spider):
            name = "own-board"

            def parse(self, page):
                yield {"url": page.url, "title": "own: " + page.css("title::text").get()}

        @hookimpl
        def spiders():
            return [Board]
        """
    install(monkeypatch, tmp_path / "site", "own", "own_spiders", code)
    (post,) = crawl(site, settings, "own-board", "own").posts
    assert post.title == "own: 内部通报"
    assert "there is no spider 'own-board'" in crawl(site, settings, "own-board").error


def test_hook_extract_article_goes_before_the_built_in_reader(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, site: Site, settings: Settings
) -> None:
    code = """
        from yuqing_daemon import Article, hookimpl

        @hookimpl
        def extract_article(page, source):
            if source.id == "own":
                return Article(title=f"{len(page.body)} bytes", text="read by us", confidence=0.5)
        """
    install(monkeypatch, tmp_path / "site", "own", "own_reader", code)
    (post,) = crawl(site, settings, "article", "own").posts
    assert (post.title, post.text, post.confidence) == (f"{len(article('内部通报').encode())} bytes", "read by us", 0.5)
    assert crawl(site, settings, "article").posts[0].title == "内部通报"


# -- in the engine --------------------------------------------------------------------------------


def test_hook_match_post_finds_what_no_word_finds_and_adds_up(world: World) -> None:
    class Own:
        @hookimpl
        def match_post(self, post: Post, topics: tuple[Any, ...]) -> Iterator[Match]:
            assert [topic.id for topic in topics] == ["quality"]
            yield Match(topic="dairy", span="酸奶", why="it is about yoghurt")

    use(world, Own())
    world.visit("forum", world.post())
    assert [event.topic for event in world.events()] == ["dairy", "quality"]
    assert world.record("event.opened")[0]["matched"] == ["it is about yoghurt"]


def test_hook_classify_event_gives_an_opinion_that_is_kept_and_decides_nothing(world: World) -> None:
    class Own:
        @hookimpl
        def classify_event(self, posts: tuple[Post, ...]) -> Opinion:
            return Opinion(kind=Kind.HYPE, confidence=0.7, reason=f"{len(posts)} posts", sentiment="angry")

    use(world, Own())
    world.visit("forum", world.post())
    world.visit("press1", world.post("press1"))  # a copy has nothing new to say
    more = "".join(
        f"另据第{number}位家长介绍，他家的孩子也在同一天喝了同一批的青禾酸奶。" for number in "一二三四五六七八九"
    )
    world.visit("press2", world.post("press2", title="多名家长反映青禾酸奶有异物", text=COMPLAINT + more))
    with world.engine.store.read() as connection:
        rows = connection.execute(schema.opinion.select()).all()
    kept = [(row.plugin, row.reason, row.current) for row in rows if row.plugin == "own"]
    assert kept == [("own", "1 posts", False), ("own", "2 posts", True)]
    assert world.event().kind is None


def test_hook_advise_is_asked_about_what_is_unsure_and_is_one_more_opinion(world: World) -> None:
    class Own:
        @hookimpl
        def advise(self, consultation: Consultation) -> Advice:
            assert (consultation.title, consultation.options["model"]) == ("青禾酸奶里有异物", "ours")
            found = (Opinion(sentiment="neg", confidence=0.9, reason="the model said so"),)
            return Advice(prompt="asked", answer="answered", opinions=found)

    use(world, Own())
    asked = SecondOpinionSettings(base_url="http://127.0.0.1:9/v1", model="ours")
    world.engine.settings = replace(world.engine.settings, second_opinion=asked)
    world.visit("forum", world.post())
    assert Adviser(world.engine, lambda: world.clock.now).once()
    with world.engine.store.read() as connection:
        rows = connection.execute(schema.opinion.select()).all()
    assert [row.reason for row in rows if row.plugin == "second_opinion"] == ["the model said so"]
    assert world.record("advice.given")[0]["usable"] is True


def test_hook_escalate_event_raises_with_its_name_on_record_and_never_lowers(world: World) -> None:
    class Own:
        demand: Level | None = Level.MAJOR

        @hookimpl
        def escalate_event(self, heat: Heat) -> Level | None:
            return self.demand

    own = Own()
    use(world, own)
    post = world.post()
    world.visit("forum", post)
    assert world.event().level is Level.MAJOR
    assert world.record("event.measured")[0]["reason"] == "plugin own"
    own.demand = Level.GENERAL
    world.read(post, reads=3000)
    assert world.event().level is Level.EXTRAORDINARY
    own.demand = None
    world.read(post, reads=4000)
    assert world.event().level is Level.EXTRAORDINARY


def test_hook_on_audit_is_told_each_entry_once_after_it_was_stored(world: World) -> None:
    class Own:
        def __init__(self) -> None:
            self.told: list[AuditEntry] = []

        @hookimpl
        def on_audit(self, entry: AuditEntry) -> None:
            assert entry.hash
            self.told.append(entry)
            raise RuntimeError("a plugin that fails loses nothing")

    own = Own()
    use(world, own)
    world.visit("forum", world.post())
    assert [entry.what for entry in own.told][:2] == ["event.opened", "event.measured"]
    assert len(world.record("event.opened")) == 1


# -- in a channel's thread ------------------------------------------------------------------------


def test_hook_send_sends_what_its_channel_is_given_and_its_answer_counts(tmp_path: Path, settings: Settings) -> None:
    class Own:
        @dataclass(frozen=True)
        class Options:
            gateway: str = ""

        def __init__(self) -> None:
            self.sent: list[Delivery] = []

        @hookimpl
        def send(self, delivery: Delivery) -> Outcome | None:
            if delivery.channel.sender != "own":
                return None
            self.sent.append(delivery)
            return Outcome(answer=Answer.ACCEPTED, detail="by hand", provider_id="7")

    own, plugins = Own(), Plugins.load()
    plugins.register(own, "own")
    assert plugins.senders()["own"] is Own.Options
    channels = {"mail": replace(settings.channels["mail"], sender="own")}
    store = Store.open(settings.state)
    engine = Engine(store, replace(settings, channels=channels), plugins, secret=b"secret")
    keys = engine.test_notify("monitor", by="me", now=utc_now())
    Notifier(engine, utc_now).drain()
    assert [delivery.key for delivery in own.sent] == keys[:1]
    with store.read() as connection:
        row = connection.execute(schema.delivery.select()).first()
    assert row is not None
    assert (row.state, row.detail, row.provider_id) == ("accepted", "by hand", "7")
    store.close()
