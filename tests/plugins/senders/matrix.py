"""Runs the cells of the fault matrix: through the real sender, over real sockets, and the real engine."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from clouds import KEY_ID, SECRET
from faults import APPS, COSTLY, FINAL, NONE, OK, RETRY, UNKNOWN, Cell
from peer import Peer, resets
from services import Dingtalk, DingtalkApp, Feishu, FeishuApp, Wecom, WecomApp
from tls import Authority
from world import Clock, World, person

from yuqing_daemon import Address, Answer, Channel, Source, Topic
from yuqing_daemon.config import Settings
from yuqing_daemon.domain import Outcome, Regime
from yuqing_daemon.engine import Engine
from yuqing_daemon.plugins import Plugins
from yuqing_daemon.store import Store, outbox

SHORT, MAIL_SHORT, LONG = 0.25, 1.0, 10.0  # seconds that a sender waits: for a peer that is slow on purpose, or else
FIRST_WAIT = timedelta(seconds=5)  # before the second attempt, with the draw in the middle
AT_ONCE, LATER, NEVER = "at once", "when it takes too long", "-"


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
    aliyun = {"endpoint": base, "access_key_id": KEY_ID, "access_key_secret": SECRET}
    tencent = {"endpoint": base, "secret_id": KEY_ID, "secret_key": SECRET, "app_id": "1"}
    given: dict[str, tuple[dict[str, Any], str]] = {
        "webhook": ({}, f"{base}/hook"),
        "sms": ({"url": f"{base}/send", "fields": {"to": "{to}", "text": "{text}"}}, "13800000000"),
        "apprise": ({}, f"{'jsons' if scheme == 'https' else 'json'}://{host}:{port}/hook"),
        "wecom": ({"url": f"{base}/cgi-bin/webhook/send?key={Wecom.key}"}, "group"),
        "dingtalk": ({"url": f"{base}/robot/send?access_token={Dingtalk.token}", "secret": "SEC1"}, "group"),
        "feishu": ({"url": f"{base}/open-apis/bot/v2/hook/{Feishu.hook}", "secret": "s"}, "group"),
        "serverchan": ({"url": f"{base}/{{key}}.send"}, "SCT1Tabc"),
        "wecom_app": ({"url": base, "corp_id": "ww1", "secret": WecomApp.secret, "agent_id": 1}, "wang"),
        "dingtalk_app": ({"url": base, "app_key": "k", "app_secret": DingtalkApp.secret, "agent_id": 1}, "wang"),
        "feishu_app": ({"url": base, "app_id": "cli_1", "app_secret": FeishuApp.secret}, "wang"),
        "aliyun_sms": ({**aliyun, "sign_name": "青禾", "template_code": "1"}, "13800000000"),
        "aliyun_voice": ({**aliyun, "template_code": "1"}, "13800000000"),
        "tencent_sms": ({**tencent, "sign_name": "青禾", "template_id": "1"}, "13800000000"),
        "tencent_voice": ({**tencent, "template_id": "1"}, "13800000000"),
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
    if fault.answer is UNKNOWN and cell.channel in ("sms", *COSTLY):  # it costs money and wakes people
        return Seen(UNKNOWN, wait, fault.hold, "dead", 2, AT_ONCE)
    return Seen(fault.answer, wait, fault.hold, "pending" if fault.answer is RETRY else "unknown", 2, LATER)


def run(cell: Cell, regime: Regime, folder: Path, plugins: Plugins, authority: Authority) -> Seen:
    """One cell, from an event that is found to what the engine makes of two attempts."""
    with _service(cell, authority) as (host, port):
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
def _service(cell: Cell, authority: Authority) -> Iterator[tuple[str, int]]:
    """The failing service, and where it is. Tokens are given out: it is the message that fails."""
    fault = cell.fault
    talk = fault.talk or resets
    if cell.channel in APPS:
        talk = APPS[cell.channel](failing=talk)
    peer = Peer(talk, authority.context if fault.tls else None)
    if fault.where == "closed":
        peer.close()
    try:
        yield ("nobody.invalid" if fault.where == "nowhere" else "127.0.0.1"), peer.port
    finally:
        if fault.where != "closed":
            peer.close()
