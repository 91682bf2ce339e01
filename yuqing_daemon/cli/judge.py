"""Commands to judge (研判): what waits for a judgement, one event judged, and what was learned from it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import click

from ..domain import Act, EventState
from ..errors import RequestError
from ..rules import asking, learned
from ..store import duties, events, opinions, weights
from .acts import by, kind, why
from .context import Context, as_json, pass_context
from .output import picked, print_json, say, show


@click.command
@click.argument("code", metavar="[EVENT]", required=False)
@click.option("--relevant/--not-relevant", default=None, help="Confirm it, or dismiss it.")
@kind
@click.option("--sentiment", type=click.Choice(["pos", "neg"]), help="How it speaks of us.")
@click.option("--undo", is_flag=True, help="Take back what the last judgement on it taught.")
@why
@by
@as_json
@pass_context
def judge(
    context: Context,
    /,
    code: str | None,
    relevant: bool | None,
    kind: str | None,
    sentiment: str | None,
    undo: bool,
    reason: str,
    by: str,
    as_json: bool,
) -> None:
    """Judge an event: what is said of it is on record, and the organisation's own weights learn from it at once.

    Without EVENT: what waits for a judgement, that with the nearest end first, then what is least sure.
    """
    if code is None:
        _list(context, as_json)
        return
    if undo:
        done = context.ask("unlearn", event=code, on_behalf_of=by)
        say(f"taken back: {', '.join(done['targets'])}; the event stays as it is, see: yuqing reopen, yuqing correct")
        return
    given = {name: value for name, value in (("kind", kind), ("sentiment", sentiment)) if value}
    if relevant is None and not given:
        raise RequestError("judge it how? --relevant or --not-relevant, --kind, --sentiment")
    if relevant is False and given:
        raise RequestError("what is not relevant has no kind and no sentiment: leave --kind and --sentiment out")
    act = Act.CORRECT if relevant is None else Act.CONFIRM if relevant else Act.DISMISS
    done = context.ask("act", event=code, act=act.value, reason=reason, data=given, on_behalf_of=by)
    if as_json:
        print_json(dict(done))
    else:
        say(f"{done['event']} {done['state']}, {done['level']}" + (f", {done['kind']}" if done["kind"] else ""))


def _list(context: Context, as_json: bool) -> None:
    with context.reading() as connection:
        waiting = [event for event in events.listed(connection, live=True) if event.state is EventState.FOUND]
        thought = opinions.current(connection, [event.id for event in waiting])
        ends = {duty.event: duty.due_at for duty in reversed(duties.owed(connection)) if duty.due_at}
    questions = asking.in_order(
        asking.Question(
            event=event,
            due_at=ends.get(event.id),
            opinions=tuple(held.opinion for held in opinions.standing(thought.get(event.id, []))),
        )
        for event in waiting
    )
    if as_json:
        print_json([_as_json(question) for question in questions])
    elif not questions:
        say("nothing waits for a judgement")
    else:
        rows = []
        for question in questions:
            event = question.event
            words = "; ".join(asking.doubts(question.opinions)) or (
                "at the end of the queue" if question.is_low else "-"
            )
            rows.append((event.code, event.level.name.lower(), context.when(question.due_at), words, event.title))
        show(("EVENT", "LEVEL", "DUE", "PLEASE LOOK AT", "TITLE"), rows)


def _as_json(question: asking.Question) -> dict[str, Any]:
    return {
        "id": question.event.code,
        "title": question.event.title,
        "level": question.event.level.name.lower(),
        "due_at": question.due_at,
        "uncertainty": round(question.uncertainty, 3),
        "low": question.is_low,
        "doubts": list(asking.doubts(question.opinions)),
    }


@click.command("learning")
@as_json
@pass_context
def show_learning(context: Context, as_json: bool) -> None:
    """Show what judgements taught: for each topic and matter how many, and how many were predicted rightly.

    PRECISION is the share of yes: of a topic, how many of the events found were to the point. SHIPPED and OWN are the
    shares predicted rightly before the judgement was known, by the shipped weights alone and with the own ones.
    """
    names = ("target", "yes", "shipped", "own", "at")
    with context.reading() as connection:
        told = [learned.Told(**picked(each, *names)) for each in weights.standing(connection)]
    found = learned.figures(told, context.zone)
    if as_json:
        print_json([asdict(each) for each in found])
    elif not found:
        say("nothing was learned yet; every judgement teaches: yuqing judge")
    else:
        rows = [
            (
                each.target,
                each.month or "last 200",
                f"{each.judgements}",
                *map(_percent, (each.precision, each.shipped, each.own)),
            )
            for each in found
        ]
        show(("MATTER", "WHEN", "JUDGEMENTS", "PRECISION", "SHIPPED", "OWN"), rows)


def _percent(share: float) -> str:
    return f"{share:.0%}"


COMMANDS: tuple[click.Command, ...] = (judge, show_learning)
