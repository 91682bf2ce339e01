"""钉钉 group robots: signed, mentioning mobile numbers, at most 20 messages a minute."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, ClassVar, Literal
from urllib.parse import quote_plus

from yuqing_daemon import Delivery, Outcome, hookimpl

from ._robot import RobotOptions, hand_over
from ._service import BUSY, Codes, chat_markdown, chat_text, json_bytes, post_json, split_bytes

MOST = 20_000  # bytes of the whole body
BLOCKED = timedelta(minutes=10)  # how long it refuses everything after the 21st message of a minute
CODES = Codes(
    later={"-1": BUSY, "130101": BLOCKED, "410100": BLOCKED, "90018": timedelta(minutes=1), "43002": BUSY},
    # Signature, key word or address list refused; no such token; the robot is off or gone; the group is dissolved.
    ours=frozenset({"310000", "300001", "300005", "400013", "400101", "400102", "400106"}),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Options(RobotOptions):
    """The channel options of ``sender = "dingtalk"``."""

    secret: str = field(default="", repr=False)  # of 加签, begins with SEC; empty: not signed
    format: Literal["text", "markdown"] = "markdown"
    per_minute: int = 20

    host: ClassVar[str] = "oapi.dingtalk.com"
    path: ClassVar[str] = "/robot/send?access_token="


@hookimpl(trylast=True)
def send(delivery: Delivery) -> Outcome | None:
    """Hand the chat text to the robot."""
    if delivery.channel.sender != "dingtalk":
        return None
    options = Options(**delivery.channel.options)
    text = chat_markdown(delivery) if options.format == "markdown" else chat_text(delivery)
    robot = options.robot(delivery.to)
    escapes = len(json_bytes({"": text})) - len(json_bytes({"": ""})) - len(text.encode())
    room = MOST - len(json_bytes(payload_of("", delivery, options))) - escapes
    parts = split_bytes(text, room)
    return hand_over(
        delivery,
        options,
        CODES,
        parts,
        lambda part: post_json(signed(robot, options.secret), payload_of(part, delivery, options), options),
        secret=options.secret,
    )


def payload_of(part: str, delivery: Delivery, options: Options) -> dict[str, Any]:
    """One message as the robot wants it. Only numbers that stand in a markdown text are mentioned there."""
    mobiles = options.mobiles(delivery.to)
    at = {"atMobiles": mobiles, "isAtAll": options.is_for_all(delivery.to)}
    if options.format == "text":
        return {"msgtype": "text", "text": {"content": part}, "at": at}
    mentions = "".join(f"\n\n@{number}" for number in mobiles)
    markdown = {"title": delivery.notice.short, "text": part + mentions}
    return {"msgtype": "markdown", "markdown": markdown, "at": at}


def signed(url: str, secret: str) -> str:
    """The robot's address with the time and its signature, if there is a secret."""
    if not secret:
        return url
    timestamp = str(round(time.time() * 1000))
    return f"{url}&timestamp={timestamp}&sign={quote_plus(signature(secret, timestamp))}"


def signature(secret: str, timestamp: str) -> str:
    """HMAC-SHA256 of the time in milliseconds and the secret, keyed with the secret.

    >>> signature("this is secret", "1577262236757")[:12]
    'hmPWwU+7lVdm'
    """
    digest = hmac.new(secret.encode(), f"{timestamp}\n{secret}".encode(), hashlib.sha256).digest()
    return base64.b64encode(digest).decode()
