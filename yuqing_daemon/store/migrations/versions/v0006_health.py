"""How well each source is heard, when it was not, and pages by which to tell."""

import sqlalchemy as sa
from alembic import op

from yuqing_daemon.store.schema import ID, Instant

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """From the schedule to health."""
    op.add_column("visit", sa.Column("trouble", sa.String(16), nullable=False, server_default=""))
    op.create_table(
        "health",
        sa.Column("source", sa.String(64), primary_key=True),
        sa.Column("history", sa.JSON(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("told_state", sa.String(16), nullable=False),
        sa.Column("told_at", Instant()),
        sa.Column("changes", sa.Integer(), nullable=False),
        sa.Column("paused_until", Instant()),
    )
    op.create_table(
        "spell",
        sa.Column("id", ID, primary_key=True),
        sa.Column("source", sa.String(64), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("since", Instant(), nullable=False),
        sa.Column("blind_from", Instant(), nullable=False),
        sa.Column("until", Instant()),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
    )
    op.create_index("spell_by_source", "spell", ["source", "since"])
    op.create_index("spell_by_until", "spell", ["until"])
    op.create_table(
        "canary",
        sa.Column("source", sa.String(64), primary_key=True),
        sa.Column("url", sa.Text(), primary_key=True),
        sa.Column("content_type", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("fetched_at", Instant(), nullable=False),
        sa.Column("read", sa.JSON(), nullable=False),
        sa.Column("digest", sa.String(32), nullable=False),
        sa.Column("lost", sa.Text(), nullable=False),
    )
