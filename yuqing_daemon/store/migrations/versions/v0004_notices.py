"""Notices that are folded, suppressed and receipted; silences."""

import sqlalchemy as sa
from alembic import op

from yuqing_daemon.store.schema import ID, Instant

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """From bulletins to silences."""
    for column in (
        sa.Column("reason", sa.Text(), nullable=False, server_default=""),
        sa.Column("rev", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("rank", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("parent", ID),
        sa.Column("slot", sa.String(32)),
        sa.Column("suppressed_by", sa.String(64), nullable=False, server_default=""),
        sa.Column("receipt", sa.String(16), nullable=False, server_default=""),
        sa.Column("receipt_at", Instant()),
    ):
        op.add_column("delivery", column)
    op.execute("UPDATE delivery SET rank = level")
    for name in ("provider_id", "parent"):
        op.create_index(f"ix_delivery_{name}", "delivery", [name])
    op.create_index("delivery_by_slot", "delivery", ["recipient", "slot"], unique=True)
    op.create_index("ix_attempt_at", "attempt", ["at"])
    op.create_table(
        "silence",
        sa.Column("id", ID, primary_key=True),
        sa.Column("matcher", sa.JSON(), nullable=False),
        sa.Column("starts_at", Instant(), nullable=False),
        sa.Column("ends_at", Instant(), nullable=False, index=True),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("summarised_at", Instant()),
    )
