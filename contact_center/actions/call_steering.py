"""What steers a browser phone besides holding and hanging up: a word with a colleague, listening in, recording.

Each is an order to the provider; what became of it comes back as facts.
"""

from typing import Any, Literal

from pydantic import Field

from contact_center.actions import call_line, call_orders, office, phone
from contact_center.actions.desk import Epoch, ItemId
from contact_center.actions.kernel import Answer, Body, Tx, verb
from contact_center.errors import Conflict, Denied
from contact_center.rules.calls import CallState, Mode, OrderKind
from contact_center.store import work as work_store


class Device(Body):
    """Whose telephone in the browser is ready, or no longer."""

    user_id: str = Field(max_length=36)
    ready: bool


@verb("phone.device", action="call.use", door="system")
async def device(tx: Tx, body: Device) -> Answer:
    """Note whether somebody's browser can be rung: only then are callers offered to them. Idempotent."""
    status = await work_store.get_status(tx.conn, body.user_id)
    if status is None:
        await work_store.set_status(
            tx.conn, body.user_id, state="offline", reason=None, now=tx.now, log_id=tx.ids.new()
        )
    elif (status.phone_at is not None) == body.ready:
        return {}
    await work_store.change_status(tx.conn, body.user_id, phone_at=tx.now if body.ready else None)
    tx.emit("agent.changed", user=body.user_id)
    return {}


async def browser_call(tx: Tx, item_id: str, epoch: int) -> tuple[Any, Any]:
    """Return an item the actor holds and its call at the provider. Raises Conflict `desk_phone`, `call_over`."""
    item, call = await phone.load_call(tx, item_id, epoch)
    if call.mode != Mode.browser:
        raise Conflict("desk_phone")
    return item, call


class Consult(Body):
    """What becomes of a call while its agent speaks with the other side."""

    item_id: str = ItemId
    epoch: int = Epoch
    what: Literal["complete", "return", "three_way"]


@verb("call.consult", action="work.transfer")
async def consult(tx: Tx, body: Consult) -> Answer:
    """Hand a call over and leave, go back to the citizen, or let everybody talk.

    Raises Conflict `not_transferring`, and `not_answered` while the other side has not picked up.
    """
    item, call = await browser_call(tx, body.item_id, body.epoch)
    pending = await work_store.pending_transfer(tx.conn, item.id)
    if pending is None or call.state != CallState.transferring:
        raise Conflict("not_transferring")
    side = await call_line.other_side(tx, call)
    if body.what == "return":
        await call_line.consult_over(tx, call, "refused" if side is not None else "no_answer", drop=True)
    elif side is None:
        raise Conflict("not_answered")
    elif body.what == "three_way":
        await call_orders.ask(tx, call, OrderKind.join_all, by=tx.actor.id)
    else:
        await call_line.hand_over(tx, call, item)
    return phone.answer_of(item, call.id)


class Listen(Body):
    """A call that a supervisor goes into, and how they are heard: by nobody, by its agent, by all."""

    call_id: str = Field(max_length=36)
    how: Literal["listen", "whisper", "barge"]


@verb("call.listen", action="call.listen")
async def listen(tx: Tx, body: Listen) -> Answer:
    """Go into a call, on record. By the office's settings; whose call it is sees it unless a setting says otherwise.

    Raises Denied `not_by_policy`, Conflict `no_device`, `call_over`, `not_answered`, `own_call`.
    """
    call = await call_line.held_call(tx, body.call_id, "call.listen")
    options = await tx.options()
    allowed = {"listen": options.calls_listen, "whisper": options.calls_whisper, "barge": options.calls_barge}
    if not allowed[body.how]:
        raise Denied("not_by_policy")
    if not CallState(call.state).is_open:
        raise Conflict("call_over")
    item = await work_store.open_item_of(tx.conn, call.interaction_id)
    if item is None or item.owner_id is None or call.answered_at is None:
        raise Conflict("not_answered")
    if item.owner_id == tx.actor.id:
        raise Conflict("own_call")
    await phone.check_device(tx, tx.actor.id)
    await office.log_access(tx, f"call.{body.how}", "call", call.id)
    data = {"user": tx.actor.id, "how": body.how, "agent": item.owner_id, "listens": True}
    order = await call_orders.ask(tx, call, OrderKind.listen, by=tx.actor.id, **data)
    return {"call": {"id": call.id}, "order": {"id": order}}


class Unlisten(Body):
    """A call that a supervisor leaves."""

    call_id: str = Field(max_length=36)


@verb("call.unlisten", action="call.listen")
async def unlisten(tx: Tx, body: Unlisten) -> Answer:
    """Leave a call one was listening to. Idempotent."""
    call = await call_line.held_call(tx, body.call_id, "call.listen")
    if CallState(call.state).is_open:
        await call_orders.ask(tx, call, OrderKind.drop_leg, by=tx.actor.id, user=tx.actor.id, listens=True)
    return {"call": {"id": call.id}}


class Record(Body):
    """What becomes of a call's recording."""

    item_id: str = ItemId
    epoch: int = Epoch
    what: Literal["start", "pause", "resume"]


_RECORDING = {
    "start": ("off", OrderKind.record),
    "pause": ("on", OrderKind.pause_recording),
    "resume": ("paused", OrderKind.resume_recording),
}


@verb("call.record", action="call.record")
async def record(tx: Tx, body: Record) -> Answer:
    """Begin, pause or take up a recording, where the queue records at all.

    A pause is for what must not be kept: a card, a password, somebody else's name. Raises Conflict `recording_off`,
    `not_answered`, `illegal_move`.
    """
    item, call = await browser_call(tx, body.item_id, body.epoch)
    queue = await work_store.get_queue(tx.conn, item.queue_id)
    if queue is None or not queue.recording:
        raise Conflict("recording_off")
    if call.answered_at is None:
        raise Conflict("not_answered")
    wanted, kind = _RECORDING[body.what]
    if call.recording != wanted:
        raise Conflict("illegal_move", state=call.recording)
    await call_orders.ask(tx, call, kind, by=tx.actor.id)
    return phone.answer_of(item, call.id)
