"""Bytes of a page to text. Chinese sites often declare the wrong encoding, so the bytes are asked before the labels."""

from __future__ import annotations

import codecs
import re

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


def decode(body: bytes, *, content_type: str = "", encoding: str = "") -> str:
    """Decode a page: given encoding, byte order mark, UTF-8 if the bytes are, what is declared, else GB18030.

    ``encoding`` is what the operator wrote for the site and wins; ``content_type`` is the HTTP header. A few
    broken bytes or a cut-off last character do not turn a UTF-8 page into something else. Never raises.

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
    wide = sum(character > "\x7f" for character in text)
    return text if wide - broken >= 20 * broken else None


def _legacy(body: bytes, declared: str) -> str:
    """Text of a page that is not UTF-8; a Western label on bytes that come in pairs is wrong."""
    if declared == "cp1252":
        return _chinese_in_disguise(body) or body.decode(declared, "replace")
    for name in (declared, "gb18030"):
        if name and name != "utf-8":
            try:
                return body.decode(name)
            except UnicodeError:
                continue
    return body.decode(declared if declared not in ("", "utf-8") else "gb18030", "replace")


def _chinese_in_disguise(body: bytes) -> str | None:
    try:
        text = body.decode("gb18030")
    except UnicodeDecodeError:
        return None
    high = sum(byte > 0x7F for byte in body)
    wide = sum(character > "\x7f" for character in text)
    return text if wide and high >= 1.8 * wide else None


def _declared(body: bytes, content_type: str) -> str:
    head = body[:_HEAD].decode("latin-1")
    for place in (content_type, head):
        for found in _CHARSET.finditer(place):
            name = _codec(found[1])
            if name:
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
