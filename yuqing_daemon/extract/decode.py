"""Bytes of a page to text. Chinese sites often declare the wrong encoding, so the bytes are asked before the labels."""

from __future__ import annotations

import codecs
import re

from .usual import CLEAR, COMMON, SURE, usualness

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_SAME_FAMILY = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "cp936": "gb18030",
    "hz": "gb18030",
    "big5": "big5hkscs",
    "cp950": "big5hkscs",
    "iso8859-1": "cp1252",
    "ascii": "cp1252",
}
_CHARSET = re.compile(r"""(?:charset|encoding)\s*=\s*["']?\s*([\w.:-]{2,40})""", re.IGNORECASE)
_HEAD = 4096
_CHINESE = ("gb18030", "big5hkscs", "utf-8")
_FEW = 0.01  # the share of bytes that may be broken


def decode(body: bytes, *, content_type: str = "", encoding: str = "") -> str:
    """Decode a page: given encoding, byte order mark, UTF-8 if the bytes are, else what reads like Chinese.

    ``encoding`` is what the operator wrote for the site and wins; ``content_type`` is the HTTP header. What is declared
    comes first, and is taken if it gives usual characters, as do GB18030, Big5 and UTF-8 with flaws after it. A few
    broken bytes or a page that breaks off do not turn it into something else. Never raises.

    >>> decode("中文".encode("gbk")), decode("中文".encode(), content_type="text/html; charset=gb2312")
    ('中文', '中文')
    """
    given = _codec(encoding)
    if given:
        return body.decode(given, "replace").removeprefix("\ufeff")
    for bom, name in _BOMS:
        if body.startswith(bom):
            return body[len(bom) :].decode(name, "replace")
    text = _utf8(body)
    return text if text is not None else _legacy(body, _declared(body, content_type))


def _utf8(body: bytes) -> str | None:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start >= len(body) - 3:
            return body[: error.start].decode("utf-8")
    text = body.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    wide = _wide(text)
    return text if wide - broken >= 20 * broken else None


def _legacy(body: bytes, declared: str) -> str:
    """Text of a page that is not UTF-8: the reading that is clearly Chinese, else what is declared if it can be.

    What is declared is asked first, and no other if it is surely Chinese. A label of another language is believed
    where no reading is clearly Chinese.
    """
    found: dict[str, tuple[float, str]] = {}
    for name in dict.fromkeys((*filter(None, [declared]), *_CHINESE)):
        text = body.decode(name, "replace")
        found[name] = usualness(text), text
        if found[name][0] >= SURE or (declared == "cp1252" and name == "gb18030" and _in_pairs(body, *found[name])):
            return text
    best, text = max(found.values(), key=lambda each: each[0])  # the first of those that are equal
    is_foreign = best < CLEAR and declared not in ("", *_CHINESE)
    if is_foreign and found[declared][1].count("\ufffd") <= len(body) * _FEW:
        return found[declared][1]
    return text


def _in_pairs(body: bytes, usual: float, text: str) -> bool:
    """Whether few words under a Western label, which any bytes fit, are Chinese all the same."""
    return usual >= COMMON and sum(byte > 0x7F for byte in body) >= 1.8 * _wide(text)


def _wide(text: str) -> int:
    """How many of its characters are not ASCII."""
    return len(text) - len(text.encode("ascii", "ignore"))


def _declared(body: bytes, content_type: str) -> str:
    head = body[:_HEAD].decode("latin-1")
    for place in (content_type, head):
        for found in _CHARSET.finditer(place):
            name = _codec(found[1])
            if name and not (name.startswith(("utf-16", "utf-32")) and "\0" not in head):  # read so, it would not be
                return name
    return ""


def _codec(label: str) -> str:
    """Python's name for a label, with the widest member of its family; empty when nobody knows it.

    >>> _codec("GB2312"), _codec("x-nonsense")
    ('gb18030', '')
    """
    try:
        found = codecs.lookup(label.strip())
        "".encode(found.name)
    except (LookupError, ValueError, UnicodeError):
        return ""
    return _SAME_FAMILY.get(found.name, found.name)
