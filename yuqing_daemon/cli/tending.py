"""Commands to look after the daemon: reload, status, test-notify."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Any

import click
from sqlalchemy import Connection

from .. import control
from ..clock import utc_now
from ..domain import DeliveryState, Level
from ..errors import RequestError
from ..rules.health import State
from ..store import events, health, outbox, quarantine, sources
from ..store.outbox import DeliveryRow
from .backtest import told_changes
from .context import Context, as_json, pass_context
from .output import picked, print_json, say, show, some


@click.command
@pass_context
def reload(context: Context) -> None:
    """Let the daemon read its configuration again.

    With a problem in it, the daemon keeps the old one, and this command shows the problem and exits 78.
    """
    changes = told_changes(context.settings)
    answer = control.ask(context.settings.state, {"do": "reload", "by": context.user})
    if answer is None:
        raise RequestError("no daemon is running on this configuration; start it with: yuqing run")
    say(f"reloaded, regime {answer['regime']}")
    for line in changes:
        say(line)


# -- status ---------------------------------------------------------------------------------------


@click.command
@as_json
@pass_context
def status(context: Context, as_json: bool) -> None:
    """Say how the daemon is: sources, open events, notices.

    Exits 1 if something needs a person; what that is stands below WRONG.
    """
    with context.reading() as connection:
        said = _status(context, connection)
    if as_json:
        print_json(said)
    else:
        for name in ("running", "sources", "open_events", "not_acknowledged", "deliveries"):
            say(f"{name.replace('_', ' '):18}{_plain(said[name])}")
        for number, node in enumerate(said["nodes"]):
            since = context.long_ago(datetime.fromisoformat(node["since"]))
            what = f"{node['node']} since {since}, {some(len(node['sources']), 'source')}"
            say(f"{'' if number else 'crawl nodes':18}{what}")
        for number, wrong in enumerate(said["wrong"]):
            say(f"{'' if number else 'wrong':18}{wrong}", style="red")
    raise SystemExit(1 if said["wrong"] else 0)


def _status(context: Context, connection: Connection) -> dict[str, Any]:
    rows = [row for row in sources.all_rows(connection) if context.settings.source(row.id)]
    open_events = events.listed(connection, live=True)
    outages = health.outages(connection)
    outage = outages.get("")
    trouble = _trouble(context)
    crew = context.crawl_nodes() if trouble is not None else {}
    said: dict[str, Any] = {
        "running": trouble is not None,
        "trouble": trouble or {},
        "network_down_since": outage.blind_from if outage else None,
        "nodes_down_since": {node: spell.blind_from for node, spell in outages.items() if node},
        "nodes": crew.get("nodes", []),
        "nodes_gone_since": crew.get("gone", {}),
        "sources": {name: sum(row.status == name for row in rows) for name in sorted({row.status for row in rows})},
        "open_events": {level.name.lower(): sum(e.level is level for e in open_events) for level in Level},
        "not_acknowledged": [e.code for e in sorted(open_events, key=lambda e: e.id) if not e.is_acknowledged],
        "deliveries": outbox.counts(connection),
        "channels_on_hold": outbox.holds(connection, now=utc_now()),
        "quarantine": [what for _, what, _, _ in quarantine.listed(connection)],
    }
    return said | {"wrong": list(_wrong(said))}


def _trouble(context: Context) -> dict[str, str] | None:
    """What the daemon says is wrong, by part; ``None`` if none is running."""
    try:
        said = control.ask(context.settings.state, {"do": "health", "by": context.user})
    except (RequestError, OSError) as error:  # it is there, and has other cares
        return {"daemon": f"does not answer: {error}"}
    return None if said is None else {part: str(what) for part, what in said.items()}


def _wrong(said: dict[str, Any]) -> list[str]:
    """What needs a person, and where to look."""
    found = [] if said["running"] else ["no daemon is running; start it with: yuqing run"]
    found += [f"{part}: {what}" for part, what in said["trouble"].items()]
    if said["network_down_since"]:
        found.append(f"our own network is down since {said['network_down_since']:%Y-%m-%d %H:%M} UTC")
    for node, since in said["nodes_down_since"].items():
        found.append(f"the network of the crawl node {node} is down since {since:%Y-%m-%d %H:%M} UTC")
    for node in said["nodes"]:
        found += [f"crawl node {node['node']}: {problem}" for problem in node["problems"]]
    for node, since in said["nodes_gone_since"].items():
        found.append(f"the crawl node {node} has not been heard of since {since}; others crawl what it did")
    for state in State:
        number = said["sources"].get(state.value)
        if number and not state.is_good:
            found.append(f"{some(number, 'source')} {state.value}; see: yuqing sources")
    if number := said["deliveries"].get(DeliveryState.DEAD.value):
        found.append(f"{some(number, 'notice')} could not be delivered; see: yuqing deliveries --dead")
    found += [f"channel {name} is on hold: {reason}" for name, reason in said["channels_on_hold"].items()]
    return found + [f"could not be judged, please read it yourself: {what}" for what in said["quarantine"]]


def _plain(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{number:,} {name}" for name, number in value.items() if number) or "none"
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    return "yes" if value else "no"


# -- test-notify ----------------------------------------------------------------------------------


LEVELS = [each.name.lower() for each in Level]


@click.command("test-notify")
@click.argument("target")
@click.option("--level", type=click.Choice(LEVELS), help="Of that level, and only where such notices go.")
@click.option("--wait", type=click.FloatRange(min=0), default=30, show_default=True, help="Seconds for the answers.")
@as_json
@pass_context
def test_notify(context: Context, target: str, level: str | None, wait: float, as_json: bool) -> None:
    """Send a message marked as a test, and show what came of it.

    TARGET is a person or a role of people.toml, or a channel of yuqing.toml. Works with and without the daemon. Exits 1
    unless everything was accepted.
    """
    rows = _settled(context, context.ask("test-notify", target=target, level=level)["keys"], wait)
    if as_json:
        print_json([_tested(row) for row in rows])
    else:
        shown = [(row.recipient, row.channel, row.to, row.state.value, _took(row), row.detail or "-") for row in rows]
        show(("RECIPIENT", "CHANNEL", "TO", "STATE", "TOOK", "ANSWER"), shown, spare=("TO", "TOOK"))
        if any(row.state is DeliveryState.PENDING for row in rows):
            say("what is pending is tried again, as long as a daemon runs")
    raise SystemExit(0 if all(row.accepted_at for row in rows) else 1)


def _settled(context: Context, keys: list[str], wait: float) -> list[DeliveryRow]:
    """The deliveries, once each was tried, or when the time is over."""
    until = time.monotonic() + wait
    while True:
        with context.reading() as connection:
            rows = [row for key in keys if (row := outbox.by_key(connection, key))]
        settled = [row for row in rows if row.attempts and row.state is not DeliveryState.SENDING]
        if len(settled) == len(rows) or time.monotonic() > until:
            return rows
        time.sleep(0.2)


def _tested(row: DeliveryRow) -> dict[str, Any]:
    return picked(row, "key", "recipient", "channel", "to", "state", "attempts", "accepted_at", answer="detail")


def _took(row: DeliveryRow) -> str:
    return f"{(row.accepted_at - row.created_at).total_seconds():.1f} s" if row.accepted_at else "-"


COMMANDS = (reload, status, test_notify)
