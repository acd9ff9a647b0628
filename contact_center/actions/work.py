"""Ownership of work items: offered, accepted, taken, moved on, given back. One row, compared and set, with an epoch.

Every change of hands raises the epoch; whoever held it before can change nothing (PROMISES P11). The original time of
arrival travels with the item, so whatever comes back to a queue is at its head.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from contact_center.actions import office
from contact_center.actions.kernel import Tx
from contact_center.errors import AlreadyTaken, IllegalMove, Missing, StaleOwner
from contact_center.rules import lifecycle
from contact_center.rules.access import Scope
from contact_center.rules.lifecycle import CONVERSATION, WORK, Facts, step
from contact_center.rules.model import ActorKind, ConversationState, WorkState
from contact_center.store import conversations as chat_store
from contact_center.store import work as store

_SYSTEM: frozenset[Any] = frozenset({ActorKind.system})

Held = Callable[[Tx, Any, str], Awaitable[None]]
Finished = Callable[[Tx, Any], Awaitable[None]]
_WHEN_HELD: dict[str, Held] = {}
_WHEN_FINISHED: dict[str, Finished] = {}


def when_held(kind: str) -> Callable[[Held], Held]:
    """Register what else happens when somebody takes an item of a kind: a call is brought to them."""
    return lambda run: _WHEN_HELD.setdefault(kind, run)


def when_finished(kind: str) -> Callable[[Finished], Finished]:
    """Register what else happens when an item of a kind is captured and left."""
    return lambda run: _WHEN_FINISHED.setdefault(kind, run)


async def tell_finished(tx: Tx, item: Any) -> None:
    """Do what an item of this kind asks for when it is finished."""
    if item.kind in _WHEN_FINISHED:
        await _WHEN_FINISHED[item.kind](tx, item)


async def enqueue(
    tx: Tx,
    row: Any,
    *,
    kind: str,
    preferred: str | None = None,
    due_at: datetime | None = None,
    flags: Sequence[str] = (),
    priority: str = "normal",
) -> str:
    """Make the work item of a conversation: waiting, or scheduled for an instant. Returns its id."""
    item_id = tx.ids.new()
    state = step(WORK, None, "schedule" if due_at else "enqueue", Facts(by=_SYSTEM))
    await store.add_item(
        tx.conn,
        {
            "id": item_id,
            "kind": kind,
            "interaction_id": row.id,
            "conversation_id": row.id,
            "channel": row.channel,
            "direction": "inbound",
            "queue_id": row.queue_id,
            "state": state.value,
            "priority": priority,
            "flags": list(flags or row.flags),
            "skills": [],
            "enqueued_at": tx.now,
            "queued_at": tx.now,
            "since": tx.now,
            "due_at": due_at,
            "preferred_agent_id": preferred,
            "visited_queue_ids": [],
            "declined": [],
        },
    )
    tx.emit("work.queued", item=item_id, conversation=row.id, queue=row.queue_id)
    return item_id


async def escalate(tx: Tx, item: Any, flags: Sequence[str]) -> None:
    """Bring an item to the head of the line, now."""
    values: dict[str, Any] = {"flags": list(flags), "priority": "critical"}
    if item.state == "scheduled":
        values |= {"state": "waiting", "since": tx.now, "due_at": None, "kind": "conversation"}
    await store.change_item(tx.conn, item.id, **values)
    tx.emit("work.flagged", item=item.id, conversation=item.conversation_id, user=item.owner_id, queue=item.queue_id)


async def alert(tx: Tx, kind: str, *, subject: str, item: str | None, level: str, data: Mapping[str, Any]) -> None:
    """Ring for the supervisors, once for as long as the alert is open."""
    alert_id = tx.ids.new()
    values = {
        "id": alert_id,
        "kind": kind,
        "subject": subject,
        "work_item_id": item,
        "level": level,
        "data": dict(data),
    }
    if await store.raise_alert(tx.conn, {**values, "at": tx.now}):
        tx.emit("alert.raised", item=item, alert=alert_id)


async def clear_alerts(tx: Tx, subject: str, kinds: Sequence[str]) -> None:
    for alert_id in await store.clear_alerts(tx.conn, subject, tx.now, kinds):
        tx.emit("alert.cleared", alert=alert_id)


def scope_of(item: Any, *, offered_to: str | None = None) -> Scope:
    """Return the facts that decide who may touch a work item."""
    return Scope(
        owner_id=item.owner_id or offered_to,
        queue_ids=frozenset({item.queue_id}),
        restricted=False,
        waiting=item.state in {"waiting", "offered", "scheduled"},
    )


async def load(tx: Tx, item_id: str, action: str, *, epoch: int | None = None) -> Any:
    """Return an item the actor may do `action` to. Raises Missing, or StaleOwner for another epoch."""
    item = await store.get_item(tx.conn, item_id)
    if item is None:
        raise Missing
    if epoch is not None and (
        item.epoch != epoch or (item.owner_id not in (None, tx.actor.id) and not _supervises(tx))
    ):
        raise StaleOwner(owner=item.owner_id, epoch=item.epoch)
    tx.check_visible(action, scope_of(item))
    return item


def _supervises(tx: Tx) -> bool:
    return any(role.value == "supervisor" for role in tx.actor.roles)


async def hold(tx: Tx, item: Any, agent_id: str, *, how: str, event: str) -> None:
    """Give an item to an agent: new epoch, new segment, the conversation assigned.

    Raises AlreadyTaken when it moved meanwhile.
    """
    by = _SYSTEM if tx.actor.kind is ActorKind.system else lifecycle.by_of(tx.actor.kind, tx.actor.roles)
    step(WORK, WorkState(item.state), event, Facts(by=by, in_time=True))
    epoch = item.epoch + 1
    moved = await store.move_item(
        tx.conn,
        item.id,
        epoch=item.epoch,
        states=[item.state],
        state="held",
        owner_id=agent_id,
        new_epoch=epoch,
        since=tx.now,
        direct_agent_id=None,
        direct_until=None,
        skipped=None,
        due_at=None,
    )
    if not moved:
        raise AlreadyTaken
    if item.owner_id is not None:
        await store.end_segment(tx.conn, item.id, now=tx.now, how=_ENDED.get(how, "reassigned"))
        await store.change_status(tx.conn, item.owner_id, idle_since=tx.now)
        tx.emit("agent.changed", user=item.owner_id)
    offer = await store.open_offer_of(tx.conn, item.id)
    if offer is not None:
        await store.settle_offer(tx.conn, offer.id, state="withdrawn", now=tx.now, answer=how)
    await store.add_segment(
        tx.conn,
        {
            "id": tx.ids.new(),
            "interaction_id": item.interaction_id,
            "work_item_id": item.id,
            "agent_id": agent_id,
            "queue_id": item.queue_id,
            "epoch": epoch,
            "started_at": tx.now,
            "how": how,
        },
    )
    await store.change_interaction(tx.conn, item.interaction_id, agent_id=agent_id)
    pending = await store.pending_transfer(tx.conn, item.id)
    if pending is not None:
        await store.answer_transfer(
            tx.conn, pending.id, answer="returned" if agent_id == pending.from_agent_id else "accepted", now=tx.now
        )
    if item.conversation_id:
        moved_on = "hand_over" if event == "hand_over" else "reassign"
        await _step_conversation(tx, item.conversation_id, "assign" if item.owner_id is None else moved_on)
    await clear_alerts(tx, item.id, ("long_wait", "unanswered_offers"))
    also = [one for one in (item.owner_id, offer.agent_id if offer else None) if one and one != agent_id]
    tx.emit(
        f"work.{_PAST.get(how, how)}",
        item=item.id,
        conversation=item.conversation_id,
        user=agent_id,
        queue=item.queue_id,
        also=also,
        how=how,
    )
    tx.emit("conversation.changed", conversation=item.conversation_id)
    tx.emit("agent.changed", user=agent_id)
    if item.kind in _WHEN_HELD:
        await _WHEN_HELD[item.kind](tx, item, agent_id)


_PAST = {"offer": "accepted", "take_over": "assigned", "handed_over": "transferred"}
_ENDED = {"take_over": "taken_over", "handed_over": "transferred"}


async def put_back(tx: Tx, item: Any, *, event: str, how: str, queue_id: str | None = None, **values: Any) -> None:
    """Take an item from its holder and let it wait again, at its original place; the history travels."""
    by = _SYSTEM if event == "release" else lifecycle.by_of(tx.actor.kind, tx.actor.roles)
    step(WORK, WorkState(item.state), event, Facts(by=by))
    target = queue_id or item.queue_id
    moved = await store.move_item(
        tx.conn,
        item.id,
        epoch=item.epoch,
        states=["held"],
        state="waiting",
        owner_id=None,
        new_epoch=item.epoch + 1,
        since=tx.now,
        queue_id=target,
        queued_at=tx.now if target != item.queue_id else item.queued_at,
        declined=[],
        **values,
    )
    if not moved:
        raise StaleOwner
    await store.end_segment(tx.conn, item.id, now=tx.now, how=how)
    await store.change_status(tx.conn, item.owner_id, idle_since=tx.now)
    if item.conversation_id:
        await _step_conversation(tx, item.conversation_id, event)
    tx.emit(
        f"work.{_BACK.get(how, how)}",
        item=item.id,
        conversation=item.conversation_id,
        queue=target,
        also=[item.owner_id],
        from_queue=item.queue_id,
        how=how,
    )
    tx.emit("conversation.changed", conversation=item.conversation_id)
    tx.emit("agent.changed", user=item.owner_id)


_BACK = {
    "agent_gone": "released",
    "no_first_reply": "released",
    "device_failed": "released",
    "line_lost": "released",
}


async def _step_conversation(tx: Tx, conversation_id: str, event: str) -> None:
    row = await chat_store.get(tx.conn, conversation_id)
    assert row is not None
    by = {
        "assign": _SYSTEM,
        "release": _SYSTEM,
    }.get(event, lifecycle.by_of(tx.actor.kind, tx.actor.roles))
    state = step(CONVERSATION, ConversationState(row.state), event, Facts(by=by))
    values: dict[str, Any] = {"state": state.value}
    if event == "assign" and row.queued_at is None:
        values["queued_at"] = tx.now
    await chat_store.change(tx.conn, conversation_id, **values)


async def end(tx: Tx, item: Any, *, by_system: bool = False) -> None:
    """Bring a held item to wrap-up, with its clock."""
    by = _SYSTEM if by_system else lifecycle.by_of(tx.actor.kind, tx.actor.roles)
    step(WORK, WorkState(item.state), "end", Facts(by=by))
    queue = await store.get_queue(tx.conn, item.queue_id)
    assert queue is not None
    moved = await store.move_item(
        tx.conn,
        item.id,
        epoch=item.epoch,
        states=["held"],
        state="wrap_up",
        since=tx.now,
        wrap_until=office.after(tx.now, queue.wrap_up_s),
    )
    if not moved:
        raise StaleOwner
    await store.end_segment(tx.conn, item.id, now=tx.now, how="closed")
    tx.emit("work.wrap_up", item=item.id, conversation=item.conversation_id, user=item.owner_id, queue=item.queue_id)
    tx.emit("agent.changed", user=item.owner_id)


async def drop(tx: Tx, item: Any) -> None:
    """End an item nobody holds: its citizen left, or the house answered by itself."""
    if item.state not in {"scheduled", "waiting", "offered"}:
        raise IllegalMove(state=item.state)
    offer = await store.open_offer_of(tx.conn, item.id)
    if offer is not None:
        await store.settle_offer(tx.conn, offer.id, state="withdrawn", now=tx.now, answer="gone")
    moved = await store.move_item(
        tx.conn, item.id, epoch=item.epoch, states=[item.state], state="done", done_at=tx.now, since=tx.now
    )
    if not moved:
        raise StaleOwner
    await clear_alerts(tx, item.id, ("long_wait", "unanswered_offers"))
    also = [offer.agent_id] if offer else []
    tx.emit("work.finished", item=item.id, conversation=item.conversation_id, queue=item.queue_id, also=also)
