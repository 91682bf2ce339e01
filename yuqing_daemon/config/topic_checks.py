"""What is wrong with a topic beyond the form of its table, and what could be better."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

from ..domain import Post, Topic
from ..errors import Problem
from ..text.dictionary import frequency
from ..text.lexicon import plain_form
from ..text.matcher import Matcher, finds_everything, rule_of
from ..text.query import Node, Or, Word, Words, leaves
from ..text.query_error import QueryError
from ..text.query_reader import parse_query, parse_term
from ..text.variants import HOMOPHONE_CHARACTERS, is_han
from .documents import Document
from .places import Path
from .topics_file import TopicsFile, topics

COMMON = 150  # times in some sixty million words from which on a word is an ordinary one
_SHOWN = 30
_AT = datetime(1970, 1, 1, tzinfo=UTC)
_SHORT = f"at least {HOMOPHONE_CHARACTERS} Chinese characters: shorter words sound like too many others"


def wrong(document: Document, file: TopicsFile) -> Iterator[Problem]:
    """Queries that cannot be read, words that cannot be looked for so, and examples that are not met."""
    for topic in topics(file):
        path: Path = ("topics", topic.id)
        problems = [*_unreadable(document, path, topic)]
        if not problems and (topic.query or topic.any or topic.all):
            problems = [*_unfit(document, path, topic), *_unmet(document, path, topic)]
        yield from problems


def _unreadable(document: Document, path: Path, topic: Topic) -> Iterator[Problem]:
    lists = dict(topic.lists)
    for key in ("any", "all", "none", "context"):
        for number, entry in enumerate(getattr(topic, key)):
            try:
                parse_term(entry, lists)
            except QueryError as error:
                yield _marked(document, (*path, key, number), error)
    if topic.query:
        try:
            parse_query(topic.query, lists)
        except QueryError as error:
            yield _marked(document, (*path, "query"), error)


def _marked(document: Document, path: Path, error: QueryError) -> Problem:
    """The error with the place under the line of the query it is in."""
    problem = document.problem(path, error.wanted, found="")
    line = problem.line
    if line and path[-1] == "query":
        opens = document.text.splitlines()[line - 1].rstrip().endswith(('"""', "'''"))
        line += error.query.count("\n", 0, error.at) + (opens and "\n" in error.query)
    return replace(problem, line=line, wanted=str(error), fix=error.fix)


def _unfit(document: Document, path: Path, topic: Topic) -> Iterator[Problem]:
    node = rule_of(topic)
    words = [*leaves(node)] if node is not None else []
    short = [word for word in words if not _is_long(word)]
    for word in short:
        if "homophone" in word.variants:
            yield document.problem(
                (*path, _key_of(topic, word)), f"homophone: with {_SHORT}", f'"{word.term}"', found=""
            )
    if "homophone" in topic.variants and len(short) == len(words):
        at = topic.variants.index("homophone")
        yield document.problem((*path, "variants", at), f"homophone with a word of {_SHORT}", "leave it out")
    if topic.query and finds_everything(topic):
        wanted = "a word that must be there: as it is, it would find every post that lacks what is excluded"
        yield document.problem((*path, "query"), wanted, f'query = "青禾 AND ({topic.query[:_SHOWN]})"')


def _is_long(word: Word) -> bool:
    form = plain_form(word.term)
    return len(form) >= HOMOPHONE_CHARACTERS and is_han(form)


def _key_of(topic: Topic, word: Word) -> str:
    keys = ("any", "all", "none")
    return next((key for key in keys if any(entry.endswith(word.term) for entry in getattr(topic, key))), "query")


def _unmet(document: Document, path: Path, topic: Topic) -> Iterator[Problem]:
    """Examples for which the topic does not do what they want, with the reason."""
    matcher = Matcher((topic,)) if topic.must_match or topic.must_not_match else None
    for key, is_wanted in (("must_match", True), ("must_not_match", False)):
        for number, example in enumerate(getattr(topic, key)):
            assert matcher is not None
            (verdict,) = matcher.explain(Post(url="", source="", title="", text=example, fetched_at=_AT))
            if verdict.matched != is_wanted:
                wanted = "a text that belongs to the topic" if is_wanted else "a text that does not belong to the topic"
                fix = "change the topic, or the example"
                yield document.problem((*path, key, number), f"{wanted}; but {shortened(verdict.why)}", fix)


def shortened(why: str, most: int = 200) -> str:
    """A reason as people are shown it: of a long list only the beginning.

    >>> shortened("NOT (变质 OR 异物)", 8)
    'NOT (变质 …'
    """
    return why if len(why) <= most else f"{why[:most].rstrip()} …"


def advice(topic: Topic) -> Iterator[str]:
    """What could be better about a topic that works: names that are ordinary words as well.

    Loads the dictionary if the topic has words that could be in it.
    """
    node = None if topic.context else rule_of(topic)
    ordinary = [word for word in _alone(node) if frequency(plain_form(word.term)) >= COMMON] if node is not None else []
    if ordinary:
        some = ", ".join(dict.fromkeys(word.term for word in ordinary[:5]))
        more = f" and {len(ordinary) - 5} more" if len(ordinary) > 5 else ""
        verb = "is an ordinary word" if len(ordinary) == 1 else "are ordinary words"
        yield (
            f'topic {topic.id}: {some}{more} {verb} and found alone; if a name is meant, say context = ["list:company"]'
        )


def _alone(node: Node) -> list[Word]:
    """Words that are enough by themselves: the whole query, or one way to meet it."""
    if isinstance(node, Word):
        return [] if node.guards or node.field or not is_han(plain_form(node.term)) else [node]
    if isinstance(node, Or):
        return [word for part in node.parts for word in _alone(part)]
    return [word for term in node.terms for word in _alone(term)] if isinstance(node, Words) else []
