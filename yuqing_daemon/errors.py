"""Every error of ours.

YuqingError
├── ConfigError      the configuration; carries every problem found, with file, line, key and fix
├── PluginError      a plugin that cannot be loaded
├── StoreError       the database
│   ├── StoreLocked      another daemon owns it
│   ├── StoreTooNew      it was written by a newer version
│   └── StoreTooOld      it was written by an older version, and no daemon of this one has started since
└── RequestError     what a person asked for cannot be done: no such event, no such recipient
    ├── NotNow           it can be done later: no daemon runs, or it does something that has to end first
    └── NotConfigured    it cannot be done with this configuration
"""

from __future__ import annotations

from dataclasses import dataclass


class YuqingError(Exception):
    """The root: whoever catches it shows its text to a person, without a traceback."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing wrong in a configuration file.

    >>> print(Problem(file="sources.toml", line=8, key="sources.2.every", found="'5m'",
    ...               wanted="seconds, a whole number >= 30", fix="every = 300"))
    sources.toml:8: sources.2.every = '5m': want seconds, a whole number >= 30
      fix: every = 300
    """

    file: str
    key: str
    wanted: str
    found: str = ""
    line: int | None = None
    fix: str = ""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        found = f" = {self.found}" if self.found else ""
        text = f"{place}: {self.key}{found}: want {self.wanted}"
        return f"{text}\n  fix: {self.fix}" if self.fix else text


class ConfigError(YuqingError):
    """The configuration cannot be used. ``problems`` holds all of them, in the order of the files."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


class PluginError(YuqingError):
    """A plugin cannot be loaded; its text says which and why."""


class StoreError(YuqingError):
    """The database cannot be used."""


class StoreLocked(StoreError):
    """Another process owns the state directory."""


class StoreTooNew(StoreError):
    """The database was written by a newer version of the daemon."""


class StoreTooOld(StoreError):
    """The database was written by an older version of the daemon, and not brought up to date yet."""


class RequestError(YuqingError):
    """What a person asked for cannot be done; the text says why and what would."""


class NotNow(RequestError):
    """It can be done later; the text says what has to be or to end first."""


class NotConfigured(RequestError):
    """It cannot be done with this configuration; the text says what is missing."""
