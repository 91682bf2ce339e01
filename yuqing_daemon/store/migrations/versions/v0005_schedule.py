"""When a source is due: its host, and how much it brings."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """From notices to a schedule."""
    op.add_column("source", sa.Column("host", sa.String(255), nullable=False, server_default=""))
    op.add_column("source", sa.Column("tempo", sa.JSON(none_as_null=True)))
    op.create_index("source_due", "source", ["due_at"])
