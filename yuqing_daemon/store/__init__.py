"""The database: one file, or a PostgreSQL server. One writer at a time; nothing is promised before COMMIT."""

from __future__ import annotations

import fcntl
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import DatabaseError, OperationalError
from sqlalchemy.pool import StaticPool

from ..errors import StoreError, StoreLocked
from .migrate import check, upgrade
from .schema import metadata
from .turns import Turns

FILE = "yuqing.db"
# KiB of pages kept in memory: by the connection that writes, the indexes of a large record; by each of those that read,
# a few, for there may be fifteen of them, and the system keeps the file's pages too
CACHE, READERS_CACHE = 32_768, 4_096


class Store:
    """A way in to the database.

    ``write()`` and ``read()`` give a connection within one transaction. On SQLite all writing goes through one
    connection and every writing transaction takes the write lock at its start: one that first reads and then
    writes would fail at once when another has written in between.
    """

    def __init__(self, url: str) -> None:
        memory = url == "sqlite://"
        self._writer = _engine(url, "BEGIN IMMEDIATE", CACHE, poolclass=StaticPool)
        self._reader = self._writer if memory else _engine(url, "BEGIN", READERS_CACHE)
        self._lock = Turns()
        self._memory = memory
        self.when_refused: Callable[[OperationalError], None] | None = None

    @classmethod
    def open(cls, state: Path) -> Store:
        """Open the database of a state directory, bringing its schema up to date first.

        Raises:
            StoreTooNew: a newer version wrote it.
            StoreError: it cannot be written, or is no database.
        """
        with _told_of(state):
            state.mkdir(parents=True, exist_ok=True, mode=0o700)
            store = cls(f"sqlite:///{state / FILE}")
            upgrade(store._writer)
            return store

    @classmethod
    def look(cls, state: Path) -> Store:
        """Open the database of a state directory as it is, for reading only.

        Raises:
            StoreError: there is none yet, or it is no database.
            StoreTooOld: no daemon of this version has brought it up to date yet.
            StoreTooNew: a newer version wrote it.
        """
        if not (state / FILE).exists():
            raise StoreError(f"there is no database in {state} yet; start the daemon with: yuqing run")
        with _told_of(state):
            store = cls(f"sqlite:///{state / FILE}")
            try:
                check(store._reader)
            except BaseException:
                store.close()
                raise
            return store

    @classmethod
    def in_memory(cls) -> Store:
        """An empty one that is gone when closed: for replays and tests."""
        store = cls("sqlite://")
        metadata.create_all(store._writer)
        return store

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One writing transaction: committed at the end, rolled back on an error.

        ``when_refused`` hears of it when the database itself is the trouble (a full disk), whoever wanted to write.
        """
        try:
            with self._lock, self._writer.begin() as connection:
                yield connection
        except OperationalError as error:
            if self.when_refused is not None:
                self.when_refused(error)
            raise

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One reading transaction: a consistent view."""
        if self._memory:
            with self._lock, self._writer.begin() as connection:
                yield connection
        else:
            with self._reader.begin() as connection:
                yield connection

    def check(self) -> str:
        """Ask SQLite whether the file is sound: ``ok``, or what it found."""
        with self.read() as connection:
            return str(connection.execute(text("PRAGMA integrity_check")).scalar_one())

    def close(self) -> None:
        """Close all connections."""
        self._reader.dispose()
        self._writer.dispose()


def _engine(url: str, begin: str, cache: int, **options: Any) -> Engine:
    engine = create_engine(url, connect_args={"check_same_thread": False, "timeout": 5}, **options)

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # our own BEGIN, below, instead of the driver's
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")  # what was promised survives a power cut
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute(f"PRAGMA cache_size = -{cache}")

    @event.listens_for(engine, "begin")
    def start(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


@contextmanager
def _told_of(state: Path) -> Iterator[None]:
    """Turn what the system says of a state directory into words for the operator."""
    try:
        yield
    except OSError as error:
        raise StoreError(
            f"the state directory {state} cannot be used: {error.strerror}\n"
            "  fix: its owner and rights, or another path under [store] in yuqing.toml"
        ) from error
    except DatabaseError as error:
        raise StoreError(f"the database {state / FILE} cannot be used: {error.orig}") from error


@contextmanager
def owning(state: Path) -> Iterator[None]:
    """Own a state directory for as long as the block runs; the lock goes with the process, however it ends.

    Raises:
        StoreLocked: another process owns it.
        StoreError: it cannot be made, or written in.
    """
    with _told_of(state):
        state.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(state / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        raise StoreLocked(f"{state} belongs to a daemon that is running") from error
    finally:
        os.close(handle)


def secret_key(state: Path) -> bytes:
    """The key that signs links and hashes names: made at the first start, readable by its owner alone."""
    path = state / "secret.key"
    if not path.exists():
        fresh = state / "secret.key.new"  # a key that is there is a whole key, however this process ends
        fresh.unlink(missing_ok=True)
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(secrets.token_bytes(32))
            file.flush()
            os.fsync(file.fileno())
        fresh.rename(path)
    return path.read_bytes()
