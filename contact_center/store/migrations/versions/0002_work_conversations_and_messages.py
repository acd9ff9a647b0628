"""Work conversations and messages."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

JSON = sa.JSON().with_variant(JSONB(), "postgresql")

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Apply this step."""
    op.create_table(
        "calendars",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("zone", sa.String(length=60), nullable=False),
        sa.Column("week", JSON, nullable=False, comment='{"mon": [["08:00", "15:00"], …], …}'),
        sa.PrimaryKeyConstraint("id", name="pk_calendars"),
        sa.UniqueConstraint("name", name="uq_calendars_name"),
    )
    op.create_table(
        "messages",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("conversation_id", sa.String(length=36), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("author_kind", sa.String(length=10), nullable=False),
        sa.Column("author_id", sa.String(length=36)),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("client_id", sa.String(length=64)),
        sa.Column("delivery", sa.String(length=12), nullable=False),
        sa.Column("delivery_reason", sa.String(length=80)),
        sa.Column("code", sa.String(length=40)),
        sa.Column("data", JSON),
        sa.Column("external_id", sa.String(length=120)),
        sa.Column("has_attachments", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_messages"),
        sa.UniqueConstraint("conversation_id", "seq", name="uq_messages_conversation_id_seq"),
    )
    op.create_index("uq_messages_client", "messages", ["client_id", "author_id"], unique=True)
    op.create_index("uq_messages_external", "messages", ["conversation_id", "external_id"], unique=True)
    op.create_table(
        "queue_members",
        sa.Column("queue_id", sa.String(length=36), nullable=False),
        sa.Column("user_id", sa.String(length=36), nullable=False),
        sa.Column("level", sa.Integer(), server_default="1", nullable=False, comment="1 is served first"),
        sa.PrimaryKeyConstraint("queue_id", "user_id", name="pk_queue_members"),
    )
    op.create_index("ix_queue_members_user_id", "queue_members", ["user_id"], unique=False)
    op.create_table(
        "work_items",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("interaction_id", sa.String(length=36), nullable=False),
        sa.Column("conversation_id", sa.String(length=36)),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("direction", sa.String(length=10), nullable=False),
        sa.Column("queue_id", sa.String(length=36), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("priority", sa.String(length=10), nullable=False),
        sa.Column("flags", JSON, nullable=False),
        sa.Column("language", sa.String(length=20)),
        sa.Column("skills", JSON, nullable=False),
        sa.Column(
            "enqueued_at", sa.BigInteger(), nullable=False, comment="first time in any queue: the original wait travels"
        ),
        sa.Column("queued_at", sa.BigInteger(), nullable=False, comment="entered this queue"),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger()),
        sa.Column("owner_id", sa.String(length=36)),
        sa.Column("epoch", sa.Integer(), server_default="0", nullable=False),
        sa.Column("preferred_agent_id", sa.String(length=36)),
        sa.Column("direct_agent_id", sa.String(length=36), comment="turned over to this person by name"),
        sa.Column("from_agent_id", sa.String(length=36)),
        sa.Column(
            "visited_queue_ids", JSON, nullable=False, comment="queues it overflowed from: never sent back to one"
        ),
        sa.Column("transfers", sa.Integer(), server_default="0", nullable=False),
        sa.Column("declined", JSON, nullable=False, comment="[[agent id, microseconds], …]"),
        sa.Column("skipped", sa.String(length=40), comment="why nobody was offered it at the last look"),
        sa.Column("wrap_until", sa.BigInteger()),
        sa.Column("done_at", sa.BigInteger()),
        sa.Column("notice", JSON, comment="what the citizen was last told of their place: {position, at}"),
        sa.CheckConstraint(
            "(state IN ('held', 'wrap_up')) = (owner_id IS NOT NULL)", name=op.f("ck_work_items_owner_when_held")
        ),
        sa.PrimaryKeyConstraint("id", name="pk_work_items"),
    )
    op.create_index("ix_work_items_conversation_id", "work_items", ["conversation_id"], unique=False)
    op.create_index("ix_work_items_interaction_id", "work_items", ["interaction_id"], unique=False)
    op.create_index("ix_work_items_owner_id", "work_items", ["owner_id"], unique=False)
    op.create_index("ix_work_items_state_due", "work_items", ["state", "due_at"], unique=False)
    op.create_index("ix_work_items_state_queue", "work_items", ["state", "queue_id"], unique=False)
    op.create_index(
        "uq_work_items_open",
        "work_items",
        ["interaction_id"],
        unique=True,
        sqlite_where=sa.text("state <> 'done'"),
        postgresql_where=sa.text("state <> 'done'"),
    )
    op.create_table(
        "closures",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("calendar_id", sa.String(length=36)),
        sa.Column("kind", sa.String(length=12), nullable=False, comment="holiday, closure, guard"),
        sa.Column("name", sa.String(length=160), nullable=False),
        sa.Column("starts_on", sa.String(length=10), nullable=False),
        sa.Column("ends_on", sa.String(length=10), nullable=False),
        sa.Column(
            "ranges", JSON, nullable=False, comment="for a guard or a partial closure; empty means the whole day"
        ),
        sa.ForeignKeyConstraint(["calendar_id"], ["calendars.id"], name="fk_closures_calendar_id"),
        sa.PrimaryKeyConstraint("id", name="pk_closures"),
    )
    op.create_index("ix_closures_calendar_id", "closures", ["calendar_id"], unique=False)
    op.create_table(
        "conversations",
        sa.Column("id", sa.String(length=36), nullable=False, comment="same id as its interaction"),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("visitor_id", sa.String(length=36)),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("locale", sa.String(length=5), nullable=False),
        sa.Column("site", sa.String(length=200)),
        sa.Column("last_seq", sa.Integer(), server_default="0", nullable=False),
        sa.Column("citizen_read_seq", sa.Integer(), server_default="0", nullable=False),
        sa.Column("agent_read_seq", sa.Integer(), server_default="0", nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("queued_at", sa.BigInteger()),
        sa.Column("first_reply_at", sa.BigInteger()),
        sa.Column("last_citizen_at", sa.BigInteger()),
        sa.Column("last_agent_at", sa.BigInteger()),
        sa.Column("inactivity_warned_at", sa.BigInteger()),
        sa.Column("closed_at", sa.BigInteger()),
        sa.Column("closed_by", sa.String(length=40)),
        sa.Column("previous_id", sa.String(length=36)),
        sa.Column("survey", JSON),
        sa.Column("notice_version", sa.String(length=40)),
        sa.Column("notice_at", sa.BigInteger()),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["previous_id"], ["conversations.id"], name="fk_conversations_previous_id"),
        sa.ForeignKeyConstraint(["visitor_id"], ["visitors.id"], name="fk_conversations_visitor_id"),
        sa.PrimaryKeyConstraint("id", name="pk_conversations"),
    )
    op.create_index("ix_conversations_open_last", "conversations", ["is_open", "last_citizen_at"], unique=False)
    op.create_index("ix_conversations_visitor_id", "conversations", ["visitor_id"], unique=False)
    op.create_index(
        "uq_conversations_open_visitor",
        "conversations",
        ["visitor_id"],
        unique=True,
        sqlite_where=sa.text("is_open"),
        postgresql_where=sa.text("is_open"),
    )
    op.create_table(
        "interactions",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("direction", sa.String(length=10), nullable=False),
        sa.Column("citizen_id", sa.String(length=36)),
        sa.Column("area_id", sa.String(length=36)),
        sa.Column("queue_id", sa.String(length=36)),
        sa.Column("agent_id", sa.String(length=36), comment="who holds or last held it"),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger()),
        sa.Column("answered_at", sa.BigInteger()),
        sa.Column("wait_s", sa.Integer(), comment="empty, never zero, when it was captured late"),
        sa.Column("state", sa.String(length=20), nullable=False, comment="rules.model.CaptureState"),
        sa.Column("disposition", sa.String(length=40)),
        sa.Column("no_petition_reason", sa.String(length=40)),
        sa.Column("topic", sa.String(length=10)),
        sa.Column("note", sa.Text()),
        sa.Column("captured_by", sa.String(length=36)),
        sa.Column("captured_at", sa.BigInteger()),
        sa.Column("flags", JSON, nullable=False),
        sa.Column("restricted", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column(
            "accused_user_id", sa.String(length=36), comment="staff member a complaint names: never shown to them"
        ),
        sa.ForeignKeyConstraint(["citizen_id"], ["citizens.id"], name="fk_interactions_citizen_id"),
        sa.PrimaryKeyConstraint("id", name="pk_interactions"),
    )
    op.create_index("ix_interactions_agent_started", "interactions", ["agent_id", "started_at"], unique=False)
    op.create_index("ix_interactions_citizen_id", "interactions", ["citizen_id"], unique=False)
    op.create_index("ix_interactions_started", "interactions", ["started_at"], unique=False)
    op.create_index("ix_interactions_state_ended", "interactions", ["state", "ended_at"], unique=False)
    op.create_table(
        "queues",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("area_id", sa.String(length=36), nullable=False),
        sa.Column("calendar_id", sa.String(length=36), nullable=False),
        sa.Column("channels", JSON, nullable=False, comment="channels whose contacts start here"),
        sa.Column("priority", sa.Integer(), server_default="0", nullable=False),
        sa.Column("strategy", sa.String(length=20), server_default="longest_idle", nullable=False),
        sa.Column("offer_timeout_s", sa.Integer(), server_default="20", nullable=False),
        sa.Column("target_s", sa.Integer(), server_default="60", nullable=False),
        sa.Column("wrap_up_s", sa.Integer(), server_default="120", nullable=False),
        sa.Column("overflow_queue_id", sa.String(length=36)),
        sa.Column("overflow_after_s", sa.Integer()),
        sa.Column("closed_at", sa.BigInteger()),
        sa.ForeignKeyConstraint(["area_id"], ["areas.id"], name="fk_queues_area_id"),
        sa.ForeignKeyConstraint(["calendar_id"], ["calendars.id"], name="fk_queues_calendar_id"),
        sa.PrimaryKeyConstraint("id", name="pk_queues"),
        sa.UniqueConstraint("name", name="uq_queues_name"),
    )
    op.create_table(
        "attachments",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("conversation_id", sa.String(length=36)),
        sa.Column("message_id", sa.String(length=36)),
        sa.Column("visitor_id", sa.String(length=36)),
        sa.Column("user_id", sa.String(length=36)),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("blob", sa.String(length=80), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversations.id"], name="fk_attachments_conversation_id"),
        sa.PrimaryKeyConstraint("id", name="pk_attachments"),
    )
    op.create_index("ix_attachments_conversation_id", "attachments", ["conversation_id"], unique=False)
    op.create_index("ix_attachments_message_id", "attachments", ["message_id"], unique=False)
    op.create_table(
        "offers",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("work_item_id", sa.String(length=36), nullable=False),
        sa.Column("agent_id", sa.String(length=36), nullable=False),
        sa.Column("queue_id", sa.String(length=36), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("offered_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("decided_at", sa.BigInteger()),
        sa.Column("reason", JSON, nullable=False, comment="why this agent: the router's own words"),
        sa.Column("answer", sa.String(length=80)),
        sa.ForeignKeyConstraint(["agent_id"], ["users.id"], name="fk_offers_agent_id"),
        sa.ForeignKeyConstraint(["work_item_id"], ["work_items.id"], name="fk_offers_work_item_id"),
        sa.PrimaryKeyConstraint("id", name="pk_offers"),
    )
    op.create_index("ix_offers_agent_state", "offers", ["agent_id", "state"], unique=False)
    op.create_index("ix_offers_item", "offers", ["work_item_id", "offered_at"], unique=False)
    op.create_index(
        "uq_offers_open_item",
        "offers",
        ["work_item_id"],
        unique=True,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "segments",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("interaction_id", sa.String(length=36), nullable=False),
        sa.Column("work_item_id", sa.String(length=36), nullable=False),
        sa.Column("agent_id", sa.String(length=36), nullable=False),
        sa.Column("queue_id", sa.String(length=36), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("first_reply_at", sa.BigInteger()),
        sa.Column("ended_at", sa.BigInteger()),
        sa.Column("wrap_ended_at", sa.BigInteger()),
        sa.Column("how", sa.String(length=30), comment="how it began: offer, taken, assigned, take_over, returned"),
        sa.Column(
            "ended_how", sa.String(length=30), comment="closed, transferred, released, agent_gone, taken_over, returned"
        ),
        sa.Column("messages", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["users.id"], name="fk_segments_agent_id"),
        sa.ForeignKeyConstraint(["interaction_id"], ["interactions.id"], name="fk_segments_interaction_id"),
        sa.PrimaryKeyConstraint("id", name="pk_segments"),
        sa.UniqueConstraint("work_item_id", "epoch", name="uq_segments_work_item_id_epoch"),
    )
    op.create_index("ix_segments_agent_started", "segments", ["agent_id", "started_at"], unique=False)
    op.create_index("ix_segments_interaction_id", "segments", ["interaction_id"], unique=False)
    op.create_table(
        "transfers",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("interaction_id", sa.String(length=36), nullable=False),
        sa.Column("work_item_id", sa.String(length=36), nullable=False),
        sa.Column("from_agent_id", sa.String(length=36)),
        sa.Column("from_queue_id", sa.String(length=36), nullable=False),
        sa.Column("to_queue_id", sa.String(length=36)),
        sa.Column("to_agent_id", sa.String(length=36)),
        sa.Column("to_area_id", sa.String(length=36)),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("note", sa.Text()),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("answer", sa.String(length=20), comment="accepted, returned, no_answer"),
        sa.Column("answered_at", sa.BigInteger()),
        sa.ForeignKeyConstraint(["interaction_id"], ["interactions.id"], name="fk_transfers_interaction_id"),
        sa.PrimaryKeyConstraint("id", name="pk_transfers"),
    )
    op.create_index("ix_transfers_interaction_id", "transfers", ["interaction_id"], unique=False)
