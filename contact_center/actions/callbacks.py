"""Promises to call somebody: made by a person, a citizen, a rule or a missed call; each one item of the one queue.

A callback is an interaction of its own with a thread; its tries are calls in it. Each time that is given is a row of
`callback_promises`, and one of them at most is pending. What people ask for is in `callback_desk` and `callback_chat`,
what comes of a try in `callback_tries`. DOMAIN §2.6, §2.7.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from contact_center.actions import call_contact, callback_words, captures, conversations, dialling, work, work_later
from contact_center.actions.kernel import Tx
from contact_center.errors import Invalid, Missing
from contact_center.rules import callbacks as rules
from contact_center.rules.access import Scope
from contact_center.rules.callbacks import CallbackState, Standing, Told
from contact_center.rules.faces import ms
from contact_center.rules.model import ActorKind, ConversationState, Direction
from contact_center.rules.textfold import TextRefused, safe_text
from contact_center.store import calls as store
from contact_center.store import citizens as citizen_store
from contact_center.store import conversations as chat_store
from contact_center.store import petitions as petition_store
from contact_center.store import promises as promise_store
from contact_center.store import work as work_store
from contact_center.store.call_records import MISSED

DROPPED_S: Final = 15 * 60
"""A dropped call is returned within this time (DOMAIN §2.6 [P])."""


async def for_missed(tx: Tx, call: Any, *, keep_place: bool = False) -> str | None:
    """Make the callback of a call that nobody answered; None when its number cannot be called.

    Idempotent. `keep_place` gives it the caller's own time of arrival, so that nobody loses their place by hanging up.
    """
    arrived = call.queued_at or call.started_at if keep_place else None
    told = Told.said if keep_place else Told.none  # the menu said so
    return await _return_call(tx, call, key=f"missed:{call.id}", due_at=None, arrived=arrived, told=told)


async def for_dropped(tx: Tx, call: Any) -> str | None:
    """Make the callback of a call that was cut off, first of all for who spoke with the citizen. Idempotent.

    A call of a callback needs none: what it was for is still owed.
    """
    if await store.get_callback(tx.conn, call.interaction_id) is not None:
        return None
    due = tx.now if call.ended_at is None else call.ended_at + timedelta(seconds=DROPPED_S)
    return await _return_call(tx, call, key=f"dropped:{call.id}", due_at=due, owner=call.agent_id)


async def _return_call(
    tx: Tx,
    call: Any,
    *,
    key: str,
    due_at: datetime | None,
    arrived: datetime | None = None,
    owner: str | None = None,
    told: Told = Told.none,
) -> str | None:
    number = call_contact.callable_number(call)
    if number is None or await store.callback_made(tx.conn, key) is not None:
        return None
    contact = await work_store.get_interaction(tx.conn, call.interaction_id)
    assert contact is not None
    return await make(
        tx,
        reason="return",
        number=number,
        queue_id=contact.queue_id,
        due_at=due_at,
        arrived=arrived,
        citizen_id=contact.citizen_id,
        origin_id=contact.id,
        owner_id=owner,
        made_key=key,
        source="line",
        told=told,
    )


async def make(
    tx: Tx,
    *,
    reason: str,
    number: str,
    queue_id: str,
    due_at: datetime | None,
    arrived: datetime | None = None,
    not_after: datetime | None = None,
    citizen_id: str | None = None,
    origin_id: str | None = None,
    folio: str | None = None,
    owner_id: str | None = None,
    note: str | None = None,
    questions: Sequence[Mapping[str, Any]] = (),
    made_key: str | None = None,
    zone: str = "",
    source: str = "staff",
    visitor_id: str | None = None,
    priority: str = "normal",
    told: Told = Told.none,
    again_of: str | None = None,
) -> str:
    """Make a callback, its promise and its work item, due at an instant or as soon as anybody may call; return its id.

    A time outside the hours of calling, or of the office, becomes the next one inside.
    """
    queue = await work_store.get_queue(tx.conn, queue_id)
    assert queue is not None
    calendars = await dialling.windows(tx, number, zone, queue_id)
    due = dialling.soon(calendars, max(due_at or tx.now, tx.now))
    callback_id = await call_contact.open_contact(
        tx, queue, direction=Direction.outbound, started_at=arrived or tx.now, citizen_id=citizen_id
    )
    await _restrict(tx, callback_id, folio, origin_id)
    row = {
        "id": callback_id,
        "reason": reason,
        "state": rules.after(None, "solicit"),
        "number": number,
        "zone": zone,
        "origin_id": origin_id,
        "folio": folio,
        "owner_id": owner_id,
        "requested_by": tx.actor.id if tx.actor.kind is ActorKind.staff else None,
        "requested_area_id": tx.actor.area_id,
        "due_at": due,
        "not_after": not_after,
        "questions": [dict(one) for one in questions],
        "answers": [],
        "note": note,
        "made_key": made_key,
        "made_at": tx.now,
        "source": source,
        "visitor_id": visitor_id,
        "priority": priority,
        "again_of": again_of,
    }
    await store.add_callback(tx.conn, row)
    await promise(tx, await load(tx, callback_id), due, not_after, told=told)
    await chat_store.change(
        tx.conn, callback_id, state=ConversationState.queued.value, queued_at=arrived or due, is_open=True
    )
    item_id = await work.enqueue(
        tx,
        await chat_store.get(tx.conn, callback_id),
        kind="callback",
        due_at=None if due <= tx.now else due,
        flags=("call_me",),
        priority=priority,
    )
    await _speak(tx, item_id, citizen_id, origin_id)
    if origin_id is not None:
        await captures.close_kind(tx, origin_id, MISSED, how="called_back")
    # Whoever was promised a time waits from then on, not from when it was promised.
    await work_store.change_item(tx.conn, item_id, direction="outbound", enqueued_at=arrived or due)
    if due <= tx.now:
        await come_due(tx, await load(tx, callback_id), item_id, queued_at=arrived)
    data = {"reason": reason, "due": ms(due)}
    await conversations.add_message(tx, callback_id, "system", None, "", code="callback.made", data=data)
    if origin_id is not None and told is not Told.chat:
        await conversations.add_message(tx, origin_id, "system", None, "", code="callback.promised", data=data)
    await changed(tx, callback_id)
    return callback_id


async def _speak(tx: Tx, item_id: str, citizen_id: str | None, origin_id: str | None) -> None:
    """Who asked in another language is called by somebody who speaks it, if there is one, or with an interpreter."""
    citizen = await citizen_store.get(tx.conn, citizen_id) if citizen_id else None
    origin = await work_store.get_interaction(tx.conn, origin_id) if origin_id else None
    values: dict[str, Any] = {}
    if citizen is not None and citizen.language not in (None, "es"):
        values["language"] = citizen.language
    if origin is not None and "interpreter" in origin.flags:
        item = await work_store.get_item(tx.conn, item_id)
        assert item is not None
        values["flags"] = [*item.flags, "interpreter"]
    if values:
        await work_store.change_item(tx.conn, item_id, **values)


async def _restrict(tx: Tx, callback_id: str, folio: str | None, origin_id: str | None) -> None:
    """A call about something restricted is as restricted, and hidden from whom it accuses."""
    petition = await petition_store.get(tx.conn, folio) if folio else None
    origin = await work_store.get_interaction(tx.conn, origin_id) if origin_id else None
    accused = getattr(petition, "accused_user_id", None) or getattr(origin, "accused_user_id", None)
    if accused or getattr(petition, "confidential", False) or getattr(origin, "restricted", False):
        await work_store.change_interaction(tx.conn, callback_id, restricted=True, accused_user_id=accused)


async def load(tx: Tx, callback_id: str) -> Any:
    """Return a callback that is known to be there."""
    row = await store.get_callback(tx.conn, callback_id)
    assert row is not None
    return row


async def promise(tx: Tx, row: Any, at: datetime, not_after: datetime | None, *, told: Told) -> None:
    """Write a time that a citizen was given; the one before must have been settled."""
    options = await tx.options()
    contact = await work_store.get_interaction(tx.conn, row.id)
    assert contact is not None
    calendars = await dialling.windows(tx, row.number, row.zone, contact.queue_id)
    until = not_after or dialling.end_of(calendars, at, options.callback_window_s)
    await promise_store.add(
        tx.conn,
        {
            "id": tx.ids.new(),
            "callback_id": row.id,
            "at": at,
            "on_time_until": min(until, at + timedelta(seconds=options.callback_on_time_s)),
            "until": until,
            "told": told.value,
            "standing": Standing.pending.value,
            "made_at": tx.now,
            "agent_id": row.owner_id,
            "area_id": row.requested_area_id or contact.area_id,
            "reason": row.reason,
        },
    )


async def has_come(tx: Tx, item: Any) -> None:
    """The time of a scheduled callback has come; see `come_due`."""
    row = await store.get_callback(tx.conn, item.interaction_id)
    if row is not None and is_open(row):
        await come_due(tx, row, item.id)
        await changed(tx, row.id)


async def come_due(tx: Tx, row: Any, item_id: str, *, queued_at: datetime | None = None) -> None:
    """The time has come: first of all for the owner, if there is one, for the length of a grace."""
    options = await tx.options()
    values: dict[str, Any] = {"queued_at": queued_at or tx.now}
    if row.owner_id is not None:
        grace = timedelta(seconds=options.callback_owner_grace_s)
        values |= {"direct_agent_id": row.owner_id, "direct_until": tx.now + grace}
    await work_store.change_item(tx.conn, item_id, **values)
    await store.change_callback(tx.conn, row.id, state=rules.after(row.state, "due"))


async def move_to(
    tx: Tx, row: Any, item: Any, at: datetime, not_after: datetime | None = None, *, said: bool = False, how: str
) -> Told:
    """Give a callback another time and tell the citizen; return how they heard of it."""
    state = rules.after(row.state, "move")
    before = await promise_store.pending(tx.conn, row.id)
    await work_later.schedule(tx, item, at, how=how)
    await work_store.change_item(tx.conn, item.id, enqueued_at=at)
    await store.change_callback(tx.conn, row.id, state=state, due_at=at, not_after=not_after, moves=row.moves + 1)
    told = Told.said if said else await callback_words.tell(tx, row, "moved", at, not_after)
    if before is not None:
        standing = rules.standing_of_move(before.told, told.value, before.until, tx.now)
        await promise_store.settle(tx.conn, before.id, standing=standing.value, settled_at=tx.now)
    await promise(tx, await load(tx, row.id), at, not_after, told=told)
    await note_line(tx, row.id, "callback.moved", {"due": ms(at), "told": told.value})
    await work.clear_alerts(tx, row.id, ("callback_broken",))
    await changed(tx, row.id)
    return told


async def put_back(tx: Tx, row: Any, item: Any, at: datetime, *, outcome: str) -> None:
    """Let a callback be tried again at an instant: no new promise, the citizen was called."""
    await work_later.schedule(tx, item, at, how="rescheduled")
    await work_store.change_item(tx.conn, item.id, enqueued_at=at)
    await store.change_callback(
        tx.conn, row.id, state=rules.after(row.state, "again"), due_at=at, outcome=outcome, attempts=row.attempts
    )
    await note_line(tx, row.id, "callback.again", {"due": ms(at), "how": outcome})
    await changed(tx, row.id)


async def requeue(tx: Tx, row: Any, at: datetime) -> None:
    """Put a callback whose item is done in line again, under a new one: never forgotten, whatever ended the first."""
    due = max(at, tx.now)
    await chat_store.change(
        tx.conn, row.id, state=ConversationState.queued.value, is_open=True, closed_at=None, closed_by=None
    )
    await work_store.change_interaction(tx.conn, row.id, ended_at=None)
    chat = await chat_store.get(tx.conn, row.id)
    later = None if due <= tx.now else due
    item_id = await work.enqueue(tx, chat, kind="callback", due_at=later, flags=("call_me",), priority=row.priority)
    await work_store.change_item(tx.conn, item_id, direction="outbound", enqueued_at=due)
    await store.change_callback(tx.conn, row.id, state=rules.after(row.state, "again"), due_at=due)
    if later is None:
        await come_due(tx, await load(tx, row.id), item_id)
    await changed(tx, row.id)


async def withdraw(tx: Tx, row: Any, item: Any | None, reason: str | None, *, by: str) -> None:
    """Call a callback off: its promise is withdrawn, its item ends, the citizen hears of it. Raises IllegalMove."""
    state = rules.after(row.state, "cancel")
    pending = await promise_store.pending(tx.conn, row.id)
    if pending is not None:
        await promise_store.settle(tx.conn, pending.id, standing=Standing.withdrawn.value, settled_at=tx.now)
    if item is not None:
        await work_later.finish_unheld(tx, item, how="cancelled")
    await store.change_callback(
        tx.conn, row.id, state=state, cancelled_reason=reason, closed_at=tx.now, outcome="cancelled"
    )
    await work.clear_alerts(tx, row.id, ("callback_broken",))
    await note_line(tx, row.id, "callback.cancelled", {"by": by})
    await changed(tx, row.id)


async def note_line(tx: Tx, callback_id: str, code: str, data: Mapping[str, Any]) -> None:
    """Leave a line in a callback's thread."""
    await conversations.add_message(tx, callback_id, "system", None, "", code=code, data=data)


