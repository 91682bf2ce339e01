"""Commands to set things up: init, check, demo, plugins."""

from __future__ import annotations

from pathlib import Path

import click

from ..config import write_example
from ..demo import run_demo
from ..errors import ConfigError
from ..store import Store, plugin_states
from .context import Context, as_json, console, pass_context, print_json, table


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
def init(folder: Path) -> None:
    """Write a commented, working configuration into FOLDER."""
    for path in write_example(folder):
        click.echo(f"wrote {path}")
    click.echo(f"\nnext: edit {folder}/sources.toml, topics.toml and people.toml, then\n")
    click.echo(f"  yuqing --config {folder} check")
    click.echo(f"  yuqing --config {folder} try SOURCE-OR-URL")
    click.echo(f"  yuqing --config {folder} run")


@click.command()
@as_json
@pass_context
def check(context: Context, as_json: bool) -> None:
    """Check the configuration; every problem is shown, with its place and the fix. Exits 2 if there is one."""
    problems, settings = [], None
    try:
        settings = context.settings
    except ConfigError as error:
        problems = error.problems
    failed = {name: entry.status for name, entry in context.plugins.entries.items() if entry.status[:6] == "failed"}
    if as_json:
        print_json({"problems": [str(problem) for problem in problems], "plugins": failed})
    else:
        for problem in problems:
            click.echo(str(problem))
        for name, status in failed.items():
            click.echo(f"plugin {name}: {status}")
        if settings is not None and not failed:
            lengths = {name: len(getattr(settings, name)) for name in ("sources", "topics", "recipients", "channels")}
            figures = ", ".join(f"{number} {name}" for name, number in lengths.items())
            click.echo(f"ok: {figures}, regime {settings.regime.id} {settings.regime.version}")
    if problems or failed:
        raise SystemExit(2)


@click.command()
@click.option("--dir", "folder", type=click.Path(path_type=Path), help="Where to keep its files.  [default: a new one]")
def demo(folder: Path | None) -> None:
    """See it all work in a minute: local sites, a story that grows, real mail, webhooks and SMS."""
    raise SystemExit(run_demo(console, folder=folder))


@click.group()
def plugins() -> None:
    """What is plugged in."""


@plugins.command("list")
@as_json
@pass_context
def list_plugins(context: Context, as_json: bool) -> None:
    """List the plugins with their state, as the daemon last saw it."""
    seen: dict[str, tuple[str, int]] = {}
    try:
        store = Store.look(context.settings.state)
        with store.read() as connection:
            seen = plugin_states.failures(connection)
        store.close()
    except Exception as error:  # noqa: BLE001 - a broken configuration or store must not hide the plugins
        click.echo(f"without the daemon's own figures: {error}", err=True)
    rows = []
    for entry in context.plugins.entries.values():
        status, failures = seen.get(entry.name, (entry.status, 0))
        rows.append((entry.name, entry.package, status, ", ".join(entry.hooks), failures))
    if as_json:
        names = ("name", "package", "status", "hooks", "failures")
        print_json([dict(zip(names, row, strict=True)) for row in rows])
        return
    shown = table("NAME", "PACKAGE", "STATUS", "HOOKS", "FAILURES")
    for row in rows:
        shown.add_row(*map(str, row))
    console.print(shown)


COMMANDS = (init, check, demo, plugins)
