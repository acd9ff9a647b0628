"""Messaging: addresses in other channels, files to fetch, sendings and their fate, codes to go on elsewhere."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

JSON = sa.JSON().with_variant(JSONB(), "postgresql")

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Apply this step."""
    _addresses()
    _files()
    _sendings()


def _addresses() -> None:
    for column in (
        sa.Column(
            "channel",
            sa.String(length=20),
            server_default="web_chat",
            nullable=False,
            comment="rules.model.Channel",
        ),
        sa.Column(
            "source",
            sa.String(length=20),
            nullable=True,
            comment="which messaging channel of ours; none in the web chat",
        ),
        sa.Column(
            "address", sa.String(length=254), nullable=True, comment="where a reply goes, as the channel writes it"
        ),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("citizen_id", sa.String(length=36), nullable=True, comment="whose address this is, said by a person"),
        sa.Column("linked_by", sa.String(length=36), nullable=True),
        sa.Column("linked_at", sa.BigInteger(), nullable=True),
        sa.Column("opted_out_at", sa.BigInteger(), nullable=True),
    ):
        op.add_column("visitors", column)
    op.create_index("uq_visitors_source_address", "visitors", ["source", "address"], unique=True)
    op.create_index("ix_visitors_phone", "visitors", ["phone"], unique=False)
    op.create_index("ix_visitors_citizen_id", "visitors", ["citizen_id"], unique=False)
    op.add_column(
        "conversations",
        sa.Column(
            "source",
            sa.String(length=20),
            nullable=True,
            comment="the messaging channel that carries its words; none: nobody has to",
        ),
    )
    op.create_table(
        "continuity_codes",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("conversation_id", sa.String(length=36), nullable=False),
        sa.Column("by_user", sa.String(length=36), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.Column("used_in", sa.String(length=36), nullable=True, comment="the interaction that went on with it"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_continuity_codes")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_continuity_codes_code_hash")),
    )
    op.create_index(op.f("ix_continuity_codes_conversation_id"), "continuity_codes", ["conversation_id"], unique=False)


def _files() -> None:
    op.create_table(
        "message_edits",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("message_id", sa.String(length=36), nullable=False),
        sa.Column("text", sa.Text(), nullable=False, comment="what it said before"),
        sa.Column("at", sa.BigInteger(), nullable=False, comment="when it was changed"),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_message_edits_message_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_edits")),
    )
    op.create_index(op.f("ix_message_edits_message_id"), "message_edits", ["message_id"], unique=False)
    op.create_table(
        "inbound_media",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("message_id", sa.String(length=36), nullable=False),
        sa.Column("conversation_id", sa.String(length=36), nullable=False),
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False, comment="rules.messaging.MediaKind"),
        sa.Column("ref", JSON, nullable=False, comment="what the channel needs to fetch it; never a secret"),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=True),
        sa.Column(
            "state",
            sa.String(length=12),
            nullable=False,
            comment="waiting, fetching, stored, removed, refused, failed",
        ),
        sa.Column("why", sa.String(length=40), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=True),
        sa.Column("leased_until", sa.BigInteger(), nullable=True),
        sa.Column("lease_epoch", sa.Integer(), server_default="0", nullable=False),
        sa.Column("attachment_id", sa.String(length=36), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbound_media")),
    )
    op.create_index(op.f("ix_inbound_media_message_id"), "inbound_media", ["message_id"], unique=False)
    op.create_index("ix_inbound_media_state_next", "inbound_media", ["state", "next_at"], unique=False)


def _sendings() -> None:
    for column in (
        sa.Column(
            "seq",
            sa.Integer(),
            server_default="0",
            nullable=False,
            comment="of its message: the order it is sent in",
        ),
        sa.Column("part", sa.Integer(), server_default="0", nullable=False, comment="the next sending of the message"),
        sa.Column("parts", sa.Integer(), server_default="1", nullable=False),
        sa.Column("begun_at", sa.BigInteger(), nullable=True, comment="when the last sending began"),
        sa.Column("done_at", sa.BigInteger(), nullable=True),
        sa.Column("extra", JSON, nullable=True, comment="a template with its variables, a subject"),
    ):
        op.add_column("outbox", column)
    op.create_index("ix_outbox_conversation_seq", "outbox", ["conversation_id", "seq"], unique=False)
    op.create_index("ix_outbox_channel_begun", "outbox", ["channel", "begun_at"], unique=False)
    op.create_table(
        "sendings",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("external_id", sa.String(length=160), nullable=False, comment="the provider's"),
        sa.Column(
            "message_id", sa.String(length=36), nullable=True, comment="none while only a report has spoken of it"
        ),
        sa.Column("part", sa.Integer(), server_default="0", nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False, comment="rules.model.DeliveryState"),
        sa.Column("reason", sa.String(length=80), nullable=True),
        sa.Column("detail", sa.String(length=200), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sendings")),
        sa.UniqueConstraint("channel", "external_id", name=op.f("uq_sendings_channel_external_id")),
    )
    op.create_index(op.f("ix_sendings_message_id"), "sendings", ["message_id"], unique=False)
