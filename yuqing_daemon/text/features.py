"""What the linear weights see of a text: the runs of one to three characters that occur in it."""

from __future__ import annotations

import re
from itertools import pairwise

from .normalise import normalise

READ = 600  # characters of a text that are read: what an opinion is about stands near the beginning
_SPACE = re.compile(r"\s+")
_PUNCTUATION = str.maketrans("，。！？：；（）", ",.!?:;()")


def plain(text: str) -> str:
    """A text as its features are taken from it.

    >>> plain("ＡＰＰ 很\\u200b 差！\\n\\n真的")
    'app 很 差! 真的'
    """
    return _SPACE.sub(" ", normalise(text[:READ]).text).strip().translate(_PUNCTUATION)


def grams(text: str) -> set[str]:
    """The different runs of one, two and three characters of a plain text.

    >>> sorted(grams("很差!"))
    ['!', '差', '差!', '很', '很差', '很差!']
    """
    pairs = map("".join, pairwise(text))
    triples = map("".join, zip(text, text[1:], text[2:], strict=False))
    return {*text, *pairs, *triples}
