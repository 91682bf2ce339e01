"""企业微信 application messages: to one person, by user id."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, Literal
from urllib.parse import quote

from yuqing_daemon import Answer, Delivery, Outcome, hookimpl

from ._answers import hide
from ._http import Reply
from ._service import (
    BUSY,
    Codes,
    ServiceOptions,
    chat_markdown,
    chat_text,
    cut_bytes,
    post_json,
    send_parts,
    split_bytes,
)
from ._token import get, with_token

MOST, TITLE, CARD = 2048, 128, 512  # bytes of text and markdown, of a card's title and text
DUPLICATES = 4 * 3600  # seconds within which the service itself drops what it was sent already
BUTTON = {"zh": "签收", "en": "Acknowledge"}
CODES = Codes(
    later={"-1": BUSY, "45009": timedelta(minutes=1), "45033": timedelta(minutes=1), "50001": BUSY},
    # Wrong corporation, secret or application; an address of ours that is not on its list.
    ours=frozenset({"40001", "40013", "40056", "40091", "41004", "50003", "60020", "301002"}),
    stale=frozenset({"40014", "41001", "42001"}),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Options(ServiceOptions):
    """The channel options of ``sender = "wecom_app"``. The recipient's address is a user id."""

    corp_id: str
    secret: str = field(repr=False)  # the application's
    agent_id: int  # the application's
    format: Literal["text", "markdown", "card"] = "text"  # who reads in 微信 sees no markdown
    url: str = "https://qyapi.weixin.qq.com"

    def misaddressed(self, to: str) -> tuple[str, str] | None:
        """One person, never a list nor everybody (R18)."""
        return ("one user id", 'to = "wang"') if "|" in to or to.startswith("@") else None


@hookimpl(trylast=True)
def send(delivery: Delivery) -> Outcome | None:
    """Send the chat text, in parts if it is long, or a card."""
    if delivery.channel.sender != "wecom_app":
        return None
    options = Options(**delivery.channel.options)
    outcome = send_parts(delivery, parts_of(delivery, options), lambda part: _send(part, delivery, options))
    return hide(outcome, delivery.to, options.secret, options.corp_id)


def parts_of(delivery: Delivery, options: Options) -> list[str]:
    """The texts, each as long as it may be; a card has one."""
    if options.format == "card":
        return [cut_bytes(chat_text(delivery), CARD)]
    text = chat_markdown(delivery) if options.format == "markdown" else chat_text(delivery)
    return split_bytes(text, MOST)


def _send(part: str, delivery: Delivery, options: Options) -> Outcome:
    def use(token: str) -> Reply | Outcome:
        url = f"{options.url}/cgi-bin/message/send?access_token={quote(token, safe='')}"
        return post_json(url, payload_of(part, delivery, options), options)

    asked = (
        f"{options.url}/cgi-bin/gettoken?corpid={quote(options.corp_id)}&corpsecret={quote(options.secret, safe='')}"
    )
    name = (options.url, options.corp_id, options.secret)
    reply = with_token(name, lambda: get(asked, options), use, CODES, "access_token")
    return reply if isinstance(reply, Outcome) else outcome_of(reply)


def outcome_of(reply: Reply) -> Outcome:
    """The outcome by the code; a person whom the service did not reach is a refusal although the code is good."""
    outcome, data = CODES.judge(reply), reply.json
    if outcome.answer is not Answer.ACCEPTED or not isinstance(data, Mapping):
        return outcome
    if missed := data.get("invaliduser") or data.get("unlicenseduser"):
        return Outcome(answer=Answer.PERMANENT, detail=f"this person is not reached: {missed}")
    return replace(outcome, provider_id=str(data.get("msgid") or ""))


def payload_of(part: str, delivery: Delivery, options: Options) -> dict[str, Any]:
    """One message. The service drops one that it was sent already, so a repeated attempt tells nobody twice."""
    link = str(delivery.notice.data.get("link") or "")
    if options.format == "card" and link:
        words = BUTTON.get(str(delivery.notice.data.get("language")), BUTTON["zh"])
        card = {"title": cut_bytes(delivery.notice.subject, TITLE), "description": part, "url": link, "btntxt": words}
        content: dict[str, Any] = {"msgtype": "textcard", "textcard": card}
    else:
        kind = "markdown" if options.format == "markdown" else "text"
        content = {"msgtype": kind, kind: {"content": part}}
    return {
        "touser": delivery.to,
        "agentid": options.agent_id,
        **content,
        "enable_duplicate_check": 1,
        "duplicate_check_interval": DUPLICATES,
    }
