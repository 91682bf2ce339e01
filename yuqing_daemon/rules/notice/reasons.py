"""The machine's reasons in the recipient's language and by the organisation's clock, by the reports' own table."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from datetime import datetime
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from ...domain import Regime
from ..walltime import retold

WORDS, OPERATORS = "reports/words.toml", "operators.toml"  # what is recorded is in English, and needs no table
LISTS = ("patterns", "crawl", "loose")  # of the first, in the order in which they are used


def told(reason: str, language: str, *, near: datetime, timezone: ZoneInfo) -> str:
    """A reason in words; what no pattern knows stays as it is recorded, as what a person wrote does.

    Args: near: an instant near those that the reason names.

    >>> told("closed by 李主任: 已致歉", "zh", near=datetime(2026, 3, 1), timezone=ZoneInfo("Asia/Shanghai"))
    '李主任：已致歉'
    """
    return _in(language, WORDS, LISTS, retold(reason, near, timezone))


def to_operators(text: str, language: str) -> str:
    """A word of the daemon about itself in the recipient's language; what no pattern knows, as an error, stays.

    >>> to_operators("channel chat is failing", "zh"), to_operators("channel chat is failing", "en")
    ('渠道 chat 连续发送失败', 'channel chat is failing')
    """
    said = (line if line[:1].isspace() else _in(language, OPERATORS, ("patterns",), line) for line in text.split("\n"))
    return _in(language, WORDS, ("crawl",), "\n".join(said))


def in_english(reason: str, regime: Regime) -> str:
    """A reason with the English names of the regime's duties, where it has them."""
    for rule in sorted(regime.duties, key=lambda rule: -len(rule.name)):
        reason = reason.replace(rule.name, rule.name_en or rule.name)
    return reason


def _in(language: str, table: str, lists: Iterable[str], text: str) -> str:
    for name in lists:
        for pattern, said in _patterns(language, table, name):
            text = pattern.sub(said, text)
    return text


@cache
def _patterns(language: str, table: str, name: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    place = files("yuqing_config").joinpath("templates", language, *table.split("/"))
    found = tomllib.loads(place.read_text(encoding="utf-8")) if place.is_file() else {}
    return tuple((re.compile(pattern), said) for pattern, said in found.get(name, ()))
