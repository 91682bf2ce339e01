"""Bring a database's schema up to date when the daemon starts."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

from ..errors import StoreTooNew


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
