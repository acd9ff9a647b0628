"""What clients see: the objects of docs/protocol.md, joined from the current rows, many at a time."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from contact_center.live import call_views
from contact_center.rules.identity import short_label
from contact_center.store import views as store
from contact_center.store.types import to_us

View = dict[str, Any]

OPEN_CAPTURE = frozenset({"pending", "overdue", "returned"})


def ms(value: datetime | None) -> int | None:
    """Return an instant as it travels: milliseconds since the epoch."""
    return None if value is None else to_us(value) // 1000


async def items(conn: AsyncConnection, ids: Iterable[str], now: datetime) -> dict[str, View]:
    """Return Item views by id."""
    rows = await store.items(conn, ids)
    offers = {row.work_item_id: row for row in await store.open_offers_of(conn, [row.id for row in rows])}
    folios = await store.folios_of(conn, [row.interaction_id for row in rows])
    calls = await call_views.of_items(conn, rows, now)
    return {
        row.id: _item(row, offers.get(row.id), folios.get(row.interaction_id, []), calls.get(row.interaction_id))
        for row in rows
    }


def _item(row: Any, offer: Any | None, folios: Sequence[str], call: View | None) -> View:
    return {
        "id": row.id,
        "kind": row.kind,
        "channel": row.channel,
        "direction": row.direction,
        "interaction": row.interaction_id,
        "conversation": row.conversation_id,
        "queue": row.queue_id,
        "state": row.state,
        "priority": row.priority,
        "flags": row.flags,
        "label": None if row.restricted else label(row),
        "language": row.language,
        "enqueued_at": ms(row.enqueued_at),
        "queued_at": ms(row.queued_at),
        "due_at": ms(row.due_at),
        "since": ms(row.since),
        "owner": row.owner_id,
        "epoch": row.epoch,
        "offer": None
        if offer is None
        else {"id": offer.id, "agent": offer.agent_id, "expires_at": ms(offer.expires_at)},
        "target_s": row.target_s,
        "wrap_until": ms(row.wrap_until),
        "transfers": row.transfers,
        "from_agent": row.from_agent_id,
        "conversation_state": row.conversation_state,
        "capture": row.capture_state,
        "disposition": row.disposition,
        "petitions": folios,
        "last_citizen_at": ms(row.last_citizen_at),
        "last_agent_at": ms(row.last_agent_at),
        "last_seq": row.last_seq,
        "citizen": row.citizen_id,
        "skipped": row.skipped,
        "call": call,
    }


def label(row: Any) -> str:
    """Return how a contact is called in a list: never a whole name, never a number."""
    if row.citizen_names:
        return short_label(f"{row.citizen_names} {row.citizen_surname or ''}".strip())
    if row.visitor_name:
        return short_label(row.visitor_name)
    return f"{'Llamada' if row.channel == 'phone' else 'Visitante'} {row.interaction_id[-4:]}"


async def messages(conn: AsyncConnection, rows: Sequence[Any]) -> dict[str, View]:
    """Return Message views of message rows, for staff."""
    names = await store.staff_names(conn, [row.author_id for row in rows if row.author_kind in ("agent", "note")])
    files = await store.attachments_of(conn, [row.id for row in rows if row.has_attachments])
    return {row.id: _message(row, names, files.get(row.id, [])) for row in rows}


def of_words(row: Any) -> View:
    """Return the Message view of a citizen's plain words."""
    return _message(row, {}, ())


def _message(row: Any, names: dict[str, str], files: Sequence[Any]) -> View:
    data = row.data or {}
    return {
        "id": row.id,
        "seq": row.seq,
        "author": {"kind": row.author_kind, "id": row.author_id, "name": names.get(row.author_id or "")},
        "text": row.text,
        "at": ms(row.at),
        "attachments": [attachment(one) for one in files],
        "delivery": row.delivery,
        "delivery_reason": row.delivery_reason,
        "code": row.code,
        "data": {key: value for key, value in data.items() if key not in ("mentions", "whisper")} or None,
        "mentions": data.get("mentions", []),
        "whisper": bool(data.get("whisper")),
    }


