"""A drill goes the way of a real happening to everybody, and nothing of it stays but its notices and its record."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from world import COMPLAINT, World

from yuqing_daemon import Level, Match, Post, Reading, hookimpl
from yuqing_daemon.bus import Job, Lost, Result, Visit
from yuqing_daemon.config import NoticeSettings
from yuqing_daemon.domain import Answer, DeliveryState, Outcome
from yuqing_daemon.engine import careful
from yuqing_daemon.errors import NotConfigured, NotNow
from yuqing_daemon.reports.digest import gather_digest
from yuqing_daemon.store import outbox, schema
from yuqing_daemon.store.outbox import DeliveryRow

REFUSED = Outcome(answer=Answer.PERMANENT, detail="550 no such user")
BUSY = Outcome(answer=Answer.RETRY, detail="421 try again later")
WAIT = timedelta(minutes=2)


def begin(world: World, **narrowed: str) -> Job:
    return world.engine.begin_drill(wait=WAIT, by="wang", now=world.clock.now, **narrowed)


def page(world: World, job: Job, *, text: str = "演练 DRILL：这不是真实舆情。") -> Result:
    """What a worker brings home from the drill's page."""
    at = world.clock.now
    drill = world.engine.drill(job.id)
    assert drill is not None
    (url,) = job.source.urls
    return Result(
        job=job.id,
        source=job.source.id,
        visit=Visit.READ,
        started_at=at,
        ended_at=at,
        posts=(Post(url=url, source=job.source.id, title=drill.title, text=text, fetched_at=at),),
        readings=(Reading(url=url, at=at, reads=drill.reads, comments=drill.comments),),
        state={},
    )


def drill(world: World, **narrowed: str) -> None:
    """Ask for a drill, and bring its page home."""
    job = begin(world, **narrowed)
    world.engine.take_drill(page(world, job), clock=lambda: world.clock.now, now=world.clock.now)


def came(world: World) -> dict[str, Any]:
    """Let what is due happen; what the record then says of the drill."""
    careful.fire_due(world.engine, now=world.clock.now)
    (ended,) = world.record("drill.ended")
    return ended


def own(world: World) -> list[DeliveryRow]:
    """The drill's notices."""
    return [row for row in world.deliveries() if row.purpose.startswith("drill:")]


def kept(world: World) -> dict[str, int]:
    """How much is in every table, except where a drill leaves its notices and its record."""
    with world.engine.store.read() as connection:
        tables = set(schema.metadata.tables) - {"delivery", "attempt", "audit", "meta"}
        return {name: connection.exec_driver_sql(f'select count(*) from "{name}"').scalar_one() for name in tables}


def test_every_channel_of_every_person_gets_a_message_that_begins_with_the_mark(world: World) -> None:
    drill(world)
    sent = world.send()
    ways = {(who.id, way.channel) for who in world.engine.settings.recipients for way in who.addresses}
    assert {(each.recipient, each.channel.id) for each in sent} == ways
    for notice in (each.notice for each in sent):
        texts = (notice.subject, notice.text, notice.short, notice.chat, notice.markdown.lstrip("*"))
        assert all(text.startswith("【演练】") for text in texts)
        assert (notice.data["drill"], notice.data["link"], notice.data["clocks"]) == (True, "", [])
    assert {each.level for each in sent} == {Level.EXTRAORDINARY}


def test_each_step_is_on_record_with_what_it_took(world: World) -> None:
    drill(world)
    world.clock.pass_(seconds=3)
    world.send()
    ended = came(world)
    assert ended["ok"] is True
    steps = ["asked", "crawled", "matched", "event", "level", "escalated", "promised"]
    assert [each["step"] for each in ended["steps"]] == steps
    assert "extraordinary: reads 3000 >= 3000" in ended["steps"][4]["note"]
    assert {each["seconds"] for each in ended["told"]} == {3.0}
    assert {each["answer"] for each in ended["told"]} == {"250 ok"}
    assert [each["drill"] for each in world.record("drill.begun")] == [ended["drill"]]


