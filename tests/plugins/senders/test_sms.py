"""What the SMS sender asks of a gateway, and when it believes it."""

import json
from urllib.parse import parse_qs, urlsplit

import pytest
from peer import KEY, delivery_over, hangs, resets_after_the_request, says

from yuqing_daemon import Answer, Callback, Channel, Receipt
from yuqing_daemon.plugins import Plugins
from yuqing_plugins.senders.sms import send

FIELDS = {"phone": "{to}", "content": "{text}", "ref": "{key}", "event": "{code}"}
TEXT = "【重大】青禾乳业一批次酸奶被指变质 阅读1234 E12"


def text_to(peer, to="13800000000", path="/send", **options):
    options = {"url": f"http://127.0.0.1:{peer.port}{path}", "fields": FIELDS, "internal": True, **options}
    return send(delivery_over("sms", to, **{"timeout": 0.4, **options}))


@pytest.mark.parametrize(
    ("talk", "wanted"),
    [
        (says("200 OK"), Answer.ACCEPTED),
        (says("200 OK", b'{"code": 0, "msg": "ok"}'), Answer.ACCEPTED),
        (says("200 OK", b'{"Code": "OK"}'), Answer.ACCEPTED),
        (says("200 OK", b'{"Code": "isv.MOBILE_NUMBER_ILLEGAL", "Message": "bad number"}'), Answer.PERMANENT),
        (says("200 OK", b'{"code": 503, "msg": "busy"}'), Answer.RETRY),
        (says("302 Found"), Answer.PERMANENT),
        (says("401 Unauthorized"), Answer.PERMANENT),
        (says("429 Too Many"), Answer.RETRY),
        (says("500 Oops"), Answer.RETRY),
        (hangs, Answer.UNKNOWN),
        (resets_after_the_request, Answer.UNKNOWN),
    ],
)
def test_each_answer_has_its_outcome(serve, talk, wanted):
    assert text_to(serve(talk)).answer is wanted


@pytest.mark.parametrize(
    ("rule", "body", "wanted"),
    [
        ({"ok_field": "status", "ok_value": "sent"}, '{"status": "sent"}', Answer.ACCEPTED),
        ({"ok_field": "status", "ok_value": "sent"}, '{"status": "refused"}', Answer.RETRY),
        ({"ok_field": "status", "ok_value": "sent"}, '{"other": 1}', Answer.UNKNOWN),
        ({"ok_field": "status", "ok_value": "sent"}, "<html>", Answer.UNKNOWN),
        ({"ok_field": "data.0.code", "ok_value": 0}, '{"data": [{"code": 0}]}', Answer.ACCEPTED),
        ({"ok_field": "data.0.code", "ok_value": 0}, '{"data": [{"code": "0"}]}', Answer.ACCEPTED),
        ({"ok_field": "data.0.code", "ok_value": 0}, '{"data": []}', Answer.UNKNOWN),
        ({"ok_field": "success", "ok_value": True}, '{"success": true}', Answer.ACCEPTED),
        ({"ok_text": "^OK:"}, "OK: 17", Answer.ACCEPTED),
        ({"ok_text": "^OK:"}, "ERROR: no money", Answer.RETRY),
    ],
)
def test_the_channels_own_rule_says_when_it_was_taken(serve, rule, body, wanted):
    assert text_to(serve(says("200 OK", body.encode())), **rule).answer is wanted


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"callback_number": "mobile", "callback_text": "content"}, "阅读1234 回复E12签收"),
        ({"callback_text": "content"}, "阅读1234 E12"),  # nobody would know whose answer it is
        ({"callback_id": "msgid", "callback_status": "status"}, "阅读1234 E12"),
    ],
)
def test_it_says_what_to_answer_only_if_the_answer_can_be_heard(serve, options, told):
    peer = serve(says("200 OK"))
    text_to(peer, **options)
    sent = parse_qs(peer.requests[0].partition(b"\r\n\r\n")[2].decode())
    assert sent["content"][0].endswith(told)


def test_a_message_whose_answer_is_lost_is_worth_two_attempts(serve):
    assert text_to(serve(resets_after_the_request)).unknown_at_most == 2
    assert text_to(serve(says("500 Oops"))).unknown_at_most is None


def test_the_statuses_of_success_can_be_named(serve):
    assert text_to(serve(says("202 Accepted")), ok_status=[202]).answer is Answer.ACCEPTED
    assert text_to(serve(says("200 OK")), ok_status=[202]).answer is Answer.RETRY
    assert text_to(serve(says("404 Not Found")), ok_status=[202]).answer is Answer.PERMANENT


