"""What the router and the timers do: offers, overflow, expiry, items that come due, quiet and abandoned conversations.

Each is a verb of the system, idempotent: it looks again at the row inside its transaction and does nothing when the
world moved on, so it may run twice, late, or on two nodes.
"""

from datetime import datetime
from typing import Any

from contact_center.actions import callback_rules, callbacks, captures, conversations, desk, work
from contact_center.actions.kernel import Answer, Body, Tx, verb
from contact_center.rules.lifecycle import CONVERSATION, WORK, Facts, step
from contact_center.rules.model import ActorKind, ConversationState, WorkState
from contact_center.store import captures as capture_store
from contact_center.store import conversations as chat_store
from contact_center.store import work as store

_SYSTEM: frozenset[Any] = frozenset({ActorKind.system})


class MakeOffer(Body):
    """A decision of the router."""

    item_id: str
    agent_id: str
    expires_at: datetime
    reason: dict[str, Any]


@verb("engine.offer", action="work.accept", door="system")
async def make_offer(tx: Tx, body: MakeOffer) -> Answer:
    """Offer an item to an agent if it still waits and the agent is still available. The reason is kept."""
    item = await store.get_item(tx.conn, body.item_id)
    status = await store.get_status(tx.conn, body.agent_id)
    if item is None or item.state != "waiting" or status is None or status.state != "available":
        return {}
    step(WORK, WorkState(item.state), "offer", Facts(by=_SYSTEM))
    moved = await store.move_item(
        tx.conn, item.id, epoch=item.epoch, states=["waiting"], state="offered", since=tx.now, skipped=None
    )
    if not moved:
        return {}
    offer_id = tx.ids.new()
    await store.add_offer(
        tx.conn,
        {
            "id": offer_id,
            "work_item_id": item.id,
            "agent_id": body.agent_id,
            "queue_id": item.queue_id,
            "state": "open",
            "offered_at": tx.now,
            "expires_at": body.expires_at,
            "reason": body.reason,
        },
    )
    await store.change_status(tx.conn, body.agent_id, last_offer_at=tx.now)
    tx.emit(
        "work.offered",
        item=item.id,
        conversation=item.conversation_id,
        user=body.agent_id,
        queue=item.queue_id,
        offer=offer_id,
    )
    return {"offer_id": offer_id}


class ItemBody(Body):
    """A work item to look at again."""

    item_id: str


class MoveQueue(Body):
    """An item that overflows to another queue."""

    item_id: str
    to_queue_id: str
    reason: dict[str, Any]


@verb("engine.overflow", action="work.transfer", door="system")
async def overflow(tx: Tx, body: MoveQueue) -> Answer:
    """Move a waiting item to the overflow queue; its original time of arrival travels."""
    item = await store.get_item(tx.conn, body.item_id)
    if item is None or item.state != "waiting" or item.queue_id == body.to_queue_id:
        return {}
    step(WORK, WorkState(item.state), "overflow", Facts(by=_SYSTEM))
    await store.move_item(
        tx.conn,
        item.id,
        epoch=item.epoch,
        states=["waiting"],
        queue_id=body.to_queue_id,
        queued_at=tx.now,
        since=tx.now,
        visited_queue_ids=[*item.visited_queue_ids, item.queue_id],
        declined=[],
    )
    tx.emit(
        "work.overflowed",
        item=item.id,
        conversation=item.conversation_id,
        queue=body.to_queue_id,
        from_queue=item.queue_id,
        reason=body.reason,
    )
    return {}


class Skips(Body):
    """Items nobody could be offered, each with its reason code, only those whose reason changed."""

    rows: tuple[tuple[str, str], ...]


@verb("engine.skip", action="work.accept", door="system")
async def skip(tx: Tx, body: Skips) -> Answer:
    """Record why items go on waiting, so that nothing is passed over in silence."""
    for item_id, code in body.rows:
        await store.change_item(tx.conn, item_id, skipped=code)
        tx.emit("decision.skipped", item=item_id, code=code)
        tx.emit("work.changed", item=item_id)  # no queue: only the floor shows why somebody waits
    return {}


class OfferBody(Body):
    """An offer whose time is over."""

    offer_id: str


@verb("engine.expire_offer", action="work.accept", door="system")
async def expire_offer(tx: Tx, body: OfferBody) -> Answer:
    """Take back an offer nobody answered; the next agent is asked, and it is counted."""
    offer = await store.get_offer(tx.conn, body.offer_id)
    if offer is not None and offer.state == "open" and offer.expires_at <= tx.now:
        await desk.offer_over(tx, offer, state="expired")
    return {}


