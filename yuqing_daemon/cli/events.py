"""Commands about events: events, event, ack."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import click
from sqlalchemy import Connection

from ..domain import Event, EventState
from ..errors import RequestError
from ..store import audit, events, outbox, posts
from .context import Context, as_json, console, count, pass_context, print_json, table

COLOURS = {1: "cyan", 2: "yellow", 3: "red"}


@click.command("events")
@click.option("--all", "everything", is_flag=True, help="Closed ones too.")
@as_json
@pass_context
def list_events(context: Context, everything: bool, as_json: bool) -> None:
    """List the open events, the latest change first."""
    with context.reading() as connection:
        found = events.listed(connection, state=None if everything else EventState.OPEN)
    if as_json:
        print_json([summary(event) for event in found])
        return
    if not found:
        click.echo("no open events" if not everything else "no events yet")
        return
    shown = table("EVENT", "LEVEL", "READS", "COMMENTS", "MEDIA", "POSTS", "FOUND", "ACKNOWLEDGED", "TITLE")
    for event in found:
        heat = event.heat
        figures = (count(heat.reads), count(heat.comments), str(heat.mainstream), str(heat.posts))
        by = event.acknowledged_by if event.is_acknowledged else "no"
        shown.add_row(event.code, level(event), *figures, context.when(event.found_at), by, event.title)
    console.print(shown)


@click.command("event")
@click.argument("code")
@as_json
@pass_context
def show_event(context: Context, code: str, as_json: bool) -> None:
    """Show one event: its figures, posts, notices and record."""
    with context.reading() as connection:
        event = _find(connection, code)
        story = _story(connection, event)
    if as_json:
        print_json(story)
        return
    heat = event.heat
    console.print(f"[bold]{event.code}[/] {level(event)}  {event.title}")
    console.print(
        f"topic {event.topic}, {event.state.value}, found {context.when(event.found_at)}; reads {count(heat.reads)}, "
        f"comments {count(heat.comments)}, mainstream sites {heat.mainstream}, posts {heat.posts}"
    )
    if event.acknowledged_at:
        level_then = event.acknowledged_level.name.lower() if event.acknowledged_level else ""
        console.print(f"acknowledged as {level_then} by {event.acknowledged_by}, {context.when(event.acknowledged_at)}")
    _print_rows("posts", ("relation", "site", "title", "url", "reason"), story["posts"])
    _print_rows("matches", ("field", "span", "why"), story["matches"])
    _print_rows("notices", ("level", "role", "recipient", "channel", "purpose", "state", "detail"), story["notices"])
    shown = table("AT", "WHO", "WHAT", "WHY", title="record", title_justify="left")
    with context.reading() as connection:
        for entry in audit.entries(connection, event=event.id):
            why = entry.data.get("reason") or entry.data.get("why") or entry.data.get("key") or ""
            shown.add_row(context.when(entry.at), entry.actor, entry.what, str(why))
    console.print(shown)


@click.command()
@click.argument("code")
@pass_context
def ack(context: Context, code: str) -> None:
    """Take an event over: nobody is reminded of it any more, and it climbs no further."""
    done = context.ask("acknowledge", event=code)
    if done["first"]:
        click.echo(f"{done['event']} acknowledged by {done['by']}")
    else:
        click.echo(f"{done['event']} was already acknowledged by {done['by']} at {done['at']}")


def level(event: Event) -> str:
    """The level, coloured."""
    return f"[{COLOURS[event.level]}]{event.level.name.lower()} {event.level.title()}[/]"


def summary(event: Event) -> dict[str, Any]:
    """An event as JSON."""
    return {**asdict(event), "id": event.code, "level": event.level.name.lower(), "state": event.state.value}


def _find(connection: Connection, code: str) -> Event:
    number = code.strip().upper().removeprefix("E")
    event = events.get(connection, int(number)) if number.isdecimal() else None
    if event is None:
        raise RequestError(f"there is no event {code!r}; see: yuqing events")
    return event


def _story(connection: Connection, event: Event) -> dict[str, Any]:
    numbers = events.posts_of(connection, event.id)
    relations = events.relations(connection, event.id)
    return {
        **summary(event),
        "posts": [
            {"url": p.url, "site": p.site, "title": p.title, "mainstream": p.mainstream, **relations[p.id]}
            for p in posts.get(connection, numbers)
        ],
        "matches": [asdict(m) for m in posts.matches(connection, numbers) if m.topic == event.topic],
        "notices": [
            {
                **{
                    name: getattr(row, name)
                    for name in ("key", "purpose", "role", "recipient", "channel", "to", "detail")
                },
                "level": row.level.name.lower(),
                "state": row.state.value,
                "accepted_at": row.accepted_at,
                "attempts": row.attempts,
            }
            for row in outbox.of_event(connection, event.id)
        ],
        "record": [asdict(entry) for entry in audit.entries(connection, event=event.id)],
    }


def _print_rows(title: str, columns: tuple[str, ...], rows: list[dict[str, Any]]) -> None:
    shown = table(*(column.upper() for column in columns), title=title, title_justify="left")
    for row in rows:
        shown.add_row(*(str(row[column]) for column in columns))
    console.print(shown)


COMMANDS = (list_events, show_event, ack)
