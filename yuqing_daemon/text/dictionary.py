"""Words of the language, by jieba: loaded when first asked for, which costs half a second and 60 MB."""

from __future__ import annotations

import logging
import re
import warnings
from functools import cache
from typing import Any

_AROUND = 20  # characters on either side that decide how a sentence falls into words
_ORDINARY = 20  # times in some sixty million words; rarer ones come about by chance, as 肯得 in 肯得基
_ENDS = re.compile(r"[^\w]+")


@cache
def tokenizer() -> Any:
    """The one tokenizer of this process."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its source is older than the Python that compiles it
        import jieba
    logging.getLogger("jieba").setLevel(logging.WARNING)
    found = jieba.Tokenizer()
    # Its own start would keep and trust a cache under a well-known name in the folder everybody can write to.
    found.FREQ, found.total = found.gen_pfdict(found.get_dict_file())
    found.initialized = True
    return found


def is_loaded() -> bool:
    """Whether the words are there, so that asking for them costs nothing more."""
    return tokenizer.cache_info().currsize > 0


def frequency(word: str) -> int:
    """How often a word was counted in some sixty million; 0 for what is no word."""
    return tokenizer().FREQ.get(word) or 0


def stands_as_word(text: str, start: int, end: int) -> bool:
    """Whether ``text[start:end]`` is made of whole words, or is one with company that is a word, as in 格力|电器.

    >>> [stands_as_word(text, at, at + 2) for text, at in (("吸食大麻被抓", 2), ("遇到大麻烦了", 2), ("格力电器", 0))]
    [True, False, True]
    """
    before, after = text[max(0, start - _AROUND) : start], text[end : end + _AROUND]
    before, after = _ENDS.split(before)[-1], _ENDS.split(after)[0]
    clause, at = before + text[start:end] + after, len(before)
    to, place = at + end - start, 0
    for word in tokenizer().cut(clause, HMM=False):
        begin, place = place, place + len(word)
        if begin < to and place > at and not _is_whole(clause, begin, place, at, to):
            return False
    return True


def words_within(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Where the ordinary words of two and more characters that reach into ``text[start:end]`` begin and end.

    >>> words_within("说适时者生存", 1, 4)
    [(1, 3)]
    """
    first = max(0, start - _AROUND)
    place, found = first, []
    for word in tokenizer().cut(text[first : end + _AROUND], HMM=False):
        begin, place = place, place + len(word)
        if begin < end and place > start and len(word) > 1 and frequency(word) >= _ORDINARY:
            found.append((begin, place))
    return found


def are_two_words(text: str, start: int, end: int, *, before: int, after: int) -> bool:
    """Whether what stands on either side of ``text[start:end]`` are ordinary words that reach beyond the ``before`` and
    ``after`` characters next to it.

    >>> are_two_words("北京·东方", 2, 3, before=1, after=1), are_two_words("在京·东买", 2, 3, before=1, after=1)
    (True, False)
    """
    left = _ENDS.split(text[max(0, start - _AROUND) : start])[-1]
    right = _ENDS.split(text[end : end + _AROUND])[0]
    cut = tokenizer().lcut
    return len(cut(left, HMM=False)[-1]) > before and len(cut(right, HMM=False)[0]) > after


def _is_whole(clause: str, begin: int, end: int, at: int, to: int) -> bool:
    """Whether a word lies within the span, or holds it with nothing but words around it."""
    if at <= begin and end <= to:
        return True
    left, right = clause[begin:at], clause[to:end]
    holds = begin <= at and to <= end
    return holds and all(not rest or (len(rest) > 1 and frequency(rest) > 0) for rest in (left, right))
