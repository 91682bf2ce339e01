"""Local stand-ins of the chat services: each checks what the real one checks and answers with its codes."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

from peer import Conversation, answer

HOUR = 3600


@dataclass
class Call:
    """One request as a service sees it."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Service:
    """A service that answers every request with what ``reply`` makes of it; ``next`` goes before it, once each."""

    calls: list[Call] = field(default_factory=list)
    next: list[Any] = field(default_factory=list)

    def __call__(self, peer: Conversation) -> None:
        body = peer.read_request()
        head = peer.peer.requests[-1].partition(b"\r\n\r\n")[0].decode()
        first, *lines = head.split("\r\n")
        method, target, _ = first.split(" ")
        parts = urlsplit(target)
        query = {name: values[0] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
        call = Call(method, parts.path, query, headers, body)
        self.calls.append(call)
        given: Any = self.next.pop(0) if self.next else self.fault(call) or self.reply(call)
        if isinstance(given, Callable):  # type: ignore[arg-type]
            peer.already = body
            given(peer)
            return
        status, data = given if isinstance(given, tuple) else ("200 OK", given)
        peer.say(answer(status, json.dumps(data, ensure_ascii=False).encode(), "Content-Type: application/json"))

    def fault(self, call: Call) -> Any:
        """What goes before the answer, if anything does."""
        return None

    def reply(self, call: Call) -> Any:
        raise NotImplementedError

    @property
    def messages(self) -> list[Any]:
        """What was sent, as JSON."""
        return [call.json for call in self.calls]


class Wecom(Service):
    """企业微信: the key, the type, the bytes."""

    key = "693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa"
    most: ClassVar[dict[str, int]] = {"text": 2048, "markdown": 4096}

    def reply(self, call: Call) -> Any:
        if call.path != "/cgi-bin/webhook/send" or call.query.get("key") != self.key:
            return {"errcode": 93000, "errmsg": "invalid webhook url, hint: [1]"}
        kind = call.json["msgtype"]
        if kind not in self.most:
            return {"errcode": 40008, "errmsg": "invalid message type"}
        if not call.json[kind]["content"]:
            return {"errcode": 44004, "errmsg": "empty content"}
        if len(call.json[kind]["content"].encode()) > self.most[kind]:
            return {"errcode": 45002, "errmsg": "content size out of limit"}
        return {"errcode": 0, "errmsg": "ok"}


@dataclass
class Dingtalk(Service):
    """钉钉: the token, the signature of the last hour, the bytes of the whole body."""

    token: str = "566cc69da782ec0242ac120002"
    secret: str = "SEC566cc69da782ec"

    def reply(self, call: Call) -> Any:
        if call.path != "/robot/send" or call.query.get("access_token") != self.token:
            return {"errcode": 300001, "errmsg": "token is not exist"}
        if self.secret:
            timestamp = call.query.get("timestamp", "0")
            key = self.secret.encode()
            told = base64.b64encode(hmac.digest(key, f"{timestamp}\n{self.secret}".encode(), "sha256")).decode()
            if abs(time.time() - int(timestamp) / 1000) > HOUR:
                return {"errcode": 310000, "errmsg": "invalid timestamp"}
            if call.query.get("sign") != told:
                return {"errcode": 310000, "errmsg": "sign not match"}
        if len(call.body) > 20_000:
            return {"errcode": 460101, "errmsg": "message too long, exceed 20000 bytes"}
        return {"errcode": 0, "errmsg": "ok"}


@dataclass
class Feishu(Service):
    """飞书: the hook, the signature of the last hour, the bytes of the whole body."""

    hook: str = "ebe59a5d-5a06-4ea8-8b2e-fdfa1f5e5e9b"
    secret: str = "lS3dqVJpY6Zk"

    def reply(self, call: Call) -> Any:
        if call.path != f"/open-apis/bot/v2/hook/{self.hook}":
            return {"code": 19001, "msg": "param invalid: incoming webhook access token invalid"}
        if len(call.body) > 20 * 1024:
            return {"code": 9499, "msg": "Bad Request", "data": {}}
        timestamp = str(call.json.get("timestamp", "0"))
        key = f"{timestamp}\n{self.secret}".encode()
        told = base64.b64encode(hmac.new(key, digestmod=hashlib.sha256).digest()).decode()
        if abs(time.time() - int(timestamp)) > HOUR or call.json.get("sign") != told:
            return {"code": 19021, "msg": "sign match fail or timestamp is not within one hour from current time"}
        return {"StatusCode": 0, "StatusMessage": "success", "code": 0, "data": {}, "msg": "success"}


@dataclass
class App(Service):
    """What the applications of the chat services share: a token that is asked for, and may run out."""

    tokens: int = 0  # how many were given out
    expires_in: int = 7200
    stale: bool = False  # whether the next message finds its token run out
    sent: list[Any] = field(default_factory=list)
    failing: Callable[[Conversation], None] | None = None  # what comes of every message; tokens are given out
    token_path: ClassVar[str] = ""

    def fault(self, call: Call) -> Any:
        return None if call.path == self.token_path else self.failing

    def give(self) -> str:
        self.tokens += 1
        self.stale = False
        return f"token-{self.tokens}-long-enough"

    def is_good(self, token: str) -> bool:
        return token == f"token-{self.tokens}-long-enough" and not self.stale


@dataclass
class WecomApp(App):
    secret: str = "wecom-app-secret"
    token_path: ClassVar[str] = "/cgi-bin/gettoken"
    users: tuple[str, ...] = ("wang",)

    def reply(self, call: Call) -> Any:
        if call.path == self.token_path:
            if call.query["corpsecret"] != self.secret:
                return {"errcode": 40001, "errmsg": "invalid credential"}
            return {"errcode": 0, "errmsg": "ok", "access_token": self.give(), "expires_in": self.expires_in}
        if not self.is_good(call.query["access_token"]):
            return {"errcode": 42001 if self.stale else 40014, "errmsg": "access_token expired"}
        message: Any = call.json
        kind = message["msgtype"]
        if kind in ("text", "markdown") and len(message[kind]["content"].encode()) > 2048:
            return {"errcode": 45002, "errmsg": "content size out of limit"}
        if kind == "textcard" and len(message[kind]["description"].encode()) > 512:
            return {"errcode": 45003, "errmsg": "description size out of limit"}
        if kind == "textcard":
            message["textcard"]["btntxt"] = message["textcard"]["btntxt"][:4]
        if kind == "template_card":
            card = message["template_card"]
            tasks = [sent["template_card"]["task_id"] for sent in self.sent]
            if not re.fullmatch(r"[\w@-]{1,128}", card["task_id"]) or card["task_id"] in tasks:
                return {"errcode": 42014, "errmsg": "taskid has existed or empty or exceed max len"}
            if not all(0 < len(button["key"].encode()) <= 1024 for button in card["button_list"]):
                return {"errcode": 42012, "errmsg": "button.key is empty or exceeds limit"}
        missed = "" if message["touser"] in self.users else message["touser"]
        self.sent += [] if missed else [message]
        return {"errcode": 0, "errmsg": "ok", "invaliduser": missed, "msgid": f"m{len(self.sent)}"}


@dataclass
class DingtalkApp(App):
    secret: str = "ding-app-secret"
    token_path: ClassVar[str] = "/gettoken"
    result: dict[str, Any] = field(default_factory=dict)

    def reply(self, call: Call) -> Any:
        if call.path == self.token_path:
            if call.query["appsecret"] != self.secret:
                return {"errcode": 40089, "errmsg": "不合法的corpid或corpsecret"}
            return {"errcode": 0, "access_token": self.give(), "expires_in": self.expires_in}
        if not self.is_good(call.query["access_token"]):
            words = "不合法的access_token"
            error = f"ding talk error[subcode=40014,submsg={words}]"
            return {"errcode": 88, "sub_code": "40014", "sub_msg": words, "errmsg": error}
        if call.path.endswith("getsendresult"):
            return {"errcode": 0, "send_result": self.result}
        if len(json.dumps(call.json["msg"], ensure_ascii=False, separators=(",", ":")).encode()) > 2048:
            return {"errcode": 400042, "errmsg": "消息过长"}
        self.sent.append(call.json)
        return {"errcode": 0, "task_id": 256271667526}


@dataclass
class FeishuApp(App):
    secret: str = "feishu-app-secret"
    token_path: ClassVar[str] = "/open-apis/auth/v3/tenant_access_token/internal"
    readers: list[Any] = field(default_factory=list)

    def reply(self, call: Call) -> Any:
        if call.path == self.token_path:
            if call.json["app_secret"] != self.secret:
                return {"code": 10014, "msg": "app secret invalid"}
            return {"code": 0, "msg": "ok", "tenant_access_token": self.give(), "expire": self.expires_in}
        if not self.is_good(call.headers["authorization"].removeprefix("Bearer ")):
            return "400 Bad Request", {"code": 99991663, "msg": "token attached is invalid"}
        if call.path.endswith("/read_users"):
            return {"code": 0, "data": {"items": self.readers}}
        if call.json["msg_type"] == "interactive" and len(call.json["content"].encode()) > 30 * 1024:
            return "400 Bad Request", {"code": 230025, "msg": "the length of the message content reaches its limit"}
        self.sent.append({**call.json, "kind": call.query["receive_id_type"]})
        return {"code": 0, "data": {"message_id": "om_dc13264520392913993dd051dba21dcf"}}
