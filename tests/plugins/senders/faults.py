"""The fault matrix: every way in which each service can fail, and what the engine has to make of it.

A cell is one channel and one fault. It is run through the real sender, over real sockets, and the real engine: what
is seen is the class of the outcome, when it is due again, how long the channel is left alone, how it stands after two
attempts, and when the recipient's next channel is told.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

from peer import (
    Conversation,
    drips_its_body,
    drips_its_headers,
    hangs,
    hangs_in_the_body,
    hangs_up_in_the_body,
    resets,
    resets_after_the_request,
    says,
    sends_200_megabytes,
    speaks_no_http,
)
from services import DingtalkApp, FeishuApp, WecomApp

from yuqing_daemon import Answer

Talk = Callable[[Conversation], None]

NONE = timedelta(0)
PAUSE = timedelta(minutes=5)  # of a channel whose own set-up is at fault
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
OK, RETRY, FINAL, UNKNOWN = Answer.ACCEPTED, Answer.RETRY, Answer.PERMANENT, Answer.UNKNOWN


@dataclass(frozen=True)
class Fault:
    """One way to fail. ``where``: the peer, nobody listening, or a name nobody knows; ``hold``: of the channel."""

    name: str
    talk: Talk | None
    answer: Answer
    hold: timedelta = NONE
    where: str = "peer"
    tls: bool = False


@dataclass(frozen=True)
class Cell:
    """A fault of one channel."""

    channel: str
    fault: Fault

    @property
    def name(self) -> str:
        return f"{self.channel}: {self.fault.name}"


# -- HTTP -------------------------------------------------------------------------------------------


def in_two_minutes() -> bytes:
    return format_datetime(datetime.now(UTC) + 2 * MINUTE, usegmt=True).encode()


def retry_at_a_date(peer: Conversation) -> None:
    now = format_datetime(datetime.now(UTC), usegmt=True)
    says("429 Too Many", b"", f"Date: {now}", f"Retry-After: {in_two_minutes().decode()}")(peer)


HTTP = [
    Fault("name not found", None, RETRY, where="nowhere"),
    Fault("refused", None, RETRY, where="closed"),
    Fault("certificate nobody vouches for", says("200 OK"), FINAL, tls=True),
    Fault("302", says("302 Found", b"", "Location: http://127.0.0.1:1/"), FINAL),
    Fault("307 to loopback", says("307 Temporary Redirect", b"", "Location: http://127.0.0.1:1/"), FINAL),
    Fault("400", says("400 Bad Request"), FINAL),
    Fault("401", says("401 Unauthorized"), FINAL),
    Fault("403", says("403 Forbidden"), FINAL),
    Fault("404", says("404 Not Found"), FINAL),
    Fault("408", says("408 Request Timeout"), RETRY),
    Fault("425", says("425 Too Early"), RETRY),
    Fault("429", says("429 Too Many"), RETRY),
    Fault("429, Retry-After: 30", says("429 Too Many", b"", "Retry-After: 30"), RETRY, timedelta(seconds=30)),
    Fault("429, Retry-After: a date", retry_at_a_date, RETRY, 2 * MINUTE),
    Fault("429, Retry-After: a day", says("429 Too Many", b"", "Retry-After: 86400"), RETRY, HOUR),
    Fault("429, Retry-After: soon", says("429 Too Many", b"", "Retry-After: soon"), RETRY),
    Fault("500", says("500 Oops"), RETRY),
    Fault("503", says("503 Busy"), RETRY),
    Fault("reset after the request", resets_after_the_request, UNKNOWN),
    Fault("hangs before the answer", hangs, UNKNOWN),
    Fault("hangs in the body", hangs_in_the_body, UNKNOWN),
    Fault("hangs up in the body", hangs_up_in_the_body, UNKNOWN),
    Fault("drips its headers", drips_its_headers, UNKNOWN),
    Fault("drips its body", drips_its_body, UNKNOWN),
    Fault("speaks no HTTP", speaks_no_http, UNKNOWN),
]
BULKY = [Fault("200 MB", sends_200_megabytes, OK), Fault("204", says("204 No Content"), OK)]
BOMB = gzip.compress(b"x" * 50_000_000)
BOMBS = [Fault("gzip bomb", says("200 OK", BOMB, "Content-Encoding: gzip"), OK)]
FEW = [
    fault
    for fault in HTTP
    if fault.name in ("refused", "302", "429, Retry-After: 30", "503", "hangs before the answer")
]
STRANGERS = [Fault("200 from somebody else", says("200 OK", b"<html>log in</html>"), UNKNOWN)]


def inside(data: Any, name: str, answer: Answer, hold: timedelta = NONE, status: str = "200 OK") -> Fault:
    """An error inside an answer's body."""
    return Fault(f"{status[:3]} with {name}", says(status, json.dumps(data, ensure_ascii=False).encode()), answer, hold)


