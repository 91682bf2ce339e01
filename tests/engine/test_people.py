"""Who is told: rotas, absences, quiet hours, subscriptions; and nobody else (R18, R28, R29)."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import hypothesis
import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from world import COMPLAINT, NOON, World, person

from yuqing_daemon import Answer, Level, Outcome, Topic
from yuqing_daemon.config.settings import Quiet
from yuqing_daemon.domain import Act, DutyRule, Recipient
from yuqing_daemon.errors import RequestError
from yuqing_daemon.rules.hours import parse_hours
from yuqing_daemon.rules.rota import Absence, Override, Rota
from yuqing_daemon.rules.subscriptions import Subscription
from yuqing_daemon.store.outbox import DeliveryRow

DEAD = Outcome(answer=Answer.PERMANENT, detail="550 no such user")
WEEK = Rota(
    role="monitor", people=("wang", "li"), shift=timedelta(days=7), starts_on=date(2026, 2, 23), handover=time(8, 30)
)
NIGHT = datetime(2026, 3, 2, 18, tzinfo=UTC)  # two in the morning in Shanghai
SEVEN = datetime(2026, 3, 2, 23, tzinfo=UTC)


def shanghai(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+08:00").astimezone(UTC)


def people(world: World, *others: Recipient) -> None:
    """The monitors are these."""
    rest = tuple(p for p in world.engine.settings.recipients if "monitor" not in p.roles)
    world.configure(recipients=(*others, *rest))


@pytest.fixture
def rota(world: World) -> World:
    """Wang and Li take turns, Zhao holds no role."""
    people(world, person("wang", "monitor"), person("li", "monitor"), person("zhao"))
    world.configure(rotas=(WEEK,))
    return world


def found_at(world: World, at: datetime) -> set[str]:
    """Who is told of something found then."""
    world.clock.now = at
    world.visit("forum", world.post())
    return world.told("found")


# -- rotas


@pytest.mark.parametrize(("at", "who"), [("2026-03-02T08:29:59", "wang"), ("2026-03-02T08:30:00", "li")])
def test_whoever_has_the_shift_is_told_to_the_second_of_the_hand_over(rota: World, at: str, who: str) -> None:
    assert found_at(rota, shanghai(at)) == {who}


def test_what_climbs_after_a_hand_over_is_told_to_the_next_shift(rota: World) -> None:
    assert found_at(rota, shanghai("2026-03-02T08:10:00")) == {"wang"}
    rota.pass_(minutes=40)
    assert rota.told("repeat:general") == {"li"}  # the office was told on its own rung meanwhile


@pytest.mark.parametrize(("minutes", "who"), [(-1, "li"), (0, "zhao"), (59, "zhao"), (60, "li")])
def test_an_override_takes_the_role_alone_from_its_first_instant_until_before_its_last(
    rota: World, minutes: int, who: str
) -> None:
    over = Override(role="monitor", person="zhao", starts_at=NOON, ends_at=NOON + timedelta(hours=1), created_at=NOON)
    rota.configure(overrides=(over,))
    assert found_at(rota, NOON + timedelta(minutes=minutes)) == {who}


@pytest.mark.parametrize(("substitute", "who"), [("zhao", "zhao"), (None, "wang")])
def test_an_absent_person_is_stood_in_for_or_the_next_of_the_rota_is_told(
    rota: World, substitute: str | None, who: str
) -> None:
    away = Absence(person="li", starts_at=NOON, ends_at=NOON + timedelta(days=1), substitute=substitute)
    rota.configure(absences=(away,))
    assert found_at(rota, NOON) == {who}


def test_when_nobody_on_duty_has_a_channel_for_the_level_all_who_hold_the_role_are_told(rota: World) -> None:
    deaf = person("li", "monitor")
    deaf = replace(deaf, addresses=tuple(replace(each, from_level=Level.MAJOR) for each in deaf.addresses))
    people(rota, person("wang", "monitor"), deaf, person("zhao", "monitor"))
    assert found_at(rota, NOON) == {"wang", "zhao"}


@pytest.mark.parametrize(("days", "told"), [(6, {"admin"}), (8, set())])
def test_a_gap_within_seven_days_is_told_to_the_operators_once_a_day(rota: World, days: int, told: set[str]) -> None:
    start = NOON + timedelta(days=days)
    both = (Absence(person=who, starts_at=start, ends_at=start + timedelta(hours=9)) for who in ("wang", "li"))
    rota.configure(absences=tuple(both))
    for _ in range(3):
        rota.engine.housekeeping(now=rota.clock.pass_(hours=1))
    assert rota.told("ops:gap:monitor") == told
    before = len(rota.deliveries())
    rota.engine.housekeeping(now=rota.clock.pass_(days=1))
    assert len(rota.deliveries()) == before + 1  # seen now, or told of again


# -- quiet hours


def sleeps(world: World, *, passes_from: Level = Level.EXTRAORDINARY, who: str = "monitor") -> None:
    """From ten to seven they are not to be disturbed."""
    world.configure(quiet={who: Quiet(hours=parse_hours("22:00-07:00"), passes_from=passes_from)})


def due(world: World, purpose: str, who: str = "monitor") -> list[datetime]:
    return [row.due_at for row in world.deliveries() if row.purpose.startswith(purpose) and row.recipient == who]


def test_a_general_notice_waits_for_the_end_of_quiet_hours_and_not_a_second_longer(world: World) -> None:
    sleeps(world)
    found_at(world, NIGHT)
    assert world.send() == []
    world.clock.now = SEVEN - timedelta(seconds=1)
    assert world.send() == []
    world.clock.now = SEVEN
    assert len(world.send()) == 1


def test_outside_of_quiet_hours_it_goes_at_once(world: World) -> None:
    sleeps(world)
    found_at(world, NOON)
    assert len(world.send()) == 1


def test_the_next_channel_is_tried_so_long_after_the_notice_could_go_and_not_after_it_was_promised(
    world: World,
) -> None:
    sleeps(world)
    found_at(world, NIGHT)
    (row,) = [row for row in world.deliveries() if row.recipient == "monitor"]
    rule = world.engine.settings.regime.rule(Level.GENERAL)
    assert row.fallback_at == SEVEN + rule.fallback_after
    assert row.deadline == SEVEN + rule.give_up_after


@pytest.mark.parametrize(
    ("level", "passes_from", "at"),
    [
        ("major", Level.MAJOR, NIGHT),
        ("major", Level.EXTRAORDINARY, SEVEN),
        ("extraordinary", Level.EXTRAORDINARY, NIGHT),
    ],
)
def test_what_is_grave_enough_passes(world: World, level: str, passes_from: Level, at: datetime) -> None:
    sleeps(world, passes_from=passes_from)
    found_at(world, NIGHT)
    world.engine.act("E1", Act.CORRECT, by="wang", reason="a school", data={"level": level}, now=NIGHT)
    assert due(world, f"raise:{level}") == [at]


def breached_at_night(world: World) -> None:
    rule = DutyRule(id="judge", name="研判", name_en="judge", on="found", owner="monitor", within="1h", warn_at=(0.5,))
    world.configure(regime=replace(world.engine.settings.regime, duties=(rule,)))
    found_at(world, NIGHT)
    world.pass_(hours=1)


def test_the_notice_of_a_breach_passes_and_the_warning_before_it_does_not(world: World) -> None:
    sleeps(world)
    breached_at_night(world)
    assert due(world, "warn:judge") == [SEVEN]
    assert due(world, "breach:judge") == [NIGHT + timedelta(hours=1)]


def test_the_notice_of_a_breach_passes_also_to_who_stands_in_for_the_role(world: World) -> None:
    sleeps(world, who="office")
    people(world)
    breached_at_night(world)
    assert due(world, "handover:monitor:breach:judge", "office") == [NIGHT + timedelta(hours=1)]


# -- subscriptions


def subscribe(world: World, **wanted: object) -> None:
    world.configure(
        recipients=(*world.engine.settings.recipients, person("fan", channels=("mail", "sms"))),
        subscriptions=(Subscription(**{"person": "fan", **wanted}),),  # type: ignore[arg-type]
        topics=(*world.engine.settings.topics, Topic(id="service", name="服务", any=("客服",))),
    )


def test_a_subscriber_hears_of_the_topics_they_named_and_of_no_other(world: World) -> None:
    subscribe(world, topics=("service",))
    world.visit("forum", world.post())  # of both topics
    assert [row.event for row in world.deliveries() if row.recipient == "fan"] == [
        event.id for event in world.events() if event.topic == "service"
    ]


@pytest.mark.parametrize(("word", "told"), [("塑料", {"fan"}), ("三聚氰胺", set())])
def test_a_subscribers_own_words_decide(world: World, word: str, told: set[str]) -> None:
    subscribe(world, any=(word,))
    world.visit("forum", world.post())
    assert world.told("subscribed:found") == told


def test_a_subscriber_hears_of_an_event_when_it_reaches_their_level(world: World) -> None:
    subscribe(world, from_level=Level.MAJOR, topics=("quality",))
    post = world.post()
    world.visit("forum", post)
    world.read(post, reads=999)
    assert world.told("subscribed:") == set()
    world.clock.pass_(minutes=1)
    world.read(post, reads=1000)
    assert world.told("subscribed:raise:major") == {"fan"}


def test_a_subscribers_notice_waits_until_their_hours_begin(world: World) -> None:
    subscribe(world, hours=parse_hours("mon-fri 09:00-17:00"), topics=("quality",))
    found_at(world, NIGHT)
    assert due(world, "subscribed:found", "fan") == [shanghai("2026-03-03T09:00:00")]


def test_a_subscriber_is_told_over_the_channels_they_named(world: World) -> None:
    subscribe(world, channels=("sms",), topics=("quality",))
    world.visit("forum", world.post())
    assert [row.channel for row in world.deliveries() if row.recipient == "fan"] == ["sms"]


@pytest.mark.parametrize("channels", [(), ("sms",)])
def test_who_holds_the_role_and_subscribed_too_is_told_once(world: World, channels: tuple[str, ...]) -> None:
    world.configure(subscriptions=(Subscription(role="monitor", channels=channels),))
    world.visit("forum", world.post())
    assert [(row.recipient, row.channel) for row in world.deliveries()] == [("monitor", "mail")]


def test_a_channel_that_fails_is_followed_only_by_those_the_subscriber_named(world: World) -> None:
    subscribe(world, channels=("mail",), topics=("quality",))
    world.visit("forum", world.post())
    world.send(DEAD)
    assert [row.channel for row in world.deliveries() if row.recipient == "fan"] == ["mail"]
    assert {row.channel for row in world.deliveries() if row.recipient == "monitor"} == {"mail", "sms"}


def test_what_a_subscriber_is_told_answers_for_no_role(world: World) -> None:
    """Else the ledger would take a subscriber in a role for somebody who was told by the regime, and owes something."""
    world.configure(subscriptions=(Subscription(role="spokesperson", topics=("quality",)),))
    world.visit("forum", world.post())
    assert world.told("subscribed:found") == {"speaker"}
    assert "speaker" not in world.told("found")


def test_two_subscriptions_of_one_person_are_one_notice(world: World) -> None:
    subscribe(world)
    world.configure(subscriptions=(Subscription(person="fan"), Subscription(person="fan", channels=("sms",))))
    world.visit("forum", world.post(text=COMPLAINT.replace("客服", "门店")))
    assert [row.channel for row in world.deliveries() if row.recipient == "fan"] == ["mail"]


# -- nobody else

ROLES = ("monitor", "office", "department", "leading_group", "ops")
channels_ = st.sets(st.sampled_from(("mail", "sms"))).map(lambda names: tuple(sorted(names)))
listed_ = st.dictionaries(
    st.sampled_from(("a", "b", "c", "d")), st.tuples(st.sets(st.sampled_from(ROLES)), channels_), max_size=4
)
named_ = st.sampled_from(("a", "b", "c", "d", "nobody"))
deeds_ = st.sampled_from(("find", "grow", "pass", "dead", "hand over", "test", "look after", "acknowledge"))


@hypothesis.settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    listed=listed_, rota=st.lists(named_, min_size=1, max_size=3), away=named_, substitute=named_, fan=named_,
    deeds=st.lists(deeds_, min_size=3, max_size=12),
)  # fmt: skip
def test_whatever_happens_only_listed_people_are_told_and_only_at_their_own_addresses(
    worlds: Callable[[], World], listed: dict[str, tuple[set[str], tuple[str, ...]]], rota: list[str], away: str,
    substitute: str, fan: str, deeds: list[str],
) -> None:  # fmt: skip
    world = worlds()
    world.configure(
        recipients=tuple(person(id, *sorted(roles), channels=channels) for id, (roles, channels) in listed.items()),
        rotas=(replace(WEEK, people=tuple(rota)),),
        absences=(Absence(person=away, starts_at=NOON, ends_at=NOON + timedelta(days=3), substitute=substitute),),
        subscriptions=(Subscription(person=fan),),
    )
    for deed in deeds:
        do(world, deed, fan)
    known = {(who.id, way.channel, way.to) for who in world.engine.settings.recipients for way in who.addresses}
    assert {address(row) for row in world.deliveries()} <= known


def address(row: DeliveryRow) -> tuple[str, str, str]:
    return row.recipient, row.channel, row.to


def do(world: World, deed: str, who: str) -> None:
    with suppress(RequestError):
        if deed == "find":
            world.visit("press1", world.post("press1"))
        elif deed == "grow":
            world.visit("forum", post := world.post())
            world.read(post, reads=3000)
        elif deed == "pass":
            world.pass_(hours=3)
        elif deed == "dead":
            world.send(DEAD)
        elif deed == "hand over":
            world.engine.act("E1", Act.HAND_OVER, by="wang", data={"to": who}, now=world.clock.now)
        elif deed == "test":
            world.engine.test_notify(who, by="wang", now=world.clock.now)
        elif deed == "look after":
            world.engine.housekeeping(now=world.clock.pass_(days=1))
        else:
            world.engine.acknowledge("E1", by=who, how="test", now=world.clock.now)
