"""An index on calls whose end is still to be acted upon: they are looked for every second."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0011"
down_revision: str | None = "0010"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Apply this step."""
    op.create_index(
        "ix_calls_not_closed_out",
        "calls",
        ["ended_at"],
        sqlite_where=sa.text("closed_out_at IS NULL"),
        postgresql_where=sa.text("closed_out_at IS NULL"),
    )
