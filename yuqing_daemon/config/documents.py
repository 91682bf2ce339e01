"""A configuration file as it was read: its values, its lines, and how a problem in it is told."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from functools import cached_property
from pathlib import Path as FilePath
from typing import Any

import tomli

from ..errors import Problem
from .places import Path, dotted, line_of, places

_LONGEST = 60
_DEEPEST = 20
_LOGIN = re.compile(r"(?<=//)[^/@\s]*@")
_HINTS = {
    "Unescaped '\\'": "in single quotes a backslash stands for itself: link_pattern = '/news/\\d+'",
    "Invalid value": 'texts stand in quotes: name = "Example"',
    "Cannot declare": "join the two tables of that name, or rename one",
    "Cannot overwrite": "a key stands once in its table: drop one of the two",
    "Duplicate inline": "a key stands once in its table: drop one of the two",
    "Expected '='": 'a setting reads: name = "Example"',
    "Expected ']'": "close the bracket: [topics.canteen]",
    "Expected newline": "one setting stands on a line; a text that holds double quotes stands in single ones",
    "Illegal character": 'close the quotes: name = "Example"',
    "Unterminated string": 'close the quotes: name = "Example"',
    "Unclosed array": 'close the list: any = ["one", "two"]',
    "Unclosed inline": 'close the table: { channel = "mail", to = "duty@example.com" }',
    "Invalid statement": 'a setting reads: name = "Example", a comment starts with #',
}


@dataclass(frozen=True)
class Document:
    """One TOML file. ``file`` is its path as the user typed it; ``readable`` is false if it could not be parsed.

    ``version`` is a digest of the file's bytes.
    """

    file: str
    text: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    readable: bool = True
    version: str = ""

    @cached_property
    def lines(self) -> Mapping[Path, int]:
        """Where each key stands; worked out only when something is wrong."""
        return places(self.text)

    def line(self, path: Path) -> int | None:
        """The line of a key, or of the nearest table around it."""
        return line_of(self.lines, path)

    def get(self, *path: str | int) -> Any:
        """The raw value at a path, or ``None``."""
        value: Any = self.data
        for step in path:
            if not _holds(value, step):
                return None
            value = value[step]
        return value

    def known(self, path: Path) -> Path:
        """As much of a path as the file really has."""
        for length in range(len(path), 0, -1):
            if self.get(*path[:length]) is not None:
                return path[:length]
        return ()

    def names(self, *path: str | int) -> frozenset[str]:
        """The keys of a table, however wrong its values are; empty if there is no such table."""
        table = self.get(*path)
        return frozenset(table) if isinstance(table, dict) else frozenset()

    def tables(self, name: str) -> Iterator[tuple[Path, Mapping[str, Any]]]:
        """The tables ``[name.ID]`` or ``[[name]]`` with their paths; what is no table is passed over."""
        value = self.get(name)
        pairs = enumerate(value) if isinstance(value, list) else value.items() if isinstance(value, dict) else ()
        for step, table in pairs:
            if isinstance(table, dict):
                yield (name, step), table

    def problem(self, path: Path, wanted: str, fix: str = "", *, found: str | None = None) -> Problem:
        """A problem at a path. What was found is shown unless it may be a secret."""
        if found is None:
            value = self.get(*path)
            found = shown(value, private=_may_be_secret(path, value))
        key = dotted(path) or "the file"
        found, wanted, fix = map(_printable, (found, wanted, fix))
        return Problem(file=self.file, line=self.line(path), key=key, found=found, wanted=wanted, fix=fix)


def _printable(text: str) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in text)


def _holds(value: object, step: str | int) -> bool:
    if isinstance(step, int):
        return isinstance(value, list) and 0 <= step < len(value)
    return isinstance(value, dict) and step in value


def _may_be_secret(path: Path, value: object) -> bool:
    """Whatever a sender is given, and addresses of group robots, which hold a token."""
    is_option = path[:1] == ("channels",) and path[2:] != ("sender",)
    return is_option or (path[-1:] == ("to",) and "://" in str(value))


def shown(value: object, *, private: bool = False) -> str:
    """A value as a problem shows it: short, on one line, and never a secret.

    >>> shown("5m"), shown({"a": 1}), shown("hunter2", private=True), shown("http://me:pass@example.com/")
    ("'5m'", 'a table', 'a text', "'http://***@example.com/'")
    """
    if value is None:
        return ""
    if isinstance(value, dict):
        return "a table"
    if private and isinstance(value, str | list):
        return "a text" if isinstance(value, str) else "a list"
    if isinstance(value, bool):
        return str(value).lower()
    text = str(value) if isinstance(value, datetime | date | time) else _LOGIN.sub("***@", repr(value))
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."


def read(path: FilePath, *, if_absent: str = "") -> tuple[Document, list[Problem]]:
    """Read one file; what keeps it from being read is its only problem, with ``if_absent`` as the fix."""
    try:
        raw = path.read_bytes()
        document, problems = parse(str(path), raw.decode("utf-8-sig"))
    except FileNotFoundError:
        return _unreadable(path, "it to exist", if_absent)
    except UnicodeDecodeError:
        return _unreadable(path, "text in UTF-8", "save it as UTF-8")
    except OSError as error:
        return _unreadable(path, f"a file that can be read: {error.strerror}")
    except ValueError as error:
        return _unreadable(path, f"a file that can be read: {error}")
    return replace(document, version=hashlib.sha256(raw).hexdigest()[:12]), problems


def _unreadable(path: FilePath, wanted: str, fix: str = "") -> tuple[Document, list[Problem]]:
    problem = Problem(file=str(path), key="the file", wanted=wanted, fix=fix)
    return Document(str(path), readable=False), [problem]


def is_folder(path: FilePath) -> bool:
    """Whether a path leads to a folder; a path that nobody can follow does not."""
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


def parse(file: str, text: str) -> tuple[Document, list[Problem]]:
    """Parse one file's text; a syntax error is its only problem."""
    unread = Document(file, text, readable=False)
    try:
        data = tomli.loads(text)
    except tomli.TOMLDecodeError as error:
        fix = next((hint for start, hint in _HINTS.items() if error.msg.startswith(start)), "")
        key, wanted = f"column {error.colno}", f"TOML: {error.msg}"
        return unread, [Problem(file=file, line=error.lineno, key=key, wanted=wanted, fix=fix)]
    except (ValueError, RecursionError) as error:
        return unread, [Problem(file=file, key="the file", wanted=f"TOML: {error}")]
    if _is_too_deep(data):
        return unread, [Problem(file=file, key="the file", wanted=f"tables and lists nested at most {_DEEPEST} deep")]
    return Document(file, text, data), []


def _is_too_deep(data: dict[str, Any]) -> bool:
    """Nothing we know is nested deeply, and what comes after this follows the nesting by recursion."""
    layer: list[Any] = [data]
    for _ in range(_DEEPEST):
        values = [value for one in layer for value in (one.values() if isinstance(one, dict) else one)]
        layer = [value for value in values if isinstance(value, dict | list)]
        if not layer:
            return False
    return True
