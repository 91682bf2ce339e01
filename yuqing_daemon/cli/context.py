"""What every command needs: the configuration, the store to look into, and a way to the daemon."""

from __future__ import annotations

import getpass
import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click
from rich.console import Console
from rich.table import Table
from sqlalchemy import Connection

from .. import control
from ..config import Settings, load, plugins_wanted
from ..daemon import perform, utc_now
from ..engine import Engine
from ..notify import Notifier
from ..plugins import Plugins
from ..store import Store, owning, secret_key

WIDE = 200  # columns where the output is no terminal, so that a script's lines are not cut
console = Console(highlight=False, width=None if sys.stdout.isatty() else WIDE)
as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON, for scripts.")


def default_folder() -> Path:
    """The configuration folder if none is named."""
    named = os.environ.get("YUQING_CONFIG")
    here = Path.cwd()
    return Path(named) if named else here if (here / "yuqing.toml").exists() else Path("/etc/yuqing")


@dataclass
class Context:
    """One command's surroundings; nothing is read before it is needed."""

    folder: Path
    others: bool = True

    @cached_property
    def plugins(self) -> Plugins:
        """The plugins the configuration asks for."""
        enable, disable = plugins_wanted(self.folder)
        return Plugins.load(enable=enable, disable=disable, others=self.others)

    @cached_property
    def settings(self) -> Settings:
        """The checked configuration; raises ``ConfigError``."""
        return self.read_settings()

    def read_settings(self) -> Settings:
        """Read it from its files, now."""
        return load(self.folder, senders=self.plugins.senders())

    @property
    def zone(self) -> ZoneInfo:
        """The organisation's zone."""
        return self.settings.timezone

    @property
    def user(self) -> str:
        """Who is at the keyboard, for the record."""
        return getpass.getuser()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A look into the daemon's database, whether it runs or not."""
        store = Store.look(self.settings.state)
        try:
            with store.read() as connection:
                yield connection
        finally:
            store.close()

    def ask(self, what: str, **given: object) -> Mapping[str, Any]:
        """Let the running daemon do something, or do it here if none runs.

        A message is then sent here too: what was promised does not wait for a daemon that may never come.
        """
        request = {"do": what, "by": self.user, **given}
        answer = control.ask(self.settings.state, request)
        if answer is not None:
            return answer
        with owning(self.settings.state):
            store = Store.open(self.settings.state)
            try:
                engine = Engine(store, self.settings, self.plugins, secret=secret_key(self.settings.state))
                done = perform(engine, request)
                if what == "test-notify":
                    Notifier(engine, utc_now).drain()
                return done
            finally:
                store.close()

    def when(self, at: datetime | None) -> str:
        """An instant in the organisation's zone, for people."""
        return at.astimezone(self.zone).strftime("%m-%d %H:%M:%S") if at else "-"


pass_context = click.make_pass_decorator(Context)


def print_json(value: object) -> None:
    """One JSON document, readable."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str))


def table(*columns: str, **options: Any) -> Table:
    """A plain table with these columns."""
    made = Table(box=None, pad_edge=False, header_style="bold", **options)
    for column in columns:
        made.add_column(column, overflow="fold")
    return made


def ago(span: timedelta) -> str:
    """A span in the unit that fits it.

    >>> ago(timedelta(seconds=42)), ago(timedelta(minutes=90)), ago(timedelta(days=3))
    ('42 s', '90 min', '72 h')
    """
    seconds = int(span.total_seconds())
    if seconds < 120:
        return f"{seconds} s"
    return f"{seconds // 60} min" if seconds < 7200 else f"{seconds // 3600} h"


def count(number: int | None) -> str:
    """A count for people: unknown is not zero.

    >>> count(12000), count(None)
    ('12,000', 'unknown')
    """
    return "unknown" if number is None else f"{number:,}"
