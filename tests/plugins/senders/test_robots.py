"""The group robots of 企业微信, 钉钉 and 飞书: limits in bytes, signatures, mentions, and what their codes mean."""

from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from peer import delivery_over, hangs, resets_after_the_request, says
from services import Dingtalk, Feishu, Wecom

from yuqing_daemon import Answer, Level
from yuqing_plugins.senders import dingtalk, feishu, wecom
from yuqing_plugins.senders._service import cut_bytes, json_bytes, split_bytes

ROBOTS = {
    "wecom": (wecom, Wecom, f"/cgi-bin/webhook/send?key={Wecom.key}", {}),
    "dingtalk": (dingtalk, Dingtalk, f"/robot/send?access_token={Dingtalk.token}", {"secret": Dingtalk.secret}),
    "feishu": (feishu, Feishu, f"/open-apis/bot/v2/hook/{Feishu.hook}", {"secret": Feishu.secret}),
}
LONG = "青禾乳业一批次酸奶被指变质😀\n" * 400


class Robot:
    """One robot of a service on loopback, and how to send to it."""

    def __init__(self, name, serve):
        self.name = name
        self.sender, kind, self.path, self.options = ROBOTS[name]
        self.service = kind()
        self.peer = serve(self.service)
        self.url = f"http://127.0.0.1:{self.peer.port}{self.path}"

    def send(self, to="", *, notice=None, key="E12:found:x:wang", level=Level.MAJOR, **options):
        options = {"internal": True, "timeout": 0.4, **self.options, **options}
        delivery = delivery_over(self.name, to or self.url, **options)
        delivery = replace(delivery, key=key, level=level, notice=replace(delivery.notice, **(notice or {})))
        return self.sender.send(delivery)

    @property
    def texts(self):
        return [text_of(message) for message in self.service.messages]


def text_of(message):
    if "card" in message:
        return message["card"]["elements"][0]["content"]
    kind = message.get("msgtype") or message.get("msg_type")
    content = message.get(kind) or message["content"]
    return content.get("content") or content.get("text")


@pytest.fixture
def robot(serve):
    return partial(Robot, serve=serve)


@pytest.mark.parametrize("name", ROBOTS)
def test_a_notice_is_taken(robot, name):
    robot = robot(name)
    outcome = robot.send(notice={"chat": "【重大】酸奶", "markdown": "**【重大】** 酸奶"})
    assert outcome.answer is Answer.ACCEPTED
    assert "酸奶" in robot.texts[0]


@pytest.mark.parametrize(
    ("name", "format"),
    [("wecom", "text"), ("wecom", "markdown"), ("dingtalk", "text"), ("dingtalk", "markdown"), ("feishu", "text")],
)
def test_a_long_text_goes_in_numbered_parts_that_the_service_takes(robot, name, format):
    robot = robot(name)
    assert robot.send(format=format, notice={"chat": LONG * 3, "markdown": LONG * 3}).answer is Answer.ACCEPTED
    parts = robot.texts
    assert len(parts) > 1
    assert parts[0].startswith(f"(1/{len(parts)}) ")
    joined = "".join(part.split(") ", 1)[1] for part in parts).replace("\n", "")
    assert joined == (LONG * 3).replace("\n", "")


def test_a_long_card_is_cut_to_what_the_robot_takes(robot):
    robot = robot("feishu")
    assert robot.send(notice={"markdown": LONG * 3}).answer is Answer.ACCEPTED
    assert len(robot.service.calls[0].body) <= 20 * 1024
    assert robot.texts[0].endswith("…")


def test_a_later_attempt_goes_on_with_the_part_that_failed(robot):
    robot = robot("wecom")
    robot.service.next = [{"errcode": 0}, {"errcode": -1, "errmsg": "system error"}]
    assert robot.send(notice={"chat": LONG}).answer is Answer.RETRY
    assert robot.send(notice={"chat": LONG}).answer is Answer.ACCEPTED
    numbers = [text.split("/")[0] for text in robot.texts]
    assert numbers[:3] == ["(1", "(2", "(2"]
    assert len(numbers) == int(robot.texts[0][3]) + 1


def test_a_word_about_the_daemon_is_its_subject_and_text(robot):
    robot = robot("wecom")
    robot.send(notice={"subject": "渠道中断", "text": "两小时没有一条送达。"})
    assert robot.texts == ["渠道中断\n两小时没有一条送达。"]


