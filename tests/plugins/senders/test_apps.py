"""Application messages of 企业微信, 钉钉 and 飞书: tokens that run out, limits, one person each, who has read it."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from peer import KEY, delivery_over, hangs, says
from services import DingtalkApp, FeishuApp, WecomApp

from yuqing_daemon import Answer, Receipt
from yuqing_plugins.senders import _token, dingtalk_app, feishu_app, wecom_app

APPS = {
    "wecom_app": (wecom_app, WecomApp, {"corp_id": "ww1", "secret": WecomApp.secret, "agent_id": 1000002}, "secret"),
    "dingtalk_app": (
        dingtalk_app,
        DingtalkApp,
        {"app_key": "ding1", "app_secret": DingtalkApp.secret, "agent_id": 1234},
        "app_secret",
    ),
    "feishu_app": (feishu_app, FeishuApp, {"app_id": "cli_1", "app_secret": FeishuApp.secret}, "app_secret"),
}
LONG = "青禾乳业一批次酸奶被指变质😀\n" * 3000
LINK = {"link": "https://yuqing.example/ack/token", "language": "zh"}


class App:
    """One application on loopback."""

    def __init__(self, name, serve):
        self.name = name
        self.sender, kind, self.options, self.secret = APPS[name]
        self.service = kind()
        self.peer = serve(self.service)

    def delivery(self, to="wang", notice=None, **options):
        url = f"http://127.0.0.1:{self.peer.port}"
        given = {**self.options, "url": url, "internal": True, "timeout": 0.4, **options}
        delivery = delivery_over(self.name, to, **given)
        return replace(delivery, notice=replace(delivery.notice, **(notice or {})))

    def send(self, *to, **given):
        return self.sender.send(self.delivery(*to, **given))


@pytest.fixture(params=APPS)
def app(request, serve):
    return App(request.param, serve)


def test_a_token_is_fetched_once_and_used_until_it_runs_out(app):
    assert [app.send().answer for _ in range(3)] == [Answer.ACCEPTED] * 3
    assert (app.service.tokens, len(app.service.sent)) == (1, 3)


def test_a_token_that_is_near_its_end_is_not_used(app):
    app.service.expires_in = 200
    app.send()
    app.send()
    assert app.service.tokens == 2


def test_a_refused_token_is_fetched_anew_within_the_attempt(app):
    app.send()
    app.service.stale = True
    assert app.send().answer is Answer.ACCEPTED
    assert (app.service.tokens, len(app.service.sent)) == (2, 2)


def test_a_token_that_is_refused_for_ever_is_asked_for_twice_and_no_more(app):
    app.service.is_good = lambda _token: False
    assert app.send().answer is Answer.RETRY
    assert app.service.tokens == 2


def test_a_wrong_secret_is_the_channels_own_fault(app):
    outcome = app.send(**{app.secret: "wrong-secret"})
    assert (outcome.answer, outcome.pause_channel) == (Answer.PERMANENT, True)
    assert "wrong-secret" not in outcome.detail


@pytest.mark.parametrize("fault", [hangs, says("200 OK", b"<html>log in</html>"), says("503 Busy")])
def test_without_a_token_nothing_was_sent_so_it_is_tried_again(app, fault):
    app.service.next = [fault]
    assert app.send().answer is Answer.RETRY
    assert app.send().answer is Answer.ACCEPTED


@pytest.mark.parametrize("fault", [hangs, says("200 OK", b"<html>log in</html>")])
def test_a_lost_answer_is_unknown(app, fault):
    app.send()
    app.service.next = [fault]
    assert app.send().answer is Answer.UNKNOWN


@pytest.mark.parametrize("text", [LONG, "短"])
def test_every_format_is_as_long_as_the_service_takes(app, text):
    for format in ("text", "markdown", "card"):
        if app.name == "feishu_app" and format == "markdown":
            continue
        outcome = app.send(format=format, notice={"chat": text, "markdown": text, "data": LINK, "subject": text[:300]})
        assert outcome.answer is Answer.ACCEPTED, outcome


def test_too_fast_holds_the_channel_back(app):
    fast = {"wecom_app": {"errcode": 45009}, "dingtalk_app": {"errcode": 143103}, "feishu_app": {"code": 99991400}}
    app.send()
    app.service.next = [fast[app.name]]
    outcome = app.send()
    assert outcome.answer is Answer.RETRY
    assert outcome.retry_after >= timedelta(seconds=10)


def test_feishu_says_how_long_it_wants_to_be_left_alone(serve):
    app = App("feishu_app", serve)
    app.send()
    for status in ("429 Too Many Requests", "400 Bad Request"):
        app.service.next = [says(status, b'{"code": 99991400, "msg": "too fast"}', "x-ogw-ratelimit-reset: 52")]
        assert app.send().retry_after == timedelta(seconds=52)


def test_the_gateway_of_dingtalk_tells_the_code_inside_errcode_88(serve):
    app = App("dingtalk_app", serve)
    app.send()
    for code, wanted in (("60011", (Answer.PERMANENT, True)), ("90002", (Answer.RETRY, False))):
        app.service.next = [{"errcode": 88, "sub_code": code, "sub_msg": "no", "errmsg": "ding talk error"}]
        outcome = app.send()
        assert (outcome.answer, outcome.pause_channel) == wanted
        assert outcome.detail == f"{code} no"


def test_the_card_has_the_button(app):
    app.send(format="card", notice={"data": LINK})
    assert LINK["link"] in json.dumps(app.service.sent[0])
    assert "签收" in json.dumps(app.service.sent[0], ensure_ascii=False).replace("\\\\", "")


def test_the_words_of_a_button_that_is_a_link_arrive_whole(serve):
    app = App("wecom_app", serve)
    for language, words in (("zh", "签收"), ("en", "Open")):
        app.send(format="card", notice={"data": {**LINK, "language": language}})
        assert app.service.sent[-1]["textcard"]["btntxt"] == words


CALLS_BACK = {
    "wecom_app": {"token": "t", "aes_key": "a" * 43},
    "feishu_app": {"encrypt_key": "k", "verification_token": "t"},
}


@pytest.mark.parametrize("name", CALLS_BACK)
@pytest.mark.parametrize("text", [LONG, "短"])
def test_a_button_that_calls_back_names_the_delivery_and_the_card_still_leads_to_the_page(serve, name, text):
    app = App(name, serve)
    words = {"chat": text, "markdown": text, "data": LINK, "subject": text[:300]}
    outcome = app.send(format="card", notice=words, **CALLS_BACK[name])
    assert outcome.answer is Answer.ACCEPTED, outcome
    sent = app.service.sent[0]
    card = sent["template_card"] if name == "wecom_app" else json.loads(sent["content"])
    button = card["button_list"][0] if name == "wecom_app" else card["elements"][1]["actions"][0]
    assert KEY in (button.get("key"), button.get("value", {}).get("delivery"))
    assert "url" not in button
    assert LINK["link"] in json.dumps([card.get("card_action"), card.get("card_link")])


@pytest.mark.parametrize("name", CALLS_BACK)
def test_a_card_that_asks_for_nothing_has_no_button_whether_it_calls_back_or_not(serve, name):
    app = App(name, serve)
    for options in ({}, CALLS_BACK[name]):
        app.send(format="card", notice={"data": {"link": "", "language": "zh"}}, **options)
    assert "button" not in json.dumps(app.service.sent)


@pytest.mark.parametrize(
    ("name", "options", "key"),
    [
        ("wecom_app", {"token": "t"}, "token"),
        ("wecom_app", {"aes_key": "a" * 43}, "aes_key"),
        ("wecom_app", {"token": "t", "aes_key": "short"}, "aes_key"),
        ("feishu_app", {"encrypt_key": "k"}, "encrypt_key"),
        ("feishu_app", {"verification_token": "t"}, "verification_token"),
    ],
)
def test_half_of_what_a_callback_needs_is_an_error_of_the_configuration(name, options, key):
    sender, _, given, _ = APPS[name]
    assert [problem[0] for problem in sender.Options(**given, **options).misfits()] == [key]
    assert not list(sender.Options(**given, **CALLS_BACK[name]).misfits())


def test_a_person_whom_the_service_does_not_know_is_refused_although_the_code_is_good(serve):
    app = App("wecom_app", serve)
    outcome = app.send("nobody-here")
    assert outcome.answer is Answer.PERMANENT
    assert "not reached" in outcome.detail


def test_a_repeated_attempt_is_the_same_to_the_service(serve):
    wecom, feishu = App("wecom_app", serve), App("feishu_app", serve)
    for app in (wecom, feishu):
        app.send()
        app.send()
        assert app.service.sent[0] == app.service.sent[1]
    assert wecom.service.sent[0]["enable_duplicate_check"] == 1
    assert len(feishu.service.sent[0]["uuid"]) <= 50
    assert feishu.service.sent[0]["uuid"] != KEY


def test_an_address_is_what_it_looks_like(serve):
    app = App("feishu_app", serve)
    for to in ("ou_1", "oc_1", "wang@qinghe.example", "wang"):
        app.send(to)
    assert [sent["kind"] for sent in app.service.sent] == ["open_id", "chat_id", "email", "user_id"]


def test_lists_and_everybody_are_no_address():
    assert wecom_app.Options(**APPS["wecom_app"][2]).misaddressed("wang|li")
    assert wecom_app.Options(**APPS["wecom_app"][2]).misaddressed("@all")
    assert dingtalk_app.Options(**APPS["dingtalk_app"][2]).misaddressed("wang,li")


def test_who_has_read_it_can_be_asked(serve):
    ding, feishu = App("dingtalk_app", serve), App("feishu_app", serve)
    assert ding.send().provider_id == "256271667526"
    sent = replace(ding.delivery(), provider_id="256271667526")
    for name, receipt in (
        ("unread_user_id_list", Receipt.DELIVERED),
        ("read_user_id_list", Receipt.READ),
        ("forbidden_user_id_list", Receipt.FAILED),
    ):
        ding.service.result = {name: ["wang"]}
        assert ding.sender.look_up(sent).receipt is receipt
    ding.service.result = {"read_user_id_list": ["li"]}
    assert ding.sender.look_up(sent) is None
    asked = replace(feishu.delivery(), provider_id=feishu.send().provider_id)
    assert feishu.sender.look_up(asked) is None
    feishu.service.readers = [{"user_id": "ou_1"}]
    assert feishu.sender.look_up(asked).receipt is Receipt.READ


@pytest.fixture(autouse=True)
def _no_tokens_of_other_tests():
    _token._kept.clear()