async def add_note(tx: Tx, callback_id: str, text: str) -> None:
    """Leave a person's note in a callback's thread. Raises Invalid with its code."""
    kept = text_or_none("note", text)
    if kept is not None:
        await conversations.add_message(tx, callback_id, "note", tx.actor.id, kept)


def text_or_none(name: str, value: str | None, limit: int = 2_000) -> str | None:
    """Return a text fit to be kept, None for an empty one. Raises Invalid with its code."""
    if value is None or not value.strip():
        return None
    try:
        return safe_text(value, limit, field=name)
    except TextRefused as error:
        raise Invalid("invalid", fields={name: error.code}) from error


async def changed(tx: Tx, callback_id: str) -> None:
    """Tell everybody who shows a callback: its owner, its requester, the floor, its citizen."""
    row = await load(tx, callback_id)
    also = [one for one in (row.requested_by,) if one is not None and one != row.owner_id]
    chat = await callback_words.chat_of(tx, row)
    contact = await work_store.get_interaction(tx.conn, row.id)
    tx.emit(
        "callback.changed",
        user=row.owner_id,
        conversation=None if chat is None else chat.id,
        callback=row.id,
        also=also,
        private=contact is not None and contact.accused_user_id is not None,
    )
    item = await work_store.latest_item_of(tx.conn, row.id)
    if item is not None:
        tx.emit("work.changed", item=item.id, conversation=row.id, user=item.owner_id, queue=item.queue_id)


