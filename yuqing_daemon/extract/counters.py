"""Counts as Chinese sites write them: ``1.2万``, ``3,456``, ``10w+``."""

from __future__ import annotations

import re
import unicodedata

_UNITS = {"": 1, "千": 10**3, "k": 10**3, "万": 10**4, "萬": 10**4, "w": 10**4, "m": 10**6, "亿": 10**8, "億": 10**8}
_COUNT = re.compile(
    r"(?<![\d.,-])(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d+))?\s*(千万|百万|[千万萬亿億kwm](?![a-z]))?", re.IGNORECASE
)
_UNITS |= {"百万": 10**6, "千万": 10**7}
_LONGEST = 15


def parse_count(text: str) -> int | None:
    """The first count in a text; ``None`` when it holds none, which is not zero (R2).

    >>> [parse_count(text) for text in ("1.2万", "3,456", "10w+", "1.5亿", "１２３", "-")]
    [12000, 3456, 100000, 150000000, 123, None]
    """
    found = _COUNT.search(unicodedata.normalize("NFKC", text))
    if found is None:
        return None
    whole, fraction, unit = found[1].replace(",", ""), (found[2] or "")[:6], (found[3] or "").lower()
    if len(whole) > _LONGEST:
        return None
    return int(whole + fraction) * _UNITS[unit] // int(10 ** len(fraction))
