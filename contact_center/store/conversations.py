"""Visitors, conversations and messages: one function per question. Set-based where a whole batch asks at once."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from contact_center.store import bulk
from contact_center.store.schema import conversations, interactions, messages, users, visitors

MESSAGE_COLUMNS = (
    "id",
    "conversation_id",
    "seq",
    "author_kind",
    "author_id",
    "text",
    "at",
    "client_id",
    "delivery",
    "code",
    "data",
    "has_attachments",
    "external_id",
)


class NewMessage(NamedTuple):
    """One message to store, in the order of `MESSAGE_COLUMNS`. `seq` is the conversation's next."""

    id: str
    conversation_id: str
    seq: int
    author_kind: str
    author_id: str | None
    text: str
    at_us: int
    client_id: str | None = None
    delivery: str = "sent"
    code: str | None = None
    data: Mapping[str, Any] | None = None
    has_attachments: bool = False
    external_id: str | None = None


async def add_messages(conn: AsyncConnection, rows: Sequence[NewMessage]) -> None:
    """Insert messages. Raises IntegrityError when a seq or a client id is taken."""
    stored = [row if row.data is None else (*row[:10], bulk.json_text(row.data), *row[11:]) for row in rows]
    await bulk.insert_many(conn, "messages", MESSAGE_COLUMNS, stored)


class OpenChat(NamedTuple):
    """What the hot path needs to know of a conversation and its work item."""

    conversation_id: str
    visitor_id: str | None
    state: str
    last_seq: int
    item_id: str | None
    item_state: str | None
    queue_id: str | None
    owner_id: str | None
    epoch: int
    restricted: bool
    first_reply_at: int | None
    last_citizen_at: int | None
    source: str | None
    opted_out_at: int | None


_OPEN_CHAT = (
    "SELECT c.id, c.visitor_id, c.state, c.last_seq, w.id, w.state, w.queue_id, w.owner_id, w.epoch, i.restricted, "
    "c.first_reply_at, c.last_citizen_at, c.source, CASE WHEN c.source IS NULL THEN NULL "
    "ELSE (SELECT v.opted_out_at FROM visitors v WHERE v.id = c.visitor_id) END "
    "FROM conversations c JOIN interactions i ON i.id = c.id "
    "LEFT JOIN work_items w ON w.conversation_id = c.id AND w.state <> 'done' "
)


def _open_chat(row: Any) -> OpenChat:
    return OpenChat(*(*row[:8], row[8] or 0, bool(row[9]), *row[10:]))


async def open_by_visitor(conn: AsyncConnection, visitor_ids: Iterable[str]) -> dict[str, OpenChat]:
    """Return the open conversation of each visitor that has one."""
    rows = await bulk.select_in(conn, _OPEN_CHAT + "WHERE c.is_open AND c.visitor_id IN :values", visitor_ids)
    return {row[1]: _open_chat(row) for row in rows}


async def chats_by_id(conn: AsyncConnection, ids: Iterable[str]) -> dict[str, OpenChat]:
    """Return conversations by id, open or not."""
    rows = await bulk.select_in(conn, _OPEN_CHAT + "WHERE c.id IN :values", ids)
    return {row[0]: _open_chat(row) for row in rows}


class Sent(NamedTuple):
    """A message already stored under a client id."""

    id: str
    conversation_id: str
    seq: int
    text: str
    at_us: int


async def sent_before(conn: AsyncConnection, keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Sent]:
    """Return what these (author id, client id) pairs already stored."""
    wanted = set(keys)
    rows = await bulk.select_in(
        conn,
        "SELECT author_id, client_id, id, conversation_id, seq, text, at FROM messages WHERE client_id IN :values",
        (client_id for _, client_id in wanted),
    )
    return {(row[0], row[1]): Sent(*row[2:]) for row in rows if (row[0], row[1]) in wanted}


