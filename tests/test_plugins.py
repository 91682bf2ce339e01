"""One bad plugin costs its own answers, and an operator can see and switch it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from installed import install
from world import World

from yuqing_daemon import Article, Event, Heat, Level, Match, Opinion, Outcome, Post, hookimpl, plugins
from yuqing_daemon.domain import AuditEntry
from yuqing_daemon.errors import PluginError
from yuqing_daemon.plugins import SET_ASIDE_AFTER, Plugins
from yuqing_daemon.store import plugin_states

GOOD = """
from yuqing_daemon import Match, hookimpl

@hookimpl
def match_post(post):
    return [Match(topic="quality", span="酸奶")] if "酸奶" in post.text else None
"""


# -- loading --------------------------------------------------------------------------------------


def test_an_installed_package_is_loaded_only_if_the_configuration_names_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    install(monkeypatch, tmp_path, "school", "school_plugin", GOOD)
    assert Plugins.load().entries["school"].status == "not enabled"
    entry = Plugins.load(enable=("school",)).entries["school"]
    assert (entry.status, entry.package, entry.hooks) == ("active", "yuqing-school 1.0", ("match_post",))


def test_no_plugins_means_the_built_ins_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    install(monkeypatch, tmp_path, "school", "school_plugin", "raise SystemExit('not on this machine')")
    entries = Plugins.load(enable=("school",), others=False).entries
    assert entries["school"].status == "not enabled"
    assert entries["keywords"].status == "active"


def test_a_disabled_plugin_is_listed_and_never_asked(world: World) -> None:
    loaded = Plugins.load(disable=("keywords", "mail"))
    assert loaded.entries["keywords"].status == "disabled"
    assert not list(loaded.ask("match_post", post=world.post(), topics=world.engine.settings.topics))
    assert "mail" not in loaded.senders()


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("import serial_port_of_the_modem", "ModuleNotFoundError: No module named 'serial_port_of_the_modem'"),
        ("raise SystemExit('no licence')", "SystemExit: no licence"),
        ("def broken(:", "SyntaxError"),
        (GOOD.replace("match_post", "match_posts"), "there is no hook 'match_posts'; there are advise, "),
        (GOOD.replace("def match_post", "async def match_post"), "hook match_post must be a plain function"),
        (GOOD.replace("@hookimpl", "@hookimpl(wrapper=True)").replace("return", "yield"), "no wrapper"),
        (GOOD.replace("(post)", "(post, colour)"), "colour"),
    ],
)
def test_what_cannot_be_loaded_is_listed_with_the_reason_and_the_others_work(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    world: World,
    code: str,
    reason: str,
) -> None:
    module = f"broken_{abs(hash(code))}"
    install(monkeypatch, tmp_path, "broken", module, code)
    loaded = Plugins.load(enable=("broken",))
    assert loaded.entries["broken"].status.startswith("failed: ")
    assert reason in loaded.entries["broken"].status
    (answer,) = loaded.ask("match_post", post=world.post(), topics=world.engine.settings.topics)
    assert answer[0] == "keywords"


def test_a_name_that_no_package_has_is_listed() -> None:
    entry = Plugins.load(enable=("scool",)).entries["scool"]
    assert entry.status == "failed: no installed package has a plugin of this name"


def test_a_refused_plugin_leaves_nothing_behind() -> None:
    class Misspelt:
        @hookimpl
        def match_post(self) -> None: ...

        @hookimpl
        def match_all(self) -> None: ...

    loaded = Plugins.load()
    with pytest.raises(PluginError, match="match_all"):
        loaded.register(Misspelt(), "misspelt")
    assert "misspelt" not in loaded.entries
    assert not [impl for impl in loaded.manager.hook.match_post.get_hookimpls() if impl.plugin_name == "misspelt"]


# -- asking ---------------------------------------------------------------------------------------


class Faulty:
    """A plugin that answers what it is told to, or raises it."""

    def __init__(self, answer: object) -> None:
        self.answer = answer
        self.asked = 0

    def say(self) -> object:
        self.asked += 1
        if isinstance(self.answer, BaseException):
            raise self.answer
        return self.answer

    @hookimpl
    def match_post(self, post: Post) -> object:
        return self.say()

    @hookimpl
    def classify_event(self, event: Event) -> object:
        return self.say()

    @hookimpl
    def escalate_event(self, heat: Heat) -> object:
        return self.say()

    @hookimpl
    def on_audit(self, entry: AuditEntry) -> object:
        return self.say()


def halfway() -> Iterator[Match]:
    yield Match(topic="quality", span="酸奶")
    raise RuntimeError("halfway")


@pytest.mark.parametrize(
    "answer",
    [
        RuntimeError("no"),
        SystemExit(1),
        RecursionError("deep"),
        "quality",
        [{"topic": "quality"}],
        [None],
        7,
        halfway(),
        Opinion(reason="", confidence=1.0),
    ],
)
def test_a_bad_answer_costs_nobody_elses(world: World, answer: object) -> None:
    faulty = Faulty(answer)
    world.engine.plugins.register(faulty, "faulty")
    world.visit("forum", world.post())
    assert world.event().heat.posts == 1
    assert world.told("found") == {"monitor"}
    assert faulty.asked
    entry = world.engine.plugins.entries["faulty"]
    assert entry.failures >= 1
    assert entry.error


def test_a_plugin_may_yield_its_answers_one_by_one(world: World) -> None:
    class Yielding:
        @hookimpl
        def match_post(self) -> Iterator[Match]:
            yield Match(topic="one", span="甲")
            yield Match(topic="two", span="乙")

    world.engine.plugins.register(Yielding(), "yielding")
    world.visit("forum", world.post(title="周末天气预报", text="周末有小雨，气温下降。"))
    assert {event.topic for event in world.events()} == {"one", "two"}


def test_a_plugin_that_fails_on_one_post_is_asked_about_the_next(world: World) -> None:
    class Picky:
        @hookimpl
        def match_post(self, post: Post) -> list[Match]:
            return [Match(topic="quality", span=post.title)] if post.title != "坏" else [][1]

    world.engine.plugins.register(Picky(), "picky")
    for number, title in enumerate(["好的第一篇帖子", *["坏", "还有一篇好帖子"] * 6]):
        world.visit("forum", world.post(title=title, text=f"第{number}篇帖子说的是另一件完全不同的事情。"))
    entry = world.engine.plugins.entries["picky"]
    assert (entry.status, entry.failures, entry.in_a_row) == ("active", 6, 0)
    assert {event.title for event in world.events()} == {"好的第一篇帖子", "还有一篇好帖子"}


def test_after_five_failures_in_a_row_it_is_set_aside_and_the_operators_are_told_once_a_day(world: World) -> None:
    faulty = Faulty(RuntimeError("no"))
    world.engine.plugins.register(faulty, "faulty")
    world.visit("forum", *(world.post(title=f"第{number}篇帖子的标题") for number in range(9)))
    assert faulty.asked == SET_ASIDE_AFTER
    assert world.engine.plugins.entries["faulty"].status == "set aside: match_post: RuntimeError: no"
    for _ in range(3):
        world.engine.housekeeping(now=world.clock.pass_(minutes=1))
    assert world.told("ops:plugin:faulty") == {"admin"}
    assert len([row for row in world.deliveries() if row.purpose.startswith("ops:plugin")]) == 1
    with world.engine.store.read() as connection:
        assert plugin_states.failures(connection)["faulty"] == ("set aside: match_post: RuntimeError: no", 5)


def test_a_sender_is_asked_however_often_it_failed() -> None:
    class Sender:
        asked = 0

        @hookimpl
        def send(self) -> Outcome:
            Sender.asked += 1
            raise OSError("the modem is gone")

    loaded = Plugins.load(disable=("mail", "webhook", "sms", "apprise"))
    loaded.register(Sender(), "modem")
    for _ in range(SET_ASIDE_AFTER + 3):
        assert not list(loaded.ask("send", delivery=None))
    assert Sender.asked == SET_ASIDE_AFTER + 3
    assert loaded.entries["modem"].status == "active"


def test_a_plugin_that_does_not_answer_in_time_is_left_behind_at_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    over = threading.Event()

    class Hanging:
        @hookimpl
        def match_post(self) -> None:
            over.wait(60)

    monkeypatch.setattr(plugins, "TIME_LIMIT", 0.05)
    world.engine.plugins.register(Hanging(), "hanging")
    try:
        world.visit("forum", world.post(), world.post(title="青禾酸奶里又有异物"))
    finally:
        over.set()
    assert world.event().heat.posts == 2
    entry = world.engine.plugins.entries["hanging"]
    assert (entry.status, entry.failures) == ("set aside: match_post: HookTimeout: no answer within 0.05 s", 1)


def test_an_organisations_own_reader_goes_before_the_built_in_one() -> None:
    class Reader:
        @hookimpl
        def extract_article(self) -> Article:
            return Article(title="我们自己的", text="")

    loaded = Plugins.load()
    loaded.register(Reader(), "own")
    name, article = next(loaded.ask("extract_article", page=None, source=None))
    assert name == "own"
    assert isinstance(article, Article)


def test_a_plugin_can_raise_a_level_and_never_lower_it(world: World) -> None:
    class Calm:
        @hookimpl
        def escalate_event(self) -> Level:
            return Level.GENERAL

    world.engine.plugins.register(Calm(), "calm")
    world.visit("press1", world.post("press1"))
    assert world.event().level is Level.MAJOR
