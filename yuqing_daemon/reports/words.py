"""What states, acts and reasons are called: ``words.toml`` of a language, and the organisation's own over it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import RequestError
from ..rules.notice.reasons import LISTS
from .document import built_in


@dataclass(frozen=True, slots=True)
class Words:
    """A word list: tables of words by name. What has no word is called as the record calls it."""

    tables: Mapping[str, Any]

    def of(self, table: str, name: str) -> str:
        """The word for a thing."""
        return str(self.tables.get(table, {}).get(name, name))

    @property
    def unknown(self) -> str:
        """What a figure is that nobody tells."""
        return self.of("claims", "unknown")

    def joined(self, texts: Iterable[str]) -> str:
        """Some texts in a row."""
        return self.of("claims", "comma").join(texts)

    def reason(self, text: str) -> str:
        """A reason of the machine's: each pair of its lists replaces what it finds, the rest stays as recorded."""
        for name in LISTS:
            for pattern, said in self.tables.get(name, ()):
                text = re.sub(pattern, said, text)
        return text


def words(language: str, templates: Path | None) -> Words:
    """The words of a language.

    Raises:
        RequestError: the organisation's own file is no TOML.
    """
    name = f"{language}/reports/words.toml"
    tables: dict[str, Any] = tomllib.loads(built_in(name) or "")
    own = templates / name if templates else None
    if own is not None and own.is_file():
        try:
            changed = tomllib.loads(own.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise RequestError(f"your {own} is no TOML: {error}") from error
        for name, given in changed.items():
            tables[name] = tables[name] | given if isinstance(given, dict) and name in tables else given
    return Words(tables)