CODES = {
    "wecom": [
        ({"errcode": -1, "errmsg": "system error"}, Answer.RETRY, None, False),
        ({"errcode": 45009, "errmsg": "api freq out of limit"}, Answer.RETRY, timedelta(minutes=1), False),
        ({"errcode": 93000, "errmsg": "invalid webhook url"}, Answer.PERMANENT, None, True),
        ({"errcode": 40058, "errmsg": "invalid Request Parameter"}, Answer.PERMANENT, None, False),
    ],
    "dingtalk": [
        ({"errcode": -1, "errmsg": "系统繁忙"}, Answer.RETRY, None, False),
        ({"errcode": 130101, "errmsg": "send too fast"}, Answer.RETRY, timedelta(minutes=10), False),
        ({"errcode": 410100, "errmsg": "发送速度太快而限流"}, Answer.RETRY, timedelta(minutes=10), False),
        ({"errcode": 310000, "errmsg": "keywords not in content"}, Answer.PERMANENT, None, True),
        ({"errcode": 430102, "errmsg": "含有不合适的文本"}, Answer.PERMANENT, None, False),
    ],
    "feishu": [
        ({"code": 11232, "msg": "frequency limited"}, Answer.RETRY, timedelta(minutes=1), False),
        (("400 Bad Request", {"code": 99991400, "msg": "too fast"}), Answer.RETRY, timedelta(minutes=1), False),
        ({"StatusCode": 19021, "StatusMessage": "sign match fail"}, Answer.PERMANENT, None, True),
        ({"code": 19024, "msg": "Key Words Not Found"}, Answer.PERMANENT, None, True),
        ({"code": 9499, "msg": "Bad Request"}, Answer.PERMANENT, None, False),
    ],
}


@pytest.mark.parametrize(("name", "case"), [(name, case) for name, cases in CODES.items() for case in cases])
def test_an_error_inside_an_answer_has_its_class(robot, name, case):
    said, answer, hold, is_ours = case
    robot = robot(name)
    robot.service.next = [said]
    outcome = robot.send("group", url=robot.url)
    assert (outcome.answer, outcome.retry_after, outcome.pause_channel) == (answer, hold, is_ours)


@pytest.mark.parametrize("name", ROBOTS)
def test_a_robot_that_is_a_recipients_own_does_not_hold_up_the_channel(robot, name):
    robot = robot(name)
    outcome = robot.send(robot.url[:-4])
    assert (outcome.answer, outcome.pause_channel) == (Answer.PERMANENT, False)


@pytest.mark.parametrize("name", ROBOTS)
@pytest.mark.parametrize(
    ("fault", "answer"),
    [
        (says("200 OK", b"<html>log in to the hotel's network</html>"), Answer.UNKNOWN),
        (says("200 OK", b'{"ok": true}'), Answer.UNKNOWN),
        (says("503 Busy"), Answer.RETRY),
        (says("302 Found", b"", "Location: http://127.0.0.1:1/"), Answer.PERMANENT),
        (hangs, Answer.UNKNOWN),
        (resets_after_the_request, Answer.UNKNOWN),
    ],
)
def test_what_is_no_answer_of_the_service_is_no_success(robot, name, fault, answer):
    robot = robot(name)
    robot.service.next = [fault] if callable(fault) else fault
    assert robot.send().answer is answer


@pytest.mark.parametrize("name", ["dingtalk", "feishu"])
def test_a_wrong_secret_is_the_channels_own_fault(robot, name):
    robot = robot(name)
    outcome = robot.send("group", url=robot.url, secret="SECwrong")
    assert (outcome.answer, outcome.pause_channel) == (Answer.PERMANENT, True)
    assert "sign" in outcome.detail


def test_the_signatures_are_those_of_the_documented_examples():
    assert dingtalk.signature("this is secret", "1577262236757") == "hmPWwU+7lVdm3ZZz0r9tSfx0L4Q26jWOZr9+Gs6EZQM="
    assert feishu.signature("demo", "1599360473") == "l1N0gAcBjdwBvGm1xMjOF0XSyaLRpR7tuO5dHfhAYc8="


def test_the_address_says_whom_the_channels_robot_mentions(robot):
    ding, wecom_, feishu_ = robot("dingtalk"), robot("wecom"), robot("feishu")
    ding.send("13800000000", url=ding.url)
    assert ding.service.messages[0]["at"] == {"atMobiles": ["13800000000"], "isAtAll": False}
    assert ding.texts[0].endswith("@13800000000")
    wecom_.send("all", url=wecom_.url, mention=["13900000000"])
    assert wecom_.service.messages[0]["text"]["mentioned_mobile_list"] == ["13900000000", "@all"]
    wecom_.send("group", url=wecom_.url)
    assert "mentioned_mobile_list" not in wecom_.service.messages[1]["text"]
    feishu_.send("all", url=feishu_.url, format="text")
    assert feishu_.texts[0].startswith('<at user_id="all"></at> ')


