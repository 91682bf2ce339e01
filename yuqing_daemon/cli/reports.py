"""Commands that make reports: bulletin, report, digest (R16, R23, R24)."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from ..clock import utc_now
from ..domain import Act
from ..errors import RequestError
from ..reports import (
    FORMATS,
    Document,
    EventFacts,
    ReportKind,
    as_json,
    compose_digest,
    compose_event,
    day_span,
    gather,
    gather_digest,
    render,
    week_span,
)
from .context import Context, pass_context
from .output import print_json

Files = list[tuple[str, Path | None]]  # each with its format
ACTS = {ReportKind.SUMMARY: Act.SUMMARISE}


def _making(command: Callable[..., None]) -> Callable[..., None]:
    """What all of them take."""
    for option in (
        click.option("--json", "facts_only", is_flag=True, help="Print the facts with their sources; record nothing."),
        click.option("-o", "--output", "outputs", multiple=True, type=click.Path(dir_okay=False, path_type=Path),
                     help="A file; its ending says the format. May be given again."),
        click.option("--language", type=click.Choice(["zh", "en"]), help="[default: that of the configuration]"),
        click.option("--format", "format", type=click.Choice(list(FORMATS)), help="[default: the file's, or text]"),
    ):  # fmt: skip
        command = option(command)
    return command


def _recording(command: Callable[..., None]) -> Callable[..., None]:
    """What those take that are put on record."""
    for option in (
        click.option("--draft", is_flag=True, help="Only show it; nothing is put on record."),
        click.option("--duty", default="", help="Only this duty is fulfilled by it, if several could be."),
        click.option("--reason", "-m", default="", help="What is to be on record with it; of a summary, the lessons."),
        click.option("--by", default="", help="Who made it, if not you."),
    ):
        command = option(command)
    return command


@click.command
@click.argument("code", metavar="EVENT")
@_making
@_recording
@pass_context
def bulletin(context: Context, /, **given: Any) -> None:
    """Issue the bulletin of an event. Its first issue takes the next number of the year; later ones keep it.

    A later issue says what is new since the one before. If nothing is, none is issued.
    """
    _report(context, ReportKind.BULLETIN, **given)


@click.command
@click.argument("code", metavar="EVENT")
@click.option("--kind", required=True, type=click.Choice(["first", "follow-up", "summary"]), help="Which report.")
@_making
@_recording
@pass_context
def report(context: Context, /, kind: str, **given: Any) -> None:
    """Make a report of an event from what is on record, and put on record that it was made."""
    _report(context, ReportKind(kind.replace("-", "_")), **given)


def _report(
    context: Context,
    kind: ReportKind,
    *,
    code: str,
    format: str | None,
    language: str | None,
    outputs: tuple[Path, ...],
    facts_only: bool,
    draft: bool,
    duty: str,
    reason: str,
    by: str,
) -> None:
    files = _files(outputs, format)
    language = language or context.settings.language
    with context.reading() as connection:
        facts = gather(connection, code, context.settings, kind=kind, language=language, now=utc_now())
    if facts_only:
        print_json(as_json(facts))
        return
    done = _made(
        context, _composed(context, facts, kind, language, draft=True), files
    )  # what cannot be made, fails here
    if not draft:
        _put_on_record(context, kind, facts, duty=duty, reason=reason, by=by)
        with context.reading() as connection:
            now = gather(connection, code, context.settings, kind=kind, language=language, now=facts.as_of)
        # as it went on record, with what was said as it did: the lessons of a summary, the number of a bulletin
        facts = replace(facts, bulletin=now.bulletin, deeds=now.deeds, duties=now.duties)
        done = _made(context, _composed(context, facts, kind, language, draft=False), files)
    _hand_out(done)


def _composed(context: Context, facts: EventFacts, kind: ReportKind, language: str, *, draft: bool) -> Document:
    settings = context.settings
    return compose_event(
        facts, kind, draft=draft, language=language, timezone=settings.timezone, templates=settings.templates
    )


def _put_on_record(context: Context, kind: ReportKind, facts: EventFacts, *, duty: str, reason: str, by: str) -> None:
    """The act, with the figures that the report tells: they can be held against the readings later."""
    names = ("reads", "comments", "mainstream", "posts")
    figures = {name: getattr(facts.figures, name).value for name in names}
    data = {"kind": kind.value, "figures": figures, "as_of": facts.as_of.isoformat()} | ({"duty": duty} if duty else {})
    act = ACTS.get(kind, Act.REPORT)
    context.ask("act", event=facts.event.code, act=act.value, reason=reason, data=data, on_behalf_of=by)


@click.command
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), help="[default: today]")
@click.option("--week", type=click.DateTime(["%Y-%m-%d"]), help="The week, from Monday, that this day belongs to.")
@_making
@pass_context
def digest(
    context: Context,
    day: datetime | None,
    week: datetime | None,
    format: str | None,
    language: str | None,
    outputs: tuple[Path, ...],
    facts_only: bool,
) -> None:
    """Tell what happened in a day or a week: events, clocks missed, notices that failed, blind times, the record."""
    if day and week:
        raise click.UsageError("want --day or --week, not both")
    settings, now = context.settings, utc_now()
    wanted: date = (week or day or now.astimezone(settings.timezone)).date()
    since, until = week_span(wanted, settings.timezone) if week else day_span(wanted, settings.timezone)
    if since > now:
        raise RequestError(f"{wanted} is still to come")
    files, language = _files(outputs, format), language or settings.language
    with context.reading() as connection:
        facts = gather_digest(connection, settings, since=since, until=until, language=language, now=now)
    if facts_only:
        print_json(as_json(facts))
        return
    document = compose_digest(
        facts, is_day=not week, language=language, timezone=settings.timezone, templates=settings.templates
    )
    _hand_out(_made(context, document, files))


# -- files ----------------------------------------------------------------------------------------


def _files(outputs: tuple[Path, ...], format: str | None) -> Files:
    """The files to write, each with its format; one without a name is for standard output."""
    if not outputs:
        if format in ("pdf", "docx") and sys.stdout.isatty():
            raise click.UsageError(f"want --output FILE{FORMATS[format]}: {format} is nothing for a terminal")
        return [(format or "text", None)]
    endings = {ending: name for name, ending in FORMATS.items()}
    found: Files = []
    for path in outputs:
        chosen = format or endings.get(path.suffix.lower())
        if chosen is None:
            raise click.UsageError(f"want a name that ends in {', '.join(endings)}, or --format: {path}")
        found.append((chosen, path))
    return found


def _made(context: Context, document: Document, files: Files) -> list[tuple[Path | None, bytes]]:
    return [(path, render(document, format, context.settings.templates)) for format, path in files]


def _hand_out(done: list[tuple[Path | None, bytes]]) -> None:
    for path, content in done:
        if path is None:
            click.echo(content, nl=False)
        else:
            path.write_bytes(content)
            click.echo(str(path), err=True)


COMMANDS: tuple[click.Command, ...] = (bulletin, report, digest)
