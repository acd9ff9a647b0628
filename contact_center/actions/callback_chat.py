"""«Que me llamen»: a citizen asks in the chat to be called, moves it, calls it off.

Nobody can have others called: the number is the visit's own, or one that is written twice and becomes it; one open
callback a visit, few a day for a visit and for a number; a number that turned out to be somebody else's is refused for
a month (PROMISES §3: 75, S16).
"""

from datetime import datetime, timedelta
from typing import Any, Final

from pydantic import Field

from contact_center.actions import (
    callback_times,
    callback_words,
    callbacks,
    captures,
    conversations,
    dialling,
    office,
    work,
)
from contact_center.actions.kernel import Answer, Body, Tx, verb
from contact_center.errors import Conflict, Invalid, Missing, TooMany
from contact_center.rules import dialling as dial_rules
from contact_center.rules.callbacks import Told
from contact_center.rules.faces import from_ms, ms
from contact_center.rules.folios import OFFICE_ZONE
from contact_center.rules.identity import Phone, normalise
from contact_center.rules.lifecycle import CONVERSATION, Facts, step
from contact_center.rules.model import ActorKind, ConversationState
from contact_center.rules.zones import local_day
from contact_center.store import calls as store
from contact_center.store import conversations as chat_store
from contact_center.store import promises as promise_store
from contact_center.store import work as work_store

WRONG_DAYS: Final = 30
MAX_A_NUMBER: Final = 2
"""How often a day citizens may ask that one number be called."""


class Ask(Body):
    """A number to be called at, and when; without a time, as soon as somebody can."""

    phone: str = Field(min_length=1, max_length=60)
    phone_again: str | None = Field(default=None, max_length=60)
    due_at: int | None = None
    text: str | None = Field(default=None, max_length=2_000)


@verb("chat.callback", action="chat.use", door="visitor")
async def ask(tx: Tx, body: Ask) -> Answer:
    """Promise a citizen a call. Raises Invalid `fields`, Conflict `already_promised`, `number_refused`, TooMany."""
    visitor = await chat_store.get_visitor(tx.conn, tx.actor.id)
    phone = await _own_number(tx, visitor, body)
    assert phone.e164 is not None
    await _check_guards(tx, phone.e164)
    chat, is_new = await _chat(tx)
    queue = await _queue(tx)
    citizen_id = chat.citizen_id
    soon = body.due_at is None
    if soon:
        at = await _soonest(tx, phone, queue, citizen_id)
    else:
        at = callback_times.instant(tx, "due_at", body.due_at or 0)
        await callback_times.check_time(tx, phone, "", queue, at, citizen_id, despite_load=False)
    await chat_store.change_visitor(tx.conn, visitor.id, name=visitor.name, phone=phone.e164)
    arrived = await _leave_line(tx, chat) if soon else None
    callback_id = await callbacks.make(
        tx,
        reason="return",
        number=phone.e164,
        queue_id=queue.id,
        due_at=at,
        arrived=arrived,
        citizen_id=citizen_id,
        origin_id=chat.id,
        note=callbacks.text_or_none("text", body.text),
        source="citizen",
        visitor_id=visitor.id,
        told=Told.chat,
    )
    row = await callbacks.load(tx, callback_id)
    await callback_words.tell(tx, row, "promised", row.due_at)
    if is_new:
        await _close(tx, chat)
    return {"callback": {"id": callback_id}}


async def _own_number(tx: Tx, visitor: Any, body: Ask) -> Phone:
    """Return the number, as the visit's own. Raises Invalid: a kind, country, other_number, required, differs."""
    phone = normalise(body.phone)
    rule = await dialling.policy(tx)
    wrong = dial_rules.refuse_number(phone, rule.prefixes)
    if wrong is not None or not phone.kind.is_callable:
        raise Invalid("invalid", fields={"phone": wrong.code if wrong is not None else phone.kind.value})
    if visitor.phone == phone.e164:
        return phone
    if visitor.phone is not None and await promise_store.of_visitor(tx.conn, visitor.id, made_after=_day_before(tx)):
        raise Invalid("invalid", fields={"phone": "other_number"})
    if not body.phone_again:
        raise Invalid("invalid", fields={"phone_again": "required"})
    if normalise(body.phone_again).e164 != phone.e164:
        raise Invalid("invalid", fields={"phone_again": "differs"})
    return phone


def _day_before(tx: Tx) -> datetime:
    return tx.now - timedelta(days=1)


async def _check_guards(tx: Tx, number: str) -> None:
    options = await tx.options()
    mine = await promise_store.of_visitor(tx.conn, tx.actor.id, made_after=_day_before(tx))
    open_one = next((one for one in mine if callbacks.is_open(one)), None)
    newest = await promise_store.newest_of_visitor(tx.conn, tx.actor.id)
    if open_one is None and newest is not None and callbacks.is_open(newest) and newest.visitor_id == tx.actor.id:
        open_one = newest
    if open_one is not None:
        raise Conflict("already_promised", callback=open_one.id, due_at=ms(open_one.due_at))
    since = local_day(tx.now, OFFICE_ZONE)
    if len(mine) >= options.citizen_callbacks_per_day:
        raise TooMany(retry_after_s=_until_tomorrow(tx))
    if await promise_store.was_wrong(tx.conn, number, tx.now - timedelta(days=WRONG_DAYS)):
        raise Conflict("number_refused")
    if await promise_store.open_like(tx.conn, reason="return", number=number, folio=None) is not None:
        raise Conflict("number_refused")  # whose it is is nobody's business
    if await promise_store.asked_of_number(tx.conn, number, since) >= MAX_A_NUMBER:
        raise Conflict("number_refused")
    if await dialling.is_barred(tx, number, None):
        raise Conflict("number_refused")


