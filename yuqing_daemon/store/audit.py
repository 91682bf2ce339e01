"""The record (R25): append-only, each entry sealed with a hash over itself and the one before it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, Row, bindparam, func, insert, select

from ..domain import AuditEntry
from .schema import audit

_LAST_HASH = select(audit.c.hash).order_by(audit.c.id.desc()).limit(1)
_NUMBERS = select(audit.c.hash, audit.c.id).where(audit.c.hash.in_(bindparam("hashes", expanding=True)))


def append(connection: Connection, entry: AuditEntry) -> AuditEntry:
    """Add an entry at the end of the chain; returned with its number and seal."""
    (added,) = append_all(connection, [entry])
    return added


def append_all(connection: Connection, entries: Sequence[AuditEntry]) -> list[AuditEntry]:
    """Add entries at the end of the chain, in their order; returned with their numbers and seals."""
    if not entries:
        return []
    prev = connection.execute(_LAST_HASH).scalar() or ""
    sealed = []
    for entry in entries:
        entry = replace(entry, prev=prev, hash=seal(entry, prev))
        prev = entry.hash
        sealed.append(entry)
    connection.execute(insert(audit), [_values(entry) for entry in sealed])
    rows = connection.execute(_NUMBERS, {"hashes": [entry.hash for entry in sealed]})
    numbers = {row.hash: row.id for row in rows}
    return [replace(entry, id=numbers[entry.hash]) for entry in sealed]


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


def last(connection: Connection, what: str) -> AuditEntry | None:
    """The latest entry of that name."""
    row = connection.execute(select(audit).where(audit.c.what == what).order_by(audit.c.id.desc()).limit(1)).first()
    return _entry(row) if row else None


def begun_at(connection: Connection) -> datetime | None:
    """When the record was begun; ``None`` while it is empty."""
    at: datetime | None = connection.execute(select(audit.c.at).order_by(audit.c.id).limit(1)).scalar()
    return at


def size(connection: Connection) -> int:
    """How many entries there are."""
    return int(connection.execute(select(func.count()).select_from(audit)).scalar_one())


class Flaw(StrEnum):
    """What is wrong with the chain, as far as it can be told from itself and from a head known from elsewhere."""

    ALTERED = "altered"  # an entry does not bear its own seal, or was sealed anew
    MISSING = "missing"  # entries before this one are gone
    INSERTED = "inserted"  # this entry was put between two that belong together
    CUT = "cut"  # the chain holds, but the end that was once seen is not in it


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """The first place at which the record does not hold; a cut end has no entry."""

    flaw: Flaw
    entry: AuditEntry | None
    detail: str


def head(connection: Connection) -> AuditEntry | None:
    """The last entry. Who keeps its hash elsewhere can tell later whether the end was cut off."""
    row = connection.execute(select(audit).order_by(audit.c.id.desc()).limit(1)).first()
    return _entry(row) if row else None


def first_flaw(connection: Connection, *, known_head: str = "") -> Broken | None:
    """The first place at which the record does not hold; ``None``: the whole chain does.

    Args:
        known_head: the hash of an entry that was once the last one, from outside of this database.
    """
    before: AuditEntry | None = None
    for entry in entries(connection):
        if entry.hash != seal(entry, entry.prev):
            return Broken(flaw=Flaw.ALTERED, entry=entry, detail="its content does not fit its hash")
        if entry.prev != (before.hash if before else ""):
            return _misfit(connection, before, entry)
        before = entry
    if known_head and not connection.execute(select(audit.c.id).where(audit.c.hash == known_head)).first():
        end = f"it now ends with entry {before.id}" if before else "it is empty"
        return Broken(flaw=Flaw.CUT, entry=None, detail=f"the known head is not in the chain any more; {end}")
    return None


def _misfit(connection: Connection, before: AuditEntry | None, entry: AuditEntry) -> Broken:
    """What happened between two sealed entries of which the second does not follow the first."""
    table = audit.c
    earlier = connection.execute(select(table.id).where(table.hash == entry.prev, table.id < entry.id)).scalar()
    if earlier is not None or entry.prev == "":
        query = select(audit).where(table.id > (earlier or 0)).order_by(table.id).limit(1)
        strange = _entry(connection.execute(query).one())
        detail = f"entry {entry.id} follows {f'entry {earlier}' if earlier else 'nothing'} directly"
        return Broken(flaw=Flaw.INSERTED, entry=strange, detail=detail)
    last = before.id if before else 0
    if entry.id > last + 1:
        gone = f"entry {last + 1}" if entry.id == last + 2 else f"entries {last + 1} to {entry.id - 1}"
        return Broken(flaw=Flaw.MISSING, entry=entry, detail=f"before it, {gone} cannot be found")
    return Broken(flaw=Flaw.ALTERED, entry=before or entry, detail=f"entry {entry.id} was sealed upon another one")


def first_broken(connection: Connection) -> AuditEntry | None:
    """The first entry that was altered or put in, or before which one was removed; ``None``: the chain holds."""
    flaw = first_flaw(connection)
    return flaw.entry if flaw else None


def _values(entry: AuditEntry) -> dict[str, object]:
    return {
        "at": entry.at,
        "actor": entry.actor,
        "what": entry.what,
        "event": entry.event,
        "data": dict(entry.data),
        "prev": entry.prev,
        "hash": entry.hash,
    }


def _entry(row: Row[tuple[object, ...]]) -> AuditEntry:
    return AuditEntry(**row._mapping)