def test_nothing_of_it_stays_but_its_notices_and_its_record(world: World) -> None:
    before = kept(world)
    drill(world)
    world.send()
    came(world)
    world.pass_(days=3)
    assert kept(world) == before
    whats = {what for what in ("event.opened", "alert.planned", "duty.begun", "judged.confirm") if world.record(what)}
    assert not whats
    assert {row.purpose.split(":")[0] for row in world.deliveries()} == {"drill"}


def test_it_joins_no_event_and_no_post_joins_it(world: World) -> None:
    world.visit("forum", world.post())
    job = begin(world)
    same = page(world, job, text=f"DRILL {COMPLAINT}")
    world.engine.take_drill(same, clock=lambda: world.clock.now, now=world.clock.now)
    world.visit("press1", world.post("press1", title=same.posts[0].title, text=f"DRILL {COMPLAINT}"))
    event = world.event()
    assert (event.heat.posts, event.heat.reads) == (2, None)
    assert event.level < Level.EXTRAORDINARY


def test_a_plugin_that_knows_topics_of_its_own_opens_no_event_for_it(world: World) -> None:
    class Nosy:
        @hookimpl
        def match_post(self, post: Post) -> Any:
            return [Match(topic="quality", span=post.title)]

    world.engine.plugins.register(Nosy(), "nosy")
    drill(world)
    assert world.events() == []
    assert len(world.send()) == 7


def test_it_ends_when_everything_was_accepted_and_not_before(world: World) -> None:
    drill(world)
    world.send(channels=("mail",))
    careful.fire_due(world.engine, now=world.clock.now)
    assert world.record("drill.ended") == []
    world.send(channels=("sms",))
    assert came(world)["ok"] is True


def test_what_is_refused_is_shown_with_the_answer_and_is_nobody_elses_trouble(world: World) -> None:
    drill(world)
    world.send(REFUSED, channels=("mail",))
    world.send(channels=("sms",))
    ended = came(world)
    assert ended["ok"] is False
    refused = [each for each in ended["told"] if not each["accepted"]]
    assert {each["answer"] for each in refused} == {"refused: 550 no such user"}
    assert {row.state for row in own(world)} == {DeliveryState.ACCEPTED, DeliveryState.CANCELLED}
    assert world.record("delivery.dead") == []
    assert world.told("ops:dead") == set()  # who asked has seen it
    assert world.told("ops:channel-failing:mail") == {"admin"}  # that is no less so for a drill


def test_what_nobody_took_in_its_time_is_called_back(world: World) -> None:
    drill(world)
    world.send(BUSY, channels=("mail",))
    world.clock.pass_(minutes=2)
    ended = came(world)
    assert {each["answer"] for each in ended["told"]} == {"421 try again later", "it was not its turn"}
    assert not {each.purpose for each in world.send()} & {row.purpose for row in own(world)}


def test_a_channel_on_hold_is_given_as_the_reason(world: World) -> None:
    with world.engine.store.write() as connection:
        outbox.hold(connection, "sms", until=world.clock.now + timedelta(hours=1), reason="535 wrong password")
    drill(world, channel="sms")
    world.send()
    world.clock.pass_(minutes=2)
    (told,) = came(world)["told"]
    assert told["answer"] == "the channel is on hold: 535 wrong password"


@pytest.mark.parametrize(
    ("narrowed", "told"),
    [
        ({"person": "monitor"}, {("monitor", "mail"), ("monitor", "sms")}),
        ({"role": "office"}, {("office", "mail")}),
        ({"channel": "sms"}, {("monitor", "sms")}),
        ({"person": "monitor", "channel": "mail"}, {("monitor", "mail")}),
    ],
)
def test_it_may_be_narrowed(world: World, narrowed: dict[str, str], told: set[tuple[str, str]]) -> None:
    drill(world, **narrowed)
    assert {(row.recipient, row.channel) for row in world.deliveries()} == told


def test_one_that_would_reach_nobody_is_refused(world: World) -> None:
    with pytest.raises(NotConfigured, match="nobody has such a channel"):
        begin(world, person="office", channel="sms")
    assert world.record("drill.begun") == []


