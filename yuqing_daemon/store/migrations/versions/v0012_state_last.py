"""A source's state stands at the end of its row: it may be large, and SQLite reads it to get at what is behind it."""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """From nodes to large states."""
    if op.get_context().dialect.name == "sqlite":
        with op.batch_alter_table("source", recreate="always", partial_reordering=[("tempo", "state")]):
            pass
