"""What is owed, judged and told again when an event goes on, is corrected, or comes back (R8, R9, R13, R16, R24)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from world import COMPLAINT, World

from yuqing_daemon import EventState, Kind, Level
from yuqing_daemon.domain import Act, Duty, DutyRule, Floors, Special, SpecialPeriod
from yuqing_daemon.errors import RequestError
from yuqing_daemon.store import duties, timers


def rule(id: str, on: str, **more: object) -> DutyRule:
    return DutyRule(id=id, on=on, **{"name": id, "name_en": id, "owner": "office", **more})  # type: ignore[arg-type]


RULES = (
    rule("judge", "found", within="2h", done_by=(Act.CONFIRM, Act.DISMISS)),
    rule("opinion", "found", within="2h", kinds=(Kind.INQUIRY,)),
    rule("meeting", "level", from_level=Level.MAJOR, within="2h"),
    rule("follow-up", "confirmed", within="2h", done_by=(Act.REPORT,), every=timedelta(hours=4)),
    rule("summary", "over", within="3 days", done_by=(Act.SUMMARISE,)),
)


@pytest.fixture
def world(world: World) -> Iterator[World]:
    world.configure(regime=replace(world.engine.settings.regime, duties=RULES))
    world.visit("forum", world.post())
    yield world


def act(world: World, what: Act, *, by: str = "wang", reason: str = "", **data: object) -> None:
    world.engine.act("E1", what, by=by, reason=reason, data=data, now=world.clock.now)


def owed(world: World, rule: str) -> list[Duty]:
    with world.engine.store.read() as connection:
        return sorted((duty for duty in duties.of_event(connection, 1) if duty.rule == rule), key=lambda duty: duty.n)


def states(world: World, rule: str) -> list[str]:
    return [duty.state.value for duty in owed(world, rule)]


def breaches(world: World) -> list[object]:
    return [entry["duty"] for entry in world.record("duty.breached")]


def stirs(world: World, *, source: str = "press1") -> None:
    """Another site carries it."""
    world.visit(source, world.post(source, text=COMPLAINT))


@pytest.mark.parametrize(("minutes", "late"), [(120, []), (121, ["judge"])])
def test_done_too_late_is_a_breach_also_if_nothing_ticked_in_between(
    world: World, minutes: int, late: list[str]
) -> None:
    world.clock.pass_(minutes=minutes)
    act(world, Act.CONFIRM)
    world.pass_(hours=1)
    assert breaches(world) == late


def test_dropped_too_late_is_a_breach_as_well(world: World) -> None:
    act(world, Act.CORRECT, level="major", reason="a school")
    world.clock.pass_(hours=3)
    act(world, Act.DISMISS, reason="not ours")
    assert breaches(world) == ["judge", "meeting"]


def test_what_was_dropped_with_a_dismissal_is_owed_anew_when_the_event_is_taken_up_again(world: World) -> None:
    act(world, Act.CORRECT, level="major", reason="a school")
    act(world, Act.DISMISS, reason="not ours")
    world.clock.pass_(days=1)
    act(world, Act.REOPEN, reason="it is ours")
    assert states(world, "meeting") == ["dropped", "open"]
    assert owed(world, "meeting")[-1].due_at == world.clock.now + timedelta(hours=2)
    world.pass_(hours=2)
    assert breaches(world) == ["judge", "meeting"]  # it waits for judgement again, too


def test_what_another_kind_dropped_is_owed_again_when_the_kind_is_corrected_back(world: World) -> None:
    for kind in ("inquiry", "hype", "inquiry"):
        world.clock.pass_(minutes=1)
        act(world, Act.CORRECT, kind=kind)
    assert states(world, "opinion") == ["dropped", "open"]


def test_what_a_level_asked_for_is_dropped_when_a_person_lowers_it_and_owed_again_when_it_rises(world: World) -> None:
    for level in ("major", "general", "major"):
        world.clock.pass_(minutes=1)
        act(world, Act.CORRECT, level=level, reason="as it seems now")
    assert states(world, "meeting") == ["dropped", "open"]


def test_a_summary_is_owed_after_each_end_and_not_while_the_event_goes_on(world: World) -> None:
    world.pass_(hours=48)
    assert states(world, "summary") == ["open"]
    stirs(world)
    assert states(world, "summary") == ["dropped"]
    world.pass_(hours=48)
    act(world, Act.SUMMARISE, reason="one bad batch")
    stirs(world, source="press2")
    world.pass_(hours=48)
    assert states(world, "summary") == ["dropped", "done", "open"]
    act(world, Act.SUMMARISE, reason="one bad batch")
    assert world.event().state is EventState.SUMMARISED
    assert "summary" not in breaches(world)


def test_an_event_that_stirs_again_is_judged_again(world: World) -> None:
    act(world, Act.CONFIRM)
    world.pass_(hours=48)
    stirs(world)
    assert world.event().state is EventState.FOUND
    act(world, Act.CONFIRM)
    assert world.event().state is EventState.CONFIRMED


def test_the_judgement_of_an_event_that_waits_for_it_again_is_owed_again(world: World) -> None:
    act(world, Act.CONFIRM)
    world.pass_(hours=49)
    assert states(world, "judge") == ["done"]
    stirs(world)
    assert states(world, "judge") == ["done", "open"]
    assert owed(world, "judge")[-1].started_at == world.clock.now
    act(world, Act.CONFIRM)
    assert states(world, "judge") == ["done", "done"]


def test_another_department_owes_an_answer_of_its_own_after_the_first_has_answered(world: World) -> None:
    answer = rule("answer", "handed_over", owner="department", within="1 day", done_by=(Act.REPLY,))
    told = rule("told", "done:answer", within="2h")
    world.configure(regime=replace(world.engine.settings.regime, duties=(answer, told), version="answers"))
    act(world, Act.ADOPT)
    act(world, Act.HAND_OVER, to="department")
    act(world, Act.HAND_OVER, to="office")
    assert states(world, "answer") == ["open"]  # nobody has answered yet: one answer is owed
    world.clock.pass_(minutes=1)
    act(world, Act.REPLY, reason="we are looking into it")
    act(world, Act.DO, duty="told")
    world.clock.pass_(minutes=1)
    act(world, Act.HAND_OVER, to="speaker")
    assert states(world, "answer") == ["done", "open"]
    world.clock.pass_(minutes=1)
    act(world, Act.REPLY, reason="it was a single bottle")
    assert (states(world, "answer"), states(world, "told")) == (["done", "done"], ["done", "open"])


def test_the_same_report_by_the_same_person_counts_again_when_it_is_owed_again(world: World) -> None:
    act(world, Act.CONFIRM)
    for _ in range(3):
        act(world, Act.REPORT)
        act(world, Act.REPORT)
        world.pass_(hours=4)
    assert states(world, "follow-up") == ["done", "done", "done", "open"]
    assert breaches(world) == []


def test_a_duty_that_comes_again_comes_also_after_the_event_was_at_rest_meanwhile(world: World) -> None:
    act(world, Act.CONFIRM)
    act(world, Act.REPORT)
    act(world, Act.DISMISS, reason="not ours")
    world.clock.pass_(hours=1)
    act(world, Act.REOPEN, reason="it is ours")
    world.pass_(hours=3)
    assert states(world, "follow-up") == ["done", "open"]


def test_a_duty_that_comes_again_is_not_owed_for_the_time_in_which_the_event_was_at_rest(world: World) -> None:
    act(world, Act.CONFIRM)
    act(world, Act.REPORT)
    act(world, Act.CLOSE, reason="settled")
    world.pass_(days=9)
    stirs(world)
    assert owed(world, "follow-up")[-1].started_at == world.clock.now
    assert breaches(world) == []


def test_the_level_of_an_event_at_rest_is_not_changed_and_nothing_waits_for_it(world: World) -> None:
    act(world, Act.DISMISS, reason="not ours")
    with pytest.raises(RequestError, match="reopen it first"):
        act(world, Act.CORRECT, level="major", reason="or is it?")
    with world.engine.store.read() as connection:
        assert timers.due(connection, now=world.clock.now + timedelta(days=99)) == []


def test_what_was_split_off_is_judged_by_itself(world: World) -> None:
    other = world.post("forum", text=COMPLAINT + "另有两名家长反映同样情况。")
    world.visit("forum", other)
    for level in ("major", "general"):
        act(world, Act.CORRECT, level=level, reason="as it seems now")
    act(world, Act.HAND_OVER, to="department")
    act(world, Act.SPLIT, posts=[other.url], reason="another shop")
    part = world.events()[1]
    assert (part.department, part.overruled_level, part.over_at) == ("", None, None)
    world.clock.pass_(minutes=1)
    world.read(other, reads=1000)
    assert world.events()[1].level is Level.MAJOR


@pytest.mark.parametrize(("reads", "days", "level"), [(499, 0, 1), (500, 0, 2), (999, 3, 1), (1000, 3, 2)])
def test_in_a_special_period_the_lower_floors_count_and_outside_of_it_they_do_not(
    world: World, reads: int, days: int, level: int
) -> None:
    special = Special(floors={Level.MAJOR: Floors(reads=500)})
    now = world.clock.now
    period = SpecialPeriod(name="两会", begins_at=now, ends_at=now + timedelta(days=2))
    regime = replace(world.engine.settings.regime, special=special)
    world.configure(regime=regime, special_periods=(period,))
    world.clock.pass_(days=days)
    post = world.post(title="青禾鲜奶变质", text="青禾鲜奶在门店变质，已经有三位顾客要求退货，店长说等总部通知。")
    world.visit("forum", post)
    world.read(post, reads=reads)
    assert world.events()[1].level == level
    if (days, level) == (0, 2):
        assert "reads 500 >= 500, in the special period 两会" in str(world.record("event.raised"))


@pytest.mark.parametrize(("data", "why"), [({"kind": "gossip"}, "no kind 'gossip'"), ({"level": "huge"}, "no level")])
def test_a_kind_or_level_that_does_not_exist_is_refused(world: World, data: dict[str, str], why: str) -> None:
    with pytest.raises(RequestError, match=why):
        act(world, Act.CORRECT, reason="?", **data)
