"""What petitions taken by telephone need: bodies complained about, copies, references of others, spoken consent."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

JSON = sa.JSON().with_variant(JSONB(), "postgresql")

revision: str = "0009"
down_revision: str | None = "0008"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Apply this step."""
    for column in (
        sa.Column(
            "copies", JSON, server_default="[]", nullable=False, comment="bodies that got a copy of the referral"
        ),
        sa.Column(
            "referral_document",
            sa.String(length=60),
            nullable=True,
            comment="number of the authorised letter it was referred with",
        ),
        sa.Column(
            "accused_dependency_id",
            sa.String(length=20),
            nullable=True,
            comment="body a complaint is about: never gets it, never sees it",
        ),
        sa.Column(
            "external_reference",
            sa.String(length=80),
            nullable=True,
            comment="number that another body gave the same matter",
        ),
    ):
        op.add_column("petitions", column)
    op.add_column(
        "consents",
        sa.Column("folio", sa.String(length=40), nullable=True, comment="the petition whose sensitive data it is for"),
    )
    op.add_column("consents", sa.Column("by_user", sa.String(length=36), nullable=True, comment="who heard it said"))
