"""Commands that answer for what was done: ledger, review (R25-R27)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

import click
from sqlalchemy import Connection

from ..clock import utc_now
from ..rules.clocks import Days, Span, parse_length
from ..rules.ledger import Heading, Line, Tally, counted, ledger, within
from ..rules.review import Suggestion, suggestions
from ..store.ledger import records
from ..store.review import review_facts
from .context import Context, as_json, pass_context
from .output import ago, inert, picked, print_json, say, show, some
from .records import state_of_record

FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet may take for something to run
CSV_COLUMNS = ("heading", "heading_zh", "event", "at", "units", "people", "what", "figures", "entries", "key")


class _Day(click.ParamType[date]):
    """A day, or an instant; without an offset it is in the organisation's zone."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """A ``date``, or a ``datetime`` if a time of day was given."""
        try:
            return date.fromisoformat(value) if len(value) == 10 else datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is neither 2026-03-01 nor 2026-03-01T08:30", param, ctx)


class _Within(click.ParamType[timedelta]):
    """A span such as 6h or 2 days."""

    name = "span"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        """The span."""
        try:
            length = parse_length(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)
        if not isinstance(length, Span | Days):
            self.fail(f"{value!r} is no span such as 30min, 6h or 2 days", param, ctx)
        return timedelta(seconds=length.seconds) if isinstance(length, Span) else timedelta(days=length.count)


since = click.option("--from", "since", type=_Day(), help="The first day, or instant. Default: the beginning.")
until = click.option("--to", "until", type=_Day(), help="The last day, or instant. Default: now.")
known_within = click.option(
    "--known-within",
    type=_Within(),
    help="Missed, too, if a mainstream site had it so long before us: 6h, 2 days.",
)


def _instant(context: Context, day: date | None, *, is_end: bool) -> datetime | None:
    """When a period begins, or the first instant after it: a day belongs to its period as a whole."""
    if day is None:
        return None
    if isinstance(day, datetime):
        return day if day.tzinfo else day.replace(tzinfo=context.zone)
    return datetime.combine(day + timedelta(days=is_end), time(), tzinfo=context.zone)


# -- ledger ---------------------------------------------------------------------------------------


@click.command("ledger")
@since
@until
@click.option("--unit", default="", help="Only this role, department or person.")
@known_within
@as_json
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV, for a spreadsheet.")
@pass_context
def show_ledger(
    context: Context,
    since: date | None,
    until: date | None,
    unit: str,
    known_within: timedelta | None,
    as_json: bool,
    as_csv: bool,
) -> None:
    """Tell late, missed, false and concealed reports from the record, and credit.

    Every line has its evidence: times, figures, and the numbers of the entries of the record it rests on. No later
    act removes a line. Exits 1 if the record itself does not hold.
    """
    if as_json and as_csv:
        raise click.UsageError("either --json or --csv")
    begins, ends = _instant(context, since, is_end=False), _instant(context, until, is_end=True)
    with context.reading() as connection:
        lines = within(_all_lines(context, connection, known_within), since=begins, until=ends, unit=unit)
        state = state_of_record(connection)
    if as_json:
        period = {"from": begins, "to": ends, "unit": unit, "known_within": known_within}
        print_json({**period, "record": state, **_ledger_as_json(lines)})
    elif as_csv:
        click.echo(_as_csv(context, lines).encode("utf-8-sig"), nl=False)
    else:
        _print_ledger(context, lines)
    if not state["ok"]:
        click.echo(f"the record does not hold, so neither does this: {state['broken']['detail']}", err=True)
    raise SystemExit(0 if state["ok"] else 1)


def _all_lines(context: Context, connection: Connection, known_within: timedelta | None) -> tuple[Line, ...]:
    return ledger(records(connection), now=utc_now(), roles=_roles(context), known_within=known_within)


def _roles(context: Context) -> dict[str, tuple[str, ...]]:
    return {person.id: person.roles for person in context.settings.recipients}


def _print_ledger(context: Context, lines: Sequence[Line]) -> None:
    if not lines:
        say("nothing on record in that time")
        return
    for heading in Heading:
        rows = [
            (
                *(context.long_ago(each.at), f"E{each.event}"),
                *(", ".join(each.units) or "-", ", ".join(each.people) or "-"),
                f"{each.what} {_evidence(context, each)}",
            )
            for each in lines
            if each.heading is heading
        ]
        if rows:
            title = f"{heading.title('en')} {heading.title()}: {some(len(rows), 'line')}"
            show(("AT", "EVENT", "UNIT", "PERSON", "WHAT"), rows, title=title, spare=("PERSON", "UNIT"))
    _print_tally("UNIT", counted(lines))
    _print_tally("PERSON", counted(lines, by_person=True))


