"""The record (R25): append-only, each entry sealed with a hash over itself and the one before it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace

from sqlalchemy import Connection, Row, func, insert, select

from ..domain import AuditEntry
from .schema import audit


def append(connection: Connection, entry: AuditEntry) -> AuditEntry:
    """Add an entry at the end of the chain; returned with its number and seal."""
    prev = connection.execute(select(audit.c.hash).order_by(audit.c.id.desc()).limit(1)).scalar() or ""
    entry = replace(entry, prev=prev, hash=seal(entry, prev))
    values = {
        "at": entry.at,
        "actor": entry.actor,
        "what": entry.what,
        "event": entry.event,
        "data": dict(entry.data),
        "prev": entry.prev,
        "hash": entry.hash,
    }
    number = connection.execute(insert(audit).values(values)).inserted_primary_key
    return replace(entry, id=int(number[0]) if number else 0)


def seal(entry: AuditEntry, prev: str) -> str:
    """The hash of an entry that follows the entry with the hash ``prev``."""
    content = [prev, entry.at.isoformat(), entry.actor, entry.what, entry.event, dict(entry.data)]
    return hashlib.sha256(json.dumps(content, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def entries(connection: Connection, *, event: int | None = None) -> Iterator[AuditEntry]:
    """The entries in their order: all, or those of one event."""
    query = select(audit).order_by(audit.c.id)
    if event is not None:
        query = query.where(audit.c.event == event)
    return map(_entry, connection.execute(query))


def size(connection: Connection) -> int:
    """How many entries there are."""
    return int(connection.execute(select(func.count()).select_from(audit)).scalar_one())


def first_broken(connection: Connection) -> AuditEntry | None:
    """The first entry that was altered, or before which one was removed or put in; ``None``: the chain holds."""
    prev = ""
    for entry in entries(connection):
        if entry.prev != prev or entry.hash != seal(entry, prev):
            return entry
        prev = entry.hash
    return None


def _entry(row: Row[tuple[object, ...]]) -> AuditEntry:
    return AuditEntry(**row._mapping)
