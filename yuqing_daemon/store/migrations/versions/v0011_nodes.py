"""From which crawl node a visit was made."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """From visits to nodes."""
    with op.batch_alter_table("visit") as visit:
        visit.add_column(sa.Column("node", sa.String(255), nullable=False, server_default=""))
