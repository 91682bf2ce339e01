"""A button in a chat, over a real port: pressed by whom, signed by the service, acknowledged once, and answered."""

from __future__ import annotations

import base64
import hashlib
import http.client
import json
import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from lxml import etree
from world import World, person

from yuqing_daemon import Channel, Delivery
from yuqing_daemon.domain import Act
from yuqing_daemon.web import WebServer, make_app
from yuqing_plugins.senders import feishu_app, wecom_app
from yuqing_plugins.senders._crypt import BLOCK, WecomBox, encrypt

KEY, TOKEN = "an encrypt key", "a verification token"
AES_KEY = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
FEISHU = {"app_id": "cli_1", "app_secret": "s", "encrypt_key": KEY, "verification_token": TOKEN}
WECOM = {"corp_id": "ww1", "secret": "s", "agent_id": 1, "format": "card", "token": TOKEN, "aes_key": AES_KEY}
BOX = WecomBox(TOKEN, AES_KEY, "ww1")


@pytest.fixture
def server(world: World) -> Iterator[WebServer]:
    channels = {
        "feishu": Channel(id="feishu", sender="feishu_app", options=FEISHU),
        "wecom": Channel(id="wecom", sender="wecom_app", options=WECOM),
    }
    world.configure(channels={**world.engine.settings.channels, **channels})
    made = WebServer(make_app(world.engine, now=lambda: world.clock.now, health=dict), host="127.0.0.1", port=0)
    made.start()
    yield made
    made.stop()


def notice(world: World, channel: str, to: str) -> Delivery:
    """The first word of a new event, sent to the monitor over a channel."""
    monitor = person("monitor", "monitor", channels=(channel,))
    monitor = replace(monitor, name="小陈", addresses=(replace(monitor.addresses[0], to=to),))
    office = replace(person("office", "office", channels=(channel,)), name="王主任")
    office = replace(office, addresses=(replace(office.addresses[0], to="ou_office"),))
    world.configure(recipients=(monitor, office, *world.engine.settings.recipients[2:]))
    world.visit("forum", world.post())
    (sent,) = world.send(channels=(channel,))
    return sent


