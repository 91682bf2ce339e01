"""What becomes of a notice that is not simply sent: folded, suppressed, expired, dead, alive again; never nothing."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from world import COMPLAINT, NOON, World, person

from yuqing_daemon import Answer, Channel, Level, Outcome, Topic
from yuqing_daemon.config import NoticeSettings
from yuqing_daemon.config.settings import Quiet
from yuqing_daemon.errors import RequestError
from yuqing_daemon.rules.bundle import Folded, render
from yuqing_daemon.rules.hours import parse_hours

DEAD = Outcome(answer=Answer.PERMANENT, detail="550 no such user")
UNKNOWN = Outcome(answer=Answer.UNKNOWN, detail="the line went dead")


def stories(world: World, number: int, *, source: str = "forum") -> None:
    """So many happenings that have nothing to do with each other."""
    for each in range(number):
        words = "".join(chr(0x4E00 + (each * 37 + place * 101) % 5000) for place in range(60))
        world.visit(source, world.post(source, title=f"青禾异物{words[:20]}", text=f"青禾{words}异物。"))


def states(world: World, *purposes: str) -> Counter[str]:
    rows = world.deliveries()
    return Counter(row.state.value for row in rows if not purposes or row.purpose.startswith(purposes))


def limited(world: World, *, per_person: int = 10) -> None:
    world.configure(notices=NoticeSettings(per_person=per_person))


# -- too much at once


def test_what_is_more_than_a_persons_budget_comes_in_one_message_with_a_count(world: World) -> None:
    limited(world, per_person=10)
    stories(world, 30)
    assert len(world.send()) == 8  # two of ten are kept for the first word of an extraordinary event
    assert states(world, "found") == {"accepted": 8, "bundled": 22}
    assert world.send() == []
    world.clock.pass_(minutes=10)
    (folded,) = world.send()
    assert folded.notice.subject == "【舆情汇总】22 条通知合为一条，涉及 22 个事件"
    assert "E30" in folded.notice.text
    assert states(world) == {"accepted": 9, "bundled": 22}


def test_what_was_folded_counts_as_told_on_record(world: World) -> None:
    limited(world, per_person=10)
    stories(world, 12)
    world.send()
    world.clock.pass_(minutes=10)
    world.send()
    accepted = {str(entry["key"]) for entry in world.record("delivery.accepted")}
    assert {row.key for row in world.deliveries()} == accepted


def test_a_budget_is_counted_from_what_was_sent_so_a_restart_forgets_nothing(world: World) -> None:
    limited(world, per_person=10)
    stories(world, 8)
    assert len(world.send()) == 8
    world.engine.begin(now=world.clock.pass_(seconds=1))
    stories(world, 9)
    assert world.send() == []


def test_ten_minutes_later_there_is_room_again(world: World) -> None:
    limited(world, per_person=10)
    stories(world, 8)
    world.send()
    world.clock.pass_(minutes=10, seconds=1)
    world.visit("forum", world.post(title="青禾酸奶里另有异物的事", text="青禾酸奶里另有异物，完全不同的一件事情。"))
    assert len(world.send()) == 1


def test_the_first_word_of_an_extraordinary_event_has_its_share_and_goes_first(world: World) -> None:
    limited(world, per_person=10)
    stories(world, 30)
    grave = world.post(title="青禾变质", text="青禾鲜奶在多家门店变质，涉及三个批次，厂家尚未说明原因。" * 2)
    world.visit("forum", grave)
    world.read(grave, reads=3000)
    first, *_ = world.engine.claim("mail", token="x", now=world.clock.now, limit=1)
    assert first.level is Level.EXTRAORDINARY
    world.send()
    told = {row.recipient: row.state.value for row in world.deliveries() if row.purpose.startswith("raise:extra")}
    assert set(told.values()) == {"accepted", "sending"}


def test_a_message_that_took_in_others_falls_back_like_any_other_and_hands_over_if_it_must(world: World) -> None:
    limited(world, per_person=10)
    stories(world, 12)
    world.send()
    world.clock.pass_(minutes=10)
    world.send(DEAD, channels=("mail",))
    (folded,) = world.send(channels=("sms",))
    assert "4 条通知" in folded.notice.subject
    world.configure(recipients=tuple(p for p in world.engine.settings.recipients if p.id != "monitor"))
    assert states(world, "found") == {"accepted": 8, "bundled": 4}


def test_when_no_channel_takes_the_message_the_next_role_is_told_of_each_event(world: World) -> None:
    limited(world, per_person=10)
    stories(world, 12)
    world.send()
    world.clock.pass_(minutes=10)
    world.send(DEAD, channels=("mail",))
    world.send(DEAD, channels=("sms",))
    assert states(world, "found") == {"accepted": 8, "dead": 4}
    assert states(world, "handover") == {"pending": 4}


def test_of_what_came_to_nothing_meanwhile_no_line_is_left_and_what_is_done_has_no_link(world: World) -> None:
    limited(world, per_person=1)
    stories(world, 4)
    world.send()
    assert states(world, "found") == {"accepted": 1, "bundled": 3}
    world.engine.act("E3", _act("dismiss"), by="x", reason="none", now=world.clock.now)
    world.engine.acknowledge("E4", by="x", how="test", now=world.clock.now)
    world.clock.pass_(minutes=10)
    (folded,) = world.send()
    assert [code for code in ("E2", "E3", "E4") if f" {code}）" in folded.notice.text] == ["E2", "E4"]
    assert folded.notice.text.count("/ack/") == 1
    assert states(world, "found") == {"accepted": 1, "bundled": 2, "cancelled": 1}


def test_a_line_of_many_says_what_was_last_and_not_what_was_gravest_before_it_was_taken_back() -> None:
    def folded(purpose: str, level: Level, link: str = "") -> Folded:
        return Folded(key=purpose, event=1, purpose=purpose, level=level, at=NOON, subject=purpose, link=link)

    rows = [folded("raise:major:2", Level.MAJOR, "https://x.example"), folded("lowered:2", Level.GENERAL)]
    text = render(rows, organisation="青禾", language="zh", timezone=ZoneInfo("Asia/Shanghai")).text
    assert "1. lowered:2（2 条）" in text and "签收" not in text


def test_an_own_template_of_such_a_message_that_fails_is_told_to_the_operators(world: World, tmp_path: Path) -> None:
    (tmp_path / "zh").mkdir()
    (tmp_path / "zh" / "folded.txt").write_text("{{ nothing_of_the_kind }}", encoding="utf-8")
    world.configure(templates=tmp_path)
    limited(world, per_person=1)
    stories(world, 3)
    world.send()
    world.clock.pass_(minutes=10)
    (folded,) = [each for each in world.send() if "汇总" in each.notice.subject]
    assert "folded.txt" in folded.notice.data["template_error"]
    assert world.told("ops:template") == {"admin"}


def test_what_waited_for_the_end_of_a_night_comes_in_one_message(world: World) -> None:
    world.configure(quiet={"monitor": Quiet(hours=parse_hours("22:00-07:00"), passes_from=Level.MAJOR)})
    world.clock.now = NOON + timedelta(hours=11)
    stories(world, 3)
    world.clock.now = NOON + timedelta(hours=19)
    (morning,) = world.send()
    assert morning.notice.data["count"] == 3


def test_a_first_word_of_a_general_event_that_is_a_day_late_comes_with_the_others(world: World) -> None:
    stories(world, 3)
    world.clock.pass_(hours=25)
    assert [delivery.notice.data["count"] for delivery in world.send()] == [3]


def test_a_channel_is_given_no_more_than_it_bears_and_the_rest_waits(world: World) -> None:
    world.configure(channels={"mail": Channel(id="mail", sender="test", options={"per_minute": 5})})
    stories(world, 20)
    for _ in range(2):
        assert len(world.send(channels=("mail",))) == 4
        world.clock.pass_(seconds=30)
        assert states(world, "found")["bundled"] == 0
        assert world.send(channels=("mail",)) == []
        world.clock.pass_(seconds=31)
    world.send(channels=("mail",))
    world.send(channels=("mail",))  # what is two minutes late by now comes together
    assert states(world, "found") == {"accepted": 12, "bundled": 8}


# -- silences


def silence(world: World, hours: float = 2, **matcher: str) -> int:
    ends_at = world.clock.now + timedelta(hours=hours)
    return world.engine.set_silence(matcher, ends_at=ends_at, by="wang", reason="a drill", now=world.clock.now).id


def test_what_a_silence_holds_back_is_told_in_one_message_when_it_ends(world: World) -> None:
    silence(world, topic="quality")
    stories(world, 3)
    assert world.send() == []
    assert states(world) == {"suppressed": 3}
    world.pass_(hours=2)
    summary = next(delivery for delivery in world.send() if delivery.purpose == "silence:1")
    assert summary.notice.data["count"] == 3
    assert "a drill" in summary.notice.text
    assert {row.suppressed_by for row in world.deliveries() if row.state == "suppressed"} == {"silence:1"}


def test_a_silence_that_is_ended_early_is_told_of_at_once(world: World) -> None:
    number = silence(world, topic="quality")
    stories(world, 1)
    world.send()
    world.engine.end_silence(number, by="li", now=world.clock.pass_(minutes=1))
    world.pass_(seconds=1)
    assert [delivery.purpose for delivery in world.send()] == ["silence:1"]
    assert [entry["silence"] for entry in world.record("silence.ended")] == [1]


def test_a_silence_stops_no_first_word_of_an_extraordinary_event(world: World) -> None:
    silence(world, topic="quality")
    post = world.post()
    world.visit("forum", post)
    world.read(post, reads=1000)
    world.send()
    assert states(world, "raise:major") == {"suppressed": 4}
    world.clock.pass_(minutes=1)
    world.read(post, reads=3000)
    world.send()
    assert set(states(world, "raise:extraordinary")) == {"accepted"}


@pytest.mark.parametrize(
    "matcher",
    [
        {"event": "E1"},
        {"source": "forum"},
        {"recipient": "monitor"},
        {"channel": "mail"},
        {"level": "general", "purpose": "found"},
    ],
)
def test_a_silence_matches_what_it_names(world: World, matcher: dict[str, str]) -> None:
    silence(world, **matcher)
    world.visit("forum", world.post())
    world.send()
    assert states(world) == {"suppressed": 1}


def test_a_silence_matches_nothing_else(world: World) -> None:
    silence(world, source="press1")
    silence(world, topic="quality", level="major")
    world.visit("forum", world.post())
    assert len(world.send()) == 1


@pytest.mark.parametrize(
    ("matcher", "hours", "reason", "wrong"),
    [
        ({}, 1, "x", "a silence of everything is none"),
        ({"author": "x"}, 1, "x", "'author' is nothing to match"),
        ({"topic": "quality"}, 1, " ", "wants a reason"),
        ({"topic": "quality"}, 0, "x", "has to end after it begins"),
        ({"topic": "quality"}, 24 * 31, "x", "30 days at the most"),
    ],
)
def test_a_silence_has_an_end_a_reason_and_an_object(
    world: World, matcher: dict[str, str], hours: float, reason: str, wrong: str
) -> None:
    ends_at = world.clock.now + timedelta(hours=hours)
    with pytest.raises(RequestError, match=wrong):
        world.engine.set_silence(matcher, ends_at=ends_at, by="wang", reason=reason, now=world.clock.now)


# -- told already


def test_the_same_post_under_another_topic_is_not_told_twice_to_the_same_person(world: World) -> None:
    also = Topic(id="children", name="儿童", any=("孩子",))
    world.configure(topics=(*world.engine.settings.topics, also))
    world.visit("forum", world.post())
    assert len(world.events()) == 2
    assert len(world.send()) == 1
    held = [row for row in world.deliveries() if row.state == "suppressed"]
    assert [(row.event, row.suppressed_by) for row in held] == [(2, "event:E1")]


def test_who_was_not_told_under_the_other_topic_is_told(world: World) -> None:
    also = Topic(id="children", name="儿童", any=("孩子",))
    world.configure(topics=(*world.engine.settings.topics, also))
    world.visit("forum", world.post())
    world.configure(recipients=(*world.engine.settings.recipients[1:], person("new", "monitor")))
    world.send(DEAD)
    world.engine.act("E1", _act("dismiss"), by="x", reason="none", now=world.clock.now)
    assert "new" in {row.recipient for row in world.deliveries()} or world.told("handover")


def _act(name: str):  # type: ignore[no-untyped-def]
    from yuqing_daemon.domain import Act

    return Act(name)


# -- dead letters


def test_a_dead_letter_lives_again_under_its_own_key_when_a_person_says_so(world: World) -> None:
    world.visit("forum", world.post())
    (first,) = world.send(DEAD, channels=("mail",))
    world.engine.requeue(first.key, by="wang", now=world.clock.pass_(days=2))
    again = next(delivery for delivery in world.send(channels=("mail",)) if delivery.purpose == "found")
    assert (again.key, again.notice) == (first.key, first.notice)
    assert world.record("delivery.requeued") == [{"key": first.key}]
    with pytest.raises(RequestError, match="is accepted, not dead"):
        world.engine.requeue(first.key, by="wang", now=world.clock.now)
    with pytest.raises(RequestError, match="there is no delivery 'E9'"):
        world.engine.requeue("E9", by="wang", now=world.clock.now)


def test_a_dead_letter_alarms_those_who_run_the_daemon_over_another_channel(world: World) -> None:
    admin = person("admin", "ops", channels=("mail", "sms"))
    world.configure(recipients=(*(p for p in world.engine.settings.recipients if p.id != "admin"), admin))
    world.visit("forum", world.post())
    world.send(DEAD, channels=("mail",))
    (alarm,) = [row for row in world.deliveries() if row.purpose.startswith("ops:dead:mail")]
    assert (alarm.recipient, alarm.channel) == ("admin", "sms")


def test_an_alarm_about_a_dead_letter_that_dies_itself_makes_no_further_one(world: World) -> None:
    world.visit("forum", world.post())
    for _ in range(5):
        world.send(DEAD)
    assert len(world.told("ops:dead")) <= 2
    assert len([row for row in world.deliveries() if row.purpose.startswith("ops:dead")]) <= 2


# -- what waits


def test_a_reminder_whose_time_was_over_before_it_could_go_says_so(world: World) -> None:
    world.visit("press1", world.post("press1"))
    world.send()
    world.pass_(minutes=15)
    world.clock.pass_(hours=3)
    world.send()
    assert set(states(world, "repeat:major")) == {"expired"}


def test_a_new_event_waits_a_little_for_what_else_comes_and_tells_it_all(world: World) -> None:
    world.configure(notices=NoticeSettings(group_wait=timedelta(seconds=30)))
    post = world.post()
    world.visit("forum", post)
    assert world.send() == []
    world.clock.pass_(seconds=20)
    world.visit("press1", world.post("press1", text=COMPLAINT + "记者核实。"), readings=())
    world.read(post, reads=500)
    world.clock.pass_(seconds=10)
    found = next(delivery for delivery in world.send() if delivery.purpose == "found")
    assert "阅读 500" in found.notice.text


def test_a_rise_and_an_extraordinary_event_wait_for_nothing(world: World) -> None:
    world.configure(notices=NoticeSettings(group_wait=timedelta(seconds=30)))
    post = world.post()
    world.visit("forum", post)
    world.read(post, reads=3000)
    assert {delivery.purpose.split(":")[0] for delivery in world.send()} == {"raise"}


def test_every_attempt_sends_the_same_words_even_if_the_event_moved(world: World) -> None:
    post = world.post()
    world.visit("forum", post)
    (first,) = world.send(UNKNOWN, channels=("mail",))
    world.read(post, reads=900)
    world.clock.pass_(minutes=15)
    second = next(delivery for delivery in world.send() if delivery.key == first.key)
    assert second.notice == first.notice


def test_what_waited_while_somebody_else_acknowledged_asks_for_nothing(world: World) -> None:
    world.configure(quiet={"office": Quiet(hours=parse_hours("11:00-19:00"), passes_from=Level.EXTRAORDINARY)})
    world.visit("press1", world.post("press1"))
    world.send()
    world.engine.acknowledge("E1", by="monitor", how="test", now=world.clock.now)
    world.clock.pass_(hours=7)
    (late,) = [each for each in world.send() if each.recipient == "office"]
    assert late.notice.data["link"] == ""
    assert "无需签收" in late.notice.text


def test_a_rise_that_was_taken_back_before_it_left_never_leaves(world: World) -> None:
    world.configure(quiet={"monitor": Quiet(hours=parse_hours("11:00-19:00"), passes_from=Level.EXTRAORDINARY)})
    world.visit("press1", world.post("press1"))
    world.send()
    world.engine.act("E1", _act("correct"), by="office", reason="small", data={"level": "general"}, now=world.clock.now)
    world.clock.pass_(hours=7)
    (heard,) = [each for each in world.send() if each.recipient == "monitor"]
    assert heard.notice.subject.startswith("【一般】") and heard.purpose.startswith("found:")
    assert states(world, "found:mail") == {}
    assert {row.state.value for row in world.deliveries() if row.recipient == "monitor" and row.level > 1} == {
        "cancelled"
    }


def test_what_stands_in_for_a_rung_is_called_back_with_it(world: World) -> None:
    world.visit("forum", world.post())
    world.send()
    people = world.engine.settings.recipients
    world.configure(recipients=tuple(each for each in people if each.id != "office"))
    world.pass_(minutes=30)
    assert world.told("handover:office:step") == {"leader"}
    world.engine.acknowledge("E1", by="monitor", how="test", now=world.clock.now)
    assert set(states(world, "handover:office:step")) == {"cancelled"}


# -- not acknowledged


def test_what_was_accepted_and_not_acknowledged_is_tried_over_the_next_channel(world: World) -> None:
    world.visit("forum", world.post())
    world.send()
    world.pass_(minutes=29)
    assert {row.channel for row in world.deliveries()} == {"mail"}
    world.pass_(minutes=2)
    found = {row.channel: row.state.value for row in world.deliveries() if row.purpose == "found"}
    assert found == {"mail": "accepted", "sms": "pending"}


def test_what_was_acknowledged_is_not(world: World) -> None:
    world.visit("forum", world.post())
    world.send()
    world.engine.acknowledge("E1", by="monitor", how="test", now=world.clock.now)
    world.pass_(hours=2)
    assert {row.channel for row in world.deliveries() if row.purpose == "found"} == {"mail"}


def test_a_role_is_not_given_up_because_nobody_acknowledged(world: World) -> None:
    world.configure(recipients=tuple(replace(p, addresses=p.addresses[:1]) for p in world.engine.settings.recipients))
    world.visit("forum", world.post())
    world.send()
    world.pass_(minutes=40)
    assert world.told("handover") == set()
