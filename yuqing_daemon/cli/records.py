"""Commands about what is on record: audit, replay."""

from __future__ import annotations

from dataclasses import asdict
from typing import IO, Any

import click
from sqlalchemy import Connection

from ..replay import Replayed, replay
from ..store import audit
from .context import Context, as_json, pass_context
from .lines import Refused, read_lines
from .output import picked, print_json, say, show, some

SHOWN_REFUSALS = 20


@click.group("audit")
def record() -> None:
    """The record that answers for everything."""


@record.command(short_help="Check that nothing in the record was altered.")
@click.option(
    "--head", "known_head", default="", metavar="HASH", help="A head known from elsewhere: is it still there?"
)
@as_json
@pass_context
def verify(context: Context, known_head: str, as_json: bool) -> None:
    """Check that nothing in the record was altered, removed or put in. Exits 1 if something was.

    That its end was cut off can only be told with a head that was noted elsewhere: 'yuqing audit head' prints it, and
    the daily digest carries it.
    """
    known_head = known_head.strip().lower()
    if known_head and (len(known_head) != 64 or set(known_head) - set("0123456789abcdef")):
        raise click.BadParameter("want 64 letters of 0-9 a-f, as yuqing audit head prints them", param_hint="--head")
    with context.reading() as connection:
        state = state_of_record(connection, known_head=known_head)
    broken = state["broken"]
    if as_json:
        print_json(state)
    elif broken is None:
        say(f"ok: {some(state['entries'], 'entry', 'entries')}, the chain holds")
    else:
        place = f" at entry {broken['id']}, {broken['at']:%FT%TZ} {broken['what']}" if broken["id"] else ""
        say(f"the record is broken{place}: {broken['flaw']}, {broken['detail']}", style="red")
    raise SystemExit(0 if broken is None else 1)


@record.command("head", short_help="Print the number and hash of the last entry.")
@as_json
@pass_context
def show_head(context: Context, as_json: bool) -> None:
    """Print the number and the hash of the record's last entry, to be kept where nobody can change it."""
    with context.reading() as connection:
        last = audit.head(connection)
    if as_json:
        print_json(picked(last, "id", "at", "hash") if last else None)
    elif last:
        say(f"{last.id} {last.hash}")
    else:
        say("the record is empty")


def state_of_record(connection: Connection, *, known_head: str = "") -> dict[str, Any]:
    """Whether the record holds, as JSON."""
    broken, last = audit.first_flaw(connection, known_head=known_head), audit.head(connection)
    first = None
    if broken is not None:
        entry = broken.entry
        first = {"flaw": broken.flaw.value, "detail": broken.detail, "id": None, "at": None, "what": None}
        first |= picked(entry, "id", "at", "what") if entry else {}
    return {
        "ok": broken is None,
        "entries": audit.size(connection),
        "head": last.hash if last else None,
        "broken": first,
    }


# -- replay ---------------------------------------------------------------------------------------


@click.command("replay")
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


COMMANDS = (record, replay_file)
