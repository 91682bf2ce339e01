"""How commands print: aligned, at home in 80 columns and in a pipe. What was crawled is shown, never obeyed."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import click
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

GAP = 2  # blanks between two columns
NARROWEST = 24  # columns for the last cell of a row; with less it gets lines of its own
IN_A_PIPE = 100_000  # columns where nobody looks: a row stays one line
FIGURE = re.compile(r"[\d,]+|[?-]")
STYLES = {
    "general": "cyan",
    "major": "yellow",
    "extraordinary": "red",
    "failing": "yellow",
    "unknown": "yellow",
    "set aside": "red",
    "dead": "red",
}
# What would move the cursor, change the terminal or turn the line round: controls, bidi marks, half characters.
_BLANKS = dict.fromkeys(map(ord, "\t\n\r\u2028\u2029"), " ")
_CONTROLS = [*range(0x20), *range(0x7F, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A), *range(0xD800, 0xE000)]
_INERT = dict.fromkeys(_CONTROLS, "\N{REPLACEMENT CHARACTER}") | _BLANKS


def console() -> Console:
    """Where to print: nothing in a text is markup, and in a pipe no line is cut, unless COLUMNS says so."""
    is_wide = not sys.stdout.isatty() and "COLUMNS" not in os.environ
    return Console(markup=False, emoji=False, highlight=False, width=IN_A_PIPE if is_wide else None)


def inert(text: object) -> str:
    r"""A text in one line that does nothing to a terminal.

    >>> inert("a\n\x1b[31mb")
    'a �[31mb'
    """
    return str(text).translate(_INERT)


def say(text: str = "", style: str = "") -> None:
    """Print one line; the terminal wraps it, so that an address can be copied whole."""
    console().print(Text(inert(text), style=style), soft_wrap=True)


def show(
    columns: Sequence[str], rows: Sequence[Sequence[object]], *, title: str = "", spare: Sequence[str] = ()
) -> None:
    """Print rows under their headings, figures to the right.

    Where that is too wide, the columns named in ``spare`` are left out, the first one first; the last column folds.
    """
    screen = console()
    cells = [tuple(columns), *(tuple(map(inert, row)) for row in rows)]
    kept = _fitting(cells, spare, screen.width)
    cells = [tuple(row[number] for number in kept) for row in cells]
    if title:
        screen.print(Text(f"\n{title}", style="bold"))
    widths = [max(map(cell_len, column)) for column in zip(*cells, strict=True)]
    right = [_has_figures(column[1:]) for column in zip(*cells, strict=True)]
    for number, row in enumerate(cells):
        _print_row(screen, row, widths, right, style="bold" if number == 0 else "")


def _has_figures(cells: Sequence[str]) -> bool:
    return all(map(FIGURE.fullmatch, cells)) and any(cell != "-" for cell in cells)


def _fitting(cells: Sequence[Sequence[str]], spare: Sequence[str], width: int) -> list[int]:
    """The numbers of the columns that leave the last one enough room."""
    headings = cells[0]
    widths = [max(map(cell_len, column)) + GAP for column in zip(*cells, strict=True)]
    kept = list(range(len(headings)))
    for name in spare:
        if sum(widths[number] for number in kept[:-1]) + min(widths[-1] - GAP, NARROWEST) <= width:
            break
        kept.remove(headings.index(name))
    return kept


def _print_row(
    screen: Console, row: Sequence[str], widths: Sequence[int], right: Sequence[bool], *, style: str
) -> None:
    line = Text()
    for cell, width, is_right in zip(row[:-1], widths, right, strict=False):
        blanks = " " * (width - cell_len(cell))
        line.append(f"{blanks}{cell}" if is_right else f"{cell}{blanks}", style=style or STYLES.get(cell, ""))
        line.append(" " * GAP)
    room, indent = screen.width - cell_len(line.plain), cell_len(line.plain)
    last = Text(row[-1], style=style or STYLES.get(row[-1], ""))
    if room < min(widths[-1], NARROWEST):
        screen.print(_stripped(line), soft_wrap=True)
        line, room, indent = Text(" " * GAP), screen.width - GAP, GAP
    if right[-1] and widths[-1] <= room:
        last = Text(" " * (widths[-1] - cell_len(row[-1]))) + last
    for number, part in enumerate(last.wrap(screen, room, overflow="fold") or [Text()]):
        screen.print(_stripped((line if number == 0 else Text(" " * indent)) + part), soft_wrap=True)


def _stripped(line: Text) -> Text:
    line.rstrip()
    return line


# -- for scripts ----------------------------------------------------------------------------------


def print_json(value: object) -> None:
    """One JSON document: instants as ISO 8601 in UTC, spans in seconds."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2, default=_as_json))


def _as_json(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    return str(value)


def picked(thing: object, *names: str, **renamed: str) -> dict[str, Any]:
    """Some attributes of a thing as a JSON object: under their own names, or ``new="old"``."""
    pairs: Mapping[str, str] = {name: name for name in names} | renamed
    return {new: getattr(thing, old) for new, old in pairs.items()}


# -- words ----------------------------------------------------------------------------------------


def ago(span: timedelta) -> str:
    """A span in the unit that fits it.

    >>> ago(timedelta(seconds=42)), ago(timedelta(minutes=90)), ago(timedelta(hours=30)), ago(timedelta(days=3))
    ('42 s', '90 min', '30 h', '3 d')
    """
    seconds = int(span.total_seconds())
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds // length} {unit}"
    return f"{seconds} s"


def count(number: int | None, unknown: str = "unknown") -> str:
    """A count for people: unknown is not zero.

    >>> count(12000), count(None)
    ('12,000', 'unknown')
    """
    return unknown if number is None else f"{number:,}"


def some(number: int, thing: str, things: str = "") -> str:
    """A number of things.

    >>> some(1, "source"), some(2, "topic"), some(0, "entry", "entries")
    ('1 source', '2 topics', '0 entries')
    """
    return f"{number:,} {thing if number == 1 else things or f'{thing}s'}"
