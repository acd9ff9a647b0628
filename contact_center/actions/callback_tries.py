"""What comes of a try of a callback: who may dial, what it makes of the promise, the answers, what follows.

The right to dial is one column of the row, compared and set: there is at most one try at a time, on every node, and
the end of each is counted once (PROMISES P16).
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from pydantic import Field

from contact_center.actions import callback_words, callbacks, captures, dialling, work, work_later
from contact_center.actions.desk import Epoch, ItemId
from contact_center.actions.kernel import Answer, Body, Tx, verb
from contact_center.actions.petition_record import add_follow_up, emit
from contact_center.errors import Conflict, Invalid, Missing
from contact_center.rules import callbacks as rules
from contact_center.rules.callbacks import Next, Protocol
from contact_center.rules.calls import NOT_REACHED, CallState
from contact_center.rules.faces import ms
from contact_center.rules.model import ActorKind
from contact_center.rules.zones import zones_of
from contact_center.store import calls as store
from contact_center.store import promises as promise_store
from contact_center.store import work as work_store

Value = str | bool | int | float | None


async def begin(tx: Tx, row: Any, call: Any) -> None:
    """Take the right to dial, and let this try be what became of the promise. Raises Conflict `call_in_progress`."""
    if not await promise_store.claim_dialling(tx.conn, row.id, call.id):
        raise Conflict("call_in_progress" if callbacks.is_open(row) else "callback_over")
    pending = await promise_store.pending(tx.conn, row.id)
    if pending is not None:
        standing = rules.standing_of_try(tx.now, pending.on_time_until, pending.until)
        await promise_store.settle(
            tx.conn,
            pending.id,
            standing=standing.value,
            tried_at=tx.now,
            settled_at=tx.now,
            agent_id=call.agent_id,
            call_id=call.id,
        )
    else:
        await promise_store.note_late_try(tx.conn, row.id, now=tx.now, agent_id=call.agent_id)
    await store.change_callback(tx.conn, row.id, state=rules.after(row.state, "due"))
    await work.clear_alerts(tx, row.id, ("callback_broken",))


async def ended(tx: Tx, call: Any, state: CallState) -> None:
    """The line of a call is down: if it was a try, count it once and let follow what the protocol says.

    Nothing for a call that belongs to no callback. A try that was answered waits for the word of whoever spoke.
    """
    row = await store.get_callback(tx.conn, call.interaction_id)
    if row is None or not await promise_store.release_dialling(tx.conn, row.id, call.id):
        return
    if state in rules.UNCOUNTED:
        await promise_store.untry(tx.conn, call.id)
        await callbacks.changed(tx, row.id)
        return
    await store.change_callback(tx.conn, row.id, attempts=row.attempts + 1, outcome=state.value)
    row = await callbacks.load(tx, row.id)
    item = await work_store.open_item_of(tx.conn, row.id)
    if item is None or state not in NOT_REACHED:
        await callbacks.changed(tx, row.id)
        return
    following = await follow(tx, row, state)
    if following.at is not None:
        await callbacks.put_back(tx, row, item, following.at, outcome=state.value)
    else:
        await exhaust(tx, row, item)


async def follow(tx: Tx, row: Any, outcome: CallState) -> Next:
    """Return what the protocol says after the last try of a callback."""
    options = await tx.options()
    contact = await work_store.get_interaction(tx.conn, row.id)
    assert contact is not None
    tried = [one.started_at for one in await promise_store.tries_of(tx.conn, row.id) if _counts(one.state)]
    calendars = await dialling.windows(tx, row.number, row.zone, contact.queue_id)
    protocol = Protocol(options.callback_attempts, options.callback_apart_s)
    zone = zones_of(row.number, row.zone or None)[0]
    return rules.after_try(outcome, tried or [tx.now], protocol, zone, calendars)


def _counts(state: str) -> bool:
    return CallState(state) not in rules.UNCOUNTED


async def exhaust(tx: Tx, row: Any, item: Any | None) -> None:
    """Tried as often as it goes: a message where there is a channel, a line in the petition, back to the requester."""
    state = rules.after(row.state, "exhaust")
    told = await callback_words.tell(tx, row, "not_reached")
    await store.change_callback(
        tx.conn, row.id, state=state, outcome=row.outcome or "not_reached", closed_at=tx.now, message_sent=told.value
    )
    await _into_petition(tx, await callbacks.load(tx, row.id), reached=False)
    await callbacks.note_line(tx, row.id, "callback.exhausted", {"attempts": row.attempts, "told": told.value})
    if item is not None and item.state != "wrap_up":
        await work_later.finish_unheld(tx, item, how="exhausted")
        await captures.account_for(tx, row.id, disposition="not_reached")
    await callbacks.changed(tx, row.id)


class Save(Body):
    """Answers as far as they go; one that is null is taken away."""

    item_id: str = ItemId
    epoch: int = Epoch
    answers: dict[str, Value] = Field(default_factory=dict, max_length=20)
    identity: bool | None = None


@verb("callback.save", action="call.use")
async def save(tx: Tx, body: Save) -> Answer:
    """Keep answers while the call lasts or afterwards. Raises Invalid `fields` by question."""
    row, _item = await _mine(tx, body.item_id, body.epoch)
    await _keep(tx, row, body.answers, body.identity)
    await callbacks.changed(tx, row.id)
    return await answer_of(tx, row.id)


async def _mine(tx: Tx, item_id: str, epoch: int) -> tuple[Any, Any]:
    item = await work.load(tx, item_id, "work.wrap_up", epoch=epoch)
    row = await store.get_callback(tx.conn, item.interaction_id)
    if row is None:
        raise Missing
    if not callbacks.is_open(row):
        raise Conflict("callback_over")
    return row, item


async def _keep(tx: Tx, row: Any, given: Mapping[str, Value], identity: bool | None) -> Any:
    by_id = {one["id"]: one for one in row.questions}
    kept = {one["question"]: one for one in row.answers}
    wrong: dict[str, str] = {}
    for key, value in given.items():
        if key not in by_id:
            wrong[f"answers.{key[:40]}"] = "unknown"
        elif value is None:
            kept.pop(key, None)
        elif (error := rules.answer_error(by_id[key], value)) is not None:
            wrong[f"answers.{key}"] = error
        else:
            said = value.strip() if isinstance(value, str) else value
            kept[key] = {"question": key, "value": said, "at": ms(tx.now), "by": tx.actor.id}
    if wrong:
        raise Invalid("invalid", fields=wrong)
    values: dict[str, Any] = {"answers": [kept[one["id"]] for one in row.questions if one["id"] in kept]}
    if identity is not None:
        values["identity"] = identity
    await store.change_callback(tx.conn, row.id, **values)
    return await callbacks.load(tx, row.id)


class Outcome(Body):
    """What a call that was answered came to."""

    item_id: str = ItemId
    epoch: int = Epoch
    outcome: Literal["reached", "partly", "wrong_person"]
    answers: dict[str, Value] = Field(default_factory=dict, max_length=20)
    identity: bool | None = None
    note: str | None = Field(default=None, max_length=2_000)


@verb("callback.outcome", action="call.use")
async def outcome(tx: Tx, body: Outcome) -> Answer:
    """Say what an answered call came to. Raises Conflict `not_reached`, `call_in_progress`; Invalid `fields`.

    `reached` settles the matter and leaves the capture to `work.finish`; anything less is tried again by the protocol.
    """
    row, item = await _mine(tx, body.item_id, body.epoch)
    if row.dialling_id is not None:
        raise Conflict("call_in_progress")
    tries = await promise_store.tries_of(tx.conn, row.id)
    if not tries or tries[-1].answered_at is None:
        raise Conflict("not_reached")
    row = await _keep(tx, row, body.answers, body.identity)
    if body.note and body.note.strip():
        await callbacks.add_note(tx, row.id, body.note)
    if body.outcome == "reached":
        _check_complete(row)
        await achieve(tx, row)
        return await answer_of(tx, row.id)
    await store.change_callback(tx.conn, row.id, outcome=body.outcome)
    following = await follow(tx, row, CallState.completed)
    row = await callbacks.load(tx, row.id)
    if following.at is not None:
        await callbacks.put_back(tx, row, item, following.at, outcome=body.outcome)
    else:
        await exhaust(tx, row, item)
    return await answer_of(tx, row.id)


def _check_complete(row: Any) -> None:
    wrong = {f"answers.{one}": "required" for one in rules.missing_answers(row.questions, row.answers)}
    if row.reason in rules.NAMED and not row.identity:
        wrong["identity"] = "required"
    if wrong:
        raise Invalid("invalid", fields=wrong)


async def achieve(tx: Tx, row: Any) -> None:
    """The matter is settled: into the petition, and back to who asked."""
    state = rules.after(row.state, "achieve")
    await store.change_callback(tx.conn, row.id, state=state, outcome="reached", kept_at=tx.now, closed_at=tx.now)
    await _into_petition(tx, await callbacks.load(tx, row.id), reached=True)
    await callbacks.changed(tx, row.id)


async def _into_petition(tx: Tx, row: Any, *, reached: bool) -> None:
    """Add the follow-up that the call leaves in its petition: what was told, what was answered, or that nobody was."""
    if row.folio is None:
        return
    kind, text = follow_up_text(row, reached=reached)
    await add_follow_up(
        tx, row.folio, kind, text, origin="citizen" if row.answers else "internal", interaction_id=row.id
    )
    await emit(tx, row.folio)


def follow_up_text(row: Any, *, reached: bool) -> tuple[str, str]:
    """Return (kind, text) of a petition's follow-up about a callback."""
    texts = {one["id"]: one["text"] for one in row.questions}
    answers = "\n".join(f"{texts[one['question']]}: {said(one['value'])}" for one in row.answers)
    if not reached:
        head = f"No fue posible comunicarse por teléfono ({row.attempts} intentos)."
        return "call_not_reached", head + (f"\nRespuestas parciales:\n{answers}" if answers else "")
    if row.reason == "inform":
        return "call_informed", "Se informó por teléfono el estado de la petición a la persona solicitante."
    return "call_answers", answers or "Se habló por teléfono con la persona solicitante."


