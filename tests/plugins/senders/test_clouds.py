"""SMS and voice of 阿里云 and 腾讯云: signatures, approved templates, codes, and what they tell later."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from clouds import KEY_ID, SECRET, Aliyun, Tencent
from peer import KEY, delivery_over, hangs, says

from yuqing_daemon import Answer, Callback, Channel, Receipt, Signal
from yuqing_plugins.senders import _aliyun, _tencent, aliyun_sms, aliyun_voice, tencent_sms, tencent_voice

ALIYUN = {"access_key_id": KEY_ID, "access_key_secret": SECRET}
TENCENT = {"secret_id": KEY_ID, "secret_key": SECRET, "app_id": "1400006666"}
CLOUDS = {
    "aliyun_sms": (aliyun_sms, Aliyun, {**ALIYUN, "sign_name": "青禾乳业", "template_code": "SMS_1"}),
    "aliyun_voice": (aliyun_voice, Aliyun, {**ALIYUN, "template_code": "TTS_1"}),
    "tencent_sms": (tencent_sms, Tencent, {**TENCENT, "sign_name": "青禾乳业", "template_id": "1110"}),
    "tencent_voice": (tencent_voice, Tencent, {**TENCENT, "template_id": "1110"}),
}
WORDS = {"level": "重大", "title": "青禾乳业一批次酸奶被指变质，市场监管部门已经介入", "reads": "1234", "code": "E12"}
NUMBER = "13800000000"
ID = 1041  # the delivery's number
ACCEPTED_AT = datetime(2026, 3, 1, 17, tzinfo=UTC)  # after midnight in China, and promised the day before


class Cloud:
    """One channel of a provider on loopback."""

    def __init__(self, name, serve):
        self.name = name
        self.sender, kind, self.options = CLOUDS[name]
        self.service = kind()
        self.peer = serve(self.service)

    def delivery(self, to=NUMBER, **options):
        given = {**self.options, "internal": True, "timeout": 0.4, **options}
        given.setdefault("endpoint", f"http://127.0.0.1:{self.peer.port}")
        delivery = delivery_over(self.name, to, **given)
        notice = replace(delivery.notice, words=WORDS)
        return replace(delivery, id=ID, created_at=ACCEPTED_AT - timedelta(hours=9), notice=notice)

    def taken(self, provider_id, **options):
        return replace(self.delivery(**options), provider_id=provider_id, accepted_at=ACCEPTED_AT)

    def send(self, **options):
        return self.sender.send(self.delivery(**options))

    def hear(self, data):
        body = data if isinstance(data, bytes) else json.dumps(data).encode()
        return self.sender.hear(Channel(id="x", sender=self.name, options=self.options), Callback(body=body))


@pytest.fixture(params=CLOUDS)
def cloud(request, serve):
    return Cloud(request.param, serve)


def test_a_signed_request_is_taken_and_its_id_kept(cloud):
    outcome = cloud.send()
    assert outcome.answer is Answer.ACCEPTED, outcome
    assert outcome.provider_id


def test_every_attempt_asks_for_the_same_under_the_same_reference(cloud):
    cloud.send()
    cloud.send()
    first, second = ((call.query, call.body) for call in cloud.service.calls)
    assert first == second
    assert (str(ID) if cloud.name == "aliyun_voice" else KEY) in str(first)


def test_the_reference_of_a_call_is_no_longer_than_the_provider_takes(serve):
    cloud = Cloud("aliyun_voice", serve)
    for options in ({}, {"key": "1", "key_code": "TTS_2", "show_number": "05710000"}):
        assert cloud.send(**options).answer is Answer.ACCEPTED
    assert cloud.send(to="+86 138-0000-0000").answer is Answer.ACCEPTED


def test_a_wrong_secret_is_the_channels_own_fault(cloud):
    key = "access_key_secret" if cloud.name.startswith("aliyun") else "secret_key"
    outcome = cloud.send(**{key: "wrong-secret"})
    assert (outcome.answer, outcome.pause_channel) == (Answer.PERMANENT, True)
    assert "ignature" in outcome.detail


def test_nothing_secret_is_kept_of_an_answer(cloud):
    words = f"{KEY_ID} {SECRET} {NUMBER}"
    cloud.service.next = [{"Code": "isv.X", "Message": words, "Response": {"Error": {"Code": "X", "Message": words}}}]
    detail = cloud.send().detail
    assert not [secret for secret in (KEY_ID, SECRET, NUMBER) if secret in detail]


@pytest.mark.parametrize("fault", [hangs, says("200 OK", b"<html>log in</html>"), says("200 OK", b"{}")])
def test_what_may_have_been_sent_is_tried_twice_at_the_most(cloud, fault):
    cloud.service.next = [fault]
    outcome = cloud.send()
    assert (outcome.answer, outcome.unknown_at_most) == (Answer.UNKNOWN, 2)


def error(cloud, code):
    """A provider's way to say no."""
    if cloud.name.startswith("aliyun"):
        return {"Code": code, "Message": "no", "RequestId": "1"}
    return {"Response": {"Error": {"Code": code, "Message": "no"}, "RequestId": "1"}}