async def advance_citizen(conn: AsyncConnection, rows: Sequence[tuple[int, int, str]]) -> None:
    """Set (last_seq, last_citizen_at) of conversations; a word from the citizen takes back the inactivity warning."""
    await bulk.update_many(
        conn, "conversations", ("last_seq", "last_citizen_at"), rows, also="inactivity_warned_at = NULL"
    )


async def advance_agent(conn: AsyncConnection, rows: Sequence[tuple[int, int, str]]) -> None:
    """Set (last_seq, last_agent_at) of conversations."""
    await bulk.update_many(conn, "conversations", ("last_seq", "last_agent_at"), rows)


_NEXT_SEQ: Final = (
    update(conversations)
    .where(conversations.c.id == bindparam("conversation_id"))
    .values(last_seq=conversations.c.last_seq + 1)
    .returning(conversations.c.last_seq, conversations.c.source)
)


async def next_seq(conn: AsyncConnection, conversation_id: str) -> tuple[int, str | None]:
    """Take the conversation's next seq, and its source; the row's lock makes commit order seq order."""
    row = (await conn.execute(_NEXT_SEQ, {"conversation_id": conversation_id})).one()
    return row[0], row[1]


async def lock_chats(conn: AsyncConnection, ids: Sequence[str]) -> bool:
    """Hold the rows of these conversations to the end of the transaction, in one order on every node.

    What was read before may have changed while another node held them: False says that nobody could, as on SQLite,
    where the transaction itself is the lock.
    """
    return await _lock(conn, "conversations", ids)


async def lock_visitors(conn: AsyncConnection, ids: Sequence[str]) -> bool:
    """Hold the rows of these visitors, like `lock_chats`: one of two nodes at a time opens somebody's conversation."""
    return await _lock(conn, "visitors", ids)


async def _lock(conn: AsyncConnection, table: str, ids: Sequence[str]) -> bool:
    if not ids or bulk.is_sqlite(conn):
        return False
    sql = f"SELECT id FROM {table} WHERE id = ANY($1::text[]) ORDER BY id FOR UPDATE"  # noqa: S608 - our names
    await conn.exec_driver_sql(sql, (sorted(set(ids)),))
    return True


_CONVERSATION: Final = (
    select(
        conversations,
        interactions.c.citizen_id,
        interactions.c.queue_id,
        interactions.c.agent_id,
        interactions.c.flags,
        interactions.c.restricted,
        interactions.c.accused_user_id,
        interactions.c.state.label("capture_state"),
    )
    .join(interactions, interactions.c.id == conversations.c.id)
    .where(conversations.c.id == bindparam("id"))
)


async def get(conn: AsyncConnection, conversation_id: str) -> Any | None:
    """Return the conversation with its interaction's facts, or None."""
    return (await conn.execute(_CONVERSATION, {"id": conversation_id})).one_or_none()


async def add(conn: AsyncConnection, values: Mapping[str, Any]) -> None:
    """Insert a conversation. Raises IntegrityError when the visitor has an open one."""
    await conn.execute(insert(conversations).values(**values))


async def change(conn: AsyncConnection, conversation_id: str, **values: Any) -> None:
    """Update columns of a conversation."""
    await conn.execute(update(conversations).where(conversations.c.id == conversation_id).values(**values))


async def latest_closed(conn: AsyncConnection, visitor_id: str, after: datetime) -> Any | None:
    """Return (id, agent_id, citizen_id) of the visitor's last conversation if it closed after an instant."""
    query = (
        select(conversations.c.id, interactions.c.agent_id, interactions.c.citizen_id)
        .join(interactions, interactions.c.id == conversations.c.id)
        .where(conversations.c.visitor_id == visitor_id, conversations.c.closed_at > after)
        .order_by(conversations.c.closed_at.desc())
        .limit(1)
    )
    return (await conn.execute(query)).one_or_none()


