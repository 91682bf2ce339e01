"""The migrations lead to the very schema that the code goes by."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import inspect

from yuqing_daemon.store import Store
from yuqing_daemon.store.schema import metadata


def shape(store: Store) -> dict[str, object]:
    with store.read() as connection:
        look = inspect(connection)
        return {
            table: (
                sorted(column["name"] for column in look.get_columns(table)),
                sorted((tuple(index["column_names"]), bool(index["unique"])) for index in look.get_indexes(table)),
            )
            for table in metadata.tables
        }


def test_the_migrations_and_the_schema_are_the_same(tmp_path: Path) -> None:
    migrated, made = Store.open(tmp_path), Store.in_memory()
    assert shape(migrated) == shape(made)
    migrated.close()
    made.close()


def test_a_large_state_stands_behind_what_is_asked_of_every_source(tmp_path: Path) -> None:
    for store in (Store.open(tmp_path), Store.in_memory()):
        with store.read() as connection:
            assert inspect(connection).get_columns("source")[-1]["name"] == "state"
        store.close()
