"""What an agent or a supervisor does with a work item:
accept, decline, take, assign, transfer, return, close, finish.
"""

from dataclasses import replace
from typing import Any, Literal

from pydantic import Field

from contact_center.actions import captures, conversations, office, survey, work
from contact_center.actions.kernel import Answer, Body, Tx, verb
from contact_center.errors import AlreadyTaken, Conflict, Invalid, Missing, OfferGone
from contact_center.rules import lifecycle
from contact_center.rules.lifecycle import CONVERSATION, OFFER, WORK, Facts, step
from contact_center.rules.model import ConversationState, OfferState, WorkState
from contact_center.store import calls as call_store
from contact_center.store import captures as capture_store
from contact_center.store import conversations as chat_store
from contact_center.store import people
from contact_center.store import work as store

ItemId = Field(max_length=36)
Epoch = Field(ge=0)
OptionalText = Field(default=None, max_length=2_000)


class OfferBody(Body):
    """An offer to answer."""

    offer_id: str = Field(max_length=36)
    reason: str | None = Field(default=None, max_length=80)


@verb("work.accept", action="work.accept")
async def accept(tx: Tx, body: OfferBody) -> Answer:
    """Take an offered item. One of several callers wins; the others get OfferGone."""
    offer = await _my_offer(tx, body.offer_id)
    state = OfferState(offer.state)
    if state is not OfferState.open or offer.expires_at <= tx.now:
        raise OfferGone
    step(OFFER, state, "accept", Facts(by=_by(tx), in_time=True))
    item = await store.get_item(tx.conn, offer.work_item_id)
    if item is None or item.state != "offered":
        raise OfferGone
    if not await store.settle_offer(tx.conn, offer.id, state="accepted", now=tx.now):
        raise OfferGone
    await work.hold(tx, item, tx.actor.id, how="offer", event="accept")
    return item_answer(item)


@verb("work.decline", action="work.accept")
async def decline(tx: Tx, body: OfferBody) -> Answer:
    """Turn an offer down; it goes to the next agent at once, and is counted."""
    offer = await _my_offer(tx, body.offer_id)
    step(OFFER, OfferState(offer.state), "decline", Facts(by=_by(tx)))
    await offer_over(tx, offer, state="declined", answer=body.reason)
    return {}


async def offer_over(tx: Tx, offer: Any, *, state: str, answer: str | None = None) -> None:
    """End an open offer without a taker: the item waits again and remembers who did not take it."""
    if not await store.settle_offer(tx.conn, offer.id, state=state, now=tx.now, answer=answer):
        raise OfferGone
    item = await store.get_item(tx.conn, offer.work_item_id)
    assert item is not None
    step(WORK, WorkState(item.state), {"declined": "decline", "expired": "expire"}[state], Facts(by=_by(tx)))
    missed = [*item.declined, [offer.agent_id, tx.now_us]][-50:]
    values: dict[str, Any] = {"declined": missed}
    if item.direct_agent_id == offer.agent_id:
        values |= await _back_to_origin(tx, item, "returned" if state == "declined" else "no_answer")
    await store.move_item(
        tx.conn, item.id, epoch=item.epoch, states=["offered"], state="waiting", since=tx.now, **values
    )
    await store.change_status(tx.conn, offer.agent_id, last_offer_at=tx.now)
    if len(missed) >= 3:
        await work.alert(
            tx, "unanswered_offers", subject=item.id, item=item.id, level="warning", data={"count": len(missed)}
        )
    event = "work.declined" if state == "declined" else "work.offer_expired"
    tx.emit(
        event, item=item.id, conversation=item.conversation_id, user=offer.agent_id, queue=item.queue_id, offer=offer.id
    )
    tx.emit("agent.changed", user=offer.agent_id)


async def _back_to_origin(tx: Tx, item: Any, answer: str) -> dict[str, Any]:
    """A transfer that its person did not take falls back to who sent it (DOMAIN §2.9 rule 11), then to the queue."""
    pending = await store.pending_transfer(tx.conn, item.id)
    if pending is None:
        return {"direct_agent_id": None}
    await store.answer_transfer(tx.conn, pending.id, answer=answer, now=tx.now)
    return {"direct_agent_id": pending.from_agent_id}


async def _my_offer(tx: Tx, offer_id: str) -> Any:
    """Return an offer to the actor. Raises OfferGone for another's that the actor can see, in a queue of theirs."""
    offer = await store.get_offer(tx.conn, offer_id)
    if offer is None:
        raise Missing
    if offer.agent_id != tx.actor.id:
        if offer.queue_id in tx.actor.queue_ids:
            raise OfferGone
        raise Missing
    return offer


