"""What a provider's news about the legs of a call asks for: a device that fails, a colleague who answers or does not,
an agent whose line is lost. Each looks at the rows again, so it may run twice.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from contact_center.actions import call_orders, calls, conversations, work
from contact_center.actions.call_contact import scope_of
from contact_center.actions.calls import CallBody
from contact_center.actions.kernel import SYSTEM, Answer, Tx, verb
from contact_center.errors import Missing
from contact_center.rules.calls import CallState, EventKind, Fact, Leg, Mode, OrderKind, fold
from contact_center.rules.model import Direction
from contact_center.store import call_orders as order_store
from contact_center.store import calls as store
from contact_center.store import work as work_store

CONNECT_S: Final = 15
"""How long an agent may look at an order to connect that came to nothing before somebody else is asked."""
RINGS_S: Final = 60
"""Longer than an agent's browser rings: what the provider should have told of it was lost."""
ALONE_S: Final = 5
"""How long an agent's leg may be gone before the citizen is brought back: the end of a hang-up comes first."""
_ANY: Final = (*order_store.STANDING, "failed")


@calls.when_reported
async def look_at_legs(tx: Tx, call_id: str, fresh: Sequence[Fact], known: Sequence[Fact]) -> None:
    """Act on what just happened to the legs of a provider's call."""
    call = await store.get(tx.conn, call_id)
    if call is None or call.mode != Mode.browser:
        return
    await call_orders.confirm(tx, call, known)
    if not CallState(call.state).is_open:
        return
    for one in fresh:
        if one.kind is EventKind.leg_failed and "consult" in one.data:
            await consult_over(tx, call, "no_answer", drop=False)
        elif one.kind is EventKind.leg_failed and one.user_id:
            await _device_failed(tx, call, one)
        elif one.kind is EventKind.joined and "consult" in one.data:
            await _other_side_answered(tx, call, one)
        elif one.kind is EventKind.joined and one.user_id:
            await _settled(tx, call, one)
            await _record_by_rule(tx, call)
        elif one.kind is EventKind.left:
            await _left(tx, call, one, known)


async def _device_failed(tx: Tx, call: Any, failed: Fact) -> None:
    """An agent's telephone did not answer: somebody else is asked, it is counted, and their telephone is not ready."""
    item = await work_store.open_item_of(tx.conn, call.interaction_id)
    if item is None or item.state != "held" or item.owner_id != failed.user_id:
        return
    known = (await store.facts(tx.conn, [call.id]))[call.id]
    if any(leg.user_id == failed.user_id and leg.left is None for leg in _legs(call, known)):
        return
    await work_store.change_status(tx.conn, item.owner_id, phone_at=None)
    if call.direction == Direction.outbound:
        how = {"how": "cancelled", "by": "system"}
        await calls.add_facts(tx, call, [Fact(f"no_device:{failed.key}", EventKind.ended, failed.at, data=how)])
        tx.emit("agent.changed", user=item.owner_id)
        return
    missed = [*item.declined, [item.owner_id, tx.now_us]][-50:]
    await work.put_back(tx, item, event="release", how="device_failed", from_agent_id=item.owner_id)
    await work_store.change_item(tx.conn, item.id, declined=missed)
    if len(missed) >= 3:
        data = {"count": len(missed)}
        await work.alert(tx, "unanswered_offers", subject=item.id, item=item.id, level="warning", data=data)


async def _settled(tx: Tx, call: Any, joined: Fact) -> None:
    """Whoever a call was passed on to speaks now: the transfer is done."""
    item = await work_store.open_item_of(tx.conn, call.interaction_id)
    if call.state != CallState.transferring or item is None or item.owner_id != joined.user_id:
        return
    last = await work_store.last_transfer(tx.conn, item.id)
    if last is not None and last.answer is not None:
        await calls.add_facts(tx, call, [settled_fact(tx, last.id)])


