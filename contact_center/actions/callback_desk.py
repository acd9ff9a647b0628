"""What staff ask of a promised call: another time, somebody else's, called off, its result received."""

from pydantic import Field

from contact_center.actions import callback_words, callbacks, captures, office, work
from contact_center.actions.callback_plan import check_owner, queue_of
from contact_center.actions.callback_times import checked_zone, instant, retime, times
from contact_center.actions.callback_tries import answer_of
from contact_center.actions.callbacks import text_or_none
from contact_center.actions.kernel import Answer, Body, Tx, verb
from contact_center.errors import Conflict, Missing
from contact_center.rules import callbacks as rules
from contact_center.rules.identity import normalise
from contact_center.store import calls as store
from contact_center.store import promises as promise_store
from contact_center.store import work as work_store

_LOCAL = Field(default=None, max_length=16)
_ID = Field(default=None, max_length=36)


class Move(Body):
    """A callback and its new time."""

    callback_id: str = Field(max_length=36)
    due_at: int | None = None
    due_local: str | None = _LOCAL
    zone: str | None = Field(default=None, max_length=60)
    not_after: int | None = None
    reason: str | None = Field(default=None, max_length=300)
    despite_load: bool = False


@verb("callback.move", action="callback.move")
async def move(tx: Tx, body: Move) -> Answer:
    """Give a callback another time; the citizen is told. Raises as planning does, Conflict while it is dialled."""
    row, item = await callbacks.of_actor(tx, body.callback_id, "callback.move")
    zone = checked_zone(body.zone) or row.zone
    due, last = times(tx, body.due_at, body.due_local, body.not_after, zone, normalise(row.number))
    await retime(tx, row, item, due, last, despite_load=body.despite_load)
    if body.reason:
        await callbacks.add_note(tx, row.id, body.reason)
    return await answer_of(tx, row.id)


class Postpone(Body):
    """A callback held, and when to try again."""

    item_id: str = Field(max_length=36)
    epoch: int = Field(ge=0)
    due_at: int


@verb("callback.postpone", action="work.transfer")
async def postpone(tx: Tx, body: Postpone) -> Answer:
    """Put a callback back until an instant; what was tried stays in its thread, and the citizen is told."""
    item = await work.load(tx, body.item_id, "work.transfer", epoch=body.epoch)
    if item.kind != "callback" or item.state != "held":
        raise Conflict("not_held")
    if await store.open_of(tx.conn, item.interaction_id) is not None:
        raise Conflict("call_in_progress")
    row = await callbacks.load(tx, item.interaction_id)
    await retime(tx, row, item, instant(tx, "due_at", body.due_at), None, despite_load=True)
    return await answer_of(tx, row.id)


class Assign(Body):
    """A callback and whose it shall be: a person's first, or the queue's."""

    callback_id: str = Field(max_length=36)
    owner_id: str | None = _ID
    queue_id: str | None = _ID


@verb("callback.assign", action="callback.assign")
async def assign(tx: Tx, body: Assign) -> Answer:
    """Give a callback another owner, or another queue (supervisors)."""
    row, item = await callbacks.of_actor(tx, body.callback_id, "callback.assign")
    if item is None or not callbacks.is_open(row):
        raise Conflict("callback_over")
    if item.state in {"held", "wrap_up"}:
        raise Conflict("held")
    if body.owner_id is not None:
        await check_owner(tx, body.owner_id)
    if body.queue_id is not None:
        queue = await queue_of(tx, body.queue_id)
        await work_store.change_item(tx.conn, item.id, queue_id=queue.id)
        await work_store.change_interaction(tx.conn, row.id, queue_id=queue.id, area_id=queue.area_id)
    await store.change_callback(tx.conn, row.id, owner_id=body.owner_id)
    pending = await promise_store.pending(tx.conn, row.id)
    if pending is not None:
        await promise_store.settle(tx.conn, pending.id, agent_id=body.owner_id)
    if item.state == "waiting":
        await callbacks.come_due(tx, await callbacks.load(tx, row.id), item.id, queued_at=item.queued_at)
    await callbacks.changed(tx, row.id)
    return await answer_of(tx, row.id)


class Cancel(Body):
    """A callback that shall not be made, and why. One of the two ids."""

    callback_id: str | None = _ID
    item_id: str | None = _ID
    reason: str = Field(min_length=3, max_length=300)


@verb("callback.cancel", action="callback.cancel")
async def cancel(tx: Tx, body: Cancel) -> Answer:
    """Withdraw a callback that nobody else holds, and tell the citizen."""
    callback_id = body.callback_id
    if callback_id is None:
        known = await work_store.get_item(tx.conn, body.item_id) if body.item_id else None
        if known is None or known.kind != "callback":
            raise Missing
        callback_id = known.interaction_id
    row, item = await callbacks.of_actor(tx, callback_id, "callback.cancel")
    if row.dialling_id is not None:
        raise Conflict("call_in_progress")
    if item is not None and item.owner_id not in (None, tx.actor.id):
        raise Conflict("held")
    reason = text_or_none("reason", body.reason)
    await callbacks.withdraw(tx, row, item, reason, by="staff")
    await callback_words.tell(tx, row, "cancelled")
    await callbacks.add_note(tx, row.id, reason or "")
    await captures.account_for(tx, row.id, disposition="not_reached")
    return await answer_of(tx, row.id)


class Receive(Body):
    """A result that its requester has read."""

    callback_id: str = Field(max_length=36)
    note: str | None = Field(default=None, max_length=2_000)


@verb("callback.receive", action="callback.receive")
async def receive(tx: Tx, body: Receive) -> Answer:
    """Acknowledge a callback that was achieved or exhausted: the end of it (DOMAIN §2.7). Raises IllegalMove."""
    row, _item = await callbacks.of_actor(tx, body.callback_id, "callback.receive")
    state = rules.after(row.state, "receive")
    await store.change_callback(tx.conn, row.id, state=state, received_by=tx.actor.id, received_at=tx.now)
    if body.note:
        await callbacks.add_note(tx, row.id, body.note)
    await callbacks.changed(tx, row.id)
    return await answer_of(tx, row.id)


class Calendar(Body):
    """Nothing but the wish. `token_hash` is set by the door; only the hash is kept."""

    token_hash: str = Field(pattern="^[0-9a-f]{64}$")


@verb("callback.calendar", action="callback.plan", door="house")
async def calendar(tx: Tx, body: Calendar) -> Answer:
    """Give the actor's calendar a private address; the one before stops working. On record."""
    await promise_store.set_calendar_token(tx.conn, tx.actor.id, bytes.fromhex(body.token_hash), tx.now)
    await office.log_access(tx, "callback.calendar", "user", tx.actor.id)
    return {}
