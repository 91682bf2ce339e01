"""Commands about what is on record: deliveries, audit, replay."""

from __future__ import annotations

from dataclasses import asdict
from typing import IO

import click

from ..errors import RequestError
from ..replay import Line, read_lines, replay
from ..store import audit, outbox
from .context import Context, as_json, console, pass_context, print_json, table


@click.command()
@click.option("--dead", is_flag=True, help="Only those that could not be delivered.")
@click.option("--last", default=50, show_default=True, help="How many.")
@as_json
@pass_context
def deliveries(context: Context, dead: bool, last: int, as_json: bool) -> None:
    """List what was sent to whom, and what came of it."""
    with context.reading() as connection:
        rows = outbox.latest(connection, dead=dead, limit=last)
    if as_json:
        print_json([asdict(row) | {"state": row.state.value, "level": row.level.name.lower()} for row in rows])
        return
    shown = table("PROMISED", "ACCEPTED", "LEVEL", "RECIPIENT", "CHANNEL", "STATE", "TRIES", "KEY", "ANSWER")
    for row in rows:
        times = (context.when(row.created_at), context.when(row.accepted_at))
        what = (row.level.name.lower(), row.recipient, row.channel, row.state.value, str(row.attempts))
        shown.add_row(*times, *what, row.key, row.detail)
    console.print(shown)


@click.group("audit")
def record() -> None:
    """The record that answers for everything."""


@record.command()
@pass_context
def verify(context: Context) -> None:
    """Check that nothing in the record was altered, removed or put in. Exits 1 if something was."""
    with context.reading() as connection:
        broken = audit.first_broken(connection)
        number = audit.size(connection)
    if broken is not None:
        raise RequestError(f"the record is broken at entry {broken.id}, {broken.at:%FT%TZ} {broken.what}")
    click.echo(f"ok: {number} entries, the chain holds")


@click.command("replay")
@click.argument("file", type=click.File(encoding="utf-8"))
@as_json
@pass_context
def replay_file(context: Context, file: IO[str], as_json: bool) -> None:
    """Run old posts through match, group and level, and print the events and the alerts there would have been.

    FILE holds one JSON object a line: url, source, mainstream, title, text, published_at, fetched_at, reads,
    comments, reposts. What is missing is unknown; a further line with the same url is a later reading.
    """
    good: list[Line] = []
    bad = 0
    for line in read_lines(file, timezone=context.zone):
        if isinstance(line, Line):
            good.append(line)
        else:
            bad += 1
            click.echo(f"{file.name}: {line}", err=True)
    done = replay(good, context.settings, context.plugins)
    if as_json:
        print_json(asdict(done) | {"refused": bad})
    else:
        shown = table("EVENT", "LEVEL", "POSTS", "FOUND", "TITLE", title=f"{done.lines} lines", title_justify="left")
        for event in done.events:
            shown.add_row(event["event"], event["level"], str(len(event["posts"])), event["found_at"], event["title"])
            for step in event["levels"]:
                shown.add_row("", step["level"], "", step["at"], f"  {step['reason']}")
        console.print(shown)
        shown = table(
            "AT", "EVENT", "LEVEL", "PURPOSE", "ROLE", "RECIPIENT", "CHANNEL", title="alerts", title_justify="left"
        )
        for alert in done.alerts:
            shown.add_row(
                *(str(alert[name]) for name in ("at", "event", "level", "purpose", "role", "recipient", "channel"))
            )
        console.print(shown)
    raise SystemExit(1 if bad else 0)


COMMANDS = (deliveries, record, replay_file)
