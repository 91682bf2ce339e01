"""The bodies that a webhook sends: the CloudEvents envelope by its schema, and Alertmanager's by choice."""

import json
from dataclasses import replace
from importlib.resources import files
from zoneinfo import ZoneInfo

import jsonschema
import pytest
from peer import KEY, delivery_over, says
from test_mail_contents import NOW, notice

from yuqing_daemon import Event, Heat, Level
from yuqing_daemon.rules import bundle
from yuqing_daemon.rules.notice import render_plain
from yuqing_plugins.senders.webhook import alertmanager, body_of, send

EVENT = Event(id=12, topic="food", title="酸奶", level=Level.MAJOR, found_at=NOW, updated_at=NOW)
SCHEMA = json.loads(files("yuqing_config").joinpath("schemas", "webhook.schema.json").read_text("utf-8"))
SYSTEM = render_plain(subject="渠道 sms 中断", text="两小时没有一条送达。", language="zh")


def delivery(rendered, **changed):
    return replace(delivery_over("webhook", "http://127.0.0.1/"), notice=rendered, id=41, created_at=NOW, **changed)


def check(body):
    jsonschema.Draft202012Validator(SCHEMA).validate(json.loads(body))
    return json.loads(body)


@pytest.mark.parametrize("words", ["变质", "长" * 10_000, "<script>", "😀𠮷ü\r\n", "半个字 \ud83d"])
def test_every_notice_fits_the_schema(words):
    told = check(body_of(delivery(notice(words))))
    assert (told["id"], told["subject"], told["sequence"]) == (KEY, "E12", "41")


def test_key_words_are_listed_and_an_event_that_has_none_yet_says_so():
    named = replace(EVENT, key_words="酸奶 变质\r\n <b>")
    assert check(body_of(delivery(notice(event=named))))["data"]["event"]["key_words"] == ["酸奶", "变质", "<b>"]
    assert check(body_of(delivery(notice())))["data"]["event"]["key_words"] == []


def test_a_word_about_the_daemon_fits_the_schema():
    told = check(body_of(delivery(SYSTEM, event_code="")))
    assert told["type"] == "yuqing.system"
    assert told["time"] == NOW.isoformat()
    assert "subject" not in told


def test_one_message_for_many_fits_the_schema():
    one = bundle.Folded(key="E12:found:x:wang", event=12, purpose="found", level=Level.MAJOR, at=NOW, subject="酸奶")
    many = bundle.render([one, one], organisation="青禾乳业", language="zh", timezone=ZoneInfo("Asia/Shanghai"))
    assert check(body_of(delivery(many)))["data"]["count"] == 2


def test_the_schema_refuses_an_unknown_figure_written_as_a_word():
    body = json.loads(body_of(delivery(notice())))
    body["data"]["event"]["heat"]["reads"] = "unknown"
    with pytest.raises(jsonschema.ValidationError):
        check(json.dumps(body))


def test_alertmanagers_payload_is_version_4_with_one_alert():
    told = alertmanager(delivery(notice()))
    (alert,) = told["alerts"]
    assert (told["version"], told["status"], told["receiver"]) == ("4", "firing", "webhook")
    assert alert["labels"] == {
        "alertname": "yuqing", "event": "E12", "level": "major", "severity": "warning", "topic": "food",
    }  # fmt: skip
    assert alert["startsAt"] == NOW.isoformat()
    assert alert["endsAt"] == "0001-01-01T00:00:00Z"
    assert told["externalURL"] == "https://yuqing.example"
    assert set(told) == {
        "version", "groupKey", "truncatedAlerts", "status", "receiver", "groupLabels", "commonLabels",
        "commonAnnotations", "externalURL", "alerts",
    }  # fmt: skip


def test_what_is_over_is_resolved_under_the_same_fingerprint():
    open_, over = alertmanager(delivery(notice())), alertmanager(delivery(notice(), purpose="withdrawn:3"))
    assert over["status"] == over["alerts"][0]["status"] == "resolved"
    assert over["alerts"][0]["endsAt"] == NOW.isoformat()
    assert over["alerts"][0]["fingerprint"] == open_["alerts"][0]["fingerprint"]
    assert over["groupKey"] == open_["groupKey"]


def test_a_word_about_the_daemon_is_an_alert_too():
    told = alertmanager(delivery(SYSTEM, event_code="", event=None))
    assert told["alerts"][0]["annotations"]["summary"] == "渠道 sms 中断"


@pytest.mark.parametrize(
    ("payload", "type"), [("cloudevents", "application/cloudevents+json"), ("alertmanager", "application/json")]
)
def test_the_content_type_says_which_unless_the_channel_does(serve, payload, type):
    peer = serve(says("200 OK"))
    url = f"http://127.0.0.1:{peer.port}/"
    send(delivery_over("webhook", url, internal=True, payload=payload))
    send(delivery_over("webhook", url, internal=True, payload=payload, headers={"Content-Type": "text/x"}))
    assert f"Content-Type: {type}; charset=utf-8".encode() in peer.requests[0]
    assert b"Content-Type: text/x\r\n" in peer.requests[1]


def test_an_unknown_figure_is_null():
    told = json.loads(body_of(delivery(notice())))
    assert told["data"]["event"]["heat"] == {
        **{name: getattr(Heat(posts=2), name) for name in ("reads", "comments", "reposts", "mainstream", "posts")}
    }
