"""${message}."""

import sqlalchemy as sa
from alembic import op

from yuqing_daemon.store.schema import Instant

${imports if imports else ""}
revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go one step up."""
    ${upgrades if upgrades else "pass"}
