"""What is known of single characters: traditional forms, readings, parts, letters that look like Latin ones.

The tables are written by ``tools/character_tables.py``, which names where they come from.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files

# Cyrillic and Greek letters, and a few signs, that a reader takes for the Latin letter below them.
_ALIEN = "аеорсухіјѕһԁԛԝѵкмтвнАЕОРСУХІЈЅҺԚԜКМТВНοαρτκνχυιΑΒΕΖΗΙΚΜΝΟΡΤΥΧ℮"
_LATIN = "aeopcyxijshdqwvkmtbhaeopcyxijshqwkmtbhoaptkvxuiabezhikmnoptyxe"
LOOKALIKES = dict(zip(_ALIEN, _LATIN, strict=True))
DIGITS_LIKE = {"o": "0", "i": "1", "l": "1", "z": "2", "s": "5"}
_SOUNDS_BEGIN = 0xE000  # private use: one character for each syllable


def _lines(name: str) -> Iterator[str]:
    yield from files(__package__).joinpath("tables", f"{name}.txt").read_text("utf-8").splitlines()


@cache
def company_words() -> tuple[str, ...]:
    """Words that stand near the name of a company or a product, and seldom near an ordinary word that looks like it.

    >>> "集团" in company_words()
    True
    """
    return tuple(word for line in _lines("company") for word in line.split(" "))


def traditional() -> dict[str, str]:
    """Each traditional character with the simplified one for it.

    >>> traditional()["東"]
    '东'
    """
    return {char: line[0] for line in _lines("traditional") for char in line[1:]}


@cache
def parts() -> Mapping[str, tuple[str, ...]]:
    """The ways to write a character as two or three.

    >>> parts()["骗"]
    ('马扁',)
    """
    return {char: tuple(ways) for char, *ways in (line.split(" ") for line in _lines("parts"))}


@cache
def readings() -> Mapping[str, tuple[str, ...]]:
    """How a character is read, without tones, the usual reading first.

    >>> readings()["乐"]
    ('le', 'yue')
    """
    first: dict[str, str] = {}
    others: dict[str, list[str]] = {}
    for syllable, usual, other in (line.split(" ") for line in _lines("readings")):
        first |= dict.fromkeys(usual.replace("-", ""), syllable)
        for char in other.replace("-", ""):
            others.setdefault(char, []).append(syllable)
    return {char: (syllable, *others.get(char, ())) for char, syllable in first.items()}


@cache
def syllables() -> Mapping[str, str]:
    """The characters that are read as each syllable.

    >>> "拼" in syllables()["pin"]
    True
    """
    found: dict[str, str] = {}
    for char, said in readings().items():
        for syllable in said:
            found[syllable] = found.get(syllable, "") + char
    return found


@cache
def sounds() -> Mapping[int, str]:
    """For ``str.translate``: every character becomes the sign of its usual syllable."""
    return {ord(char): sound_of(said[0]) for char, said in readings().items()}


@cache
def sound_of(syllable: str) -> str:
    """The sign of a syllable: one character that stands in no text."""
    return chr(_SOUNDS_BEGIN + _syllables().index(syllable))


def is_sound(char: str) -> bool:
    """Whether it is the sign of a syllable."""
    return "\ue000" <= char < "\uf000"


@cache
def _syllables() -> list[str]:
    return sorted({said for all in readings().values() for said in all})
