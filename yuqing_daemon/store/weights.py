"""What people's decisions taught: every lesson, and the organisation's own weights that stand for them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from ..text.lessons import Parts
from ..text.linear import Linear
from . import schema

_PARTS = select(schema.weights).where(schema.weights.c.target.in_(bindparam("targets", expanding=True)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Taught:
    """One lesson: what it was about, the answer, and what was thought before it was learned (probabilities of yes)."""

    event: int
    target: str
    words: str
    yes: bool
    shipped: float
    own: float
    at: datetime
    by: str
    undone_at: datetime | None = None
    undone_by: str = ""
    id: int = 0


def add(connection: Connection, taught: Taught) -> None:
    """Keep a lesson."""
    values = {name: getattr(taught, name) for name in Taught.__slots__ if name != "id"}
    connection.execute(insert(schema.lesson).values(**values))


def standing(
    connection: Connection, target: str | None = None, *, event: int | None = None, limit: int | None = None
) -> list[Taught]:
    """The lessons that were not taken back, oldest first; with a limit the latest ones."""
    table = schema.lesson
    query = select(table).where(table.c.undone_at.is_(None)).order_by(table.c.id.desc()).limit(limit)
    if target is not None:
        query = query.where(table.c.target == target)
    if event is not None:
        query = query.where(table.c.event == event)
    rows = connection.execute(query).mappings().all()
    return [Taught(**row) for row in reversed(rows)]


def undo(connection: Connection, lessons: Sequence[Taught], *, by: str, now: datetime) -> None:
    """Take lessons back; they stay on record."""
    table = schema.lesson
    query = update(table).where(table.c.id.in_([lesson.id for lesson in lessons]))
    connection.execute(query.values(undone_at=now, undone_by=by))


def save(connection: Connection, target: str, parts: Parts, lessons: Sequence[Taught]) -> None:
    """Put the weights that some lessons came to in the place of the former ones; none for no lessons."""
    connection.execute(delete(schema.weights).where(schema.weights.c.target == target))
    if lessons:
        text = json.dumps(
            {part: {"bias": linear.bias, "weights": dict(linear.weights)} for part, linear in parts.items()},
            ensure_ascii=False,
            sort_keys=True,
        )
        values = {"target": target, "version": lessons[-1].id, "lessons": len(lessons), "parts": text}
        connection.execute(insert(schema.weights).values(**values))


def parts(connection: Connection, *targets: str) -> list[tuple[Parts, int]]:
    """For each target the organisation's own weights, and how many lessons are in them."""
    found = {row.target: row for row in connection.execute(_PARTS, {"targets": targets})}
    return [(_read(row.parts), row.lessons) if (row := found.get(target)) else ({}, 0) for target in targets]


@lru_cache(maxsize=64)
def _read(text: str) -> Parts:
    return {part: Linear(own["weights"], own["bias"]) for part, own in json.loads(text).items()}
