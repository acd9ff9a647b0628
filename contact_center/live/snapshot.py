"""What a console starts with: everything its events will change afterwards, read in one transaction with a cursor."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from contact_center.live import queue_views, views
from contact_center.live.connection import StaffFace
from contact_center.rules import access
from contact_center.rules.access import Actor
from contact_center.rules.options import Options
from contact_center.store import conversations as chat_store
from contact_center.store import events as event_log
from contact_center.store import options as option_store
from contact_center.store import views as store
from contact_center.store import work as work_store
from contact_center.store.schema import canned_replies, mentions

ITEM_LIMIT = 500
UPLOAD_TYPES = (".pdf", ".jpg", ".jpeg", ".png", ".docx")


def face_of(actor: Actor) -> StaffFace:
    """Return what a member of staff may see live."""
    return StaffFace(actor, floor=access.can(actor, "floor.read"))


async def console(conn: AsyncConnection, actor: Actor, now: datetime) -> dict[str, Any]:
    """Return the Snapshot of docs/protocol.md without `me`, which the session gives."""
    cursor = await event_log.latest(conn)
    face = face_of(actor)
    queue_ids = sorted(actor.queue_ids)
    ids = await store.item_ids_for(conn, user_id=actor.id, queue_ids=queue_ids, everything=face.floor, limit=ITEM_LIMIT)
    items = await views.items(conn, ids, now)
    agents = await views.agents(conn, None, now)
    settings = await option_store.load(conn)
    return {
        "cursor": cursor,
        "now": views.ms(now),
        "agent": agents.get(actor.id),
        "settings": console_settings(settings),
        "queues": await queue_views.queues(conn, now),
        "agents": list(agents.values()),
        "items": [items[one] for one in ids if one in items and face.sees_item(items[one])],
        "waiting_total": await store.waiting_total(conn, queue_ids),
        "alerts": await views.alerts(conn, None) if face.floor else [],
        "findings": await views.findings(conn, None, agent_id=None if face.floor else actor.id),
        "replies": await replies(conn, actor),
        "mentions": await unseen_mentions(conn, actor.id),
    }


def console_settings(options: Options) -> dict[str, Any]:
    return {
        "brand": {"name": options.brand_name, "accent": options.brand_accent, "logo": options.brand_logo_url or None},
        "offer_sound": options.sound,
        "uploads": {"max_bytes": options.upload_max_bytes, "types": UPLOAD_TYPES},
        "folio_template": options.folio_template,
        "long_wait_s": options.long_wait_s,
    }


async def replies(conn: AsyncConnection, actor: Actor) -> list[dict[str, Any]]:
    """Return the canned replies for the actor's queues and for all."""
    query = select(
        canned_replies.c.id,
        canned_replies.c.shortcut,
        canned_replies.c.title,
        canned_replies.c.text,
        canned_replies.c.language,
        canned_replies.c.queue_id,
    ).order_by(canned_replies.c.shortcut)
    return [
        {"id": row.id, "shortcut": row.shortcut, "title": row.title, "text": row.text, "language": row.language}
        for row in await conn.execute(query)
        if row.queue_id is None or row.queue_id in actor.queue_ids
    ]


async def unseen_mentions(conn: AsyncConnection, user_id: str) -> list[dict[str, Any]]:
    query = (
        select(mentions.c.conversation_id, mentions.c.seq, mentions.c.at, mentions.c.by_user)
        .where(mentions.c.user_id == user_id, mentions.c.seen_at.is_(None))
        .order_by(mentions.c.at.desc())
        .limit(50)
    )
    return [
        {"conversation": row.conversation_id, "seq": row.seq, "at": views.ms(row.at), "by": row.by_user}
        for row in await conn.execute(query)
    ]


THREAD_PAGE = 100


async def thread(
    conn: AsyncConnection, row: Any, item_id: str | None, now: datetime, *, before: int | None
) -> dict[str, Any]:
    """Return the Thread of a conversation, without citizen, petitions and rights, which the endpoint adds."""
    cursor = await event_log.latest(conn)
    page = await chat_store.thread(conn, row.id, before=before, limit=THREAD_PAGE + 1, notes=True)
    shown = page[-THREAD_PAGE:]
    messages = await views.messages(conn, shown)
    items = await views.items(conn, [item_id], now) if item_id else {}
    segments = await work_store.segments_of(conn, row.id)
    return {
        "cursor": cursor,
        "item": items.get(item_id or ""),
        "conversation": (await views.conversations(conn, [row.id], now))[row.id],
        "messages": [messages[one.id] for one in shown],
        "more": len(page) > THREAD_PAGE,
        "segments": [
            {
                "agent": one.agent_id,
                "queue": one.queue_id,
                "started_at": views.ms(one.started_at),
                "ended_at": views.ms(one.ended_at),
                "how": one.how,
                "ended_how": one.ended_how,
                "wrap_s": int((one.wrap_ended_at - one.ended_at).total_seconds())
                if one.wrap_ended_at and one.ended_at
                else None,
            }
            for one in segments
        ],
    }
