"""Server酱: each kind of key goes to its own host, and a no inside an answer is a no."""

from dataclasses import dataclass, replace

import pytest
from peer import delivery_over
from services import Service

from yuqing_daemon import Answer
from yuqing_plugins.senders import serverchan
from yuqing_plugins.senders.serverchan import Options, address_of, payload_of, send


@dataclass
class ServerChan(Service):
    """Takes one key, five messages a day."""

    key: str = "SCT1Tabc"

    def reply(self, call):
        if call.path != f"/{self.key}.send":
            return "400 Bad Request", {"code": 40001, "message": "[AUTH]错误的Key", "data": {}}
        if len(self.calls) > 5:
            return "400 Bad Request", {"code": 40001, "message": "[AUTH]超过当天的发送次数限制[5]", "data": {}}
        return {"code": 0, "message": "", "data": {"pushid": "1", "errno": 0}}


@pytest.fixture
def push(serve):
    service = ServerChan()
    peer = serve(service)

    def push(key=service.key):
        url = f"http://127.0.0.1:{peer.port}/{{key}}.send"
        return send(delivery_over("serverchan", key, url=url, internal=True, timeout=0.5))

    push.service = service
    return push


def test_it_is_taken_until_the_days_share_is_used_up(push):
    assert [push().answer for _ in range(6)] == [Answer.ACCEPTED] * 5 + [Answer.PERMANENT]
    assert set(push.service.messages[0]) == {"title", "desp"}


def test_a_wrong_key_is_final_and_not_repeated_in_its_words(push):
    outcome = push("SCT9Twrong")
    assert outcome.answer is Answer.PERMANENT
    assert "错误的Key" in outcome.detail and "SCT9Twrong" not in outcome.detail


def test_an_error_inside_a_200_is_a_failure(push):
    push.service.next = [{"code": 1, "message": "no"}, {"errno": 1024, "errmsg": "bad"}, {"data": {}}]
    assert [push().answer for _ in range(3)] == [Answer.PERMANENT, Answer.PERMANENT, Answer.UNKNOWN]


@pytest.mark.parametrize(
    ("to", "url"),
    [
        ("SCT1Tabc", "https://sctapi.ftqq.com/SCT1Tabc.send"),
        ("https://sctapi.ftqq.com/SCT1Tabc.send", "https://sctapi.ftqq.com/SCT1Tabc.send"),
        ("sctp123tabc", "https://123.push.ft07.com/send/sctp123tabc.send"),
        ("https://123.push.ft07.com/send/sctp123tabc.send", "https://123.push.ft07.com/send/sctp123tabc.send"),
    ],
)
def test_each_kind_of_key_goes_to_its_own_host(to, url):
    assert address_of(to, Options()) == url
    assert Options().misaddressed(to) is None


def test_what_is_no_key_is_told_at_load():
    assert Options().misaddressed("13800000000")
    assert [key for key, _, _ in Options(url="https://sct.example.com/").misfits()] == ["url"]


def test_title_and_text_are_as_long_as_they_may_be():
    delivery = delivery_over("serverchan", "SCT1Tabc")
    notice = replace(delivery.notice, subject="长" * 100, markdown="青" * 20_000)
    payload = payload_of(replace(delivery, notice=notice))
    assert len(payload["title"]) == 32
    assert len(payload["desp"].encode()) <= serverchan.MOST