async def _record_by_rule(tx: Tx, call: Any) -> None:
    """Begin to record where the queue says so; the caller was told before."""
    contact = await work_store.get_interaction(tx.conn, call.interaction_id)
    queue = await work_store.get_queue(tx.conn, contact.queue_id) if contact is not None else None
    if queue is not None and queue.recording and call.recording == "off":
        known = await order_store.of_call(tx.conn, call.id, _ANY)
        if not any(one.kind == OrderKind.record for one in known):
            await call_orders.ask(tx, call, OrderKind.record, by=None)


async def _other_side_answered(tx: Tx, call: Any, joined: Fact) -> None:
    """A consulted side is in the call. Where the agent did not want to speak with it first, the call is theirs now."""
    order = await order_store.get(tx.conn, str(joined.data["consult"]))
    item = await work_store.open_item_of(tx.conn, call.interaction_id)
    if order is not None and order.data.get("then") == "leave" and item is not None and item.owner_id is not None:
        await hand_over(tx, call, item)
    else:
        await call_orders.tell(tx, call)


async def hand_over(tx: Tx, call: Any, item: Any) -> None:
    """Give a call to whoever was consulted and is in it: a colleague holds its item now; outside, our part is over."""
    pending = await work_store.pending_transfer(tx.conn, item.id)
    if pending is None:
        return
    before = item.owner_id
    if pending.to_number is None and pending.to_agent_id is not None:
        house = replace(tx, actor=SYSTEM)
        await work_store.change_item(tx.conn, item.id, from_agent_id=before, transfers=item.transfers + 1)
        await work.hold(house, item, pending.to_agent_id, how="handed_over", event="hand_over")
        await calls.add_facts(tx, call, [settled_fact(tx, pending.id)])
    else:
        await work_store.answer_transfer(tx.conn, pending.id, answer="accepted", now=tx.now)
        done = {"how": "completed", "by": "agent"}
        over = Fact(f"handed_over:{pending.id}", EventKind.ended, tx.now, data=done)
        await calls.add_facts(tx, call, [settled_fact(tx, pending.id), over])
    await call_orders.ask(tx, call, OrderKind.join_all, by=before)
    await call_orders.ask(tx, call, OrderKind.drop_leg, by=before, user=before)


async def consult_over(tx: Tx, call: Any, answer: str, *, drop: bool) -> None:
    """The other side does not take the call: its agent goes back to the citizen. Idempotent."""
    item = await work_store.open_item_of(tx.conn, call.interaction_id)
    pending = await work_store.pending_transfer(tx.conn, item.id) if item is not None else None
    if item is None or pending is None:
        return
    await work_store.answer_transfer(tx.conn, pending.id, answer=answer, now=tx.now)
    await calls.add_facts(tx, call, [settled_fact(tx, pending.id, how=answer)])
    side = await other_side(tx, call)
    if drop and side is not None:
        whom = {"user": side.user_id} if side.user_id else {"leg": side.leg}
        await call_orders.ask(tx, call, OrderKind.drop_leg, by=tx.actor.id, **whom)
    elif drop:  # it still rings
        whom = {"user": pending.to_agent_id} if pending.to_agent_id else {"number": pending.to_number}
        await call_orders.ask(tx, call, OrderKind.drop_leg, by=tx.actor.id, **whom)
    await call_orders.ask(tx, call, OrderKind.resume, by=item.owner_id)
    if pending.to_agent_id:
        tx.emit("work.changed", item=item.id, conversation=item.conversation_id, also=[pending.to_agent_id])


async def other_side(tx: Tx, call: Any) -> Leg | None:
    """Return the consulted leg that is in the call now."""
    known = (await store.facts(tx.conn, [call.id]))[call.id]
    asked = {one.leg for one in known if one.kind is EventKind.joined and "consult" in one.data}
    return next((leg for leg in _legs(call, known) if leg.leg in asked and leg.left is None), None)


async def _left(tx: Tx, call: Any, left: Fact, known: Sequence[Fact]) -> None:
    """A consulted side that leaves by itself has refused."""
    consulted = any(
        one.kind is EventKind.joined and one.leg == left.leg and "consult" in one.data and one.at <= left.at
        for one in known
    )
    if not consulted:
        return
    item = await work_store.open_item_of(tx.conn, call.interaction_id)
    if item is not None and item.owner_id is not None and item.owner_id != left.user_id:
        await consult_over(tx, call, "refused", drop=False)


