"""The sinks take what the real senders send, and keep it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import NOON

from yuqing_daemon.config import Settings, load
from yuqing_daemon.demo.duty import link_in
from yuqing_daemon.demo.farm import farm
from yuqing_daemon.demo.setup import DUTY_MAIL, PEOPLE, write_configuration
from yuqing_daemon.demo.sinks import Sinks, free_port, sinks
from yuqing_daemon.domain import Answer, Delivery, Level, Notice, Outcome
from yuqing_daemon.plugins import Plugins

NOTICE = Notice(
    subject="【重大】酸奶里有异物",
    text="第一行\n签收：http://127.0.0.1:1/ack/abc.def\n",
    short="【重大】酸奶里有异物 E1",
    html="<p>第一行</p>",
    data={"type": "yuqing.alert", "level": "major"},
)


@pytest.fixture
def inboxes(tmp_path: Path) -> Iterator[Sinks]:
    with sinks(tmp_path / "received", secret="a secret of the demo") as found:
        yield found


@pytest.fixture
def demo_settings(inboxes: Sinks, tmp_path: Path) -> Settings:
    """What the daemon makes of the demonstration's configuration."""
    with farm(lambda: 0, began_at=NOON) as sites:
        write_configuration(tmp_path, sites, inboxes, port=free_port(), secret="a secret of the demo")
    return load(tmp_path, senders=Plugins.load().senders(), environ={})


def send(settings: Settings, person: str, channel: str = "") -> Outcome:
    recipient = settings.recipient(person)
    assert recipient is not None
    address = next(each for each in recipient.addresses if channel in ("", each.channel))
    delivery = Delivery(
        key=f"E1:raise:major:2:{address.channel}:{person}",
        event=1,
        event_code="E1",
        purpose="raise:major:2",
        level=Level.MAJOR,
        recipient=person,
        role=recipient.roles[0],
        channel=settings.channels[address.channel],
        to=address.to,
        notice=NOTICE,
    )
    answers = [answer for _, answer in Plugins.load().ask("send", delivery=delivery)]
    assert isinstance(answers[0], Outcome)
    return answers[0]


def test_the_configuration_is_complete_and_every_role_is_held(demo_settings: Settings) -> None:
    assert len(demo_settings.sources) == 7
    assert sum(source.mainstream for source in demo_settings.sources) == 5
    assert {person.id: person.name for person in demo_settings.recipients} == PEOPLE
    told = {role for rule in demo_settings.regime.levels for step in rule.steps for role in step.roles}
    assert all(demo_settings.holders(role) for role in told)


def test_a_mail_really_arrives_and_is_kept(demo_settings: Settings, inboxes: Sinks) -> None:
    assert send(demo_settings, "duty").answer is Answer.ACCEPTED
    (mail,) = inboxes.mail.received
    assert (mail.to, mail.head) == (DUTY_MAIL, NOTICE.subject)
    assert link_in(mail) == "http://127.0.0.1:1/ack/abc.def"
    assert mail.file.read_bytes().startswith(b"From: ")


def test_a_signed_webhook_really_arrives_and_is_kept(demo_settings: Settings, inboxes: Sinks) -> None:
    assert send(demo_settings, "office").answer is Answer.ACCEPTED
    (hook,) = inboxes.hooks.received
    kept = json.loads(hook.file.read_text(encoding="utf-8"))
    assert kept["body"]["data"]["level"] == "major"
    assert kept["headers"]["Idempotency-Key"] == "E1:raise:major:2:chat:office"


def test_a_webhook_with_a_wrong_signature_is_refused(demo_settings: Settings, inboxes: Sinks) -> None:
    status, _ = inboxes.hooks.take({"X-Yuqing-Timestamp": "1", "X-Yuqing-Signature": "v1=00"}, b"{}")
    assert status == 401
    assert inboxes.hooks.received == ()


def test_the_gateway_refuses_the_first_sms_inside_a_200_and_takes_the_second(
    demo_settings: Settings, inboxes: Sinks
) -> None:
    first = send(demo_settings, "leader", "sms")
    assert first.answer is Answer.RETRY
    assert first.detail.startswith("200")
    assert "1008" in first.detail
    assert inboxes.sms.received == ()
    second = send(demo_settings, "leader", "sms")
    assert (second.answer, second.provider_id) == (Answer.ACCEPTED, "sms-0001")
    (sms,) = inboxes.sms.received
    assert (sms.to, sms.text) == ("13900000000", NOTICE.short)
