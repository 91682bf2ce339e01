"""What classifiers think of events. All of it is kept; what is thought now is current."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from ..domain import Kind, Opinion
from . import schema

QUESTIONS = frozenset({"claim", "pushed", "relevance"})  # what a detail is about that is no kind
SHIPPED, LEARNED = "opinions", "learned"  # who holds an opinion
_table = schema.opinion
_CURRENT = (
    select(_table)
    .where(_table.c.event.in_(bindparam("events", expanding=True)), _table.c.current)
    .order_by(_table.c.id)
)
_NEW = insert(_table)
_NAMES = ("kind", "sentiment", "subject", "detail", "confidence", "reason", "unsure")


@dataclass(frozen=True, slots=True)
class Held:
    """An opinion and who holds it."""

    plugin: str
    at: datetime
    opinion: Opinion

    @property
    def matter(self) -> str:
        """What it is about; one plugin holds one current opinion on a matter."""
        return matter(self.opinion)


def matter(opinion: Opinion) -> str:
    """What an opinion is about.

    >>> matter(Opinion(reason="", confidence=1, subject="food"))
    'subject food'
    """
    if opinion.sentiment:
        return "sentiment"
    if opinion.subject:
        return f"subject {opinion.subject}"
    return opinion.detail if opinion.detail in QUESTIONS else "kind"


def keep(connection: Connection, event: int, found: Iterable[tuple[str, Opinion]], *, now: datetime) -> None:
    """Keep what is thought now; the same thought again changes nothing."""
    held = {(each.plugin, each.matter): each.opinion for each in current(connection, [event]).get(event, ())}
    new = []
    for plugin, opinion in found:
        was = held.get((plugin, matter(opinion)))
        if was == opinion:
            continue
        if was is not None:
            _retire(connection, event, plugin, matter(opinion))
        values = {name: getattr(opinion, name) for name in _NAMES}
        new.append(values | {"event": event, "plugin": plugin, "at": now, "current": True})
    if new:
        connection.execute(_NEW, new)


def standing(held: Iterable[Held]) -> list[Held]:
    """What stands: what judgements taught goes before what is shipped; nothing else takes a doubt away."""
    every = list(held)
    learned = {each.matter for each in every if each.plugin == LEARNED}
    return [each for each in every if each.plugin != SHIPPED or each.matter not in learned]


def _retire(connection: Connection, event: int, plugin: str, about: str) -> None:
    rows = connection.execute(_CURRENT, {"events": [event]})
    old = [row.id for row in rows if row.plugin == plugin and matter(_opinion(row)) == about]
    connection.execute(update(_table).where(_table.c.id.in_(old)).values(current=False))


def current(connection: Connection, numbers: Collection[int]) -> dict[int, list[Held]]:
    """What is thought now of each of these events, in the order in which it was first thought."""
    found: dict[int, list[Held]] = {}
    for row in connection.execute(_CURRENT, {"events": list(numbers)}):
        found.setdefault(row.event, []).append(Held(row.plugin, row.at, _opinion(row)))
    return found


def _opinion(row: Row[Any]) -> Opinion:
    values = {name: row._mapping[name] for name in _NAMES}
    return Opinion(**values | {"kind": Kind(row.kind) if row.kind else None})
