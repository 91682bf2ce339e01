"""One form for every way of writing the same characters: width, case, traditional and invisible ones made equal.

Every character becomes one character or none, so a place in the normal form leads back to the original.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass
from itertools import chain

from .characters import LOOKALIKES, traditional

# The blocks with a width, case or font of their own: Latin to Cyrillic, letter-like and enclosed characters,
# radicals, compatibility and half-width forms; mathematical and squared letters.
_BLOCKS = (range(0x41, 0x2000), range(0x2070, 0x3400), range(0xF900, 0xFFEF))
_HIGH_BLOCKS = (range(0x1D400, 0x1D800), range(0x1F110, 0x1F190))
# Soft hyphen, joiners, direction marks, variation selectors, byte order mark, tag characters: nobody sees them.
_INVISIBLE = "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
_INVISIBLE += "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff"
# Every Chinese sentence has these and hardly a word does: left alone, most of a text needs no change at all.
_LEFT = frozenset("，。：；！？（）、")

# How NFKC writes those of them that have a plainer form.
WIDE, NARROW = "，：；！？（）", ",:;!?()"

_DROPPED = re.compile(f"[{_INVISIBLE}]")


TRADITIONAL = traditional()


def _forms() -> dict[str, str]:
    """Every character that has a plainer single character to stand for it."""
    forms = dict(TRADITIONAL)
    for char in map(chr, chain.from_iterable(_BLOCKS + _HIGH_BLOCKS)):
        plain = unicodedata.normalize("NFKC", char).lower()
        plain = LOOKALIKES.get(char) or LOOKALIKES.get(plain) or TRADITIONAL.get(plain, plain)
        if len(plain) == 1 and plain != char and char not in _LEFT and not _DROPPED.match(char):
            forms[char] = plain
    return forms


_FORMS = _forms()
# Single characters beyond U+FFFF in a class are tried one after the other, so those come as whole blocks.
_LOW = re.escape("".join(char for char in _FORMS if char <= "\uffff"))
_HIGH = "".join(f"{chr(block.start)}-{chr(block.stop - 1)}" for block in _HIGH_BLOCKS)
_CHANGED = re.compile(f"[{_INVISIBLE}{_LOW}{_HIGH}]")


@dataclass(frozen=True, slots=True)
class Normal:
    """A text in its normal form. ``drops`` holds, for every character left out, how many were kept before it."""

    text: str
    drops: tuple[int, ...] = ()

    def original_span(self, start: int, end: int) -> tuple[int, int]:
        """Where the characters ``start`` to ``end`` (at least one) of the normal form stand in the original.

        >>> normal = normalise("拼\\u200b多\\u200b多")
        >>> normal.text, normal.original_span(0, 2), normal.original_span(1, 3)
        ('拼多多', (0, 3), (2, 5))
        """
        if not self.drops:
            return start, end
        return start + bisect_right(self.drops, start), end + bisect_right(self.drops, end - 1)

    def place_of(self, original: int) -> int:
        """Where in the normal form a place of the original is found: how many characters before it were kept.

        >>> normalise("拼\\u200b多").place_of(2)
        1
        """
        before = sum(1 for skipped, kept in enumerate(self.drops) if kept + skipped < original)
        return original - before


def normalise(text: str) -> Normal:
    """Bring a text into its normal form.

    >>> normalise("ＡＢＣ乳业Ｎo.１").text
    'abc乳业no.1'
    """
    if not _CHANGED.search(text):
        return Normal(text)
    plain = _CHANGED.sub(_plain, text)
    if len(plain) == len(text):
        return Normal(plain)
    places = (found.start() for found in _DROPPED.finditer(text))
    return Normal(plain, tuple(place - before for before, place in enumerate(places)))


def _plain(found: re.Match[str]) -> str:
    char = found[0]
    return _FORMS.get(char) or ("" if _DROPPED.match(char) else char)


def is_dropped(char: str) -> bool:
    """Whether nobody sees the character."""
    return _DROPPED.match(char) is not None
