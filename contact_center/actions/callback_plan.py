"""A call is promised by a member of staff: from a conversation, a petition, for another area with questions."""

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from contact_center.actions import call_contact, callback_words, callbacks
from contact_center.actions.callback_times import check_time, checked_zone, times
from contact_center.actions.callback_tries import answer_of
from contact_center.actions.callbacks import text_or_none
from contact_center.actions.kernel import Answer, Body, Tx, verb
from contact_center.actions.petition_record import get_contact
from contact_center.errors import Conflict, Invalid, Missing
from contact_center.rules import access
from contact_center.rules import callbacks as rules
from contact_center.rules.callbacks import Told
from contact_center.rules.faces import ms
from contact_center.rules.identity import Phone, normalise
from contact_center.rules.model import Priority
from contact_center.rules.sight import petition_scope
from contact_center.store import citizens as citizen_store
from contact_center.store import people
from contact_center.store import petitions as petition_store
from contact_center.store import promises as promise_store
from contact_center.store import work as work_store

_ID = Field(default=None, max_length=36)
_LOCAL = Field(default=None, max_length=16)


class Question(Body):
    """One thing to ask."""

    text: str = Field(min_length=1, max_length=300)
    kind: Literal["text", "yes_no", "number", "date", "choice"] = "text"
    choices: tuple[str, ...] = Field(default=(), max_length=20)
    required: bool = True


class Plan(Body):
    """A callback that a person promises. Instants are milliseconds since the epoch; `due_local` is a clock time."""

    reason: Literal["inform", "ask", "return", "other"]
    due_at: int | None = None
    due_local: str | None = _LOCAL
    zone: str | None = Field(default=None, max_length=60)
    not_after: int | None = None
    interaction_id: str | None = _ID
    number: str | None = Field(default=None, max_length=60)
    citizen_id: str | None = _ID
    folio: str | None = Field(default=None, max_length=40)
    owner_id: str | None = _ID
    queue_id: str | None = _ID
    priority: Literal["low", "normal", "high"] = "normal"
    note: str | None = Field(default=None, max_length=2_000)
    questions: tuple[Question | str, ...] = Field(default=(), max_length=20)
    despite_load: bool = False
    again_of: str | None = _ID


@verb("callback.plan", action="callback.plan")
async def plan(tx: Tx, body: Plan) -> Answer:
    """Promise a call, and tell the citizen when. Raises Invalid `fields`, Conflict with `next_at` for a time."""
    before = await _before(tx, body.again_of)
    folio = body.folio or (before.folio if before is not None else None)
    petition = await _petition(tx, body, folio)
    contact = await get_contact(tx, body.interaction_id)
    citizen_id, phone = await _whom(tx, body, petition, contact, before)
    zone = checked_zone(body.zone)
    queue = await queue_of(tx, body.queue_id)
    if body.owner_id is not None:
        await check_owner(tx, body.owner_id)
    questions = _questions(tx, body, before)
    due, last = times(tx, body.due_at, body.due_local, body.not_after, zone, phone)
    await check_time(tx, phone, zone, queue, due, citizen_id, despite_load=body.despite_load)
    assert phone.e164 is not None
    known = await promise_store.open_like(tx.conn, reason=body.reason, number=phone.e164, folio=folio)
    if known is not None:
        raise Conflict("already_promised", callback=known.id, due_at=ms(known.due_at))
    spoken = contact is not None and contact.channel == "phone"
    callback_id = await callbacks.make(
        tx,
        reason=body.reason,
        number=phone.e164,
        queue_id=queue.id,
        due_at=due,
        not_after=last,
        citizen_id=citizen_id,
        origin_id=body.interaction_id,
        folio=folio,
        owner_id=body.owner_id,
        note=text_or_none("note", body.note),
        questions=questions,
        zone=zone,
        priority=Priority(body.priority).value,
        told=Told.said if spoken else Told.none,
        again_of=body.again_of,
    )
    if not spoken:
        await _announce(tx, callback_id, last)
    return await answer_of(tx, callback_id)


