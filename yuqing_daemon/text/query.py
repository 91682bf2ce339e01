"""What a topic asks for, as a tree; printed, each node is a query that reads back as itself.

``parse_query`` in ``query_reader`` makes the tree, ``evaluate`` asks it of a post.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, replace

FIELDS = ("title", "text", "source", "site", "tags")
OPERATORS = {"and": "AND", "且": "AND", "与": "AND", "or": "OR", "或": "OR", "not": "NOT", "非": "NOT", "不含": "NOT"}
CONTEXT = "context"
BARE = re.compile(r"[^\s()（）,，\"“”:：]+")


@dataclass(frozen=True, slots=True)
class Word:
    """A word or phrase. ``guards``: ``word`` (whole words only), ``case``, ``exact``, ``context`` (the topic's is asked
    of it); ``variants`` adds to the topic's, or takes away behind ``-``; ``field`` is empty for title and text.
    """

    term: str
    field: str = ""
    guards: tuple[str, ...] = ()
    variants: tuple[str, ...] = ()

    def __str__(self) -> str:
        marks = (*self.guards, *(f"no-{name[1:]}" if name.startswith("-") else name for name in self.variants))
        prefixes = "".join(f"{mark.replace(' ', '-')}:" for mark in (*((self.field,) if self.field else ()), *marks))
        return prefixes + (self.term if _is_bare(self.term) else quoted(self.term))


@dataclass(frozen=True, slots=True)
class Regex:
    """A regular expression, searched in the normal form of one field, or of title and text as one."""

    pattern: str
    field: str = ""

    def __str__(self) -> str:
        said = f"RE(/{self.pattern.replace('/', chr(92) + '/')}/)"
        return f"{self.field.upper()}({said})" if self.field else said


@dataclass(frozen=True, slots=True)
class Words:
    """Any of many words: a list with a name that topics share, or the topic's ``any``, of which ``name`` is empty.

    ``field`` and ``guards`` are those of every word of it.
    """

    terms: tuple[Word, ...]
    name: str = ""
    field: str = ""
    guards: tuple[str, ...] = ()

    def __str__(self) -> str:
        if self.name:
            marks = (*((self.field,) if self.field else ()), *self.guards)
            return "".join(f"{mark}:" for mark in marks) + f"list:{self.name}"
        return str(Or(self.terms)) if len(self.terms) != 1 else str(self.terms[0])


@dataclass(frozen=True, slots=True)
class And:
    """All of the parts."""

    parts: tuple[Node, ...]

    def __str__(self) -> str:
        return " AND ".join(map(_inside, self.parts))


@dataclass(frozen=True, slots=True)
class Or:
    """Any of the parts."""

    parts: tuple[Node, ...]

    def __str__(self) -> str:
        return " OR ".join(map(_inside, self.parts))


@dataclass(frozen=True, slots=True)
class Not:
    """Not that."""

    part: Node

    def __str__(self) -> str:
        return f"NOT {_inside(self.part)}"


@dataclass(frozen=True, slots=True)
class Near:
    """Two words with at most ``within`` characters between them; in this order if ``is_ordered``."""

    left: Node
    right: Node
    within: int
    is_ordered: bool = False

    def __str__(self) -> str:
        return f"{'ORDER' if self.is_ordered else 'NEAR'}/{self.within}({self.left}, {self.right})"


@dataclass(frozen=True, slots=True)
class Sentence:
    """One of each in the same sentence."""

    parts: tuple[Node, ...]

    def __str__(self) -> str:
        return f"SENT({', '.join(map(str, self.parts))})"


@dataclass(frozen=True, slots=True)
class Count:
    """At least ``least`` occurrences, overlapping ones counted."""

    part: Node
    least: int

    def __str__(self) -> str:
        return f"COUNT({self.part})>={self.least}"


Node = Word | Words | Regex | And | Or | Not | Near | Sentence | Count


def leaves(node: Node, *, negated: bool | None = None) -> Iterator[Word]:
    """The words of a query; those it asks for or those it excludes only, if ``negated`` says which."""
    for word, is_negated in _leaves(node, False):
        if negated is None or negated == is_negated:
            yield word


def _leaves(node: Node, is_negated: bool) -> Iterator[tuple[Word, bool]]:
    if isinstance(node, Word):
        yield node, is_negated
    else:
        inside = is_negated != isinstance(node, Not)
        for part in parts_of(node):
            yield from _leaves(part, inside)


def parts_of(node: Node) -> tuple[Node, ...]:
    """The nodes right below a node.

    >>> [str(part) for part in parts_of(Near(Word("青禾"), Word("变质"), 5))]
    ['青禾', '变质']
    """
    if isinstance(node, And | Or | Sentence):
        return node.parts
    if isinstance(node, Words):
        return node.terms
    if isinstance(node, Not | Count):
        return (node.part,)
    return (node.left, node.right) if isinstance(node, Near) else ()


def within_field(node: Node, field: str) -> Node:
    """The same asked of one field only; a field that was named before stays.

    >>> str(within_field(And((Word("青禾"), Not(Word("招聘", field="text")))), "title"))
    'title:青禾 AND NOT text:招聘'
    """
    if isinstance(node, Word | Words | Regex):
        node = node if node.field else replace(node, field=field)
    if isinstance(node, Word | Regex):
        return node
    changed: dict[str, object] = {}
    for one in fields(node):
        value = getattr(node, one.name)
        if isinstance(value, tuple):
            changed[one.name] = tuple(within_field(part, field) for part in value)
        elif one.name in ("part", "left", "right"):
            changed[one.name] = within_field(value, field)
    return replace(node, **changed)  # type: ignore[arg-type]


def in_context(node: Node) -> Node:
    """A query in which the topic's context is asked of the words that come first, as names do, unless some are marked.

    >>> str(in_context(And((Word("荣耀"), Or((Word("变质"), Word("异物")))))))
    'context:荣耀 AND (变质 OR 异物)'
    """
    return node if any(CONTEXT in word.guards for word in leaves(node)) else _marked(node)


def _marked(node: Node) -> Node:
    if isinstance(node, Word):
        return replace(node, guards=tuple(dict.fromkeys((*node.guards, CONTEXT))))
    if isinstance(node, Words):
        terms = tuple(_marked(term) for term in node.terms)
        return replace(node, terms=terms, guards=(*node.guards, CONTEXT))  # type: ignore[arg-type]
    if isinstance(node, And):
        first = next((at for at, part in enumerate(node.parts) if not isinstance(part, Not)), None)
        return And(tuple(_marked(part) if at == first else part for at, part in enumerate(node.parts)))
    if isinstance(node, Or | Sentence):
        return replace(node, parts=tuple(map(_marked, node.parts)))
    if isinstance(node, Near):
        return replace(node, left=_marked(node.left), right=_marked(node.right))
    return replace(node, part=_marked(node.part)) if isinstance(node, Count) else node


def all_of(parts: Iterable[Node]) -> Node:
    """What asks for all of the parts; for one, the part itself."""
    distinct = tuple(dict.fromkeys(parts))
    return distinct[0] if len(distinct) == 1 else And(distinct)


def quoted(term: str) -> str:
    """A term in quotes, as a query writes it: quotes inside are doubled."""
    return '"' + term.replace('"', '""') + '"'


def _inside(part: Node) -> str:
    """A part as it stands among others: in brackets if it has several parts itself."""
    has_several = isinstance(part, And | Or) or (isinstance(part, Words) and not part.name and len(part.terms) > 1)
    return f"({part})" if has_several else str(part)


def _is_bare(term: str) -> bool:
    return BARE.fullmatch(term) is not None and term.lower() not in OPERATORS and not term.startswith((">=", "/"))
