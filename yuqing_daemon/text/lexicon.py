"""The words of all topics in every form they are looked for, and which topics each form wakes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

from .characters import is_sound
from .normalise import normalise
from .query import Word
from .variants import homophones, spellings, switched
from .words import WordIndex

_USUAL = switched(())
_KEPT = 4096  # words of which the forms are remembered: those that posts really have


@dataclass(frozen=True)
class How:
    """How a topic looks for its words: the variants that are on, and what must stand near a word."""

    on: frozenset[str] = _USUAL
    context: tuple[Word, ...] = ()

    def on_for(self, word: Word) -> frozenset[str]:
        """The variants that are on for one of its words."""
        if "exact" in word.guards:
            return frozenset()
        on = switched(word.variants, self.on) if word.variants else self.on
        return on - {"case"} if "case" in word.guards else on


class Lexicon:
    """All forms of all words in one index; in ``sounds``, if any are wanted, words as the signs of their syllables."""

    def __init__(self) -> None:
        self._forms: set[str] = set()
        self._wakes: dict[str, int | tuple[int, ...]] = {}
        self.index = WordIndex(())
        self.sounds: WordIndex | None = None

    def add(self, words: Iterable[Word], how: How) -> None:
        """Words to look for."""
        for word in words:
            self._forms.update(forms_of(word, how))

    def wake(self, words: Iterable[Word], how: How, number: int) -> None:
        """Words to look for, and posts that have one of them are to be judged by rule ``number``."""
        wakes = self._wakes
        for word in words:
            for form in forms_of(word, how):
                known = wakes.setdefault(form, number)
                if isinstance(known, int):
                    if known != number:
                        wakes[form] = (known, number)
                elif number not in known:
                    wakes[form] = (*known, number)

    def close(self) -> None:
        """Make the index, once all words are there."""
        self.index = WordIndex(form for form in chain(self._wakes, self._forms) if not is_sound(form[:1]))
        sounds = {form for form in chain(self._wakes, self._forms) if is_sound(form[:1])}
        self.sounds = WordIndex(sounds) if sounds else None
        self._forms = set()

    def woken(self, forms: Iterable[str]) -> set[int]:
        """The numbers of the rules that want one of the forms."""
        numbers: set[int] = set()
        for form in forms:
            known = self._wakes.get(form, ())
            numbers.update((known,) if isinstance(known, int) else known)
        return numbers


def forms_of(word: Word, how: How) -> list[str]:
    """All texts that a word is looked for as: its normal form first, signs of syllables among them."""
    form, on = plain_form(word.term), how.on_for(word)
    if not form:
        return []
    if on is _USUAL and form.isalnum() and not form.isascii():
        return [form]
    spelt = (spelling for spelling, _ in spellings(form, on))
    return [form, *spelt, *(homophones(form) if "homophone" in on else ())]


def plain_form(term: str) -> str:
    """A term in its normal form, without blanks around it."""
    return normalise(term).text.strip()


@lru_cache(_KEPT)
def spellings_of(term: str, on: frozenset[str]) -> tuple[tuple[str, str], ...]:
    """What else a term is looked for as, each with its variant."""
    return tuple(spellings(plain_form(term), on))


@lru_cache(_KEPT)
def homophones_of(form: str) -> tuple[str, ...]:
    """A word as the signs of its syllables, in each way to read it."""
    return tuple(homophones(form))
