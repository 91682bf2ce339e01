"""The command that shows whether a happening would reach everybody, and how soon."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import click

from .. import control
from ..errors import NotNow, RequestError
from ..store import audit, drills
from .context import Context, as_json, pass_context
from .output import print_json, say, show, some

LOOK_EVERY, GRACE = 0.2, 15.0  # seconds between two looks at the record, and beyond the drill's own end


@click.command
@click.option("--person", default="", help="Tell this person only.")
@click.option("--role", default="", help="Tell those who hold this role only.")
@click.option("--channel", default="", help="Tell over this channel only.")
@click.option("--wait", type=click.FloatRange(1, 3600), default=120, show_default=True, help="Seconds it may take.")
@as_json
@pass_context
def drill(context: Context, /, wait: float, as_json: bool, **narrowed: str) -> None:
    """See a marked happening through: a page is crawled, matched, graded and escalated, and everybody is told.

    Every channel of every person gets a message that begins with 演练 or DRILL, at once and at any hour. Shows what
    each step took. Nothing of it stays but its messages and its entry on record. Exits 1 unless everything was
    accepted, 75 if no daemon runs or a drill is under way, 78 if nobody can be told that way.
    """
    state = context.settings.state
    answer = control.ask(state, {"do": "drill", "by": context.user, "wait": wait, **narrowed})
    if answer is None:
        raise NotNow("no daemon is running on this configuration; start it with: yuqing run")
    came = _ended(context, str(answer["drill"]), wait + GRACE)
    if as_json:
        print_json(came)
    else:
        _show(came)
    raise SystemExit(0 if came["ok"] else 1)


def _ended(context: Context, id: str, wait: float) -> Mapping[str, Any]:
    """What the record says came of it, as soon as it does."""
    until = time.monotonic() + wait
    while time.monotonic() < until:
        with context.reading() as connection:
            current = drills.current(connection)
            found = None if current and current.id == id else audit.last(connection, "drill.ended")
        if found is not None and found.data["drill"] == id:
            return found.data
        time.sleep(LOOK_EVERY)
    raise RequestError("the daemon has not ended the drill; see: yuqing status")


def _show(came: Mapping[str, Any]) -> None:
    steps, before = [], 0.0
    for each in came["steps"]:
        steps.append((each["step"], _seconds(each["seconds"] - before), _seconds(each["seconds"]), each["note"]))
        before = each["seconds"]
    show(("STEP", "TOOK", "AFTER", "WHAT"), steps)
    told = [
        (
            each["recipient"],
            each["channel"],
            "accepted" if each["accepted"] else "not accepted",
            _seconds(each["seconds"]),
            f"{each['attempts']}",
            each["answer"] or "-",
        )
        for each in came["told"]
    ]
    if told:
        show(("RECIPIENT", "CHANNEL", "STATE", "AFTER", "TRIES", "ANSWER"), told, title="told", spare=("TRIES",))
    accepted = [each["seconds"] for each in came["told"] if each["accepted"]]
    last = f", the last after {_seconds(max(accepted))}" if accepted else ""
    say(came["fault"] or f"{len(accepted)} of {some(len(told), 'notice')} accepted{last}")


def _seconds(seconds: float | None) -> str:
    """Seconds for people, and minutes where they are many.

    >>> _seconds(0.25), _seconds(192), _seconds(None)
    ('0.25 s', '3.2 min', '-')
    """
    if seconds is None:
        return "-"
    return f"{seconds:.2f} s" if seconds < 120 else f"{seconds / 60:.1f} min"


COMMANDS: tuple[click.Command, ...] = (drill,)
