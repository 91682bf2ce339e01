"""Bring a database's schema up to date when the daemon starts."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

from ..errors import StoreTooNew, StoreTooOld

HEAD = max(path.stem[1:5] for path in Path(__file__).with_name("migrations").glob("versions/v*.py"))


def check(engine: Engine) -> None:
    """Refuse a database whose schema is not this version's: who only looks changes nothing.

    Raises:
        StoreTooOld: the daemon has not brought it up to date yet.
        StoreTooNew: a newer version wrote it.
    """
    with engine.connect() as connection:
        revision = MigrationContext.configure(connection).get_current_revision()
    if revision is not None and revision > HEAD:
        raise StoreTooNew(f"the database is at schema {revision}, which this version does not know: upgrade")
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
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")).replace("%", "%%"))
    scripts = ScriptDirectory.from_config(config)
    with engine.begin() as connection:
        revision = MigrationContext.configure(connection).get_current_revision()
        known = {script.revision for script in scripts.walk_revisions()}
        if revision is not None and revision not in known:
            raise StoreTooNew(f"the database is at schema {revision}, which this version does not know: upgrade")
        if revision != scripts.get_current_head():
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
