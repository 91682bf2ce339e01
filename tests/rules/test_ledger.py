"""The ledger answers from the record: late, missed, false, concealed, and credit (R25, R26)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from world import COMPLAINT, Clock, World

from yuqing_daemon import Level, Reading, Source
from yuqing_daemon.bus import Result, Visit
from yuqing_daemon.config import Settings
from yuqing_daemon.domain import Act, Answer, AuditEntry, DutyRule, Outcome
from yuqing_daemon.engine import Engine
from yuqing_daemon.errors import RequestError
from yuqing_daemon.plugins import Plugins
from yuqing_daemon.rules.ledger import Heading, Line, counted, ledger, within
from yuqing_daemon.store import Store, audit
from yuqing_daemon.store.ledger import records

LATE, MISSED, FALSE, CONCEALED = Heading.LATE, Heading.MISSED, Heading.FALSE, Heading.CONCEALED
REFUSED = Outcome(answer=Answer.PERMANENT, detail="550 no such user")
MILK = "今天买的青禾鲜奶已经变质，结块，闻起来发酸。" * 3
ROLES = {"wang": ("monitor",), "li": ("office",)}
DUTIES = (
    DutyRule(id="handover", name="交办", name_en="hand over", on="found", owner="office", within="2h",
             done_by=(Act.HAND_OVER,)),
    DutyRule(id="answer", name="答复", name_en="answer", on="handed_over", owner="department", within="1 day",
             done_by=(Act.REPLY,)),
)  # fmt: skip


@pytest.fixture
def world(world: World) -> Iterator[World]:
    world.configure(regime=replace(world.engine.settings.regime, duties=DUTIES))
    return world


@pytest.fixture
def world_factory(settings: Settings, plugins: Plugins) -> Iterator[Callable[[], World]]:
    """Fresh worlds, one for each example."""
    made: list[World] = []

    def fresh() -> World:
        regime = replace(settings.regime, duties=DUTIES)
        engine = Engine(Store.in_memory(), replace(settings, regime=regime), plugins, secret=b"s", draw=lambda: 0.5)
        made.append(World(engine, Clock()))
        made[-1].engine.begin(now=made[-1].clock.now)
        made[-1].baseline()
        return made[-1]

    yield fresh
    for world in made:
        world.engine.store.close()


def told(world: World, known_within: timedelta | None = None) -> tuple[Line, ...]:
    with world.engine.store.read() as connection:
        return ledger(records(connection), now=world.clock.now, roles=ROLES, known_within=known_within)


def lines(world: World, heading: Heading, **more: timedelta) -> list[Line]:
    return [line for line in told(world, **more) if line.heading is heading]


def act(world: World, what: Act, code: str = "E1", *, by: str = "wang", reason: str = "", **data: object) -> None:
    world.engine.act(code, what, by=by, reason=reason, data=data, now=world.clock.now)


def whats(world: World, line: Line) -> list[str]:
    with world.engine.store.read() as connection:
        return [entry.what for entry in audit.entries(connection) if entry.id in line.entries]


def report(world: World, what: str = "report.bulletin", *, by: str = "wang", **data: object) -> None:
    with world.engine.store.write() as connection:
        audit.append(connection, AuditEntry(at=world.clock.now, actor=by, what=what, event=1, data=data))


# -- late -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("minutes", "is_late"), [(120, False), (121, True)])
def test_a_duty_done_after_it_was_due_is_late_by_so_much(world: World, minutes: int, is_late: bool) -> None:
    world.visit("forum", world.post())
    world.pass_(minutes=1)
    world.engine.acknowledge("E1", by="monitor", how="test", now=world.clock.now)
    world.clock.pass_(minutes=119) if not is_late else world.pass_(minutes=minutes - 1)
    act(world, Act.HAND_OVER, by="li", to="department")
    found = lines(world, LATE)
    assert [line.key for line in found] == (["late:duty:1:handover:1"] if is_late else [])
    for line in found:
        assert (line.units, line.people) == (("office",), ("li",))
        assert line.figures["late_by"] == timedelta(minutes=1)
        assert whats(world, line) == ["duty.begun", "duty.breached", "duty.done"]
    assert len(lines(world, Heading.IN_TIME)) == (not is_late)


def test_a_duty_still_not_done_is_late_and_names_who_was_told(world: World) -> None:
    world.visit("forum", world.post())
    world.engine.acknowledge("E1", by="monitor", how="test", now=world.clock.now)
    world.clock.pass_(hours=3)  # the daemon was down: the breach itself is not on record yet
    (line,) = lines(world, LATE)
    assert line.what == "duty handover: still not done"
    assert line.figures["late_by"] == timedelta(hours=1)


def test_a_duty_dropped_in_time_is_not_late_and_one_dropped_too_late_is(world: World) -> None:
    world.visit("forum", world.post())
    act(world, Act.DISMISS, reason="another Qinghe")
    world.pass_(hours=9)
    assert not lines(world, LATE)
    world.visit("forum", world.post(title="青禾又见变质酸奶", text=MILK))
    world.engine.acknowledge("E2", by="monitor", how="test", now=world.clock.now)
    world.pass_(hours=3)
    act(world, Act.DISMISS, "E2", reason="another Qinghe")
    (line,) = lines(world, LATE)
    assert (line.event, line.what) == (2, "duty handover: never done, no longer owed")


@pytest.mark.parametrize(("minutes", "heading"), [(30, Heading.ACKNOWLEDGED), (31, LATE)])
def test_a_notice_may_wait_until_its_second_rung(world: World, minutes: int, heading: Heading) -> None:
    world.visit("forum", world.post())
    world.clock.pass_(minutes=minutes)
    world.engine.acknowledge("E1", by="monitor", how="test", now=world.clock.now)
    found = [line for line in told(world) if line.heading in (LATE, Heading.ACKNOWLEDGED)]
    assert [line.heading for line in found] == [heading]
    assert (found[0].units, found[0].people) == (("monitor",), ("monitor",))


def test_a_notice_with_one_rung_only_may_wait_until_its_first_reminder(world: World) -> None:
    post = world.post()
    world.visit("forum", post)
    world.read(post, reads=1000)
    world.clock.pass_(minutes=15)
    assert not lines(world, LATE)
    world.clock.pass_(seconds=1)
    (line,) = lines(world, LATE)
    assert line.what == "notice of level major to be acknowledged: still nobody"
    assert line.units == ("monitor", "office", "department", "leading_group")


def test_a_rung_that_was_reached_names_those_who_did_not_acknowledge(world: World) -> None:
    world.visit("forum", world.post())
    world.pass_(minutes=31)
    climbed = [line for line in lines(world, LATE) if line.key.startswith("late:rung")]
    assert [(line.units, line.figures["told"]) for line in climbed] == [(("monitor",), "office")]
    assert whats(world, climbed[0]) == ["alert.planned", "alert.climbed"]


def test_nobody_has_to_acknowledge_what_was_dismissed_or_overtaken_in_time(world: World) -> None:
    post = world.post()
    world.visit("forum", post)
    world.clock.pass_(minutes=10)
    world.read(post, reads=1000)
    world.clock.pass_(minutes=10)
    act(world, Act.DISMISS, reason="another Qinghe")
    world.clock.pass_(hours=1)
    assert not [line for line in lines(world, LATE) if "notice" in line.key]


# -- missed ---------------------------------------------------------------------------------------


def add(world: World, **more: object) -> None:
    given: dict[str, object] = {"topic": "quality", "title": "青禾酸奶喝出金属片", "unit": "市场监管局"}
    world.engine.add_by_hand(**given | more, by="li", now=world.clock.now)  # type: ignore[arg-type]


def test_an_event_that_others_told_us_of_is_missed_with_when_it_was_public_and_when_we_were_told(world: World) -> None:
    public_at = world.clock.now - timedelta(hours=5)
    add(world, url="https://weibo.example/1", public_at=public_at)
    (line,) = lines(world, MISSED)
    assert line.figures["behind"] == timedelta(hours=5)
    assert (line.figures["told_by"], line.figures["recorded_by"]) == ("市场监管局", "li")
    assert line.units == ("monitor",)
    assert whats(world, line) == ["event.opened", "event.added_by_hand"]
    assert not lines(world, Heading.FOUND_FIRST)


def test_what_others_tell_of_an_event_we_had_is_no_miss(world: World) -> None:
    world.visit("forum", world.post())
    world.clock.pass_(hours=1)
    add(world, title="转：青禾酸奶里有异物", text=COMPLAINT, url="https://weibo.example/1")
    assert not lines(world, MISSED)


def test_an_old_post_that_became_an_event_is_missed(world: World) -> None:
    new = Source(id="new", urls=("https://new.cn/",), site="new")
    world.configure(sources=(*world.engine.settings.sources, new))
    old = world.post("new")
    world.visit("new", old)
    world.read(old, reads=100)
    world.clock.pass_(hours=3)
    world.read(old, reads=1200)
    (line,) = lines(world, MISSED)
    assert (line.key, line.figures["behind"]) == ("missed:baseline:1", timedelta(hours=3))


@pytest.mark.parametrize(("hours", "is_missed"), [(2, False), (3, True)])
def test_what_the_press_had_longer_before_us_than_is_allowed_is_missed(
    world: World, hours: int, is_missed: bool
) -> None:
    world.visit("forum", world.post())
    published_at = world.clock.now - timedelta(hours=hours)
    world.clock.pass_(minutes=5)
    copy = replace(world.post("press1", title="家长称青禾酸奶有异物"), published_at=published_at)
    world.visit("press1", copy)
    assert not lines(world, MISSED)  # nobody says how long is too long
    found = lines(world, MISSED, known_within=timedelta(hours=2))
    assert [line.key for line in found] == (["missed:behind:1"] if is_missed else [])
    assert not lines(world, Heading.FOUND_FIRST)


# -- false ----------------------------------------------------------------------------------------


def test_a_report_with_other_figures_than_had_been_read_is_false_and_shows_both(world: World) -> None:
    post = world.post()
    world.visit("forum", post)
    world.read(post, reads=900, comments=20)
    world.clock.pass_(minutes=10)
    report(world, figures={"reads": 90, "comments": 20, "mainstream": 0})
    world.clock.pass_(minutes=10)
    world.read(post, reads=5000)  # later readings are no reproach
    (line,) = lines(world, FALSE)
    assert line.what == "report.bulletin says reads 90 instead of 900"
    assert line.figures["said"]["reads"] == 90
    assert line.figures["read"] == {"reads": 900, "comments": 20, "mainstream": 0}
    assert (line.people, line.units) == (("wang",), ("monitor",))


@pytest.mark.parametrize("figures", [{"reads": 900}, {"posts": 1, "reposts": None}, {}])
def test_a_report_that_says_what_had_been_read_is_not_false(world: World, figures: dict[str, int]) -> None:
    post = world.post()
    world.visit("forum", post)
    world.read(post, reads=900, comments=20)
    report(world, figures=figures)
    act(world, Act.REPORT, figures=figures)
    assert not lines(world, FALSE)


def test_a_report_is_held_against_the_instant_it_says_it_speaks_of(world: World) -> None:
    post = world.post()
    world.visit("forum", post)
    world.read(post, reads=900)
    as_of = world.clock.now.isoformat()
    world.clock.pass_(minutes=5)
    world.read(post, reads=950)
    report(world, figures={"reads": 900}, as_of=as_of)
    assert not lines(world, FALSE)
    report(world, figures={"reads": 900})
    assert len(lines(world, FALSE)) == 1


def test_a_report_that_calls_unknown_what_was_read_is_false(world: World) -> None:
    post = world.post()
    world.visit("forum", post)
    world.read(post, reads=900)
    act(world, Act.PHONE, reason="told the office", figures={"reads": None})
    (line,) = lines(world, FALSE)
    assert line.what == "judged.phone says reads unknown instead of 900"


def test_a_reading_that_was_still_on_its_way_is_no_reproach(world: World) -> None:
    """Its visit ends after the report, so nobody could know it."""
    post = world.post()
    world.visit("forum", post)
    world.read(post, reads=900)
    world.clock.pass_(minutes=5)
    at = world.clock.now
    report(world, figures={"reads": 900})
    world.clock.pass_(minutes=1)
    reading = Reading(url=post.url, at=at - timedelta(seconds=5), reads=950)
    result = Result(
        job="j", source="forum", visit=Visit.READ, started_at=at - timedelta(seconds=9), ended_at=world.clock.now,
        readings=(reading,), state={},
    )  # fmt: skip
    world.engine.take(result, now=world.clock.now)
    assert not lines(world, FALSE)


def test_figures_are_those_of_the_posts_the_event_had_when_it_was_reported(world: World) -> None:
    here, there = (
        world.post(),
        world.post(title="青禾鲜奶变质", text=MILK),
    )
    world.visit("forum", here, there)
    world.read(here, reads=100)
    world.read(there, reads=50)
    report(world, figures={"reads": 100, "posts": 1})
    world.clock.pass_(minutes=5)
    act(world, Act.MERGE, "E2", into="E1", reason="one batch")
    world.clock.pass_(minutes=5)
    report(world, figures={"reads": 150, "posts": 2})
    world.clock.pass_(minutes=5)
    act(world, Act.SPLIT, "E1", posts=[there.url], reason="two batches after all")
    world.clock.pass_(minutes=5)
    report(world, figures={"reads": 100, "posts": 1})
    assert [line.what for line in lines(world, FALSE)] == []


# -- concealed ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("reads", "is_concealed"), [(999, False), (1000, True)])
def test_a_dismissal_against_a_floor_that_was_reached_is_concealed_with_who_and_why(
    world: World, reads: int, is_concealed: bool
) -> None:
    post = world.post()
    world.visit("forum", post)
    world.read(post, reads=reads)
    act(world, Act.DISMISS, reason="nothing")
    found = lines(world, CONCEALED)
    assert len(found) == is_concealed
    for line in found:
        assert (line.what, line.people) == ("dismissed though major was reached", ("wang",))
        assert (line.figures["reason"], line.figures["heat"]["reads"]) == ("nothing", 1000)
        assert whats(world, line) == ["judged.dismiss"]
    assert len(lines(world, Heading.FALSE_ALARM)) == (not is_concealed)


def test_a_lower_level_than_was_reached_is_concealed_and_correcting_it_again_does_not_help(world: World) -> None:
    post = world.post()
    world.visit("forum", post)
    world.read(post, reads=3000)
    act(world, Act.CORRECT, level="major", reason="bots")
    world.clock.pass_(minutes=1)
    act(world, Act.CORRECT, level="extraordinary", reason="no bots")
    (line,) = lines(world, CONCEALED)
    assert line.what == "made major though extraordinary was reached"


def test_a_first_notice_that_reached_nobody_and_that_nobody_followed_is_concealed(world: World) -> None:
    world.configure(recipients=tuple(p for p in world.engine.settings.recipients if p.id == "monitor"))
    world.visit("forum", world.post())
    world.send(REFUSED, channels=("mail",))
    world.send(REFUSED, channels=("sms",))
    world.clock.pass_(minutes=30)
    assert not lines(world, CONCEALED)
    world.clock.pass_(minutes=1)
    (line,) = lines(world, CONCEALED)
    assert (line.units, line.people) == (("monitor",), ("monitor",))
    assert whats(world, line).count("delivery.dead") == 2
    world.engine.acknowledge("E1", by="li", how="test", now=world.clock.now)
    (line,) = lines(world, CONCEALED)
    assert line.figures["followed_at"] == world.clock.now


def test_a_first_notice_that_fell_back_or_was_followed_in_time_is_not(world: World) -> None:
    world.visit("forum", world.post())
    world.send(REFUSED, channels=("mail",))
    world.send(channels=("sms",))
    world.clock.pass_(hours=2)
    assert not lines(world, CONCEALED)
    world.configure(recipients=tuple(p for p in world.engine.settings.recipients if p.id == "monitor"))
    world.visit("forum", world.post(title="青禾鲜奶变质", text=MILK))
    world.send(REFUSED, channels=("mail",))
    world.send(REFUSED, channels=("sms",))
    act(world, Act.CONFIRM, "E2")
    world.clock.pass_(hours=2)
    assert not lines(world, CONCEALED)


# -- credit, counts -------------------------------------------------------------------------------


def test_an_event_found_before_the_press_is_credit(world: World) -> None:
    world.visit("forum", world.post())
    (line,) = lines(world, Heading.FOUND_FIRST)
    assert line.what == "found, and no mainstream site carried it"
    world.clock.pass_(hours=2)
    world.visit("press1", world.post("press1", title="家长称青禾酸奶有异物"))
    (line,) = lines(world, Heading.FOUND_FIRST)
    assert (line.what, line.figures["ahead"]) == ("found before press1 carried it", timedelta(hours=2))


def test_lines_are_counted_for_each_unit_and_person_and_chosen_by_period_and_unit(world: World) -> None:
    world.visit("forum", world.post())
    began = world.clock.now
    world.clock.pass_(minutes=5)
    world.engine.acknowledge("E1", by="monitor", how="test", now=world.clock.now)
    world.pass_(hours=3)
    found = told(world)
    units = {tally.who: tally.counts for tally in counted(found)}
    assert units["office"] == {LATE: 1}
    assert units["monitor"] == {Heading.FOUND_FIRST: 1, Heading.ACKNOWLEDGED: 1}
    assert {tally.who for tally in counted(found, by_person=True)} == {"monitor", "office", "-"}
    assert {line.heading for line in within(found, unit="office")} == {LATE}
    assert not within(found, until=began)
    assert len(within(found, since=began, until=began + timedelta(seconds=1))) == 1


# -- no act removes a line ------------------------------------------------------------------------

ACTS = st.sampled_from(
    [
        (Act.CONFIRM, {}),
        (Act.CONFIRM, {"level": "general"}),
        (Act.CORRECT, {"level": "general"}),
        (Act.CORRECT, {"level": "extraordinary"}),
        (Act.CORRECT, {"title": "另一个题目", "kind": "constructive"}),
        (Act.CORRECT, {"subject": ""}),
        (Act.DISMISS, {}),
        (Act.MERGE, {"into": "E2"}),
        (Act.MERGE, {"into": "E1"}),
        (Act.SPLIT, {}),
        (Act.HAND_OVER, {"to": "department"}),
        (Act.REPLY, {"figures": {"reads": 7}}),
        (Act.CLOSE, {}),
        (Act.REOPEN, {}),
        (Act.ACKNOWLEDGE, {}),
    ]
)
Steps = list[tuple[tuple[Act, dict[str, object]], str, int]]
STEPS = st.lists(
    st.tuples(ACTS, st.sampled_from(["E1", "E2"]), st.sampled_from([0, 1, 20, 45, 130])), min_size=1, max_size=8
)


@examples(
    max_examples=12,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(steps=STEPS, reads=st.sampled_from([10, 1500, 4000]), is_refused=st.booleans())
def test_whatever_people_do_later_no_line_disappears(
    world_factory: Callable[[], World],
    steps: list[tuple[tuple[Act, dict[str, object]], str, int]],
    reads: int,
    is_refused: bool,
) -> None:
    world = world_factory()
    old = datetime(2026, 3, 1, tzinfo=world.clock.now.tzinfo)
    first = world.post()
    world.visit("forum", first, world.post(title="青禾鲜奶变质", text=MILK))
    copy = replace(world.post("press1", title="家长称青禾酸奶有异物"), published_at=old)
    world.visit("press1", copy)
    world.read(first, reads=reads)
    report(world, figures={"reads": 3})
    world.send(*([REFUSED] if is_refused else []))
    seen: set[str] = set()
    for (what, data), code, minutes in steps:
        world.pass_(minutes=minutes)
        given = data | ({"posts": [copy.url]} if what is Act.SPLIT else {})
        try:
            world.engine.act(code, what, by="wang", reason="r", data=given, now=world.clock.now)
        except RequestError:
            continue
        keys = {line.key for line in told(world, timedelta(hours=1))}
        assert seen <= keys, seen - keys
        seen = keys


def test_merging_with_what_the_press_had_first_takes_no_credit_away(world: World) -> None:
    world.visit("forum", world.post(), world.post(title="青禾鲜奶变质", text=MILK))
    early = world.clock.now - timedelta(days=1)
    world.visit("press1", replace(world.post("press1", title="家长称青禾酸奶有异物"), published_at=early))
    (before,) = lines(world, Heading.FOUND_FIRST)
    world.clock.pass_(minutes=1)
    act(world, Act.MERGE, "E1", into="E2", reason="one batch")
    assert (before.event, lines(world, Heading.FOUND_FIRST)) == (2, [before])


def test_the_same_facts_give_the_same_ledger(world: World) -> None:
    world.visit("forum", world.post())
    world.pass_(hours=5)
    act(world, Act.DISMISS, reason="another Qinghe")
    assert told(world) == told(world)
    with world.engine.store.read() as connection:
        backwards = tuple(reversed(list(records(connection))))
    assert ledger(backwards, now=world.clock.now, roles=ROLES) == told(world)


@pytest.mark.parametrize("level", list(Level))
def test_a_judgement_that_agrees_with_the_rule_conceals_nothing(world: World, level: Level) -> None:
    world.visit("forum", world.post())
    act(world, Act.CONFIRM, level=level.name.lower(), reason="as I see it")
    assert not lines(world, CONCEALED)
