"""People and sessions."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

JSON = sa.JSON().with_variant(JSONB(), "postgresql")

revision: str = "0001"
down_revision: str | None = None
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Apply this step."""
    op.create_table(
        "agent_status",
        sa.Column("user_id", sa.String(length=36), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.String(length=40)),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column(
            "seen_at", sa.BigInteger(), comment="last heartbeat of any socket of theirs; the lease of what they hold"
        ),
        sa.Column("idle_since", sa.BigInteger(), comment="when they last became free"),
        sa.Column("last_offer_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("user_id", name="pk_agent_status"),
    )
    op.create_table(
        "areas",
        sa.Column("id", sa.String(length=36), nullable=False, comment="code of the organigram, e.g. 03.07.02.01"),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("parent_id", sa.String(length=36)),
        sa.Column("takes_transfers", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("closed_at", sa.BigInteger()),
        sa.ForeignKeyConstraint(["parent_id"], ["areas.id"], name="fk_areas_parent_id"),
        sa.PrimaryKeyConstraint("id", name="pk_areas"),
    )
    op.create_table(
        "citizens",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("names", sa.String(length=120)),
        sa.Column("first_surname", sa.String(length=80)),
        sa.Column("second_surname", sa.String(length=80)),
        sa.Column(
            "folded", sa.Text(), server_default="", nullable=False, comment="names without case or accents, for search"
        ),
        sa.Column("phone", sa.String(length=20), comment="E.164; not unique, families share one"),
        sa.Column("phone_extension", sa.String(length=10)),
        sa.Column("email", sa.String(length=254)),
        sa.Column("curp", sa.String(length=18)),
        sa.Column("birth_date", sa.String(length=10)),
        sa.Column("sex", sa.String(length=10), comment="H, M, X or none; never guessed"),
        sa.Column("municipality", sa.String(length=5)),
        sa.Column("locality", sa.String(length=120)),
        sa.Column("neighborhood", sa.String(length=120)),
        sa.Column("address", sa.String(length=300)),
        sa.Column("postal_code", sa.String(length=5)),
        sa.Column("outside_place", sa.String(length=120)),
        sa.Column("language", sa.String(length=20)),
        sa.Column("disability", sa.String(length=120)),
        sa.Column("vulnerable_groups", JSON, nullable=False),
        sa.Column("contact_preference", sa.String(length=20)),
        sa.Column("do_not_contact", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("anonymous", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("merged_into", sa.String(length=36)),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["merged_into"], ["citizens.id"], name="fk_citizens_merged_into"),
        sa.PrimaryKeyConstraint("id", name="pk_citizens"),
    )
    op.create_index("ix_citizens_curp", "citizens", ["curp"], unique=False)
    op.create_index("ix_citizens_email", "citizens", ["email"], unique=False)
    op.create_index("ix_citizens_merged_into", "citizens", ["merged_into"], unique=False)
    op.create_index("ix_citizens_phone", "citizens", ["phone"], unique=False)
    op.create_table(
        "dismissed_matches",
        sa.Column("one_id", sa.String(length=36), nullable=False),
        sa.Column("other_id", sa.String(length=36), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("one_id", "other_id", name="pk_dismissed_matches"),
    )
    op.create_table(
        "visitors",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("name", sa.String(length=120)),
        sa.Column("phone", sa.String(length=20)),
        sa.Column("locale", sa.String(length=5), nullable=False),
        sa.Column("site", sa.String(length=200)),
        sa.Column("notice_version", sa.String(length=40), nullable=False),
        sa.Column("notice_at", sa.BigInteger(), nullable=False),
        sa.Column("client_id", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id", name="pk_visitors"),
        sa.UniqueConstraint("token_hash", name="uq_visitors_token_hash"),
    )
    op.create_table(
        "consents",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("visitor_id", sa.String(length=36)),
        sa.Column("citizen_id", sa.String(length=36)),
        sa.Column("kind", sa.String(length=30), nullable=False, comment="notice, sensitive_data, survey"),
        sa.Column("version", sa.String(length=40), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["citizen_id"], ["citizens.id"], name="fk_consents_citizen_id"),
        sa.ForeignKeyConstraint(["visitor_id"], ["visitors.id"], name="fk_consents_visitor_id"),
        sa.PrimaryKeyConstraint("id", name="pk_consents"),
        sa.UniqueConstraint("visitor_id", "kind", "version", name="uq_consents_visitor_id_kind_version"),
    )
    op.create_index("ix_consents_citizen_id", "consents", ["citizen_id"], unique=False)
    op.create_index("ix_consents_visitor_id", "consents", ["visitor_id"], unique=False)
    op.create_table(
        "users",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("username", sa.String(length=100), nullable=False, comment="as typed; unique by its folded form"),
        sa.Column("username_folded", sa.String(length=100), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("display_name", sa.String(length=80), nullable=False, comment="what citizens see"),
        sa.Column("email", sa.String(length=254)),
        sa.Column("password_hash", sa.String(length=300), nullable=False),
        sa.Column("must_change_password", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("totp_secret", sa.String(length=64)),
        sa.Column("totp_confirmed", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("totp_last_step", sa.BigInteger(), server_default="0", nullable=False, comment="a code is used once"),
        sa.Column("recovery_hashes", JSON, nullable=False),
        sa.Column("roles", JSON, nullable=False, comment="list of rules.model.Role"),
        sa.Column("area_id", sa.String(length=36)),
        sa.Column("languages", JSON, nullable=False),
        sa.Column("skills", JSON, nullable=False),
        sa.Column("capacity_chat", sa.Integer(), server_default="3", nullable=False),
        sa.Column("capacity_voice", sa.Integer(), server_default="1", nullable=False),
        sa.Column("locale", sa.String(length=5), server_default="es", nullable=False),
        sa.Column(
            "access_version",
            sa.Integer(),
            server_default="1",
            nullable=False,
            comment="grows when roles, queues or area change",
        ),
        sa.Column("disabled_at", sa.BigInteger()),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("last_login_at", sa.BigInteger()),
        sa.ForeignKeyConstraint(["area_id"], ["areas.id"], name="fk_users_area_id"),
        sa.PrimaryKeyConstraint("id", name="pk_users"),
        sa.UniqueConstraint("username_folded", name="uq_users_username_folded"),
    )
    op.create_table(
        "agent_status_log",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("user_id", sa.String(length=36), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.String(length=40)),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger()),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_agent_status_log_user_id"),
        sa.PrimaryKeyConstraint("id", name="pk_agent_status_log"),
    )
    op.create_index("ix_agent_status_log_user_started", "agent_status_log", ["user_id", "started_at"], unique=False)
    op.create_table(
        "citizen_merges",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("kept_id", sa.String(length=36), nullable=False),
        sa.Column("merged_id", sa.String(length=36), nullable=False),
        sa.Column("by_user", sa.String(length=36), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("undone_at", sa.BigInteger()),
        sa.ForeignKeyConstraint(["by_user"], ["users.id"], name="fk_citizen_merges_by_user"),
        sa.ForeignKeyConstraint(["kept_id"], ["citizens.id"], name="fk_citizen_merges_kept_id"),
        sa.ForeignKeyConstraint(["merged_id"], ["citizens.id"], name="fk_citizen_merges_merged_id"),
        sa.PrimaryKeyConstraint("id", name="pk_citizen_merges"),
    )
    op.create_index("ix_citizen_merges_kept_id", "citizen_merges", ["kept_id"], unique=False)
    op.create_index("ix_citizen_merges_merged_id", "citizen_merges", ["merged_id"], unique=False)
    op.create_table(
        "sessions",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("csrf", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.String(length=36), nullable=False),
        sa.Column(
            "finished", sa.Boolean(), nullable=False, comment="false until password change and TOTP enrolment are done"
        ),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger()),
        sa.Column("ended_reason", sa.String(length=40)),
        sa.Column("address", sa.String(length=64)),
        sa.Column("user_agent", sa.String(length=300)),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_sessions_user_id"),
        sa.PrimaryKeyConstraint("id", name="pk_sessions"),
        sa.UniqueConstraint("token_hash", name="uq_sessions_token_hash"),
    )
    op.create_index("ix_sessions_user_id", "sessions", ["user_id"], unique=False)
