"""Where in a TOML text a key stands: the parser tells values, an operator needs lines.

The text must already have been parsed without an error; the scanner trusts it.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping

Path = tuple[str | int, ...]

_BLANK = re.compile(r"(?:[ \t\n]|#[^\n]*)*")
_BARE_KEY = re.compile(r"[^\s.=\]\"']+")
_BARE_VALUE = re.compile(r"[^,\]}\n#]*")
_STRING = re.compile(
    r'"""(?:\\.|[^\\])*?"""(?:"{0,2})' + r"|'''.*?'''(?:'{0,2})" + r'|"(?:\\.|[^"\\])*"' + r"|'[^']*'",
    re.DOTALL,
)
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|x([0-9A-Fa-f]{2})|(.))", re.DOTALL)
_SHORT = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", "e": "\x1b"}


def places(text: str) -> Mapping[Path, int]:
    """Map every key path to its line, counted from 1; lists count from 0.

    >>> places('a = 1\\n[[source]]\\nurl = [\\n "x",\\n "y",\\n]')[("source", 0, "url", 1)]
    5
    """
    scanner = _Scanner(text.replace("\r\n", "\n"))
    scanner.scan()
    return scanner.lines


def line_of(lines: Mapping[Path, int], path: Path) -> int | None:
    """The line of a path, or of the nearest table around it; ``None`` for the file as a whole."""
    for length in range(len(path), 0, -1):
        if path[:length] in lines:
            return lines[path[:length]]
    return None


def dotted(path: Path) -> str:
    """A path as an operator reads it: lists count from 1, odd keys are quoted.

    >>> dotted(("source", 1, "every")), dotted(("topics", "a b", "any"))
    ('source.2.every', 'topics."a b".any')
    """
    return ".".join(str(step + 1) if isinstance(step, int) else _spelled(step) for step in path)


def _spelled(key: str) -> str:
    if re.fullmatch(r"[A-Za-z0-9_-]+", key):
        return key
    return '"' + "".join(letter if letter.isprintable() else "?" for letter in key) + '"'


class _Scanner:
    """One walk over the text from top to bottom."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.starts = [match.end() for match in re.finditer("\n", text)]
        self.lines: dict[Path, int] = {}
        self.lengths: dict[Path, int] = {}  # of the arrays of tables

    def scan(self) -> None:
        table: Path = ()
        while self._skip():
            if self.text[self.at] == "[":
                table = self._header()
            else:
                self._pair(table)

    def _skip(self) -> bool:
        """Go past blanks and comments; whether anything is left."""
        self._take(_BLANK)
        return self.at < len(self.text)

    def _take(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self.text, self.at)
        taken = match.group() if match else ""
        self.at += len(taken)
        return taken

    def _mark(self, path: Path, at: int) -> None:
        self.lines.setdefault(path, bisect_right(self.starts, at) + 1)

    def _header(self) -> Path:
        start = self.at
        is_array = self.text.startswith("[[", self.at)
        self.at += 2 if is_array else 1
        *parents, last = self._key()
        self.at += 2 if is_array else 1
        path: Path = ()
        for key in parents:
            path = self._newest((*path, key), start)
        path = (*path, last)
        if not is_array:
            return self._newest(path, start)
        self._mark(path, start)
        self.lengths[path] = self.lengths.get(path, 0) + 1
        return self._newest(path, start)

    def _newest(self, path: Path, at: int) -> Path:
        """The table itself, or the newest table of an array of tables."""
        self._mark(path, at)
        if path in self.lengths:
            path = (*path, self.lengths[path] - 1)
            self._mark(path, at)
        return path

    def _key(self) -> list[str]:
        keys = []
        while True:
            self._skip()
            quoted = self._take(_STRING)
            keys.append(_unquoted(quoted) if quoted else self._take(_BARE_KEY))
            self._skip()
            if not self.text.startswith(".", self.at):
                return keys
            self.at += 1

    def _pair(self, table: Path) -> None:
        start = self.at
        path = table
        for key in self._key():
            path = (*path, key)
            self._mark(path, start)
        self.at += 1  # the equals sign
        self._value(path)

    def _value(self, path: Path) -> None:
        self._skip()
        first = self.text[self.at : self.at + 1]
        if first == "[":
            self._list(path)
        elif first == "{":
            self._inline_table(path)
        elif not self._take(_STRING):
            self._take(_BARE_VALUE)

    def _list(self, path: Path) -> None:
        self.at += 1
        length = 0
        while self._skip() and self.text[self.at] != "]":
            self._mark((*path, length), self.at)
            self._value((*path, length))
            length += 1
            self._comma()
        self.at += 1

    def _inline_table(self, path: Path) -> None:
        self.at += 1
        while self._skip() and self.text[self.at] != "}":
            self._pair(path)
            self._comma()
        self.at += 1

    def _comma(self) -> None:
        if self._skip() and self.text[self.at] == ",":
            self.at += 1


def _unquoted(text: str) -> str:
    return text[1:-1] if text[0] == "'" else _ESCAPE.sub(_letter, text[1:-1])


def _letter(escape: re.Match[str]) -> str:
    number = escape[1] or escape[2] or escape[3]
    return chr(int(number, 16)) if number else _SHORT.get(escape[4], escape[4])
