"""Secrets: a text that stands elsewhere, in the environment, in a file, or with systemd's credentials.

Neither a problem nor a warning ever holds a value.
"""

from __future__ import annotations

import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Any

from ..errors import Problem
from .documents import Document
from .places import Path, dotted

_WAYS = ("env", "file", "credential")
_TELLING = ("password", "passwd", "secret", "token", "api_key", "authorization")
HIDDEN = "********"
_SHORTEST = 6  # letters; an option written out that is as long may be a secret
_LONGEST = 65_536
_CREDENTIALS = "CREDENTIALS_DIRECTORY"


@dataclass
class Secrets:
    """Resolves the references of one file, and remembers what is wrong and what must never be shown.

    ``is_wanted`` is False for who needs no secrets, and perhaps may not read them: each then is a row of stars.
    """

    document: Document
    folder: FilePath
    environ: Mapping[str, str]
    is_wanted: bool = True
    problems: list[Problem] = field(default_factory=list)
    values: set[str] = field(default_factory=set, repr=False)

    def resolve(self, value: Any, path: Path) -> Any:
        """The value with every reference in it replaced; one that leads nowhere becomes an empty text."""
        if isinstance(value, list):
            return [self.resolve(one, (*path, number)) for number, one in enumerate(value)]
        if not isinstance(value, dict):
            if isinstance(value, str) and len(value) >= _SHORTEST:
                self.values.add(value)
            return value
        leads_to = reference(value)
        if leads_to is None:
            return {key: self.resolve(one, (*path, key)) for key, one in value.items()}
        if not self.is_wanted:
            return HIDDEN
        found = getattr(self, f"_from_{leads_to[0]}")(leads_to[1], path)
        if found:
            self.values.add(found)
        return found

    def _from_env(self, name: str, path: Path) -> str:
        if not self.environ.get(name):
            return self._missing(path, "env", name, f"the environment variable {name} to be set")
        return self.environ[name]

    def _from_credential(self, name: str, path: Path) -> str:
        folder = self.environ.get(_CREDENTIALS)
        if not folder:
            return self._missing(path, "credential", name, f"${_CREDENTIALS}, which systemd sets for LoadCredential=")
        if "/" in name or name in (".", ".."):
            return self._missing(path, "credential", name, "the name of a credential, not a path")
        return self._content(FilePath(folder) / name, path, "credential", name)

    def _from_file(self, name: str, path: Path) -> str:
        file = self.folder / name
        try:
            is_open = bool(file.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH))
        except (OSError, ValueError):
            is_open = False  # what is wrong is told when it is read
        if is_open:
            wanted = f"the file {file} to be readable by its owner alone"
            return self._missing(path, "file", name, wanted, f"chmod 600 {file}")
        return self._content(file, path, "file", name)

    def _content(self, file: FilePath, path: Path, way: str, name: str) -> str:
        try:
            if not file.is_file():
                return self._missing(path, way, name, f"the file {file} to exist")
            with file.open(encoding="utf-8") as stream:
                text = stream.read(_LONGEST).rstrip("\r\n")
        except (OSError, ValueError):
            return self._missing(path, way, name, f"the file {file} to be readable, as text in UTF-8")
        return text or self._missing(path, way, name, f"the file {file} not to be empty")

    def _missing(self, path: Path, way: str, name: str, wanted: str, fix: str = "") -> str:
        found = f'{{ {way} = "{name}" }}'
        self.problems.append(self.document.problem(path, wanted, fix, found=found))
        return ""

    def hidden(self, text: str) -> str:
        """A text with every secret in it blotted out."""
        for value in sorted(self.values, key=len, reverse=True):
            text = text.replace(value, "***")
        return text


def reference(table: Mapping[str, Any]) -> tuple[str, str] | None:
    """The way and the name of ``{ env = "NAME" }``; ``None`` for any other table."""
    if len(table) != 1:
        return None
    [(way, name)] = table.items()
    return (way, name) if way in _WAYS and isinstance(name, str) and name else None


def inline_secrets(value: Any, path: Path) -> Iterator[str]:
    """The keys of secrets that are written out, for the operator to be warned of."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in pairs:
        is_telling = isinstance(key, str) and any(word in key.lower() for word in _TELLING)
        if is_telling and isinstance(one, str) and one:
            yield dotted((*path, key))
        elif not (isinstance(one, dict) and reference(one)):
            yield from inline_secrets(one, (*path, key))
