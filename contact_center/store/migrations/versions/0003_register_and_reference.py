"""Register and reference."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

JSON = sa.JSON().with_variant(JSONB(), "postgresql")

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Apply this step."""
    op.create_table(
        "alerts",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False, comment="what it is about, so that it rings once"),
        sa.Column("work_item_id", sa.String(length=36)),
        sa.Column("level", sa.String(length=10), nullable=False),
        sa.Column("data", JSON, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("cleared_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id", name="pk_alerts"),
    )
    op.create_index(
        "uq_alerts_open",
        "alerts",
        ["kind", "subject"],
        unique=True,
        sqlite_where=sa.text("cleared_at IS NULL"),
        postgresql_where=sa.text("cleared_at IS NULL"),
    )
    op.create_table(
        "canned_replies",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("shortcut", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=5), server_default="es", nullable=False),
        sa.Column("queue_id", sa.String(length=36)),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_canned_replies"),
        sa.UniqueConstraint("shortcut", name="uq_canned_replies_shortcut"),
    )
    op.create_table(
        "categories",
        sa.Column("code", sa.String(length=10), nullable=False),
        sa.Column("group_name", sa.String(length=120), nullable=False),
        sa.Column("name", sa.String(length=160), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("dependency_id", sa.String(length=20)),
        sa.Column("priority", sa.String(length=10), nullable=False),
        sa.Column("term_days", sa.Integer()),
        sa.Column("sensitive", sa.Boolean(), nullable=False),
        sa.Column("keywords", JSON, nullable=False),
        sa.Column("area_id", sa.String(length=36)),
        sa.Column("closed_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("code", name="pk_categories"),
    )
    op.create_table(
        "dependencies",
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=250), nullable=False),
        sa.Column("acronym", sa.String(length=30)),
        sa.Column("level", sa.String(length=30), nullable=False),
        sa.Column("sector", sa.String(length=80)),
        sa.Column("former_names", sa.Text()),
        sa.Column("topics", sa.Text()),
        sa.Column("verified", sa.String(length=10)),
        sa.Column("valid_from", sa.String(length=10)),
        sa.Column("valid_until", sa.String(length=10)),
        sa.PrimaryKeyConstraint("id", name="pk_dependencies"),
    )
    op.create_table(
        "emergency_lines",
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("hours", sa.String(length=20)),
        sa.Column("verified", sa.String(length=10)),
        sa.PrimaryKeyConstraint("number", name="pk_emergency_lines"),
    )
    op.create_table(
        "folio_years",
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False, comment="year in America/Hermosillo"),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("year", name="pk_folio_years"),
    )
    op.create_table(
        "municipalities",
        sa.Column("key", sa.String(length=5), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("seat", sa.String(length=80)),
        sa.Column("region", sa.String(length=60)),
        sa.Column("area_code", sa.String(length=3)),
        sa.PrimaryKeyConstraint("key", name="pk_municipalities"),
    )
    op.create_table(
        "options",
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("value", JSON, nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_options"),
    )
    op.create_table(
        "petition_interactions",
        sa.Column("folio", sa.String(length=40), nullable=False),
        sa.Column("interaction_id", sa.String(length=36), nullable=False),
        sa.Column("relation", sa.String(length=12), nullable=False, comment="created, linked, queried"),
        sa.Column("by_user", sa.String(length=36)),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("unlinked_at", sa.BigInteger()),
        sa.Column("unlinked_by", sa.String(length=36)),
        sa.Column("unlinked_reason", sa.String(length=200)),
        sa.PrimaryKeyConstraint("folio", "interaction_id", name="pk_petition_interactions"),
    )
    op.create_index(
        "ix_petition_interactions_interaction_id", "petition_interactions", ["interaction_id"], unique=False
    )
    op.create_table(
        "sites",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("origin", sa.String(length=200), nullable=False, comment="scheme://host[:port], exact"),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sites"),
        sa.UniqueConstraint("origin", name="uq_sites_origin"),
    )
    op.create_table(
        "texts",
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("locale", sa.String(length=5), nullable=False),
        sa.Column("value", JSON, nullable=False, comment="a string, or the list of survey questions"),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", "locale", name="pk_texts"),
    )
    op.create_table(
        "petitions",
        sa.Column("folio", sa.String(length=40), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("medium", sa.String(length=20), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("citizen_id", sa.String(length=36)),
        sa.Column("requester", JSON, nullable=False, comment="who asks, as said at the time; personal data"),
        sa.Column("beneficiary", JSON, comment="who benefits, when someone else"),
        sa.Column("beneficiaries", sa.Integer(), server_default="1", nullable=False),
        sa.Column("phone", sa.String(length=20), comment="E.164, for the folio query and duplicates"),
        sa.Column("confidential", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("accused_user_id", sa.String(length=36)),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column(
            "folded",
            sa.Text(),
            server_default="",
            nullable=False,
            comment="subject and place without accents, for search",
        ),
        sa.Column("category", sa.String(length=10), nullable=False),
        sa.Column("municipality", sa.String(length=5), nullable=False, comment="INEGI key, or 00000 outside Sonora"),
        sa.Column("locality", sa.String(length=120)),
        sa.Column("outside_place", sa.String(length=120)),
        sa.Column("location", sa.String(length=300)),
        sa.Column("priority", sa.String(length=10), nullable=False),
        sa.Column("area_id", sa.String(length=36), nullable=False),
        sa.Column("responsible_id", sa.String(length=36)),
        sa.Column("dependency_id", sa.String(length=20)),
        sa.Column("state", sa.String(length=30), nullable=False),
        sa.Column("due_on", sa.String(length=10)),
        sa.Column("extra", JSON, nullable=False),
        sa.Column("origin_id", sa.String(length=36), comment="interaction it was born in"),
        sa.Column("duplicate_of", sa.String(length=40)),
        sa.Column("conclusion", JSON),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_by", sa.String(length=36), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["citizen_id"], ["citizens.id"], name="fk_petitions_citizen_id"),
        sa.PrimaryKeyConstraint("folio", name="pk_petitions"),
        sa.UniqueConstraint("year", "number", name="uq_petitions_year_number"),
    )
    op.create_index(
        "ix_petitions_category_municipality", "petitions", ["category", "municipality", "received_at"], unique=False
    )
    op.create_index("ix_petitions_citizen_id", "petitions", ["citizen_id"], unique=False)
    op.create_index("ix_petitions_phone", "petitions", ["phone"], unique=False)
    op.create_index("ix_petitions_state_received", "petitions", ["state", "received_at"], unique=False)
    op.create_table(
        "findings",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("interaction_id", sa.String(length=36), nullable=False),
        sa.Column("agent_id", sa.String(length=36)),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.BigInteger()),
        sa.Column("closed_how", sa.String(length=40)),
        sa.Column("reason", sa.String(length=300)),
        sa.ForeignKeyConstraint(["interaction_id"], ["interactions.id"], name="fk_findings_interaction_id"),
        sa.PrimaryKeyConstraint("id", name="pk_findings"),
    )
    op.create_index("ix_findings_agent_id", "findings", ["agent_id"], unique=False)
    op.create_index(
        "uq_findings_open",
        "findings",
        ["interaction_id", "kind"],
        unique=True,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "follow_ups",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("folio", sa.String(length=36), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("author_id", sa.String(length=36)),
        sa.Column("origin", sa.String(length=20), nullable=False, comment="citizen, dependency, internal, system"),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("visible", sa.Boolean(), nullable=False),
        sa.Column("interaction_id", sa.String(length=36)),
        sa.ForeignKeyConstraint(["folio"], ["petitions.folio"], name="fk_follow_ups_folio"),
        sa.PrimaryKeyConstraint("id", name="pk_follow_ups"),
    )
    op.create_index("ix_follow_ups_folio", "follow_ups", ["folio"], unique=False)
