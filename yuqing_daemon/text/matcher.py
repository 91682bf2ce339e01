"""Which topics a post belongs to, and why: the words of all topics in one index, each post read once (R1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from ..domain import Match, Post, Topic
from .evaluate import Answer, Inquiry
from .lexicon import How, Lexicon, forms_of, plain_form
from .query import FIELDS, And, Count, Near, Node, Not, Or, Sentence, Word, Words, all_of, in_context, leaves, parts_of
from .query_reader import parse_query, parse_term
from .reading import Hit, Reading
from .variants import switched

_LONG = 8  # words of a list from which on it pays to look up those that were found
_IN_TEXT = ("", *FIELDS[:2])
_NOWHERE = Post(url="", source="", title="", fetched_at=datetime(1970, 1, 1, tzinfo=UTC))


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Whether a post belongs to a topic. ``why`` is a query that holds of the post: for a hit the branch of the rule
    that was met, for a miss what stands against it. ``matches`` is the evidence, empty for a miss.
    """

    topic: str
    matched: bool
    why: str
    matches: tuple[Match, ...] = ()


class Matcher:
    """All topics, compiled. A topic wants what its ``query`` says, one of its ``any``, all of its ``all`` and none of
    its ``none``. One that asks for nothing never matches. ``topics`` is the very object the matcher was made of.

    Raises:
        QueryError: a query cannot be read; the configuration has refused such a topic before.

    >>> from datetime import UTC, datetime
    >>> at = datetime(2025, 3, 1, tzinfo=UTC)
    >>> post = Post(url="https://bbs.example/1", source="bbs", title="酸奶變质", text="青-禾乳业回应", fetched_at=at)
    >>> matcher = Matcher((Topic(id="food", query="青禾 AND (变质 OR 异物) NOT 招聘"),))
    >>> [(match.span, match.field, match.start, match.variant) for match in matcher.find(post)]
    [('變质', 'title', 2, 'traditional'), ('青-禾', 'text', 0, 'separators')]
    >>> matcher.explain(post)[0].why
    'text:青禾 AND title:变质'
    """

    def __init__(self, topics: tuple[Topic, ...]) -> None:
        self.topics = topics
        self._lexicon = Lexicon()
        self._always: list[int] = []  # rules that no word wakes
        self._rules = [_Rule(topic) for topic in topics]
        for number, rule in enumerate(self._rules):
            if rule.node is not None:
                needed = _needed(rule.node)
                if needed is None:
                    self._always.append(number)
                woken = set(map(id, needed or ()))
                self._lexicon.wake(needed or (), rule.how, number)
                self._lexicon.add((word for word in leaves(rule.node) if id(word) not in woken), rule.how)
                self._lexicon.add(rule.how.context, How(rule.how.on))
        self._lexicon.close()

    def find(self, post: Post) -> tuple[Match, ...]:
        """The evidence: for each topic the post belongs to, the words that decided it and where they stand."""
        reading = Reading(post, self._lexicon)
        numbers = self._lexicon.woken(reading.strings()).union(self._always)
        return tuple(match for number in sorted(numbers) for match in self._rules[number].find(reading))

    def explain(self, post: Post) -> list[Verdict]:
        """For each topic whether the post belongs to it, and the branch of the rule that decided it."""
        reading = Reading(post, self._lexicon)
        return [rule.judge(reading) for rule in self._rules]


