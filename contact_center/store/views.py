"""Rows joined for the live views: everything one frame needs, a list of ids at a time."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from contact_center.store import bulk
from contact_center.store.conversations import NewMessage
from contact_center.store.events import Event
from contact_center.store.schema import (
    agent_status,
    attachments,
    citizens,
    interactions,
    offers,
    petition_interactions,
    queue_members,
    queues,
    transfers,
    users,
    visitors,
    work_items,
)
from contact_center.store.schema import (
    alerts as alerts_table,
)
from contact_center.store.schema import (
    conversations as conversations_table,
)
from contact_center.store.schema import (
    findings as findings_table,
)
from contact_center.store.types import from_us


def _items_query() -> Select[Any]:
    return (
        select(
            work_items,
            queues.c.target_s,
            interactions.c.citizen_id,
            interactions.c.restricted,
            interactions.c.state.label("capture_state"),
            interactions.c.disposition,
            conversations_table.c.state.label("conversation_state"),
            conversations_table.c.last_citizen_at,
            conversations_table.c.last_agent_at,
            conversations_table.c.last_seq,
            citizens.c.names.label("citizen_names"),
            citizens.c.first_surname.label("citizen_surname"),
            visitors.c.name.label("visitor_name"),
        )
        .join(queues, queues.c.id == work_items.c.queue_id)
        .join(interactions, interactions.c.id == work_items.c.interaction_id)
        .outerjoin(conversations_table, conversations_table.c.id == work_items.c.conversation_id)
        .outerjoin(citizens, citizens.c.id == interactions.c.citizen_id)
        .outerjoin(visitors, visitors.c.id == conversations_table.c.visitor_id)
    )


async def items(conn: AsyncConnection, ids: Iterable[str]) -> Sequence[Any]:
    """Return work items with what their view shows."""
    wanted = list(dict.fromkeys(ids))
    if not wanted:
        return []
    found: Sequence[Any] = (await conn.execute(_items_query().where(work_items.c.id.in_(wanted)))).all()
    return found


async def item_ids_for(
    conn: AsyncConnection, *, user_id: str, queue_ids: Sequence[str], everything: bool, limit: int
) -> list[str]:
    """Return the open items a console starts with: one's own, those waiting in one's queues, or every open one."""
    query = select(work_items.c.id)
    if everything:
        query = query.where(work_items.c.state != "done")
    else:
        offered = select(offers.c.work_item_id).where(offers.c.state == "open", offers.c.agent_id == user_id)
        waiting = work_items.c.state.in_(("waiting", "offered")) & work_items.c.queue_id.in_(list(queue_ids))
        asked = select(transfers.c.work_item_id).where(
            transfers.c.to_agent_id == user_id, transfers.c.kind == "warm", transfers.c.answer.is_(None)
        )
        consulted = (work_items.c.state == "held") & work_items.c.id.in_(asked)
        mine = (work_items.c.owner_id == user_id) | work_items.c.id.in_(offered)
        query = query.where(mine | waiting | consulted)
    query = query.order_by(work_items.c.owner_id != user_id, work_items.c.enqueued_at).limit(limit)
    return list((await conn.execute(query)).scalars())


async def waiting_total(conn: AsyncConnection, queue_ids: Sequence[str]) -> int:
    query = select(func.count()).where(
        work_items.c.state.in_(("waiting", "offered")), work_items.c.queue_id.in_(list(queue_ids))
    )
    return (await conn.execute(query)).scalar_one()


async def open_offers_of(conn: AsyncConnection, item_ids: Sequence[str]) -> Sequence[Any]:
    if not item_ids:
        return []
    query = select(offers.c.id, offers.c.work_item_id, offers.c.agent_id, offers.c.expires_at).where(
        offers.c.state == "open", offers.c.work_item_id.in_(list(item_ids))
    )
    return (await conn.execute(query)).all()


async def folios_of(conn: AsyncConnection, interaction_ids: Sequence[str]) -> dict[str, list[str]]:
    """Return the folios linked to each interaction."""
    found: dict[str, list[str]] = defaultdict(list)
    if interaction_ids:
        query = select(petition_interactions.c.interaction_id, petition_interactions.c.folio).where(
            petition_interactions.c.interaction_id.in_(list(interaction_ids)),
            petition_interactions.c.unlinked_at.is_(None),
        )
        for interaction_id, folio in await conn.execute(query.order_by(petition_interactions.c.at)):
            found[interaction_id].append(folio)
    return found


class MessageRow(NamedTuple):
    """A message as its view needs it."""

    id: str
    conversation_id: str
    seq: int
    author_kind: str
    author_id: str | None
    text: str
    client_id: str | None
    delivery: str
    delivery_reason: str | None
    code: str | None
    at: datetime
    data: dict[str, Any] | None
    has_attachments: bool


class News(NamedTuple):
    """Events of one commit, in order, and every message they speak of: whoever was given them need not read them."""

    events: list[Event]
    messages: dict[str, MessageRow]


def row_of(new: NewMessage) -> MessageRow:
    """Return a plain message that was just stored as its view needs it."""
    return MessageRow(*new[:6], new.client_id, new.delivery, None, None, from_us(new.at_us), None, False)


_MESSAGE = (
    "m.id, m.conversation_id, m.seq, m.author_kind, m.author_id, m.text, m.client_id, m.delivery, m.delivery_reason, "
    "m.code, m.at, m.data, m.has_attachments"
)
_HEARD = (
    f"SELECT e.id, e.at, e.type, e.actor, e.item_id, e.conversation_id, e.message_id, e.user_id, e.queue_id, e.data, "  # noqa: S608
    f"{_MESSAGE} FROM events e LEFT JOIN messages m ON m.id = e.message_id WHERE e.id > {{}} ORDER BY e.id LIMIT {{}}"
)
_HEARD_SQLITE, _HEARD_POSTGRESQL = _HEARD.format("?", "?"), _HEARD.format("$1", "$2")


async def heard(conn: AsyncConnection, cursor: int, limit: int) -> tuple[list[Event], dict[str, MessageRow]]:
    """Return the events after `cursor` as `events.since` does, and the messages they speak of, in one statement."""
    sql = _HEARD_SQLITE if bulk.is_sqlite(conn) else _HEARD_POSTGRESQL
    found, messages = [], {}
    for row in await bulk.fetch(conn, sql, (cursor, limit)):
        found.append(Event(*(*row[:9], {} if row[9] is None else bulk.from_json(row[9]))))
        if row[10] is not None:
            messages[row[10]] = _message(row[10:])
    return found, messages


async def messages_by_id(conn: AsyncConnection, ids: Iterable[str]) -> Sequence[MessageRow]:
    """Return messages; every frame of a chat comes by here, so it goes past SQLAlchemy's types."""
    rows = await bulk.select_in(conn, f"SELECT {_MESSAGE} FROM messages m WHERE m.id IN :values", ids)  # noqa: S608
    return [_message(row) for row in rows]


