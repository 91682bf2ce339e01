"""Visits one after the other that brought nothing are one row."""

import sqlalchemy as sa
from alembic import op

from yuqing_daemon.store.schema import Instant

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What is there stays as it is: each row is one visit."""
    op.add_column("visit", sa.Column("since", Instant()))
    op.add_column("visit", sa.Column("number", sa.Integer(), nullable=False, server_default="1"))