def test_the_gateways_id_is_kept(serve):
    peer = serve(says("200 OK", b'{"data": {"sid": 99}}'))
    assert text_to(peer, id_field="data.sid").provider_id == "99"


def test_a_form_carries_number_text_and_reference(serve):
    peer = serve(says("200 OK"))
    text_to(peer)
    body = peer.requests[0].partition(b"\r\n\r\n")[2].decode()
    assert parse_qs(body) == {"phone": ["13800000000"], "content": [TEXT], "ref": [KEY], "event": ["E12"]}


def test_a_json_body_may_have_tables_inside(serve):
    peer = serve(says("200 OK"))
    text_to(peer, body="json", fields={"to": ["{to}"], "sms": {"text": "{text}"}, "type": 1})
    body = json.loads(peer.requests[0].partition(b"\r\n\r\n")[2])
    assert body == {"to": ["13800000000"], "sms": {"text": TEXT}, "type": 1}


def test_a_get_carries_the_fields_in_the_address(serve):
    peer = serve(says("200 OK"))
    text_to(peer, method="GET", path="/send/{to}?v=2", to="+86 138&x=1")
    method, target, _ = peer.requests[0].split(b"\r\n")[0].decode().split(" ")
    assert (method, urlsplit(target).path) == ("GET", "/send/%2B86%20138%26x%3D1")
    assert parse_qs(urlsplit(target).query)["phone"] == ["+86 138&x=1"]
    assert parse_qs(urlsplit(target).query)["v"] == ["2"]


def test_every_attempt_sends_the_same_bytes(serve):
    peer = serve(says("500 Oops"))
    text_to(peer)
    text_to(peer)
    assert peer.requests[0] == peer.requests[1]


def test_the_gateway_must_not_be_inside_unless_the_options_say_so(serve):
    peer = serve(says("200 OK"))
    assert text_to(peer, internal=False).answer is Answer.PERMANENT
    assert peer.connections == 0


def test_numbers_and_tokens_do_not_show_in_outcomes(serve):
    peer = serve(says("403 Forbidden", b"canary-token may not write to 13800000000 with canary-pass"))
    outcome = text_to(peer, headers={"Authorization": "canary-token"}, fields={**FIELDS, "password": "canary-pass"})
    assert "canary" not in outcome.detail
    assert "138000" not in outcome.detail


def test_it_leaves_other_senders_deliveries_alone():
    assert send(delivery_over("mail", "1")) is None


# -- what the gateway tells later -------------------------------------------------------------------

LATER = {
    "url": "https://sms.example.com/",
    "callback_list": "reports",
    "callback_id": "msgid",
    "callback_key": "ref",
    "callback_status": "status.code",
    "delivered": ["DELIVRD"],
    "failed": ["UNDELIV", "EXPIRED"],
    "callback_number": "mobile",
    "callback_text": "content",
    "callback_reply": {"code": 0},
}


def heard(body, **changed):
    channel = Channel(id="sms", sender="sms", options={**LATER, **changed})
    answers = list(Plugins.load().ask("hear", channel=channel, callback=Callback(body=body)))
    assert [name for name, _ in answers] == ["sms"]
    return answers[0][1]


def test_hook_hear_reads_a_gateways_receipts_and_answers_by_the_channels_own_rule():
    rows = [
        {"msgid": 7, "ref": KEY, "status": {"code": "DELIVRD"}, "mobile": "138"},
        {"msgid": 8, "status": {"code": "EXPIRED"}},
        {"msgid": 9, "status": {"code": "ACCEPTD"}},
        {"mobile": "138", "content": "签收 048213"},
        "odd",
    ]
    told = heard(json.dumps({"reports": rows}).encode())
    arrived, expired, answer = told.signals
    assert (arrived.receipt, arrived.provider_id, arrived.key) == (Receipt.DELIVERED, "7", KEY)
    assert expired.receipt is Receipt.FAILED
    assert (answer.receipt, answer.answer, answer.number) == (None, "签收 048213", "138")
    assert told.reply == {"code": 0}


def test_a_callback_may_be_a_form_and_what_is_neither_tells_nothing():
    form = b"msgid=7&mobile=138&status=UNDELIV"
    (signal,) = heard(form, callback_list="", callback_status="status").signals
    assert (signal.receipt, signal.provider_id) == (Receipt.FAILED, "7")
    assert not heard(b"\xff\xfe").signals
    assert not heard(b"[1, null, {}]", callback_list="").signals


def test_hook_look_up_asks_the_provider_of_the_channel_alone():
    assert list(Plugins.load().ask("look_up", delivery=delivery_over("sms", "138"))) == []
