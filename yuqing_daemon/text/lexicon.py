"""The words of all topics in every form they are looked for, and which topics each form wakes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from .normalise import normalise
from .query import Word
from .variants import DEFAULT, homophones, spellings, switched
from .words import WordIndex

_KEPT = 4096  # words of which the forms are remembered: those that posts really have


@dataclass(frozen=True)
class How:
    """How a topic looks for its words: the variants that are on, and what must stand near a word."""

    on: frozenset[str] = frozenset(DEFAULT)
    context: tuple[Word, ...] = ()

    def on_for(self, word: Word) -> frozenset[str]:
        """The variants that are on for one of its words."""
        if "exact" in word.guards:
            return frozenset()
        on = switched(word.variants, self.on) if word.variants else self.on
        return on - {"case"} if "case" in word.guards else on


class Lexicon:
    """All forms of all words, in one index; ``sounds`` holds words as the signs of their syllables, if any is wanted."""

    def __init__(self) -> None:
        self._forms: set[str] = set()
        self._sounds: set[str] = set()
        self._wakes: dict[str, int | tuple[int, ...]] = {}
        self.index = WordIndex(())
        self.sounds: WordIndex | None = None

    def add(self, words: Iterable[Word], how: How) -> None:
        """Words to look for."""
        for word in words:
            self._forms.add(plain_form(word.term))
            on = how.on_for(word)
            self._forms.update(spelling for spelling, _ in _spellings(word.term, on))
            if "homophone" in on:
                self._sounds.update(homophones(plain_form(word.term)))

    def wake(self, words: Iterable[Word], how: How, number: int) -> None:
        """Remember that posts with one of the words are to be judged by rule ``number``."""
        wakes = self._wakes
        for word in words:
            on = how.on_for(word)
            forms = [plain_form(word.term), *(spelling for spelling, _ in _spellings(word.term, on))]
            for form in [*forms, *homophones(forms[0])] if "homophone" in on else forms:
                known = wakes.get(form)
                if known is None:
                    wakes[form] = number
                elif isinstance(known, int):
                    wakes[form] = known if known == number else (known, number)
                elif number not in known:
                    wakes[form] = (*known, number)

    def close(self) -> None:
        """Make the index, once all words are there."""
        self.index = WordIndex(self._forms)
        self.sounds = WordIndex(self._sounds) if self._sounds else None
        self._forms, self._sounds = set(), set()

    def woken(self, forms: Iterable[str]) -> set[int]:
        """The numbers of the rules that want one of the forms."""
        numbers: set[int] = set()
        for form in forms:
            known = self._wakes.get(form, ())
            numbers.update((known,) if isinstance(known, int) else known)
        return numbers


def _spellings(term: str, on: frozenset[str]) -> Iterable[tuple[str, str]]:
    return spellings(plain_form(term), on)


def plain_form(term: str) -> str:
    """A term in its normal form, without blanks around it."""
    return normalise(term).text.strip()


@lru_cache(_KEPT)
def spellings_of(term: str, on: frozenset[str]) -> tuple[tuple[str, str], ...]:
    """What else a term is looked for as, each with its variant."""
    return tuple(_spellings(term, on))


@lru_cache(_KEPT)
def homophones_of(form: str) -> tuple[str, ...]:
    """A word as the signs of its syllables, in each way to read it."""
    return tuple(homophones(form))
