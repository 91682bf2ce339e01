"""What every command needs: the configuration, the store to look into, and a way to the daemon."""

from __future__ import annotations

import getpass
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click
from sqlalchemy import Connection

from .. import control
from ..clock import utc_now
from ..config import Settings, load, plugins_wanted
from ..engine import Engine
from ..errors import ConfigError, Problem, RequestError
from ..notify import Notifier
from ..plugins import Plugins
from ..store import Store, owning, secret_key

MAIN_FILE = "yuqing.toml"
as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON, for scripts.")


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

    def failed_plugins(self) -> dict[str, str]:
        """The plugins that are wanted and could not be loaded, each with the reason."""
        entries = self.plugins.entries.values()
        return {entry.name: entry.status for entry in entries if entry.status.startswith("failed")}

    @cached_property
    def settings(self) -> Settings:
        """The checked configuration without its secrets, for who only looks; raises ``ConfigError``."""
        return self.read_settings(with_secrets=False)

    def read_settings(self, *, with_secrets: bool = True) -> Settings:
        """Read it from its files, now, as the daemon needs it; raises ``ConfigError``."""
        if not (self.folder / MAIN_FILE).exists():
            wanted = "a configuration there, or -c FOLDER or $YUQING_CONFIG to say where it is"
            file, fix = str(self.folder / MAIN_FILE), f"yuqing init {self.folder}"
            raise ConfigError([Problem(file=file, key="the file", wanted=wanted, fix=fix)])
        return load(self.folder, senders=self.plugins.senders(), with_secrets=with_secrets)

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

        A message is then sent here too: what was promised does not wait for a daemon that may never come. Only a
        test message may be the first thing a database ever holds.
        """
        request = {"do": what, "by": self.user, **given}
        answer = control.ask(self.settings.state, request)
        if answer is not None:
            return answer
        if what != "test-notify":
            Store.look(self.settings.state).close()
        with owning(self.settings.state):
            store = Store.open(self.settings.state)
            try:
                settings = self.read_settings(with_secrets=what == "test-notify")
                engine = Engine(store, settings, self.plugins, secret=secret_key(self.settings.state))
                done = control.perform(engine, request, now=utc_now())
                if what == "test-notify":
                    Notifier(engine, utc_now).drain()
                return done
            finally:
                store.close()

    def crawl_nodes(self) -> Mapping[str, Any]:
        """What the daemon knows of the machines that crawl for it: ``nodes`` and those that are ``gone``, if any."""
        with suppress(RequestError, OSError):
            return control.ask(self.settings.state, {"do": "nodes", "by": self.user}) or {}
        return {}

    def now(self) -> datetime:
        """The instant it is."""
        return utc_now()

    def when(self, at: datetime | None) -> str:
        """An instant in the organisation's zone, for people."""
        return at.astimezone(self.zone).strftime("%m-%d %H:%M:%S") if at else "-"

    def long_ago(self, at: datetime) -> str:
        """The same with its year."""
        return at.astimezone(self.zone).strftime("%Y-%m-%d %H:%M:%S")


pass_context = click.make_pass_decorator(Context)
