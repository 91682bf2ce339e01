"""The database: one owner, one writer, and a record that shows what was done to it."""

from __future__ import annotations

import contextlib
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import inspect, text
from sqlalchemy.exc import IntegrityError, OperationalError, StatementError
from world import NOON

from yuqing_daemon.domain import AuditEntry
from yuqing_daemon.errors import StoreError, StoreLocked, StoreTooNew, StoreTooOld
from yuqing_daemon.store import Store, audit, owning, quarantine, schema, secret_key


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store.open(tmp_path / "state")
    yield store
    store.close()


def test_the_migrations_make_the_very_tables_of_the_schema(store: Store, tmp_path: Path) -> None:
    def described(store: Store) -> dict[str, object]:
        looked = inspect(store._writer)
        tables = sorted(set(looked.get_table_names()) - {"alembic_version"})
        return {
            table: (
                [(column["name"], str(column["type"]), column["nullable"]) for column in looked.get_columns(table)],
                sorted((index["name"], index["column_names"], index["unique"]) for index in looked.get_indexes(table)),
                sorted(unique["column_names"] for unique in looked.get_unique_constraints(table)),
                sorted((key["constrained_columns"], key["referred_table"]) for key in looked.get_foreign_keys(table)),
            )
            for table in tables
        }

    assert described(store) == described(Store.in_memory())


def test_opening_twice_changes_nothing_and_a_newer_database_is_refused(store: Store, tmp_path: Path) -> None:
    Store.open(tmp_path / "state").close()
    with store.write() as connection:
        connection.execute(text("update alembic_version set version_num = '9999'"))
    with pytest.raises(StoreTooNew, match="9999"):
        Store.open(tmp_path / "state")


def test_looking_into_a_database_of_an_older_version_says_what_brings_it_up_to_date(
    store: Store, tmp_path: Path
) -> None:
    Store.look(tmp_path / "state").close()
    with store.write() as connection:
        connection.execute(text("update alembic_version set version_num = '0003'"))
    with pytest.raises(StoreTooOld, match=r"at schema 0003, and this version reads .*\n  fix: start the daemon"):
        Store.look(tmp_path / "state")


