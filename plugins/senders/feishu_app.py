"""飞书 and Lark application messages: a card or text to one person or group, whether it was read, its button."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from typing import Any, Literal
from urllib.parse import quote

from yuqing_daemon import Answer, Callback, Channel, Delivery, Heard, Outcome, Receipt, Signal, hookimpl

from ._answers import hide
from ._crypt import FeishuBox, same
from ._http import Reply
from ._service import BUSY, Codes, ServiceOptions, chat_markdown, chat_text, cut_bytes, post_json
from ._token import get, with_token
from .feishu import card_of

CARD, TEXT = 30 * 1024, 150 * 1024  # bytes of a card and of a text, as they stand in the message
# What an address begins with, and what it then is; anything else is a user id.
KINDS = {"ou_": "open_id", "on_": "union_id", "oc_": "chat_id"}
SLOW_DOWN = timedelta(seconds=10)
CODES = Codes(
    fields=("code",),
    words=("msg",),
    later={
        "99991400": SLOW_DOWN,
        "230020": SLOW_DOWN,
        "11232": timedelta(minutes=1),
        "11233": timedelta(minutes=1),
        "2200": BUSY,
    },
    # Wrong application or secret; a right that was not granted; an address of ours that is not on its list.
    ours=frozenset({"10003", "10014", "99991401", "99991672", "99991679", "230006"}),
    stale=frozenset({"99991661", "99991663", "99991664", "99991671"}),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Options(ServiceOptions):
    """The channel options of ``sender = "feishu_app"``. The address: an id of a person or group, or a mail address."""

    app_id: str
    app_secret: str = field(repr=False)
    format: Literal["card", "text"] = "card"
    encrypt_key: str = field(default="", repr=False)  # with the next: the button calls back; empty: it is a link
    verification_token: str = field(default="", repr=False)
    url: str = "https://open.feishu.cn"  # Lark: https://open.larksuite.com
    per_second: int = 5

    def misfits(self) -> Iterator[tuple[str, str, str]]:
        """What a button that calls back needs."""
        if bool(self.encrypt_key) != bool(self.verification_token):
            missing = "verification_token" if self.encrypt_key else "encrypt_key"
            wanted = f"{missing} with it: a button that calls back needs both, as the application's page shows them"
            key = "encrypt_key" if self.encrypt_key else "verification_token"
            yield key, wanted, f'{missing} = {{ credential = "feishu-{missing.replace("_", "-")}" }}'


@hookimpl(trylast=True)
def send(delivery: Delivery) -> Outcome | None:
    """Send one message. It carries an id by which the service drops it if it comes again within the hour."""
    if delivery.channel.sender != "feishu_app":
        return None
    options = Options(**delivery.channel.options)
    url = f"{options.url}/open-apis/im/v1/messages?receive_id_type={kind_of(delivery.to)}"
    reply = _with_token(options, lambda token: post_json(url, payload_of(delivery, options), options, _bearer(token)))
    if isinstance(reply, Outcome):
        return hide(reply, delivery.to, options.app_secret)
    outcome, data = CODES.judge(reply), reply.json
    inside = data.get("data") if isinstance(data, Mapping) else None
    number = str(inside.get("message_id") or "") if isinstance(inside, Mapping) else ""
    return replace(hide(outcome, delivery.to, options.app_secret), provider_id=number)


def payload_of(delivery: Delivery, options: Options) -> dict[str, Any]:
    """The message; its content is JSON inside JSON."""
    if options.format == "card":
        calls_back = bool(options.encrypt_key)
        card = partial(card_of, delivery, calls_back=calls_back)
        kind, content = "interactive", _content(card, chat_markdown(delivery), CARD)
    else:
        kind, content = "text", _content(lambda text: {"text": text}, chat_text(delivery), TEXT)
    same = hashlib.sha256(delivery.key.encode()).hexdigest()[:40]
    return {"receive_id": delivery.to, "msg_type": kind, "content": content, "uuid": same}


def _content(make: Any, text: str, most: int) -> str:
    """The content, its text cut until it fits."""
    content = json.dumps(make(text), ensure_ascii=False)
    while (over := len(content.encode("utf-8", "replace")) - most) > 0:
        text = cut_bytes(text, max(0, len(text.encode()) - over))
        content = json.dumps(make(text), ensure_ascii=False)
    return content


def kind_of(to: str) -> str:
    """What an address is.

    >>> kind_of("ou_7d8a6e6df7621556ce0d21922b676706"), kind_of("wang@qinghe.example"), kind_of("wang")
    ('open_id', 'email', 'user_id')
    """
    return "email" if "@" in to else KINDS.get(to[:3], "user_id")


@hookimpl(trylast=True)
def look_up(delivery: Delivery) -> Signal | None:
    """Ask whether anybody has read it."""
    if delivery.channel.sender != "feishu_app" or not delivery.provider_id:
        return None
    options = Options(**delivery.channel.options)
    message = quote(delivery.provider_id, safe="")
    url = f"{options.url}/open-apis/im/v1/messages/{message}/read_users?user_id_type=open_id"
    reply = _with_token(options, lambda token: get(url, options, _bearer(token)))
    data = None if isinstance(reply, Outcome) or CODES.judge(reply).answer is not Answer.ACCEPTED else reply.json
    inside = data.get("data") if isinstance(data, Mapping) else None
    if not (isinstance(inside, Mapping) and inside.get("items")):
        return None
    return Signal(receipt=Receipt.READ, provider_id=delivery.provider_id, key=delivery.key)


@hookimpl(trylast=True)
def hear(channel: Channel, callback: Callback) -> Heard | None:
    """Read who pressed a card's button (card.action.trigger); answer the check of the address."""
    if channel.sender != "feishu_app":
        return None
    options = Options(**channel.options)
    told = _opened(callback, options) if options.encrypt_key else None
    if told is None:
        return None
    if told.get("type") == "url_verification":
        return Heard(signals=(), reply={"challenge": str(told.get("challenge", ""))})
    return Heard(signals=tuple(_pressed(told)), reply=_toast)


