"""What a citizen sees of their own conversation: state, who answers, place in line. Never ids of staff."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from contact_center.live import callback_views, views
from contact_center.rules.model import OPEN_CONVERSATION_STATES
from contact_center.store import conversations as store
from contact_center.store.schema import areas, conversations, interactions, users, work_items

CRISIS_FLAGS = ("crisis_life", "crisis_violence", "emergency")
_SURVEYED = frozenset({"closed", "closed_inactivity", "closed_self_service"})
OPEN = frozenset(state.value for state in OPEN_CONVERSATION_STATES)


async def briefs(conn: AsyncConnection, ids: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Return the `conversation` part of ChatState by id, without the place in line."""
    wanted = list(dict.fromkeys(ids))
    if not wanted:
        return {}
    query = (
        select(
            conversations.c.id,
            conversations.c.state,
            conversations.c.last_seq,
            conversations.c.agent_read_seq,
            conversations.c.closed_at,
            conversations.c.survey,
            interactions.c.flags,
            work_items.c.owner_id,
            users.c.display_name,
            areas.c.name.label("area_name"),
        )
        .join(interactions, interactions.c.id == conversations.c.id)
        .outerjoin(work_items, (work_items.c.conversation_id == conversations.c.id) & (work_items.c.state == "held"))
        .outerjoin(users, users.c.id == work_items.c.owner_id)
        .outerjoin(areas, areas.c.id == users.c.area_id)
        .where(conversations.c.id.in_(wanted))
    )
    return {row.id: _brief(row) for row in await conn.execute(query)}


def _brief(row: Any) -> dict[str, Any]:
    is_open = row.state in OPEN
    crisis = next((flag for flag in CRISIS_FLAGS if flag in row.flags), None)
    survey = "no" if is_open or row.state not in _SURVEYED or crisis else ("done" if row.survey is not None else "due")
    return {
        "id": row.id,
        "state": row.state,
        "agent": None if row.display_name is None else {"name": row.display_name, "area": row.area_name},
        "last_seq": row.last_seq,
        "agent_read_seq": row.agent_read_seq,
        "closed_at": views.ms(row.closed_at),
        "can_write": is_open,
        "survey": survey,
        "crisis": crisis,
    }


async def state(
    conn: AsyncConnection, visitor_id: str, *, cursor: int, place: tuple[int, int | None] | None, now: datetime
) -> dict[str, Any]:
    """Return the whole ChatState of a visitor: the newest conversation and its last 200 messages."""
    conversation_id = await store.latest_of_visitor(conn, visitor_id)
    if conversation_id is None:
        return {
            "cursor": cursor,
            "visitor": visitor_id,
            "conversation": None,
            "messages": [],
            "callback": None,
            "now": views.ms(now),
        }
    brief = (await briefs(conn, [conversation_id]))[conversation_id]
    position, wait_s = place or (None, None)
    rows = await store.thread(conn, conversation_id, before=None, limit=200, notes=False)
    return {
        "cursor": cursor,
        "visitor": visitor_id,
        "now": views.ms(now),
        "callback": await callback_views.of_visitor(conn, visitor_id, now),
        "conversation": {**brief, "position": position, "wait_s": wait_s},
        "messages": await messages_for_citizen(conn, rows),
    }


async def messages_for_citizen(conn: AsyncConnection, rows: Sequence[Any]) -> list[dict[str, Any]]:
    """Return messages as their citizen sees them, own ones with their client id."""
    seen = await views.messages(conn, rows)
    return [
        {**views.for_citizen(seen[row.id]), **({"client_id": row.client_id} if row.author_kind == "citizen" else {})}
        for row in rows
    ]
