"""A first SMS to somebody whom nobody reached by telephone and who never wrote: the end of the attempt protocol."""

from typing import Any

from contact_center.actions import addresses, call_contact, captures, conversations
from contact_center.actions.kernel import Tx
from contact_center.rules.messaging import InboundMessage
from contact_center.rules.model import Channel, ConversationState, Direction
from contact_center.store import conversations as store
from contact_center.store import work as work_store


async def open_chat(tx: Tx, row: Any) -> Any | None:
    """Return the conversation in which the number of a callback can be written to; None where the office has no SMS.

    None too for what is restricted: a telephone may be shared. A new one is greeted with the privacy notice, as every
    first contact in a channel, over from the start and accounted for: whoever answers begins a conversation of their
    own.
    """
    name = next((name for name, limits in tx.limits.items() if limits.medium is Channel.sms), None)
    contact = await work_store.get_interaction(tx.conn, row.id)
    assert contact is not None
    if name is None or not row.number or contact.restricted:
        return None
    somebody = InboundMessage(channel=name, event_key="", external_id="", address=row.number, phone=row.number)
    visitor = await addresses.visitor_for(tx, somebody)
    latest = await store.latest_of_visitor(tx.conn, visitor.id)
    return await store.get(tx.conn, latest or await _open(tx, row, contact, visitor))


async def _open(tx: Tx, row: Any, contact: Any, visitor: Any) -> str:
    chat_id = tx.ids.new()
    await work_store.add_interaction(
        tx.conn,
        {
            "id": chat_id,
            "channel": Channel.sms.value,
            "direction": Direction.outbound.value,
            "citizen_id": contact.citizen_id,
            "area_id": contact.area_id,
            "queue_id": contact.queue_id,
            "started_at": tx.now,
            "ended_at": tx.now,
            "state": "pending",
            "flags": [],
            "restricted": False,
        },
    )
    await store.add(
        tx.conn,
        {
            "id": chat_id,
            "channel": Channel.sms.value,
            "source": visitor.source,
            "visitor_id": visitor.id,
            "state": ConversationState.closed.value,
            "locale": visitor.locale,
            "opened_at": tx.now,
            "closed_at": tx.now,
            "closed_by": "system",
            "is_open": False,
        },
    )
    if row.folio is not None:
        await call_contact.link(tx, chat_id, row.folio)
    await captures.account_for(tx, chat_id, disposition="no_answer_citizen")
    await conversations.greet(tx, await store.get(tx.conn, chat_id), visitor)
    return chat_id