class TakeBody(Body):
    """An item to take from a queue by hand."""

    item_id: str = ItemId


@verb("work.take", action="work.take")
async def take(tx: Tx, body: TakeBody) -> Answer:
    """Take a waiting item by hand. Raises AlreadyTaken, or Conflict `offered_elsewhere` while somebody is being
    asked.
    """
    item = await store.get_item(tx.conn, body.item_id)
    if item is None:
        raise Missing
    # Who could see it wait a moment ago is told that somebody was faster, not that there is no such thing.
    tx.check_visible("work.take", replace(work.scope_of(item), waiting=True))
    if item.state == "offered":
        offer = await store.open_offer_of(tx.conn, item.id)
        if offer is not None and offer.agent_id == tx.actor.id:
            return await accept(tx, OfferBody(offer_id=offer.id))
        raise Conflict("offered_elsewhere")
    if item.state not in {"waiting", "scheduled"}:
        raise AlreadyTaken(owner=item.owner_id)
    await work.hold(tx, item, tx.actor.id, how="taken", event="take")
    return item_answer(item)


class AssignBody(Body):
    """An item and who shall have it."""

    item_id: str = ItemId
    user_id: str = Field(max_length=36)
    reason: str | None = OptionalText


@verb("work.assign", action="work.assign")
async def assign(tx: Tx, body: AssignBody) -> Answer:
    """Give an item to somebody, whoever has it now (supervisors)."""
    item = await work.load(tx, body.item_id, "work.assign")
    await check_can_hold(tx, body.user_id)
    if item.owner_id == body.user_id:
        return item_answer(item)
    await work.hold(tx, item, body.user_id, how="assigned", event="assign")
    return item_answer(item)


class TakeOverBody(Body):
    """An item a supervisor takes from its holder."""

    item_id: str = ItemId
    reason: str = Field(min_length=3, max_length=300)


@verb("work.take_over", action="work.take_over")
async def take_over(tx: Tx, body: TakeOverBody) -> Answer:
    """Take an item from its holder, leaving a note that everybody in the conversation sees (supervisors)."""
    item = await work.load(tx, body.item_id, "work.take_over")
    if item.owner_id == tx.actor.id:
        return item_answer(item)
    held = item.state == "held"
    await work.hold(tx, item, tx.actor.id, how="take_over", event="take_over" if held else "assign")
    if item.conversation_id:
        await conversations.add_message(
            tx, item.conversation_id, "note", tx.actor.id, body.reason, code="taken_over", data={"from": item.owner_id}
        )
    await office.log_access(tx, "work.take_over", "work_item", item.id, body.reason)
    return item_answer(item)


async def check_can_hold(tx: Tx, user_id: str) -> None:
    user = await people.find(tx.conn, user_id)
    if user is None or user.disabled_at is not None or not {"agent", "supervisor", "area"} & set(user.roles):
        raise Invalid("invalid", fields={"user_id": "unknown"})


class CloseBody(Body):
    """How a conversation ends."""

    conversation_id: str = Field(max_length=36)
    epoch: int = Epoch
    how: Literal["closed", "abuse", "spam"] = "closed"


@verb("conversation.close", action="conversation.close")
async def close(tx: Tx, body: CloseBody) -> Answer:
    """End a conversation; its item goes to wrap-up.

    Abuse needs a warning before, and a crisis never ends as abuse or spam.
    """
    row, item = await conversations.load(tx, body.conversation_id, "conversation.close")
    if item is None:
        raise Conflict("conversation_closed")
    if row.channel == "phone":
        raise Conflict("call_in_progress")
    await work.load(tx, item.id, "work.wrap_up", epoch=body.epoch)
    await _close(tx, row, item, body.how)
    return item_answer(item)


async def _close(tx: Tx, row: Any, item: Any, how: str) -> None:
    event = {"closed": "close"}.get(how, how)
    facts = Facts(by=_by(tx), crisis=conversations.is_crisis(row.flags), warned="abuse" in row.flags)
    state = step(CONVERSATION, ConversationState(row.state), event, facts)
    await finish_conversation(tx, row, state, by=tx.actor.id)
    await work.end(tx, item)
    if row.channel == "phone":  # words were said, not written
        return
    if how == "abuse":
        await conversations.say(tx, row, "closed", "abuso_cierre")
    elif how == "closed":
        await conversations.say(tx, row, "closed", "cierre")
        await survey.offer(tx, row)


