"""企业微信 application messages: to one person, by user id, and the button of a card."""

from __future__ import annotations

import hashlib
import re
import secrets
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, Literal
from urllib.parse import quote

from lxml import etree  # type: ignore[import-untyped]

from yuqing_daemon import Answer, Callback, Channel, Delivery, Heard, Outcome, Signal, hookimpl

from ._answers import hide
from ._crypt import WecomBox, same
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
AES_KEY = re.compile(r"[A-Za-z0-9+/]{43}")
REPLACED = (
    "<xml><ToUserName><![CDATA[{user}]]></ToUserName><FromUserName><![CDATA[{corp_id}]]></FromUserName>"
    "<CreateTime>{at}</CreateTime><MsgType><![CDATA[update_button]]></MsgType>"
    "<Button><ReplaceName><![CDATA[{words}]]></ReplaceName></Button></xml>"
)
SEALED = (
    "<xml><Encrypt><![CDATA[{sealed}]]></Encrypt><MsgSignature><![CDATA[{signature}]]></MsgSignature>"
    "<TimeStamp>{at}</TimeStamp><Nonce><![CDATA[{nonce}]]></Nonce></xml>"
)
DUPLICATES = 4 * 3600  # seconds within which the service itself drops what it was sent already
BUTTON = {"zh": "签收", "en": "Acknowledge"}
LEADS = {"zh": "签收", "en": "Open"}  # of a button that is a link: what is longer than four characters is cut off
CODES = Codes(
    later={"-1": BUSY, "45009": timedelta(minutes=1), "45033": timedelta(minutes=1)},
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
    token: str = field(default="", repr=False)  # of 接收消息, with the next: a card's button calls back
    aes_key: str = field(default="", repr=False)  # the EncodingAESKey
    url: str = "https://qyapi.weixin.qq.com"

    def misfits(self) -> Iterator[tuple[str, str, str]]:
        """What a button that calls back needs."""
        if bool(self.token) != bool(self.aes_key):
            missing = "aes_key" if self.token else "token"
            wanted = f"{missing} with it: a button that calls back needs both, as the page 接收消息 shows them"
            key = "token" if self.token else "aes_key"
            yield key, wanted, f'{missing} = {{ credential = "wecom-{missing.replace("_", "-")}" }}'
        elif self.aes_key and not AES_KEY.fullmatch(self.aes_key):
            yield "aes_key", "the EncodingAESKey: 43 letters and digits", 'aes_key = { credential = "wecom-aes-key" }'

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
        content = _card(part, link, delivery, calls_back=bool(options.token))
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


def _card(part: str, link: str, delivery: Delivery, *, calls_back: bool) -> dict[str, Any]:
    """A card whose button leads to the confirmation, or calls us back; then it leads there where it is touched else."""
    language = str(delivery.notice.data.get("language"))
    title = cut_bytes(delivery.notice.subject, TITLE)
    if not calls_back:
        words = LEADS.get(language, LEADS["zh"])
        card = {"title": title, "description": part, "url": link, "btntxt": words}
        return {"msgtype": "textcard", "textcard": card}
    words = BUTTON.get(language, BUTTON["zh"])
    interactive = {
        "card_type": "button_interaction",
        "main_title": {"title": title},
        "sub_title_text": part,
        "card_action": {"type": 1, "url": link},
        "task_id": hashlib.sha256(delivery.key.encode()).hexdigest(),
        "button_list": [{"text": words, "style": 1, "key": delivery.key}],
    }
    return {"msgtype": "template_card", "template_card": interactive}


@hookimpl(trylast=True)
def hear(channel: Channel, callback: Callback) -> Heard | None:
    """Read who pressed a card's button (template_card_event), and replace the button; answer the check of the address.

    Everything is encrypted and signed; whatever else the application hears of needs no answer.
    """
    if channel.sender != "wecom_app":
        return None
    options, query = Options(**channel.options), callback.query
    sealed = query.get("echostr") or _fields(callback.body).get("Encrypt", "")
    if not options.token or not sealed:
        return None
    box = WecomBox(options.token, options.aes_key, options.corp_id)
    signature = box.signature(query.get("timestamp", ""), query.get("nonce", ""), sealed)
    try:
        told = box.open(sealed) if same(query.get("msg_signature", ""), signature) else None
    except ValueError:
        told = None
    if told is None or "echostr" in query:
        return None if told is None else Heard(signals=(), reply=told)
    event = _fields(told.encode())
    if event.get("Event") != "template_card_event":
        return Heard(signals=(), reply="")
    user = event.get("FromUserName", "")
    pressed = Signal(pressed_by=(user,), key=event.get("EventKey", ""))
    return Heard(signals=(pressed,), reply=lambda words: _replaced(words, user, options.corp_id, box))


def _replaced(words: str, user: str, corp_id: str, box: WecomBox) -> str:
    """The answer by which the button can no longer be pressed and says what came of it."""
    at, nonce = str(int(time.time())), secrets.token_hex(8)
    sealed = box.seal(REPLACED.format(user=user, corp_id=corp_id, at=at, words=words.replace("]]>", "")))
    return SEALED.format(sealed=sealed, signature=box.signature(at, nonce, sealed), at=at, nonce=nonce)


def _fields(xml: bytes) -> dict[str, str]:
    """The elements of a flat XML; none if it is no XML."""
    try:
        root = etree.fromstring(xml, etree.XMLParser(resolve_entities=False, no_network=True))
    except (etree.XMLSyntaxError, ValueError):
        return {}
    return {str(child.tag): child.text or "" for child in root}