def cloud_error(code: str) -> dict[str, Any]:
    return {"Response": {"Error": {"Code": code, "Message": "no"}}}


BODIES = {
    "webhook": [
        inside({"errcode": 310000, "errmsg": "no"}, "errcode 310000", FINAL),
        inside({"success": False}, "success false", FINAL),
        inside({"code": 500, "msg": "busy"}, "code 500", RETRY),
        inside({"errcode": 130101, "errmsg": "too fast"}, "errcode 130101", RETRY, 10 * MINUTE),
    ],
    "sms": [
        inside({"Code": "isv.MOBILE_NUMBER_ILLEGAL"}, "a refusal", FINAL),
        inside({"code": 503, "msg": "busy"}, "busy", RETRY),
    ],
    "wecom": [
        inside({"errcode": 45009, "errmsg": "api freq out of limit"}, "45009 too fast", RETRY, MINUTE),
        inside({"errcode": 93000, "errmsg": "invalid webhook url"}, "93000 robot gone", FINAL, PAUSE),
        inside({"errcode": 40058, "errmsg": "invalid parameter"}, "40058", FINAL),
        inside({"errcode": -1, "errmsg": "system busy"}, "-1 busy", RETRY),
    ],
    "dingtalk": [
        inside({"errcode": 130101, "errmsg": "send too fast"}, "130101 too fast", RETRY, 10 * MINUTE),
        inside({"errcode": 310000, "errmsg": "sign not match"}, "310000 signature", FINAL, PAUSE),
        inside({"errcode": 430102, "errmsg": "含有不合适的文本"}, "430102 words", FINAL),
    ],
    "feishu": [
        inside({"code": 11232, "msg": "frequency limited"}, "11232 too fast", RETRY, MINUTE),
        inside({"code": 19021, "msg": "sign match fail"}, "19021 signature", FINAL, PAUSE),
        inside({"code": 9499, "msg": "Bad Request"}, "9499", FINAL, status="400 Bad Request"),
    ],
    "serverchan": [inside({"code": 40001, "message": "[AUTH]超过当天的发送次数限制[5]"}, "40001 used up", FINAL)],
    "apprise": [
        inside({"errcode": 310000, "errmsg": "no"}, "errcode 310000", FINAL),
        inside({"code": 500, "msg": "busy"}, "code 500", RETRY),
    ],
    "aliyun_sms": [
        inside({"Code": "isv.BUSINESS_LIMIT_CONTROL"}, "too many to a number", RETRY),
        inside({"Code": "isv.MOBILE_NUMBER_ILLEGAL"}, "no such number", FINAL),
        inside({"Code": "isv.AMOUNT_NOT_ENOUGH"}, "no balance", FINAL, PAUSE),
        inside({"Code": "SignatureDoesNotMatch"}, "wrong signature", FINAL, PAUSE, "400 Bad Request"),
    ],
    "wecom_app": [
        inside({"errcode": 45009, "errmsg": "api freq out of limit"}, "45009 too fast", RETRY, MINUTE),
        inside({"errcode": 40056, "errmsg": "invalid agentid"}, "40056 no such application", FINAL, PAUSE),
        inside({"errcode": 42001, "errmsg": "access_token expired"}, "42001 twice", RETRY),
        inside({"errcode": 81013, "errmsg": "user & party & tag all invalid"}, "81013 nobody", FINAL),
        inside({"errcode": 0, "errmsg": "ok", "invaliduser": "wang"}, "invaliduser", FINAL),
    ],
    "dingtalk_app": [
        inside({"errcode": 143103, "errmsg": "too fast"}, "143103 too fast", RETRY, MINUTE),
        inside({"errcode": 88, "sub_code": "60011", "sub_msg": "no right"}, "60011 no right", FINAL, PAUSE),
        inside({"errcode": 88, "sub_code": "40014", "sub_msg": "stale"}, "40014 twice", RETRY),
        inside({"errcode": 33012, "errmsg": "invalid USERID"}, "33012 nobody", FINAL),
    ],
    "feishu_app": [
        inside({"code": 99991400, "msg": "too fast"}, "99991400 too fast", RETRY, 10 * SECOND, "429 Too Many"),
        inside({"code": 99991672, "msg": "no right"}, "99991672 no right", FINAL, PAUSE, "400 Bad Request"),
        inside({"code": 99991663, "msg": "stale"}, "99991663 twice", RETRY, status="400 Bad Request"),
        inside({"code": 230013, "msg": "no availability"}, "230013 nobody", FINAL, status="400 Bad Request"),
        inside({"code": 230002, "msg": "the bot is not in the group"}, "230002 not in the group", FINAL),
    ],
    "aliyun_voice": [
        inside({"Code": "isv.BUSINESS_LIMIT_CONTROL"}, "too many to a number", RETRY),
        inside({"Code": "isv.MOBILE_NUMBER_ILLEGAL"}, "no such number", FINAL),
        inside({"Code": "isv.DISPLAY_NUMBER_ILLEGAL"}, "the number that is shown", FINAL, PAUSE),
    ],
    "tencent_voice": [
        inside(cloud_error("FailedOperation.AccessUpstreamTimeout"), "an error of its own", RETRY),
        inside(cloud_error("FailedOperation.ContainSensitiveWord"), "a word", FINAL),
        inside(cloud_error("FailedOperation.InsufficientBalanceInVoicePackage"), "no balance", FINAL, PAUSE),
    ],
    "tencent_sms": [
        inside(cloud_error("InternalError.Timeout"), "an error of its own", RETRY),
        inside(cloud_error("LimitExceeded.PhoneNumberDailyLimit"), "a number's day used up", FINAL),
        inside(cloud_error("AuthFailure.SignatureFailure"), "wrong signature", FINAL, PAUSE),
    ],
}

