"""企业微信 group robots: text of 2,048 bytes or markdown of 4,096, in numbered parts if it is longer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar, Literal

from yuqing_daemon import Delivery, Outcome, hookimpl

from ._robot import RobotOptions, hand_over
from ._service import BUSY, Codes, chat_markdown, chat_text, post_json, split_bytes

MOST = {"text": 2048, "markdown": 4096}  # bytes of the content
CODES = Codes(
    later={
        "-1": BUSY,
        "45009": timedelta(minutes=1),  # more than 20 a minute
        "45033": timedelta(minutes=1),  # too many at once
    },
    ours=frozenset({"93000"}),  # the robot was taken out of the group
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Options(RobotOptions):
    """The channel options of ``sender = "wecom"``."""

    format: Literal["text", "markdown"] = "text"  # who reads in 微信 instead of 企业微信 sees text only
    per_minute: int = 20

    host: ClassVar[str] = "qyapi.weixin.qq.com"
    path: ClassVar[str] = "/cgi-bin/webhook/send?key="


@hookimpl(trylast=True)
def send(delivery: Delivery) -> Outcome | None:
    """Hand the chat text to the robot, part by part."""
    if delivery.channel.sender != "wecom":
        return None
    options = Options(**delivery.channel.options)
    text = chat_markdown(delivery) if options.format == "markdown" else chat_text(delivery)
    robot, parts = options.robot(delivery.to), split_bytes(text, MOST[options.format])
    return hand_over(
        delivery, options, CODES, parts, lambda part: post_json(robot, payload_of(part, options, delivery.to), options)
    )


def payload_of(part: str, options: Options, to: str) -> dict[str, Any]:
    """One part as the robot wants it. Markdown cannot mention a number, so only text does."""
    content: dict[str, Any] = {"content": part}
    mentioned = options.mobiles(to) + (["@all"] if options.is_for_all(to) else [])
    if options.format == "text" and mentioned:
        content["mentioned_mobile_list"] = mentioned
    return {"msgtype": options.format, options.format: content}
