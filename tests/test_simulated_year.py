"""Whatever happens, in whatever order: no duty fires twice or never, every breach is on record once (R11-R13, R25)."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from oracle import faults
from simulation import CURVES, REGIMES, ZONES, begun, invented, organisation, simulated
from world import COMPLAINT

from yuqing_daemon import Outcome, Post
from yuqing_daemon.domain import Act, Answer, Event, Kind, Level, SpecialPeriod
from yuqing_daemon.engine import careful
from yuqing_daemon.errors import RequestError
from yuqing_daemon.store import audit

A_YEAR_IN_CI = 60  # happenings in each zone; benchmarks/year.py runs any number
EVES = (  # of the days on which each zone's clock on the wall is moved
    datetime(2026, 3, 7, 20, tzinfo=UTC),
    datetime(2026, 4, 4, 8, tzinfo=UTC),
    datetime(2026, 10, 3, 8, tzinfo=UTC),
    datetime(2026, 10, 31, 20, tzinfo=UTC),
)
TEXTS = ((("青禾酸奶里有异物", COMPLAINT)), *map(invented, range(3)))
SPANS = tuple(timedelta(**span) for span in ({"seconds": 1}, {"minutes": 7}, {"hours": 1}, {"hours": 25}, {"days": 9}))
events_ = st.integers(1, 6).map("E{}".format)
people_ = st.sampled_from(("wang", "li"))
reasons_ = st.sampled_from(("", "", "seen on the spot", "called them"))
levels_ = st.sampled_from([level.name.lower() for level in Level])
kinds_ = st.sampled_from([kind.value for kind in Kind])


class AnyYear(RuleBasedStateMachine):
    """An engine to which anything happens in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.held = ExitStack()
        self.posts: list[Post] = []
        self.levels: dict[int, Level] = {}
        self.lowering: str = ""  # the event that a person may just have lowered
        self.ticked = False

    @initialize(
        zone=st.sampled_from(ZONES), regime=st.sampled_from(REGIMES), at=st.sampled_from(EVES), stages=st.booleans()
    )
    def begins(self, zone: str, regime: str, at: datetime, stages: bool) -> None:
        self.year = self.held.enter_context(begun(organisation(regime, zone, with_stages=stages), seed=1, at=at))
        self.world = self.year.world

    # -- what the sites bring

    @rule(text=st.sampled_from(TEXTS), source=st.sampled_from(("forum", "press1", "press2")), old=st.booleans())
    def a_post_is_found(self, text: tuple[str, str], source: str, old: bool) -> None:
        url = self.posts[-1].url if old and self.posts else ""
        post = self.world.post(source, title=text[0], text=text[1], url=url)
        self.posts.append(post)
        self.world.visit(source, post)

    @precondition(lambda self: self.posts)
    @rule(which=st.integers(0, 5), reads=st.none() | st.integers(0, 4000), comments=st.none() | st.integers(0, 600))
    def a_post_is_read(self, which: int, reads: int | None, comments: int | None) -> None:
        self.world.read(self.posts[which % len(self.posts)], reads=reads, comments=comments)

    @rule(text=st.sampled_from(TEXTS), with_url=st.booleans())
    def somebody_tells_us(self, text: tuple[str, str], with_url: bool) -> None:
        url = self.posts[-1].url if with_url and self.posts else ""
        self.tries(lambda: self.world.engine.add_by_hand(
            topic="quality", title=text[0], url=url, by="wang", now=self.world.clock.now
        ))  # fmt: skip

    # -- what people do

    def tries(self, what: Callable[[], object]) -> None:
        """It is done, or refused and leaves no trace."""
        before = self.entries()
        try:
            what()
        except RequestError:
            assert self.entries() == before

    def acts(self, code: str, what: Act, by: str, reason: str, **data: object) -> None:
        now = self.world.clock.now
        self.tries(lambda: self.world.engine.act(code, what, by=by, reason=reason, data=data, now=now))

    @rule(code=events_, what=st.sampled_from(tuple(Act)), by=people_, reason=reasons_)
    def a_person_acts(self, code: str, what: Act, by: str, reason: str) -> None:
        self.acts(code, what, by, reason)

    @rule(code=events_, what=st.sampled_from((Act.CONFIRM, Act.CORRECT)), by=people_, reason=reasons_, kind=kinds_)
    def a_person_says_what_kind_it_is(self, code: str, what: Act, by: str, reason: str, kind: str) -> None:
        self.acts(code, what, by, reason, kind=kind)

    @rule(code=events_, what=st.sampled_from((Act.CONFIRM, Act.CORRECT)), by=people_, reason=reasons_, level=levels_)
    def a_person_says_how_grave_it_is(self, code: str, what: Act, by: str, reason: str, level: str) -> None:
        self.lowering = code
        self.acts(code, what, by, reason, level=level)

    @rule(code=events_, by=people_, reason=reasons_, into=events_)
    def a_person_merges(self, code: str, by: str, reason: str, into: str) -> None:
        self.acts(code, Act.MERGE, by, reason, into=into)

    @precondition(lambda self: self.posts)
    @rule(code=events_, by=people_, reason=reasons_, which=st.integers(0, 5))
    def a_person_splits(self, code: str, by: str, reason: str, which: int) -> None:
        self.acts(code, Act.SPLIT, by, reason, posts=[self.posts[which % len(self.posts)].url])

    @rule(code=events_, by=people_, reason=reasons_, which=st.integers(0, 20))
    def a_person_hands_over_or_does_a_duty(self, code: str, by: str, reason: str, which: int) -> None:
        configured = self.world.engine.settings
        if which % 2:
            self.acts(code, Act.HAND_OVER, by, reason, to=configured.recipients[which % len(configured.recipients)].id)
        else:
            self.acts(code, Act.DO, by, reason, duty=configured.regime.duties[which % len(configured.regime.duties)].id)

    # -- what time and the machine bring

    @rule(answer=st.sampled_from((Answer.ACCEPTED, *Answer)))
    def notices_are_sent(self, answer: Answer) -> None:
        self.world.send(Outcome(answer=answer, detail="said the other side"))

    @rule(span=st.sampled_from(SPANS), is_up=st.booleans())
    def time_passes(self, span: timedelta, is_up: bool) -> None:
        """With the daemon up, what is due is fired at its own instant; else all of it afterwards, late."""
        until = self.world.clock.now + span
        if is_up:
            self.world.pass_(seconds=span.total_seconds())
        self.world.clock.now = until
        self.year.ticks()
        self.ticked = True

    @rule(hours=st.sampled_from((-26, -2, -1, 1, 3, 26)))
    def the_clock_jumps(self, hours: int) -> None:
        self.world.clock.now += timedelta(hours=hours)

    @rule()
    def the_daemon_looks_after_itself(self) -> None:
        self.world.engine.housekeeping(now=self.world.clock.now)
        careful.fire_due(self.world.engine, now=self.world.clock.now)

    @rule()
    def the_daemon_is_started_again(self) -> None:
        self.year.restarts()
        assert self.world.engine is self.year.world.engine

    @rule(regime=st.sampled_from(REGIMES), is_special=st.booleans(), stages=st.booleans(), gone=st.integers(0, 20))
    def the_rules_are_changed(self, regime: str, is_special: bool, stages: bool, gone: int) -> None:
        now, zone = self.world.clock.now, self.world.engine.settings.timezone.key
        other = organisation(regime, zone, with_stages=stages)
        period = SpecialPeriod(name="节日", begins_at=now, ends_at=now + timedelta(days=3))
        people = tuple(person for n, person in enumerate(other.recipients) if n != gone)
        changed = replace(other, recipients=people, special_periods=(period,) if is_special else ())
        self.world.engine.reload(changed, by="root", now=now)

    # -- what must hold

    def entries(self) -> int:
        with self.world.engine.store.read() as connection:
            return audit.size(connection)

    @invariant()
    def nothing_is_as_it_must_not_be(self) -> None:
        if not hasattr(self, "year"):
            return
        with self.world.engine.store.read() as connection:
            assert list(faults(connection, now=self.world.clock.now, ticked=self.ticked)) == []
        assert [id for id, count in self.world.engine.fired.items() if count > 1] == []  # type: ignore[attr-defined]
        self.only_a_person_lowered(self.world.events())
        self.lowering, self.ticked = "", False

    def only_a_person_lowered(self, found: list[Event]) -> None:
        lower = [event.code for event in found if event.level < self.levels.get(event.id, event.level)]
        assert lower in ([], [self.lowering])
        self.levels = {event.id: event.level for event in found}

    def teardown(self) -> None:
        self.held.close()


def test_in_whatever_order_things_happen_no_duty_fires_twice_or_never() -> None:
    run_state_machine_as_test(
        AnyYear,
        settings=settings(
            max_examples=40, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )


@pytest.mark.skipif(not CURVES.exists(), reason="the real curves are not here")
@pytest.mark.parametrize("zone", ZONES)
def test_in_a_year_of_real_curves_every_breach_is_on_record_once(zone: str) -> None:
    with simulated(zone, events=A_YEAR_IN_CI) as year:
        assert list(year.faults()) == []
        tally = year.tally()
    assert min(tally[what] for what in ("restarts", "reloads", "jumps", "done", "breaches", "dropped")) > 0


@pytest.mark.skipif(not CURVES.exists(), reason="the real curves are not here")
def test_the_same_year_is_the_same_record() -> None:
    random.seed()  # nothing of it comes from there
    with simulated(ZONES[0], events=4, seed=7) as one, simulated(ZONES[0], events=4, seed=7) as other:
        assert one.tally() == other.tally()
