"""Passing a contact on: to a queue, an area or a person, and back. History and the original waiting time travel."""

from typing import Any, Literal

from pydantic import Field

from contact_center.actions import conversations, office, work
from contact_center.actions.desk import Epoch, ItemId, OptionalText, check_can_hold, item_answer
from contact_center.actions.kernel import Answer, Body, Tx, verb
from contact_center.errors import Conflict, Invalid
from contact_center.rules.catalogues import TRANSFER_REASONS
from contact_center.store import calls as call_store
from contact_center.store import conversations as chat_store
from contact_center.store import work as store

_TRANSFER_REASONS = frozenset(reason.code for reason in TRANSFER_REASONS)


class TransferBody(Body):
    """Where an item goes, and why."""

    item_id: str = ItemId
    epoch: int = Epoch
    to_kind: Literal["queue", "user", "area"]
    to_id: str = Field(max_length=36)
    reason: str = Field(max_length=40)
    note: str | None = OptionalText


@verb("work.transfer", action="work.transfer")
async def transfer(tx: Tx, body: TransferBody) -> Answer:
    """Pass an item on to a queue, an area or a person, with history and original waiting time.

    Raises Conflict `target_closed`, `target_absent`, `same_target`; the item then stays where it is.
    """
    item = await work.load(tx, body.item_id, "work.transfer", epoch=body.epoch)
    if body.reason not in _TRANSFER_REASONS:
        raise Invalid("invalid", fields={"reason": "unknown"})
    if item.state != "held":
        raise Conflict("not_held")
    await _check_no_line(tx, item)
    await pass_on(tx, item, body)
    return item_answer(item)


async def _check_no_line(tx: Tx, item: Any) -> None:
    """Raise Conflict while somebody is on the line: it moves by `call.transfer`, and is not put down."""
    if await call_store.open_of(tx.conn, item.interaction_id) is not None:
        raise Conflict("call_in_progress")


async def pass_on(tx: Tx, item: Any, body: TransferBody, *, kind: str | None = None, pending: Any | None = None) -> str:
    """Move a held item to where `body` says, on record; return the transfer's id.

    `pending` is the row of a transfer that was asked for before and is now going through.
    """
    queue, direct = await _target(tx, item, body)
    options = await tx.options()
    origin = item.owner_id
    transfer_id = tx.ids.new() if pending is None else pending.id
    if pending is None:
        await store.add_transfer(
            tx.conn,
            {
                "id": transfer_id,
                "kind": kind,
                "interaction_id": item.interaction_id,
                "work_item_id": item.id,
                "from_agent_id": origin,
                "from_queue_id": item.queue_id,
                "to_queue_id": queue.id,
                "to_agent_id": direct,
                "to_area_id": queue.area_id,
                "reason": body.reason,
                "note": body.note,
                "at": tx.now,
            },
        )
    if item.conversation_id:
        row = await chat_store.get(tx.conn, item.conversation_id)
        if body.note and pending is None:
            await conversations.add_message(
                tx,
                item.conversation_id,
                "note",
                tx.actor.id,
                body.note,
                code="transfer_note",
                data={"reason": body.reason},
            )
        if item.channel != "phone":
            await conversations.say(tx, row, "transfer", "transferencia", area_destino=queue.name)
    await work.put_back(
        tx,
        item,
        event="transfer",
        how="transferred",
        queue_id=queue.id,
        direct_agent_id=direct,
        preferred_agent_id=None,
        from_agent_id=origin,
        transfers=item.transfers + 1,
    )
    if item.transfers + 1 > options.transfer_loop:
        await work.alert(
            tx, "transfer_loop", subject=item.id, item=item.id, level="warning", data={"transfers": item.transfers + 1}
        )
    return transfer_id


async def _target(tx: Tx, item: Any, body: TransferBody) -> tuple[Any, str | None]:
    """Return the queue an item goes to and, when it is meant for one person, who."""
    if body.to_kind == "user":
        if body.to_id == item.owner_id:
            raise Conflict("same_target")
        await check_can_hold(tx, body.to_id)
        status = await store.get_status(tx.conn, body.to_id)
        if status is None or status.state != "available":
            raise Conflict("target_absent")
        queue = await store.get_queue(tx.conn, item.queue_id)
        return queue, body.to_id
    if body.to_kind == "queue":
        queue = await store.get_queue(tx.conn, body.to_id)
    else:
        queue = next((one for one in await store.all_queues(tx.conn) if one.area_id == body.to_id), None)
    if queue is None or queue.closed_at is not None:
        raise Invalid("invalid", fields={"to_id": "unknown"})
    if queue.id == item.queue_id:
        raise Conflict("same_target")
    if not (await office.opening(tx, queue.id)).is_open and not conversations.is_crisis(item.flags):
        raise Conflict("target_closed")
    return queue, None


class MoveBody(Body):
    """An item that its holder gives back."""

    item_id: str = ItemId
    epoch: int = Epoch
    reason: str | None = OptionalText


@verb("work.return", action="work.transfer")
async def give_back(tx: Tx, body: MoveBody) -> Answer:
    """Send a transferred item back to who sent it. Raises Conflict `not_transferred`."""
    item = await work.load(tx, body.item_id, "work.transfer", epoch=body.epoch)
    last = await store.last_transfer(tx.conn, item.id)
    if last is None or item.state != "held" or last.from_agent_id in (None, tx.actor.id):
        raise Conflict("not_transferred")
    await _check_no_line(tx, item)
    await store.answer_transfer(tx.conn, last.id, answer="returned", now=tx.now)
    if body.reason and item.conversation_id:
        await conversations.add_message(tx, item.conversation_id, "note", tx.actor.id, body.reason, code="returned")
    await work.put_back(
        tx,
        item,
        event="transfer",
        how="returned",
        queue_id=last.from_queue_id,
        direct_agent_id=last.from_agent_id,
        from_agent_id=tx.actor.id,
    )
    return item_answer(item)


@verb("work.release", action="work.transfer")
async def release(tx: Tx, body: MoveBody) -> Answer:
    """Give an item back to the head of its queue."""
    item = await work.load(tx, body.item_id, "work.transfer", epoch=body.epoch)
    if item.state != "held":
        raise Conflict("not_held")
    await _check_no_line(tx, item)
    if body.reason and item.conversation_id:
        await conversations.add_message(tx, item.conversation_id, "note", tx.actor.id, body.reason, code="released")
    await work.put_back(tx, item, event="release", how="released", from_agent_id=tx.actor.id)
    return item_answer(item)