@pytest.mark.parametrize(
    ("provider", "code", "answer", "hold", "is_ours"),
    [
        ("aliyun", "isv.BUSINESS_LIMIT_CONTROL", Answer.RETRY, None, False),
        ("aliyun", "isp.SYSTEM_ERROR", Answer.RETRY, None, False),
        ("aliyun", "Throttling.User", Answer.RETRY, timedelta(seconds=10), False),
        ("aliyun", "isv.DAY_LIMIT_CONTROL", Answer.RETRY, timedelta(hours=1), False),
        ("aliyun", "isv.MOBILE_NUMBER_ILLEGAL", Answer.PERMANENT, None, False),
        ("aliyun", "isv.AMOUNT_NOT_ENOUGH", Answer.PERMANENT, None, True),
        ("aliyun", "isv.MONTH_LIMIT_CONTROL", Answer.PERMANENT, None, True),
        ("aliyun", "isv.PRODUCT_UNSUBSCRIBE", Answer.PERMANENT, None, True),
        ("aliyun", "isv.SIGN_STATE_ILLEGAL", Answer.PERMANENT, None, True),
        ("aliyun", "isv.DISPLAY_NUMBER_ILLEGAL", Answer.PERMANENT, None, True),
        ("aliyun", "InvalidAccessKeyId.NotFound", Answer.PERMANENT, None, True),
        ("tencent", "InternalError.Timeout", Answer.RETRY, None, False),
        ("tencent", "LimitExceeded.PhoneNumberThirtySecondLimit", Answer.RETRY, None, False),
        ("tencent", "LimitExceeded.DeliveryFrequencyLimit", Answer.RETRY, timedelta(seconds=30), False),
        ("tencent", "LimitExceeded.PhoneNumberDailyLimit", Answer.PERMANENT, None, False),
        ("tencent", "FailedOperation.InsufficientBalanceInSmsPackage", Answer.PERMANENT, None, True),
        ("tencent", "FailedOperation.InsufficientBalanceInVoicePackage", Answer.PERMANENT, None, True),
        ("tencent", "FailedOperation.PhonenumberUnappliedOrExpired", Answer.PERMANENT, None, True),
        ("tencent", "FailedOperation.AccessUpstreamTimeout", Answer.RETRY, None, False),
        ("tencent", "FailedOperation.ParametersOtherError", Answer.PERMANENT, None, False),
        ("tencent", "InternalError.RequestTimeException", Answer.PERMANENT, None, True),
        ("tencent", "InvalidParameterValue.SdkAppidNotExist", Answer.PERMANENT, None, True),
        ("tencent", "InvalidParameterValue.IncorrectPhoneNumber", Answer.PERMANENT, None, False),
        ("tencent", "AuthFailure.SecretIdNotFound", Answer.PERMANENT, None, True),
    ],
)
def test_an_error_inside_an_answer_has_its_class(cloud, provider, code, answer, hold, is_ours):
    if not cloud.name.startswith(provider):
        return
    cloud.service.next = [error(cloud, code)]
    outcome = cloud.send()
    assert (outcome.answer, outcome.retry_after, outcome.pause_channel) == (answer, hold, is_ours)


