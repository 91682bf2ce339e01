"""The text side for pipelines and for judging it: JSON lines in, JSON lines out, one answer for every line."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from ..config import read_topics
from ..domain import Post
from ..text import opinion
from ..text.index import EventIndex, StoryIndex
from ..text.matcher import Matcher
from .jsonl import numbered, read_object
from .output import picked

EXAMPLE = '{"id": 1, "title": "...", "text": "..."}'
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)  # of a post of which no time is told
FOUND = ("topic", "term", "variant", "field", "start", "end")
Answer = Callable[[Mapping[str, Any]], Mapping[str, Any]]


@click.group
def text() -> None:
    """Judge texts in a pipeline: one JSON object a line in, one answer a line out, in the same order.

    A line that cannot be used is answered with {"id", "line", "error"}, and the next one is read.
    """


@text.command("match", short_help="Which topics each text belongs to, and why.")
@click.option(
    "--topics",
    "file",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help="The topics, a file like topics.toml.",
)
@click.argument("texts", type=click.File("rb"), default="-")
def match(file: Path, texts: Iterable[bytes]) -> None:
    """Which topics each text belongs to, and the evidence, its place counted in the text as it came in.

    TEXTS: a file of JSON lines {"id", "title", "text"}; without it, standard input. Answers are
    {"id", "matches": [{"topic", "term", "variant", "field", "start", "end"}]}.
    """
    matcher = Matcher(read_topics(file))

    def answer(record: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"matches": [picked(match, *FOUND) for match in matcher.find(read_post(record))]}

    print_answers(texts, answer)


@text.command("judge", short_help="Sentiment, kind and subjects of each text.")
@click.argument("texts", type=click.File("rb"), default="-")
def judge(texts: Iterable[bytes]) -> None:
    """What each text says, with the words that weighed, by the weights that are shipped.

    TEXTS: a file of JSON lines {"id", "title", "text"}; without it, standard input. Answers are {"id",
    "sentiment": {"label", "p", "why"}, "kind": {"label", "p", "why", "detail"}, "subjects": [{"subject", "why"}]};
    the sentiment's "p" is that of neg.
    """
    print_answers(texts, lambda record: judged(opinion.judge(said(record, "title"), said(record, "text"))))


def judged(found: opinion.Judged) -> Mapping[str, Any]:
    """Opinions on a text as JSON.

    >>> judged(opinion.judge("食堂吃出虫子"))["subjects"]
    [{'subject': 'food', 'why': ('吃出',)}]
    """
    return {
        "sentiment": picked(found.sentiment, "label", "why") | {"p": round(found.sentiment.p, 4)},
        "kind": picked(found.kind, "label", "why", "detail") | {"p": round(found.kind.p, 4)},
        "subjects": [picked(subject, "subject", "why") for subject in found.subjects],
    }


@text.command("stories", short_help="Which posts tell the same story: copies and excerpts.")
@click.argument("texts", type=click.File("rb"), default="-")
def stories(texts: Iterable[bytes]) -> None:
    """Which of the posts before it each post is a copy or an excerpt of, in the order in which they come.

    TEXTS: a file of JSON lines {"id", "source", "mainstream", "title", "text", "published_at"}; without it, standard
    input. Answers are {"id", "story", "relation": "new|copy|excerpt", "of", "share_larger", "share_smaller"}: a story
    is called after its first post; the shares are of the larger and of the smaller text, 0..1.
    """
    index = StoryIndex()

    def answer(record: Mapping[str, Any]) -> Mapping[str, Any]:
        told = index.place(_name(record), said(record, "source"), said(record, "title"), said(record, "text"))
        shares = {name: round(getattr(told.likeness, name), 4) for name in ("share_larger", "share_smaller")}
        return picked(told, "story", "relation", "of") | shares

    print_answers(texts, answer)


@text.command("events", short_help="Which posts tell of the same happening.")
@click.option("--topic", required=True, help="The topic they belong to: the events are called after it.")
@click.argument("texts", type=click.File("rb"), default="-")
def events(topic: str, texts: Iterable[bytes]) -> None:
    """Which event each post belongs to: copies and excerpts of one story, and the same happening in other words.

    TEXTS: a file of JSON lines {"id", "source", "mainstream", "title", "text", "published_at"}, all of one topic;
    without it, standard input. Answers are {"id", "event"}.
    """
    index = EventIndex()

    def answer(record: Mapping[str, Any]) -> Mapping[str, Any]:
        site, at = said(record, "source"), _instant(record, "published_at")
        return {"event": f"{topic}:{index.place(_name(record), site, said(record, 'title'), said(record, 'text'), at)}"}

    print_answers(texts, answer)


def _name(record: Mapping[str, Any]) -> str | int:
    """The id of a line, by which others refer to it."""
    name = record.get("id")
    if isinstance(name, str | int):
        return name
    raise ValueError(f"id: want a text or a number, found {json.dumps(name)[:60]}")


def _instant(record: Mapping[str, Any], name: str) -> datetime | None:
    """An instant of a line, in UTC unless it says otherwise; ``None`` if it has none."""
    written = said(record, name)
    try:
        at = datetime.fromisoformat(written) if written else None
    except ValueError as error:
        raise ValueError(f"{name}: want an instant such as 2026-03-02T04:00:00Z, found {written[:60]!r}") from error
    return at.replace(tzinfo=UTC) if at is not None and at.tzinfo is None else at


def print_answers(lines: Iterable[bytes], answer: Answer) -> None:
    """Print what ``answer`` makes of each line, under the line's own id; a ``ValueError`` of it is the line's error."""
    for said in answers(lines, answer):
        click.echo(json.dumps(said, ensure_ascii=False))


def answers(lines: Iterable[bytes], answer: Answer) -> Iterator[dict[str, Any]]:
    """One answer for each line; blank lines are none.

    >>> list(answers([b'{"id": 1, "text": "a"}', b'', b'\\xff'], lambda record: {"said": record["text"]}))
    [{'id': 1, 'said': 'a'}, {'id': None, 'line': 3, 'error': 'not UTF-8; save the file as UTF-8'}]
    """
    for number, raw in numbered(lines):
        name = None
        try:
            given = read_object(raw, such_as=EXAMPLE)
            name = given.get("id")
            said = answer(given)
        except ValueError as error:
            said = {"line": number, "error": str(error)}
        yield {"id": name, **said}


def read_post(record: Mapping[str, Any]) -> Post:
    """A post of a line's title and text, and of its source and site where it tells them."""
    source = said(record, "source")
    return Post(
        url=said(record, "url"),
        source=source,
        site=said(record, "site") or source,
        title=said(record, "title"),
        text=said(record, "text"),
        fetched_at=EPOCH,
    )


def said(record: Mapping[str, Any], name: str) -> str:
    """A text of a line, empty if it has none; raises ``ValueError`` for anything else."""
    value = record.get(name)
    if value is None or isinstance(value, str):
        return value or ""
    raise ValueError(f"{name}: want text, found {json.dumps(value, ensure_ascii=False)[:60]}")


COMMANDS = (text,)