async def latest_of_visitor(conn: AsyncConnection, visitor_id: str) -> str | None:
    """Return the visitor's newest conversation, open or not."""
    query = (
        select(conversations.c.id)
        .where(conversations.c.visitor_id == visitor_id)
        .order_by(conversations.c.opened_at.desc())
        .limit(1)
    )
    return (await conn.execute(query)).scalar_one_or_none()


async def latest_written_of(conn: AsyncConnection, citizen_id: str, opened_after: datetime) -> str | None:
    """Return the newest conversation in writing of a person, opened after an instant."""
    query = (
        select(conversations.c.id)
        .join(interactions, interactions.c.id == conversations.c.id)
        .where(
            interactions.c.citizen_id == citizen_id,
            conversations.c.channel != "phone",
            conversations.c.opened_at >= opened_after,
        )
        .order_by(conversations.c.opened_at.desc())
        .limit(1)
    )
    return (await conn.execute(query)).scalar_one_or_none()


async def add_visitor(conn: AsyncConnection, values: Mapping[str, Any]) -> None:
    await conn.execute(insert(visitors).values(**values))


async def visitor_by_token(conn: AsyncConnection, token_hash: bytes) -> Any | None:
    """Return the visitor that holds this token, or None."""
    query = select(visitors).where(visitors.c.token_hash == token_hash, visitors.c.ended_at.is_(None))
    return (await conn.execute(query)).one_or_none()


async def get_visitor(conn: AsyncConnection, visitor_id: str) -> Any:
    return (await conn.execute(select(visitors).where(visitors.c.id == visitor_id))).one()


async def change_visitor(conn: AsyncConnection, visitor_id: str, **values: Any) -> None:
    """Set what a visitor said of themselves; None keeps what is there."""
    given = {key: value for key, value in values.items() if value is not None}
    if given:
        await conn.execute(update(visitors).where(visitors.c.id == visitor_id).values(**given))


async def touch_visitors(conn: AsyncConnection, ids: Sequence[str], at_us: int) -> None:
    """Record that these visitors have a socket open."""
    await bulk.update_many(conn, "visitors", ("seen_at",), [(at_us, one) for one in sorted(ids)])


async def thread(
    conn: AsyncConnection, conversation_id: str, *, before: int | None, limit: int, notes: bool
) -> Sequence[Any]:
    """Return the newest `limit` messages before a seq, oldest first."""
    query = select(messages).where(messages.c.conversation_id == conversation_id)
    if before is not None:
        query = query.where(messages.c.seq < before)
    if not notes:
        query = query.where(messages.c.author_kind != "note")
    rows = (await conn.execute(query.order_by(messages.c.seq.desc()).limit(limit))).all()
    return rows[::-1]


async def get_message(conn: AsyncConnection, message_id: str) -> Any | None:
    return (await conn.execute(select(messages).where(messages.c.id == message_id))).one_or_none()


async def change_message(conn: AsyncConnection, message_id: str, **values: Any) -> None:
    await conn.execute(update(messages).where(messages.c.id == message_id).values(**values))


async def display_names(conn: AsyncConnection, ids: Iterable[str]) -> dict[str, str]:
    """Return what citizens see of these members of staff."""
    rows = await bulk.select_in(conn, "SELECT id, display_name FROM users WHERE id IN :values", ids)
    return {row[0]: row[1] for row in rows}


async def agent_name(conn: AsyncConnection, user_id: str) -> tuple[str, str | None]:
    """Return (display name, area id) of a member of staff."""
    row = (await conn.execute(select(users.c.display_name, users.c.area_id).where(users.c.id == user_id))).one()
    return row[0], row[1]


async def seen_agents(conn: AsyncConnection, ids: Sequence[str], at_us: int) -> None:
    """Record a heartbeat of these members of staff."""
    rows = [(at_us, one) for one in sorted(ids)]
    await bulk.update_many(conn, "agent_status", ("seen_at",), rows, key="user_id")