def _legs(call: Any, known: Sequence[Fact]) -> tuple[Leg, ...]:
    return fold(Direction(call.direction), known).legs if known else ()


def settled_fact(tx: Tx, transfer_id: str, *, how: str | None = None) -> Fact:
    """Return the fact that a transfer is over, one and the same whoever notes it."""
    return Fact(f"transferred:{transfer_id}", EventKind.transferred, tx.now, data={"how": how} if how else {})


@verb("call.alone", action="call.use", door="system")
async def alone(tx: Tx, body: CallBody) -> Answer:
    """Take care of a citizen whose agent is gone from the line: back to the head of the queue, with the same wait.

    A call of ours is ended and returned instead. Nothing when the agent hung up, or is there again. Idempotent.
    """
    call = await store.lock(tx.conn, body.call_id)
    if call is None or call.alone_since is None or (tx.now - call.alone_since).total_seconds() < ALONE_S:
        return {}
    item = await work_store.open_item_of(tx.conn, call.interaction_id)
    standing = await order_store.of_call(tx.conn, call.id, order_store.STANDING)
    ending = [one for one in standing if one.kind == OrderKind.hang_up]
    if item is None or item.state != "held" or item.owner_id is None or ending:
        return {}
    owner = item.owner_id
    if await work_store.pending_transfer(tx.conn, item.id) is not None:
        if await other_side(tx, call) is not None:
            await hand_over(tx, call, item)
            return {"handed_over": True}
        await consult_over(tx, call, "no_answer", drop=True)
    if call.direction == Direction.outbound:
        how = {"how": "dropped", "by": "system"}
        await calls.add_facts(tx, call, [Fact(f"alone:{owner}", EventKind.ended, call.alone_since, data=how)])
        await call_orders.ask(tx, call, OrderKind.hang_up, by=None)  # last: an end forgets what was queued before it
        return {"ended": True}
    await conversations.add_message(tx, call.interaction_id, "system", None, "", code="call.line_lost")
    await work.put_back(tx, item, event="release", how="line_lost", from_agent_id=owner)
    await call_orders.ask(tx, call, OrderKind.requeue, by=None, user=owner)
    await store.change(tx.conn, call.id, alone_since=None)
    return {"requeued": True}


@verb("call.unconnected", action="call.use", door="system")
async def unconnected(tx: Tx, body: CallBody) -> Answer:
    """Offer a caller who waits for an agent that was never connected to somebody else, with the same wait. Idempotent.

    Nothing while another try is under way. A late ring is refused by the browser, which no longer expects it.
    """
    call = await store.lock(tx.conn, body.call_id)
    item = await work_store.open_item_of(tx.conn, call.interaction_id) if call is not None else None
    if call is None or call.ended_at is not None or item is None or item.state != "held" or item.owner_id is None:
        return {}
    tries = [one for one in await order_store.of_call(tx.conn, call.id, _ANY) if one.kind == OrderKind.bridge]
    if not tries or tries[-1].state in order_store.OPEN or tries[-1].data.get("user") != item.owner_id:
        return {}
    known = (await store.facts(tx.conn, [call.id]))[call.id]
    if any(leg.user_id == item.owner_id and leg.left is None for leg in _legs(call, known)):
        return {}
    await call_orders.cancel_all(tx, call.id, also=("uncertain", "failed"))
    await work.put_back(tx, item, event="release", how="device_failed", from_agent_id=item.owner_id)
    return {"requeued": True}


async def held_call(tx: Tx, call_id: str, action: str) -> Any:
    """Return a provider's call that the actor may do `action` to, its line in use. Raises Missing."""
    row = await store.scope_row(tx.conn, call_id)
    if row is None or row.mode != Mode.browser:
        raise Missing
    tx.check_visible(action, scope_of(row))
    return row
