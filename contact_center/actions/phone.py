"""The desk phone: an agent with an ordinary telephone logs the call in the console, now or afterwards.

The same marks steer a browser phone: there they become orders, and the fact comes back from the provider.
"""

from datetime import datetime
from typing import Any, Final, Literal

from pydantic import Field

from contact_center.actions import call_contact, call_orders, callback_tries, calls, dialling, office, work
from contact_center.actions.desk import Epoch, ItemId
from contact_center.actions.kernel import Answer, Body, Tx, verb
from contact_center.errors import Conflict, Invalid, Missing
from contact_center.rules import access
from contact_center.rules.callbacks import PURPOSE_OF
from contact_center.rules.calls import CallState, EventKind, Fact, Mode, OrderKind, Purpose
from contact_center.rules.faces import from_ms
from contact_center.rules.identity import Phone, PhoneKind, normalise
from contact_center.rules.lifecycle import CALL, Facts, by_of, step
from contact_center.rules.model import Direction
from contact_center.rules.sight import petition_scope
from contact_center.store import calls as store
from contact_center.store import citizens as citizen_store
from contact_center.store import conversations as chat_store
from contact_center.store import petitions as petition_store
from contact_center.store import work as work_store

OLDEST_DAYS: Final = 30
PROVIDER: Final = "twilio"
"""Whose calls a browser phone makes."""
_ANONYMOUS_WORDS: Final = frozenset({"oculto", "privado", "anonimo", "anónimo"})
_Number = Field(default=None, max_length=60)

Mark = Literal[
    "answered", "hold", "resume", "ended", "dropped", "no_answer", "busy", "voicemail", "wrong_number", "out_of_service"
]
_KINDS: Final = {
    "answered": EventKind.answered,
    "hold": EventKind.held,
    "resume": EventKind.resumed,
}
_ORDERS: Final = {"hold": OrderKind.hold, "resume": OrderKind.resume, "ended": OrderKind.hang_up}


def read_number(raw: str | None) -> Phone:
    """Return a number as an agent typed it; nothing, or the word for it, is a hidden one.

    Raises Invalid for what is no number at all.
    """
    if raw is None or not raw.strip() or raw.strip().lower() in _ANONYMOUS_WORDS:
        return Phone(PhoneKind.anonymous)
    phone = normalise(raw)
    if phone.kind is PhoneKind.invalid:
        raise Invalid("invalid", fields={"number": "invalid"})
    return phone


def check_dialled(phone: Phone) -> None:
    """Raise Invalid unless a number may be called: no emergency, premium, satellite or short one (PROMISES S16)."""
    if phone.kind not in (PhoneKind.mexican, PhoneKind.foreign, PhoneKind.toll_free):
        raise Invalid("invalid", fields={"number": phone.kind.value})


class Start(Body):
    """A call that begins now. `item_id`: a callback held, of which this is an attempt.

    `mode` desk: at the agent's own telephone; browser: the provider rings the agent's browser, then the citizen.
    """

    direction: Direction
    number: str | None = _Number
    purpose: Purpose = Purpose.attention
    folio: str | None = Field(default=None, max_length=40)
    citizen_id: str | None = Field(default=None, max_length=36)
    item_id: str | None = Field(default=None, max_length=36)
    mode: Literal["desk", "browser"] = "desk"


@verb("call.start", action="call.use")
async def start(tx: Tx, body: Start) -> Answer:
    """Begin the record of a call. It is the actor's at once; one of ours passes the check of `dialling`.

    Raises Invalid `fields`, Conflict: do_not_contact, outside_window, day_off, daily_cap, too_soon, call_in_progress.
    At a browser phone: Conflict `no_device` when there is none ready, Invalid `mode` for a call received.
    """
    in_browser = body.mode == "browser"
    if in_browser:
        await _check_browser(tx, body)
    phone = read_number(body.number)
    folio = await _purpose(tx, body.direction, body.purpose, body.folio)
    attempt = await _callback_item(tx, body.item_id)
    promised, purpose, citizen_id = None, body.purpose, body.citizen_id
    if attempt is not None:
        promised = await store.get_callback(tx.conn, attempt.interaction_id)
    if promised is not None:
        if body.number and phone.e164 != promised.number:
            raise Invalid("invalid", fields={"number": "other_number"})
        phone = normalise(promised.number)
        purpose = PURPOSE_OF[promised.reason] if purpose is Purpose.attention else purpose
        folio = folio or promised.folio
        contact = await work_store.get_interaction(tx.conn, promised.id)
        citizen_id = contact.citizen_id if contact is not None else None
    if body.direction is Direction.outbound:
        await check_may_call(tx, citizen_id)
        if attempt is None and citizen_id is not None and not body.number:
            phone = await _on_record(tx, citizen_id)
        queue_id = attempt.queue_id if attempt is not None else None
        await dialling.check(tx, phone, queue_id=queue_id, citizen_id=citizen_id, callback=promised)
    call = await call_contact.make(
        tx,
        direction=body.direction,
        phone=phone,
        mode=Mode(body.mode),
        provider=PROVIDER if in_browser else None,
        started_at=tx.now,
        interaction_id=attempt.interaction_id if attempt is not None else None,
        purpose=purpose,
        agent_id=tx.actor.id,
        citizen_id=body.citizen_id,
        folio=folio,
    )
    if promised is not None:
        await callback_tries.begin(tx, promised, call)
    kind = EventKind.entered if body.direction is Direction.inbound else EventKind.dialled
    await calls.add_facts(tx, call, [calls.fact_now(tx, kind, key=kind.value)])
    answer = await _mine(tx, call)
    if in_browser:
        await call_orders.ask(tx, call, OrderKind.dial, by=tx.actor.id, user=tx.actor.id)
    return answer