async def finish_conversation(tx: Tx, row: Any, state: ConversationState, *, by: str) -> None:
    """Write the end of a conversation and of its interaction; its capture is due from now."""
    await chat_store.change(tx.conn, row.id, state=state.value, is_open=False, closed_at=tx.now, closed_by=by)
    await store.change_interaction(tx.conn, row.id, ended_at=tx.now)
    tx.emit("conversation.changed", conversation=row.id)


class CaptureBody(Body):
    """How a contact is accounted for."""

    item_id: str = ItemId
    epoch: int = Epoch
    disposition: str = Field(max_length=40)
    no_petition_reason: str | None = Field(default=None, max_length=40)
    note: str | None = OptionalText
    topic: str | None = Field(default=None, max_length=10)


@verb("work.capture", action="work.wrap_up")
async def capture(tx: Tx, body: CaptureBody) -> Answer:
    """Save how a contact is accounted for, now or late: an item whose wrap-up ran out is captured from its finding."""
    item = await store.get_item(tx.conn, body.item_id)
    if item is None:
        raise Missing
    if item.state == "done":
        interaction = await store.get_interaction(tx.conn, item.interaction_id)
        listed = await capture_store.finding_holders(tx.conn, item.interaction_id)
        if interaction is None or tx.actor.id not in {interaction.agent_id, *listed}:
            raise Missing
    else:
        item = await work.load(tx, body.item_id, "work.wrap_up", epoch=body.epoch)
    await _capture(tx, item, body, draft=item.state == "held")
    tx.emit("work.changed", item=item.id, conversation=item.conversation_id, user=item.owner_id, queue=item.queue_id)
    return item_answer(item)


@verb("work.finish", action="work.wrap_up")
async def finish(tx: Tx, body: CaptureBody) -> Answer:
    """Close if still open, capture, and leave wrap-up. Raises Invalid `capture_incomplete` and changes nothing."""
    item = await work.load(tx, body.item_id, "work.wrap_up", epoch=body.epoch)
    if await call_store.open_of(tx.conn, item.interaction_id) is not None:
        raise Conflict("call_in_progress")
    await _capture(tx, item, body)
    if item.state == "held" and item.conversation_id:
        row = await chat_store.get(tx.conn, item.conversation_id)
        assert row is not None
        await _close(tx, row, item, _HOW.get(body.disposition, "closed") if row.channel != "phone" else "closed")
        item = await store.get_item(tx.conn, item.id)
    elif item.state == "held":
        await work.end(tx, item)
        await store.change_interaction(tx.conn, item.interaction_id, ended_at=tx.now)
        item = await store.get_item(tx.conn, item.id)
    assert item is not None
    await leave_wrap_up(tx, item, "finish")
    await work.clear_alerts(tx, item.interaction_id, ("crisis",))
    return item_answer(item)


_HOW = {"spam": "spam", "abuse": "abuse"}


async def leave_wrap_up(tx: Tx, item: Any, event: str) -> None:
    """Free the agent of an item in wrap-up."""
    step(WORK, WorkState(item.state), event, Facts(by=_by(tx), captured=True))
    moved = await store.move_item(
        tx.conn,
        item.id,
        epoch=item.epoch,
        states=["wrap_up"],
        state="done",
        owner_id=None,
        since=tx.now,
        done_at=tx.now,
        wrap_until=None,
    )
    if not moved:
        raise Conflict
    await store.end_wrap_up(tx.conn, item.id, epoch=item.epoch, now=tx.now)
    await store.change_status(tx.conn, item.owner_id, idle_since=tx.now)
    await work.tell_finished(tx, item)
    tx.emit("work.finished", item=item.id, conversation=item.conversation_id, queue=item.queue_id, also=[item.owner_id])
    tx.emit("agent.changed", user=item.owner_id)


async def _capture(tx: Tx, item: Any, body: CaptureBody, *, draft: bool = False) -> None:
    await captures.capture(
        tx,
        item.interaction_id,
        disposition=body.disposition,
        no_petition_reason=body.no_petition_reason,
        note=body.note,
        topic=body.topic,
        by=tx.actor.id,
        draft=draft,
    )


def _by(tx: Tx) -> frozenset[Any]:
    return lifecycle.by_of(tx.actor.kind, tx.actor.roles)


def item_answer(item: Any) -> Answer:
    return {"item": {"id": item.id, "conversation": item.conversation_id}}
