"""Opinions that ask a person, lessons from judgements, the organisation's own weights, and second opinions."""

import sqlalchemy as sa
from alembic import op

from yuqing_daemon.store.schema import ID, Instant

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """From health to learning."""
    with op.batch_alter_table("opinion") as opinion:
        opinion.add_column(sa.Column("detail", sa.String(32), nullable=False, server_default=""))
        opinion.add_column(sa.Column("unsure", sa.Boolean(), nullable=False, server_default=sa.false()))
        opinion.add_column(sa.Column("current", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.create_table(
        "lesson",
        sa.Column("id", ID, primary_key=True),
        sa.Column("event", ID, sa.ForeignKey("event.id"), nullable=False),
        sa.Column("target", sa.String(128), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("yes", sa.Boolean(), nullable=False),
        sa.Column("shipped", sa.Float(), nullable=False),
        sa.Column("own", sa.Float(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("undone_at", Instant()),
        sa.Column("undone_by", sa.Text(), nullable=False),
    )
    op.create_index(op.f("ix_lesson_event"), "lesson", ["event"], unique=False)
    op.create_index(op.f("ix_lesson_target"), "lesson", ["target"], unique=False)
    op.create_table(
        "consultation",
        sa.Column("id", ID, primary_key=True),
        sa.Column("event", ID, sa.ForeignKey("event.id"), nullable=False),
        sa.Column("digest", sa.String(32), nullable=False),
        sa.Column("was_sent", sa.Boolean(), nullable=False),
        sa.Column("asked_at", Instant(), nullable=False),
        sa.Column("answered_at", Instant()),
        sa.Column("advice", sa.JSON()),
    )
    op.create_index(op.f("ix_consultation_event"), "consultation", ["event"], unique=False)
    op.create_index(op.f("ix_consultation_digest"), "consultation", ["digest"], unique=False)
    op.create_table(
        "weights",
        sa.Column("target", sa.String(128), primary_key=True),
        sa.Column("version", ID, nullable=False),
        sa.Column("lessons", sa.Integer(), nullable=False),
        sa.Column("parts", sa.Text(), nullable=False),
    )