def _opened(callback: Callback, options: Options) -> Mapping[str, Any] | None:
    """What is inside, if it is encrypted with the application's key and names its token. A signature must be right.

    The check of the address comes without one, and some callbacks of Lark do.
    """
    box, headers = FeishuBox(options.encrypt_key), callback.headers
    at, nonce = headers.get("x-lark-request-timestamp", ""), headers.get("x-lark-request-nonce", "")
    signature = headers.get("x-lark-signature")
    if signature is not None and not same(signature, box.signature(at, nonce, callback.body)):
        return None
    try:
        told = json.loads(box.open(str(json.loads(callback.body)["encrypt"])))
        token = told["header"]["token"] if "header" in told else told["token"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return told if same(str(token), options.verification_token) else None


def _pressed(told: Mapping[str, Any]) -> Iterator[Signal]:
    event = told.get("event") or {}
    value, operator = event.get("action", {}).get("value"), event.get("operator", {})
    if told["header"].get("event_type") != "card.action.trigger" or not isinstance(value, Mapping):
        return
    ids = tuple(str(operator[name]) for name in ("open_id", "union_id", "user_id") if operator.get(name))
    message = str(event.get("context", {}).get("open_message_id", ""))
    yield Signal(pressed_by=ids, key=str(value.get("delivery", "")), provider_id=message)


def _toast(words: str) -> Mapping[str, Any]:
    return {"toast": {"type": "info", "content": words}} if words else {}


def _with_token(options: Options, use: Any) -> Reply | Outcome:
    asked = f"{options.url}/open-apis/auth/v3/tenant_access_token/internal"
    given = {"app_id": options.app_id, "app_secret": options.app_secret}
    name = (options.url, options.app_id, options.app_secret)
    return with_token(name, lambda: post_json(asked, given, options), use, CODES, "tenant_access_token")


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
