"""When a source told us nothing, from its own visits and from the record. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import groupby

from ..domain import AuditEntry
from ..engine.visits import FAILING_AFTER
from ..store.spans import VisitRow
from .facts import Blind

ENTRIES = ("source.failing", "source.ok", "source.set_aside", "source.resumed")
FAILED = "failed"
SOME = timedelta(minutes=10)  # a gap this much longer than three visits apart is one


def blind_spans(
    visits: Iterable[VisitRow],
    record: Iterable[AuditEntry],
    *,
    every: Mapping[str, timedelta],
    seen_at: Mapping[str, datetime],
    since: datetime,
    until: datetime,
) -> tuple[Blind, ...]:
    """The blind times of all sources within a span, by source and time.

    Args:
        every: the sources that are watched, and how often.
        seen_at: when each was last visited with success before the span.
    """
    by_source: dict[str, list[VisitRow]] = {source: [] for source in every}
    for visit in visits:
        by_source.setdefault(visit.source, []).append(visit)
    marks: dict[str, list[AuditEntry]] = {}
    for entry in record:
        marks.setdefault(str(entry.data.get("source", "")), []).append(entry)
    found: list[Blind] = []
    for source, rows in sorted(by_source.items()):
        marked = marks.get(source, [])
        aside = list(_set_aside(source, marked))
        found += _failing(source, rows, marked, until)
        found += aside
        found += [
            gap
            for gap in _gaps(source, rows, every.get(source), seen_at.get(source, since), since, until)
            if not any(other.since <= (gap.until or until) and gap.since <= (other.until or until) for other in aside)
        ]
    return tuple(_within(each, since) for each in found if each.until is None or each.until > since)


def _within(span: Blind, since: datetime) -> Blind:
    return replace(span, since=max(span.since, since))


def _failing(source: str, rows: list[VisitRow], record: list[AuditEntry], until: datetime) -> Iterable[Blind]:
    """Runs of failed visits, as long as those after which the daemon calls a source failing."""
    for is_failed, group in groupby(rows, key=lambda row: row.outcome == FAILED):
        run = list(group)
        if not is_failed or len(run) < FAILING_AFTER:
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