# -- SMTP -------------------------------------------------------------------------------------------


def smtp(
    *, greeting: str = "220 hello", end: Talk | None = None, offers: str = "", refuses: str = "nobody", **replies: str
) -> Talk:
    """A mail server that replies to each command as it is told, and else with yes; ``end`` is what follows the dot."""

    def talk(peer: Conversation) -> None:
        lines = peer.sock.makefile("rb")
        peer.say(f"{greeting}\r\n".encode())
        while line := lines.readline().strip().decode():
            command = line.split(" ")[0].upper()
            usual = {"EHLO": f"250{'-me' if offers else ' me'}", "DATA": "354 go on", "QUIT": "221 bye"}
            reply = replies.get(command.lower(), usual.get(command, "250 ok"))
            reply = f"550 no such mailbox: {refuses}" if command == "RCPT" and refuses in line else reply
            peer.say(f"{reply}\r\n".encode() + (f"250 {offers}\r\n".encode() if command == "EHLO" and offers else b""))
            if reply.startswith("354"):
                while lines.readline() not in (b".\r\n", b""):
                    pass
                if end:
                    end(peer)
                    return
                peer.say(f"{replies.get('dot', '250 queued as 1')}\r\n".encode())

    return talk


SMTP = [
    Fault("name not found", None, RETRY, where="nowhere"),
    Fault("refused", None, RETRY, where="closed"),
    Fault("421 greeting", smtp(greeting="421 too busy"), RETRY),
    Fault("hangs before the greeting", lambda peer: peer.hang(), RETRY),
    Fault("reset at once", resets, RETRY),
    Fault("421 at MAIL", smtp(mail="421 shutting down"), RETRY),
    Fault("550 at MAIL", smtp(mail="550 not you"), FINAL),
    Fault("450 at RCPT", smtp(rcpt="450 greylisted"), RETRY),
    Fault("452 at RCPT", smtp(rcpt="452 mailbox full"), RETRY),
    Fault("550 at RCPT", smtp(rcpt="550 no such mailbox"), FINAL),
    Fault("451 at the dot", smtp(dot="451 try later"), RETRY),
    Fault("552 at the dot", smtp(dot="552 too big"), FINAL),
    Fault("554 at the dot", smtp(dot="554 looks like spam"), FINAL),
    Fault("cut after the dot", smtp(end=lambda peer: peer.reset()), UNKNOWN),
    Fault("hangs after the dot", smtp(end=lambda peer: peer.hang()), UNKNOWN),
    Fault("accepted", smtp(), OK),
]
LOGIN = [Fault("535 at AUTH", smtp(offers="AUTH PLAIN", auth="535 wrong password"), FINAL, PAUSE)]
STARTTLS = [Fault("no STARTTLS", smtp(), FINAL, PAUSE)]
TLS = [Fault("certificate nobody vouches for", smtp(), FINAL, PAUSE, tls=True)]


APPS = {"wecom_app": WecomApp, "dingtalk_app": DingtalkApp, "feishu_app": FeishuApp}  # they ask for a token first
COSTLY = ("aliyun_sms", "aliyun_voice", "tencent_sms", "tencent_voice")


def cells() -> Iterator[Cell]:
    """The whole matrix."""
    for channel in ("webhook", "sms"):
        yield from (Cell(channel, fault) for fault in [*HTTP, *BULKY, *BOMBS, *BODIES[channel]])
    yield from (Cell("apprise", fault) for fault in [*HTTP, *BULKY, *BODIES["apprise"]])
    for channel in ("wecom", "dingtalk", "feishu", "serverchan", *APPS, *COSTLY):
        yield from (Cell(channel, fault) for fault in [*FEW, *STRANGERS, *BODIES[channel]])
    yield from (Cell("mail", fault) for fault in SMTP)
    yield from (Cell("mail with login", fault) for fault in LOGIN)
    yield from (Cell("mail with STARTTLS", fault) for fault in STARTTLS)
    yield from (Cell("mail with TLS", fault) for fault in TLS)