def test_one_at_a_time(world: World) -> None:
    begin(world)
    with pytest.raises(NotNow, match="asked for by wang"):
        begin(world)
    world.clock.pass_(minutes=2)
    came(world)
    begin(world)


def test_every_rung_is_climbed_at_once_and_told_with_its_time(world: World) -> None:
    regime = world.engine.settings.regime
    rule = regime.rule(Level.EXTRAORDINARY)
    later = replace(rule.steps[0], after=timedelta(minutes=30), roles=("superior",))
    first = replace(rule.steps[0], roles=("monitor",))
    levels = tuple(each for each in regime.levels if each is not rule)
    regime = replace(regime, levels=(*levels, replace(rule, steps=(first, later))))
    world.configure(regime=replace(regime, next_role={"superior": "office"}))
    drill(world)
    world.send()
    (escalated,) = [each["note"] for each in came(world)["steps"] if each["step"] == "escalated"]
    assert escalated == "at once: monitor; after 30 min: office"  # who stands in for a role that nobody holds


def test_a_page_that_was_not_read_ends_it_with_the_reason(world: World) -> None:
    job = begin(world)
    failed = replace(page(world, job), posts=(), readings=(), visit=Visit.FAILED, error="connection refused")
    world.engine.take_drill(failed, clock=lambda: world.clock.now, now=world.clock.now)
    ended = came(world)
    assert (ended["ok"], ended["told"]) == (False, [])
    assert "was not read: connection refused" in ended["fault"]


def test_a_crawl_that_was_lost_ends_it_with_the_reason(world: World) -> None:
    job = begin(world)
    lost = Lost(job=job.id, source=job.source.id, reason="killed", blamed=False)
    world.engine.take_drill(lost, clock=lambda: world.clock.now, now=world.clock.now)
    assert came(world)["fault"].endswith("was not read: killed")


def test_an_engine_that_fails_over_it_is_what_it_has_shown(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    job = begin(world)
    result = page(world, job)
    monkeypatch.setattr("yuqing_daemon.engine.judging.measure", lambda *_: 1 / 0)
    careful.take_drill(world.engine, result, clock=lambda: world.clock.now, now=world.clock.now)
    assert "ZeroDivisionError" in came(world)["fault"]
    assert world.deliveries() == []


def test_without_a_worker_it_says_how_far_it_came(world: World) -> None:
    job = begin(world)
    result = page(world, job)
    world.clock.pass_(minutes=2)
    assert came(world)["fault"] == "it had come no further than 'asked' when its time was over"
    world.engine.take_drill(result, clock=lambda: world.clock.now, now=world.clock.now)
    assert world.deliveries() == []  # a page that comes home later is nobody's


def test_a_daemon_that_ends_ends_its_drill(world: World) -> None:
    drill(world)
    world.engine.begin(now=world.clock.now)
    assert came(world)["fault"] == "the daemon ended while it was under way"
    assert world.send() == []


def test_it_is_not_counted_against_what_a_person_may_be_told(world: World) -> None:
    world.configure(notices=NoticeSettings(per_person=1))
    drill(world)
    world.send()
    world.visit("forum", world.post())
    assert [each.purpose for each in world.send() if each.recipient == "monitor"] == ["found"]


def test_what_is_real_goes_first(world: World) -> None:
    drill(world)
    world.visit("forum", world.post())
    (first,) = world.engine.claim("mail", token="t", now=world.clock.now, limit=1)
    assert first.purpose == "found"


def test_no_digest_tells_of_it(world: World) -> None:
    drill(world)
    world.send(REFUSED)
    came(world)
    now = world.clock.now
    with world.engine.store.read() as connection:
        facts = gather_digest(
            connection,
            world.engine.settings,
            since=now - timedelta(days=1),
            until=now + timedelta(days=1),
            language="zh",
            now=now,
        )
    assert (facts.events, facts.breached, facts.failed) == ((), (), ())
