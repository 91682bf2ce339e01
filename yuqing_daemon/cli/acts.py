"""Commands to judge and handle events (R8): each is an act on record, with who, when and why."""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from ..domain import Act, Kind, Level
from ..errors import RequestError
from ..store import duties
from .context import Context, as_json, pass_context
from .events import list_events, standing
from .output import print_json, say, show

code = click.argument("code", metavar="EVENT")
why = click.option("--reason", "-m", default="", help="Why; on record.")
by = click.option("--by", default="", help="Who did it, if not you.")
level = click.option("--level", type=click.Choice([each.name.lower() for each in Level]), help="The level it has.")
kind = click.option("--kind", type=click.Choice([each.value for each in Kind]), help="The kind it is.")


def act_on(context: Context, event: str, act: Act, reason: str, who: str, **data: Any) -> None:
    """Let a person do something about an event, and say what came of it."""
    given = {name: value for name, value in data.items() if value not in (None, ())}
    done = context.ask("act", event=event, act=act.value, reason=reason, data=given, on_behalf_of=who)
    words = f"{done['event']} {act.value.replace('_', ' ')}: {done['state']}, {done['level']}"
    say(words + (f", {done['kind']}" if done["kind"] else ""))


@click.command
@code
@kind
@level
@why
@by
@pass_context
def confirm(context: Context, code: str, kind: str, level: str, reason: str, by: str) -> None:
    """Confirm an event, with its kind and level as you see them."""
    act_on(context, code, Act.CONFIRM, reason, by, kind=kind, level=level)


@click.command
@code
@kind
@level
@click.option("--title", help="What people call it.")
@click.option("--subject", help="A sensitive subject of the regime; '' for none.")
@why
@by
@pass_context
def correct(context: Context, /, code: str, reason: str, by: str, **changes: str) -> None:
    """Correct what the machine, or somebody before you, made of an event. A lower level wants a reason."""
    act_on(context, code, Act.CORRECT, reason, by, **changes)


@click.command
@code
@why
@by
@pass_context
def dismiss(context: Context, code: str, reason: str, by: str) -> None:
    """Say that an event is none of ours, or nothing. It comes back only if its level rises."""
    act_on(context, code, Act.DISMISS, reason, by)


@click.command
@code
@click.option("--into", required=True, metavar="EVENT", help="The event that takes it in.")
@why
@by
@pass_context
def merge(context: Context, code: str, into: str, reason: str, by: str) -> None:
    """Make an event part of another of the same topic; their figures count together from now on."""
    act_on(context, code, Act.MERGE, reason, by, into=into)


@click.command
@code
@click.argument("posts", nargs=-1, required=True, metavar="URL...")
@why
@by
@pass_context
def split(context: Context, code: str, posts: tuple[str, ...], reason: str, by: str) -> None:
    """Make the posts at those addresses an event of their own."""
    act_on(context, code, Act.SPLIT, reason, by, posts=list(posts))


@click.command("hand-over")
@code
@click.option("--to", required=True, metavar="PERSON", help="The id of a person in people.toml.")
@why
@by
@pass_context
def hand_over(context: Context, code: str, to: str, reason: str, by: str) -> None:
    """Hand an event to a department or a person; they are told, and what the regime asks of them begins."""
    act_on(context, code, Act.HAND_OVER, reason, by, to=to)


@click.command("do")
@code
@click.argument("duty")
@why
@by
@pass_context
def do(context: Context, code: str, duty: str, reason: str, by: str) -> None:
    """Mark a duty as done; 'yuqing duties EVENT' lists what is owed."""
    act_on(context, code, Act.DO, reason, by, duty=duty)


@click.command
@code
@click.option("--decision", required=True, type=click.Choice(["refer", "do-not-refer"]), help="What was decided.")
@click.option("--evidence", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="The evidence file.")
@why
@by
@pass_context
def refer(context: Context, code: str, decision: str, evidence: Path | None, reason: str, by: str) -> None:
    """Record the decision whether an event is referred to the competent authority: a person's, never the machine's."""
    name = str(evidence.resolve()) if evidence else None
    act_on(context, code, Act.REFER, reason, by, decision=decision, evidence=name, evidence_sha256=_digest(evidence))


def _digest(path: Path | None) -> str | None:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path else None


def _plain(name: str, act: Act, text: str) -> click.Command:
    """A command that takes an event and words, and puts them on record."""

    @click.command(name, help=f"{text} WORDS say what; they are on record.")
    @code
    @click.argument("words", nargs=-1)
    @click.option("--duty", help="Only this duty is fulfilled by it, if several could be.")
    @by
    @pass_context
    def command(context: Context, code: str, words: tuple[str, ...], duty: str, by: str) -> None:
        act_on(context, code, act, " ".join(words), by, duty=duty)

    return command


@list_events.command("add", short_help="Record an event that others found before us.")
@click.option("--topic", required=True, help="The topic it belongs to.")
@click.option("--title", required=True, help="What people call it.")
@click.option("--url", default="", help="Where it is public; nothing for a phone report.")
@click.option("--text", default="", help="What it says.")
@click.option("--unit", default="", help="Who told us.")
@click.option("--public-at", type=click.DateTime(), help="Since when it is public, in the organisation's zone.")
@why
@pass_context
def add(context: Context, /, public_at: datetime | None, **told: str) -> None:
    """Record an event that others found before us, or that came by phone. It is handled like any other."""
    at = public_at.replace(tzinfo=context.zone).isoformat() if public_at else ""
    done = context.ask("add-event", public_at=at, **told)
    say(f"{done['event']} opened, {done['level']}")


@click.command("duties")
@click.argument("code", metavar="EVENT", required=False)
@as_json
@pass_context
def list_duties(context: Context, code: str | None, as_json: bool) -> None:
    """List what is owed about all events, or everything that was ever owed about one."""
    with context.reading() as connection:
        if code is None:
            found = duties.owed(connection)
        else:
            number = code.strip().upper().removeprefix("E")
            if not number.isdecimal():
                raise RequestError(f"there is no event {code!r}; see: yuqing events")
            found = duties.of_event(connection, int(number))
    if as_json:
        print_json([asdict(duty) for duty in found])
        return
    if not found:
        say("nothing is owed")
        return
    rows = [
        (f"E{duty.event}", duty.rule, duty.owner, context.when(duty.due_at), *standing(context, duty)) for duty in found
    ]
    show(("EVENT", "DUTY", "OWNER", "DUE", "STATE", "DONE"), rows)


COMMANDS: tuple[click.Command, ...] = (
    confirm,
    correct,
    dismiss,
    merge,
    split,
    hand_over,
    do,
    refer,
    _plain("note", Act.NOTE, "Put a note on record."),
    _plain("reply", Act.REPLY, "Record the answer that was given."),
    _plain("phone", Act.PHONE, "Record that it was reported by phone, and to whom."),
    _plain("release", Act.RELEASE, "Record what was released to the public."),
    _plain("close", Act.CLOSE, "Close an event."),
    _plain("reopen", Act.REOPEN, "Take up again what was closed, dismissed or over."),
    list_duties,
    list_events,  # with what is added here
)
