"""What people do about an event (R8), idempotent and on record."""

from __future__ import annotations

from dataclasses import replace

import pytest
from world import COMPLAINT, World

from yuqing_daemon import EventState, Kind, Level
from yuqing_daemon.domain import Act, Address, Recipient
from yuqing_daemon.errors import RequestError
from yuqing_daemon.store import duties, events

OTHER = "青禾乳业的经销商昨天送来一批纯牛奶，打开后发现已经变质，闻起来有酸味。已经要求退货，对方说要拍照存证。"


def act(world: World, what: Act, code: str = "E1", *, by: str = "wang", reason: str = "", **data: object):  # type: ignore[no-untyped-def]
    return world.engine.act(code, what, by=by, reason=reason, data=data, now=world.clock.now)


def judgements(world: World, event: int = 1) -> list[Act]:
    with world.engine.store.read() as connection:
        return [each.act for each in duties.judgements(connection, event)]


def demand_reasons(world: World, *acts: Act) -> None:
    world.configure(regime=replace(world.engine.settings.regime, wants_reason=acts))


def test_a_person_confirms_with_a_kind_and_the_machines_view_stays_beside_it(world: World) -> None:
    world.visit("forum", world.post())
    event = act(world, Act.CONFIRM, kind="inquiry")
    assert (event.state, event.kind) == (EventState.CONFIRMED, Kind.INQUIRY)
    (entry,) = world.record("judged.confirm")
    assert (entry["graded"], entry["was"]) == ("general", {"state": "found", "level": "general", "kind": None})


def test_the_same_act_twice_is_one_act(world: World) -> None:
    world.visit("forum", world.post())
    for _ in range(2):
        act(world, Act.CONFIRM, kind="inquiry")
        act(world, Act.HAND_OVER, to="department")
        act(world, Act.HAND_OVER, to="department")
        act(world, Act.NOTE, reason="called the shop")
        act(world, Act.NOTE, reason="called the shop")
    assert judgements(world) == [Act.CONFIRM, Act.HAND_OVER, Act.NOTE]


def test_a_dismissed_event_wakes_nobody_any_more_until_its_level_rises(world: World) -> None:
    post = world.post()
    world.visit("forum", post)
    world.send()
    act(world, Act.DISMISS, reason="it is about another Qinghe")
    world.send()  # who had been told hears that it is nothing
    before = len(world.deliveries())
    world.pass_(hours=5)
    world.visit("forum", world.post(title="转：青禾酸奶里有异物", text=COMPLAINT))
    assert len(world.deliveries()) == before
    assert world.event().state is EventState.DISMISSED
    world.read(post, reads=1000)
    assert world.event().state is EventState.FOUND
    assert world.told("raise:major")


def test_an_act_that_wants_a_reason_is_refused_without_one_and_leaves_no_trace(world: World) -> None:
    demand_reasons(world, Act.DISMISS)
    world.visit("forum", world.post())
    with pytest.raises(RequestError, match="dismiss wants a reason"):
        act(world, Act.DISMISS)
    assert judgements(world) == []
    assert world.event().state is EventState.FOUND


def test_only_a_person_lowers_a_level_with_a_reason_and_the_same_figures_do_not_raise_it_again(world: World) -> None:
    post = world.post()
    world.visit("forum", post)
    world.read(post, reads=1500)
    with pytest.raises(RequestError, match="a lower level wants a reason"):
        act(world, Act.CORRECT, level="general")
    assert act(world, Act.CORRECT, level="general", reason="bots").level is Level.GENERAL
    world.clock.pass_(minutes=1)
    world.read(post, reads=2000)
    assert world.event().level is Level.GENERAL
    world.clock.pass_(minutes=1)
    world.read(post, reads=3000)
    assert world.event().level is Level.EXTRAORDINARY


def test_a_person_may_raise_a_level_and_everybody_of_it_is_told(world: World) -> None:
    world.visit("forum", world.post())
    assert act(world, Act.CORRECT, level="major", reason="a school is concerned").level is Level.MAJOR
    assert world.told("raise:major") == {"monitor", "office", "department", "leader"}


def test_merging_counts_the_posts_of_both_as_one_event(world: World) -> None:
    here, there = world.post(), world.post(title="青禾纯牛奶变质", text=OTHER)
    world.visit("forum", here, there)
    world.read(here, reads=600)
    world.read(there, reads=500)
    act(world, Act.MERGE, "E2", into="E1", reason="the same delivery")
    first, second = world.events()
    assert (first.heat.reads, first.heat.posts, first.level) == (1100, 2, Level.MAJOR)
    assert (second.state, second.merged_into) == (EventState.MERGED, 1)
    world.visit("forum", world.post(title="青禾纯牛奶变质，转", text=OTHER))
    assert [event.heat.posts for event in world.events()] == [3, 1]  # a new copy follows the posts


