"""Run by Alembic for each command: it works on the connection it is handed."""

from alembic import context

from yuqing_daemon.store.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True)
context.run_migrations()
