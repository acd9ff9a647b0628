"""Message templates as their provider last listed them."""

from sqlalchemy import Column, String, Table, Text, UniqueConstraint

from contact_center.store.schema.base import at, id_column, metadata

message_templates = Table(
    "message_templates",
    metadata,
    id_column(),
    Column("channel", String(40), nullable=False),
    Column("provider_id", String(60), nullable=False),
    Column("name", String(120), nullable=False),
    Column("language", String(20), nullable=False),
    Column("category", String(40), nullable=False),
    Column("body", Text, nullable=False),
    Column("status", String(20), nullable=False, comment="the provider's word; gone: no longer listed"),
    Column("rejection", String(300), nullable=False, server_default=""),
    at("changed_at", required=True),
    at("listed_at", required=True),
    UniqueConstraint("channel", "provider_id"),
)