async def _check_browser(tx: Tx, body: Start) -> None:
    if body.direction is Direction.inbound:
        raise Invalid("invalid", fields={"mode": "outbound_only"})
    await check_device(tx, tx.actor.id)


async def check_device(tx: Tx, user_id: str) -> None:
    """Raise Conflict `no_device` unless somebody's telephone in the browser can be rung."""
    status = await work_store.get_status(tx.conn, user_id)
    if status is None or status.phone_at is None:
        raise Conflict("no_device")


async def _mine(tx: Tx, call: Any) -> Answer:
    """Put a new call into the actor's hands, unless they hold its item already."""
    item = await work_store.open_item_of(tx.conn, call.interaction_id)
    if item is None:
        await chat_store.change(tx.conn, call.interaction_id, state="queued", queued_at=call.started_at)
        row = await chat_store.get(tx.conn, call.interaction_id)
        item_id = await work.enqueue(tx, row, kind="call")
        await work_store.change_item(tx.conn, item_id, direction=call.direction)
        item = await work_store.get_item(tx.conn, item_id)
        await work.hold(tx, item, tx.actor.id, how="taken", event="take")
        item = await work_store.get_item(tx.conn, item_id)
    assert item is not None
    return answer_of(item, call.id)


def answer_of(item: Any, call_id: str) -> Answer:
    return {"item": {"id": item.id, "conversation": item.conversation_id}, "call": {"id": call_id}}


async def _purpose(tx: Tx, direction: Direction, purpose: Purpose, folio: str | None) -> str | None:
    """Check that a purpose fits: informing needs a folio and, like asking, a call of ours (DOMAIN §2.1 «Call»)."""
    if direction is Direction.inbound and purpose is not Purpose.attention:
        raise Invalid("invalid", fields={"purpose": "outbound_only"})
    if purpose in (Purpose.inform, Purpose.request_info) and not folio:
        raise Invalid("invalid", fields={"folio": "required"})
    if folio:
        row = await petition_store.get(tx.conn, folio)
        if row is None or not access.can(tx.actor, "petition.read", petition_scope(row, tx.actor)):
            raise Invalid("invalid", fields={"folio": "unknown"})
    return folio or None


async def _callback_item(tx: Tx, item_id: str | None) -> Any | None:
    if item_id is None:
        return None
    item = await work.load(tx, item_id, "work.wrap_up")
    if item.kind != "callback" or item.state != "held" or item.owner_id != tx.actor.id:
        raise Conflict("not_held")
    if await store.open_of(tx.conn, item.interaction_id) is not None:
        raise Conflict("call_in_progress")
    return item


async def _on_record(tx: Tx, citizen_id: str) -> Phone:
    """Return the number somebody gave us: whoever calls them need not see it."""
    citizen = await citizen_store.get(tx.conn, citizen_id)
    return read_number(citizen.phone if citizen is not None else None)


async def check_may_call(tx: Tx, citizen_id: str | None) -> None:
    """Raise Conflict for somebody who asked not to be called (DOMAIN §2.9 rule 14), Missing for nobody."""
    if citizen_id is None:
        return
    citizen = await citizen_store.get(tx.conn, citizen_id)
    if citizen is None:
        raise Missing
    if citizen.do_not_contact:
        raise Conflict("do_not_contact")


class MarkBody(Body):
    """What just happened on the line."""

    item_id: str = ItemId
    epoch: int = Epoch
    what: Mark


@verb("call.mark", action="call.use")
async def mark(tx: Tx, body: MarkBody) -> Answer:
    """Say what happened on the line. At a browser phone holding and hanging up are asked of the provider instead.

    Raises IllegalMove for what is not possible from here, Conflict `by_provider` for what only the provider knows.
    """
    item, call = await load_call(tx, body.item_id, body.epoch)
    direction = Direction(call.direction)
    if not (direction is Direction.inbound and body.what == "answered"):
        step(CALL, CallState(call.state), body.what, Facts(by=by_of(tx.actor.kind, tx.actor.roles)))
    if call.mode == Mode.browser:
        if body.what not in _ORDERS:
            raise Conflict("by_provider")
        await call_orders.ask(tx, call, _ORDERS[body.what], by=tx.actor.id)
        return answer_of(item, call.id)
    facts = [_fact_of(tx, body.what)]
    if body.what == "answered":
        facts.append(calls.fact_now(tx, EventKind.joined, leg=tx.actor.id, user_id=tx.actor.id))
    await calls.add_facts(tx, call, facts)
    return answer_of(item, call.id)


