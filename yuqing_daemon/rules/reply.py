"""What somebody means who answers a notice, which event they take over, and what they are told."""

from __future__ import annotations

import re
import unicodedata

from ..domain import Event

_CODE = re.compile(r"(?<![A-Z0-9])E[ -]?([1-9][0-9]{0,17})(?![0-9])")
YES = frozenset({"1", "签收", "收到", "已收到", "好", "好的", "OK", "ACK", "Y", "YES"})
CUT = " \r\n。.!！,，"


def event_number(text: str) -> int | None:
    """The one event that an answer names.

    >>> event_number("签收 e12"), event_number("Ｅ１２ 收到"), event_number("E12 E13"), event_number("收到")
    (12, 12, None, None)
    >>> event_number("e 12"), event_number("12"), event_number("1")
    (12, 12, None)
    """
    plain = _plain(text)
    found = set(_CODE.findall(plain))
    if len(found) == 1:
        return int(found.pop())
    alone = plain.strip(CUT)
    return int(alone) if alone.isascii() and alone.isdecimal() and alone not in YES and len(alone) < 18 else None


def is_yes(text: str) -> bool:
    """Whether an answer is just a yes; what is quoted below it does not matter.

    >>> is_yes("收到！"), is_yes("ok"), is_yes("谁啊"), is_yes("收到\\n> 【一般】酸奶"), is_yes("")
    (True, True, False, True, False)
    """
    return _plain(text).strip().partition("\n")[0].strip(CUT) in YES


def is_key(pressed: str, key: str) -> bool:
    """Whether somebody on the telephone pressed that key, once or more often, and no other but the # that ends it.

    >>> is_key("1", "1"), is_key("11#", "1"), is_key("12", "1"), is_key("", "1")
    (True, True, False, False)
    """
    return key in pressed and not pressed.replace(key, "").strip(" #")


def same_number(one: str, other: str) -> bool:
    """Whether two ways to write a telephone number are the same: with and without +86, blanks and dashes.

    >>> same_number("+86 139-0000-0000", "13900000000"), same_number("", "")
    (True, False)
    """
    ours, theirs = ("".join(c for c in text if c.isdigit())[-11:] for text in (one, other))
    return bool(ours) and ours == theirs


PRESSED = {
    "zh": (
        "{code} 已签收",
        "{code} 已由{other}签收",
        "{code} 已结束，无需签收",
        "{code} 已升级，请看新的通知",
        "这个按钮已失效",
    ),
    "en": (
        "{code} acknowledged",
        "{code} acknowledged by {other}",
        "{code} is over",
        "{code} has risen: see the newer notice",
        "this button is no longer good",
    ),
}


def pressed(event: Event | None, *, other: str = "", risen: bool = False, language: str) -> str:
    """What is told to somebody who pressed the button of a notice: who has the event, if it is not they themselves.

    ``risen``: it was the button of a notice that said less.

    >>> pressed(None, language="en")
    'this button is no longer good'
    """
    mine, theirs, over, newer, gone = PRESSED.get(language, PRESSED["zh"])
    if event is None:
        return gone
    words = over if not event.state.is_live else newer if risen else theirs if other else mine
    return words.format(code=event.code, other=other)


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).upper()
