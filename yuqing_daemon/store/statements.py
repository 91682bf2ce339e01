"""Statements that several tables need, and why so many are made once: SQLAlchemy takes longer over putting a statement
together than SQLite takes over carrying it out, and a post goes through dozens of them."""

from __future__ import annotations

from functools import cache

from sqlalchemy import Connection, Insert, Table
from sqlalchemy.dialects import postgresql, sqlite


def insert_new(connection: Connection, table: Table) -> Insert:
    """An INSERT that leaves alone what is there under the same key; its ``rowcount`` says whether it was new."""
    return _insert_new(connection.dialect.name, table)


@cache
def _insert_new(dialect: str, table: Table) -> Insert:
    if dialect == "postgresql":
        return postgresql.insert(table).on_conflict_do_nothing()
    return sqlite.insert(table).on_conflict_do_nothing()
