"""Bulletins, each with a number of its own."""

import sqlalchemy as sa
from alembic import op

from yuqing_daemon.store.schema import ID, Instant

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """From duties to bulletins."""
    op.create_table(
        "bulletin",
        sa.Column("id", ID, primary_key=True),
        sa.Column("event", ID, sa.ForeignKey("event.id"), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("issue", sa.Integer(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.UniqueConstraint("event", "issue"),
        sa.UniqueConstraint("year", "number", "issue"),
    )
