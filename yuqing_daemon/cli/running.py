"""Commands to run the daemon and to look after it: run, reload, status, sources, test-notify."""

from __future__ import annotations

import asyncio
import time
from dataclasses import asdict
from typing import Any

import click

from .. import control, logs
from ..daemon import Daemon, utc_now
from ..domain import EventState, Level
from ..errors import RequestError, YuqingError
from ..store import events, outbox, owning, quarantine, sources
from .context import Context, ago, as_json, console, pass_context, print_json, table


@click.command()
@pass_context
def run(context: Context) -> None:
    """Run the daemon in the foreground, until SIGTERM or Ctrl-C."""
    settings = context.settings
    logs.set_up(settings.log)
    with owning(settings.state):
        try:
            daemon = Daemon(settings, context.plugins, context.read_settings, others=context.others)
        except OSError as error:
            place = f"{settings.web.host}:{settings.web.port}"
            raise YuqingError(
                f"cannot listen on {place}: {error}\n  fix: another [web] listen in yuqing.toml"
            ) from error
        asyncio.run(daemon.run())


@click.command()
@pass_context
def reload(context: Context) -> None:
    """Let the daemon read its configuration again; with a fault in it, it keeps the old one."""
    answer = control.ask(context.settings.state, {"do": "reload", "by": context.user})
    if answer is None:
        raise RequestError("no daemon is running on this configuration; start it with: yuqing run")
    click.echo(f"reloaded, regime {answer['regime']}")


@click.command()
@as_json
@pass_context
def status(context: Context, as_json: bool) -> None:
    """Say how the daemon is: sources, open events, notices. Exits 1 if something needs a person."""
    with context.reading() as connection:
        rows = [row for row in sources.all_rows(connection) if context.settings.source(row.id)]
        open_events = events.listed(connection, state=EventState.OPEN)
        said: dict[str, Any] = {
            "running": control.is_running(context.settings.state),
            "sources": {name: sum(row.status == name for row in rows) for name in sorted({row.status for row in rows})},
            "open_events": {level.name.lower(): sum(e.level is level for e in open_events) for level in Level},
            "not_acknowledged": [event.code for event in open_events if not event.is_acknowledged],
            "deliveries": outbox.counts(connection),
            "channels_on_hold": outbox.holds(connection, now=utc_now()),
            "quarantine": [what for _, what, _, _ in quarantine.listed(connection)],
        }
    wrong = not said["running"] or said["sources"].get(sources.SET_ASIDE) or said["deliveries"].get("dead")
    if as_json:
        print_json(said)
    else:
        for name, value in said.items():
            console.print(f"[bold]{name.replace('_', ' '):18}[/] {_plain(value)}")
    raise SystemExit(1 if wrong else 0)


def _plain(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name}: {part}" for name, part in value.items()) or "none"
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    return {True: "yes", False: "no"}.get(value, str(value)) if isinstance(value, bool) else str(value)


@click.command("sources")
@click.argument("id", required=False)
@click.option("--resume", is_flag=True, help="Visit the source again that was set aside.")
@as_json
@pass_context
def show_sources(context: Context, id: str | None, resume: bool, as_json: bool) -> None:
    """List the sources and how their visits go; with ID, one of them with what could not be read."""
    if resume:
        if id is None:
            raise click.UsageError("--resume wants the source's ID")
        context.ask("resume", source=id)
        click.echo(f"source {id} is visited again from now on")
        return
    now = utc_now()
    with context.reading() as connection:
        rows = [row for row in sources.all_rows(connection) if id in (None, row.id)]
        counts = {row.id: sources.post_count(connection, row.id) for row in rows}
        unread = sources.unread_pages(connection, id) if id else []
    if id and not rows:
        raise RequestError(f"there is no source {id!r}; see: yuqing sources")
    if as_json:
        print_json([{key: v for key, v in asdict(r).items() if key != "state"} | {"posts": counts[r.id]} for r in rows])
        return
    shown = table("SOURCE", "STATUS", "SINCE", "LAST READ", "LAST NEW", "POSTS", "NEXT", "ERROR")
    for row in rows:
        read = ago(now - row.last_read_at) + " ago" if row.last_read_at else "never"
        new = ago(now - row.last_new_at) + " ago" if row.last_new_at else "never"
        wait = "-" if row.status == sources.SET_ASIDE else f"in {ago(max(row.due_at - now, now - now))}"
        shown.add_row(row.id, row.status, context.when(row.since), read, new, str(counts[row.id]), wait, row.error)
    console.print(shown)
    for url, error, tries in unread:
        console.print(f"could not read, {tries} tries: {url}\n  {error}")


@click.command("test-notify")
@click.argument("target")
@click.option("--wait", default=30.0, show_default=True, help="Seconds to wait for the answers.")
@as_json
@pass_context
def test_notify(context: Context, target: str, wait: float, as_json: bool) -> None:
    """Send a message marked as a test to a person, a role or a channel, and show what came of it."""
    keys = context.ask("test-notify", target=target)["keys"]
    until = time.monotonic() + wait
    while True:
        with context.reading() as connection:
            rows = [row for key in keys if (row := outbox.by_key(connection, key))]
        settled = [row for row in rows if row.attempts and row.state.value != "sending"]
        if len(settled) == len(rows) or time.monotonic() > until:
            break
        time.sleep(0.2)
    if as_json:
        print_json(
            [
                {"recipient": r.recipient, "channel": r.channel, "to": r.to, "state": r.state.value, "answer": r.detail}
                for r in rows
            ]
        )
    else:
        shown = table("RECIPIENT", "CHANNEL", "TO", "STATE", "TOOK", "ANSWER")
        for row in rows:
            took = ago(row.accepted_at - row.created_at) if row.accepted_at else "-"
            shown.add_row(row.recipient, row.channel, row.to, row.state.value, took, row.detail)
        console.print(shown)
    raise SystemExit(0 if all(row.accepted_at for row in rows) else 1)


COMMANDS = (run, reload, status, show_sources, test_notify)
