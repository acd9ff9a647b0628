"""Promises of callbacks, each a row; agents' private calendars."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0007"
down_revision: str | None = "0006"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Apply this step. What was promised before becomes a promise of the default length."""
    op.create_table(
        "callback_promises",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("callback_id", sa.String(length=36), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("on_time_until", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("told", sa.String(length=10), nullable=False, comment="rules.callbacks.Told: chat, sms, said, none"),
        sa.Column("standing", sa.String(length=10), nullable=False, comment="rules.callbacks.Standing"),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("tried_at", sa.BigInteger(), nullable=True),
        sa.Column("settled_at", sa.BigInteger(), nullable=True),
        sa.Column("agent_id", sa.String(length=36), nullable=True, comment="who tried; before, whose it was"),
        sa.Column("area_id", sa.String(length=36), nullable=True),
        sa.Column("reason", sa.String(length=12), nullable=False),
        sa.Column("call_id", sa.String(length=36), nullable=True, comment="the try that settled it"),
        sa.ForeignKeyConstraint(["callback_id"], ["callbacks.id"], name=op.f("fk_callback_promises_callback_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_callback_promises")),
    )
    op.create_index("ix_callback_promises_at", "callback_promises", ["at"], unique=False)
    op.create_index(op.f("ix_callback_promises_callback_id"), "callback_promises", ["callback_id"], unique=False)
    op.create_index("ix_callback_promises_standing_until", "callback_promises", ["standing", "until"], unique=False)
    op.create_index(
        "uq_callback_promises_pending",
        "callback_promises",
        ["callback_id"],
        unique=True,
        sqlite_where=sa.text("standing = 'pending'"),
        postgresql_where=sa.text("standing = 'pending'"),
    )
    op.create_table(
        "calendar_tokens",
        sa.Column("user_id", sa.String(length=36), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_calendar_tokens")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_calendar_tokens_token_hash")),
    )
    for column in (
        sa.Column(
            "source", sa.String(length=10), server_default="staff", nullable=False, comment="staff, citizen, line, rule"
        ),
        sa.Column("visitor_id", sa.String(length=36), nullable=True, comment="the citizen who asked in the chat"),
        sa.Column("priority", sa.String(length=10), server_default="normal", nullable=False),
        sa.Column(
            "identity",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="who spoke was who it concerns",
        ),
        sa.Column(
            "dialling_id",
            sa.String(length=36),
            nullable=True,
            comment="the try whose line is in use: set once, compared, by whoever dials",
        ),
        sa.Column("moves", sa.Integer(), server_default="0", nullable=False),
        sa.Column(
            "message_sent",
            sa.String(length=10),
            nullable=True,
            comment="what told the citizen after the last try: chat, sms, none",
        ),
        sa.Column(
            "again_of",
            sa.String(length=36),
            nullable=True,
            comment="the exhausted one whose requester asked for another round",
        ),
        sa.Column("received_by", sa.String(length=36), nullable=True),
        sa.Column("received_at", sa.BigInteger(), nullable=True),
    ):
        op.add_column("callbacks", column)
    op.create_index(op.f("ix_callbacks_visitor_id"), "callbacks", ["visitor_id"], unique=False)
    op.create_index("ix_callbacks_number", "callbacks", ["number", "made_at"], unique=False)
    op.add_column("work_items", sa.Column("direct_until", sa.BigInteger(), nullable=True))
    op.execute(
        "INSERT INTO callback_promises (id, callback_id, at, on_time_until, until, told, standing, made_at, reason,"
        " agent_id, area_id) SELECT c.id, c.id, c.due_at, c.due_at + 900000000,"
        " COALESCE(c.not_after, c.due_at + 7200000000), 'none',"
        " CASE WHEN c.state = 'cancelled' THEN 'withdrawn' WHEN c.attempts > 0 THEN 'late' ELSE 'pending' END,"
        " c.made_at, c.reason, c.owner_id, c.requested_area_id FROM callbacks c"
    )