class _Rule:
    """One topic, read: what it asks for as one query, and how it looks for its words."""

    def __init__(self, topic: Topic) -> None:
        self.topic = topic.id
        lists = dict(topic.lists)
        context = (parse_term(entry, lists) for entry in topic.context if plain_form(entry))
        self.how = How(switched(topic.variants), tuple(word for node in context for word in leaves(node)))
        self.node = rule_of(topic)
        self._plain = How(self.how.on)
        self._members: dict[int, Mapping[str, tuple[Word, ...]]] = {}
        if self.node is not None:
            self._gather(self.node)

    def _gather(self, node: Node) -> None:
        if isinstance(node, Words) and len(node.terms) >= _LONG and all(word.field in _IN_TEXT for word in node.terms):
            members: dict[str, tuple[Word, ...]] = {}
            for word in node.terms:
                for form in forms_of(word, self.how):
                    members[form] = (*members[form], word) if form in members else (word,)
            self._members[id(node)] = members
        elif not isinstance(node, Words):
            for part in parts_of(node):
                self._gather(part)

    def find(self, reading: Reading) -> tuple[Match, ...]:
        """The evidence; why a post does not belong is not told, which for long lists takes longer than finding out."""
        answer = self._ask(reading)
        return self._evidence(answer, reading, str(answer.why)) if answer and answer.held else ()

    def judge(self, reading: Reading) -> Verdict:
        answer = self._ask(reading)
        if answer is None:
            return Verdict(topic=self.topic, matched=False, why="")
        why = str(answer.why)
        matches = self._evidence(answer, reading, why) if answer.held else ()
        return Verdict(topic=self.topic, matched=answer.held, why=why, matches=matches)

    def _ask(self, reading: Reading) -> Answer | None:
        return None if self.node is None else Inquiry(reading, self.how, self._members).ask(self.node)

    def _evidence(self, answer: Answer, reading: Reading, why: str) -> tuple[Match, ...]:
        hits: dict[tuple[bool, str, int, int], Hit] = {}
        for hit in answer.hits:
            hits.setdefault((hit.field not in _IN_TEXT, hit.field, hit.start, hit.end), hit)
        matches = []
        for hit in sorted(hits.values(), key=lambda hit: (hit.field not in _IN_TEXT, hit.start, hit.end)):
            start, end = reading.place(hit)
            span = reading.value(hit.field)[start:end]
            matches.append(
                Match(topic=self.topic, span=span, term=hit.term, field=hit.field, start=start, end=end,
                      variant=hit.variant, why=why)
            )  # fmt: skip
        return tuple(matches)


def rule_of(topic: Topic) -> Node | None:
    """What a topic asks for, as one query; ``None`` if it asks for nothing.

    Raises:
        QueryError: its query cannot be read.

    >>> str(rule_of(Topic(id="food", any=("变质", "异物"), all=("青禾",), none=("招聘",))))
    '(变质 OR 异物) AND 青禾 AND NOT 招聘'
    """
    lists = dict(topic.lists)
    any, all, none = (
        [parse_term(entry, lists) for entry in entries if entry.isalnum() or plain_form(entry)]
        for entries in (topic.any, topic.all, topic.none)
    )
    wanted = [*([_one_of(any)] if any else []), *all, *([parse_query(topic.query, lists)] if topic.query else [])]
    if topic.context:
        wanted = [in_context(node) for node in wanted]
    return all_of([*wanted, *([Not(_one_of(none))] if none else [])]) if wanted else None


def _one_of(nodes: list[Node]) -> Node:
    if len(nodes) == 1:
        return nodes[0]
    words = tuple(node for node in nodes if isinstance(node, Word))
    return Words(words) if len(words) == len(nodes) else Or(tuple(nodes))


def finds_everything(topic: Topic) -> bool:
    """Whether a topic would match a post in which there is nothing at all, and so nearly every post."""
    return Matcher((topic,)).explain(_NOWHERE)[0].matched


def _needed(node: Node) -> tuple[Word, ...] | None:
    """Words of which one must be found if the query holds, as few as can be; ``None`` if there are none such."""
    if isinstance(node, Word):
        return (node,) if node.field in _IN_TEXT else None
    if isinstance(node, And | Near | Sentence):
        choices = [needed for part in parts_of(node) if (needed := _needed(part)) is not None]
        return min(choices, key=len, default=None)
    if isinstance(node, Or | Words):
        together: list[Word] = []
        for part in parts_of(node):
            needed = _needed(part)
            if needed is None:
                return None
            together += needed
        return tuple(together)
    return _needed(node.part) if isinstance(node, Count) else None
