"""Commands about events: events, event, ack."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

import click
from sqlalchemy import Connection

from ..clock import utc_now
from ..domain import AuditEntry, Duty, DutyState, Event, Match, Post
from ..errors import RequestError
from ..rules import asking
from ..rules.level import tightened
from ..rules.outlook import Outlook, outlook
from ..rules.walltime import retold
from ..store import alike, audit, curves, duties, events, opinions, outbox, posts
from ..store.outbox import DeliveryRow
from .context import Context, as_json, pass_context
from .evidence import print_places
from .output import STYLES, count, picked, print_json, say, show

SHOWN = 5  # posts of an event in which what was found is shown where it stands


@click.group("events", invoke_without_command=True)
@click.option("--all", "everything", is_flag=True, help="Closed ones too.")
@as_json
@pass_context
def list_events(context: Context, everything: bool, as_json: bool) -> None:
    """List the open events, the latest change first; 'events add' records one that others found.

    A question mark is a figure that no site says. MEDIA counts the mainstream sites that carried it, DOUBTS what a
    person should look at first: 'yuqing judge' says what.
    """
    if click.get_current_context().invoked_subcommand is not None:
        return
    with context.reading() as connection:
        found = events.listed(connection, live=not everything)
        thought = opinions.current(connection, [event.id for event in found if event.state.is_live])
    doubtful = {id: _doubts(held) for id, held in thought.items()}
    if as_json:
        print_json([summary(event) | {"doubts": doubtful.get(event.id, [])} for event in found])
        return
    if not found:
        say("no events yet" if everything else "no open events")
        return
    rows = []
    for event in found:
        heat = event.heat
        figures = (count(heat.reads, "?"), count(heat.comments, "?"), f"{heat.mainstream}", f"{heat.posts:,}")
        taken = "-" if not event.state.is_live else event.acknowledged_by if event.is_acknowledged else "no"
        first = f"{len(doubtful.get(event.id, ())) or '-'}"
        found_at = context.when(event.found_at)
        rows.append((event.code, event.level.name.lower(), found_at, *figures, first, taken, event.title))
    columns = ("EVENT", "LEVEL", "FOUND", "READS", "COMMENTS", "MEDIA", "POSTS", "DOUBTS", "ACKNOWLEDGED", "TITLE")
    show(columns, rows, spare=("POSTS", "DOUBTS", "FOUND", "MEDIA"))


@click.command("event")
@click.argument("code")
@as_json
@pass_context
def show_event(context: Context, code: str, as_json: bool) -> None:
    """Show one event: its figures, posts, duties, notices and record.

    CODE is E12, or just 12.
    """
    with context.reading() as connection:
        event = _find(connection, code)
        story = _Story(context, connection, event)
    if as_json:
        print_json(story.as_json())
        return
    _print_event(context, event)
    _print_outlook(context, event, story.outlook)
    for other, likeness in story.perhaps_the_same:
        say(f"perhaps the same: {other.code} ({other.title}), likeness {likeness:.2f}; a person decides: yuqing merge")
    relations = [story.relations[post.id] for post in story.posts]
    about = [
        (post.site, relation["relation"], post.title) for post, relation in zip(story.posts, relations, strict=True)
    ]
    show(("SITE", "RELATION", "TITLE"), about, title="posts")
    for post, relation in zip(story.posts, relations, strict=True):
        say(f"{post.url}  ({relation['reason']})")
        print_places(post, [match for match in story.places.get(post.id, ()) if match.topic == event.topic])
    show(
        ("FIELD", "FOUND", "WHY"), [(match.field, _found(match), match.why) for match in story.matches], title="matches"
    )
    thought = [
        (held.plugin, asking.says(held.opinion), f"{held.opinion.confidence:.0%}", held.opinion.reason or "-")
        for held in story.opinions
    ]
    show(("WHO", "SAYS", "SURE", "WHY"), thought, title="opinions: a person decides")
    owed = [(duty.rule, duty.owner, context.when(duty.due_at), *standing(context, duty)) for duty in story.duties]
    show(("DUTY", "OWNER", "DUE", "STATE", "DONE"), owed, title="duties")
    notices = [
        (row.level.name.lower(), row.role, row.recipient, row.channel, row.state.value, row.purpose, row.detail or "-")
        for row in story.notices
    ]
    columns = ("LEVEL", "ROLE", "RECIPIENT", "CHANNEL", "STATE", "PURPOSE", "ANSWER")
    show(columns, notices, title="notices", spare=("PURPOSE", "LEVEL", "ROLE"))
    record = [(context.when(entry.at), entry.actor, entry.what, _why(entry)) for entry in story.record]
    show(("AT", "WHO", "WHAT", "WHY"), record, title="record", spare=("WHO",))


def _doubts(held: Iterable[opinions.Held]) -> list[str]:
    return asking.doubts(each.opinion for each in opinions.standing(held))


def standing(context: Context, duty: Duty) -> tuple[str, str]:
    """The state of a duty, and when and by whom it was done."""
    state = "LATE" if duty.breached_at and duty.state is DutyState.OPEN else duty.state.value
    return state, context.when(duty.done_at) + f" {duty.done_by}" if duty.done_at else "-"


def _print_event(context: Context, event: Event) -> None:
    heat = event.heat
    name = event.level.name.lower()
    say(f"{event.code}  {name} {event.level.title()}  {event.title}", style=f"bold {STYLES[name]}")
    say(f"topic {event.topic}, {event.state.value}, found {context.when(event.found_at)}")
    if event.key_words:
        say(f"key words: {event.key_words}")
    say(
        f"reads {count(heat.reads)}, comments {count(heat.comments)}, reposts {count(heat.reposts)}, "
        f"mainstream sites {heat.mainstream}, posts {heat.posts:,}"
    )
    if event.acknowledged_level and event.acknowledged_at:
        then = event.acknowledged_level.name.lower()
        say(f"acknowledged as {then} by {event.acknowledged_by}, {context.when(event.acknowledged_at)}")
    elif event.state.is_live:
        say(f"not acknowledged; take it over with: yuqing ack {event.code}")


def _found(match: Match) -> str:
    return match.span if match.variant == "plain" else f"{match.span} ({match.variant} of {match.term})"


def _print_outlook(context: Context, event: Event, found: Outlook | None) -> None:
    if found is not None:
        say(f"{found.stage.value}: {retold(found.reason, utc_now(), context.zone)}")
    if found is not None and found.forecast is not None:
        say(f"to be expected: {retold(found.forecast.reason, utc_now(), context.zone)}")
    if event.handled_as is not None and event.handled_as > event.level:
        say(f"handled as {event.handled_as.name.lower()}, though its figures reach no floor of it")


def _why(entry: AuditEntry) -> str:
    return str(entry.data.get("reason") or entry.data.get("why") or entry.data.get("key") or "-")


@click.command
@click.argument("code")
@click.option("--by", default="", help="Who takes it over, if not you.")
@as_json
@pass_context
def ack(context: Context, code: str, by: str, as_json: bool) -> None:
    """Take an event over: nobody is reminded of it any more, and it climbs no further.

    CODE is E12, or just 12. It is put on record under the name of the user who is logged in, unless --by says another.
    """
    done = context.ask("acknowledge", event=code, on_behalf_of=by)
    if as_json:
        print_json(dict(done))
    elif done["first"]:
        say(f"{done['event']} acknowledged by {done['by']}")
    else:
        say(f"{done['event']} was already acknowledged by {done['by']} at {done['at']}")


def _find(connection: Connection, code: str) -> Event:
    number = code.strip().upper().removeprefix("E")
    event = events.get(connection, int(number)) if number.isdecimal() and len(number) < 19 else None
    if event is None:
        raise RequestError(f"there is no event {code!r}; see: yuqing events")
    return event


# -- as JSON --------------------------------------------------------------------------------------


class _Story:
    """An event with everything that hangs on it."""

    def __init__(self, context: Context, connection: Connection, event: Event) -> None:
        numbers = events.posts_of(connection, event.id)
        self.event = event
        self.posts: tuple[Post, ...] = posts.get(connection, numbers)
        self.relations = events.relations(connection, event.id)
        self.matches: list[Match] = [m for m in posts.matches(connection, numbers) if m.topic == event.topic]
        self.places = {post.id: posts.matches(connection, [post.id]) for post in self.posts[:SHOWN]}
        self.opinions = opinions.current(connection, [event.id]).get(event.id, [])
        self.notices: list[DeliveryRow] = outbox.of_event(connection, event.id)
        self.outlook = _outlook(context, connection, event, self.posts)
        self.duties: list[Duty] = duties.of_event(connection, event.id)
        self.perhaps_the_same = alike.perhaps_the_same(connection, event) if event.state.is_live else []
        self.record: list[AuditEntry] = list(audit.entries(connection, event=event.id))

    def as_json(self) -> dict[str, Any]:
        said = ("url", "source", "site", "mainstream", "title", "published_at", "fetched_at")
        found = ("topic", "field", "span", "term", "start", "end", "variant", "why")
        return {
            **summary(self.event),
            "stage": self.outlook.stage.value if self.outlook else self.event.stage or None,
            "stage_reason": self.outlook.reason if self.outlook else self.event.stage_reason or None,
            "forecast": self.outlook.forecast.reason if self.outlook and self.outlook.forecast else None,
            "handled_as": self.event.handled_level.name.lower(),
            "posts": [picked(post, *said) | self.relations[post.id] for post in self.posts],
            "matches": [picked(match, *found) for match in self.matches],
            "opinions": [
                {"by": held.plugin, "at": held.at}
                | picked(held.opinion, "kind", "detail", "sentiment", "subject", "confidence", "reason", "unsure")
                for held in self.opinions
            ],
            "doubts": _doubts(self.opinions),
            "duties": [asdict(duty) for duty in self.duties],
            "perhaps_the_same": [{"id": other.code, "likeness": round(by, 4)} for other, by in self.perhaps_the_same],
            "notices": list(notices(self.notices)),
            "record": [picked(entry, "id", "at", "actor", "what", "data", "prev", "hash") for entry in self.record],
        }


def _outlook(context: Context, connection: Connection, event: Event, members: tuple[Post, ...]) -> Outlook | None:
    now, regime = utc_now(), events.regime_of(connection, event.id)
    in_force = tightened(regime) if context.settings.special_period(now) else regime
    return outlook(curves.of_event(connection, event.id, members, now=now), event, in_force, now=now)


def summary(event: Event) -> dict[str, Any]:
    """An event as JSON."""
    then = event.acknowledged_level
    return {
        "id": event.code,
        "level": event.level.name.lower(),
        **picked(
            event, "topic", "title", "key_words", "state", "kind", "subject", "found_at", "updated_at", "closed_at"
        ),
        "heat": picked(event.heat, "reads", "comments", "reposts", "mainstream", "posts"),
        "acknowledged": event.is_acknowledged,
        "acknowledged_level": then.name.lower() if then else None,
        **picked(event, "acknowledged_by", "acknowledged_at"),
    }


def notices(rows: Iterable[DeliveryRow]) -> Iterable[dict[str, Any]]:
    """Deliveries as JSON, without the texts: an acknowledgement link is for its recipient alone."""
    for row in rows:
        yield {
            "key": row.key,
            "event": f"E{row.event}" if row.event else None,
            "level": row.level.name.lower(),
            **picked(row, "purpose", "role", "recipient", "channel", "to", "state", "attempts"),
            **picked(row, "created_at", "due_at", "deadline", "accepted_at", "provider_id", answer="detail"),
            **picked(row, "receipt", "receipt_at", "suppressed_by", "reason"),
            "subject": row.notice.subject,
        }


COMMANDS = (show_event, ack)
