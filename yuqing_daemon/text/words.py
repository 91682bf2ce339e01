"""Finds many words in one reading of a text, in plain Python and fast enough for tens of thousands of words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import compress, count, islice
from operator import add

_HAN_BEGINS = "\u2e80"  # from here on scripts are written without blanks between words
_HAN = "\u3400-\u9fff"
_WINDOW = 24  # characters on either side of a separator that are read again without it
# What is put between the characters of a word: a comma alone, or up to three of anything else that ends no sentence;
# the remains of HTML, and the names of emojis in brackets.
HTML = r"</?[a-z][^<>\n]{0,60}>|&(?:[a-z]{2,6}|#\d{2,5});"
_COMMA, _OTHER = "，,、", r"[^\w\n，,、。；：！？;:!?…]|_"
SEPARATED = re.compile(rf"(?<=[{_HAN}])(?:[{_COMMA}]|(?:{_OTHER}|{HTML}|\[\w{{1,6}}\]){{1,3}})(?=[{_HAN}])")
_SPELT_OUT = re.compile(r"(?<![a-z0-9])[a-z0-9](?:[^\w\n]{1,3}[a-z0-9]|_[a-z0-9]){2,}(?![a-z0-9])")
_LETTERS = re.compile(rf"(?<=[{_HAN}])[a-z]{{1,6}}(?![a-z0-9])|(?<![a-z0-9])[a-z]{{1,6}}(?=[{_HAN}])")
BETWEEN = re.compile(r"[\W_]+")

Seam = Callable[[int], bool]


class WordIndex:
    """Looks up every two characters, then compares only the words that begin with them.

    A word that begins or ends with a Latin letter or a digit must stand by itself there: ``mac`` is not in
    ``machine``, nor ``tb`` in ``12tb``; but a model number may follow a name, as in ``mate60``.
    """

    def __init__(self, words: Iterable[str]) -> None:
        self._words = frozenset(words) - {""}
        lengths: dict[str, set[int]] = {}
        for word in self._words:
            lengths.setdefault(word[:2], set()).add(len(word))
        self._single = [word for word in self._words if len(word) == 1]
        kinds: dict[tuple[int, ...], tuple[int, ...]] = {}  # most heads have the same few lengths
        sizes = ((head, tuple(sorted(some))) for head, some in lengths.items() if len(head) > 1)
        self._heads = {head: kinds.setdefault(some, some) for head, some in sizes}
        self._pairs = {word[at : at + 2] for word in self._words for at in range(1, len(word) - 1)}
        self._has_latin = any(map(str.isascii, self._words))

    def find(self, text: str, is_seam: Seam = lambda _: False) -> dict[str, list[int]]:
        """The words that occur, each with all its places. Text and words must be in their normal form.

        ``is_seam`` tells whether at a place within Latin letters a new word begins, as capitals show in the original.

        >>> WordIndex(["青禾", "mac", "泄"]).find("青禾的machine泄漏，泄密")
        {'青禾': [0], '泄': [10, 13]}
        """
        found: dict[str, list[int]] = {}
        heads, words = self._heads, self._words
        pairs = map(add, text, islice(text, 1, None))
        for start in list(compress(count(), map(heads.__contains__, pairs))):
            for length in heads[text[start : start + 2]]:
                word = text[start : start + length]
                if word in words and len(word) == length and stands_alone(text, start, start + length, is_seam):
                    found.setdefault(word, []).append(start)
        for char in self._single:
            start = text.find(char)
            while start >= 0:
                if stands_alone(text, start, start + 1, is_seam):
                    found.setdefault(char, []).append(start)
                start = text.find(char, start + 1)
        return found

    def find_separated(self, text: str) -> dict[str, list[tuple[int, int]]]:
        """The words that occur with separators between their characters, each with where it begins and ends.

        Only what stands around a separator is read again, and that only if some word has those two neighbours.

        >>> WordIndex(["拼多多", "zte"]).find_separated("在拼[doge]多*多买的Z.T.E".lower())
        {'拼多多': [(1, 11)], 'zte': [(13, 18)]}
        """
        found: dict[str, list[tuple[int, int]]] = {}
        for junction in SEPARATED.finditer(text):
            start, end = junction.span()
            pair = text[start - 1] + text[end]
            if pair in self._heads or pair in self._pairs:
                for word, span in self._across(text, start, end):
                    if span not in found.setdefault(word, []):
                        found[word].append(span)
        for run in _SPELT_OUT.finditer(text) if self._has_latin else ():
            word = BETWEEN.sub("", run[0])
            if word in self._words:
                found.setdefault(word, []).append(run.span())
        return found

    def find_spelt(self, text: str, read_so: Mapping[str, str]) -> dict[str, list[tuple[int, int]]]:
        """The words of which one character is written in letters; ``read_so`` are the characters of each syllable.

        >>> WordIndex(["拼多多", "京东"]).find_spelt("在拼duo多和jing东", {"duo": "多夺", "jing": "京经"})
        {'拼多多': [(1, 6)], '京东': [(7, 12)]}
        """
        found: dict[str, list[tuple[int, int]]] = {}
        for run in _LETTERS.finditer(text):
            start, end = run.span()
            before, after = text[start - 1 : start], text[end : end + 1]
            for char in read_so.get(run[0], ""):
                if not self._pairs.isdisjoint((before + char, char + after)) or (
                    before + char in self._heads or char + after in self._heads
                ):
                    first = max(0, start - _WINDOW)
                    read = text[first:start] + char + text[end : end + _WINDOW]
                    for word, starts in self.find(read).items():
                        for at in starts:
                            if at <= start - first < at + len(word) > at + 1:
                                span = (first + at, first + at + len(word) - 1 + end - start)
                                found.setdefault(word, []).append(span)
        return found

    def _across(self, text: str, start: int, end: int) -> Iterator[tuple[str, tuple[int, int]]]:
        """The words that begin before a separator and end behind it."""
        first = text.rfind("\n", max(0, start - _WINDOW), start) + 1 or max(0, start - _WINDOW)
        last = end + _WINDOW
        kept = _kept(text, first, last)
        read = "".join(text[place] for place in kept)
        for word, starts in self.find(read).items():
            for at in starts:
                begin, stop = kept[at], kept[at + len(word) - 1] + 1
                if begin < start and stop > end:
                    yield word, (begin, stop)


def _kept(text: str, first: int, last: int) -> list[int]:
    """The places of the characters that are left when separators are skipped."""
    places: list[int] = []
    for junction in SEPARATED.finditer(text, first, last):
        places += range(first, junction.start())
        first = junction.end()
    return [*places, *range(first, min(last, len(text)))]


def stands_alone(text: str, start: int, end: int, is_seam: Seam = lambda _: False) -> bool:
    """Whether no Latin word or number goes on across either end of ``text[start:end]``, but for a seam there.

    >>> [stands_alone(text, 1, 4) for text in ("买mac的", "imac的", "买mac1", "买macs")]
    [True, False, True, False]
    """
    if start and _is_latin(text[start]) and _is_latin(text[start - 1]) and not is_seam(start):
        return False
    if end == len(text) or not _is_latin(text[end]):
        return True
    last = text[end - 1]
    return not _is_latin(last) or (text[end].isdigit() and not last.isdigit()) or is_seam(end)


def is_seam(before: str, after: str, then: str) -> bool:
    """Whether a word begins at ``after`` by its capital, as in ``iPhone|X`` and ``ZTE|Services``.

    >>> is_seam("e", "X", ""), is_seam("E", "S", "e"), is_seam("Z", "T", "E"), is_seam("a", "c", "h")
    (True, True, False, False)
    """
    return after.isupper() and (before.islower() or (before.isupper() and then.islower()))


def _is_latin(char: str) -> bool:
    return char < _HAN_BEGINS and char.isalnum()