@verb("engine.due", action="work.accept", door="system")
async def due(tx: Tx, body: ItemBody) -> Answer:
    """Let a scheduled item wait for an agent now. Its waiting starts now; nothing is aged out (FEATURES §2.12)."""
    item = await store.get_item(tx.conn, body.item_id)
    if item is None or item.state != "scheduled" or item.due_at > tx.now:
        return {}
    if item.kind == "callback" and not await callback_rules.due(tx, item):
        return {}
    step(WORK, WorkState(item.state), "due", Facts(by=_SYSTEM))
    moved = await store.move_item(
        tx.conn, item.id, epoch=item.epoch, states=["scheduled"], state="waiting", since=tx.now, queued_at=tx.now
    )
    if not moved:
        return {}  # another node was faster
    if item.kind == "callback":
        await callbacks.has_come(tx, item)
    tx.emit("work.queued", item=item.id, conversation=item.conversation_id, queue=item.queue_id)
    return {}


@verb("engine.wrap_up_over", action="work.accept", door="system")
async def wrap_up_over(tx: Tx, body: ItemBody) -> Answer:
    """Free an agent whose wrap-up time is over; what is not captured becomes an open finding in their list."""
    item = await store.get_item(tx.conn, body.item_id)
    if item is None or item.state != "wrap_up" or item.wrap_until > tx.now:
        return {}
    await captures.open_finding(tx, item.interaction_id)
    await desk.leave_wrap_up(tx, item, "wrap_up_expired")
    return {}


class HeldBody(Body):
    """A held item, as it was when it was looked at."""

    item_id: str
    epoch: int


@verb("engine.no_first_reply", action="work.accept", door="system")
async def no_first_reply(tx: Tx, body: HeldBody) -> Answer:
    """Give an item whose agent has not said a word back to the head of its queue (DOMAIN §2.5)."""
    item = await store.get_item(tx.conn, body.item_id)
    options = await tx.options()
    if item is None or item.state != "held" or item.epoch != body.epoch or not item.conversation_id:
        return {}
    row = await chat_store.get(tx.conn, item.conversation_id)
    if row is None or row.state != "assigned" or (tx.now - item.since).total_seconds() < options.first_reply_limit_s:
        return {}
    missed = [*item.declined, [item.owner_id, tx.now_us]]
    await work.put_back(tx, item, event="release", how="no_first_reply", from_agent_id=item.owner_id)
    await store.change_item(tx.conn, item.id, declined=missed)
    return {}


class ConversationBody(Body):
    """A conversation to look at again."""

    conversation_id: str


