"""What the ledger is told from: the record, event by event, with the posts and readings it speaks of (R25)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Connection, Row, func, or_, select

from ..domain import AuditEntry, Post, Reading, Regime
from ..extract.urls import canonical_url, url_hash
from ..rules.ledger import EventRecord, Member, Seen
from ..rules.ledger.untrue import claims
from . import schema

AT_ONCE = 500  # events read together: few queries, and never the whole record in memory
_WHATS = (
    *("event.opened", "event.joined", "event.added_by_hand", "event.acknowledged", "event.raised", "event.over"),
    *("alert.planned", "alert.climbed", "alert.nobody_left"),
    *("delivery.accepted", "delivery.dead", "delivery.fell_back"),
    *("duty.begun", "duty.breached", "duty.done", "duty.dropped"),
)
_REGIME = TypeAdapter(Regime)
_Stay = tuple[datetime, datetime | None]  # joined, left


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
    """Every post an event has, or had before a person moved it: the record keeps what the tables forget."""
    stays: dict[tuple[int, str], _Stay] = {}
    table = schema.event_post
    query = select(table.c.event, table.c.joined_at, schema.post.c.url_hash).join(schema.post)
    for row in connection.execute(query.where(table.c.event.in_(numbers))):
        stays[row.event, row.url_hash] = (row.joined_at, None)
    for number in numbers:
        for entry in entries[number]:
            if entry.what in ("event.opened", "event.joined") and "url" in entry.data:
                place = (number, url_hash(str(entry.data["url"])))
                left_at = None if place in stays else _left_at(entries[number], entry)
                stays[place] = (entry.at, left_at)
    posts = _posts(connection, {hash for _, hash in stays})
    found: dict[int, list[Member]] = defaultdict(list)
    for (number, hash), (joined_at, left_at) in stays.items():
        if hash in posts:
            found[number].append(replace(posts[hash], joined_at=joined_at, left_at=left_at))
    return {number: sorted(own, key=lambda member: member.post.id) for number, own in found.items()}


def _left_at(entries: Iterable[AuditEntry], joined: AuditEntry) -> datetime | None:
    """When a post that is no longer there was moved away: with its event, or by itself."""
    for entry in entries:
        moved = [canonical_url(str(url)) for url in entry.data.get("posts", ())] if entry.what == "judged.split" else []
        if entry.id > joined.id and (entry.what == "judged.merge" or joined.data["url"] in moved):
            return entry.at
    return None


def _posts(connection: Connection, hashes: Collection[str]) -> dict[str, Member]:
    table = schema.post
    names = [name for name in Post.__slots__ if name != "text"]  # the longest of all, and no figure
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
