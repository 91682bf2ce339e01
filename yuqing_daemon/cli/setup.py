"""Commands to set things up: init, check, demo, plugins."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from rich.console import Console
from sqlalchemy.exc import DatabaseError

from .. import logs
from ..config import LogSettings, Settings, advice, write_example
from ..errors import ConfigError, Problem, YuqingError
from ..rules.explain_regime import explain
from ..store import Store, plugin_states
from .backtest import told_changes
from .context import Context, as_json, pass_context
from .output import picked, print_json, say, show, some

PROBLEMS = 2
COUNTED = ("sources", "topics", "recipients", "channels")
folder_argument = click.Path(path_type=Path, file_okay=False)


@click.command
@click.argument("folder", type=folder_argument)
def init(folder: Path) -> None:
    """Write a commented, working configuration into FOLDER.

    Files that are there already are left alone, and then nothing is written.
    """
    for path in write_example(folder):
        say(f"wrote {path}")
    say()
    say(f"next: change what is marked CHANGE in {folder}, then")
    for command in ("check", "try SOURCE", "run"):
        say(f"  yuqing -c {folder} {command}")


@click.command
@click.argument("folder", required=False, type=folder_argument)
@as_json
@pass_context
def check(context: Context, folder: Path | None, as_json: bool) -> None:
    """Check the configuration, and tell in words what it says.

    Every problem is shown, with its place and the fix. FOLDER: another folder than that of --config. Exits 2 if there
    is a problem, or if a plugin that is wanted cannot be loaded.
    """
    context = context if folder is None else Context(folder=folder, others=context.others)
    logs.set_up(LogSettings(level="WARNING"))
    problems: list[Problem] = []
    settings = None
    try:
        settings = context.read_settings()
    except ConfigError as error:
        problems = error.problems
    failed = context.failed_plugins()
    if as_json:
        print_json(_checked(settings, problems, failed))
    else:
        _print_checked(settings, problems, failed)
    raise SystemExit(PROBLEMS if problems or failed else 0)


def _checked(settings: Settings | None, problems: list[Problem], failed: dict[str, str]) -> dict[str, Any]:
    names = ("file", "line", "key", "found", "wanted", "fix")
    return {
        "ok": not problems and not failed,
        "problems": [picked(problem, *names) for problem in problems],
        "plugins": failed,
        "advice": _advice(settings),
        **{name: len(getattr(settings, name)) if settings else None for name in COUNTED},
        "regime": picked(settings.regime, "id", "version") if settings else None,
    }


def _advice(settings: Settings | None) -> list[str]:
    """What could be better, though nothing is wrong."""
    return [line for topic in settings.topics for line in advice(topic)] if settings else []


def _print_checked(settings: Settings | None, problems: list[Problem], failed: dict[str, str]) -> None:
    for problem in problems:
        for line in str(problem).splitlines():
            say(line)
    for name, status in failed.items():
        say(f"plugin {name}: {status}")
    if problems or failed:
        say(some(len(problems) + len(failed), "problem"))
    if settings is not None:
        figures = ", ".join(some(len(getattr(settings, name)), name.removesuffix("s")) for name in COUNTED)
        say(f"{'' if failed else 'ok: '}{figures}")
        for line in _advice(settings):
            say(line, style="yellow")
        for line in told_changes(settings):
            say(f"{line}; 'yuqing backtest' shows them")
        _print_regime(settings)


def _print_regime(settings: Settings) -> None:
    """What the levels are and who is told of them, for the eyes of those who wrote the rules."""
    regime = settings.regime
    levels, told, *_ = explain(regime, settings.language)
    say(f"{regime.name} ({regime.id}, {regime.version}); 'yuqing regime show' says all of it", style="bold")
    for sentence in (*levels.sentences, *told.sentences):
        say(f"  {sentence}")


@click.command
@click.option("--dir", "folder", type=click.Path(path_type=Path), help="Where to keep its files.  [default: a new one]")
def demo(folder: Path | None) -> None:
    """See it all work in a minute, on this machine alone.

    Local sites, a story that grows through all levels, and real mail, webhooks and SMS to local receivers.
    """
    from ..demo import run_demo  # what it brings along costs every other command its start

    raise SystemExit(run_demo(Console(), folder=folder))


@click.group
def plugins() -> None:
    """What is plugged in."""


@plugins.command("list", short_help="List the plugins with their state.")
@as_json
@pass_context
def list_plugins(context: Context, as_json: bool) -> None:
    """List the plugins with their state and failures, as the daemon last saw them.

    One that is listed as not enabled is installed; name it under enable of [plugins] in yuqing.toml to load it.
    """
    seen, why = _as_the_daemon_saw(context)
    rows = []
    for entry in context.plugins.entries.values():
        status, failures = seen.get(entry.name, (entry.status, 0))
        rows.append((entry.name, entry.package, status, entry.hooks, failures))
    if as_json:
        names = ("name", "package", "status", "hooks", "failures")
        print_json([dict(zip(names, row, strict=True)) for row in rows])
        return
    columns = ("NAME", "PACKAGE", "FAILURES", "HOOKS", "STATUS")
    shown = [(name, package, failures, ", ".join(hooks), status) for name, package, status, hooks, failures in rows]
    show(columns, shown, spare=("PACKAGE",))
    if why:
        say(f"without the daemon's own figures: {why.splitlines()[0]}")


def _as_the_daemon_saw(context: Context) -> tuple[dict[str, tuple[str, int]], str]:
    """Status and failures by plugin; a broken configuration or store must not hide the plugins."""
    try:
        store = Store.look(context.settings.state)
        with store.read() as connection:
            seen = plugin_states.failures(connection)
        store.close()
    except (YuqingError, OSError, DatabaseError) as error:
        return {}, str(error)
    return seen, ""


COMMANDS = (init, check, demo, plugins)
