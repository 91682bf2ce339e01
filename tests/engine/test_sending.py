"""The outbox: claims, outcomes, retries, holds, and what a crash leaves (R25)."""

from __future__ import annotations

from datetime import timedelta

from world import ACCEPTED, World

from yuqing_daemon import Answer, Outcome

LATER = Outcome(answer=Answer.RETRY, detail="451 try later")
UNKNOWN = Outcome(answer=Answer.UNKNOWN, detail="the line went dead")


def row(world: World):  # type: ignore[no-untyped-def]
    return world.deliveries()[0]


def test_a_claimed_delivery_is_nobody_elses(world: World) -> None:
    world.visit("forum", world.post())
    assert len(world.engine.claim("mail", token="one", now=world.clock.now, limit=9)) == 1
    assert world.engine.claim("mail", token="two", now=world.clock.now, limit=9) == []


def test_an_outcome_counts_only_while_its_claim_stands(world: World) -> None:
    world.visit("forum", world.post())
    (delivery,) = world.engine.claim("mail", token="one", now=world.clock.now, limit=9)
    assert not world.engine.record(delivery, ACCEPTED, token="two", now=world.clock.now)
    assert world.engine.record(delivery, ACCEPTED, token="one", now=world.clock.now)
    assert not world.engine.record(delivery, LATER, token="one", now=world.clock.now)
    assert row(world).state == "accepted"


def test_after_a_crash_what_was_on_its_way_is_sent_again_under_the_same_key(world: World) -> None:
    world.visit("forum", world.post())
    (before,) = world.engine.claim("mail", token="dead process", now=world.clock.now, limit=9)
    world.engine.begin(now=world.clock.pass_(seconds=1))
    (after,) = world.send()
    assert (after.key, after.notice) == (before.key, before.notice)
    assert world.record("delivery.given_back")


def test_a_sender_that_never_comes_back_loses_its_claim_when_the_lease_ends(world: World) -> None:
    world.visit("forum", world.post())
    world.engine.claim("mail", token="hung", now=world.clock.now, limit=9)
    world.clock.pass_(minutes=4)
    world.engine.housekeeping(now=world.clock.now)
    assert world.send() == []
    world.clock.pass_(minutes=2)
    world.engine.housekeeping(now=world.clock.now)
    assert len(world.send()) == 1


def test_a_retry_waits_longer_each_time_and_the_last_failure_after_the_deadline_is_final(world: World) -> None:
    world.visit("forum", world.post())
    waits = []
    for _ in range(4):
        assert len(world.send(LATER, channels=("mail",))) == 1
        waits.append(row(world).due_at - world.clock.now)
        world.clock.now = row(world).due_at
    assert waits == sorted(waits)
    assert waits[-1] <= timedelta(minutes=15)
    world.clock.pass_(hours=24)
    world.send(LATER, channels=("mail",))
    assert row(world).state == "dead"
    assert "deadline passed" in row(world).detail


def test_there_is_an_attempt_even_when_the_daemon_was_down_past_the_deadline(world: World) -> None:
    world.visit("forum", world.post())
    world.clock.pass_(days=3)
    assert len(world.send()) == 1
    assert row(world).state == "accepted"


def test_a_lost_answer_is_not_a_failure_it_is_tried_again_with_the_same_key(world: World) -> None:
    world.visit("forum", world.post())
    (first,) = world.send(UNKNOWN, channels=("mail",))
    assert row(world).state == "unknown"
    world.clock.pass_(minutes=15)
    (second,) = world.send()
    assert first.key == second.key
    assert row(world).state == "accepted"


def test_what_a_provider_answered_is_no_reason_that_people_read(world: World) -> None:
    post = world.post()
    world.visit("forum", post)
    world.send(Outcome(answer=Answer.PERMANENT, detail="550 no such user"), channels=("mail",))
    world.read(post, reads=900)  # so what waits is written anew
    (other,) = [each for each in world.send(channels=("sms",)) if each.event]
    assert "阅读 900" in other.notice.text
    assert "550" not in other.notice.text


def test_a_costly_message_that_perhaps_arrived_is_not_repeated_for_ever(world: World) -> None:
    world.visit("forum", world.post())
    costly = Outcome(answer=Answer.UNKNOWN, detail="no answer", unknown_at_most=2)
    for _ in range(2):
        world.send(costly, channels=("mail",))
        world.clock.pass_(minutes=15)
    assert row(world).state == "dead"


def test_retry_after_holds_the_whole_channel(world: World) -> None:
    world.visit("forum", world.post())
    world.send(Outcome(answer=Answer.RETRY, detail="429", retry_after=timedelta(minutes=10)), channels=("mail",))
    world.visit("press1", world.post("press1"))
    world.clock.pass_(minutes=9)
    assert world.send(channels=("mail",)) == []
    world.clock.pass_(minutes=1, seconds=1)
    assert len(world.send(channels=("mail",))) > 1


def test_a_channel_that_refuses_our_login_is_paused_and_the_operators_are_told(world: World) -> None:
    world.visit("forum", world.post())
    world.send(Outcome(answer=Answer.PERMANENT, detail="535 no", pause_channel=True), channels=("mail",))
    assert world.told("ops:channel:mail") == {"admin"}
    assert world.send(channels=("mail",)) == []


def test_the_gravest_go_first(world: World) -> None:
    world.visit("forum", world.post())
    world.visit(
        "press1",
        world.post("press1", title="青禾鲜奶变质", text="青禾鲜奶在多家门店变质，涉及三个批次，厂家尚未说明原因。" * 2),
    )
    (first,) = world.engine.claim("mail", token="t", now=world.clock.now, limit=1)
    assert first.event_code == "E2"


def test_every_step_of_a_delivery_is_on_record_and_the_chain_holds(world: World) -> None:
    from yuqing_daemon.store import audit

    world.visit("forum", world.post())
    world.send()
    with world.engine.store.read() as connection:
        whats = [entry.what for entry in audit.entries(connection, event=1)]
        assert audit.first_broken(connection) is None
    assert whats == ["event.opened", "event.measured", "alert.planned", "delivery.accepted"]
    with world.engine.store.write() as connection:
        connection.exec_driver_sql("update audit set actor = 'somebody' where id = 3")
        broken = audit.first_broken(connection)
    assert broken is not None
    assert broken.id == 3
