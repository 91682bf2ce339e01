"""Regular expressions in time linear to the text, by RE2: no pattern of an organisation can hold up the daemon."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import re2

from .normalise import NARROW, WIDE, normalise

_LONGEST = 1000
_MEMORY = 8 << 20  # bytes that one expression may take
_LETTERS = r"\p{L}\p{N}_"
_PIECE = re.compile(r"\\.|.", re.DOTALL)
_PLAINER = str.maketrans(WIDE, NARROW)
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
    text = _HALVES.sub("\N{REPLACEMENT CHARACTER}", text).translate(_PLAINER)
    return [found.span() for found in _compiled(pattern).finditer(text) if found.end() > found.start()]


@cache
def _compiled(pattern: str) -> Any:
    options = re2.Options()
    options.log_errors = False
    options.case_sensitive = False
    options.max_mem = _MEMORY
    return re2.compile(_for_re2(pattern), options)


def _for_re2(pattern: str) -> str:
    r"""The pattern in its normal form, in which ``\w`` means every letter, as everywhere else in Python.

    >>> _for_re2(r"（虧損\w+[\w·]）")
    '\\(亏损[\\p{L}\\p{N}_]+[\\p{L}\\p{N}_·]\\)'
    """
    made, is_inside = [], False
    for piece in _PIECE.findall(pattern):
        if piece in ("\\w", "\\W"):
            sign = "^" if piece == "\\W" else ""
            made.append(_LETTERS if is_inside and not sign else piece if is_inside else f"[{sign}{_LETTERS}]")
        elif piece in WIDE:
            made.append(re.escape(piece.translate(_PLAINER)))
        else:
            is_inside = piece == "[" or (is_inside and piece != "]")
            made.append(piece if piece.isascii() else normalise(piece).text)
    return "".join(made)
