"""``topics.toml``: what the organisation wants to hear of (R1)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from pydantic import AfterValidator, Field, ValidationInfo

from ..domain import Topic
from ..errors import Problem
from .checks import one_of
from .documents import Document
from .wanted import Id, Known, Table, Text, Wanted

FILE = "topics.toml"


def _known_subject(value: str, info: ValidationInfo) -> str:
    if not isinstance(info.context, Known) or info.context.subjects is None:
        return value
    return one_of(value, info.context.subjects, "one of the regime's subjects")


Word = Annotated[Text, Field(pattern=r"\S"), Wanted("a word that is not blank", '"食堂"')]
Words = Annotated[list[Word], Wanted("a list of words", '["食堂", "吃坏肚子"]')]


class TopicTable(Table):
    """One topic: found where any of the words, all of the words and none of the words hold."""

    name: Text | None = None
    """What people call it. Default: the id."""
    any: Words = Field(default_factory=list)
    """At least one of these words."""
    all: Words = Field(default_factory=list)
    """Every one of these words."""
    none: Words = Field(default_factory=list)
    """Not one of these words."""
    subject: Annotated[Text, AfterValidator(_known_subject)] | None = None
    """The regime's sensitive subject that everything under this topic concerns."""


class TopicsFile(Table):
    """topics.toml"""

    topics: Annotated[dict[Id, TopicTable], Wanted("a table for each topic", fix="[topics.canteen]")] = Field(
        default_factory=dict
    )
    """The topics, by id."""


def topics(file: TopicsFile) -> tuple[Topic, ...]:
    """The topics as the daemon uses them."""
    return tuple(
        Topic(
            id=id,
            name=table.name or id,
            any=tuple(table.any),
            all=tuple(table.all),
            none=tuple(table.none),
            subject=table.subject or "",
        )
        for id, table in file.topics.items()
    )


def wordless(document: Document) -> Iterator[Problem]:
    """Topics that nothing could ever belong to."""
    for path, table in document.tables("topics"):
        if not table.get("any") and not table.get("all"):
            yield document.problem((*path, "any"), "at least one word in any or all", 'any = ["食堂", "吃坏肚子"]')
