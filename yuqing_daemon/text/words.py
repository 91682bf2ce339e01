"""Finds many words in one reading of a text, in plain Python and fast enough for tens of thousands of words."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import compress, count, pairwise

_HAN_BEGINS = "\u2e80"  # from here on scripts are written without blanks between words
_HAN = "\u3400-\u9fff"
_WINDOW = 24  # characters on either side of a separator that are read again without it
# What is put between the characters of a word: a comma alone, or up to three of anything else that ends no sentence;
# the remains of HTML, and the names of emojis in brackets.
HTML = r"</?[a-z][^<>\n]{0,60}>|&(?:[a-z]{2,6}|#\d{2,5});"
_OTHER = r"[^\w\n，,、。；：！？;:!?…]|_"
_REST = r"(?:(?<=<)/?[a-z][^<>\n]{0,60}>|(?<=&)(?:[a-z]{2,6}|#\d{2,5});|(?<=\[)\w{1,6}\]|)"  # of HTML, or an emoji
# It begins with what a separator can begin with, for only such an expression skips the rest of a text quickly.
_SEPARATED = re.compile(
    rf"[^{_HAN}a-z0-9\n。；：！？;:!?…](?<=[{_HAN}].)(?<![^\W_])"
    rf"(?:(?<=[，,、])|(?<![，,、]){_REST}(?:{_OTHER}|{HTML}|\[\w{{1,6}}\]){{0,2}})(?=[{_HAN}])"
)
_SPELT_OUT = re.compile(r"(?<![a-z0-9])[a-z0-9](?:[^\w\n]{1,3}[a-z0-9]|_[a-z0-9]){2,}(?![a-z0-9])")
_LETTERS = re.compile(r"[a-z]+")
_LONGEST_SYLLABLE = 6
_UTF16 = "utf-16-le" if sys.byteorder == "little" else "utf-16-be"
_SHIFT = (0, 16) if sys.byteorder == "little" else (16, 0)
_LAST, _ODD = "\uffff", "\N{REPLACEMENT CHARACTER}"
_ASTRAL = re.compile("[\U00010000-\U0010ffff]")
BETWEEN = re.compile(r"[\W_]+")

Seam = Callable[[int], bool]


class WordIndex:
    """Looks up every two characters, then compares only the words that begin with them.

    A word that begins or ends with a Latin letter or a digit must stand by itself there: ``mac`` is not in
    ``machine``, nor ``tb`` in ``12tb``; but a model number may follow a name, as in ``mate60``.
    """

    def __init__(self, words: Iterable[str]) -> None:
        self._words = frozenset(word for word in words if word)
        lengths: dict[int, int] = {}  # a bit for each length: sets would take more memory than all the rest
        for word in self._words:
            if len(word) > 1:
                head = _pair(word[0], word[1])
                lengths[head] = lengths.get(head, 0) | 1 << len(word)
        self._single = [word for word in self._words if len(word) == 1]
        kinds = {bits: tuple(at for at in range(bits.bit_length()) if bits >> at & 1) for bits in {*lengths.values()}}
        self._heads = {head: kinds[bits] for head, bits in lengths.items()}
        self._pairs = {_pair(*pair) for word in self._words if len(word) > 2 for pair in pairwise(word[1:])}
        self._pairs |= self._heads.keys()
        self._has_latin = any(map(str.isascii, self._words))

    def find(self, text: str, is_seam: Seam = lambda _: False) -> dict[str, list[int]]:
        """The words that occur, each with all its places. Text and words must be in their normal form.

        ``is_seam`` tells whether at a place within Latin letters a new word begins, as capitals show in the original.

        >>> WordIndex(["青禾", "mac", "泄"]).find("青禾的machine泄漏，泄密")
        {'青禾': [0], '泄': [10, 13]}
        """
        found: dict[str, list[int]] = {}
        words = self._words
        for start, lengths in self._begins(text):
            for length in lengths:
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

    def _begins(self, text: str) -> list[tuple[int, tuple[int, ...]]]:
        """Where a word may begin, and how long such words are. Two characters are looked up as one number, which takes
        half the time that a text of two would.
        """
        raw = text.encode(_UTF16, "surrogatepass")
        if len(raw) != 2 * len(text):
            raw = _ASTRAL.sub(_ODD, text).encode(_UTF16, "surrogatepass")
        heads = self._heads
        starts: list[tuple[int, tuple[int, ...]]] = []
        for first in (0, 1):
            pairs = memoryview(raw)[2 * first : 2 * first + (len(text) - first) // 2 * 4].cast("I")
            hits = compress(count(), map(heads.__contains__, pairs))
            starts += [(2 * hit + first, heads[pairs[hit]]) for hit in hits]
        return sorted(starts)

    def find_separated(self, text: str) -> dict[str, list[tuple[int, int]]]:
        """The words that occur with separators between their characters, each with where it begins and ends.

        Only what stands around a separator is read again, and that only if some word has those two neighbours.

        >>> WordIndex(["拼多多", "zte"]).find_separated("在拼[doge]多*多买的Z.T.E".lower())
        {'拼多多': [(1, 11)], 'zte': [(13, 18)]}
        """
        across: dict[str, dict[tuple[int, int], None]] = {}
        low, high = _SHIFT
        for junction in _SEPARATED.finditer(text):
            start, end = junction.span()
            if (ord(text[start - 1]) << low | ord(text[end]) << high) in self._pairs:
                for word, span in self._across(text, start, end):
                    across.setdefault(word, {})[span] = None
        found = {word: list(spans) for word, spans in across.items()}
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
            chars = read_so.get(run[0], "") if end - start <= _LONGEST_SYLLABLE else ""
            if not chars or (text[start - 1 : start] < _HAN_BEGINS and text[end : end + 1] < _HAN_BEGINS):
                continue
            for char in chars:
                for word, span in self._with(char, text, start, end):
                    found.setdefault(word, []).append(span)
        return found

    def _with(self, char: str, text: str, start: int, end: int) -> Iterator[tuple[str, tuple[int, int]]]:
        """The words there would be with a character in the place of ``text[start:end]``."""
        before, after = text[max(0, start - _WINDOW) : start], text[end : end + _WINDOW]
        fits = (before and _pair(before[-1], char) in self._pairs) or (after and _pair(char, after[0]) in self._pairs)
        if fits:
            for word, starts in self.find(before + char + after).items():
                for at in starts:
                    if at <= len(before) < at + len(word) > at + 1:
                        begin = start - len(before) + at
                        yield word, (begin, begin + len(word) - 1 + end - start)

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


def junctions(text: str, first: int = 0, last: int | None = None) -> Iterator[tuple[int, int]]:
    """Where separators stand between two Chinese characters, and where they end.

    >>> list(junctions("拼<b>多, 多。拼"))
    [(1, 4)]
    """
    for found in _SEPARATED.finditer(text, first, len(text) if last is None else last):
        yield found.span()


def _kept(text: str, first: int, last: int) -> list[int]:
    """The places of the characters that are left when separators are skipped."""
    places: list[int] = []
    for start, end in junctions(text, first, last):
        places += range(first, start)
        first = end
    return [*places, *range(first, min(last, len(text)))]


def _pair(first: str, second: str) -> int:
    """Two characters as the number they are in memory, one behind the other."""
    if first > _LAST or second > _LAST:
        first, second = (char if char <= _LAST else _ODD for char in (first, second))
    return ord(first) << _SHIFT[0] | ord(second) << _SHIFT[1]


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