def _message(row: Sequence[Any]) -> MessageRow:
    return MessageRow(*(*row[:10], from_us(row[10]), bulk.from_json(row[11]), bool(row[12])))


async def staff_names(conn: AsyncConnection, ids: Iterable[str | None]) -> dict[str, str]:
    rows = await bulk.select_in(
        conn, "SELECT id, display_name FROM users WHERE id IN :values", (one for one in ids if one)
    )
    return {row[0]: row[1] for row in rows}


async def attachments_of(conn: AsyncConnection, message_ids: Sequence[str]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = defaultdict(list)
    if message_ids:
        query = select(
            attachments.c.id,
            attachments.c.message_id,
            attachments.c.name,
            attachments.c.media_type,
            attachments.c.size_bytes,
        ).where(attachments.c.message_id.in_(list(message_ids)))
        for row in await conn.execute(query.order_by(attachments.c.id)):
            found[row.message_id].append(row)
    return found


async def conversations(conn: AsyncConnection, ids: Iterable[str]) -> Sequence[Any]:
    wanted = list(dict.fromkeys(ids))
    if not wanted:
        return []
    query = (
        select(
            conversations_table,
            interactions.c.flags,
            interactions.c.queue_id,
            interactions.c.agent_id,
            visitors.c.seen_at.label("visitor_seen_at"),
            visitors.c.opted_out_at,
        )
        .join(interactions, interactions.c.id == conversations_table.c.id)
        .outerjoin(visitors, visitors.c.id == conversations_table.c.visitor_id)
        .where(conversations_table.c.id.in_(wanted))
    )
    return (await conn.execute(query)).all()


async def agents(conn: AsyncConnection, ids: Iterable[str] | None) -> Sequence[Any]:
    """Return users who serve citizens, with their state."""
    query = (
        select(
            users.c.id,
            users.c.display_name,
            users.c.roles,
            users.c.area_id,
            users.c.capacity_chat,
            users.c.capacity_voice,
            agent_status.c.state,
            agent_status.c.reason,
            agent_status.c.since,
            agent_status.c.seen_at,
            agent_status.c.phone_at,
        )
        .outerjoin(agent_status, agent_status.c.user_id == users.c.id)
        .where(users.c.disabled_at.is_(None))
        .order_by(users.c.display_name)
    )
    if ids is not None:
        query = query.where(users.c.id.in_(list(dict.fromkeys(ids))))
    rows = (await conn.execute(query)).all()
    return [row for row in rows if {"agent", "supervisor", "area"} & set(row.roles)]


async def loads(conn: AsyncConnection) -> dict[tuple[str, str], int]:
    """Return how many items each agent holds or wraps up."""
    query = (
        select(work_items.c.owner_id, work_items.c.state, func.count())
        .where(work_items.c.owner_id.is_not(None))
        .group_by(work_items.c.owner_id, work_items.c.state)
    )
    return {(owner, state): count for owner, state, count in await conn.execute(query)}


async def queues_of_users(conn: AsyncConnection) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for queue_id, user_id in await conn.execute(select(queue_members.c.queue_id, queue_members.c.user_id)):
        found[user_id].append(queue_id)
    return found


async def alerts(conn: AsyncConnection, ids: Iterable[str] | None) -> Sequence[Any]:
    query = select(alerts_table).order_by(alerts_table.c.at.desc()).limit(200)
    if ids is None:
        query = query.where(alerts_table.c.cleared_at.is_(None))
    else:
        query = query.where(alerts_table.c.id.in_(list(dict.fromkeys(ids))))
    return (await conn.execute(query)).all()


async def findings(conn: AsyncConnection, ids: Iterable[str] | None, agent_id: str | None) -> Sequence[Any]:
    query = (
        select(
            findings_table,
            interactions.c.restricted,
            interactions.c.channel,
            work_items.c.id.label("item_id"),
            citizens.c.names.label("citizen_names"),
            citizens.c.first_surname.label("citizen_surname"),
            visitors.c.name.label("visitor_name"),
        )
        .join(interactions, interactions.c.id == findings_table.c.interaction_id)
        .outerjoin(work_items, work_items.c.interaction_id == interactions.c.id)
        .outerjoin(conversations_table, conversations_table.c.id == interactions.c.id)
        .outerjoin(visitors, visitors.c.id == conversations_table.c.visitor_id)
        .outerjoin(citizens, citizens.c.id == interactions.c.citizen_id)
        .order_by(findings_table.c.opened_at)
    )
    if ids is not None:
        query = query.where(findings_table.c.id.in_(list(dict.fromkeys(ids))))
    else:
        query = query.where(findings_table.c.closed_at.is_(None)).limit(200)
    if agent_id is not None:
        query = query.where(findings_table.c.agent_id == agent_id)
    return (await conn.execute(query)).all()


async def queue_counts(conn: AsyncConnection) -> dict[str, tuple[int, Any]]:
    """Return (waiting, when the longest of them arrived) of each queue that has somebody waiting."""
    query = (
        select(work_items.c.queue_id, func.count(), func.min(work_items.c.queued_at))
        .where(work_items.c.state.in_(("waiting", "offered")))
        .group_by(work_items.c.queue_id)
    )
    return {row[0]: (row[1], row[2]) for row in await conn.execute(query)}
