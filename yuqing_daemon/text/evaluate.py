"""Asks a query of a post, and says why it holds or not, in the same language.

The reason is itself a query that holds of the post: for a hit the branch of the rule that was met, for a miss what
stands against it. Exclusions that were not met are left out.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from . import regex
from .lexicon import How
from .query import And, Count, Near, Node, Not, Or, Regex, Sentence, Word, Words, all_of
from .reading import Hit, Reading

REGEX = "regex"


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether a query holds of a post; ``why`` holds of it too; ``hits`` are the words that decided."""

    held: bool
    why: Node
    hits: tuple[Hit, ...] = ()


@dataclass(frozen=True)
class Inquiry:
    """One post, asked in one topic's way. ``members`` finds the words of a long list by what was found of them."""

    reading: Reading
    how: How
    members: Mapping[int, Mapping[str, tuple[Word, ...]]]

    def ask(self, node: Node) -> Answer:
        """Whether the query holds, and why or why not."""
        if isinstance(node, And):
            return self._all(node)
        if isinstance(node, Or):
            return self._any(node)
        if isinstance(node, Not):
            answer = self.ask(node.part)
            return Answer(not answer.held, answer.why)
        if isinstance(node, Near):
            return self._near(node)
        if isinstance(node, Sentence):
            return self._sentence(node)
        if isinstance(node, Count):
            found = self._spread(node.part)
            is_enough = len({(hit.start, hit.end) for _, hit in found}) >= node.least
            return Answer(True, node, tuple(hit for _, hit in found)) if is_enough else Answer(False, Not(node))
        return self._regex(node) if isinstance(node, Regex) else self._words(node)

    def _all(self, node: And) -> Answer:
        answers = [self.ask(part) for part in node.parts]
        if all(answer.held for answer in answers):
            shown = [answer for answer, part in zip(answers, node.parts, strict=True) if not isinstance(part, Not)]
            why = all_of(answer.why for answer in shown or answers)
            return Answer(True, why, tuple(hit for answer in answers for hit in answer.hits))
        return Answer(False, all_of(answer.why for answer in answers if not answer.held))

    def _any(self, node: Or) -> Answer:
        answers = [self.ask(part) for part in node.parts]
        held = [answer for answer in answers if answer.held]
        if held:
            return Answer(True, held[0].why, tuple(hit for answer in held for hit in answer.hits))
        return Answer(False, all_of(answer.why for answer in answers))

    def _words(self, node: Word | Words) -> Answer:
        found = self._firsts(node)
        if not found:
            return Answer(False, Not(node))
        word, hit = min(found, key=lambda pair: pair[1].start)
        return Answer(True, replace(word, field=hit.field), tuple(hit for _, hit in found))

    def _regex(self, node: Regex) -> Answer:
        if node.field in ("source", "site", "tags"):
            text, begin = self.reading.value(node.field), 0
        else:
            begin, end = self.reading.bounds(node.field)
            text = self.reading.text[begin:end]
        found = regex.places(node.pattern, text)
        if not found:
            return Answer(False, Not(node))
        start, end = (place + begin for place in found[0])
        field = node.field or self.reading.field_at(start)
        return Answer(True, node, (Hit(str(Regex(node.pattern)), field, start, end, REGEX),))

    # -- words that stand together --------------------------------------------------------------

    def _near(self, node: Near) -> Answer:
        lefts, rights = self._spread(node.left), self._spread(node.right)
        for first, second in ((lefts, rights),) if node.is_ordered else ((lefts, rights), (rights, lefts)):
            starts = [hit.start for _, hit in second]
            for word, hit in first:
                for at in range(bisect_left(starts, hit.end), len(second)):
                    other, after = second[at]
                    if after.start - hit.end > node.within:
                        break
                    if self.reading.gap(hit, after) <= node.within:
                        pair = (word, other) if first is lefts else (other, word)
                        return Answer(True, replace(node, left=pair[0], right=pair[1]), (hit, after))
        return Answer(False, Not(node))

    def _sentence(self, node: Sentence) -> Answer:
        spreads = [self._spread(part) for part in node.parts]
        of_each = [{self.reading.sentence(hit) for _, hit in spread} for spread in spreads]
        shared = set.intersection(*of_each)
        if not shared:
            return Answer(False, Not(node))
        number = min(shared)
        firsts = [next(pair for pair in spread if self.reading.sentence(pair[1]) == number) for spread in spreads]
        return Answer(True, Sentence(tuple(word for word, _ in firsts)), tuple(hit for _, hit in firsts))

    def _spread(self, node: Node) -> list[tuple[Word, Hit]]:
        """All occurrences of words in title and text, in their order."""
        if isinstance(node, Or):
            found = [pair for part in node.parts for pair in self._spread(part)]
        else:
            found = [(word, hit) for word in self._present(node) for hit in self.reading.hits(word, self.how)]
        return sorted((pair for pair in found if pair[1].field in ("title", "text")), key=lambda pair: pair[1].start)

    def _firsts(self, node: Word | Words) -> list[tuple[Word, Hit]]:
        """The words that occur, each where it stands first."""
        hits = ((word, self.reading.hits(word, self.how)) for word in self._present(node))
        return [(word, found[0]) for word, found in hits if found]

    def _present(self, node: Node) -> Iterable[Word]:
        """The words of a leaf that may occur: of a long list only those of which some form was found."""
        if isinstance(node, Word):
            return (node,)
        assert isinstance(node, Words)
        members = self.members.get(id(node))
        if members is None:
            return node.terms
        found = (word for form in self.reading.strings() for word in members.get(form, ()))
        return tuple(dict.fromkeys(found))