def test_splitting_makes_an_event_of_its_own_that_stays_one(world: World) -> None:
    one, two = (
        world.post(),
        world.post(
            "press1",
            title="又一起：青禾酸奶里有异物",
            text=COMPLAINT + "另有两名家长反映同样情况，监管部门已经介入调查。",
        ),
    )
    world.visit("forum", one)
    world.visit("press1", two)
    act(world, Act.SPLIT, posts=[two.url], reason="another shop")
    assert [event.heat.posts for event in world.events()] == [1, 1]
    with world.engine.store.read() as connection:
        assert events.posts_of(connection, 2) != events.posts_of(connection, 1)
    with pytest.raises(RequestError, match="some, and not all"):
        act(world, Act.SPLIT, posts=[one.url], reason="all of it")


def test_handing_over_tells_the_person_and_nobody_unlisted_can_be_named(world: World) -> None:
    world.visit("forum", world.post())
    event = act(world, Act.HAND_OVER, to="department", reason="please establish the facts")
    assert (event.state, event.department) == (EventState.HANDLING, "department")
    assert world.told("handed:department") == {"department"}
    with pytest.raises(RequestError, match=r"one of people\.toml"):
        act(world, Act.HAND_OVER, to="somebody@elsewhere.cn")
    only_grave = Address(channel="mail", to="chief@qinghe.cn", from_level=Level.EXTRAORDINARY)
    world.configure(recipients=(*world.engine.settings.recipients, Recipient(id="chief", addresses=(only_grave,))))
    with pytest.raises(RequestError, match="no channel for what is general"):
        act(world, Act.HAND_OVER, to="chief")


def test_an_event_that_is_over_is_summarised_then_closed_and_can_be_reopened(world: World) -> None:
    world.visit("forum", world.post())
    world.pass_(hours=48)
    assert world.event().state is EventState.OVER
    assert act(world, Act.SUMMARISE, reason="one bad batch").state is EventState.SUMMARISED
    assert act(world, Act.CLOSE).state is EventState.CLOSED
    reopened = act(world, Act.REOPEN, reason="a second complaint by phone")
    assert reopened.state is EventState.FOUND
    assert world.told("reopened") == {"monitor"}


def test_closing_what_is_not_over_wants_a_reason(world: World) -> None:
    world.visit("forum", world.post())
    with pytest.raises(RequestError, match="it is not over yet"):
        act(world, Act.CLOSE)
    assert act(world, Act.CLOSE, reason="a test post of ours").state is EventState.CLOSED


@pytest.fixture
def lifting(world: World) -> World:
    """A world whose regime lifts an event of which the words alone name a sensitive subject."""
    world.configure(regime=replace(world.engine.settings.regime, lift_by_words=True))
    return world


def test_words_that_name_a_sensitive_subject_lift_provisionally_and_say_so(lifting: World) -> None:
    lifting.visit("forum", lifting.post(title="孩子喝了青禾酸奶拉肚子", text=COMPLAINT))
    event = lifting.event()
    assert (event.level, event.subject) == (Level.EXTRAORDINARY, "food")
    assert "待人工确认" in lifting.deliveries()[0].notice.text
    (measured,) = lifting.record("event.measured")
    assert "sensitive subject: 食品; its words name it (" in str(measured["reason"])


def test_a_person_lowers_what_words_had_lifted_and_words_lift_it_no_more(lifting: World) -> None:
    lifting.visit("forum", lifting.post(title="孩子喝了青禾酸奶拉肚子", text=COMPLAINT))
    act(lifting, Act.CORRECT, subject="", level="general", reason="nobody fell ill")
    lifting.clock.pass_(minutes=5)
    lifting.visit("press1", lifting.post("press1", title="多人喝青禾酸奶后食物中毒", text=COMPLAINT))
    assert lifting.event().subject == ""
    assert lifting.event().level is Level.MAJOR  # a mainstream site carries it: that is a figure, and no word


def test_words_lift_nothing_where_the_regime_does_not_say_so(world: World) -> None:
    world.visit("forum", world.post(title="孩子喝了青禾酸奶拉肚子", text=COMPLAINT))
    assert (world.event().level, world.event().subject) == (Level.GENERAL, "")


def test_who_confirms_the_level_that_an_event_has_confirms_the_rest_as_well(world: World) -> None:
    world.visit("forum", world.post())
    act(world, Act.CONFIRM, kind="inquiry", level="general")
    assert (world.event().state, world.event().kind) == (EventState.CONFIRMED, Kind.INQUIRY)
