"""A report as a list of blocks, made from a template: what every format is rendered from.

A template is text of which each line is one block, by how the line begins: ``# `` title, ``## `` heading, ``> `` line
below the title, ``- `` item, ``@table NAME | column | ...``, ``@curve reads | comments``; anything else is a
paragraph. What the facts say can neither begin such a line nor end one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import BaseLoader, ChoiceLoader, FileSystemLoader, FunctionLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from ..errors import RequestError
from ..rules.notice import FAILURES, clean, cut
from .facts import Point

SAID = "\x02"  # stands before whatever comes from the facts: no mark of a line can begin there
WIDEST, NARROWEST = 44, 4  # of a column, in Latin characters
MARKS = {"# ": "title", "## ": "heading", "> ": "line", "- ": "item"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One part of a report. ``columns`` are the headings of a table, or what the lines of a curve are called."""

    kind: str  # title, heading, line, item, text, table, curve
    text: str = ""
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    points: tuple[Point, ...] = ()

    def widths(self, whole: float) -> list[float]:
        """The widths of a table's columns: each by its longest cell, none that takes all."""
        columns = zip(self.columns, *self.rows, strict=True)
        wants = [min(max(map(_width, column)), WIDEST) + NARROWEST for column in columns]
        return [whole * want / sum(wants) for want in wants]


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A report, ready to be rendered. ``unknown`` is what a curve says of a figure that nobody tells."""

    language: str
    title: str
    timezone: ZoneInfo
    unknown: str
    blocks: tuple[Block, ...]


def _width(text: str) -> int:
    return sum(2 if ord(character) > 0x2E80 else 1 for character in text)


def plain(value: object) -> str:
    """Foreign text on one line, without anything that a format could take for more than text.

    >>> plain("酸奶\\n\\u202e\\ufffe# x")
    '酸奶 # x'
    """
    text = str(value).replace(SAID, "")
    return clean("".join(c for c in text if ord(c) & 0xFFFE != 0xFFFE and not 0xFDD0 <= ord(c) <= 0xFDEF))


def compose(
    name: str,
    view: Mapping[str, Any],
    tables: Mapping[str, tuple[tuple[str, ...], ...]],
    points: tuple[Point, ...],
    *,
    language: str,
    timezone: ZoneInfo,
    templates: Path | None,
) -> Document:
    """Put a view of the facts into the words of a template.

    Raises:
        RequestError: the organisation's own template fails; the text says which, and why.
    """
    text = write(f"{language}/reports/{name}.txt", view, templates)
    blocks = []
    for line in filter(None, map(str.strip, text.splitlines())):
        block = _block(line, tables, points)
        if block.text or block.rows or block.points:
            blocks.append(block)
    title = next((block.text for block in blocks if block.kind == "title"), name)
    unknown = str(view["unknown"])
    return Document(language=language, title=title, timezone=timezone, unknown=unknown, blocks=tuple(blocks))


def write(name: str, view: Mapping[str, Any], templates: Path | None, *, pages: bool = False) -> str:
    """The text of one template."""
    try:
        return environment(templates, pages=pages).get_template(name).render(view)
    except FAILURES as error:
        if templates is None:
            raise
        raise RequestError(f"your template {templates / name} fails: {cut(clean(str(error)), 200)}") from error


def _block(line: str, tables: Mapping[str, tuple[tuple[str, ...], ...]], points: tuple[Point, ...]) -> Block:
    for mark, kind in MARKS.items():
        if line.startswith(mark):
            return Block(kind=kind, text=_unmarked(line.removeprefix(mark)))
    if line.startswith("@"):
        word, *columns = (_unmarked(part) for part in line.removeprefix("@").split(" | "))
        kind, _, name = word.partition(" ")
        if kind == "table":
            name, _, first = name.partition(" ")
            return Block(kind="table", columns=tuple(filter(None, (first, *columns))), rows=tables.get(name, ()))
        if kind == "curve":
            return Block(kind="curve", columns=tuple(filter(None, (name, *columns))), points=points)
    return Block(kind="text", text=_unmarked(line))


def _unmarked(text: str) -> str:
    return text.replace(SAID, "").strip()


def _said(value: object) -> str:
    text = str(value)
    before, after = (" " if edge == " " else "" for edge in (text.replace(SAID, "")[:1], text[-1:]))
    return f"{SAID}{before}{plain(text)}{after}"


def _shown(value: object) -> object:
    return value if isinstance(value, Markup) else plain(value)


@cache
def environment(templates: Path | None, *, pages: bool = False) -> ImmutableSandboxedEnvironment:
    """The built-in templates, behind the organisation's own if there are any; ``pages`` are HTML, escaped."""
    loader: BaseLoader = FunctionLoader(built_in)
    if templates is not None:
        loader = ChoiceLoader([FileSystemLoader(templates), loader])
    made = ImmutableSandboxedEnvironment(
        loader=loader,
        undefined=StrictUndefined,
        autoescape=pages,
        finalize=_shown if pages else _said,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["cut"] = cut
    return made


def built_in(name: str) -> str | None:
    """The source of a built-in template, or ``None``."""
    place = files("yuqing_config").joinpath("templates", *name.split("/"))
    return place.read_text(encoding="utf-8") if place.is_file() else None
