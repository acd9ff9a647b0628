"""Alembic's entry: it runs on the connection and in the transaction that `store.migrate` hands in."""

from typing import Any, Literal

from alembic import context

from contact_center.store.migrate import target
from contact_center.store.types import Instant, Json


def render(kind: str, value: Any, _autogen: Any) -> str | Literal[False]:
    """Write our own column types as what they are in the database: a migration does not change with the code."""
    if kind == "type" and isinstance(value, Instant):
        return "sa.BigInteger()"
    if kind == "type" and isinstance(value, type(Json)):
        return "JSON"
    return False


connection = context.config.attributes["connection"]
only = context.config.attributes.get("only")
context.configure(
    connection=connection,
    target_metadata=target(),
    compare_type=True,
    render_item=render,
    include_object=None if only is None else lambda _thing, name, kind, *_: kind != "table" or name in (only or ()),
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
