"""The drill that is under way, if there is one."""

from __future__ import annotations

from pydantic import TypeAdapter
from sqlalchemy import Connection

from ..rules.drill import Drill
from . import meta

_DRILL, _KEY = TypeAdapter(Drill), "drill"


def current(connection: Connection) -> Drill | None:
    """The drill that is under way."""
    text = meta.get(connection, _KEY)
    return _DRILL.validate_json(text) if text else None


def save(connection: Connection, drill: Drill) -> None:
    """Keep how far it has come."""
    meta.put(connection, _KEY, _DRILL.dump_json(drill).decode())


def clear(connection: Connection) -> None:
    """None is under way any more."""
    meta.put(connection, _KEY, "")
