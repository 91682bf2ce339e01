"""Which topics a post belongs to, and why: the words of all topics in one index, each post read once (R1)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ..domain import Match, Post, Topic
from .normalise import how_written, normalise
from .words import WordIndex

_FIELDS = ("title", "text")


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Whether a post belongs to a topic, in words; ``matches`` is the evidence, empty if it does not."""

    topic: str
    matched: bool
    why: str
    matches: tuple[Match, ...] = ()


class Matcher:
    """All topics, compiled. A topic wants one of its ``any`` if it has any, all of its ``all``, none of its ``none``.

    Its words may be spread over title and text; one word may not. A topic with neither ``any`` nor ``all`` asks
    for nothing and never matches. ``topics`` is the very object the matcher was made of.

    >>> from datetime import UTC, datetime
    >>> at = datetime(2025, 3, 1, tzinfo=UTC)
    >>> post = Post(url="https://bbs.example/1", source="bbs", title="酸奶变质", text="青禾乳业回应", fetched_at=at)
    >>> matcher = Matcher((Topic(id="food", any=("变质", "异物"), all=("青禾",), none=("招聘",)),))
    >>> [(match.span, match.field, match.start) for match in matcher.find(post)]
    [('变质', 'title', 2), ('青禾', 'text', 0)]
    >>> matcher.explain(post)[0].why
    'any: 变质 in title; all: 青禾 in text'
    """

    def __init__(self, topics: tuple[Topic, ...]) -> None:
        self.topics = topics
        self._wanted = [_Wanted(topic.id, *map(_by_word, (topic.any, topic.all, topic.none))) for topic in topics]
        self._index = WordIndex(word for wanted in self._wanted for word in (*wanted.any, *wanted.all, *wanted.none))
        self._askers: dict[str, list[int]] = {}
        for number, wanted in enumerate(self._wanted):
            for word in wanted.any or list(wanted.all)[:1]:
                self._askers.setdefault(word, []).append(number)

    def find(self, post: Post) -> tuple[Match, ...]:
        """The evidence: for each topic the post belongs to, the first place of each of its words that occurs."""
        reading = _Reading(post, self._index)
        numbers = {number for word in reading.places for number in self._askers.get(word, ())}
        verdicts = (_judge(self._wanted[number], reading) for number in sorted(numbers))
        return tuple(match for verdict in verdicts for match in verdict.matches)

    def explain(self, post: Post) -> list[Verdict]:
        """For each topic whether the post belongs to it, and the clauses that decided it."""
        reading = _Reading(post, self._index)
        return [_judge(wanted, reading) for wanted in self._wanted]


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What a topic asks for: words in their normal form, each with the term as the topic writes it."""

    topic: str
    any: Mapping[str, str]
    all: Mapping[str, str]
    none: Mapping[str, str]


def _by_word(terms: Iterable[str]) -> dict[str, str]:
    words: dict[str, str] = {}
    for term in terms:
        words.setdefault(normalise(term).text.strip(), term)
    words.pop("", None)
    return words


class _Reading:
    """A post, and where each word of the index stands in it first: which field, and where in its normal form."""

    def __init__(self, post: Post, index: WordIndex) -> None:
        self._originals = (post.title, post.text)
        self._normals = tuple(map(normalise, self._originals))
        self.places: dict[str, tuple[int, int]] = {}
        for field, normal in enumerate(self._normals):
            for word, start in index.find(normal.text).items():
                self.places.setdefault(word, (field, start))

    def found(self, words: Mapping[str, str]) -> list[str]:
        """Those of the words that occur, the title's first."""
        return sorted(self.places.keys() & words.keys(), key=self.places.__getitem__)

    def tell(self, clause: str, words: Iterable[str], terms: Mapping[str, str]) -> str:
        """A clause and where its words were found."""
        return f"{clause}: " + ", ".join(f"{terms[word]} in {_FIELDS[self.places[word][0]]}" for word in words)

    def match(self, topic: str, word: str, term: str, why: str) -> Match:
        """The evidence for one word, as it stands in the original."""
        field, at = self.places[word]
        start, end = self._normals[field].original_span(at, at + len(word))
        span = self._originals[field][start:end]
        return Match(
            topic=topic, span=span, term=term, field=_FIELDS[field], start=start, end=end,
            variant=how_written(span, term), why=why,
        )  # fmt: skip


def _judge(wanted: _Wanted, reading: _Reading) -> Verdict:
    objections = _objections(wanted, reading)
    if objections:
        return Verdict(topic=wanted.topic, matched=False, why="; ".join(objections))
    clauses = (("any", reading.found(wanted.any)[:1], wanted.any), ("all", reading.found(wanted.all), wanted.all))
    why = "; ".join(reading.tell(clause, words, terms) for clause, words, terms in clauses if words)
    terms = {**wanted.all, **wanted.any}
    matches = tuple(reading.match(wanted.topic, word, terms[word], why) for word in reading.found(terms))
    return Verdict(topic=wanted.topic, matched=True, why=why, matches=matches)


def _objections(wanted: _Wanted, reading: _Reading) -> list[str]:
    """Every clause that is not met, in words."""
    if not wanted.any and not wanted.all:
        return ["asks for nothing: it has no words under any or all"]
    objections = []
    if wanted.any and not reading.found(wanted.any):
        objections.append(f"any: none of its {len(wanted.any)} words found")
    if missing := [term for word, term in wanted.all.items() if word not in reading.places]:
        objections.append(f"all: {', '.join(missing)} not found")
    if unwanted := reading.found(wanted.none):
        objections.append(reading.tell("none", unwanted[:1], wanted.none))
    return objections
