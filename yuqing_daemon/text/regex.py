"""Regular expressions in time linear to the text, by RE2: no pattern of an organisation can hold up the daemon."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import re2

from .normalise import normalise

_LONGEST = 1000
_MEMORY = 8 << 20  # bytes that one expression may take
_HALVES = re.compile("[\ud800-\udfff]")  # halves of characters, as a cut text may end in, cannot be encoded


def check_pattern(pattern: str) -> str:
    """What is wrong with a pattern, empty if nothing is.

    >>> check_pattern(r"亏损\\d+亿"), check_pattern("(亏损")
    ('', 'missing ): (亏损')
    """
    if len(pattern) > _LONGEST:
        return f"it is longer than {_LONGEST} letters"
    if not pattern:
        return "it is empty"
    try:
        found = _compiled(pattern)
    except re2.error as error:
        said = error.args[0]
        return said.decode(errors="replace") if isinstance(said, bytes) else str(said)
    return "it finds the empty text, so it would find everything" if found.search("") else ""


def places(pattern: str, text: str) -> list[tuple[int, int]]:
    """Where a pattern matches in a text in its normal form, one place after the other."""
    text = _HALVES.sub("\N{REPLACEMENT CHARACTER}", text)
    return [found.span() for found in _compiled(pattern).finditer(text) if found.end() > found.start()]


@cache
def _compiled(pattern: str) -> Any:
    options = re2.Options()
    options.log_errors = False
    options.case_sensitive = False
    options.max_mem = _MEMORY
    plain = "".join(char if char.isascii() else normalise(char).text for char in pattern)
    return re2.compile(plain, options)