@verb("engine.quiet", action="conversation.close", door="system")
async def quiet(tx: Tx, body: ConversationBody) -> Answer:
    """Ask a citizen who went quiet, then close for inactivity; never with a crisis flag (DOMAIN §2.5, rule 13)."""
    options = await tx.options()
    row = await chat_store.get(tx.conn, body.conversation_id)
    item = await store.open_item_of(tx.conn, body.conversation_id)
    if row is None or item is None or item.state != "held" or item.kind != "conversation":
        return {}
    if conversations.is_crisis(row.flags):
        return {}
    if row.last_agent_at is None or (row.last_citizen_at and row.last_citizen_at > row.last_agent_at):
        return {}
    if row.source is not None:
        return await _quiet_elsewhere(tx, row, item)
    if row.state == "active" and row.inactivity_warned_at is None:
        if (tx.now - row.last_agent_at).total_seconds() < options.inactivity_notice_s:
            return {}
        state = step(CONVERSATION, ConversationState(row.state), "wait", Facts(by=_SYSTEM))
        await chat_store.change(tx.conn, row.id, state=state.value, inactivity_warned_at=tx.now)
        minutes = max(1, (options.inactivity_close_s - options.inactivity_notice_s) // 60)
        await conversations.say(tx, row, "inactivity", "inactividad_1", minutos=minutes)
        tx.emit("conversation.changed", conversation=row.id)
        tx.emit("work.changed", item=item.id, conversation=row.id, user=item.owner_id, queue=item.queue_id)
        return {}
    warned = row.inactivity_warned_at
    patience = options.inactivity_close_s - options.inactivity_notice_s
    if row.state == "waiting" and warned is not None and (tx.now - warned).total_seconds() >= patience:
        state = step(CONVERSATION, ConversationState(row.state), "inactivity", Facts(by=_SYSTEM, crisis=False))
        await conversations.say(tx, row, "closed", "cierre_inactividad")
        await desk.finish_conversation(tx, row, state, by="system")
        await work.end(tx, item, by_system=True)
    return {}


async def _quiet_elsewhere(tx: Tx, row: Any, item: Any) -> Answer:
    """Close a conversation of a messaging channel after a day without an answer: nobody there looks at a screen."""
    if (tx.now - row.last_agent_at).total_seconds() < (await tx.options()).messaging_close_s:
        return {}
    state = ConversationState(row.state)
    if state is ConversationState.active:
        state = step(CONVERSATION, state, "wait", Facts(by=_SYSTEM))
    state = step(CONVERSATION, state, "inactivity", Facts(by=_SYSTEM, crisis=False))
    await conversations.say(tx, row, "closed", "cierre_inactividad")
    await desk.finish_conversation(tx, row, state, by="system")
    await work.end(tx, item, by_system=True)
    return {}


class PlaceBody(Body):
    """A citizen's place in line."""

    conversation_id: str
    position: int


PLACE_AFTER_S = 20
"""How long somebody waits before a message says where they stand."""
PLACE_AGAIN_S = 180


@verb("engine.tell_place", action="work.accept", door="system")
async def tell_place(tx: Tx, body: PlaceBody) -> Answer:
    """Write a citizen in a messaging channel their place in line: once, and again when it got better, not too often."""
    row = await chat_store.get(tx.conn, body.conversation_id)
    item = await store.open_item_of(tx.conn, body.conversation_id)
    if row is None or row.source is None or item is None or item.state not in {"waiting", "offered"}:
        return {}
    if (tx.now - item.queued_at).total_seconds() < PLACE_AFTER_S:
        return {}
    told = item.notice
    if told and (told["position"] <= body.position or tx.now_us // 1000 - told["at"] < PLACE_AGAIN_S * 1000):
        return {}
    await conversations.say(tx, row, "place", "lugar_mensajeria", posicion=body.position)
    await store.change_item(tx.conn, item.id, notice={"position": body.position, "at": tx.now_us // 1000})
    return {}


@verb("engine.left", action="conversation.close", door="system")
async def left(tx: Tx, body: ConversationBody) -> Answer:
    """End a conversation whose citizen left the line and stayed away; the time they waited is kept."""
    options = await tx.options()
    row = await chat_store.get(tx.conn, body.conversation_id)
    if row is None or not row.is_open or row.state not in {"started", "queued"} or conversations.is_crisis(row.flags):
        return {}
    if row.source is not None and row.state != "started":
        return {}
    visitor = await chat_store.get_visitor(tx.conn, row.visitor_id)
    if (tx.now - visitor.seen_at).total_seconds() < options.queue_timeout_s:
        return {}
    await leave(tx, row, "queue_timeout", by="system")
    return {}


async def leave(tx: Tx, row: Any, event: str, *, by: str) -> None:
    """End a conversation nobody holds: abandoned, or answered by the house itself. It is accounted for at once."""
    served = row.state == "started" and await capture_store.was_queried(tx.conn, row.id)
    facts = Facts(by=_SYSTEM, crisis=False)
    state = step(CONVERSATION, ConversationState(row.state), "self_service" if served else event, facts)
    item = await store.open_item_of(tx.conn, row.id)
    if item is not None:
        await work.drop(tx, item)
    await desk.finish_conversation(tx, row, state, by=by)
    wait_s = int((tx.now - row.queued_at).total_seconds()) if row.queued_at else None
    await store.change_interaction(tx.conn, row.id, wait_s=wait_s)
    disposition, reason = ("status_given", "folio_status_only") if served else ("abandoned", "citizen_left")
    await captures.capture(tx, row.id, disposition, None if served else reason)


class EndChat(Body):
    """The citizen ends the conversation."""


@verb("chat.end", action="chat.use", door="visitor")
async def end_chat(tx: Tx, body: EndChat) -> Answer:
    """End the visitor's open conversation. Idempotent. A conversation with a crisis flag stays open for the agent."""
    known = await chat_store.open_by_visitor(tx.conn, [tx.actor.id])
    chat = known.get(tx.actor.id)
    if chat is None:
        return {}
    row = await chat_store.get(tx.conn, chat.conversation_id)
    assert row is not None
    item = await store.open_item_of(tx.conn, row.id)
    if conversations.is_crisis(row.flags):
        await conversations.add_message(tx, row.id, "system", None, "", code="citizen_left")
        return {}
    if row.state in {"started", "queued"}:
        await leave(tx, row, "citizen_end", by="citizen")
    elif row.state != "message_left":
        facts = Facts(by=frozenset({ActorKind.visitor}), crisis=False)
        state = step(CONVERSATION, ConversationState(row.state), "citizen_end", facts)
        await desk.finish_conversation(tx, row, state, by="citizen")
        if item is not None and item.state == "held":
            await work.end(tx, item, by_system=True)
    return {}


class Nothing(Body):
    """Nothing but the moment."""


@verb("engine.captures_overdue", action="work.accept", door="system")
async def captures_overdue(tx: Tx, body: Nothing) -> Answer:
    """Mark captures left too long; see `captures.overdue`."""
    return {"interactions": await captures.overdue(tx, tx.now)}


@verb("engine.long_wait", action="work.accept", door="system")
async def long_wait(tx: Tx, body: ItemBody) -> Answer:
    """Alert that a citizen has waited too long."""
    item = await store.get_item(tx.conn, body.item_id)
    if item is not None and item.state in {"waiting", "offered"}:
        wait_s = int((tx.now - item.queued_at).total_seconds())
        await work.alert(tx, "long_wait", subject=item.id, item=item.id, level="warning", data={"wait_s": wait_s})
    return {}