async def _announce(tx: Tx, callback_id: str, last: datetime | None) -> None:
    """Tell a citizen who can be written to; the promise remembers how they heard of it."""
    row = await callbacks.load(tx, callback_id)
    told = await callback_words.tell(tx, row, "promised", row.due_at, last)
    pending = await promise_store.pending(tx.conn, callback_id)
    if told is not Told.none and pending is not None:
        await promise_store.settle(tx.conn, pending.id, told=told.value)


async def _before(tx: Tx, callback_id: str | None) -> Any | None:
    """Return the exhausted callback that another round is asked for. Raises Missing, Conflict `callback_open`."""
    if callback_id is None:
        return None
    row, _item = await callbacks.of_actor(tx, callback_id, "callback.receive")
    if callbacks.is_open(row):
        raise Conflict("callback_open")
    return row


async def _petition(tx: Tx, body: Plan, folio: str | None) -> Any | None:
    if folio is None:
        if body.reason in rules.NAMED and body.reason == "inform":
            raise Invalid("invalid", fields={"folio": "required"})
        return None
    row = await petition_store.get(tx.conn, folio)
    if row is None or not access.can(tx.actor, "petition.read", petition_scope(row, tx.actor)):
        raise Invalid("invalid", fields={"folio": "unknown"})
    return row


async def _whom(
    tx: Tx, body: Plan, petition: Any | None, contact: Any | None, before: Any | None
) -> tuple[str | None, Phone]:
    """Return who is to be called and at what number: the one given, else that of the person, petition or visit."""
    citizen_id = body.citizen_id or (contact.citizen_id if contact is not None else None)
    if citizen_id is None and petition is not None and not body.number:
        citizen_id = petition.citizen_id
    citizen = await citizen_store.get(tx.conn, citizen_id) if citizen_id else None
    if body.citizen_id and citizen is None:
        raise Missing
    known = (
        body.number,
        before.number if before is not None else None,
        citizen.phone if citizen is not None and body.citizen_id else None,
        petition.phone if petition is not None else None,
        citizen.phone if citizen is not None else None,
        contact.visitor_phone if contact is not None else None,
    )
    return citizen_id, normalise(next((one for one in known if one), ""))


async def queue_of(tx: Tx, queue_id: str | None) -> Any:
    queue = (
        await work_store.get_queue(tx.conn, queue_id)
        if queue_id
        else await call_contact.queue_for(tx, None, tx.actor.id)
    )
    if queue is None or queue.closed_at is not None:
        raise Invalid("invalid", fields={"queue_id": "unknown"})
    return queue


async def check_owner(tx: Tx, user_id: str) -> None:
    user = await people.find(tx.conn, user_id)
    if user is None or user.disabled_at is not None or not {"agent", "supervisor", "area"} & set(user.roles):
        raise Invalid("invalid", fields={"owner_id": "unknown"})


def _questions(tx: Tx, body: Plan, before: Any | None) -> list[dict[str, Any]]:
    """Return the questions with ids of their own; what was answered in the round before is not asked again."""
    found: list[dict[str, Any]] = []
    for given in body.questions:
        one = Question(text=given) if isinstance(given, str) and given.strip() else given
        if isinstance(one, str):
            continue
        choices = [text for text in (text_or_none("questions", c, 120) for c in one.choices) if text]
        if one.kind == "choice" and len(choices) < 2:
            raise Invalid("invalid", fields={"questions": "choices"})
        text = text_or_none("questions", one.text, 300)
        if text is None:
            raise Invalid("invalid", fields={"questions": "required"})
        made = {"id": tx.ids.new(), "text": text, "kind": one.kind, "required": one.required}
        found.append({**made, "choices": choices} if one.kind == "choice" else made)
    if not found and before is not None:
        answered = {one["question"] for one in before.answers}
        found = [one for one in before.questions if one["id"] not in answered]
    if body.reason == "ask" and not found:
        raise Invalid("invalid", fields={"questions": "required"})
    return found
