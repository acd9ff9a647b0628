"""Passing a call on: to a queue, an area or a person, cold or after a word with them, or to a number outside.

A transfer is a row with its answer (DOMAIN §2.1 «Transferencia interna»); the call counts once, whoever it went to.
"""

from typing import Any, Final, Literal

from pydantic import Field

from contact_center.actions import call_orders, calls, office, phone, transfers
from contact_center.actions.desk import Epoch, ItemId, OptionalText, check_can_hold
from contact_center.actions.kernel import Answer, Body, Tx, verb
from contact_center.errors import Conflict, Invalid, Missing
from contact_center.rules.calls import CallState, EventKind, Mode, OrderKind
from contact_center.rules.catalogues import TRANSFER_REASONS
from contact_center.rules.lifecycle import CALL, Facts, by_of, step
from contact_center.store import calls as call_store
from contact_center.store import work as store

_REASONS: Final = {one.code: one for one in TRANSFER_REASONS}
Answered = Literal["accepted", "refused", "no_answer"]


class TransferCall(Body):
    """Where a call goes. A warm transfer of a desk phone without `answer` waits for `call.transfer_answer`."""

    item_id: str = ItemId
    epoch: int = Epoch
    kind: Literal["cold", "warm"]
    to_kind: Literal["queue", "area", "user", "outside"]
    to_id: str | None = Field(default=None, max_length=36)
    number: str | None = Field(default=None, max_length=60)
    reason: str = Field(max_length=40)
    note: str | None = OptionalText
    answer: Answered | None = None


@verb("call.transfer", action="work.transfer")
async def transfer(tx: Tx, body: TransferCall) -> Answer:
    """Pass a call on. What was refused stays with the actor, on record.

    Raises Invalid `fields`, Conflict `target_closed`, `target_absent`, `same_target`, `call_over`.
    """
    item, call = await phone.load_call(tx, body.item_id, body.epoch)
    step(CALL, CallState(call.state), "transfer", Facts(by=by_of(tx.actor.kind, tx.actor.roles)))
    _check(body)
    if call.mode == Mode.browser and (body.kind == "warm" or body.to_kind == "outside"):
        await _consult(tx, item, call, body)
    elif body.kind == "warm" and body.answer is None:
        await _ask(tx, item, call, body)
    elif body.answer in ("refused", "no_answer"):
        await _record(tx, item, body, answer=body.answer)
        tx.emit(
            "work.changed", item=item.id, conversation=item.conversation_id, user=item.owner_id, queue=item.queue_id
        )
    else:
        await _go(tx, item, call, body)
    return phone.answer_of(item, call.id)


def _check(body: TransferCall) -> None:
    wrong: dict[str, str] = {}
    reason = _REASONS.get(body.reason)
    if reason is None:
        wrong["reason"] = "unknown"
    elif reason.needs_note and not (body.note or "").strip():
        wrong["note"] = "required"
    if body.to_kind == "outside" and not (body.number or "").strip():
        wrong["number"] = "required"
    if body.to_kind != "outside" and not body.to_id:
        wrong["to_id"] = "required"
    if wrong:
        raise Invalid("invalid", fields=wrong)


async def _ask(tx: Tx, item: Any, call: Any, body: TransferCall) -> None:
    """The agent is talking to the other side; the citizen waits on the line."""
    transfer_id = await _record(tx, item, body, answer=None)
    data = {"kind": body.kind, "to_kind": body.to_kind, "to": body.to_id, "transfer": transfer_id}
    await calls.add_facts(
        tx, call, [calls.fact_now(tx, EventKind.transferring, key=f"transferring:{transfer_id}", data=data)]
    )


async def _consult(tx: Tx, item: Any, call: Any, body: TransferCall) -> None:
    """Let the provider call the other side while the citizen hears music.

    A cold transfer outside is the same, and goes through by itself as soon as somebody answers there; when nobody
    does, the agent still has the citizen. Raises Conflict `target_absent`, `target_closed`.
    """
    whom: dict[str, Any] = {}
    if body.to_kind == "outside":
        number = phone.read_number(body.number)
        phone.check_dialled(number)
        whom["number"] = number.e164
    else:
        whom["user"] = await _colleague(tx, item, body)
    asked = body.model_copy(update={"answer": None})
    transfer_id = await _record(tx, item, asked, answer=None, to_agent=whom.get("user"))
    data = {"kind": body.kind, "to_kind": body.to_kind, "to": whom.get("user"), "transfer": transfer_id}
    key = f"transferring:{transfer_id}"
    await calls.add_facts(tx, call, [calls.fact_now(tx, EventKind.transferring, key=key, data=data)])
    then = {"then": "leave"} if body.kind == "cold" else {}
    await call_orders.ask(tx, call, OrderKind.consult, by=tx.actor.id, transfer=transfer_id, **whom, **then)
    if "user" in whom:
        tx.emit("work.changed", item=item.id, conversation=item.conversation_id, also=[whom["user"]])


async def _colleague(tx: Tx, item: Any, body: TransferCall) -> str:
    """Return who is rung for a word: the person named, or whoever of the queue or area has been free the longest."""
    if body.to_kind == "user":
        if body.to_id == item.owner_id:
            raise Conflict("same_target")
        await check_can_hold(tx, body.to_id or "")
        status = await store.get_status(tx.conn, body.to_id or "")
        if status is None or status.state != "available" or status.phone_at is None:
            raise Conflict("target_absent")
        return str(body.to_id)
    queue_id = body.to_id
    if body.to_kind == "area":
        area = next((one for one in await store.all_queues(tx.conn) if one.area_id == body.to_id), None)
        queue_id = None if area is None else area.id
    if queue_id is None or await store.get_queue(tx.conn, queue_id) is None:
        raise Invalid("invalid", fields={"to_id": "unknown"})
    if not (await office.opening(tx, queue_id)).is_open:
        raise Conflict("target_closed")
    found = await call_store.free_device(tx.conn, queue_id, seen_after=office.before(tx.now, 20), but=item.owner_id)
    if found is None:
        raise Conflict("target_absent")
    return found


