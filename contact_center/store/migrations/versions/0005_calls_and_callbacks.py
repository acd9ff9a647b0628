"""Calls and callbacks."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

JSON = sa.JSON().with_variant(JSONB(), "postgresql")

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Apply this step."""
    op.create_table(
        "call_records",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False, comment="which exchange, or the provider"),
        sa.Column("record_key", sa.String(length=120), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("answered_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("direction", sa.String(length=10), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=True),
        sa.Column("extension", sa.String(length=20), nullable=True),
        sa.Column("answered", sa.Boolean(), nullable=False),
        sa.Column("talk_s", sa.Integer(), server_default="0", nullable=False),
        sa.Column("call_id", sa.String(length=36), nullable=True, comment="the call of ours it is"),
        sa.Column("imported_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_records")),
        sa.UniqueConstraint("source", "record_key", name=op.f("uq_call_records_source_record_key")),
    )
    op.create_index(op.f("ix_call_records_call_id"), "call_records", ["call_id"], unique=False)
    op.create_index("ix_call_records_started", "call_records", ["started_at"], unique=False)
    op.create_table(
        "callbacks",
        sa.Column("id", sa.String(length=36), nullable=False, comment="same id as its interaction"),
        sa.Column(
            "reason",
            sa.String(length=12),
            nullable=False,
            comment="rules.calls.CallbackReason: inform, ask, return, other",
        ),
        sa.Column("state", sa.String(length=12), nullable=False, comment="DOMAIN §2.7"),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("zone", sa.String(length=60), nullable=False),
        sa.Column(
            "origin_id",
            sa.String(length=36),
            nullable=True,
            comment="the interaction it was promised in, or that was missed",
        ),
        sa.Column("folio", sa.String(length=40), nullable=True),
        sa.Column(
            "owner_id",
            sa.String(length=36),
            nullable=True,
            comment="who promised it; none: whoever of the queue is free",
        ),
        sa.Column("requested_by", sa.String(length=36), nullable=True),
        sa.Column("requested_area_id", sa.String(length=36), nullable=True),
        sa.Column("not_before", sa.BigInteger(), nullable=True),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("not_after", sa.BigInteger(), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("questions", JSON, nullable=False),
        sa.Column("answers", JSON, nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("outcome", sa.String(length=20), nullable=True),
        sa.Column("cancelled_reason", sa.String(length=300), nullable=True),
        sa.Column("made_key", sa.String(length=120), nullable=True, comment="what may make only one: missed:<call>, …"),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("kept_at", sa.BigInteger(), nullable=True),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_callbacks")),
        sa.UniqueConstraint("made_key", name=op.f("uq_callbacks_made_key")),
    )
    op.create_index(op.f("ix_callbacks_folio"), "callbacks", ["folio"], unique=False)
    op.create_index(op.f("ix_callbacks_origin_id"), "callbacks", ["origin_id"], unique=False)
    op.create_index("ix_callbacks_state_due", "callbacks", ["state", "due_at"], unique=False)
    op.create_table(
        "calls",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("interaction_id", sa.String(length=36), nullable=False),
        sa.Column("direction", sa.String(length=10), nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False, comment="rules.calls.Purpose"),
        sa.Column("mode", sa.String(length=10), nullable=False, comment="rules.calls.Mode: desk, browser, record"),
        sa.Column("state", sa.String(length=20), nullable=False, comment="rules.calls.CallState"),
        sa.Column(
            "number",
            sa.String(length=20),
            nullable=True,
            comment="the citizen's, E.164; empty when it is hidden or no number",
        ),
        sa.Column("number_kind", sa.String(length=12), nullable=False, comment="rules.identity.PhoneKind"),
        sa.Column("extension", sa.String(length=10), nullable=True),
        sa.Column("line", sa.String(length=20), nullable=True, comment="the office's number, E.164"),
        sa.Column("agent_id", sa.String(length=36), nullable=True, comment="who made it, or answered it first"),
        sa.Column("provider", sa.String(length=20), nullable=True),
        sa.Column("provider_call_id", sa.String(length=64), nullable=True),
        sa.Column(
            "room", sa.String(length=64), nullable=True, comment="the provider's id of the conference the call is in"
        ),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("queued_at", sa.BigInteger(), nullable=True),
        sa.Column("answered_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("held_since", sa.BigInteger(), nullable=True),
        sa.Column("talk_s", sa.Integer(), server_default="0", nullable=False),
        sa.Column("hold_s", sa.Integer(), server_default="0", nullable=False),
        sa.Column("ended_by", sa.String(length=10), nullable=True, comment="citizen, agent, system"),
        sa.Column(
            "menu", sa.String(length=20), nullable=True, comment="what the caller chose: person, new_petition, folio"
        ),
        sa.Column("folio", sa.String(length=40), nullable=True, comment="what an informative call is about"),
        sa.Column("recording", sa.String(length=10), server_default="off", nullable=False, comment="off, on, paused"),
        sa.Column(
            "found_late",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="no webhook told us: found",
        ),
        sa.Column("captured_at", sa.BigInteger(), nullable=False),
        sa.Column("closed_out_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["interaction_id"], ["interactions.id"], name=op.f("fk_calls_interaction_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calls")),
        sa.UniqueConstraint("provider", "provider_call_id", name=op.f("uq_calls_provider_provider_call_id")),
    )
    op.create_index("ix_calls_agent_started", "calls", ["agent_id", "started_at"], unique=False)
    op.create_index(op.f("ix_calls_interaction_id"), "calls", ["interaction_id"], unique=False)
    op.create_index("ix_calls_number", "calls", ["number", "started_at"], unique=False)
    op.create_index("ix_calls_started", "calls", ["started_at"], unique=False)
    op.create_index("ix_calls_state", "calls", ["state"], unique=False)
    op.create_table(
        "call_events",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("call_id", sa.String(length=36), nullable=False),
        sa.Column("key", sa.String(length=160), nullable=False, comment="the same for every delivery of one fact"),
        sa.Column("kind", sa.String(length=20), nullable=False, comment="rules.calls.EventKind"),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("timed", sa.Boolean(), nullable=False, comment="whether the provider said when; else when we heard"),
        sa.Column(
            "leg",
            sa.String(length=64),
            nullable=True,
            comment="which leg: its provider id, or the agent's user id at a desk phone",
        ),
        sa.Column("user_id", sa.String(length=36), nullable=True, comment="the agent on that leg"),
        sa.Column("data", JSON, nullable=True),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_call_events_call_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_events")),
        sa.UniqueConstraint("call_id", "key", name=op.f("uq_call_events_call_id_key")),
    )
    op.create_table(
        "call_orders",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("call_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False, comment="rules.calls.OrderKind"),
        sa.Column("data", JSON, nullable=False),
        sa.Column(
            "state", sa.String(length=12), nullable=False, comment="queued, sent, done, failed, uncertain, cancelled"
        ),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=False),
        sa.Column("leased_until", sa.BigInteger(), nullable=True),
        sa.Column("lease_epoch", sa.Integer(), server_default="0", nullable=False),
        sa.Column("provider_id", sa.String(length=64), nullable=True),
        sa.Column("error", sa.String(length=200), nullable=True),
        sa.Column("by_user", sa.String(length=36), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("done_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_call_orders_call_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_orders")),
    )
    op.create_index(op.f("ix_call_orders_call_id"), "call_orders", ["call_id"], unique=False)
    op.create_index("ix_call_orders_state_next", "call_orders", ["state", "next_at"], unique=False)
    op.create_table(
        "recordings",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("call_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False, comment="recording, voicemail"),
        sa.Column("provider", sa.String(length=20), nullable=False),
        sa.Column("provider_id", sa.String(length=64), nullable=False),
        sa.Column(
            "state", sa.String(length=12), nullable=False, comment="announced, stored, removed_there, expired, failed"
        ),
        sa.Column("seconds", sa.Integer(), server_default="0", nullable=False),
        sa.Column("media_type", sa.String(length=60), nullable=True),
        sa.Column("size_bytes", sa.Integer(), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("blob", sa.String(length=80), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("stored_at", sa.BigInteger(), nullable=True),
        sa.Column("removed_there_at", sa.BigInteger(), nullable=True),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_recordings_call_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recordings")),
        sa.UniqueConstraint("provider", "provider_id", name=op.f("uq_recordings_provider_provider_id")),
    )
    op.create_index(op.f("ix_recordings_call_id"), "recordings", ["call_id"], unique=False)
    op.create_index("ix_recordings_state_next", "recordings", ["state", "next_at"], unique=False)
    op.add_column(
        "queues",
        sa.Column("phone_number", sa.String(length=20), nullable=True, comment="E.164; calls to it start here"),
    )
    op.add_column(
        "queues",
        sa.Column(
            "recording",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="calls are recorded, announced",
        ),
    )
    op.add_column("queues", sa.Column("recording_days", sa.Integer(), server_default="90", nullable=False))
    op.create_index("uq_queues_phone_number", "queues", ["phone_number"], unique=True)
    op.add_column("segments", sa.Column("ring_s", sa.Integer(), nullable=True, comment="calls: offered until taken"))
    op.add_column(
        "segments", sa.Column("talk_s", sa.Integer(), nullable=True, comment="calls: in the call, hold apart")
    )
    op.add_column("segments", sa.Column("hold_s", sa.Integer(), nullable=True))
    op.add_column(
        "transfers", sa.Column("to_number", sa.String(length=20), nullable=True, comment="outside the house, E.164")
    )
    op.add_column("transfers", sa.Column("kind", sa.String(length=10), nullable=True, comment="calls: cold, warm"))
    op.add_column("transfers", sa.Column("verified_by", sa.String(length=36), nullable=True))
    op.add_column("transfers", sa.Column("verified_at", sa.BigInteger(), nullable=True))
    op.create_index("ix_transfers_at", "transfers", ["at"], unique=False)
