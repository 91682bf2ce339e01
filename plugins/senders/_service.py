"""What the senders of chat services share: their options, one JSON exchange, and what the codes in answers mean."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from yuqing_daemon import Answer, Delivery, Outcome

from ._answers import judge, retry_after
from ._http import Reply, Request, exchange, one_line

REMEMBERED = 1000  # deliveries of several parts whose progress is known
BUSY = timedelta(0)  # try again, without holding the channel back


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceOptions:
    """What the options of all chat services and gateways have in common."""

    internal: bool = False  # whether private and loopback targets may be reached
    ca_file: str = ""  # further authorities to trust, PEM
    timeout: float = 20.0  # seconds for connecting, and again for the exchange
    per_second: int = 0  # most messages of the channel in a second; 0: no limit
    per_minute: int = 0  # and in a minute


@dataclass(frozen=True, slots=True, kw_only=True)
class Codes:
    """What the codes of one service mean. One that is listed nowhere refuses the message for good.

    ``Family.*`` stands for all codes that begin so and are not listed themselves.
    """

    fields: tuple[str, ...] = ("errcode",)  # where the code is; the first that is there counts
    words: tuple[str, ...] = ("errmsg",)
    good: frozenset[str] = frozenset({"0"})
    later: Mapping[str, timedelta] = field(default_factory=dict)  # try again; how long to leave the service alone
    ours: frozenset[str] = frozenset()  # the channel's own set-up is at fault
    stale: frozenset[str] = frozenset()  # the access token is not, or no longer, good
    final: frozenset[str] = frozenset()  # refuse the message for good although their family does not

    def code(self, reply: Reply) -> str | None:
        """The code of an answer, or ``None`` if it has none."""
        data = reply.json
        found = (data.get(name) for name in self.fields) if isinstance(data, Mapping) else ()
        return next((str(code) for code in found if code not in (None, "")), None)

    def judge(self, reply: Reply) -> Outcome:
        """The outcome of an answer: by its code where it has one we know, else by its status.

        A 2xx without a code comes from somebody else, a login page of a network for example.
        """
        code, by_status = self.code(reply), judge(reply)
        kind = self._kind(code or "")
        known = kind in self.later or kind in self.ours or kind in self.stale
        if by_status.answer is not Answer.ACCEPTED and not known:
            return by_status
        if code is None:
            return Outcome(answer=Answer.UNKNOWN, detail=f"not an answer of this service: {reply.words}")
        if code in self.good:
            return by_status
        detail = one_line(f"{code} {self._words(reply)}")
        if kind in self.later:
            wait = max(self.later[kind], retry_after(reply.headers) or BUSY)
            return Outcome(answer=Answer.RETRY, detail=detail, retry_after=wait or None)
        if kind in self.stale:
            return Outcome(answer=Answer.RETRY, detail=detail)
        return Outcome(answer=Answer.PERMANENT, detail=detail, pause_channel=kind in self.ours)

    def _kind(self, code: str) -> str:
        """The code as it is listed: itself, or its family."""
        listed = (self.later, self.ours, self.stale, self.final)
        return code if any(code in each for each in listed) else f"{code.partition('.')[0]}.*"

    def _words(self, reply: Reply) -> str:
        return next((str(reply.json[name]) for name in self.words if reply.json.get(name)), "")


def post_json(
    url: str, payload: Mapping[str, Any], options: ServiceOptions, headers: Mapping[str, str] | None = None
) -> Reply | Outcome:
    """One POST of JSON; an ``Outcome`` means that there is no answer to judge."""
    sent = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "yuqing-daemon", **(headers or {})}
    request = Request(method="POST", url=url, headers=sent, body=json_bytes(payload))
    return exchange(request, timeout=options.timeout, internal=options.internal, ca_file=options.ca_file)


def json_bytes(payload: Mapping[str, Any]) -> bytes:
    """JSON as it is sent, 汉字 as they are: limits count these bytes."""
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


# -- texts ------------------------------------------------------------------------------------------


def chat_text(delivery: Delivery) -> str:
    """What a chat gets as plain text: no mention and no tag can come from a page."""
    notice = delivery.notice
    return tame(notice.chat or f"{notice.subject}\n{notice.text}")


def chat_markdown(delivery: Delivery) -> str:
    """What a chat gets as markdown; a word of the daemon about itself has none and is sent as it is."""
    return delivery.notice.markdown or chat_text(delivery)


def tame(text: str) -> str:
    """Text in which no service finds a tag, as in ``<at id=all>``.

    >>> tame("<@all> 5 > 3")
    '＜@all> 5 > 3'
    """
    return text.replace("<", "＜").encode("utf-8", "replace").decode()


def cut_bytes(text: str, most: int) -> str:
    """Text that takes no more than so many bytes, cut between characters.

    >>> cut_bytes("青禾乳业", 9)
    '青禾…'
    """
    data = text.encode("utf-8", "replace")
    return data.decode() if len(data) <= most else data[: max(0, most - 3)].decode("utf-8", "ignore") + "…"


def split_bytes(text: str, most: int) -> list[str]:
    """Text in numbered parts of at most so many bytes, cut at the end of a line if there is one, else of a character.

    >>> split_bytes("青禾乳业" * 3, 20)
    ['(1/3) 青禾乳业', '(2/3) 青禾乳业', '(3/3) 青禾乳业']
    >>> split_bytes("青禾", 20)
    ['青禾']
    """
    if len(text.encode()) <= most:
        return [text]
    pieces: list[str] = []
    digits = 1
    while not pieces or len(str(len(pieces))) > digits:
        digits = len(str(len(pieces))) if pieces else 1
        pieces = list(_pieces(text, most - len(f"({'9' * digits}/{'9' * digits}) ")))
    return [f"({number}/{len(pieces)}) {piece}" for number, piece in enumerate(pieces, 1)]


def _pieces(text: str, most: int) -> list[str]:
    pieces = []
    while text:
        piece = text.encode()[:most].decode("utf-8", "ignore")
        end = piece.rfind("\n") + 1
        if len(piece) < len(text) and end > len(piece) // 2:
            piece = piece[:end]
        pieces.append(piece.rstrip("\n"))
        text = text[len(piece) :]
    return pieces


# -- parts ------------------------------------------------------------------------------------------

_taken: OrderedDict[str, int] = OrderedDict()  # delivery's key -> how many of its parts the service has taken


def send_parts(delivery: Delivery, parts: Sequence[str], send: Callable[[str], Outcome]) -> Outcome:
    """Send one part after the other; a later attempt goes on where an earlier one failed.

    After a restart of the daemon it begins again: the parts are numbered, so a reader sees what repeats.
    """
    outcome = Outcome(answer=Answer.ACCEPTED)
    for number in range(_taken.get(delivery.key, 0), len(parts)):
        outcome = send(parts[number])
        if outcome.answer is not Answer.ACCEPTED:
            return outcome
        if len(parts) > 1:
            _taken[delivery.key] = number + 1
            _taken.move_to_end(delivery.key)
            if len(_taken) > REMEMBERED:
                _taken.popitem(last=False)
    _taken.pop(delivery.key, None)
    return outcome
