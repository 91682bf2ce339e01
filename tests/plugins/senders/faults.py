"""The fault matrix: every way in which each service can fail, and what the engine has to make of it.

A cell is one channel and one fault. It is run through the real sender, over real sockets, and the real engine: what
is seen is the class of the outcome, when it is due again, how long the channel is left alone, how it stands after two
attempts, and when the recipient's next channel is told.
"""

from __future__ import annotations

import gzip
import itertools
import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from clouds import KEY_ID, SECRET
from peer import (
    Conversation,
    Peer,
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
from services import Dingtalk, Feishu, Wecom
from tls import Authority
from world import Clock, World, person

from yuqing_daemon import Address, Answer, Channel, Source, Topic
from yuqing_daemon.config import Settings
from yuqing_daemon.domain import Outcome, Regime
from yuqing_daemon.engine import Engine
from yuqing_daemon.plugins import Plugins
from yuqing_daemon.store import Store, outbox

Talk = Callable[[Conversation], None]

SHORT, MAIL_SHORT, LONG = 0.25, 1.0, 10.0  # seconds that a sender waits: for a peer that is slow on purpose, or else
FIRST_WAIT = timedelta(seconds=5)  # before the second attempt, with the draw in the middle
NONE = timedelta(0)
PAUSE = timedelta(minutes=5)  # of a channel whose own set-up is at fault
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
AT_ONCE, LATER, NEVER = "at once", "when it takes too long", "-"
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


@dataclass(frozen=True)
class Seen:
    """What came of a cell."""

    answer: Answer
    due: timedelta | None  # after the first attempt; none: it is over
    hold: timedelta
    state: str  # after at most two attempts
    attempts: int
    fallback: str
    detail: str = field(default="", compare=False)


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


def cells() -> Iterator[Cell]:
    """The whole matrix."""
    for channel in ("webhook", "sms"):
        yield from (Cell(channel, fault) for fault in [*HTTP, *BULKY, *BOMBS, *BODIES[channel]])
    yield from (Cell("apprise", fault) for fault in [*HTTP, *BULKY, *BODIES["apprise"]])
    for channel in ("wecom", "dingtalk", "feishu", "serverchan", "aliyun_sms", "tencent_sms"):
        yield from (Cell(channel, fault) for fault in [*FEW, *STRANGERS, *BODIES[channel]])
    yield from (Cell("mail", fault) for fault in SMTP)
    yield from (Cell("mail with login", fault) for fault in LOGIN)
    yield from (Cell("mail with STARTTLS", fault) for fault in STARTTLS)
    yield from (Cell("mail with TLS", fault) for fault in TLS)


# -- running ----------------------------------------------------------------------------------------


def channel_of(cell: Cell, host: str, port: int) -> tuple[str, dict[str, Any], str]:
    """Sender, options and address of a channel whose service is there."""
    name, scheme = cell.channel, "https" if cell.fault.tls else "http"
    short = MAIL_SHORT if name.startswith("mail") else SHORT
    timeout = short if re.match("hangs (before|in|after)|drips", cell.fault.name) else LONG
    base = f"{scheme}://{host}:{port}"
    sender = name.partition(" ")[0]
    if sender == "mail":
        options = {"host": host, "port": port, "from_address": "yuqing@qinghe.example", "timeout": timeout}
        more = {
            "mail with login": {"user": "u", "password": "p"},
            "mail with STARTTLS": {"security": "starttls"},
            "mail with TLS": {"security": "tls"},
        }
        return sender, options | more.get(name, {}), "wang@qinghe.example"
    given: dict[str, tuple[dict[str, Any], str]] = {
        "webhook": ({}, f"{base}/hook"),
        "sms": ({"url": f"{base}/send", "fields": {"to": "{to}", "text": "{text}"}}, "13800000000"),
        "apprise": ({}, f"{'jsons' if scheme == 'https' else 'json'}://{host}:{port}/hook"),
        "wecom": ({"url": f"{base}/cgi-bin/webhook/send?key={Wecom.key}"}, "group"),
        "dingtalk": ({"url": f"{base}/robot/send?access_token={Dingtalk.token}", "secret": "SEC1"}, "group"),
        "feishu": ({"url": f"{base}/open-apis/bot/v2/hook/{Feishu.hook}", "secret": "s"}, "group"),
        "serverchan": ({"url": f"{base}/{{key}}.send"}, "SCT1Tabc"),
        "aliyun_sms": (
            {
                "endpoint": base,
                "access_key_id": KEY_ID,
                "access_key_secret": SECRET,
                "sign_name": "青禾",
                "template_code": "1",
            },
            "13800000000",
        ),
        "tencent_sms": (
            {
                "endpoint": base,
                "secret_id": KEY_ID,
                "secret_key": SECRET,
                "app_id": "1",
                "sign_name": "青禾",
                "template_id": "1",
            },
            "13800000000",
        ),
    }
    options, to = given[sender]
    return sender, {"internal": True, "timeout": timeout, **options}, to


def expected(cell: Cell) -> Seen:
    """What has to come of a cell, by the classes of docs/channels.md."""
    fault = cell.fault
    if fault.answer is OK:
        return Seen(OK, None, NONE, "accepted", 1, NEVER)
    if fault.answer is FINAL:
        return Seen(FINAL, None, fault.hold, "dead", 1, AT_ONCE)
    wait = max(FIRST_WAIT, fault.hold)
    if fault.answer is UNKNOWN and cell.channel in (
        "sms",
        "aliyun_sms",
        "tencent_sms",
    ):  # it costs money and wakes people
        return Seen(UNKNOWN, wait, fault.hold, "dead", 2, AT_ONCE)
    return Seen(fault.answer, wait, fault.hold, "pending" if fault.answer is RETRY else "unknown", 2, LATER)


def run(cell: Cell, regime: Regime, folder: Path, plugins: Plugins, authority: Authority) -> Seen:
    """One cell, from an event that is found to what the engine makes of two attempts."""
    with _service(cell.fault, authority) as (host, port):
        sender, options, to = channel_of(cell, host, port)
        monitor = replace(
            person("monitor", "monitor"), addresses=(Address(channel="first", to=to), Address(channel="spare", to="x"))
        )
        settings = Settings(
            folder=folder,
            state=folder / "state",
            organisation="青禾乳业",
            language="zh",
            timezone=ZoneInfo("Asia/Shanghai"),
            regime=replace(regime, duties=(), wants_reason=(), lift_by_words=False),
            sources=(Source(id="forum", urls=("https://forum.cn/",), site="forum", spider="page"),),
            topics=(Topic(id="quality", any=("异物",)),),
            recipients=(monitor,),
            channels={
                "first": Channel(id="first", sender=sender, options=options),
                "spare": Channel(id="spare", sender="nobody"),
            },
        )
        store = Store.in_memory()
        try:
            world = World(Engine(store, settings, plugins, secret=b"secret", draw=lambda: 0.5), Clock())
            return _seen(world)
        finally:
            store.close()


def _seen(world: World) -> Seen:
    world.engine.begin(now=world.clock.now)
    world.baseline()
    world.visit("forum", world.post())
    world.pass_(minutes=1)
    outcome = _attempt(world)
    row = _first(world)
    due = row.due_at - world.clock.now if row.state in ("pending", "unknown") else None
    hold = _hold(world)
    at_once = _fell(world)
    if due is not None:
        world.clock.pass_(seconds=due.total_seconds())
        _attempt(world)
        row = _first(world)
        at_once = at_once or _fell(world)
    state, attempts = str(row.state), row.attempts
    if not at_once and state != "accepted":
        world.pass_(hours=1)
    fallback = AT_ONCE if at_once else LATER if _fell(world) else NEVER
    return Seen(outcome.answer, due, hold, state, attempts, fallback, outcome.detail)


def _attempt(world: World) -> Outcome:
    """Send what is due over the tested channel, as the notifier does."""
    (delivery,) = world.engine.claim("first", token="t", now=world.clock.now, limit=1)
    answers = world.engine.plugins.ask("send", delivery=delivery)
    outcome = next((answer for _, answer in answers if isinstance(answer, Outcome)), None)
    assert outcome is not None, "its sender failed"
    assert world.engine.record(delivery, outcome, token="t", now=world.clock.now)
    return outcome


def _first(world: World) -> Any:
    return next(row for row in world.deliveries() if row.channel == "first" and row.event is not None)


def _fell(world: World) -> bool:
    """Whether the recipient's next channel was promised the same notice."""
    return any(row.channel == "spare" and row.event is not None for row in world.deliveries())


def _hold(world: World) -> timedelta:
    """How long the channel is left alone, to the second."""
    for minute in itertools.count():
        with world.engine.store.read() as connection:
            held = outbox.holds(connection, now=world.clock.now + minute * timedelta(seconds=10))
        if "first" not in held:
            return minute * timedelta(seconds=10)
    raise AssertionError


@contextmanager
def _service(fault: Fault, authority: Authority) -> Iterator[tuple[str, int]]:
    """The failing service, and where it is."""
    peer = Peer(fault.talk or resets, authority.context if fault.tls else None)
    if fault.where == "closed":
        peer.close()
    try:
        yield ("nobody.invalid" if fault.where == "nowhere" else "127.0.0.1"), peer.port
    finally:
        if fault.where != "closed":
            peer.close()
