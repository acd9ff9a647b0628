"""The register: petitions and their folios, follow-ups, links with interactions, findings; the reference tables."""

from sqlalchemy import Boolean, Column, Index, Integer, String, Table, Text, UniqueConstraint, text

from contact_center.store.schema.base import at, id_column, metadata, ref
from contact_center.store.types import Id, Json

folio_years = Table(
    "folio_years",
    metadata,
    Column("year", Integer, primary_key=True, autoincrement=False, comment="year in America/Hermosillo"),
    Column("last", Integer, nullable=False),
)

petitions = Table(
    "petitions",
    metadata,
    Column("folio", String(40), primary_key=True),
    Column("year", Integer, nullable=False),
    Column("number", Integer, nullable=False),
    Column("kind", String(30), nullable=False),
    Column("medium", String(20), nullable=False),
    at("received_at", required=True),
    ref("citizen_id", "citizens.id", index=True),
    Column("requester", Json, nullable=False, comment="who asks, as said at the time; personal data"),
    Column("beneficiary", Json, comment="who benefits, when someone else"),
    Column("beneficiaries", Integer, nullable=False, server_default="1"),
    Column("phone", String(20), index=True, comment="E.164, for the folio query and duplicates"),
    Column("confidential", Boolean, nullable=False, server_default=text("false")),
    Column("accused_user_id", Id),
    Column("subject", String(200), nullable=False),
    Column("description", Text, nullable=False),
    Column("folded", Text, nullable=False, server_default="", comment="subject and place without accents, for search"),
    Column("category", String(10), nullable=False),
    Column("municipality", String(5), nullable=False, comment="INEGI key, or 00000 outside Sonora"),
    Column("locality", String(120)),
    Column("outside_place", String(120)),
    Column("location", String(300)),
    Column("priority", String(10), nullable=False),
    Column("area_id", Id, nullable=False),
    Column("responsible_id", Id),
    Column("dependency_id", String(20)),
    Column("state", String(30), nullable=False),
    Column("due_on", String(10)),
    Column("extra", Json, nullable=False),
    Column("origin_id", Id, comment="interaction it was born in"),
    Column("duplicate_of", String(40)),
    Column("conclusion", Json),
    Column("version", Integer, nullable=False, server_default="1"),
    Column("created_by", Id, nullable=False),
    at("updated_at", required=True),
    Column("copies", Json, nullable=False, server_default="[]", comment="bodies that got a copy of the referral"),
    Column("referral_document", String(60), comment="number of the authorised letter it was referred with"),
    Column("accused_dependency_id", String(20), comment="body a complaint is about: never gets it, never sees it"),
    Column("external_reference", String(80), comment="number that another body gave the same matter"),
    UniqueConstraint("year", "number"),
    Index("ix_petitions_state_received", "state", "received_at"),
    Index("ix_petitions_category_municipality", "category", "municipality", "received_at"),
)

petition_interactions = Table(
    "petition_interactions",
    metadata,
    Column("folio", String(40), primary_key=True),
    Column("interaction_id", Id, primary_key=True, index=True),
    Column("relation", String(12), nullable=False, comment="created, linked, queried"),
    Column("by_user", Id),
    at("at", required=True),
    at("unlinked_at"),
    Column("unlinked_by", Id),
    Column("unlinked_reason", String(200)),
)

follow_ups = Table(
    "follow_ups",
    metadata,
    id_column(),
    ref("folio", "petitions.folio", required=True, index=True),
    at("at", required=True),
    Column("author_id", Id),
    Column("origin", String(20), nullable=False, comment="citizen, dependency, internal, system"),
    Column("kind", String(30), nullable=False),
    Column("text", Text, nullable=False),
    Column("visible", Boolean, nullable=False),
    Column("interaction_id", Id),
)

findings = Table(
    "findings",
    metadata,
    id_column(),
    Column("kind", String(40), nullable=False),
    ref("interaction_id", "interactions.id", required=True),
    Column("agent_id", Id, index=True),
    at("opened_at", required=True),
    at("closed_at"),
    Column("closed_how", String(40)),
    Column("reason", String(300)),
    Index(
        "uq_findings_open",
        "interaction_id",
        "kind",
        unique=True,
        sqlite_where=text("closed_at IS NULL"),
        postgresql_where=text("closed_at IS NULL"),
    ),
)

alerts = Table(
    "alerts",
    metadata,
    id_column(),
    Column("kind", String(30), nullable=False),
    Column("subject", String(80), nullable=False, comment="what it is about, so that it rings once"),
    Column("work_item_id", Id),
    Column("level", String(10), nullable=False),
    Column("data", Json, nullable=False),
    at("at", required=True),
    at("cleared_at"),
    Index(
        "uq_alerts_open",
        "kind",
        "subject",
        unique=True,
        sqlite_where=text("cleared_at IS NULL"),
        postgresql_where=text("cleared_at IS NULL"),
    ),
)

categories = Table(
    "categories",
    metadata,
    Column("code", String(10), primary_key=True),
    Column("group_name", String(120), nullable=False),
    Column("name", String(160), nullable=False),
    Column("kind", String(30), nullable=False),
    Column("dependency_id", String(20)),
    Column("priority", String(10), nullable=False),
    Column("term_days", Integer),
    Column("sensitive", Boolean, nullable=False),
    Column("keywords", Json, nullable=False),
    Column("area_id", Id),
    at("closed_at"),
)

municipalities = Table(
    "municipalities",
    metadata,
    Column("key", String(5), primary_key=True),
    Column("name", String(80), nullable=False),
    Column("seat", String(80)),
    Column("region", String(60)),
    Column("area_code", String(3)),
)

dependencies = Table(
    "dependencies",
    metadata,
    Column("id", String(20), primary_key=True),
    Column("name", String(250), nullable=False),
    Column("acronym", String(30)),
    Column("level", String(30), nullable=False),
    Column("sector", String(80)),
    Column("former_names", Text),
    Column("topics", Text),
    Column("verified", String(10)),
    Column("valid_from", String(10)),
    Column("valid_until", String(10)),
)

emergency_lines = Table(
    "emergency_lines",
    metadata,
    Column("number", String(60), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("hours", String(20)),
    Column("verified", String(10)),
)

canned_replies = Table(
    "canned_replies",
    metadata,
    id_column(),
    Column("shortcut", String(40), nullable=False, unique=True),
    Column("title", String(120), nullable=False),
    Column("text", Text, nullable=False),
    Column("language", String(5), nullable=False, server_default="es"),
    Column("queue_id", Id),
    at("updated_at", required=True),
)

texts = Table(
    "texts",
    metadata,
    Column("key", String(60), primary_key=True),
    Column("locale", String(5), primary_key=True),
    Column("value", Json, nullable=False, comment="a string, or the list of survey questions"),
    Column("version", Integer, nullable=False, server_default="1"),
    at("updated_at", required=True),
)

sites = Table(
    "sites",
    metadata,
    id_column(),
    Column("origin", String(200), nullable=False, unique=True, comment="scheme://host[:port], exact"),
    Column("name", String(120), nullable=False),
)

options = Table(
    "options",
    metadata,
    Column("key", String(60), primary_key=True),
    Column("value", Json, nullable=False),
    at("updated_at", required=True),
)
