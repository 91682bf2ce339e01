"""Events keep the words that set them apart."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """From learning to key words."""
    with op.batch_alter_table("event") as event:
        event.add_column(sa.Column("key_words", sa.Text(), nullable=False, server_default=""))
