"""An item that shall wait for an hour of its own: from wherever it is, back to scheduled or to its end."""

from datetime import datetime
from typing import Any

from contact_center.actions import work
from contact_center.actions.kernel import Tx
from contact_center.errors import StaleOwner
from contact_center.rules.lifecycle import WORK, Facts, step
from contact_center.rules.model import ActorKind, ConversationState, WorkState
from contact_center.store import conversations as chat_store
from contact_center.store import work as store

_SYSTEM: frozenset[Any] = frozenset({ActorKind.system})


async def schedule(tx: Tx, item: Any, due_at: datetime, *, how: str) -> None:
    """Let an item wait for an instant, whoever has it now: an offer is withdrawn, a holder freed, a wrap-up left.

    Raises IllegalMove from the end of an item, StaleOwner when it moved meanwhile.
    """
    step(WORK, WorkState(item.state), "reschedule", Facts(by=_SYSTEM))
    also = [item.owner_id] if item.owner_id else []
    if item.state == "offered":
        offer = await store.open_offer_of(tx.conn, item.id)
        if offer is not None:
            await store.settle_offer(tx.conn, offer.id, state="withdrawn", now=tx.now, answer="rescheduled")
            also.append(offer.agent_id)
    moved = await store.move_item(
        tx.conn,
        item.id,
        epoch=item.epoch,
        states=[item.state],
        new_epoch=item.epoch + 1,
        state="scheduled",
        owner_id=None,
        since=tx.now,
        due_at=due_at,
        wrap_until=None,
        direct_agent_id=None,
        direct_until=None,
        skipped=None,
        declined=[],
    )
    if not moved:
        raise StaleOwner
    if item.owner_id is not None:
        await store.end_segment(tx.conn, item.id, now=tx.now, how=how)
        if item.state == "wrap_up":
            await store.end_wrap_up(tx.conn, item.id, epoch=item.epoch, now=tx.now)
        await store.change_status(tx.conn, item.owner_id, idle_since=tx.now)
    await _reopen(tx, item)
    await work.clear_alerts(tx, item.id, ("long_wait", "unanswered_offers"))
    tx.emit("work.released", item=item.id, conversation=item.conversation_id, queue=item.queue_id, also=also, how=how)
    for one in also:
        tx.emit("agent.changed", user=one)


async def _reopen(tx: Tx, item: Any) -> None:
    """The thread of an item that waits again is in line, not with anybody."""
    if item.conversation_id is None:
        return
    values = {"state": ConversationState.queued.value, "is_open": True, "closed_at": None, "closed_by": None}
    await chat_store.change(tx.conn, item.conversation_id, **values)
    await store.change_interaction(tx.conn, item.interaction_id, ended_at=None)
    tx.emit("conversation.changed", conversation=item.conversation_id)


async def finish_unheld(tx: Tx, item: Any, *, how: str) -> None:
    """End an item for good, whoever has it: what it was for is over."""
    if item.state == "done":
        return
    if item.state in {"held", "wrap_up"}:
        await schedule(tx, item, tx.now, how=how)
        fresh = await store.get_item(tx.conn, item.id)
        assert fresh is not None
        item = fresh
    await work.drop(tx, item)
    await chat_store.change(
        tx.conn, item.interaction_id, state="abandoned", is_open=False, closed_at=tx.now, closed_by="system"
    )
    await store.change_interaction(tx.conn, item.interaction_id, ended_at=tx.now)
    tx.emit("conversation.changed", conversation=item.interaction_id)
