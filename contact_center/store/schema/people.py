"""Staff, their sessions and presence; citizens, their identities and what they agreed to."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from contact_center.store.schema.base import at, id_column, metadata, ref
from contact_center.store.types import Id, Json

areas = Table(
    "areas",
    metadata,
    Column("id", Id, primary_key=True, comment="code of the organigram, e.g. 03.07.02.01"),
    Column("name", String(200), nullable=False),
    ref("parent_id", "areas.id"),
    Column("takes_transfers", Boolean, nullable=False, server_default=text("true")),
    at("closed_at"),
)

users = Table(
    "users",
    metadata,
    id_column(),
    Column("username", String(100), nullable=False, comment="as typed; unique by its folded form"),
    Column("username_folded", String(100), nullable=False, unique=True),
    Column("name", String(200), nullable=False),
    Column("display_name", String(80), nullable=False, comment="what citizens see"),
    Column("email", String(254)),
    Column("password_hash", String(300), nullable=False),
    Column("must_change_password", Boolean, nullable=False, server_default=text("false")),
    Column("totp_secret", String(64)),
    Column("totp_confirmed", Boolean, nullable=False, server_default=text("false")),
    Column("totp_last_step", BigInteger, nullable=False, server_default="0", comment="a code is used once"),
    Column("recovery_hashes", Json, nullable=False),
    Column("roles", Json, nullable=False, comment="list of rules.model.Role"),
    ref("area_id", "areas.id"),
    Column("languages", Json, nullable=False),
    Column("skills", Json, nullable=False),
    Column("capacity_chat", Integer, nullable=False, server_default="3"),
    Column("capacity_voice", Integer, nullable=False, server_default="1"),
    Column("locale", String(5), nullable=False, server_default="es"),
    Column(
        "access_version", Integer, nullable=False, server_default="1", comment="grows when roles, queues or area change"
    ),
    at("disabled_at"),
    at("created_at", required=True),
    at("last_login_at"),
)

sessions = Table(
    "sessions",
    metadata,
    id_column(),
    Column("token_hash", LargeBinary(32), nullable=False, unique=True),
    Column("csrf", String(64), nullable=False),
    ref("user_id", "users.id", required=True, index=True),
    Column("finished", Boolean, nullable=False, comment="false until password change and TOTP enrolment are done"),
    at("created_at", required=True),
    at("seen_at", required=True),
    at("expires_at", required=True),
    at("ended_at"),
    Column("ended_reason", String(40)),
    Column("address", String(64)),
    Column("user_agent", String(300)),
)

agent_status = Table(
    "agent_status",
    metadata,
    Column("user_id", Id, primary_key=True),
    Column("state", String(20), nullable=False),
    Column("reason", String(40)),
    at("since", required=True),
    at("seen_at", comment="last heartbeat of any socket of theirs; the lease of what they hold"),
    at("idle_since", comment="when they last became free"),
    at("last_offer_at"),
    at("phone_at", comment="since when a telephone of theirs is ready in a browser; empty when none is"),
)

agent_status_log = Table(
    "agent_status_log",
    metadata,
    id_column(),
    ref("user_id", "users.id", required=True),
    Column("state", String(20), nullable=False),
    Column("reason", String(40)),
    at("started_at", required=True),
    at("ended_at"),
    Index("ix_agent_status_log_user_started", "user_id", "started_at"),
)

citizens = Table(
    "citizens",
    metadata,
    id_column(),
    Column("names", String(120)),
    Column("first_surname", String(80)),
    Column("second_surname", String(80)),
    Column("folded", Text, nullable=False, server_default="", comment="names without case or accents, for search"),
    Column("phone", String(20), index=True, comment="E.164; not unique, families share one"),
    Column("phone_extension", String(10)),
    Column("email", String(254), index=True),
    Column("curp", String(18), index=True),
    Column("birth_date", String(10)),
    Column("sex", String(10), comment="H, M, X or none; never guessed"),
    Column("municipality", String(5)),
    Column("locality", String(120)),
    Column("neighborhood", String(120)),
    Column("address", String(300)),
    Column("postal_code", String(5)),
    Column("outside_place", String(120)),
    Column("language", String(20)),
    Column("disability", String(120)),
    Column("vulnerable_groups", Json, nullable=False),
    Column("contact_preference", String(20)),
    Column("do_not_contact", Boolean, nullable=False, server_default=text("false")),
    Column("anonymous", Boolean, nullable=False, server_default=text("false")),
    ref("merged_into", "citizens.id", index=True),
    Column("version", Integer, nullable=False, server_default="1"),
    at("created_at", required=True),
    at("updated_at", required=True),
)

citizen_merges = Table(
    "citizen_merges",
    metadata,
    id_column(),
    ref("kept_id", "citizens.id", required=True, index=True),
    ref("merged_id", "citizens.id", required=True, index=True),
    ref("by_user", "users.id", required=True),
    at("at", required=True),
    at("undone_at"),
)

dismissed_matches = Table(
    "dismissed_matches",
    metadata,
    Column("one_id", Id, primary_key=True),
    Column("other_id", Id, primary_key=True),
    at("at", required=True),
)

visitors = Table(
    "visitors",
    metadata,
    id_column(),
    Column("token_hash", LargeBinary(32), nullable=False, unique=True),
    Column("name", String(120)),
    Column("phone", String(20)),
    Column("locale", String(5), nullable=False),
    Column("site", String(200)),
    Column("notice_version", String(40), nullable=False),
    at("notice_at", required=True),
    Column("client_id", String(64), nullable=False),
    at("created_at", required=True),
    at("seen_at", required=True),
    at("ended_at"),
    Column("channel", String(20), nullable=False, server_default="web_chat", comment="rules.model.Channel"),
    Column("source", String(20), comment="which messaging channel of ours; none in the web chat"),
    Column("address", String(254), comment="where a reply goes, as the channel writes it"),
    Column("email", String(254)),
    Column("citizen_id", Id, index=True, comment="whose address this is, said by a person"),
    Column("linked_by", Id),
    at("linked_at"),
    at("opted_out_at"),
    Index("uq_visitors_source_address", "source", "address", unique=True),
    Index("ix_visitors_phone", "phone"),
)

continuity_codes = Table(
    "continuity_codes",
    metadata,
    id_column(),
    Column("code_hash", LargeBinary(32), nullable=False, unique=True),
    Column("conversation_id", Id, nullable=False, index=True),
    Column("by_user", Id),
    at("at", required=True),
    at("expires_at", required=True),
    at("used_at"),
    Column("used_in", Id, comment="the interaction that went on with it"),
)

consents = Table(
    "consents",
    metadata,
    id_column(),
    ref("visitor_id", "visitors.id", index=True),
    ref("citizen_id", "citizens.id", index=True),
    Column("kind", String(30), nullable=False, comment="notice, sensitive_data, survey"),
    Column("version", String(40), nullable=False),
    Column("channel", String(20), nullable=False),
    at("at", required=True),
    Column("folio", String(40), comment="the petition whose sensitive data it is for"),
    Column("by_user", Id, comment="who heard it said"),
    UniqueConstraint("visitor_id", "kind", "version"),
)
