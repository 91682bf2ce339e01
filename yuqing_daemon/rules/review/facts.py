"""What a review is told from, and what it comes to."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ...domain import Heat, Level, Regime, Topic


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """A post of an event that others found, or that we found too late; ``words`` set it apart, most telling first.

    ``lacks`` are the words its topic demands that do not stand in it. ``is_found``: a topic's words do find it, so
    what was missing is not a word. ``home`` is the front page of its site if no source watches that, else empty.
    """

    event: int
    topic: str
    url: str
    words: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    is_found: bool = False
    site: str = ""
    home: str = ""
    entries: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """How a person judged an event, and the terms that had found it."""

    event: int
    topic: str
    terms: tuple[str, ...]
    is_dismissed: bool
    entry: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """A person gave an event another level than the rule did at that moment."""

    event: int
    topic: str
    graded: Level
    level: Level
    heat: Heat
    entry: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Quiet:
    """A source that brought no post in the period; ``error`` is what its last visit said, if it failed."""

    source: str
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicWords:
    """The words of a topic, whether they stand in its lists or in its query.

    ``asked`` are those of which it wants one or another, as written; ``known`` all of them, in small letters.
    """

    asked: tuple[str, ...]
    known: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewFacts:
    """All that a review is told from; ``words`` by topic."""

    topics: tuple[Topic, ...]
    words: Mapping[str, TopicWords]
    regime: Regime
    missed: tuple[Missed, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    shifts: tuple[Shift, ...] = ()
    quiet: tuple[Quiet, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """One change to think about: ``about`` is keywords, thresholds or sources, ``file`` where ``toml`` belongs."""

    about: str
    key: str
    why: str
    file: str
    toml: str
    events: tuple[int, ...] = ()
    entries: tuple[int, ...] = ()
    figures: Mapping[str, Any] = field(default_factory=dict)


def quoted(text: str) -> str:
    """As TOML writes a text."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def listed(words: Sequence[str]) -> str:
    """As TOML writes a list of texts."""
    return f"[{', '.join(map(quoted, words))}]"


def events(things: Iterable[Missed | Verdict]) -> tuple[int, ...]:
    """The events of some things."""
    return tuple(sorted({thing.event for thing in things}))


def entries(missed: Iterable[Missed], more: Iterable[int] = ()) -> tuple[int, ...]:
    """The numbers of the audit entries that some misses, and more, rest on."""
    return tuple(sorted({*more, *(number for post in missed for number in post.entries)}))
