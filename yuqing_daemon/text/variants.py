"""The ways in which a word is written so that a plain search misses it, each with its name and its switch."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Iterator
from itertools import islice, product

from .characters import DIGITS_LIKE, LOOKALIKES, parts, readings, sound_of
from .normalise import NARROW, TRADITIONAL, WIDE, is_dropped

PLAIN = "plain"
_ALSO = {
    "fullwidth": "full width", "width": "full width", "全角": "full width", "zerowidth": "zero width",
    "零宽": "zero width",
    "look alike": "lookalike", "look alikes": "lookalike", "lookalikes": "lookalike", "形近": "lookalike",
    "separator": "separators", "分隔": "separators", "html remains": "html", "大小写": "case", "繁体": "traditional",
    "split characters": "split", "拆字": "split", "拼音": "pinyin", "homophones": "homophone", "谐音": "homophone",
}  # fmt: skip
DEFAULT = ("zero width", "full width", "case", "traditional", "lookalike", "html", "separators", "mixed pinyin")
_DEFAULT_ON = frozenset(DEFAULT)
BY_CHOICE = ("split", "pinyin", "homophone")
NAMES = (*DEFAULT, *BY_CHOICE)
HOMOPHONE_CHARACTERS = 3  # shorter words sound like too many others: 格力 like 隔离, 自燃 like 自然
_MOST_READINGS = 4  # ways to read a word that are tried
_LATIN_CHARACTERS = 3  # of a word of letters in which digits are tried
_HAN = range(0x3400, 0xA000)


def switched(names: Collection[str], base: Iterable[str] = DEFAULT) -> frozenset[str]:
    """The variants that are on: those of ``base`` with the named ones added, and those behind ``-`` taken away.

    Raises:
        ValueError: there is no variant of that name.

    >>> sorted(switched(["split", "-html", "-case"], ["html", "case", "traditional"]))
    ['split', 'traditional']
    """
    if not names and base is DEFAULT:
        return _DEFAULT_ON
    on = set(base)
    for name in names:
        plain = name.removeprefix("-").replace("_", " ").replace("-", " ").strip().lower()
        plain = _ALSO.get(plain, plain)
        some = {"default": DEFAULT, "all": NAMES}.get(plain, (plain,))
        if not set(some) <= set(NAMES):
            near = difflib.get_close_matches(plain, NAMES, n=1)
            hint = f'; did you mean "{near[0]}"?' if near else ""
            raise ValueError(f"{', '.join(NAMES)}, or one of them behind - to switch it off{hint}")
        if name.startswith("-") and plain == "pinyin":
            some = ("pinyin", "mixed pinyin")
        on = on - set(some) if name.startswith("-") else on | set(some)
    return frozenset(on)


def is_han(text: str) -> bool:
    """Whether there are Chinese characters only.

    >>> is_han("青禾"), is_han("QH乳业")
    (True, False)
    """
    return bool(text) and all(ord(char) in _HAN for char in text)


def disguises(span: str, written: str) -> frozenset[str]:
    """How a span of the original differs from the term it was found by; empty if not at all.

    >>> sorted(disguises("ＱＨ乳\\u200b業", "QH乳业"))
    ['full width', 'traditional', 'zero width']
    """
    if span == written:
        return frozenset()
    seen = [char for char in span if not is_dropped(char)]
    meant = [char for char in written if not is_dropped(char)]
    found = {"zero width"} if len(seen) < len(span) else set()
    found.update(_disguise(one, other) for one, other in zip(seen, meant, strict=False) if one != other)
    return frozenset(found)


def _disguise(seen: str, meant: str) -> str:
    if seen.lower() == meant.lower():
        return "case"
    if seen in TRADITIONAL or meant in TRADITIONAL:
        return "traditional"
    return "lookalike" if seen in LOOKALIKES or meant in LOOKALIKES else "full width"


def spellings(word: str, on: frozenset[str]) -> Iterator[tuple[str, str]]:
    """Other texts to look for, each with the name of its variant. ``word`` is in its normal form.

    >>> list(spellings("骗子", frozenset({"split"})))
    [('马扁子', 'split'), ('骗了一', 'split'), ('马扁了一', 'split')]
    """
    if is_han(word) and len(word) > 1:
        ways = (("split", _split), ("pinyin", _pinyin))
        for name, spell in ways:
            if name in on:
                yield from ((spelt, name) for spelt in dict.fromkeys(spell(word)) if spelt != word)
        return
    if "full width" in on and (found := _other_punctuation(word)) != word:
        yield found, "full width"
    if "lookalike" in on and len(word) >= _LATIN_CHARACTERS and word.isascii() and word.isalnum():
        yield from ((spelt, "lookalike") for spelt in _with_digits(word))


def _other_punctuation(word: str) -> str:
    """The same with Chinese commas and brackets for plain ones, or the other way round."""
    plain = word.translate(str.maketrans(WIDE, NARROW))
    return plain if plain != word else word.translate(str.maketrans(NARROW, WIDE))


def _split(word: str) -> Iterator[str]:
    """One character of the word in parts, or all that have any."""
    known = parts()
    for at, char in enumerate(word):
        for way in known.get(char, ()):
            yield word[:at] + way + word[at + 1 :]
    ways = ["".join(pieces) for pieces in islice(product(*(known.get(char, (char,)) for char in word)), 8)]
    yield from ways


def _pinyin(word: str) -> Iterator[str]:
    """The word in letters, in one piece or a syllable at a time."""
    for said in _said(word):
        yield "".join(said)
        yield " ".join(said)


def _said(word: str) -> Iterator[tuple[str, ...]]:
    known = readings()
    if all(char in known for char in word):
        yield from islice(product(*(known[char] for char in word)), _MOST_READINGS)


def homophones(word: str) -> Iterator[str]:
    """The word as the signs of its syllables, in every way to read it; nothing for a word that is too short.

    >>> len(list(homophones("肯德基"))), len(list(homophones("格力")))
    (1, 0)
    """
    if len(word) >= HOMOPHONE_CHARACTERS and is_han(word):
        for said in _said(word):
            yield "".join(map(sound_of, said))


def _with_digits(word: str) -> Iterator[str]:
    """Digits for letters that look like them, as long as a letter is left."""
    choices = [(char, DIGITS_LIKE[char]) if char in DIGITS_LIKE else (char,) for char in word]
    for spelt in islice(product(*choices), 1, 16):
        if any(char.isalpha() for char in spelt):
            yield "".join(spelt)
