"""Promises to call somebody: made for a missed or dropped call, or by a person; each one item of the one queue.

A callback is an interaction of its own with a thread; its attempts are calls in it. DOMAIN §2.6, §2.7.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from pydantic import Field

from contact_center.actions import call_contact, captures, conversations, work
from contact_center.actions.kernel import Answer, Body, Tx, verb
from contact_center.errors import Conflict, Invalid, Missing
from contact_center.rules import hours
from contact_center.rules.calls import CallState
from contact_center.rules.faces import from_ms
from contact_center.rules.folios import OFFICE_ZONE
from contact_center.rules.identity import normalise
from contact_center.rules.lifecycle import WORK, Facts, by_of, step
from contact_center.rules.model import ActorKind, ConversationState, Direction, WorkState
from contact_center.rules.textfold import TextRefused, safe_text
from contact_center.store import calls as store
from contact_center.store import citizens as citizen_store
from contact_center.store import conversations as chat_store
from contact_center.store import hours as hours_store
from contact_center.store import petitions as petition_store
from contact_center.store import work as work_store

DROPPED_S: Final = 15 * 60
"""A dropped call is returned within this time (DOMAIN §2.6 [P])."""
FARTHEST_DAYS: Final = 366
_OPEN: Final = frozenset({"solicited", "assigned", "rescheduled"})


async def for_missed(tx: Tx, call: Any, *, keep_place: bool = False) -> str | None:
    """Make the callback of a call that nobody answered; None when its number cannot be called.

    Idempotent. `keep_place` gives it the caller's own time of arrival, so that nobody loses their place by hanging up.
    """
    arrived = call.queued_at or call.started_at if keep_place else None
    return await _return_call(tx, call, key=f"missed:{call.id}", due_at=None, arrived=arrived)


async def for_dropped(tx: Tx, call: Any) -> str | None:
    """Make the callback of a call that was cut off, first of all for who spoke with the citizen. Idempotent."""
    due = tx.now if call.ended_at is None else call.ended_at + timedelta(seconds=DROPPED_S)
    return await _return_call(tx, call, key=f"dropped:{call.id}", due_at=due, owner=call.agent_id)


async def _return_call(
    tx: Tx, call: Any, *, key: str, due_at: datetime | None, arrived: datetime | None = None, owner: str | None = None
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
    questions: Sequence[str] = (),
    made_key: str | None = None,
) -> str:
    """Make a callback and its work item, due at an instant or as soon as the office may call; return its id."""
    queue = await work_store.get_queue(tx.conn, queue_id)
    assert queue is not None
    calendar = (await hours_store.load(tx.conn))[queue.calendar_id]
    wanted = max(due_at or tx.now, tx.now)
    due = wanted if hours.is_open(calendar, wanted) else hours.next_opening(calendar, wanted) or wanted
    callback_id = await call_contact.open_contact(
        tx, queue, direction=Direction.outbound, started_at=arrived or tx.now, citizen_id=citizen_id
    )
    await store.add_callback(
        tx.conn,
        {
            "id": callback_id,
            "reason": reason,
            "state": "solicited",
            "number": number,
            "zone": OFFICE_ZONE,
            "origin_id": origin_id,
            "folio": folio,
            "owner_id": owner_id,
            "requested_by": tx.actor.id if tx.actor.kind is ActorKind.staff else None,
            "requested_area_id": tx.actor.area_id,
            "due_at": due,
            "not_after": not_after,
            "questions": list(questions),
            "answers": [],
            "note": note,
            "made_key": made_key,
            "made_at": tx.now,
        },
    )
    await chat_store.change(tx.conn, callback_id, state=ConversationState.queued.value, queued_at=arrived or due)
    row = await chat_store.get(tx.conn, callback_id)
    item_id = await work.enqueue(
        tx, row, kind="callback", preferred=owner_id, due_at=None if due <= tx.now else due, flags=("call_me",)
    )
    values: dict[str, Any] = {"direction": "outbound"}
    if arrived is not None:
        values |= {"enqueued_at": arrived, "queued_at": arrived}
    await work_store.change_item(tx.conn, item_id, **values)
    data = {"reason": reason, "due": int(due.timestamp() * 1000)}
    await conversations.add_message(tx, callback_id, "system", None, "", code="callback.made", data=data)
    if origin_id is not None:
        await conversations.add_message(tx, origin_id, "system", None, "", code="callback.promised", data=data)
    return callback_id


class Plan(Body):
    """A callback that a person promises. Instants are milliseconds since the epoch."""

    reason: Literal["inform", "ask", "return", "other"]
    due_at: int
    not_after: int | None = None
    interaction_id: str | None = Field(default=None, max_length=36)
    number: str | None = Field(default=None, max_length=60)
    citizen_id: str | None = Field(default=None, max_length=36)
    folio: str | None = Field(default=None, max_length=40)
    owner_id: str | None = Field(default=None, max_length=36)
    queue_id: str | None = Field(default=None, max_length=36)
    note: str | None = Field(default=None, max_length=2_000)
    questions: tuple[str, ...] = Field(default=(), max_length=20)


@verb("callback.plan", action="callback.plan")
async def plan(tx: Tx, body: Plan) -> Answer:
    """Promise a call. Raises Invalid `fields`: number, due_at (`past`, `too_far`), folio, questions, note."""
    due, last = instant(tx, "due_at", body.due_at), None
    if body.not_after is not None:
        last = instant(tx, "not_after", body.not_after)
        if last <= due:
            raise Invalid("invalid", fields={"not_after": "before_due"})
    if body.reason == "ask" and not any(one.strip() for one in body.questions):
        raise Invalid("invalid", fields={"questions": "required"})
    if body.folio is not None and await petition_store.get(tx.conn, body.folio) is None:
        raise Invalid("invalid", fields={"folio": "unknown"})
    if body.reason == "inform" and body.folio is None:
        raise Invalid("invalid", fields={"folio": "required"})
    citizen = await citizen_store.get(tx.conn, body.citizen_id) if body.citizen_id else None
    if body.citizen_id and citizen is None:
        raise Missing
    if citizen is not None and citizen.do_not_contact:
        raise Conflict("do_not_contact")
    phone = normalise(body.number or (citizen.phone if citizen is not None and citizen.phone else ""))
    if not phone.kind.is_callable or phone.e164 is None:
        raise Invalid("invalid", fields={"number": phone.kind.value})
    queue = (
        await work_store.get_queue(tx.conn, body.queue_id)
        if body.queue_id
        else await call_contact.queue_for(tx, None, tx.actor.id)
    )
    if queue is None:
        raise Invalid("invalid", fields={"queue_id": "unknown"})
    callback_id = await make(
        tx,
        reason=body.reason,
        number=phone.e164,
        queue_id=queue.id,
        due_at=due,
        not_after=last,
        citizen_id=body.citizen_id,
        origin_id=body.interaction_id,
        folio=body.folio,
        owner_id=body.owner_id,
        note=text_or_none("note", body.note),
        questions=[one for one in (text_or_none("questions", q) for q in body.questions) if one],
    )
    made = await store.get_callback(tx.conn, callback_id)
    assert made is not None
    return {"callback": {"id": callback_id, "due_at": int(made.due_at.timestamp() * 1000)}}


class Postpone(Body):
    """A callback held, and when to try again."""

    item_id: str = Field(max_length=36)
    epoch: int = Field(ge=0)
    due_at: int


@verb("callback.postpone", action="work.transfer")
async def postpone(tx: Tx, body: Postpone) -> Answer:
    """Put a callback back until an instant; what was tried stays in its thread."""
    item = await work.load(tx, body.item_id, "work.transfer", epoch=body.epoch)
    if item.kind != "callback" or item.state != "held":
        raise Conflict("not_held")
    if await store.open_of(tx.conn, item.interaction_id) is not None:
        raise Conflict("call_in_progress")
    due = instant(tx, "due_at", body.due_at)
    step(WORK, WorkState(item.state), "reschedule", Facts(by=by_of(tx.actor.kind, tx.actor.roles)))
    await work.put_back(tx, item, event="release", how="postponed", due_at=due, preferred_agent_id=item.owner_id)
    await work_store.change_item(tx.conn, item.id, state="scheduled")
    await store.change_callback(tx.conn, item.interaction_id, state="rescheduled", due_at=due)
    tx.emit("work.changed", item=item.id, conversation=item.conversation_id, queue=item.queue_id, also=[item.owner_id])
    return {"item": {"id": item.id, "conversation": item.conversation_id}}


class Cancel(Body):
    """A callback that shall not be made, and why."""

    item_id: str = Field(max_length=36)
    reason: str = Field(min_length=3, max_length=300)


@verb("callback.cancel", action="callback.cancel")
async def cancel(tx: Tx, body: Cancel) -> Answer:
    """Withdraw a callback that nobody holds."""
    item = await work_store.get_item(tx.conn, body.item_id)
    if item is None or item.kind != "callback":
        raise Missing
    row = await store.get_callback(tx.conn, item.interaction_id)
    assert row is not None
    tx.check_visible("callback.cancel", work.scope_of(item, offered_to=row.requested_by))
    reason = text_or_none("reason", body.reason)
    await work.drop(tx, item)
    await store.change_callback(
        tx.conn, row.id, state="cancelled", cancelled_reason=reason, closed_at=tx.now, outcome="cancelled"
    )
    chat = await chat_store.get(tx.conn, row.id)
    assert chat is not None
    await conversations.add_message(tx, row.id, "note", tx.actor.id, reason or "", code="callback.cancelled")
    await chat_store.change(tx.conn, row.id, state="abandoned", is_open=False, closed_at=tx.now, closed_by=tx.actor.id)
    await work_store.change_interaction(tx.conn, row.id, ended_at=tx.now)
    await captures.account_for(tx, row.id, disposition="not_reached")
    return {"item": {"id": item.id, "conversation": item.conversation_id}}


@work.when_finished("callback")
async def finished(tx: Tx, item: Any) -> None:
    """A callback was dealt with: kept when somebody was reached, else its attempts are what there is."""
    row = await store.get_callback(tx.conn, item.interaction_id)
    if row is None or row.state not in _OPEN:
        return
    reached = any(one.answered_at is not None for one in await store.of_interaction(tx.conn, row.id))
    await store.change_callback(
        tx.conn,
        row.id,
        state="achieved" if reached else "exhausted",
        outcome="reached" if reached else "not_reached",
        kept_at=tx.now if reached else None,
        closed_at=tx.now,
    )


async def attempted(tx: Tx, interaction_id: str, state: CallState) -> None:
    """Count an attempt of a callback. Nothing for a call that belongs to none."""
    row = await store.get_callback(tx.conn, interaction_id)
    if row is not None and row.state in _OPEN:
        await store.change_callback(tx.conn, row.id, attempts=row.attempts + 1, state="assigned", outcome=state.value)


def instant(tx: Tx, name: str, value: int) -> datetime:
    """Return an instant to come. Raises Invalid: `past`, `too_far`."""
    if not 0 < value < 253_402_300_800_000:
        raise Invalid("invalid", fields={name: "too_far"})
    at = from_ms(value)
    if at < tx.now - timedelta(minutes=1):
        raise Invalid("invalid", fields={name: "past"})
    if at > tx.now + timedelta(days=FARTHEST_DAYS):
        raise Invalid("invalid", fields={name: "too_far"})
    return max(at, tx.now)


def text_or_none(name: str, value: str | None) -> str | None:
    """Return a text fit to be kept, None for an empty one. Raises Invalid with its code."""
    if value is None or not value.strip():
        return None
    try:
        return safe_text(value, 2_000, field=name)
    except TextRefused as error:
        raise Invalid("invalid", fields={name: error.code}) from error
