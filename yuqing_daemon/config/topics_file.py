"""``topics.toml``: what the organisation wants to hear of (R1)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from pydantic import AfterValidator, Field, ValidationInfo

from ..domain import Topic
from ..errors import Problem
from ..text.characters import company_words
from ..text.query import BARE
from ..text.variants import switched
from .checks import one_of
from .documents import Document
from .wanted import Id, Known, Lines, Table, Text, Wanted, refusal

FILE = "topics.toml"
COMPANY = "company"  # a list that is always there


def _known_subject(value: str, info: ValidationInfo) -> str:
    if not isinstance(info.context, Known) or info.context.subjects is None:
        return value
    return one_of(value, info.context.subjects, "one of the regime's subjects")


def _known_variant(value: str) -> str:
    try:
        switched([value])
    except ValueError as error:
        raise refusal(f"a variant: {error}", '"split"') from None
    return value


Word = Annotated[Text, Field(pattern=r"\S"), Wanted("a word that is not blank", '"食堂"')]
Words = Annotated[list[Word], Wanted("a list of words", '["食堂", "吃坏肚子"]')]
Query = Annotated[Lines, Wanted("a query", '"食堂 AND (吃坏 OR 异物) NOT 招聘"')]
Variants = Annotated[
    list[Annotated[Text, AfterValidator(_known_variant)]], Wanted("a list of variants", '["split", "-traditional"]')
]
Examples = Annotated[list[Lines], Wanted("a list of example texts", '["在食堂吃坏了肚子"]')]
ListName = Annotated[
    str,
    Field(max_length=64, pattern=rf"^{BARE.pattern}$"),
    Wanted("a name without blanks, brackets and colons", '"brand"'),
]
Lists = Annotated[dict[ListName, Words], Wanted("a table of lists of words", fix='brand = ["青禾", "QH乳业"]')]


class TopicTable(Table):
    """One topic: found where its query, any, all and none of its words hold, as far as they are given."""

    name: Text | None = None
    """What people call it. Default: the id."""
    query: Query | None = None
    """What it asks for, with AND, OR, NOT, brackets, NEAR/10(a, b), title:word and more: docs/topics.md."""
    any: Words = Field(default_factory=list)
    """At least one of these words."""
    all: Words = Field(default_factory=list)
    """Every one of these words."""
    none: Words = Field(default_factory=list)
    """Not one of these words."""
    variants: Variants = Field(default_factory=list)
    """Further ways of writing that are found: split, pinyin, homophone; behind - one that is not."""
    context: Words = Field(default_factory=list)
    """For names that are ordinary words: what a query names first must stand as a word, and near it one of these."""
    must_match: Examples = Field(default_factory=list)
    """Texts that belong to the topic: `yuqing check` says if one does not."""
    must_not_match: Examples = Field(default_factory=list)
    """Texts that do not belong to the topic: `yuqing check` says if one does."""
    subject: Annotated[Text, AfterValidator(_known_subject)] | None = None
    """The regime's sensitive subject that everything under this topic concerns."""


class TopicsFile(Table):
    """topics.toml"""

    lists: Annotated[dict[ListName, Words], Wanted("a table of lists of words", fix='brand = ["青禾", "QH乳业"]')] = (
        Field(default_factory=dict)
    )
    """Lists of words that topics share: list:brand in a query, or among any, all, none and context."""
    topics: Annotated[dict[Id, TopicTable], Wanted("a table for each topic", fix="[topics.canteen]")] = Field(
        default_factory=dict
    )
    """The topics, by id."""


def topics(file: TopicsFile) -> tuple[Topic, ...]:
    """The topics as the daemon uses them."""
    lists = ((COMPANY, company_words()), *((name, tuple(words)) for name, words in file.lists.items()))
    return tuple(
        Topic(
            id=id,
            name=table.name or id,
            any=tuple(table.any),
            all=tuple(table.all),
            none=tuple(table.none),
            subject=table.subject or "",
            query=table.query or "",
            variants=tuple(table.variants),
            context=tuple(table.context),
            lists=lists,
            must_match=tuple(table.must_match),
            must_not_match=tuple(table.must_not_match),
        )
        for id, table in file.topics.items()
    )


def wordless(document: Document) -> Iterator[Problem]:
    """Topics that nothing could ever belong to."""
    for path, table in document.tables("topics"):
        if not table.get("any") and not table.get("all") and not table.get("query"):
            wanted = "at least one word in any or all, or a query"
            yield document.problem((*path, "any"), wanted, 'any = ["食堂", "吃坏肚子"]')