def _until_tomorrow(tx: Tx) -> int:
    tomorrow = local_day(local_day(tx.now, OFFICE_ZONE) + timedelta(hours=30), OFFICE_ZONE)
    return max(1, int((tomorrow - tx.now).total_seconds()))


async def _chat(tx: Tx) -> tuple[Any, bool]:
    """Return the conversation the promise is told in, and whether it was opened for nothing else."""
    latest = await chat_store.latest_of_visitor(tx.conn, tx.actor.id)
    if latest is not None:
        return await chat_store.get(tx.conn, latest), False
    return await conversations.open_row(tx), True


async def _queue(tx: Tx) -> Any:
    queues = await work_store.all_queues(tx.conn)
    return next((one for one in queues if "phone" in one.channels), None) or await office.queue_for(tx, "web_chat")


async def _soonest(tx: Tx, phone: Phone, queue: Any, citizen_id: str | None) -> datetime:
    """Return the first time at which there is somebody, and room."""
    assert phone.e164 is not None
    calendars = await dialling.windows(tx, phone.e164, "", queue.id)
    at = dialling.soon(calendars, tx.now)
    try:
        await callback_times.check_time(tx, phone, "", queue, at, citizen_id, despite_load=False)
    except Conflict as error:
        free = error.data.get("next_at")
        if error.code != "no_room" or free is None:
            raise
        return from_ms(int(free))
    return at


async def _leave_line(tx: Tx, chat: Any) -> datetime | None:
    """Take a citizen who waits out of the line and return since when they waited: their place goes with the call."""
    if chat.state != ConversationState.queued.value or conversations.is_crisis(chat.flags):
        return None
    item = await work_store.open_item_of(tx.conn, chat.id)
    if item is None or item.state not in {"waiting", "offered"}:
        return None
    arrived: datetime = item.enqueued_at
    await work.drop(tx, item)
    await _close(tx, chat)
    await work_store.change_interaction(tx.conn, chat.id, wait_s=int((tx.now - arrived).total_seconds()))
    return arrived


async def _close(tx: Tx, chat: Any) -> None:
    """End a conversation whose whole matter is the promised call; it is accounted for."""
    facts = Facts(by=frozenset({ActorKind.system}), crisis=False)
    state = step(CONVERSATION, ConversationState(chat.state), "self_service", facts)
    await chat_store.change(tx.conn, chat.id, state=state.value, is_open=False, closed_at=tx.now, closed_by="citizen")
    await work_store.change_interaction(tx.conn, chat.id, ended_at=tx.now)
    await captures.account_for(tx, chat.id, disposition="callback_promised", reason="callback_pending")
    tx.emit("conversation.changed", conversation=chat.id)


class Change(Body):
    """A promised call of the visitor's own, and its new time."""

    callback_id: str = Field(max_length=36)
    due_at: int


@verb("chat.callback_move", action="chat.use", door="visitor")
async def move(tx: Tx, body: Change) -> Answer:
    """Give an own promised call another time. Raises Conflict callback_over, call_in_progress, held, no_room…"""
    row, item = await _own(tx, body.callback_id)
    due = callback_times.instant(tx, "due_at", body.due_at)
    await callback_times.retime(tx, row, item, due, None, despite_load=False)
    return {"callback": {"id": row.id}}


class Off(Body):
    """A promised call that the citizen no longer wants."""

    callback_id: str = Field(max_length=36)


@verb("chat.callback_cancel", action="chat.use", door="visitor")
async def cancel(tx: Tx, body: Off) -> Answer:
    """Call an own promised call off. Idempotent. Raises Conflict while it is being made."""
    row, item = await _own(tx, body.callback_id)
    if row.state == "cancelled":
        return {"callback": {"id": row.id}}
    if row.dialling_id is not None:
        raise Conflict("call_in_progress")
    if item is not None and item.owner_id is not None:
        raise Conflict("held")
    await callbacks.withdraw(tx, row, item, None, by="citizen")
    await callback_words.tell(tx, row, "cancelled")
    await captures.account_for(tx, row.id, disposition="not_reached")
    return {"callback": {"id": row.id}}


async def _own(tx: Tx, callback_id: str) -> tuple[Any, Any | None]:
    """Return a callback the visitor asked for, or was promised in a conversation of theirs. Raises Missing."""
    row = await store.get_callback(tx.conn, callback_id)
    if row is None:
        raise Missing
    origin = await chat_store.get(tx.conn, row.origin_id) if row.origin_id else None
    if tx.actor.id not in {row.visitor_id, origin.visitor_id if origin is not None else None}:
        raise Missing
    return row, await work_store.open_item_of(tx.conn, row.id)