def said(value: Any) -> str:
    """Return an answer as people write it."""
    return {True: "sí", False: "no"}[value] if isinstance(value, bool) else str(value)


@work.when_finished("callback")
async def finished(tx: Tx, item: Any) -> None:
    """A callback's item is left. Without a word about the outcome, what was reached and answered decides.

    A person who leaves with something missing is told so (Invalid); when the wrap-up ran out, it is tried again.
    """
    row = await store.get_callback(tx.conn, item.interaction_id)
    if row is None or not callbacks.is_open(row):
        return
    tries: Sequence[Any] = await promise_store.tries_of(tx.conn, row.id)
    reached = bool(tries) and tries[-1].answered_at is not None
    if reached and tx.actor.kind is not ActorKind.system:
        _check_complete(row)
        await achieve(tx, row)
    elif reached and row.reason not in rules.NAMED and not rules.missing_answers(row.questions, row.answers):
        await achieve(tx, row)
    elif tx.actor.kind is not ActorKind.system:
        raise Invalid("invalid", fields={"outcome": "not_called"})
    else:
        following = await follow(tx, row, CallState.completed) if tries else Next("again", tx.now)
        if following.at is None:
            await exhaust(tx, row, None)
        else:
            await callbacks.requeue(tx, row, following.at)


async def answer_of(tx: Tx, callback_id: str) -> Answer:
    """Return what a verb about a callback answers."""
    row = await callbacks.load(tx, callback_id)
    item = await work_store.latest_item_of(tx.conn, callback_id)
    return {
        "callback": {
            "id": row.id,
            "item": None if item is None else item.id,
            "state": row.state,
            "due_at": ms(row.due_at),
            "attempts": row.attempts,
            "outcome": row.outcome,
        },
        "item": None if item is None else {"id": item.id, "conversation": item.conversation_id},
    }