def test_a_refusal_of_the_one_message_in_a_call_that_was_taken_is_a_refusal(serve):
    cloud = Cloud("tencent_sms", serve)
    status = {"SerialNo": "", "Code": "LimitExceeded.PhoneNumberDailyLimit", "Message": "the limit of the day"}
    cloud.service.next = [{"Response": {"SendStatusSet": [status], "RequestId": "1"}}]
    assert cloud.send().answer is Answer.PERMANENT


# -- templates --------------------------------------------------------------------------------------


def test_named_variables_are_filled_and_cut(serve):
    cloud = Cloud("aliyun_sms", serve)
    cloud.send(variables={"level": "{level}", "what": "{title:10}", "all": "{reads}/{nothing}"})
    call = cloud.service.calls[0]
    assert json.loads(call.query["TemplateParam"]) == {"level": "重大", "what": "青禾乳业一批次酸奶…", "all": "1234/-"}
    assert (call.query["PhoneNumbers"], call.query["SignName"]) == (NUMBER, "青禾乳业")


def test_variables_in_order_are_filled_and_cut(serve):
    cloud = Cloud("tencent_sms", serve)
    cloud.send()
    sent = cloud.service.messages[0]
    assert sent["TemplateParamSet"] == ["重大", "青禾乳业一批次酸奶被指…", "1234", "E12"]
    assert sent["PhoneNumberSet"] == ["+8613800000000"]
    cloud.send(to="+86 138-0000-0000")
    assert cloud.service.messages[1]["PhoneNumberSet"] == ["+8613800000000"]


def test_what_a_page_says_fills_nothing(serve):
    cloud = Cloud("aliyun_sms", serve)
    delivery = cloud.delivery()
    notice = replace(delivery.notice, words={**WORDS, "title": "{code}{level}"})
    cloud.sender.send(replace(delivery, notice=notice))
    assert json.loads(cloud.service.calls[0].query["TemplateParam"])["title"] == "{code}{level}"


def test_a_call_that_asks_for_a_key_is_another_one(serve):
    cloud = Cloud("aliyun_voice", serve)
    cloud.send(key="1", key_code="TTS_2", show_number="05710000")
    call = cloud.service.calls[0]
    assert call.headers["x-acs-action"] == "IvrCall"
    assert (call.query["MenuKeyMap.1.Key"], call.query["MenuKeyMap.1.Code"]) == ("1", "TTS_2")


@pytest.mark.parametrize("name", CLOUDS)
def test_a_placeholder_that_no_notice_fills_is_told_at_load(name):
    sender, _, options = CLOUDS[name]
    wrong = {"x": "{titel}"} if name.startswith("aliyun") else ("{titel}",)
    assert [key for key, _, _ in sender.Options(**options, variables=wrong).misfits()] == ["variables"]
    assert not list(sender.Options(**options).misfits())


@pytest.mark.parametrize("name", CLOUDS)
def test_an_address_that_is_no_phone_number_is_told_at_load(name):
    sender, _, options = CLOUDS[name]
    for to in ("wang@qinghe.example", "13800000000,13900000000", "王主任", "+"):
        assert sender.Options(**options).misaddressed(to)
    for to in (NUMBER, "+86 138-0000-0000", "057188773344"):
        assert sender.Options(**options).misaddressed(to) is None


def test_a_call_for_a_key_without_what_it_needs_is_told_at_load():
    options = aliyun_voice.Options(**ALIYUN, template_code="TTS_1", key="1")
    assert [key for key, _, _ in options.misfits()] == ["key"]


# -- what is told later -----------------------------------------------------------------------------

AT = "2026-03-02 01:02:03"
ARRIVED = datetime(2026, 3, 1, 17, 2, 3, tzinfo=UTC)


def test_receipts_and_answers_of_aliyun_are_read(serve):
    cloud = Cloud("aliyun_sms", serve)
    row = {"phone_number": NUMBER, "report_time": AT, "biz_id": "9^0", "out_id": KEY, "err_code": "DELIVERED"}
    heard = cloud.hear([{**row, "success": True}, {**row, "success": False}, "odd", {}])
    good, bad = heard.signals
    assert (good.receipt, good.provider_id, good.key, good.at) == (Receipt.DELIVERED, "9^0", KEY, ARRIVED)
    assert bad.receipt is Receipt.FAILED
    assert heard.reply["code"] == 0
    (answer,) = cloud.hear([{"phone_number": NUMBER, "content": "签收 048213", "send_time": AT}]).signals
    assert (answer.answer, answer.number, answer.receipt) == ("签收 048213", NUMBER, None)


