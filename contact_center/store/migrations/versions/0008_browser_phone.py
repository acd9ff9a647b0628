"""The telephone in the browser: whose is ready, who was left alone on the line, which call a leg belongs to."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0008"
down_revision: str | None = "0007"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Apply this step."""
    op.add_column(
        "agent_status",
        sa.Column(
            "phone_at",
            sa.BigInteger(),
            nullable=True,
            comment="since when a telephone of theirs is ready in a browser; empty when none is",
        ),
    )
    op.add_column(
        "calls",
        sa.Column(
            "alone_since",
            sa.BigInteger(),
            nullable=True,
            comment="answered, and whoever holds it has left the line: nobody is with the citizen",
        ),
    )
    op.create_index("ix_call_events_leg", "call_events", ["leg"], unique=False)
