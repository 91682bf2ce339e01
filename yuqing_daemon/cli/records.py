"""Commands about what is on record: deliveries, audit, replay."""

from __future__ import annotations

from dataclasses import asdict
from typing import IO

import click

from ..replay import Replayed, replay
from ..store import audit, outbox
from .context import Context, as_json, pass_context
from .events import notices
from .lines import Refused, read_lines
from .output import picked, print_json, say, show, some

SHOWN_REFUSALS = 20


@click.command(short_help="List what was sent to whom, and what came of it.")
@click.option("--dead", is_flag=True, help="Only those that could not be delivered.")
@click.option("--last", type=click.IntRange(min=1), default=50, show_default=True, help="How many.")
@as_json
@pass_context
def deliveries(context: Context, dead: bool, last: int, as_json: bool) -> None:
    """List what was sent to whom, and what came of it, the latest first."""
    with context.reading() as connection:
        rows = outbox.latest(connection, dead=dead, limit=last)
    if as_json:
        print_json(list(notices(rows)))
        return
    if not rows:
        say("no dead letters" if dead else "nothing was sent yet")
        return
    shown = []
    for row in rows:
        event = f"E{row.event}" if row.event else "-"
        times = (context.when(row.created_at), context.when(row.accepted_at))
        what = (event, row.level.name.lower(), row.recipient, row.channel, row.state.value, f"{row.attempts}")
        shown.append((*times, *what, row.purpose, row.detail or "-"))
    columns = ("PROMISED", "ACCEPTED", "EVENT", "LEVEL", "RECIPIENT", "CHANNEL", "STATE", "TRIES", "PURPOSE", "ANSWER")
    show(columns, shown, spare=("PURPOSE", "ACCEPTED", "LEVEL", "TRIES"))


@click.group("audit", short_help="The record that answers for everything.")
def record() -> None:
    """The record that answers for everything."""


@record.command(short_help="Check that nothing in the record was altered.")
@as_json
@pass_context
def verify(context: Context, as_json: bool) -> None:
    """Check that nothing in the record was altered, removed or put in. Exits 1 if something was."""
    with context.reading() as connection:
        broken = audit.first_broken(connection)
        number = audit.size(connection)
    if as_json:
        first = picked(broken, "id", "at", "what") if broken else None
        print_json({"ok": broken is None, "entries": number, "broken": first})
    elif broken is None:
        say(f"ok: {some(number, 'entry', 'entries')}, the chain holds")
    else:
        say(f"the record is broken at entry {broken.id}, {broken.at:%FT%TZ} {broken.what}", style="red")
    raise SystemExit(0 if broken is None else 1)


# -- replay ---------------------------------------------------------------------------------------


@click.command("replay", short_help="Run old posts through match, group and level.")
@click.argument("file", type=click.File("rb"))
@as_json
@pass_context
def replay_file(context: Context, file: IO[bytes], as_json: bool) -> None:
    """Run old posts through match, group and level on a simulated clock.

    Prints the events and the alerts there would have been; nothing is stored, and nobody is told.

    FILE holds one JSON object a line, - reads standard input: url, source, mainstream, title, text, published_at,
    fetched_at, reads, comments, reposts. What is missing is unknown; a further line with the same url is a later
    reading. Exits 1 if lines were refused; the others are done all the same.
    """
    good, refused = read_lines(file, settings=context.settings)
    done = replay(good, context.settings, context.plugins)
    if as_json:
        print_json(asdict(done) | {"refused": [picked(each, "line", "error") for each in refused]})
    else:
        _print_replayed(context, done)
    _tell_refused(file.name, refused)
    raise SystemExit(1 if refused else 0)


def _print_replayed(context: Context, done: Replayed) -> None:
    say(f"{some(done.lines, 'line')}, {some(len(done.events), 'event')}, {some(len(done.alerts), 'alert')}")
    rows = []
    for event in done.events:
        rows.append((event["event"], event["level"], context.long_ago(event["found_at"]), event["title"]))
        rows += [("", step["level"], context.long_ago(step["at"]), step["reason"]) for step in event["levels"]]
    if rows:
        show(("EVENT", "LEVEL", "AT", "TITLE, AND WHY"), rows, title="events")
    names = ("event", "level", "role", "recipient", "channel", "purpose")
    alerts = [(context.long_ago(alert["at"]), *(alert[name] or "-" for name in names)) for alert in done.alerts]
    if alerts:
        columns = ("AT", *(name.upper() for name in names))
        show(columns, alerts, title="alerts", spare=("CHANNEL", "RECIPIENT"))


def _tell_refused(name: str, refused: list[Refused]) -> None:
    for each in refused[:SHOWN_REFUSALS]:
        click.echo(f"{name}: line {each.line}: {each.error}", err=True)
    if len(refused) > SHOWN_REFUSALS:
        click.echo(f"{name}: and {some(len(refused) - SHOWN_REFUSALS, 'more line')}", err=True)


COMMANDS = (deliveries, record, replay_file)
