"""What events are about, so that posts which tell of them in other words join them."""

import sqlalchemy as sa
from alembic import op

from yuqing_daemon.store.schema import ID

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Events that are open are indexed by the daemon when it next tidies up."""
    op.create_table(
        "gist",
        sa.Column("event", ID, sa.ForeignKey("event.id"), primary_key=True),
        sa.Column("topic", sa.String(64), nullable=False),
        sa.Column("weights", sa.JSON(), nullable=False),
        sa.Column("is_report", sa.Boolean(), nullable=False),
        sa.Column("is_own", sa.Boolean(), nullable=False),
    )
    op.create_index(op.f("ix_gist_topic"), "gist", ["topic"], unique=False)
    op.create_table(
        "gist_pair",
        sa.Column("topic", sa.String(64), primary_key=True),
        sa.Column("pair", sa.Text(), primary_key=True),
        sa.Column("event", ID, sa.ForeignKey("event.id"), primary_key=True),
        sqlite_with_rowid=False,
    )
    op.create_index("gist_pair_by_event", "gist_pair", ["event"], unique=False)
    op.drop_column("post", "clause_chars")