async def _record(tx: Tx, item: Any, body: TransferCall, *, answer: str | None, to_agent: str | None = None) -> str:
    """Write a transfer down without moving the call. Raises Conflict `same_target`."""
    transfer_id = tx.ids.new()
    to_queue, to_area = None, None
    if body.to_kind == "queue":
        queue = await store.get_queue(tx.conn, body.to_id or "")
        if queue is None:
            raise Invalid("invalid", fields={"to_id": "unknown"})
        to_queue, to_area = queue.id, queue.area_id
    elif body.to_kind == "area":
        to_area = body.to_id
    elif body.to_kind == "user" and body.to_id == item.owner_id:
        raise Conflict("same_target")
    number = phone.read_number(body.number).e164 if body.to_kind == "outside" else None
    await store.add_transfer(
        tx.conn,
        {
            "id": transfer_id,
            "interaction_id": item.interaction_id,
            "work_item_id": item.id,
            "from_agent_id": item.owner_id,
            "from_queue_id": item.queue_id,
            "to_queue_id": to_queue,
            "to_agent_id": to_agent or (body.to_id if body.to_kind == "user" else None),
            "to_area_id": to_area,
            "to_number": number,
            "kind": body.kind,
            "reason": body.reason,
            "note": body.note,
            "at": tx.now,
            "answer": answer,
            "answered_at": tx.now if answer else None,
        },
    )
    return transfer_id


async def _go(tx: Tx, item: Any, call: Any, body: TransferCall, *, pending: Any | None = None) -> None:
    """Let the call go to where it was sent; outside the house our part ends."""
    owner = item.owner_id
    left = calls.fact_now(tx, EventKind.left, leg=owner, user_id=owner)
    if body.to_kind == "outside":
        phone.check_dialled(phone.read_number(body.number))
        if pending is None:
            await _record(tx, item, body, answer="accepted")
        ended = calls.fact_now(tx, EventKind.ended, key="ended", data={"how": "completed", "by": "agent"})
        await calls.add_facts(tx, call, [left, ended])
        return
    known = await call_store.facts(tx.conn, [call.id])
    is_asked = any(one.kind is EventKind.transferring for one in known[call.id]) and pending is not None
    passed = transfers.TransferBody(
        item_id=body.item_id,
        epoch=body.epoch,
        to_kind=body.to_kind,
        to_id=body.to_id or "",
        reason=body.reason,
        note=body.note,
    )
    transfer_id = await transfers.pass_on(tx, item, passed, kind=body.kind, pending=pending)
    facts = [] if call.mode == Mode.browser else [left]
    if not is_asked:
        data = {"kind": body.kind, "to_kind": body.to_kind, "to": body.to_id, "transfer": transfer_id}
        facts.append(calls.fact_now(tx, EventKind.transferring, key=f"transferring:{transfer_id}", data=data))
    await calls.add_facts(tx, call, facts)
    if call.mode == Mode.browser:
        await call_orders.ask(tx, call, OrderKind.requeue, by=owner, user=owner)


class TransferAnswer(Body):
    """What the other side of a warm transfer said."""

    item_id: str = ItemId
    epoch: int = Epoch
    answer: Answered


@verb("call.transfer_answer", action="work.transfer")
async def answer_transfer(tx: Tx, body: TransferAnswer) -> Answer:
    """Say what the other side said: the call goes there, or stays. Raises Conflict `not_transferring`."""
    item, call = await phone.load_call(tx, body.item_id, body.epoch)
    pending = await store.pending_transfer(tx.conn, item.id)
    if pending is None or call.state != CallState.transferring:
        raise Conflict("not_transferring")
    if call.mode == Mode.browser:
        raise Conflict("by_provider")  # `call.consult` says it there
    if body.answer == "accepted":
        kind = "user" if pending.to_agent_id else "queue" if pending.to_queue_id else "area"
        target = TransferCall(
            item_id=item.id,
            epoch=body.epoch,
            kind="warm",
            to_kind="outside" if pending.to_number else kind,
            to_id=pending.to_agent_id or pending.to_queue_id or pending.to_area_id,
            number=pending.to_number,
            reason=pending.reason,
            note=pending.note,
        )
        if pending.to_number:
            await store.answer_transfer(tx.conn, pending.id, answer="accepted", now=tx.now)
        await _go(tx, item, call, target, pending=pending)
    else:
        await store.answer_transfer(tx.conn, pending.id, answer=body.answer, now=tx.now)
        data = {"how": body.answer}
        key = f"transferred:{pending.id}"
        await calls.add_facts(tx, call, [calls.fact_now(tx, EventKind.transferred, key=key, data=data)])
    return phone.answer_of(item, call.id)


class Verify(Body):
    """A transfer that a supervisor looked into."""

    transfer_id: str = Field(max_length=36)


@verb("transfer.verify", action="call.verify")
async def verify(tx: Tx, body: Verify) -> Answer:
    """Mark a transfer as verified (register R3). Idempotent: who did it first stays."""
    if not await store.verify_transfer(tx.conn, body.transfer_id, by=tx.actor.id, now=tx.now):
        raise Missing
    return {"transfer": {"id": body.transfer_id}}