def call(server: WebServer, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


# -- 飞书


def feishu(world: World, server: WebServer, told: Any, *, key: str = KEY, signed: bool = True, **changed: str) -> Any:
    """What 飞书 sends to the callback address, and what it is answered."""
    iv = os.urandom(BLOCK)
    data = iv + encrypt(hashlib.sha256(key.encode()).digest(), iv, json.dumps(told).encode())
    body = json.dumps({"encrypt": base64.b64encode(data).decode()}).encode()
    headers = {"X-Lark-Request-Timestamp": "1700000000", "X-Lark-Request-Nonce": "n"}
    if signed:
        headers["X-Lark-Signature"] = hashlib.sha256(f"1700000000n{key}".encode() + body).hexdigest()
    status, text = call(server, "POST", world.engine.callback_path("feishu"), body, **{**headers, **changed})
    return json.loads(text) if status == 200 else status


def press(delivery: Delivery, by: str = "ou_monitor", token: str = TOKEN) -> dict[str, Any]:
    """The event of a pressed button: its value is the card's own."""
    card = json.loads(feishu_app.payload_of(delivery, feishu_app.Options(**FEISHU))["content"])
    (button,) = card["elements"][1]["actions"]
    return {
        "schema": "2.0",
        "header": {"event_id": "1", "event_type": "card.action.trigger", "token": token, "app_id": "cli_1"},
        "event": {
            "operator": {"tenant_key": "t", "open_id": by, "union_id": "on_1"},
            "action": {"value": button["value"], "tag": "button"},
            "context": {"open_message_id": "om_1", "open_chat_id": "oc_1"},
        },
    }


def toast(words: str) -> dict[str, Any]:
    return {"toast": {"type": "info", "content": words}}


def test_feishu_checks_the_address(world: World, server: WebServer) -> None:
    check = {"challenge": "ajls384kdj", "token": TOKEN, "type": "url_verification"}
    assert feishu(world, server, check, signed=False) == {"challenge": "ajls384kdj"}
    assert feishu(world, server, {**check, "token": "another"}, signed=False) == 404


def test_who_presses_the_button_acknowledges_once_and_is_told_so(world: World, server: WebServer) -> None:
    event = press(notice(world, "feishu", "ou_monitor"))
    assert [feishu(world, server, event) for _ in range(2)] == [toast("E1 已签收")] * 2
    assert world.event().acknowledged_by == "monitor"
    (entry,) = world.record("event.acknowledged")
    assert entry["how"] == "button, pressed by ou_monitor on_1"


def test_somebody_else_who_is_listed_acknowledges_as_themselves(world: World, server: WebServer) -> None:
    sent = notice(world, "feishu", "oc_group")
    assert feishu(world, server, press(sent, by="ou_office")) == toast("E1 已签收")
    assert world.event().acknowledged_by == "office"
    assert feishu(world, server, press(sent, by="ou_nobody")) == toast("E1 已由王主任签收")


def test_the_button_of_an_event_that_is_over_or_of_an_old_notice_does_nothing(world: World, server: WebServer) -> None:
    event = press(notice(world, "feishu", "ou_monitor"))
    world.engine.act("E1", Act.CLOSE, by="office", reason="nothing in it", now=world.clock.pass_(minutes=1))
    assert feishu(world, server, event) == toast("E1 已结束，无需签收")
    world.clock.now += world.engine.settings.web.link_valid_for + timedelta(minutes=1)
    assert feishu(world, server, event) == toast("这个按钮已失效")
    assert not world.record("event.acknowledged")


@pytest.mark.parametrize(
    "wrong",
    [
        {"key": "another key"},
        {"X-Lark-Signature": "0" * 64},
        {"X-Lark-Request-Nonce": "another"},
    ],
)
def test_what_feishu_did_not_sign_acknowledges_nothing(world: World, server: WebServer, wrong: dict[str, Any]) -> None:
    assert feishu(world, server, press(notice(world, "feishu", "ou_monitor")), **wrong) == 404
    assert not world.event().is_acknowledged


def test_another_token_or_another_event_acknowledges_nothing(world: World, server: WebServer) -> None:
    event = press(notice(world, "feishu", "ou_monitor"))
    assert feishu(world, server, press(world.sent[0], token="another")) == 404
    assert feishu(world, server, {**event, "header": {**event["header"], "event_type": "im.message"}}) == {}
    assert call(server, "POST", world.engine.callback_path("feishu"), json.dumps(event).encode())[0] == 404  # in clear
    assert not world.event().is_acknowledged


# -- 企业微信


def wecom(world: World, server: WebServer, text: str, *, box: WecomBox = BOX, method: str = "POST") -> tuple[int, str]:
    """What 企业微信 sends to the callback address, and what it is answered."""
    sealed = box.seal(text)
    query = {"timestamp": "1700000000", "nonce": "n", "msg_signature": box.signature("1700000000", "n", sealed)}
    query |= {"echostr": sealed} if method == "GET" else {}
    body = f"<xml><ToUserName><![CDATA[ww1]]></ToUserName><Encrypt><![CDATA[{sealed}]]></Encrypt></xml>".encode()
    path = f"{world.engine.callback_path('wecom')}?{urlencode(query)}"
    return call(server, method, path, b"" if method == "GET" else body)


def pressed(delivery: Delivery, by: str = "chen", event: str = "template_card_event") -> str:
    """The event of a pressed button: its key is the card's own."""
    (part,) = wecom_app.parts_of(delivery, wecom_app.Options(**WECOM))
    card = wecom_app.payload_of(part, delivery, wecom_app.Options(**WECOM))["template_card"]
    key, task = card["button_list"][0]["key"], card["task_id"]
    return (
        f"<xml><ToUserName><![CDATA[ww1]]></ToUserName><FromUserName><![CDATA[{by}]]></FromUserName>"
        f"<CreateTime>1700000000</CreateTime><MsgType><![CDATA[event]]></MsgType><Event><![CDATA[{event}]]></Event>"
        f"<EventKey><![CDATA[{key}]]></EventKey><TaskId><![CDATA[{task}]]></TaskId>"
        "<CardType><![CDATA[button_interaction]]></CardType><AgentID>1</AgentID></xml>"
    )


def test_wecom_checks_the_address(world: World, server: WebServer) -> None:
    assert wecom(world, server, "1616140317555161061", method="GET") == (200, "1616140317555161061")
    assert wecom(world, server, "1", method="GET", box=WecomBox("another", AES_KEY, "ww1"))[0] == 404


def test_the_pressed_button_is_replaced_by_who_has_acknowledged(world: World, server: WebServer) -> None:
    event = pressed(notice(world, "wecom", "chen"))
    for _ in range(2):
        status, answer = wecom(world, server, event)
        outer = {child.tag: child.text for child in etree.fromstring(answer)}
        sealed = outer["Encrypt"]
        assert (status, outer["MsgSignature"]) == (200, BOX.signature(outer["TimeStamp"], outer["Nonce"], sealed))
        assert "<MsgType><![CDATA[update_button]]></MsgType>" in BOX.open(sealed)
        assert "<ToUserName><![CDATA[chen]]></ToUserName>" in BOX.open(sealed)
        assert "<ReplaceName><![CDATA[E1 已签收]]></ReplaceName>" in BOX.open(sealed)
    assert world.event().acknowledged_by == "monitor"
    assert [entry["how"] for entry in world.record("event.acknowledged")] == ["button, pressed by chen"]


def test_what_wecom_did_not_sign_acknowledges_nothing(world: World, server: WebServer) -> None:
    event = pressed(notice(world, "wecom", "chen"))
    for box in (WecomBox("another", AES_KEY, "ww1"), WecomBox(TOKEN, AES_KEY, "ww2"), WecomBox(TOKEN, "A" * 43, "ww1")):
        assert wecom(world, server, event, box=box)[0] == 404
    assert call(server, "POST", world.engine.callback_path("wecom"), event.encode())[0] == 404
    assert not world.event().is_acknowledged


def test_whatever_else_the_application_hears_is_taken_and_does_nothing(world: World, server: WebServer) -> None:
    sent = notice(world, "wecom", "chen")
    assert wecom(world, server, pressed(sent, event="enter_agent")) == (200, "")
    assert wecom(world, server, "<!DOCTYPE x [<!ENTITY e 'x'>]><xml><Event>&e;</Event></xml>") == (200, "")
    assert not world.event().is_acknowledged
