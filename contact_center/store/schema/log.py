"""What makes the rest safe: the event log, commands already answered, provider inbox and outbox, throttles,
mentions.
"""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, String, Table, Text, UniqueConstraint

from contact_center.store.schema.base import at, id_column, metadata, ref
from contact_center.store.types import Id, Json

events = Table(
    "events",
    metadata,
    # SQLite needs INTEGER for its rowid; PostgreSQL takes the ids in commit order under an advisory lock.
    Column("id", BigInteger().with_variant(Integer(), "sqlite"), primary_key=True, autoincrement=True),
    at("at", required=True),
    Column("type", String(40), nullable=False),
    Column("actor", String(60), comment="staff:<id>, visitor:<id>, system"),
    Column("item_id", Id),
    Column("conversation_id", Id),
    Column("message_id", Id),
    Column("user_id", Id),
    Column("queue_id", Id),
    Column("data", Json, comment="ids and small facts; never message text or personal data"),
    Index("ix_events_item", "item_id", "id"),
    Index("ix_events_conversation", "conversation_id", "id"),
    Index("ix_events_type_at", "type", "at"),
    sqlite_autoincrement=True,
)

commands = Table(
    "commands",
    metadata,
    Column("actor", String(60), primary_key=True),
    Column("client_id", String(64), primary_key=True),
    Column("name", String(60), nullable=False),
    Column("body_hash", LargeBinary(16), nullable=False),
    Column("result", Json),
    at("at", required=True),
    Index("ix_commands_at", "at"),
)

inbox = Table(
    "inbox",
    metadata,
    id_column(),
    Column("provider", String(40), nullable=False),
    Column("event_key", String(200), nullable=False),
    Column("body", Json, nullable=False),
    at("received_at", required=True),
    at("processed_at"),
    UniqueConstraint("provider", "event_key"),
    Index("ix_inbox_processed", "processed_at"),
)

outbox = Table(
    "outbox",
    metadata,
    id_column(),
    Column("channel", String(20), nullable=False),
    Column("conversation_id", Id, nullable=False),
    Column("message_id", Id, nullable=False, unique=True),
    Column("state", String(12), nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    at("next_at", required=True),
    at("leased_until"),
    Column("lease_epoch", Integer, nullable=False, server_default="0"),
    Column("last_error", String(200)),
    at("created_at", required=True),
    Column("seq", Integer, nullable=False, server_default="0", comment="of its message: the order it is sent in"),
    Column("part", Integer, nullable=False, server_default="0", comment="the next sending of the message"),
    Column("parts", Integer, nullable=False, server_default="1"),
    at("begun_at", comment="when the last sending began"),
    at("done_at"),
    Column("extra", Json, comment="a template with its variables, a subject"),
    Index("ix_outbox_state_next", "state", "next_at"),
    Index("ix_outbox_conversation_seq", "conversation_id", "seq"),
    Index("ix_outbox_channel_begun", "channel", "begun_at"),
)

sendings = Table(
    "sendings",
    metadata,
    id_column(),
    Column("channel", String(20), nullable=False),
    Column("external_id", String(160), nullable=False, comment="the provider's"),
    Column("message_id", Id, index=True, comment="none while only a report has spoken of it"),
    Column("part", Integer, nullable=False, server_default="0"),
    Column("state", String(12), nullable=False, comment="rules.model.DeliveryState"),
    Column("reason", String(80)),
    Column("detail", String(200)),
    at("at", required=True),
    at("changed_at", required=True),
    UniqueConstraint("channel", "external_id"),
)

mentions = Table(
    "mentions",
    metadata,
    id_column(),
    Column("conversation_id", Id, nullable=False),
    Column("message_id", Id, nullable=False),
    Column("seq", Integer, nullable=False),
    ref("user_id", "users.id", required=True),
    Column("by_user", Id),
    at("at", required=True),
    at("seen_at"),
    Index("ix_mentions_user_seen", "user_id", "seen_at"),
)

throttles = Table(
    "throttles",
    metadata,
    Column("scope", String(40), primary_key=True, comment="login, folio, …"),
    Column("key", String(120), primary_key=True, comment="hash of account, address or folio"),
    Column("failures", Integer, nullable=False),
    at("first_at", required=True),
    at("locked_until"),
)

access_log = Table(
    "access_log",
    metadata,
    id_column(),
    at("at", required=True),
    Column("actor", String(60), nullable=False),
    Column("action", String(60), nullable=False),
    Column("object_kind", String(30), nullable=False),
    Column("object_id", String(60), nullable=False),
    Column("reason", Text),
    Column("session_id", Id),
    Index("ix_access_log_object", "object_kind", "object_id", "at"),
    Index("ix_access_log_actor", "actor", "at"),
)
