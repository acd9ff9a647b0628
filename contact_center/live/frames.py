"""Frames of events, made once for everybody: the whole current view of what changed, joined from the rows.

A frame has up to two faces: what staff see, and what the citizen of the conversation sees.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from contact_center.live import callback_views, chat_views, petition_views, queue_views, views
from contact_center.store import views as store
from contact_center.store.events import Event

encode = msgspec.json.Encoder().encode


@dataclass(slots=True)
class Frame:
    """One event, encoded. `item` is the work item it shows, for connections to judge whether it is theirs."""

    staff: bytes
    for_citizen: dict[str, Any] | bytes | None = None
    item: dict[str, Any] | None = None
    gone: bytes = b""
    client_id: str | None = None

    @property
    def citizen(self) -> bytes | None:
        """The citizen's face, encoded when somebody first looks: who wrote a message has it already."""
        if isinstance(self.for_citizen, dict):
            self.for_citizen = encode(self.for_citizen)
        return self.for_citizen


async def make(
    conn: AsyncConnection,
    events: Sequence[Event],
    now: datetime,
    known: Mapping[str, store.MessageRow] = MappingProxyType({}),
) -> dict[int, Frame]:
    """Return frames by event id. `known` messages of them are not read again."""
    wanted = {event.message_id for event in events if event.message_id}
    messages = {row.id: row for row in await store.messages_by_id(conn, wanted - known.keys())}
    messages |= {one: known[one] for one in wanted & known.keys()}
    seen = await views.messages(conn, list(messages.values()))
    items = await views.items(conn, [e.item_id for e in events if e.item_id and e.type.startswith("work.")], now)
    chats = await views.conversations(
        conn, [e.conversation_id for e in events if e.conversation_id and e.type.startswith("conversation.")], now
    )
    briefs = await chat_views.briefs(
        conn, [e.conversation_id for e in events if e.conversation_id and not e.type.startswith("message.")]
    )
    agents: dict[str, Any] = {}
    if any(e.type == "agent.changed" for e in events):
        agents = await views.agents(conn, [e.user_id for e in events if e.user_id], now)
    queues: dict[str, Any] = {}
    if any(e.type == "queue.changed" for e in events):
        queues = {one["id"]: one for one in await queue_views.queues(conn, now)}
    promised = {e.data["callback"]: e.conversation_id or "" for e in events if e.type == "callback.changed"}
    callbacks = await callback_views.callbacks(conn, promised, now) if promised else {}
    for_chats = await callback_views.of_chats(conn, promised, now) if promised else {}
    alerts = {one["id"]: one for one in await _some(conn, views.alerts, events, "alert")}
    findings = {one["id"]: one for one in await _some(conn, views.findings, events, "finding")}
    made = {}
    for event in events:
        head = {"id": event.id, "type": event.type, "at": event.at_us // 1000}
        family = event.type.partition(".")[0]
        frame: Frame
        if event.message_id and event.message_id in seen and family == "message":
            frame = _of_message(event, messages[event.message_id], seen[event.message_id])
        elif family == "work":
            item = items.get(event.item_id or "")
            body: dict[str, Any] = {"item": item or {"id": event.item_id, "state": "gone"}}
            gone = encode({**head, "item": {"id": event.item_id, "state": "gone"}})
            frame = Frame(encode({**head, **body}), _chat_changed(event, briefs), item=item, gone=gone)
        elif family == "conversation":
            body = {"conversation": chats.get(event.conversation_id or "")}
            frame = Frame(encode({**head, **body}), _chat_changed(event, briefs))
        elif event.type == "agent.changed":
            agent = agents.get(event.user_id or "") or {"id": event.user_id, "state": "gone"}
            frame = Frame(encode({**head, "agent": agent}))
        elif event.type == "queue.changed":
            queue = queues.get(event.queue_id or "") or {"id": event.queue_id, "state": "gone"}
            frame = Frame(encode({**head, "queue": queue}))
        elif family == "callback":
            promised_call = for_chats.get(event.data["callback"])
            seen_there = _chat_changed(event, briefs)
            theirs = None if seen_there is None else {**seen_there, "callback": promised_call}
            frame = Frame(encode({**head, "callback": callbacks.get(event.data["callback"])}), theirs)
        elif family == "alert":
            frame = Frame(encode({**head, "alert": alerts.get(event.data.get("alert", ""))}))
        elif family == "finding":
            frame = Frame(encode({**head, "finding": findings.get(event.data.get("finding", ""))}))
        elif event.type == "petition.changed":
            row_view = await petition_views.row(conn, event.data.get("folio", ""))
            frame = Frame(encode({**head, "petition": row_view, "interaction": event.conversation_id}))
        elif event.type == "citizen.changed":
            citizen_view = await petition_views.citizen(conn, event.data.get("citizen", ""))
            frame = Frame(encode({**head, "citizen": citizen_view}))
        else:
            frame = Frame(encode({**head, **event.data, "conversation": event.conversation_id, "user": event.user_id}))
        made[event.id] = frame
    return made


def of_words(events: Sequence[Event], messages: Mapping[str, store.MessageRow]) -> dict[int, Frame]:
    """Return frames of citizens' plain words, all of whose messages are given: nothing has to be read for them."""
    found = [(event, messages[event.message_id or ""]) for event in events]
    return {event.id: _of_message(event, row, views.of_words(row)) for event, row in found}


def _of_message(event: Event, row: Any, message: dict[str, Any]) -> Frame:
    head = {"id": event.id, "type": event.type, "at": event.at_us // 1000}
    staff = encode({**head, "conversation": event.conversation_id, "message": message})
    citizen = None
    if row.author_kind != "note":
        own = {"client_id": row.client_id} if row.author_kind == "citizen" and row.client_id else {}
        citizen = {**head, "conversation": event.conversation_id, "message": {**views.for_citizen(message), **own}}
    return Frame(staff, citizen, client_id=row.client_id)


def _chat_changed(event: Event, briefs: dict[str, dict[str, Any]]) -> dict[str, Any] | None:
    """The citizen's face of whatever changed about their conversation."""
    brief = briefs.get(event.conversation_id or "")
    if brief is None:
        return None
    return {"id": event.id, "type": "chat.changed", "at": event.at_us // 1000, "conversation": brief}


async def _some(conn: AsyncConnection, view: Any, events: Sequence[Event], family: str) -> list[dict[str, Any]]:
    ids = [e.data[family] for e in events if e.type.startswith(f"{family}.") and family in e.data]
    return await view(conn, ids) if ids else []
