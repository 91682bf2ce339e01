"""Server酱, both of them: Turbo (keys that begin with SCT) and 3 (keys that begin with sctp), each on its own host."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from yuqing_daemon import Delivery, Outcome, hookimpl

from ._answers import hide
from ._service import Codes, ServiceOptions, chat_markdown, cut_bytes, post_json

TURBO = re.compile(r"SCT\w+")
THREE = re.compile(r"sctp(?P<user>\d+)t\w+")
PASTED = re.compile(r"https://(?:sctapi\.ftqq\.com|\d+\.push\.ft07\.com)(?:/send)?/(?P<key>\w+)\.send")
TITLE, MOST = 32, 32 * 1024  # characters of the title, bytes of the text
# A day's share that is used up (40001, 471) refuses the message for good: the next channel is told now, not tomorrow.
CODES = Codes(fields=("code", "errno"), words=("message", "info", "error"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Options(ServiceOptions):
    """The channel options of ``sender = "serverchan"``. The recipient's address is a key."""

    url: str = ""  # where keys are sent, {key} stands in it; empty: to the host that the key belongs to

    def misfits(self) -> Iterator[tuple[str, str, str]]:
        """A stand-in that does not say where the key goes."""
        if self.url and "{key}" not in self.url:
            yield "url", "an address with {key} in it", 'url = "https://sct.example.com/{key}.send"'

    def misaddressed(self, to: str) -> tuple[str, str] | None:
        """Keys of both kinds, and the addresses that their pages show."""
        return None if key_of(to) else ("a key of Server酱, SCT... or sctp...", 'to = "SCT..."')


@hookimpl(trylast=True)
def send(delivery: Delivery) -> Outcome | None:
    """Push the subject as title and the markdown as text."""
    if delivery.channel.sender != "serverchan":
        return None
    options = Options(**delivery.channel.options)
    reply = post_json(address_of(delivery.to, options), payload_of(delivery), options)
    outcome = reply if isinstance(reply, Outcome) else CODES.judge(reply)
    return hide(outcome, delivery.to, key_of(delivery.to))


def payload_of(delivery: Delivery) -> dict[str, Any]:
    """Title and text, as long as they may be."""
    subject = delivery.notice.subject
    title = subject if len(subject) <= TITLE else f"{subject[: TITLE - 1]}…"
    return {"title": title, "desp": cut_bytes(chat_markdown(delivery), MOST)}


def key_of(to: str) -> str:
    """The key, bare or in a pasted address; empty if there is none.

    >>> key_of("https://12.push.ft07.com/send/sctp12tabc.send"), key_of("SCT1abc"), key_of("12")
    ('sctp12tabc', 'SCT1abc', '')
    """
    pasted = PASTED.fullmatch(to)
    key = pasted["key"] if pasted else to
    return key if TURBO.fullmatch(key) or THREE.fullmatch(key) else ""


def address_of(to: str, options: Options) -> str:
    """Where a key is sent: Server酱3 has a host for every user.

    >>> address_of("sctp12tabc", Options()), address_of("SCT1abc", Options())
    ('https://12.push.ft07.com/send/sctp12tabc.send', 'https://sctapi.ftqq.com/SCT1abc.send')
    """
    key = key_of(to)
    if options.url:
        return options.url.replace("{key}", key)
    three = THREE.fullmatch(key)
    return f"https://{three['user']}.push.ft07.com/send/{key}.send" if three else f"https://sctapi.ftqq.com/{key}.send"