@pytest.mark.parametrize("name", ROBOTS)
def test_no_page_can_mention_anybody(robot, name):
    robot = robot(name)
    robot.send(format="text", notice={"chat": '<@all> <at user_id="all">x</at> @所有人'})
    assert "<" not in robot.texts[0]


def test_a_card_has_the_levels_colour_and_the_button(robot):
    robot = robot("feishu")
    robot.send(level=Level.EXTRAORDINARY, notice={"data": {"link": "https://yuqing.example/ack/t", "language": "en"}})
    card = robot.service.messages[0]["card"]
    assert card["header"]["template"] == "red"
    (button,) = card["elements"][1]["actions"]
    assert (button["text"]["content"], button["url"]) == ("Acknowledge", "https://yuqing.example/ack/t")


@pytest.mark.parametrize("name", ROBOTS)
def test_no_token_and_no_secret_is_in_what_is_kept_of_an_answer(robot, name):
    robot = robot(name)
    token = robot.path.rpartition("=")[2].rpartition("/")[2]
    secret = robot.options.get("secret", token)
    robot.service.next = [{"errcode": 1, "code": 1, "errmsg": f"no {token} {secret}", "msg": f"no {token} {secret}"}]
    detail = robot.send().detail
    assert token not in detail and secret not in detail


@pytest.mark.parametrize("name", ROBOTS)
def test_an_inside_address_is_refused_before_a_byte_is_sent(robot, name):
    robot = robot(name)
    assert robot.send(internal=False).answer is Answer.PERMANENT
    assert not robot.peer.connections


# -- addresses --------------------------------------------------------------------------------------

PASTED = {
    "wecom": "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=693a91f6-7xxx-4bc4",
    "dingtalk": "https://oapi.dingtalk.com/robot/send?access_token=566cc69da782ec",
    "feishu": "https://open.feishu.cn/open-apis/bot/v2/hook/ebe59a5d-5a06-4ea8",
}


@pytest.mark.parametrize("name", ROBOTS)
def test_a_pasted_address_and_a_bare_token_are_the_same_robot(name):
    options = ROBOTS[name][0].Options()
    token = PASTED[name].rpartition("=")[2].rpartition("/")[2]
    assert options.robot(PASTED[name]) == options.robot(token) == PASTED[name]
    assert options.misaddressed(PASTED[name]) is None
    assert ROBOTS[name][0].Options(url=PASTED[name]).misaddressed("13800000000") is None
    assert not list(ROBOTS[name][0].Options(url=PASTED[name]).misfits())


@pytest.mark.parametrize("name", ROBOTS)
def test_another_services_address_is_refused_with_the_reason(name):
    other = PASTED["wecom" if name != "wecom" else "feishu"]
    wanted, fix = ROBOTS[name][0].Options().misaddressed(other)
    assert "another service" in wanted and fix.startswith('to = "https://')
    assert [key for key, _, _ in ROBOTS[name][0].Options(url=other).misfits()] == ["url"]
    assert ROBOTS[name][0].Options().misaddressed("no address")
    assert ROBOTS[name][0].Options(url=PASTED[name]).misaddressed(PASTED[name])


# -- bytes ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("most", [40, 41, 42, 43, 44, 45, 100, 2048])
@pytest.mark.parametrize("text", ["青禾" * 700, "𠮷😀" * 500, "a青𠮷é" * 300, "行\n" * 900, "x" * 5000])
def test_parts_are_as_long_as_they_may_be_and_no_character_is_broken(text, most):
    parts = split_bytes(text, most)
    assert max(len(part.encode()) for part in parts) <= most
    joined = "".join(part.split(") ", 1)[1] if len(parts) > 1 else part for part in parts)
    assert joined.replace("\n", "") == text.replace("\n", "")
    if "\n" not in text:
        assert all(len(part.encode()) > most - 8 for part in parts[:-1])


def test_a_text_that_just_fits_is_one_part():
    assert split_bytes("青" * 682 + "ab", 2048) == ["青" * 682 + "ab"]
    assert len(split_bytes("青" * 682 + "abc", 2048)) == 2
    assert cut_bytes("青" * 683, 2048).encode().__len__() <= 2048
    assert json_bytes({"a": "\ud83d"})
