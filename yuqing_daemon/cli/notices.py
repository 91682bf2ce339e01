"""Commands about notices: what was sent to whom, what is not to be told for a while."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import click

from ..domain import DeliveryState
from ..engine import hearing
from ..errors import RequestError
from ..rules.silence import FIELDS
from ..store import events, outbox, secret_key, silences
from ..store.outbox import DeliveryRow
from .context import Context, as_json, pass_context
from .events import notices
from .output import picked, print_json, say, show

SPAN = re.compile(r"([1-9][0-9]{0,4})([mhd])")
STATES = tuple(each.value for each in DeliveryState)
UNITS = {"m": "minutes", "h": "hours", "d": "days"}


@click.command
@click.option("--dead", is_flag=True, help="Only those that could not be delivered.")
@click.option("--state", type=click.Choice(list(STATES)), metavar="STATE", help=f"Only those: {', '.join(STATES)}.")
@click.option("--event", "code", metavar="EVENT", help="Only those about this event.")
@click.option("--to", "recipient", metavar="PERSON", help="Only those to this person.")
@click.option("--channel", help="Only those over this channel.")
@click.option("--requeue", metavar="KEY", help="Send this dead letter again, under the same key.")
@click.option("--last", type=click.IntRange(min=1), default=50, show_default=True, help="How many.")
@as_json
@pass_context
def deliveries(
    context: Context, /, dead: bool, state: str, code: str, requeue: str, last: int, as_json: bool, **same: str
) -> None:
    """List what was sent to whom, with the provider's answer as the proof, the latest first.

    What was not sent by itself says why: suppressed, bundled with others, cancelled, expired.
    """
    if requeue:
        context.ask("requeue", key=requeue)
        say(f"{requeue} is sent again")
        return
    wanted = DeliveryState.DEAD if dead else DeliveryState(state) if state else None
    only: dict[str, object] = {name: value for name, value in same.items() if value}
    if code:
        only["event"] = _number(code)
    with context.reading() as connection:
        rows = outbox.latest(connection, state=wanted, limit=last, **only)
        if not rows and code and events.get(connection, _number(code)) is None:
            raise RequestError(f"there is no event {code!r}; see: yuqing events")
    if not rows:
        _known(context, same.get("recipient"), same.get("channel"))
    if as_json:
        print_json(list(notices(rows)))
    elif rows:
        _show(context, rows, dead=wanted is DeliveryState.DEAD)
    else:
        say("no dead letters" if dead else "nothing of the kind" if only or wanted else "nothing was sent yet")


def _number(code: str) -> int:
    number = code.strip().upper().removeprefix("E")
    if not number.isdecimal():
        raise RequestError(f"there is no event {code!r}; see: yuqing events")
    return int(number)


def _known(context: Context, recipient: str | None, channel: str | None) -> None:
    """Refuse a name that stands nowhere: that there is nothing to it would be no news."""
    if recipient and context.settings.recipient(recipient) is None:
        raise RequestError(f"there is no person {recipient!r}, and nothing was sent to one; see people.toml")
    if channel and channel not in context.settings.channels:
        raise RequestError(f"there is no channel {channel!r}, and nothing was sent over one; see yuqing.toml")


def _show(context: Context, rows: list[DeliveryRow], *, dead: bool) -> None:
    shown = []
    for row in rows:
        event = f"E{row.event}" if row.event else "-"
        times = (context.when(row.created_at), context.when(row.accepted_at))
        what = (event, row.level.name.lower(), row.recipient, row.channel, row.state.value, f"{row.attempts}")
        receipt = f"{row.receipt} {context.when(row.receipt_at)}; " if row.receipt else ""
        shown.append((*times, *what, row.key if dead else row.purpose, receipt + (row.detail or "-")))
    last = "KEY" if dead else "PURPOSE"  # by its key a dead letter is sent again
    columns = ("PROMISED", "ACCEPTED", "EVENT", "LEVEL", "RECIPIENT", "CHANNEL", "STATE", "TRIES", last, "ANSWER")
    spare = ("ACCEPTED", "LEVEL", "TRIES")
    show(columns, shown, spare=(*spare, "STATE", "EVENT", "CHANNEL", "RECIPIENT") if dead else ("PURPOSE", *spare))
    if dead:
        say("when mended: yuqing deliveries --requeue KEY")


# -- silences -------------------------------------------------------------------------------------


@click.group("silence")
def silence() -> None:
    """What nobody is to be told for a while. Clocks, extraordinary first words and the record go on."""


@silence.command(short_help="Hold notices back until an end.")
@click.argument("matcher", nargs=-1, required=True, metavar="FIELD=VALUE...")
@click.option("--for", "span", metavar="SPAN", help="How long: 30m, 2h, 3d; 30d at the most.")
@click.option("--until", type=click.DateTime(), help="Until when, in the organisation's zone.")
@click.option("--from", "start", type=click.DateTime(), help="From when, for planned maintenance. Default: now.")
@click.option("--reason", "-m", required=True, help="Why; on record.")
@pass_context
def add(context: Context, matcher: tuple[str, ...], span: str, until: datetime, start: datetime, reason: str) -> None:
    """Hold back the notices that match every FIELD=VALUE.

    Fields: event, topic, level, source, recipient, channel, purpose. Who was not told is told when it ends, in one
    message.
    """
    if bool(span) == bool(until):
        raise click.UsageError("want either --for or --until")
    wanted = dict(_pair(each) for each in matcher)
    given: dict[str, Any] = {"matcher": wanted, "reason": reason}
    if start:
        given["starts_at"] = start.replace(tzinfo=context.zone).isoformat()
    if until:
        given["ends_at"] = until.replace(tzinfo=context.zone).isoformat()
    else:
        given["seconds"] = _span(span).total_seconds()
    done = context.ask("silence", **given)
    ends_at = context.when(datetime.fromisoformat(done["ends_at"]))
    say(f"silence {done['id']} until {ends_at}; end it before with: yuqing silence end {done['id']}")


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or name not in FIELDS or not value:
        raise click.UsageError(f"{text!r}: want FIELD=VALUE, with a FIELD of {', '.join(FIELDS)}")
    return name, value.upper() if name == "event" else value


def _span(text: str) -> timedelta:
    found = SPAN.fullmatch(text)
    if found is None:
        raise click.UsageError(f"--for {text!r}: want minutes, hours or days, as 30m, 2h or 3d")
    return timedelta(**{UNITS[found[2]]: int(found[1])})


@silence.command("list", short_help="List the silences.")
@click.option("--all", "everything", is_flag=True, help="Also those that are over.")
@as_json
@pass_context
def list_silences(context: Context, everything: bool, as_json: bool) -> None:
    """List the silences that hold or are to come."""
    with context.reading() as connection:
        found = silences.listed(connection, since=None if everything else context.now())
    if as_json:
        names = ("id", "matcher", "starts_at", "ends_at", "author", "reason")
        print_json([picked(each, *names) for each in found])
    elif found:
        rows = [
            (
                f"{each.id}",
                context.when(each.starts_at),
                context.when(each.ends_at),
                each.author,
                " ".join(f"{name}={value}" for name, value in each.matcher.items()),
                each.reason,
            )
            for each in found
        ]
        show(("SILENCE", "FROM", "UNTIL", "BY", "WHAT", "WHY"), rows)
    else:
        say("nothing is silenced")


@silence.command("end", short_help="End a silence before its time.")
@click.argument("id", type=int)
@pass_context
def end_silence(context: Context, id: int) -> None:
    """End a silence before its time; who was not told is told now."""
    context.ask("end-silence", silence=id)
    say(f"silence {id} is over")


@click.command("callback-url")
@click.argument("channel")
@pass_context
def callback_url(context: Context, channel: str) -> None:
    """Say where a channel's provider may tell of receipts and of answers: the address is secret, and the channel's own.

    It begins with public_url of [web], which the provider has to reach.
    """
    if channel not in context.settings.channels:
        raise RequestError(f"there is no channel {channel!r}; see [channels] in yuqing.toml")
    path = f"/callback/{channel}/{hearing.token(secret_key(context.settings.state), channel)}"
    say(f"{context.settings.web.public_url}{path}")


COMMANDS: tuple[click.Command, ...] = (deliveries, silence, callback_url)