def attachment(row: Any) -> View:
    return {
        "id": row.id,
        "name": row.name,
        "media_type": row.media_type,
        "size_bytes": row.size_bytes,
        "state": "stored",
    }


def for_citizen(message: View) -> View:
    """Return a message as its citizen may see it: no ids of staff."""
    author = message["author"]
    seen = {key: message[key] for key in ("id", "seq", "text", "at", "attachments", "delivery", "code", "data")}
    seen["author"] = {"kind": author["kind"], "name": author["name"] if author["kind"] == "agent" else None}
    return seen


async def conversations(conn: AsyncConnection, ids: Iterable[str], now: datetime) -> dict[str, View]:
    """Return Conversation views by id."""
    return {
        row.id: {
            "id": row.id,
            "channel": row.channel,
            "state": row.state,
            "queue": row.queue_id,
            "opened_at": ms(row.opened_at),
            "queued_at": ms(row.queued_at),
            "first_reply_at": ms(row.first_reply_at),
            "closed_at": ms(row.closed_at),
            "last_seq": row.last_seq,
            "citizen_read_seq": row.citizen_read_seq,
            "agent_read_seq": row.agent_read_seq,
            "visitor_online": row.source is None and is_connected(row.visitor_seen_at, now),
            "locale": row.locale,
            "site": row.site,
            "notice_version": row.notice_version,
            "notice_at": ms(row.notice_at),
            "flags": row.flags,
            "previous": row.previous_id,
            "survey": row.survey,
            **_messaging(row),
        }
        for row in await store.conversations(conn, ids)
    }


def _messaging(row: Any) -> View:
    """What only a contact of a messaging channel has."""
    if row.source is None:
        return {}
    return {"messaging": {"source": row.source, "opted_out": row.opted_out_at is not None}}


async def agents(conn: AsyncConnection, ids: Iterable[str] | None, now: datetime) -> dict[str, View]:
    """Return Agent views by id; every agent for None."""
    rows = await store.agents(conn, ids)
    loads = await store.loads(conn)
    queues = await store.queues_of_users(conn)
    return {
        row.id: {
            "id": row.id,
            "name": row.display_name,
            "state": row.state or "offline",
            "reason": row.reason,
            "since": ms(row.since),
            "connected": is_connected(row.seen_at, now),
            "phone": row.phone_at is not None,
            "capacity": {"chat": row.capacity_chat, "voice": row.capacity_voice},
            "held": loads.get((row.id, "held"), 0),
            "wrap_up": loads.get((row.id, "wrap_up"), 0),
            "queues": queues.get(row.id, []),
            "area": row.area_id,
        }
        for row in rows
    }


CONNECTED_S = 20
"""A heartbeat older than this means that nobody is at the console; presence beats every 5 s."""


def is_connected(seen_at: datetime | None, now: datetime) -> bool:
    return seen_at is not None and (now - seen_at).total_seconds() < CONNECTED_S


async def alerts(conn: AsyncConnection, ids: Iterable[str] | None) -> list[View]:
    """Return Alert views: the open ones for None, else by id."""
    return [
        {
            "id": row.id,
            "kind": row.kind,
            "at": ms(row.at),
            "item": row.work_item_id,
            "level": row.level,
            "data": row.data,
            "cleared_at": ms(row.cleared_at),
        }
        for row in await store.alerts(conn, ids)
    ]


async def findings(conn: AsyncConnection, ids: Iterable[str] | None, *, agent_id: str | None = None) -> list[View]:
    """Return Finding views: by id, or the open ones of an agent, or every open one."""
    return [
        {
            "id": row.id,
            "kind": row.kind,
            "item": row.item_id,
            "interaction": row.interaction_id,
            "agent": row.agent_id,
            "opened_at": ms(row.opened_at),
            "closed_at": ms(row.closed_at),
            "label": None if row.restricted else label(row),
        }
        for row in await store.findings(conn, ids, agent_id)
    ]
