"""Bring a database's schema up to date when the daemon starts. Alembic is loaded if there is something to do."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from ..errors import StoreTooNew, StoreTooOld

MIGRATIONS = Path(__file__).with_name("migrations")
HEAD = max(path.stem[1:5] for path in MIGRATIONS.glob("versions/v*.py"))


def check(engine: Engine) -> None:
    """Refuse a database whose schema is not this version's: who only looks changes nothing.

    Raises:
        StoreTooOld: the daemon has not brought it up to date yet.
        StoreTooNew: a newer version wrote it.
    """
    with engine.connect() as connection:
        revision = _revision(connection)
    if revision != HEAD:
        raise StoreTooOld(
            f"the database is at schema {revision or 'none'}, and this version reads {HEAD}\n"
            "  fix: start the daemon with this version, which brings it up to date: yuqing run"
        )


def upgrade(engine: Engine) -> None:
    """Run the migrations that are missing, all in one transaction.

    Raises:
        StoreTooNew: the database knows a migration that this version does not.
    """
    with engine.begin() as connection:
        if _revision(connection) != HEAD:
            _migrate(connection)


def _revision(connection: Connection) -> str | None:
    """The last migration a database has had, as Alembic noted it; ``None`` before the first."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    if revision is not None and revision > HEAD:
        raise StoreTooNew(f"the database is at schema {revision}, which this version does not know: upgrade")
    return revision


def _migrate(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