def test_calls_and_keys_of_aliyun_are_read(serve):
    cloud = Cloud("aliyun_voice", serve)
    ended = {"call_id": "1^1", "out_id": str(ID), "status_code": "200000", "end_time": AT, "dtmf": "1"}
    pressed, over = cloud.hear([ended]).signals
    assert (pressed.answer, pressed.provider_id, pressed.delivery) == ("1", "1^1", ID)
    assert (over.receipt, over.at) == (Receipt.DELIVERED, ARRIVED)
    for taken in ("200001", "200008"):  # hung up before its end, pressed nothing
        assert cloud.hear([{**ended, "status_code": taken, "dtmf": ""}]).signals[0].receipt is Receipt.DELIVERED
    unanswered = {name: ended[name] for name in ("call_id", "out_id")} | {"status_code": "200002", "duration": "0"}
    assert cloud.hear([unanswered]).signals[0].receipt is Receipt.FAILED
    assert cloud.hear([{**ended, "out_id": "not ours"}]).signals[0].delivery == 0
    (only_key,) = cloud.hear([{"call_id": "1^1", "status_code": "300000", "dtmf": "1", "status_time": AT}]).signals
    assert only_key.answer == "1"


def test_receipts_and_answers_of_tencent_are_read(serve):
    cloud = Cloud("tencent_sms", serve)
    row = {"user_receive_time": AT, "mobile": NUMBER, "report_status": "SUCCESS", "errmsg": "DELIVRD", "sid": "5000:1"}
    good, bad = cloud.hear([row, {**row, "report_status": "FAIL"}, {}]).signals
    assert (good.receipt, good.provider_id, good.at) == (Receipt.DELIVERED, "5000:1", ARRIVED)
    assert bad.receipt is Receipt.FAILED
    heard = cloud.hear({"mobile": NUMBER, "nationcode": "86", "text": "收到 048213", "time": 1772384523})
    assert heard.signals == (Signal(answer="收到 048213", number=NUMBER, at=ARRIVED),)
    assert heard.reply == {"result": 0, "errmsg": "OK"}


def test_calls_and_keys_of_tencent_are_read(serve):
    cloud = Cloud("tencent_voice", serve)
    (pressed,) = cloud.hear({"voicekey_callback": {"callid": "c1", "keypress": "1", "mobile": NUMBER}}).signals
    assert (pressed.answer, pressed.provider_id) == ("1", "c1")
    over = {"result": "0", "callid": "c1", "end_calltime": "1772384523", "mobile": NUMBER}
    (answered,) = cloud.hear({"voiceprompt_callback": over}).signals
    assert (answered.receipt, answered.at) == (Receipt.DELIVERED, ARRIVED)
    (missed,) = cloud.hear({"voiceprompt_callback": {**over, "result": "1"}}).signals
    assert missed.receipt is Receipt.FAILED
    why = {"call_from": "0755", "callid": "c1", "failure_code": 8, "failure_reason": "空号", "mobile": NUMBER}
    (unreached,) = cloud.hear({"voice_failure_callback": why}).signals
    assert (unreached.receipt, unreached.provider_id, unreached.detail) == (Receipt.FAILED, "c1", "8 空号")


@pytest.mark.parametrize("body", [b"", b"no json", b"[" * 5000, b"null", b"[[]]", b'{"a": 1}', b'[{"success": "yes"}]'])
def test_a_callback_nobody_can_read_tells_nothing(cloud, body):
    signals = cloud.hear(body).signals
    assert all(signal.receipt is not Receipt.DELIVERED for signal in signals)


RECORD = {"caller": "0571", "callee": NUMBER, "state": "200000", "stateDesc": "用户接听", "endDate": AT, "duration": 9}


