"""What must hold of any store, whatever happened to it: told from its rows alone, and not by the engine's own rules."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from yuqing_daemon.config import Settings
from yuqing_daemon.domain import AuditEntry, Duty, DutyState, Event, EventState, Level, Regime
from yuqing_daemon.store import audit, duties, events, outbox, schema

RESTING = (EventState.DISMISSED, EventState.MERGED, EventState.CLOSED)
Said = dict[tuple[object, object, object], list[AuditEntry]]  # of one kind of entry, by (event, duty, n)


def faults(connection: Connection, *, now: datetime, ticked: bool) -> Iterator[str]:
    """Everything that must not be; ``ticked``: what was due by ``now`` has been fired."""
    found = _events(connection)
    record = list(audit.entries(connection))
    if audit.first_broken(connection) is not None:
        yield "the chain is broken"
    yield from _deliveries(connection)
    yield from _posts(connection)
    yield from _timers(connection, found)
    for event in found.values():
        regime = events.regime_of(connection, event.id)
        owed = duties.of_event(connection, event.id)
        entries = [entry for entry in record if entry.event == event.id]
        yield from _duties(event, owed, entries, now=now, ticked=ticked)
        yield from _never(event, regime, owed, entries)


def _events(connection: Connection) -> dict[int, Event]:
    return {event.id: event for event in events.listed(connection, limit=1_000_000)}


def _deliveries(connection: Connection) -> Iterator[str]:
    keys = Counter(row.key for row in outbox.everything(connection))
    yield from (f"{key} was promised {count} times" for key, count in keys.items() if count > 1)


def _posts(connection: Connection) -> Iterator[str]:
    """At most one live event for each post and topic."""
    query = (
        select(schema.event_post.c.post, schema.event.c.topic, schema.event.c.state)
        .join(schema.event, schema.event.c.id == schema.event_post.c.event)
    )  # fmt: skip
    live = Counter((row.post, row.topic) for row in connection.execute(query) if EventState(row.state).is_live)
    yield from (
        f"post {post} is in {count} live events of {topic}" for (post, topic), count in live.items() if count > 1
    )


def _timers(connection: Connection, found: dict[int, Event]) -> Iterator[str]:
    table = schema.timer
    rows = connection.execute(select(table.c.event, table.c.kind, table.c.n, table.c.state)).all()
    given = Counter((row.event, row.kind, row.n) for row in rows)
    yield from (f"timer {key} was given out {count} times" for key, count in given.items() if count > 1)
    pending = {(row.event, row.kind) for row in rows if row.state == "pending"}
    for number, kind in pending:
        if found[number].state in RESTING:
            yield f"E{number} is {found[number].state}, and {kind} is pending"
    for event in found.values():
        if event.state.is_live and (event.id, "over") not in pending:
            yield f"E{event.id} is live, and nothing waits for its end"


def _said(entries: list[AuditEntry], what: str) -> Said:
    said: Said = {}
    for entry in entries:
        if entry.what == what:
            said.setdefault((entry.event, entry.data["duty"], entry.data["n"]), []).append(entry)
    return said


def _duties(event: Event, owed: list[Duty], entries: list[AuditEntry], *, now: datetime, ticked: bool) -> Iterator[str]:
    begun, done, dropped, breached = (
        _said(entries, f"duty.{what}") for what in ("begun", "done", "dropped", "breached")
    )
    for said in (begun, done, dropped, breached):
        yield from (f"{key} is on record {len(lines)} times" for key, lines in said.items() if len(lines) > 1)
    for duty in owed:
        key = (event.id, duty.rule, duty.n)
        late, ends = breached.get(key, []), [*done.get(key, []), *dropped.get(key, [])]
        if len(begun.get(key, [])) != 1:
            yield f"{key} began without a word"
        if len(ends) != (duty.state is not DutyState.OPEN):
            yield f"{key} is {duty.state}, with {len(ends)} ends on record"
        if bool(late) != (duty.breached_at is not None):
            yield f"{key}: breached_at is {duty.breached_at}, with {len(late)} breaches on record"
        yield from _clock(key, duty, late, ends, now=now, ticked=ticked)
    numbers = {rule: sorted(duty.n for duty in owed if duty.rule == rule) for rule in {duty.rule for duty in owed}}
    yield from (f"E{event.id} {rule}: {ns}" for rule, ns in numbers.items() if ns != list(range(1, len(ns) + 1)))
    still = Counter(duty.rule for duty in owed if duty.state is DutyState.OPEN)
    yield from (f"E{event.id} owes {rule} {count} times" for rule, count in still.items() if count > 1)


def _clock(
    key: object, duty: Duty, late: list[AuditEntry], ends: list[AuditEntry], *, now: datetime, ticked: bool
) -> Iterator[str]:
    """A breach is there if, and only if, the time ran out before the duty ended."""
    if duty.due_at is None:
        if late:
            yield f"{key} has no clock and was breached"
        return
    if late and late[0].at < duty.due_at:
        yield f"{key} was breached before its time"
    if late and ends and late[0].id > ends[0].id:
        yield f"{key} was breached after its end"
    ended_at = ends[0].at if ends else now if ticked else None
    if ended_at is not None and ended_at > duty.due_at and not late:
        yield f"{key} ran out at {duty.due_at}, and no breach is on record"


def _never(event: Event, regime: Regime, owed: list[Duty], entries: list[AuditEntry]) -> Iterator[str]:
    """Duties that must have begun, whatever else happened."""
    began = {duty.rule for duty in owed}
    still = {duty.rule for duty in owed if duty.state is not DutyState.DROPPED}
    last = {entry.what: entry.id for entry in entries}
    ended = last.get("event.over", -1) > last.get("judged.adopt", 0)  # under the rules it lives under
    for rule in regime.duties:
        fits = event.level >= rule.from_level and (not rule.kinds or event.kind in rule.kinds)
        happened = {"found": event.state.is_live, "level": event.state.is_live, "over": event.state is EventState.OVER}
        if fits and happened.get(rule.on) and rule.id not in still:
            yield f"E{event.id} ({event.state}, {event.level.name}) does not owe {rule.id}"
        if rule.on == "over" and not rule.kinds and rule.from_level is Level.GENERAL and ended and rule.id not in began:
            yield f"E{event.id} was over and never owed {rule.id}"


def wrong_instants(connection: Connection, settings: Settings) -> Iterator[str]:
    """Clocks that count days must end by the clock on the organisation's wall, also where that clock is moved."""
    zone = settings.timezone
    adopted = {entry.event for entry in audit.entries(connection) if entry.what == "judged.adopt"}
    for event in _events(connection).values():
        if event.id in adopted:
            continue  # its clocks began under other lengths than those it lives under
        lengths = {rule.id: rule.within for rule in events.regime_of(connection, event.id).duties}
        for duty in duties.of_event(connection, event.id):
            if duty.due_at is None:
                continue
            started, due = duty.started_at.astimezone(zone), duty.due_at.astimezone(zone)
            within = lengths[duty.rule]
            if within == "same day" and (due.date(), f"{due:%T}") != (started.date(), "23:59:59"):
                yield f"E{event.id} {duty.rule}: {started} is due {due}, want the same day"
            if "working" not in within and within.endswith(("day", "days")) and within != "same day":
                days = timedelta(days=int(within.split()[0]))
                wall = due.replace(tzinfo=None) - started.replace(tzinfo=None)  # half of it in a special period
                if min(abs(wall - days), abs(wall - days / 2)) > timedelta(hours=1):  # an hour the wall does not show
                    yield f"E{event.id} {duty.rule}: {started} is due {due}, {within} later"