def _fact_of(tx: Tx, what: str) -> Any:
    if what in _KINDS:
        return calls.fact_now(tx, _KINDS[what])
    how = "completed" if what == "ended" else what
    return calls.fact_now(tx, EventKind.ended, key="ended", data={"how": how, "by": "agent"})


async def load_call(tx: Tx, item_id: str, epoch: int | None) -> tuple[Any, Any]:
    """Return an item the actor holds and its call whose line is in use. Raises Missing, StaleOwner, Conflict."""
    item = await work.load(tx, item_id, "work.wrap_up", epoch=epoch)
    call = await store.open_of(tx.conn, item.interaction_id)
    if call is None:
        raise Conflict("call_over")
    return item, call


class NumberBody(Body):
    """The number the caller said, or the right one."""

    item_id: str = ItemId
    epoch: int = Epoch
    number: str = Field(max_length=60)


@verb("call.number", action="call.use")
async def set_number(tx: Tx, body: NumberBody) -> Answer:
    """Write down or mend the number of a call logged by hand; the provider's word is not changed."""
    item = await work.load(tx, body.item_id, "work.wrap_up", epoch=body.epoch)
    (call, *_) = await store.of_interaction(tx.conn, item.interaction_id) or (None,)
    if call is None:
        raise Missing
    if call.mode != Mode.desk:
        raise Conflict("by_provider")
    phone = read_number(body.number)
    await store.change(tx.conn, call.id, number=phone.e164, number_kind=phone.kind.value, extension=phone.extension)
    tx.emit("work.changed", item=item.id, conversation=item.conversation_id, user=item.owner_id, queue=item.queue_id)
    return answer_of(item, call.id)


class Log(Body):
    """A call that is over and was not logged while it lasted. Instants are milliseconds since the epoch."""

    direction: Direction
    started_at: int
    ended_at: int
    answered: bool = True
    outcome: Literal["completed", "dropped", "no_answer", "busy", "voicemail", "wrong_number", "out_of_service"] = (
        "completed"
    )
    number: str | None = _Number
    purpose: Purpose = Purpose.attention
    folio: str | None = Field(default=None, max_length=40)
    citizen_id: str | None = Field(default=None, max_length=36)
    queue_id: str | None = Field(default=None, max_length=36)


@verb("call.log", action="call.use")
async def log_late(tx: Tx, body: Log) -> Answer:
    """Enter a call afterwards: marked late, its wait stays empty, and it goes to the actor's wrap-up.

    Raises Invalid `fields`: in_future, too_old, ends_before_start (DOMAIN §2.1, §2.9 rule 10).
    """
    started, ended = _past(tx, body.started_at, body.ended_at)
    phone = read_number(body.number)
    folio = await _purpose(tx, body.direction, body.purpose, body.folio)
    call = await call_contact.make(
        tx,
        direction=body.direction,
        phone=phone,
        mode=Mode.desk,
        started_at=started,
        purpose=body.purpose,
        agent_id=tx.actor.id,
        citizen_id=body.citizen_id,
        queue_id=body.queue_id,
        folio=folio,
        flags=("late_capture",),
    )
    inbound = body.direction is Direction.inbound
    answer = await _mine(tx, call)
    facts = [Fact("entered" if inbound else "dialled", EventKind.entered if inbound else EventKind.dialled, started)]
    if body.answered:
        facts.append(Fact("answered", EventKind.answered, started))
        facts.append(Fact("joined", EventKind.joined, started, leg=tx.actor.id, user_id=tx.actor.id))
    facts.append(Fact("ended", EventKind.ended, ended, data={"how": body.outcome, "by": "agent"}))
    await calls.add_facts(tx, call, facts)
    return answer


def _past(tx: Tx, started_ms: int, ended_ms: int) -> tuple[datetime, datetime]:
    now_ms = tx.now_us // 1000
    wrong: dict[str, str] = {}
    for name, value in (("started_at", started_ms), ("ended_at", ended_ms)):
        if value > now_ms:
            wrong[name] = "in_future"
        elif value < now_ms - OLDEST_DAYS * 86_400_000:
            wrong[name] = "too_old"
    if not wrong and ended_ms < started_ms:
        wrong["ended_at"] = "ends_before_start"
    if not wrong and ended_ms - started_ms > 12 * 3_600_000:
        wrong["ended_at"] = "too_long"
    if wrong:
        raise Invalid("invalid", fields=wrong)
    return from_ms(started_ms), from_ms(ended_ms)


class Reveal(Body):
    """A call whose whole number is wanted."""

    call_id: str = Field(max_length=36)


@verb("call.reveal", action="call.reveal")
async def reveal(tx: Tx, body: Reveal) -> Answer:
    """Return the whole number of a call, on record."""
    row = await store.scope_row(tx.conn, body.call_id)
    if row is None:
        raise Missing
    tx.check_visible("call.reveal", call_contact.scope_of(row))
    await office.log_access(tx, "call.reveal", "call", row.id)
    return {"number": row.number, "extension": row.extension}
