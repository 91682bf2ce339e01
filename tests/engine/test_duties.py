"""Duties and their clocks (R11-R13, R16, R19, R24): both sides of each edge."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from world import World

from yuqing_daemon import Kind, Level
from yuqing_daemon.domain import Act, Duty, DutyRule, DutyState, Special, SpecialPeriod
from yuqing_daemon.errors import RequestError
from yuqing_daemon.store import duties


def rule(id: str, on: str, **more: object) -> DutyRule:
    given: dict[str, object] = {"name": id, "name_en": id, "owner": "office", "warn_at": (0.5, 0.9)}
    return DutyRule(id=id, on=on, **{**given, **more})  # type: ignore[arg-type]


RULES = (
    rule("handover", "found", within="2h", done_by=(Act.HAND_OVER,), breach_tells=("leading_group",)),
    rule("report", "level", from_level=Level.MAJOR, within="2h", done_by=(Act.REPORT,)),
    rule("answer", "handed_over", owner="department", within="1 day", done_by=(Act.REPLY,)),
    rule("approve", "done:answer", owner="leading_group"),
    rule("first-opinion", "found", kinds=(Kind.INQUIRY,), within="same day"),
    rule("follow-up", "confirmed", within="2h", done_by=(Act.REPORT,), every=timedelta(hours=4), warn_at=()),
    rule("summary", "over", within="3 days", done_by=(Act.SUMMARISE,)),
)


@pytest.fixture
def world(world: World) -> Iterator[World]:
    world.configure(regime=replace(world.engine.settings.regime, duties=RULES))
    world.visit("forum", world.post())
    world.send()
    yield world


def owed(world: World, rule: str) -> Duty:
    with world.engine.store.read() as connection:
        return [duty for duty in duties.of_event(connection, 1) if duty.rule == rule][-1]


def started(world: World) -> set[str]:
    with world.engine.store.read() as connection:
        return {duty.rule for duty in duties.of_event(connection, 1)}


def act(world: World, what: Act, *, by: str = "wang", reason: str = "", **data: object) -> None:
    world.engine.act("E1", what, by=by, reason=reason, data=data, now=world.clock.now)


def breaches(world: World) -> list[object]:
    return [entry["duty"] for entry in world.record("duty.breached")]


def test_the_first_word_and_a_rise_say_what_is_owed_and_until_when(world: World) -> None:
    (found,) = world.sent
    assert "时限：2026-03-02 14:00 handover（舆情办）" in found.notice.text
    act(world, Act.CORRECT, reason="a school", level="major")
    raised = [row for row in world.deliveries() if row.purpose.startswith("raise:")]
    assert raised and all("时限：2026-03-02 14:00 report（舆情办）" in row.notice.text for row in raised)


def test_a_duty_begins_with_what_starts_it_and_not_before(world: World) -> None:
    assert started(world) == {"handover"}
    act(world, Act.CONFIRM, kind="hype")
    assert started(world) == {"handover", "follow-up"}
    act(world, Act.HAND_OVER, to="department")
    assert started(world) == {"handover", "follow-up", "answer"}
    act(world, Act.REPLY, reason="we have recalled the batch")
    assert started(world) == {"handover", "follow-up", "answer", "approve"}


def test_a_hand_over_one_minute_before_the_two_hours_are_over_is_in_time(world: World) -> None:
    world.pass_(hours=1, minutes=59)
    act(world, Act.HAND_OVER, to="department")
    world.pass_(hours=1)
    assert breaches(world) == []
    assert owed(world, "handover").state is DutyState.DONE


def test_a_breach_is_recorded_once_told_and_never_erased_by_later_success(world: World) -> None:
    world.pass_(hours=2)
    assert breaches(world) == ["handover"]
    assert world.told("breach:handover") == {"office", "leader"}
    world.pass_(hours=3)
    act(world, Act.HAND_OVER, to="department")
    duty = owed(world, "handover")
    assert duty.state is DutyState.DONE
    assert duty.breached_at == duty.due_at
    assert breaches(world) == ["handover"]
    assert world.record("duty.done")[-1]["late_seconds"] == 3 * 3600


def test_its_owner_is_warned_at_half_and_at_nine_tenths_of_the_time(world: World) -> None:
    world.pass_(minutes=59)
    assert world.told("warn:handover") == set()
    world.pass_(minutes=1)
    assert world.told("warn:handover:1:0") == {"office"}
    world.pass_(minutes=47)
    assert world.told("warn:handover:1:1") == set()
    world.pass_(minutes=1)
    assert world.told("warn:handover:1:1") == {"office"}


def test_the_clock_of_a_level_starts_when_the_level_is_reached(world: World) -> None:
    world.pass_(minutes=30)
    with world.engine.store.read() as connection:
        (post,) = connection.exec_driver_sql("select url from post").scalars()
    world.read(replace(world.post(), url=post), reads=1000)
    assert owed(world, "report").due_at == world.clock.now + timedelta(hours=2)


def test_a_kind_judged_later_is_owed_from_the_day_it_was_found(world: World) -> None:
    world.clock.pass_(hours=13)  # one o'clock the next morning in Shanghai
    act(world, Act.CONFIRM, kind="inquiry")
    duty = owed(world, "first-opinion")
    assert f"{duty.due_at.astimezone(world.engine.settings.timezone):%m-%d %H:%M:%S}" == "03-02 23:59:59"
    world.pass_(minutes=1)
    assert "first-opinion" in breaches(world)


def test_another_kind_drops_what_only_the_first_kind_owed(world: World) -> None:
    act(world, Act.CONFIRM, kind="inquiry")
    act(world, Act.CORRECT, kind="constructive")
    assert owed(world, "first-opinion").state is DutyState.DROPPED


def test_a_follow_up_is_owed_again_and_again_until_the_event_is_over(world: World) -> None:
    act(world, Act.CONFIRM)
    for n in (1, 2, 3):
        assert owed(world, "follow-up").n == n
        world.pass_(hours=1)
        act(world, Act.REPORT, reason=f"report {n}")
        world.pass_(hours=3, minutes=59)
        assert owed(world, "follow-up").state is DutyState.DONE
        world.pass_(minutes=1)
    assert breaches(world) == ["handover"]
    world.pass_(hours=60)
    assert owed(world, "follow-up").state is DutyState.DROPPED


def test_the_summary_is_owed_three_days_after_the_event_was_over(world: World) -> None:
    act(world, Act.HAND_OVER, to="department")
    world.pass_(hours=48)
    duty = owed(world, "summary")
    assert duty.due_at == world.event().over_at + timedelta(days=3)
    world.pass_(days=2, hours=23)
    assert "summary" not in breaches(world)
    world.pass_(hours=1)
    assert "summary" in breaches(world)


def test_dismissing_drops_every_duty_and_nobody_is_told_of_it_later(world: World) -> None:
    act(world, Act.DISMISS, reason="not ours")
    world.pass_(days=9)
    assert breaches(world) == []
    assert owed(world, "handover").state is DutyState.DROPPED


def test_a_duty_is_simply_done_by_naming_it_and_only_if_it_is_owed(world: World) -> None:
    act(world, Act.HAND_OVER, to="department")
    act(world, Act.REPLY, reason="recalled")
    act(world, Act.DO, duty="approve")
    assert owed(world, "approve").done_by == "wang"
    with pytest.raises(RequestError, match="owes no duty 'party'"):
        act(world, Act.DO, duty="party")


def test_a_special_period_shortens_the_clocks(world: World) -> None:
    regime = replace(world.engine.settings.regime, special=Special(clock_factor=0.5))
    now = world.clock.now
    period = SpecialPeriod(name="两会", begins_at=now, ends_at=now + timedelta(days=10))
    world.configure(regime=regime, special_periods=(period,))
    world.visit(
        "forum", world.post(title="青禾鲜奶变质", text="青禾鲜奶在门店变质，已经有三位顾客要求退货，店长说等总部通知。")
    )
    with world.engine.store.read() as connection:
        (duty,) = duties.of_event(connection, 2)
    assert duty.due_at == now + timedelta(hours=1)


def test_a_clock_that_ended_while_the_daemon_was_down_is_breached_once_when_it_is_back(world: World) -> None:
    world.clock.pass_(days=2)
    for _ in range(3):
        while due := world.engine.due(now=world.clock.now):
            world.engine.fire(due[0], now=world.clock.now)
    assert breaches(world).count("handover") == 1


def test_a_first_report_is_no_bulletin_and_a_bulletin_no_report(world: World) -> None:
    """A report counts for the duty it was made for: who owes a bulletin is not let off by a first report."""
    written, bulletin, follow_up = (
        DutyRule(id=id, name=id, name_en=id, on="found", owner="office", done_by=(Act.REPORT,), report=report)
        for id, report in (("written", ""), ("bulletin", "bulletin"), ("follow_up", "follow_up"))
    )
    regime = replace(world.engine.settings.regime, duties=(written, bulletin, follow_up), version="reports")
    world.configure(regime=regime)
    act(world, Act.ADOPT)
    open_duties = []
    for kind in ("bulletin", "first", "follow_up"):
        act(world, Act.REPORT, kind=kind)
        with world.engine.store.read() as connection:
            open_duties.append({d.rule for d in duties.of_event(connection, 1, state=DutyState.OPEN)})
    assert open_duties == [{"written", "follow_up"}, {"follow_up"}, set()]
