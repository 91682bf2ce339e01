"""When a source told us nothing, from its own visits and from the record. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import groupby

from ..domain import AuditEntry
from ..rules.health import State
from ..store.health import NETWORK, Spell
from ..store.spans import VisitRow
from .facts import ALL, Blind

ENTRIES = (
    *(f"source.{state.value.replace(' ', '_')}" for state in State),
    "source.resumed",
    "network.down",
    "network.up",
)
FAILED = "failed"
FAILED_IN_A_ROW = 3  # of visits from a time when no spells were kept
SOME = timedelta(minutes=10)  # a gap this much longer than three visits apart is one


def blind_spans(
    visits: Iterable[VisitRow],
    record: Iterable[AuditEntry],
    *,
    every: Mapping[str, timedelta],
    seen_at: Mapping[str, datetime],
    since: datetime,
    until: datetime,
    spells: Iterable[Spell] = (),
) -> tuple[Blind, ...]:
    """The blind times of all sources within a span, by source and time; those of our own network come first.

    Args:
        spells: when which source was not well, as it was noticed: these go before what the visits alone show.
        every: the sources that are watched, and how often.
        seen_at: when each was last visited with success before the span.
    """
    by_source: dict[str, list[VisitRow]] = {source: [] for source in every}
    for visit in visits:
        by_source.setdefault(visit.source, []).append(visit)
    marks: dict[str, list[AuditEntry]] = {}
    for entry in record:
        marks.setdefault(str(entry.data.get("source", "")), []).append(entry)
    ill: dict[str, list[Spell]] = {}
    for spell in spells:
        if spell.source == NETWORK or (spell.source in by_source and State(spell.state).is_blind):
            ill.setdefault(spell.source, []).append(spell)
    found: list[Blind] = [_of_network(spell, marks.get("", [])) for spell in ill.pop(NETWORK, [])]
    for source, rows in sorted(by_source.items()):
        marked = marks.get(source, [])
        known = [_noticed(spell, marked) for spell in ill.get(source, [])]
        aside = [span for span in _set_aside(source, marked) if not _touches(span, known, until)]
        failing = [span for span in _failing(source, rows, marked, until) if not _touches(span, known, until)]
        gaps = _gaps(source, rows, every.get(source), seen_at.get(source, since), since, until)
        found += known + failing + aside + [gap for gap in gaps if not _touches(gap, known + aside, until)]
    return tuple(_within(each, since) for each in found if each.until is None or each.until > since)


def _touches(span: Blind, others: Iterable[Blind], until: datetime) -> bool:
    return any(other.since <= (span.until or until) and span.since <= (other.until or until) for other in others)


def _noticed(spell: Spell, record: list[AuditEntry]) -> Blind:
    """A spell: blind from when the source was last heard well."""
    told = [entry for entry in record if entry.at in (spell.since, spell.until)]
    return Blind(
        source=spell.source, why=spell.state, since=spell.blind_from, until=spell.until, visits=0, error=spell.reason,
        trace=tuple(f"#{entry.id}" for entry in told),
    )  # fmt: skip


def _of_network(spell: Spell, record: list[AuditEntry]) -> Blind:
    return replace(_noticed(spell, record), source=ALL, why="network")


def _within(span: Blind, since: datetime) -> Blind:
    return replace(span, since=max(span.since, since))


def _failing(source: str, rows: list[VisitRow], record: list[AuditEntry], until: datetime) -> Iterable[Blind]:
    """Runs of failed visits, as long as those after which the daemon calls a source failing."""
    for is_failed, group in groupby(rows, key=lambda row: row.outcome == FAILED):
        run = list(group)
        if not is_failed or len(run) < FAILED_IN_A_ROW:
            continue
        after = [row for row in rows if row.ended_at > run[-1].ended_at]
        end = after[0].ended_at if after else None
        told = [e for e in record if e.what == "source.failing" and run[0].started_at <= e.at <= (end or until)]
        trace = (f"V{run[0].id}", f"V{run[-1].id}", *(f"#{entry.id}" for entry in told))
        yield Blind(
            source=source, why=FAILED, since=run[0].started_at, until=end, visits=len(run), error=run[-1].error,
            trace=trace,
        )  # fmt: skip


def _set_aside(source: str, record: list[AuditEntry]) -> Iterable[Blind]:
    """From being set aside until somebody resumed it."""
    for number, entry in enumerate(record):
        if entry.what == "source.set_aside":
            end = next((later for later in record[number + 1 :] if later.what in ("source.resumed", "source.ok")), None)
            trace = (f"#{entry.id}", *((f"#{end.id}",) if end else ()))
            yield Blind(
                source=source, why="set_aside", since=entry.at, until=end.at if end else None, visits=0,
                error=str(entry.data.get("reason", "")), trace=trace,
            )  # fmt: skip


def _gaps(
    source: str,
    rows: list[VisitRow],
    every: timedelta | None,
    seen_at: datetime,
    since: datetime,
    until: datetime,
) -> Iterable[Blind]:
    """Times in which nobody looked: much longer than the source's own pace."""
    if every is None:
        return
    longest = 3 * every + SOME
    before: datetime = seen_at
    trace: tuple[str, ...] = ()
    for row in [*rows, None]:
        begins = row.started_at if row else until
        if begins - max(before, since) > longest:
            yield Blind(
                source=source, why="not_visited", since=before, until=begins if row else None, visits=0, error="",
                trace=(*trace, *((f"V{row.id}",) if row else ())),
            )  # fmt: skip
        if row:
            before, trace = row.ended_at, (f"V{row.id}",)
