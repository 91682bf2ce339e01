"""飞书 and Lark group robots: signed cards with a button, or text."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, ClassVar, Literal

from yuqing_daemon import Delivery, Level, Outcome, hookimpl

from ._http import Reply
from ._robot import RobotOptions, hand_over
from ._service import BUSY, Codes, chat_markdown, chat_text, cut_bytes, json_bytes, post_json, split_bytes

MOST = 20 * 1024  # bytes of the whole body; a card of its own may have 30 KB, a robot's message not
TEXT = 4_000  # bytes of a text message, beyond which it is not read in a chat
SLOW_DOWN = timedelta(minutes=1)
CODES = Codes(
    fields=("code", "StatusCode"),
    words=("msg", "StatusMessage"),
    later={"11232": SLOW_DOWN, "11233": SLOW_DOWN, "99991400": SLOW_DOWN, "99991402": SLOW_DOWN, "10241": BUSY},
    # No such robot; signature or time refused; address list; key word.
    ours=frozenset({"19001", "19021", "19022", "19024"}),
)
COLOURS = {Level.GENERAL: "blue", Level.MAJOR: "orange", Level.EXTRAORDINARY: "red"}
BUTTON = {"zh": "签收", "en": "Acknowledge"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Options(RobotOptions):
    """The channel options of ``sender = "feishu"``."""

    secret: str = field(default="", repr=False)  # of 签名校验; empty: not signed
    format: Literal["card", "text"] = "card"
    per_second: int = 5
    per_minute: int = 100

    host: ClassVar[str] = "open.feishu.cn"
    path: ClassVar[str] = "/open-apis/bot/v2/hook/"

    def hosts(self) -> tuple[str, ...]:
        """飞书, and Lark outside China."""
        return (self.host, "open.larksuite.com")


@hookimpl(trylast=True)
def send(delivery: Delivery) -> Outcome | None:
    """Hand a card, or text in parts, to the robot."""
    if delivery.channel.sender != "feishu":
        return None
    options = Options(**delivery.channel.options)
    robot = options.robot(delivery.to)

    def post(part: str) -> Reply | Outcome:
        message = card_message(delivery) if options.format == "card" else text_message(part)
        return post_json(robot, {**signed(options.secret), **message}, options)

    parts = [""] if options.format == "card" else split_bytes(with_mention(delivery, options), TEXT)
    return hand_over(delivery, options, CODES, parts, post, secret=options.secret)


def with_mention(delivery: Delivery, options: Options) -> str:
    """The text; a robot can mention everybody, but nobody by a mobile number."""
    text = chat_text(delivery)
    return f'<at user_id="all"></at> {text}' if options.is_for_all(delivery.to) else text


def text_message(text: str) -> dict[str, Any]:
    """A message of plain text."""
    return {"msg_type": "text", "content": {"text": text}}


def card_message(delivery: Delivery) -> dict[str, Any]:
    """A card that is never larger than the robot takes: its text gives way."""
    text = chat_markdown(delivery)
    message = {"msg_type": "interactive", "card": card_of(delivery, text)}
    over = len(json_bytes(message)) - MOST + 200  # for the signature
    if over > 0:
        message["card"] = card_of(delivery, cut_bytes(text, len(text.encode()) - over))
    return message


def card_of(delivery: Delivery, text: str, *, calls_back: bool = False) -> dict[str, Any]:
    """The card: the level's colour, the story, and the button that leads to the confirmation, or calls us back itself.

    A card that calls back still leads to the confirmation where it is touched elsewhere, and cannot be passed on.
    """
    title = {"tag": "plain_text", "content": delivery.notice.subject}
    card: dict[str, Any] = {
        "config": {"wide_screen_mode": True, **({"enable_forward": False} if calls_back else {})},
        "header": {"title": title, "template": COLOURS[delivery.level]},
        "elements": [{"tag": "markdown", "content": text}],
    }
    if link := delivery.notice.data.get("link"):
        words = BUTTON.get(str(delivery.notice.data.get("language")), BUTTON["zh"])
        does = {"value": {"delivery": delivery.key}} if calls_back else {"url": link}
        button = {"tag": "button", "text": {"tag": "plain_text", "content": words}, "type": "primary", **does}
        card["elements"].append({"tag": "action", "actions": [button]})
        card |= {"card_link": {"url": link}} if calls_back else {}
    return card


def signed(secret: str) -> dict[str, str]:
    """The time and its signature as they stand in the message, if there is a secret."""
    if not secret:
        return {}
    timestamp = str(int(time.time()))
    return {"timestamp": timestamp, "sign": signature(secret, timestamp)}


def signature(secret: str, timestamp: str) -> str:
    """HMAC-SHA256 of nothing, keyed with the time in seconds and the secret.

    >>> signature("demo", "1599360473")[:12]
    'l1N0gAcBjdwB'
    """
    digest = hmac.new(f"{timestamp}\n{secret}".encode(), b"", hashlib.sha256).digest()
    return base64.b64encode(digest).decode()
