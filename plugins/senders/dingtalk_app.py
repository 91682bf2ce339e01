"""钉钉 work notices (工作通知): to one person, by user id, with what the service knows of their having read it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, Literal
from urllib.parse import quote

from yuqing_daemon import Answer, Delivery, Outcome, Receipt, Signal, hookimpl

from ._answers import hide
from ._http import Reply
from ._service import BUSY, Codes, ServiceOptions, chat_markdown, chat_text, cut_bytes, json_bytes, post_json
from ._token import get, with_token

MOST = 2048  # bytes of the message
BUTTON = {"zh": "签收", "en": "Acknowledge"}
CODES = Codes(
    fields=("sub_code", "errcode"),  # what the gateway refuses, a stale token for one, is errcode 88 and the code in it
    words=("sub_msg", "errmsg"),
    later={
        "-1": BUSY,
        "90002": timedelta(seconds=5),  # too many calls of all applications together just now
        "90018": timedelta(minutes=1),
        "143103": timedelta(minutes=1),  # too many in a minute, of the application and of the corporation
        "143104": timedelta(minutes=1),
        "1430003": timedelta(minutes=1),
    },
    ours=frozenset({"88", "40001", "40089", "40096", "41004", "60011", "60020", "400002"}),
    stale=frozenset({"40014", "42001", "33001"}),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Options(ServiceOptions):
    """The channel options of ``sender = "dingtalk_app"``. The recipient's address is a user id."""

    app_key: str
    app_secret: str = field(repr=False)
    agent_id: int  # the application's
    format: Literal["card", "markdown", "text"] = "card"  # a card has the button
    url: str = "https://oapi.dingtalk.com"

    def misaddressed(self, to: str) -> tuple[str, str] | None:
        """One person, never a list (R18)."""
        return ("one user id", 'to = "manager4220"') if "," in to else None


@hookimpl(trylast=True)
def send(delivery: Delivery) -> Outcome | None:
    """Send one notice, cut to what the service takes."""
    if delivery.channel.sender != "dingtalk_app":
        return None
    options = Options(**delivery.channel.options)
    sent = {"agent_id": options.agent_id, "userid_list": delivery.to, "msg": message_of(delivery, options)}
    reply = _ask("asyncsend_v2", sent, options)
    if isinstance(reply, Outcome):
        return hide(reply, delivery.to, options.app_secret, options.app_key)
    outcome, data = CODES.judge(reply), reply.json
    task = str(data.get("task_id") or "") if isinstance(data, Mapping) else ""
    return replace(hide(outcome, delivery.to, options.app_secret, options.app_key), provider_id=task)


def message_of(delivery: Delivery, options: Options) -> dict[str, Any]:
    """The message; its text gives way until the whole of it fits."""
    text = chat_text(delivery) if options.format == "text" else chat_markdown(delivery)
    message = _message(text, delivery, options)
    while (over := len(json_bytes(message)) - MOST) > 0:
        text = cut_bytes(text, max(0, len(text.encode()) - over))
        message = _message(text, delivery, options)
    return message


def _message(text: str, delivery: Delivery, options: Options) -> dict[str, Any]:
    notice = delivery.notice
    title, link = cut_bytes(notice.subject, 200), str(notice.data.get("link") or "")
    if options.format == "text":
        return {"msgtype": "text", "text": {"content": text}}
    if options.format == "card" and link:
        words = BUTTON.get(str(notice.data.get("language")), BUTTON["zh"])
        card = {"title": title, "markdown": text, "single_title": words, "single_url": link}
        return {"msgtype": "action_card", "action_card": card}
    return {"msgtype": "markdown", "markdown": {"title": title, "text": text}}


@hookimpl(trylast=True)
def look_up(delivery: Delivery) -> Signal | None:
    """Ask whether the person has read it, or could not be told."""
    if delivery.channel.sender != "dingtalk_app" or not delivery.provider_id.isdigit():
        return None
    options = Options(**delivery.channel.options)
    reply = _ask("getsendresult", {"agent_id": options.agent_id, "task_id": int(delivery.provider_id)}, options)
    data = None if isinstance(reply, Outcome) or CODES.judge(reply).answer is not Answer.ACCEPTED else reply.json
    result = data.get("send_result") if isinstance(data, Mapping) else None
    lists = {
        Receipt.READ: ("read_user_id_list",),
        Receipt.DELIVERED: ("unread_user_id_list",),
        Receipt.FAILED: ("failed_user_id_list", "forbidden_user_id_list", "invalid_user_id_list"),
    }
    for receipt, names in lists.items():
        if isinstance(result, Mapping) and any(delivery.to in (result.get(name) or ()) for name in names):
            return Signal(receipt=receipt, provider_id=delivery.provider_id, key=delivery.key)
    return None


def _ask(what: str, payload: Mapping[str, Any], options: Options) -> Reply | Outcome:
    def use(token: str) -> Reply | Outcome:
        url = f"{options.url}/topapi/message/corpconversation/{what}?access_token={quote(token, safe='')}"
        return post_json(url, payload, options)

    asked = f"{options.url}/gettoken?appkey={quote(options.app_key)}&appsecret={quote(options.app_secret, safe='')}"
    name = (options.url, options.app_key, options.app_secret)
    return with_token(name, lambda: get(asked, options), use, CODES, "access_token")
