"""Foreign text made fit for a notice: cleaned, cut to what a channel takes, escaped for what reads it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import datetime
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo

LONGEST_URL = 2_000
# What means something in the markdown of 企业微信, 钉钉 or 飞书, and a letter that looks like it and means nothing.
LOOKALIKES = str.maketrans("<>[]*`_~\\", "＜＞［］＊｀＿～＼")
_UNSEEN = re.compile(r"<head.*?</head>|<[^>]*>", re.DOTALL)
_BODY = re.compile(r"<body[^>]*>|\A(?!.*<body)", re.DOTALL)
ADDRESS_SAFE = "/%:@!$&+,;=~?"  # what may stand in an address inside markdown; a closing bracket may not


class Raw(str):
    """Text of our own making, which a markdown template puts out as it stands."""

    __slots__ = ()


def clean(text: str) -> str:
    """Foreign text on one line, without control, direction and zero-width characters.

    >>> clean("酸奶\\r\\nBcc: a@b\\u202e  \\u200b!")
    '酸奶 Bcc: a@b !'
    """
    words = text.split()  # so that what is not printable now is a control or invisible character, and rare
    return " ".join(" ".join(word if word.isprintable() else _visible(word) for word in words).split())


def _visible(word: str) -> str:
    kept = (" " if unicodedata.category(c) in ("Cc", "Zl", "Zp") else c for c in word)
    return "".join(c for c in kept if unicodedata.category(c) not in ("Cf", "Cs"))


def cut(text: str, most: int) -> str:
    """Text of at most so many characters, with an ellipsis where it was cut."""
    return text if len(text) <= most else text[: max(0, most - 1)].rstrip() + "…"


def units(text: str) -> int:
    """How much of an SMS a text takes: a character beyond the first 65,536 counts twice.

    >>> units("酸奶"), units("😀")
    (2, 2)
    """
    return len(text.encode("utf-16-le", "replace")) // 2


def cut_units(text: str, most: int) -> str:
    """Text that takes at most so much of an SMS.

    >>> cut_units("😀😀😀", 5)
    '😀😀…'
    """
    kept = text[:most]
    while units(kept) > most - (kept != text):
        kept = kept[:-1]
    return kept if kept == text else kept.rstrip() + "…"


def plain_markdown(text: str) -> str:
    """Text that no robot's markdown makes a link, a mention or a heading of.

    >>> plain_markdown("<@all> [点我](https://x.example)")
    '＜@all＞ ［点我］(https://x.example)'
    """
    safe = text.translate(LOOKALIKES)
    return f"＃{safe[1:]}" if safe.startswith("#") else safe


def parted(text: str, found: Iterable[str]) -> list[tuple[str, bool]]:
    """A text in parts: what was looked for, and what stands between.

    >>> parted("青禾的酸奶变质了", ["酸奶", "变质", "青"])
    [('青', True), ('禾的', False), ('酸奶变质', True), ('了', False)]
    """
    words = sorted(filter(None, set(found)), key=len, reverse=True)
    if not words:
        return [(text, False)] if text else []
    pattern = f"((?:{'|'.join(map(re.escape, words))})+)"
    return [(part, bool(place % 2)) for place, part in enumerate(re.split(pattern, text)) if part]


def markdown_link(url: str, words: str) -> Raw:
    """A link in markdown; only its words if the address is none.

    >>> markdown_link("https://a.example/x)y", "签收")
    '[签收](https://a.example/x%29y)'
    """
    safe = safe_url(url)
    shown = words if isinstance(words, Raw) else plain_markdown(words)
    return Raw(f"[{shown}]({quote(safe, safe=ADDRESS_SAFE)})" if safe else shown)


def marked(text: str, mark: str) -> str:
    """Text that begins with a mark, whatever a template made of it; a page of HTML shows it first.

    >>> marked("【重大】酸奶", "演练"), marked("**【演练】酸奶**", "演练"), marked("<body><p>酸奶</p></body>", "演练")
    ('演练 【重大】酸奶', '**【演练】酸奶**', '<body>演练 <p>酸奶</p></body>')
    """
    if mark in _UNSEEN.sub("", text).lstrip()[: len(mark) + 3]:
        return text
    return _BODY.sub(lambda found: f"{found[0]}{mark} ", text, count=1)


def safe_url(url: str) -> str:
    """The address if it is an ordinary web address, else nothing."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    plain = len(url) <= LONGEST_URL and " " not in url and clean(url) == url
    return url if plain and parts.scheme in ("http", "https") and parts.hostname else ""


def local(at: datetime | None, timezone: ZoneInfo) -> str:
    """An instant by the organisation's clock; empty if it is not known."""
    return f"{at.astimezone(timezone):%Y-%m-%d %H:%M}" if at else ""