def scope_of(row: Any, item: Any | None, contact: Any) -> Scope:
    """Return the facts that decide who may touch a callback: its owner, its requester, whoever has it in hand."""
    part = {row.owner_id, row.requested_by, contact.agent_id} - {None}
    return Scope(
        owner_id=(item.owner_id if item is not None else None) or row.owner_id,
        author_id=row.requested_by,
        participant_ids=frozenset(part),
        area_id=row.requested_area_id or contact.area_id,
        queue_ids=frozenset({contact.queue_id} - {None}),
        restricted=contact.restricted,
        accused_user_ids=frozenset({contact.accused_user_id} - {None}),
        waiting=item is not None and item.state in {"waiting", "offered", "scheduled"},
    )


async def of_actor(tx: Tx, callback_id: str, action: str) -> tuple[Any, Any | None]:
    """Return (callback, open item) if the actor may do `action` to it. Raises Missing."""
    row = await store.get_callback(tx.conn, callback_id)
    if row is None:
        raise Missing
    item = await work_store.open_item_of(tx.conn, row.id)
    contact = await work_store.get_interaction(tx.conn, row.id)
    tx.check_visible(action, scope_of(row, item, contact))
    return row, item


def is_open(row: Any) -> bool:
    return CallbackState(row.state).is_open
