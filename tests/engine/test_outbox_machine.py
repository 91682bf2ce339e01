"""Whatever happens in whatever order, nothing vanishes: a machine that does everything that can be done to notices.

It keeps a book of its own of what was promised and what was handed to a sender, and holds the store against it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from world import Clock, World, person

from yuqing_daemon import Answer, Channel, Outcome, Post, Source, Topic
from yuqing_daemon.config import NoticeSettings, Settings
from yuqing_daemon.domain import Act, Delivery, Regime
from yuqing_daemon.engine import Engine
from yuqing_daemon.errors import RequestError
from yuqing_daemon.plugins import Plugins
from yuqing_daemon.store import Store, audit

OVER = {"accepted", "dead", "cancelled", "suppressed", "bundled", "expired"}
OUTCOMES = {
    "accepted": Outcome(answer=Answer.ACCEPTED, detail="ok"),
    "retry": Outcome(answer=Answer.RETRY, detail="451"),
    "busy": Outcome(answer=Answer.RETRY, detail="429", retry_after=timedelta(minutes=3)),
    "refused": Outcome(answer=Answer.PERMANENT, detail="550"),
    "login": Outcome(answer=Answer.PERMANENT, detail="535", pause_channel=True),
    "unknown": Outcome(answer=Answer.UNKNOWN, detail="lost"),
}
CHANNELS = ("mail", "sms", "chat")
NOTICES = NoticeSettings(
    group_wait=timedelta(seconds=30),
    update_general=timedelta(minutes=30),
    update_major=timedelta(minutes=5),
    per_person=6,
    progress_within=timedelta(hours=4),
    self_test=True,
)


def dairy(folder: Path, company: Regime) -> Settings:
    """Two people in each of the roles that matter, over three channels, one of which bears little."""
    channels = {name: Channel(id=name, sender="test") for name in CHANNELS}
    channels["chat"] = replace(channels["chat"], options={"per_minute": 5})
    return Settings(
        folder=folder,
        state=folder / "state",
        organisation="青禾乳业",
        language="zh",
        timezone=ZoneInfo("Asia/Shanghai"),
        regime=replace(company, duties=(), wants_reason=()),
        sources=(Source(id="forum", urls=("https://forum.cn/",), site="forum", spider="page"),),
        topics=(
            Topic(id="quality", all=("青禾",), any=("异物",)),
            Topic(id="children", any=("孩子",)),
        ),
        recipients=(
            person("wang", "monitor", channels=("chat", "mail", "sms")),
            person("li", "monitor", "office", channels=("mail",)),
            person("zhao", "office", "department", channels=("sms", "mail")),
            person("leader", "leading_group", "spokesperson", channels=("sms",)),
            person("admin", "ops", channels=("mail", "sms")),
        ),
        channels=channels,
        notices=NOTICES,
    )


class Notices(RuleBasedStateMachine):
    """Everything that happens to notices."""

    base: Settings

    def __init__(self) -> None:
        super().__init__()
        engine = Engine(
            Store.in_memory(), self.base, Plugins.load(disable=("mail", "sms")), secret=b"secret", draw=lambda: 0.5
        )
        self.world = World(engine, Clock())
        engine.begin(now=self.world.clock.now)
        self.world.baseline()
        self.stories = 0
        self.posts: list[Post] = []
        self.handed_over: Counter[str] = Counter()
        self.promised: set[str] = set()
        self.claimed: list[tuple[Delivery, str]] = []

    def teardown(self) -> None:
        """At last everything goes through: what was promised is told, or says why not."""
        world = self.world
        world.engine.begin(now=world.clock.now)
        self.claimed.clear()
        for _ in range(80):
            world.pass_(hours=1)
            self.send("accepted", 100)
            if all(row.state.value in OVER for row in world.deliveries()) and not world.engine.due(now=world.clock.now):
                break
        left = [row.key for row in world.deliveries() if row.state.value not in OVER]
        assert not left, left
        self.nothing_vanishes_and_nothing_is_done_that_was_not_sent()
        self.the_record_holds()
        world.engine.store.close()

    # -- what the world does

    @rule(with_children=st.booleans())
    def a_story(self, with_children: bool) -> None:
        """Somebody publishes something new."""
        self.stories += 1
        words = "".join(chr(0x4E00 + (self.stories * 37 + place * 101) % 5000) for place in range(60))
        text = f"青禾{words}异物。" + ("孩子也喝了。" if with_children else "")
        post = self.world.post(title=f"青禾异物{words[:20]}", text=text)
        self.posts.append(post)
        self.world.visit("forum", post)

    @precondition(lambda self: self.posts)
    @rule(which=st.integers(0, 50), reads=st.sampled_from([500, 1000, 3000]))
    def it_is_read(self, which: int, reads: int) -> None:
        """A post's counters go up."""
        self.world.clock.pass_(seconds=1)
        self.world.read(self.posts[which % len(self.posts)], reads=reads)

    @precondition(lambda self: self.posts)
    @rule(which=st.integers(0, 50))
    def it_is_copied(self, which: int) -> None:
        """The same text elsewhere."""
        old = self.posts[which % len(self.posts)]
        self.world.visit("forum", self.world.post(title=old.title, text=old.text))

    # -- what senders do

    @rule(outcome=st.sampled_from(sorted(OUTCOMES)), limit=st.integers(1, 8))
    def send(self, outcome: str, limit: int) -> None:
        """Some of what is due is sent, on every channel."""
        engine, clock = self.world.engine, self.world.clock
        for channel in CHANNELS:
            for delivery in engine.claim(channel, token="t", now=clock.now, limit=limit):
                self.handed_over[delivery.key] += 1
                engine.record(delivery, OUTCOMES[outcome], token="t", now=clock.now)

    @rule(channel=st.sampled_from(CHANNELS), arrives=st.booleans())
    def a_sender_dies(self, channel: str, arrives: bool) -> None:
        """What it had claimed may have arrived; it never says so."""
        for delivery in self.world.engine.claim(channel, token="dead", now=self.world.clock.now, limit=2):
            self.handed_over[delivery.key] += arrives
            self.claimed.append((delivery, "dead"))

    @precondition(lambda self: self.claimed)
    @rule(outcome=st.sampled_from(sorted(OUTCOMES)))
    def a_sender_thought_dead_speaks(self, outcome: str) -> None:
        """Its word counts only while its claim stands."""
        delivery, token = self.claimed.pop()
        self.handed_over[delivery.key] += 1
        self.world.engine.record(delivery, OUTCOMES[outcome], token=token, now=self.world.clock.now)

    # -- what time and people do

    @rule(minutes=st.sampled_from([1, 7, 31, 90, 600]))
    def time_passes(self, minutes: int) -> None:
        """What is due happens."""
        self.world.pass_(minutes=minutes)
        self.world.engine.housekeeping(now=self.world.clock.now)

    @rule()
    def the_daemon_starts_anew(self) -> None:
        """After a crash."""
        self.world.engine.begin(now=self.world.clock.pass_(seconds=1))

    @rule(hours=st.sampled_from([-1, 1]))
    def the_clock_is_set(self, hours: int) -> None:
        """Forward or back."""
        self.world.clock.pass_(hours=hours)
        self.world.engine.clock_jumped(timedelta(hours=hours), now=self.world.clock.now)

    @precondition(lambda self: self.posts)
    @rule(which=st.integers(1, 50), act=st.sampled_from([None, Act.DISMISS, Act.CLOSE, Act.REOPEN, Act.NOTE]))
    def somebody_acts(self, which: int, act: Act | None) -> None:
        """One of those who were told does something about it."""
        code, now = f"E{which % self.stories + 1}", self.world.clock.pass_(seconds=1)
        try:
            if act is None:
                self.world.engine.acknowledge(code, by="wang", how="test", now=now)
            else:
                self.world.engine.act(code, act, by="li", reason="because", now=now)
        except RequestError:
            pass  # it is not in a state for that

    @rule(hours=st.sampled_from([1, 5]))
    def something_is_silenced(self, hours: int) -> None:
        """For a while."""
        now = self.world.clock.now
        ends_at = now + timedelta(hours=hours)
        self.world.engine.set_silence({"topic": "quality"}, ends_at=ends_at, by="li", reason="noise", now=now)

    @rule()
    def a_dead_letter_is_sent_again(self) -> None:
        """The latest one."""
        dead = [row.key for row in self.world.deliveries() if row.state == "dead" and row.parent is None]
        if dead:
            self.world.engine.requeue(dead[-1], by="li", now=self.world.clock.now)

    @rule(gone=st.booleans())
    def somebody_leaves_or_comes_back(self, gone: bool) -> None:
        """And is not told meanwhile."""
        people = self.base.recipients[1:] if gone else self.base.recipients
        self.world.configure(recipients=people)

    # -- what always holds

    @invariant()
    def nothing_vanishes_and_nothing_is_done_that_was_not_sent(self) -> None:
        rows = self.world.deliveries()
        keys = [row.key for row in rows]
        assert len(keys) == len(set(keys))
        assert self.promised <= set(keys)
        self.promised = set(keys)
        numbers = {row.id for row in rows}
        for row in rows:
            assert bool(row.token) == (row.state == "sending")  # a claim is one sender's
            if row.state == "accepted":
                assert self.handed_over[row.key], f"{row.key} was never sent"
            if row.state == "bundled":
                assert row.parent in numbers
            if row.state == "suppressed":
                assert row.suppressed_by

    def the_record_holds(self) -> None:
        """From its first entry to the last."""
        with self.world.engine.store.read() as connection:
            assert audit.first_broken(connection) is None


def test_whatever_happens_nothing_vanishes(tmp_path: Path, company: Regime) -> None:
    Notices.base = dairy(tmp_path, company)
    run_state_machine_as_test(
        Notices,
        settings=settings(
            max_examples=15,
            stateful_step_count=20,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
