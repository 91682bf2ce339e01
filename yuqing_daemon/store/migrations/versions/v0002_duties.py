"""Duties and judgements; events know who has them and when they were over."""

import sqlalchemy as sa
from alembic import op

from yuqing_daemon.store.schema import ID, Instant

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """From the first schema to duties and judgements."""
    op.add_column("event", sa.Column("over_at", Instant()))
    op.add_column("event", sa.Column("department", sa.String(64), nullable=False, server_default=""))
    op.add_column("event", sa.Column("merged_into", ID))
    op.add_column("event", sa.Column("overruled_level", sa.Integer()))
    op.add_column("event", sa.Column("handled_as", sa.Integer()))
    op.add_column("event", sa.Column("stage", sa.String(16), nullable=False, server_default=""))
    op.add_column("event", sa.Column("stage_reason", sa.Text(), nullable=False, server_default=""))
    op.execute("update event set state = 'found' where state = 'open'")
    op.create_table(
        "duty",
        sa.Column("id", ID, primary_key=True),
        sa.Column("event", ID, sa.ForeignKey("event.id"), nullable=False),
        sa.Column("rule", sa.String(64), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("owner", sa.String(64), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("started_at", Instant(), nullable=False),
        sa.Column("due_at", Instant()),
        sa.Column("breached_at", Instant()),
        sa.Column("done_at", Instant()),
        sa.Column("done_by", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.UniqueConstraint("event", "rule", "n"),
    )
    op.create_table(
        "judgement",
        sa.Column("id", ID, primary_key=True),
        sa.Column("event", ID, sa.ForeignKey("event.id"), nullable=False),
        sa.Column("act", sa.String(32), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
    )
    op.create_index("ix_judgement_event", "judgement", ["event"])
