"""What many tests need, and what CI forbids."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from world import ACCEPTED, COMPLAINT, DATA, NOON, ROOT, Clock, Demanding, World, person  # noqa: F401

from yuqing_daemon import Channel, Source, Topic
from yuqing_daemon.config import Settings, load, write_example
from yuqing_daemon.domain import Regime
from yuqing_daemon.engine import Engine
from yuqing_daemon.plugins import Plugins
from yuqing_daemon.store import Store
from yuqing_daemon.text import dictionary


@pytest.fixture(scope="session", autouse=True)
def _dictionary() -> None:
    """It is there from the first event on, whichever test comes first."""
    dictionary.tokenizer()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def company(tmp_path_factory: pytest.TempPathFactory) -> Regime:
    """The shipped regime of a company."""
    folder = tmp_path_factory.mktemp("example")
    write_example(folder)
    return load(folder, senders={"mail": None}).regime


@pytest.fixture
def settings(tmp_path: Path, company: Regime) -> Settings:
    """A small dairy: one topic, five people, mail and SMS."""
    return Settings(
        folder=tmp_path,
        state=tmp_path / "state",
        organisation="青禾乳业",
        language="zh",
        timezone=ZoneInfo("Asia/Shanghai"),
        # tests that are about duties, or about what words lift, say so
        regime=replace(company, duties=(), wants_reason=(), lift_by_words=False),
        sources=tuple(
            Source(id=id, urls=(f"https://{id}.cn/",), site=id, spider="page", mainstream=id.startswith("press"))
            for id in ("forum", "press1", "press2", "press3", "press4", "press5")
        ),
        topics=(Topic(id="quality", name="产品质量", all=("青禾",), any=("异物", "拉肚子", "变质")),),
        recipients=(
            person("monitor", "monitor", channels=("mail", "sms")),
            person("office", "office"),
            person("department", "department"),
            person("leader", "leading_group"),
            person("speaker", "spokesperson"),
            person("admin", "ops"),
        ),
        channels={name: Channel(id=name, sender="test") for name in ("mail", "sms")},
    )


@pytest.fixture
def plugins() -> Plugins:
    """The built-ins, without the senders of the outside world."""
    return Plugins.load(disable=("mail", "webhook", "sms", "apprise"))


@pytest.fixture
def world(settings: Settings, plugins: Plugins, clock: Clock) -> Iterator[World]:
    """A fresh world whose sources have had their first visit."""
    store = Store.in_memory()
    world = World(Engine(store, settings, plugins, secret=b"secret", draw=lambda: 0.5), clock)
    world.engine.begin(now=clock.now)
    world.baseline()
    yield world
    store.close()


@pytest.fixture
def worlds(settings: Settings, plugins: Plugins) -> Iterator[Callable[[], World]]:
    """A way to make fresh worlds: one for every example."""
    stores: list[Store] = []

    def fresh() -> World:
        stores.append(Store.in_memory())
        world = World(Engine(stores[-1], settings, plugins, secret=b"secret", draw=lambda: 0.5), Clock())
        world.engine.begin(now=world.clock.now)
        world.baseline()
        return world

    yield fresh
    for store in stores:
        store.close()


def pytest_sessionfinish(session: pytest.Session) -> None:
    """In CI nothing may be skipped: everything that a test could need is there."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.stats.get("skipped", []) if reporter else []
    if os.environ.get("CI") and skipped:
        reporter.write_line(f"{len(skipped)} skipped, and in CI none may be", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
