"""The append-only event log: the truth of what happened, and what every client resumes from."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from contact_center.store import bulk
from contact_center.store.schema import events

_COLUMNS = ("at", "type", "actor", "item_id", "conversation_id", "message_id", "user_id", "queue_id", "data")
_APPEND_LOCK = 0x636F6E74
"""Advisory lock that makes commit order = id order on PostgreSQL, whose sequences alone do not."""


class NewEvent(NamedTuple):
    """One thing that happened, in the columns' order: ids and small facts, never message text or personal data."""

    at_us: int
    type: str
    actor: str
    item_id: str | None = None
    conversation_id: str | None = None
    message_id: str | None = None
    user_id: str | None = None
    queue_id: str | None = None
    data: dict[str, Any] | None = None


class Event(NamedTuple):
    """A row of the log."""

    id: int
    at_us: int
    type: str
    actor: str
    item_id: str | None
    conversation_id: str | None
    message_id: str | None
    user_id: str | None
    queue_id: str | None
    data: dict[str, Any]


async def append(conn: AsyncConnection, rows: Sequence[NewEvent]) -> None:
    """Append in order, as the last statements of a transaction:
    on PostgreSQL it holds the log's lock until the commit.
    """
    if not rows:
        return
    if not bulk.is_sqlite(conn):
        await conn.exec_driver_sql("SELECT pg_advisory_xact_lock($1)", (_APPEND_LOCK,))
    stored = [row if row.data is None else (*row[:8], bulk.json_text(row.data)) for row in rows]
    await bulk.insert_many(conn, "events", _COLUMNS, stored)


async def just_appended(conn: AsyncConnection, rows: Sequence[NewEvent]) -> list[Event] | None:
    """Return what was appended by the last statement as it is in the log; None where that would have to be read.

    SQLite has one writer at a time: its ids follow each other.
    """
    if not rows or not bulk.is_sqlite(conn):
        return None
    ((last,),) = await bulk.fetch(conn, "SELECT last_insert_rowid()", ())
    first = last - len(rows) + 1
    return [Event(number, *row[:8], row.data or {}) for number, row in enumerate(rows, first)]


_SINCE = (
    "SELECT id, at, type, actor, item_id, conversation_id, message_id, user_id, queue_id, data "
    "FROM events WHERE id > {} ORDER BY id LIMIT {}"
)
_SINCE_SQLITE, _SINCE_POSTGRESQL = _SINCE.format("?", "?"), _SINCE.format("$1", "$2")


async def since(conn: AsyncConnection, cursor: int, limit: int) -> list[Event]:
    """Return events after `cursor`, oldest first, at most `limit`."""
    sql = _SINCE_SQLITE if bulk.is_sqlite(conn) else _SINCE_POSTGRESQL
    rows = await bulk.fetch(conn, sql, (cursor, limit))
    return [Event(*(*row[:9], {} if row[9] is None else bulk.from_json(row[9]))) for row in rows]


async def latest(conn: AsyncConnection) -> int:
    """Return the newest id, 0 for an empty log."""
    newest: int = (await conn.execute(select(func.coalesce(func.max(events.c.id), 0)))).scalar_one()
    return newest


async def oldest(conn: AsyncConnection) -> int:
    """Return the oldest id kept, 0 for an empty log."""
    first: int = (await conn.execute(select(func.coalesce(func.min(events.c.id), 0)))).scalar_one()
    return first