def test_looking_into_a_database_that_is_not_there_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="start the daemon with: yuqing run"):
        Store.look(tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_writing_transaction_is_all_or_nothing(store: Store) -> None:
    with pytest.raises(ZeroDivisionError), store.write() as connection:
        quarantine.count(connection, "k", "what", "error", now=NOON)
        raise ZeroDivisionError
    with store.read() as connection:
        assert not quarantine.holds(connection, "k")
        assert connection.execute(text("select count(*) from quarantine")).scalar() == 0


def test_readers_see_a_consistent_state_while_another_writes(store: Store) -> None:
    def count(connection: object) -> int:
        return int(connection.execute(text("select count(*) from quarantine")).scalar())  # type: ignore[attr-defined]

    with store.read() as before:
        assert count(before) == 0
        with store.write() as connection:
            quarantine.count(connection, "k", "what", "error", now=NOON)
        assert count(before) == 0
    with store.read() as after:
        assert count(after) == 1


def test_writers_in_several_threads_take_turns(store: Store) -> None:
    def write() -> None:
        for _ in range(20):
            with store.write() as connection:
                quarantine.count(connection, "k", "what", "error", now=NOON)

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.read() as connection:
        assert connection.execute(text("select count from quarantine")).scalar() == 80


def test_a_writing_transaction_has_the_database_from_its_start(store: Store, tmp_path: Path) -> None:
    with contextlib.closing(sqlite3.connect(tmp_path / "state" / "yuqing.db", timeout=0)) as other:
        with store.write(), pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("begin immediate")
        other.execute("begin immediate")


def test_a_write_survives_a_power_cut_and_refers_only_to_what_is_there(store: Store) -> None:
    with store.write() as connection:
        assert connection.execute(text("pragma synchronous")).scalar() == 2  # FULL
        assert connection.execute(text("pragma journal_mode")).scalar() == "wal"
    with pytest.raises(IntegrityError), store.write() as connection:
        connection.execute(schema.reading.insert().values(post=99, at=NOON))


def test_an_instant_without_a_zone_is_refused(store: Store) -> None:
    with pytest.raises(StatementError, match="an instant needs a zone"), store.write() as connection:
        quarantine.count(connection, "k", "what", "error", now=datetime(2026, 3, 2))  # noqa: DTZ001


def test_a_sound_file_is_called_sound(store: Store) -> None:
    assert store.check() == "ok"


# -- the state directory --------------------------------------------------------------------------


def test_a_state_directory_has_one_owner_and_is_free_when_it_is_killed(tmp_path: Path) -> None:
    code = (
        "import sys, pathlib; from yuqing_daemon.store import owning\n"
        "with owning(pathlib.Path(sys.argv[1])): print(1, flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as owner:
        assert owner.stdout is not None
        owner.stdout.readline()
        with pytest.raises(StoreLocked, match="belongs to a daemon that is running"), owning(tmp_path):
            pass
        owner.kill()
    with owning(tmp_path):
        pass


def test_the_secret_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    first = secret_key(tmp_path)
    assert len(first) == 32
    assert secret_key(tmp_path) == first
    assert oct((tmp_path / "secret.key").stat().st_mode & 0o777) == "0o600"


def test_a_secret_that_was_cut_off_while_it_was_written_is_never_used(tmp_path: Path) -> None:
    (tmp_path / "secret.key.new").write_bytes(b"half")
    assert len(secret_key(tmp_path)) == 32


@pytest.mark.parametrize("place", ["file/state", "/sys/yuqing"])
def test_a_place_that_cannot_be_used_is_named(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="cannot be used"), owning(tmp_path / place):
        pass
    with pytest.raises(StoreError, match=r"fix: .*\[store\]"):
        Store.open(tmp_path / place)


# -- a full disk ----------------------------------------------------------------------------------


def test_a_full_database_refuses_a_write_whole_and_goes_on_when_there_is_room(store: Store) -> None:
    with store.write() as connection:
        quarantine.count(connection, "before", "what", "error", now=NOON)
        pages = connection.execute(text("pragma page_count")).scalar_one()
        connection.execute(text(f"pragma max_page_count = {pages}"))
    with pytest.raises(OperationalError, match="full"), store.write() as connection:
        for number in range(100):
            quarantine.count(connection, f"k{number}", "what", "error" * 1000, now=NOON)
    with store.read() as connection:
        assert connection.execute(text("select key from quarantine")).scalars().all() == ["before"]
    with store.write() as connection:
        connection.execute(text("pragma max_page_count = 1000000"))
        quarantine.count(connection, "after", "what", "error" * 1000, now=NOON)
    assert store.check() == "ok"


# -- the record -----------------------------------------------------------------------------------


@pytest.fixture
def recorded(store: Store) -> Store:
    """A record of five entries."""
    with store.write() as connection:
        for number in range(1, 6):
            entry = AuditEntry(at=NOON, actor="wang", what="event.acknowledged", event=number, data={"说": "已处理"})
            audit.append(connection, entry)
    return store


def test_the_chain_of_the_record_holds(recorded: Store) -> None:
    with recorded.read() as connection:
        assert audit.first_broken(connection) is None
        assert audit.size(connection) == 5
        assert [entry.event for entry in audit.entries(connection, event=3)] == [3]


@pytest.mark.parametrize(
    ("change", "broken"),
    [
        ("update audit set actor = 'li' where id = 2", 2),
        ("update audit set at = '2026-03-02 03:59:59.000000' where id = 3", 3),
        ("update audit set event = 9 where id = 4", 4),
        ("update audit set data = '{}' where id = 5", 5),
        ("delete from audit where id = 3", 4),
        ("delete from audit where id = 1", 2),
        ("update audit set prev = '' where id = 2", 2),
        ("insert into audit select 9, at, actor, what, event, data, prev, 'x' || hash from audit where id = 5", 9),
    ],
)
def test_whatever_is_done_to_the_record_shows(recorded: Store, change: str, broken: int) -> None:
    with recorded.write() as connection:
        connection.execute(text(change))
        found = audit.first_broken(connection)
    assert found is not None
    assert found.id == broken


def test_an_entry_reads_back_as_it_was_written(store: Store) -> None:
    at = datetime(2026, 3, 2, 4, 0, 0, 123456, tzinfo=UTC)
    with store.write() as connection:
        written = audit.append(
            connection, AuditEntry(at=at, actor="王", what="x", data={"a": [1, None, "字"], "b": {}})
        )
        assert list(audit.entries(connection)) == [written]
