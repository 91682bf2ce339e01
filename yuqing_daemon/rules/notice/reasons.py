"""The machine's reasons in the recipient's language and by the organisation's clock, by the reports' own table."""

from __future__ import annotations

import re
import tomllib
from datetime import datetime
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from ...domain import Regime
from ..walltime import retold


def told(reason: str, language: str, *, near: datetime, timezone: ZoneInfo) -> str:
    """A reason in words; what no pattern knows stays as it is recorded, as what a person wrote does.

    Args: near: an instant near those that the reason names.

    >>> told("closed by 李主任: 已致歉", "zh", near=datetime(2026, 3, 1), timezone=ZoneInfo("Asia/Shanghai"))
    '李主任：已致歉'
    """
    reason = retold(reason, near, timezone)
    for pattern, said in _patterns(language):
        reason = pattern.sub(said, reason)
    return reason


def in_english(reason: str, regime: Regime) -> str:
    """A reason with the English names of the regime's duties, where it has them."""
    for rule in sorted(regime.duties, key=lambda rule: -len(rule.name)):
        reason = reason.replace(rule.name, rule.name_en or rule.name)
    return reason


@cache
def _patterns(language: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    place = files("yuqing_config").joinpath("templates", language, "reports", "words.toml")
    table = tomllib.loads(place.read_text(encoding="utf-8"))
    return tuple((re.compile(pattern), said) for pattern, said in table.get("patterns", ()))
