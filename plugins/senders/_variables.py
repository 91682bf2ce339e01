"""The named variables of approved SMS and voice templates: filled from a notice's words, cut to what is allowed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from yuqing_daemon import Delivery

WORDS = (
    "level",
    "title",
    "topic",
    "code",
    "organisation",
    "recipient",
    "role",
    "happened",
    "found_at",
    "reads",
    "comments",
    "mainstream",
    "posts",
    "short",
    "reply",
)
PLACEHOLDER = re.compile(r"\{(?P<name>\w+)(?::(?P<most>\d{1,3}))?\}")
NUMBER = re.compile(r"\+?[0-9][0-9 -]{4,22}")
NOTHING = "-"  # gateways refuse an empty variable
CHINA = ZoneInfo("Asia/Shanghai")
UNKNOWN_AT_MOST = 2  # each attempt may cost money and wake somebody


def fill(template: str, delivery: Delivery) -> str:
    """Put the words in; ``{title:12}`` takes at most twelve characters of one.

    A word of the daemon about itself has no figures: its title and its text stand where they are asked for.
    """
    notice = delivery.notice
    known = {"code": delivery.event_code, "title": notice.subject, "short": notice.short, **notice.words}

    def word(found: re.Match[str]) -> str:
        text = str(known.get(found["name"]) or NOTHING)
        most = int(found["most"] or len(text))
        return text if len(text) <= most else f"{text[: most - 1]}…"

    return PLACEHOLDER.sub(word, template)


def wrong_variables(variables: Mapping[str, str] | Iterable[str]) -> Iterator[tuple[str, str, str]]:
    """Placeholders that no notice fills."""
    texts = variables.values() if isinstance(variables, Mapping) else variables
    for name in (found["name"] for text in texts for found in PLACEHOLDER.finditer(text)):
        if name not in WORDS:
            yield "variables", f"placeholders out of {', '.join(WORDS)}; {{{name}}} is none", "{title:20}"


def wrong_number(to: str) -> tuple[str, str] | None:
    """What an address has to be, and the fix, if it is no phone number.

    >>> wrong_number("+86 138-0000-0000"), wrong_number("wang@qinghe.example")[0]
    (None, 'one phone number, one from outside China with + and its country')
    """
    wanted = "one phone number, one from outside China with + and its country"
    return None if NUMBER.fullmatch(to) else (wanted, 'to = "13800000000"')


def china_time(text: object) -> datetime | None:
    """An instant as Chinese providers write it.

    >>> china_time("2017-01-01 08:00:00").isoformat()
    '2017-01-01T08:00:00+08:00'
    """
    try:
        return datetime.strptime(str(text), "%Y-%m-%d %H:%M:%S").replace(tzinfo=CHINA)
    except ValueError:
        return None