@pytest.mark.parametrize(
    ("record", "wanted"),
    [
        ({**RECORD, "dtmf": "1"}, (Receipt.DELIVERED, "1")),
        (RECORD, (Receipt.DELIVERED, "")),
        ({**RECORD, "state": "200008", "stateDesc": "获取按键超时"}, (Receipt.DELIVERED, "")),
        ({**RECORD, "state": "200010", "stateDesc": "关机", "endDate": ""}, (Receipt.FAILED, "")),
        ({**RECORD, "state": "300000", "dtmf": "1"}, None),  # it goes on
        ({}, None),
        (None, None),
    ],
)
def test_how_a_call_ended_and_which_key_was_pressed_can_be_asked(serve, record, wanted):
    cloud = Cloud("aliyun_voice", serve)
    for data in (record, json.dumps(record)):  # the record is text within the answer
        cloud.service.record = data
        told = cloud.sender.look_up(cloud.taken("116012854210^100657", key="1"))
        assert (told and (told.receipt, told.answer)) == wanted
    call = cloud.service.calls[0]
    assert (call.query["CallId"], call.query["ProdId"]) == ("116012854210^100657", "11000000300005")
    assert call.query["QueryDate"] == "1772384400000"


@pytest.mark.parametrize("record", ["no json", "[1]", "7", ["odd"]])
def test_a_record_nobody_can_read_tells_nothing(serve, record):
    cloud = Cloud("aliyun_voice", serve)
    cloud.service.record = record
    assert cloud.sender.look_up(cloud.taken("1^1")) is None
    assert cloud.service.calls[0].query["ProdId"] == "11000000300006"
    assert cloud.sender.look_up(cloud.delivery()) is None  # never taken
    assert len(cloud.service.calls) == 1


def test_what_became_of_a_message_can_be_asked(serve):
    ali, tencent = Cloud("aliyun_sms", serve), Cloud("tencent_sms", serve)
    ali.service.details = [{"SendStatus": 3, "ReceiveDate": AT, "ErrCode": "DELIVERED"}]
    asked = ali.taken("9^0", to="+86 138-0000-0000")
    assert ali.sender.look_up(asked).receipt is Receipt.DELIVERED
    query = ali.service.calls[0].query
    assert (query["SendDate"], query["PhoneNumber"]) == ("20260302", NUMBER)  # the day in China, the plain number
    ali.service.details = [{"SendStatus": 1}]
    assert ali.sender.look_up(asked) is None
    tencent.service.statuses = [
        {"SerialNo": "other", "ReportStatus": "SUCCESS"},
        {"SerialNo": "5:1", "ReportStatus": "FAIL"},
    ]
    assert tencent.sender.look_up(tencent.taken("5:1")).receipt is Receipt.FAILED
    assert tencent.sender.look_up(tencent.taken("6:1")) is None
    tencent.service.next = [hangs]
    assert tencent.sender.look_up(tencent.taken("5:1")) is None


# -- signatures of the providers' own documents -----------------------------------------------------


def test_the_signature_of_aliyuns_documented_example():
    query = _aliyun.canonical_query(
        {"ImageId": "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd", "RegionId": "cn-shanghai"}
    )
    headers = {
        "host": "ecs.cn-shanghai.aliyuncs.com",
        "x-acs-action": "RunInstances",
        "x-acs-content-sha256": _aliyun.EMPTY,
        "x-acs-date": "2023-10-26T10:22:32Z",
        "x-acs-signature-nonce": "3156853299f313e23d1673dc12e1703d",
        "x-acs-version": "2014-05-26",
    }
    signed = _aliyun.authorization("YourAccessKeyId", "YourAccessKeySecret", query, headers)
    assert signed.endswith("Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0")


def test_the_signature_of_tencents_documented_example():
    body = b'{"Limit": 1, "Filters": [{"Values": ["\\u672a\\u547d\\u540d"], "Name": "instance-name"}]}'
    signed = _tencent.authorization(
        "AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE",
        "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE",
        host="cvm.tencentcloudapi.com",
        service="cvm",
        now=1551113065,
        body=body,
    )
    assert signed.endswith("Signature=72e494ea809ad7a8c8f7a4507b9bddcbaa8e581f516e8da2f66e2c5a96525168")