def _evidence(context: Context, line: Line) -> str:
    """The figures, and the entries: ``(due at 2026-03-02 14:00:00, late by 90 min; entries 3, 7)``."""
    said = ", ".join(_figures(context, line.figures))
    entries = f"{'entry' if len(line.entries) == 1 else 'entries'} {', '.join(map(str, line.entries))}"
    return f"({said}; {entries})" if said else f"({entries})"


def _figures(context: Context, figures: Mapping[str, Any]) -> Iterator[str]:
    for name, value in figures.items():
        words = name.replace("_", " ")
        if isinstance(value, datetime):
            yield f"{words} {context.long_ago(value)}"
        elif isinstance(value, timedelta):
            yield f"{words} {ago(value)}"
        elif isinstance(value, Mapping):
            yield f"{words}: " + " ".join(f"{each} {'?' if count is None else count}" for each, count in value.items())
        elif value not in (None, ""):
            yield f"{words} {value}"


def _print_tally(who: str, tallies: Sequence[Tally]) -> None:
    rows = []
    for each in tallies:
        counts = (f"{heading.title('en')} {each.counts[heading]}" for heading in Heading if heading in each.counts)
        rows.append((each.who, ", ".join(counts)))
    show((who, "LINES"), rows, title=f"for each {who.lower()}")


# -- for scripts and spreadsheets -----------------------------------------------------------------


def _ledger_as_json(lines: Sequence[Line]) -> dict[str, Any]:
    told = [
        picked(line, "heading", "key", "at", "what", "units", "people", "figures", "entries")
        | {"event": f"E{line.event}"}
        for line in lines
    ]
    return {"lines": told, "units": _counts(counted(lines)), "people": _counts(counted(lines, by_person=True))}


def _counts(tallies: Sequence[Tally]) -> list[dict[str, Any]]:
    return [{"who": each.who} | {heading: each.counts.get(heading, 0) for heading in Heading} for each in tallies]


def _as_csv(context: Context, lines: Sequence[Line]) -> str:
    file = io.StringIO(newline="")
    writer = csv.writer(file, quoting=csv.QUOTE_ALL)
    writer.writerow(CSV_COLUMNS)
    for line in lines:
        figures, entries = "; ".join(_figures(context, line.figures)), " ".join(map(str, line.entries))
        names = (line.heading.title("en"), line.heading.title(), f"E{line.event}")
        who = (", ".join(line.units), ", ".join(line.people))
        row = (*names, context.long_ago(line.at), *who, line.what, figures, entries, line.key)
        writer.writerow([cell(value) for value in row])
    return file.getvalue()


def cell(value: str) -> str:
    """A text as a cell that no spreadsheet runs, though it was written by strangers.

    >>> cell("=HYPERLINK(A1)"), cell("迟报")
    ("'=HYPERLINK(A1)", '迟报')
    """
    return f"'{inert(value)}" if value.startswith(FORMULA) else inert(value)


# -- review ---------------------------------------------------------------------------------------


@click.command
@since
@until
@known_within
@as_json
@pass_context
def review(
    context: Context, since: date | None, until: date | None, known_within: timedelta | None, as_json: bool
) -> None:
    """List the changes to words, floors and sources that judgements and misses suggest.

    Each has its evidence and lines to paste. Nothing changes by itself: it is for people to decide.
    """
    begins, ends = _instant(context, since, is_end=False), _instant(context, until, is_end=True)
    settings = context.settings
    with context.reading() as connection:
        told = list(records(connection))
        lines = ledger(told, now=utc_now(), roles=_roles(context), known_within=known_within)
        facts = review_facts(
            connection,
            told,
            within(lines, since=begins, until=ends),
            topics=settings.topics,
            watched=settings.sources,
            regime=settings.regime,
            since=begins,
            until=ends,
        )
    found = suggestions(facts)
    if as_json:
        names = ("about", "key", "why", "file", "toml", "entries", "figures")
        print_json([picked(each, *names) | {"events": [f"E{n}" for n in each.events]} for each in found])
    elif not found:
        say("nothing to suggest: no judgement and no miss speaks against the configuration")
    for each in () if as_json else found:
        _print_suggestion(each)


def _print_suggestion(found: Suggestion) -> None:
    say(f"{found.about}  {found.why}", style="bold")
    evidence = [", ".join(f"E{number}" for number in found.events)] if found.events else []
    evidence += ["entries " + ", ".join(map(str, found.entries))] if found.entries else []
    if evidence:
        say(f"  because of {'; '.join(evidence)}")
    say(f"  in {found.file}:")
    for line in found.toml.splitlines():
        say(f"    {line}")


COMMANDS = (show_ledger, review)
