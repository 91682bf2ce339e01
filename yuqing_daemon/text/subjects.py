"""Sensitive subjects (R6): broad lists of words, because a miss is the costly error; a person confirms.

A subject is found by a word that stands for it alone, or by a thing and a trouble in the same words. Things without
trouble are everyday life. What must not count is said with the word it would be mistaken for.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.resources import files

from .features import plain
from .words import WordIndex

HEAD = 60  # characters of a text without title that are read in its place


@dataclass(frozen=True, slots=True)
class Finding:
    """A subject and the words it was found by."""

    subject: str
    why: tuple[str, ...]


class Subject:
    """The words of one subject, as texts with blanks between them."""

    def __init__(self, *, alone: str, things: str = "", troubles: str = "", never: str = "") -> None:
        self.alone = frozenset(alone.split())
        self.things = frozenset(things.split())
        self.troubles = frozenset(troubles.split())
        self.never = tuple(never.split())

    def found_by(self, words: Iterable[str]) -> tuple[str, ...]:
        """Which of the words it is found by; nothing if it is not."""
        if alone := tuple(word for word in words if word in self.alone):
            return alone[:3]
        things = tuple(word for word in words if word in self.things)
        troubles = tuple(word for word in words if word in self.troubles)
        return (things[0], *troubles[:2]) if things and troubles else ()


def _read() -> dict[str, Subject]:
    with (files(__package__) / "cues" / "subjects.toml").open("rb") as file:
        return {id: Subject(**words) for id, words in tomllib.load(file).items()}


SUBJECTS = _read()


def find_subjects(title: str, text: str = "") -> tuple[Finding, ...]:
    """The sensitive subjects of a title, or of the beginning of a text that has none.

    >>> find_subjects("某地食堂吃出老鼠头")
    (Finding(subject='food', why=('吃出',)),)
    >>> find_subjects("韩娱地震"), find_subjects("食堂上新了三道菜")
    ((), ())
    """
    return tuple(_found(plain(title) or plain(text)[:HEAD]))


_INDEX = WordIndex(word for subject in SUBJECTS.values() for word in subject.alone | subject.things | subject.troubles)
_MISTAKEN = {id: re.compile("|".join(subject.never)) for id, subject in SUBJECTS.items() if subject.never}


def _found(title: str) -> Iterator[Finding]:
    words = _INDEX.find(title)
    for id, subject in SUBJECTS.items():
        why = subject.found_by(words)
        if why and id in _MISTAKEN and (kept := _MISTAKEN[id].sub(" ", title)) != title:
            why = subject.found_by(_INDEX.find(kept))
        if why:
            yield Finding(id, why)
