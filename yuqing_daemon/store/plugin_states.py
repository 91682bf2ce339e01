"""What the running daemon knows of its plugins, for those who ask from outside."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, delete, insert, select

from ..plugins import Entry
from .schema import plugin


def save(connection: Connection, entries: Iterable[Entry]) -> None:
    """Replace what is known."""
    connection.execute(delete(plugin))
    for entry in entries:
        values = {"name": entry.name, "package": entry.package, "status": entry.status, "failures": entry.failures}
        connection.execute(insert(plugin).values(**values, hooks=list(entry.hooks)))


def failures(connection: Connection) -> dict[str, tuple[str, int]]:
    """(status, failures) of each plugin, as the daemon last wrote them."""
    return {row.name: (row.status, row.failures) for row in connection.execute(select(plugin))}
