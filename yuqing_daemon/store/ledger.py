"""What the ledger is told from: the record, event by event, with the posts and readings it speaks of (R25)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

from pydantic import TypeAdapter
from sqlalchemy import Connection, Row, func, or_, select

from ..domain import AuditEntry, Post, Reading, Regime
from ..extract.urls import canonical_url, url_hash
from ..rules.ledger import EventRecord, Member, Seen
from ..rules.ledger.untrue import claims
from . import schema

AT_ONCE = 500  # events read together: few queries, and never the whole record in memory
_WHATS = (
    *("event.opened", "event.joined", "event.took_in", "event.added_by_hand", "event.acknowledged", "event.over"),
    *("alert.planned", "alert.climbed", "alert.nobody_left"),
    *("delivery.accepted", "delivery.dead", "delivery.passed_on", "delivery.fell_back"),
    *("duty.begun", "duty.breached", "duty.done", "duty.dropped"),
)
_REGIME = TypeAdapter(Regime)


class _Stay(NamedTuple):
    """A post, by the hash of its URL, in an event."""

    event: int
    hash: str
    joined_at: datetime
    left_at: datetime | None
    is_own: bool


def records(connection: Connection, *, event: int | None = None) -> Iterator[EventRecord]:
    """What is on record about every event, or about one, by number."""
    numbers = [event] if event is not None else list(connection.execute(select(schema.event.c.id)).scalars())
    regimes: dict[tuple[str, str], Regime] = {}
    for start in range(0, len(numbers), AT_ONCE):
        yield from _some(connection, sorted(numbers)[start : start + AT_ONCE], regimes)


def _some(connection: Connection, numbers: list[int], regimes: dict[tuple[str, str], Regime]) -> Iterator[EventRecord]:
    entries = _entries(connection, numbers)
    members = _members(connection, numbers, entries)
    rungs = _rungs(connection, numbers)
    table = schema.event
    query = (
        select(table.c.id, table.c.topic, table.c.title, table.c.regime)
        .where(table.c.id.in_(numbers))
        .order_by(table.c.id)
    )
    for row in connection.execute(query).all():
        name = (row.regime["id"], row.regime["version"])
        if name not in regimes:
            regimes[name] = _REGIME.validate_python(row.regime)
        own = members.get(row.id, ())
        said = any(map(claims, entries[row.id]))
        yield EventRecord(
            id=row.id,
            topic=row.topic,
            title=row.title,
            regime=regimes[name],
            entries=tuple(entries[row.id]),
            members=tuple(own),
            seen=_seen(connection, [member.post for member in own]) if said else (),
            rungs=rungs.get(row.id, {}),
        )


def _entries(connection: Connection, numbers: Collection[int]) -> dict[int, list[AuditEntry]]:
    table = schema.audit
    wanted = or_(table.c.what.in_(_WHATS), table.c.what.like("judged.%"), table.c.what.like("report.%"))
    found: dict[int, list[AuditEntry]] = defaultdict(list)
    for row in connection.execute(select(table).where(table.c.event.in_(numbers), wanted).order_by(table.c.id)):
        found[row.event].append(AuditEntry(**row._mapping))
    return found


def _rungs(connection: Connection, numbers: Collection[int]) -> dict[int, dict[str, datetime]]:
    """For each event and series its second rung, or its first reminder if there is none."""
    table = schema.timer
    query = select(table.c.event, table.c.kind, table.c.due_at).where(table.c.event.in_(numbers), table.c.n == 1)
    found: dict[int, dict[str, datetime]] = defaultdict(dict)
    for kind in ("repeat:", "step:"):  # a rung counts where there are both
        for row in connection.execute(query.where(table.c.kind.like(f"{kind}%"))):
            found[row.event][row.kind.removeprefix(kind)] = row.due_at
    return found


# -- posts and readings ---------------------------------------------------------------------------


def _members(
    connection: Connection, numbers: Collection[int], entries: dict[int, list[AuditEntry]]
) -> dict[int, list[Member]]:
    """Every stay of a post in an event: the tables forget a post that a person moved, the record does not."""
    table = schema.event_post
    query = select(table.c.event, table.c.joined_at, schema.post.c.url_hash).join(schema.post)
    rows = {(r.event, r.url_hash): r.joined_at for r in connection.execute(query.where(table.c.event.in_(numbers)))}
    entries = _with_taken(connection, entries)
    stays: list[_Stay] = []
    for number in numbers:
        for url, entry in _came(entries, number):
            hash, is_own = url_hash(url), entry.what != "event.took_in"
            stayed = rows.get((number, hash)) == entry.at
            left_at = None if stayed else _left_at(entries[number], entry, url)
            stays.append(_Stay(number, hash, entry.at, left_at, is_own))
    told = {(stay.event, stay.hash, stay.joined_at) for stay in stays}
    stays += [_Stay(*place, at, None, is_own=False) for place, at in rows.items() if (*place, at) not in told]
    posts = _posts(connection, {stay.hash for stay in stays})
    found: dict[int, list[Member]] = defaultdict(list)
    for stay in sorted((stay for stay in stays if stay.hash in posts), key=lambda stay: posts[stay.hash].post.id):
        member = replace(posts[stay.hash], joined_at=stay.joined_at, left_at=stay.left_at, is_own=stay.is_own)
        found[stay.event].append(member)
    return found


def _with_taken(connection: Connection, entries: dict[int, list[AuditEntry]]) -> dict[int, list[AuditEntry]]:
    """The same with the entries of all events that these took in."""
    while missing := {_taken(e) for own in entries.values() for e in own if e.what == "event.took_in"} - entries.keys():
        found = _entries(connection, missing)
        entries = entries | {number: found.get(number, []) for number in missing}
    return entries


def _taken(entry: AuditEntry) -> int:
    return int(str(entry.data["event_taken"]).removeprefix("E"))


def _came(
    entries: Mapping[int, list[AuditEntry]], number: int, before: int | None = None
) -> Iterator[tuple[str, AuditEntry]]:
    """Every address that became part of an event, and the entry with which it did."""
    for entry in entries[number]:
        if before is not None and entry.id >= before:
            return
        if entry.what in ("event.opened", "event.joined") and "url" in entry.data:
            yield str(entry.data["url"]), entry
        elif entry.what == "event.took_in":
            for url, _ in _came(entries, _taken(entry), entry.id):
                yield url, entry


def _left_at(entries: Iterable[AuditEntry], joined: AuditEntry, url: str) -> datetime | None:
    """When a post that is no longer there was moved away: with its event, or by itself."""
    for entry in entries:
        if entry.id <= joined.id:
            continue
        is_split = entry.what == "judged.split" and url in (canonical_url(str(one)) for one in entry.data["posts"])
        if is_split or entry.what == "judged.merge":
            return entry.at
    return None


def _posts(connection: Connection, hashes: Collection[str]) -> dict[str, Member]:
    table = schema.post
    names = [
        name for name in Post.__slots__ if name not in ("text", "tags")
    ]  # the one too long, the other its source's
    columns = [table.c[name] for name in names]
    found = {}
    for some in _in_parts(sorted(hashes)):
        query = select(*columns, table.c.url_hash, table.c.first_seen_at, table.c.baseline)
        for row in connection.execute(query.where(table.c.url_hash.in_(some))):
            post = Post(**{name: row._mapping[name] for name in names})
            seen_at = row.first_seen_at
            found[row.url_hash] = Member(post=post, first_seen_at=seen_at, joined_at=seen_at, is_baseline=row.baseline)
    return found


def _seen(connection: Connection, posts: Sequence[Post]) -> tuple[Seen, ...]:
    """The readings of some posts, each with the end of the visit that took it."""
    reading, visit, post = schema.reading, schema.visit, schema.post
    during = (visit.c.source == post.c.source, visit.c.started_at <= reading.c.at, visit.c.ended_at >= reading.c.at)
    query = (
        select(reading, post.c.url, select(func.min(visit.c.ended_at)).where(*during).scalar_subquery().label("home"))
        .join(post, post.c.id == reading.c.post)
        .order_by(reading.c.at, reading.c.post)
    )
    found: list[Row[Any]] = []
    for some in _in_parts([member.id for member in posts]):
        found += connection.execute(query.where(reading.c.post.in_(some))).all()
    return tuple(Seen(reading=_reading(row), known_at=row.home or row.at) for row in found)


def _reading(row: Row[Any]) -> Reading:
    return Reading(**{name: row._mapping[name] for name in Reading.__slots__})


def _in_parts(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """In parts that fit into one query."""
    for start in range(0, len(values), AT_ONCE):
        yield values[start : start + AT_ONCE]
