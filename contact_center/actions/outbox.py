"""Messages on their way to a provider: posted with the message, sent at most once by themselves (PROMISES P14, P15).

A row is leased before its request leaves. When the answer does not come back, or the node dies in between, the row is
`uncertain`: nobody sends it again by itself; the provider is asked where it can be, else a person decides.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final, Literal

from pydantic import Field

from contact_center.actions import envelopes, work
from contact_center.actions.kernel import Answer, Body, Tx, verb
from contact_center.errors import Conflict, Missing
from contact_center.rules.access import Scope
from contact_center.rules.messaging import DeliveryReport, delivery_of, window_left_s
from contact_center.rules.model import DeliveryState
from contact_center.store import bulk
from contact_center.store import conversations as chat_store
from contact_center.store import outbox as store
from contact_center.store import work as work_store
from contact_center.store.conversations import NewMessage, OpenChat
from contact_center.store.types import from_us

LEASE_S: Final = 60
"""Longer than any request may take: a row leased for longer was lost with its node."""
LOOK_AFTER_S: Final = 60
"""How long a row is in doubt before the provider is asked: a report may still come by itself."""
SHARE: Final = 0.9
"""Part of a provider's rate that is used: clocks and networks are not exact."""


def first_state(source: str | None, author: str) -> str:
    """Return the delivery state of a new message: what a channel has to carry is queued, everything else is there."""
    return "queued" if source is not None and author in ("agent", "system") else "sent"


async def post(
    tx: Tx, messages: Sequence[tuple[str | None, NewMessage]], *, extra: Mapping[str, Any] | None = None
) -> None:
    """Put new messages, each with the source of its conversation, on their way. Those that nobody carries stay."""
    rows = [
        (
            tx.ids.new(),
            source,
            one.conversation_id,
            one.id,
            "queued",
            one.at_us,
            one.at_us,
            one.seq,
            bulk.json_text(dict(extra)) if extra else None,
        )
        for source, one in messages
        if source is not None and one.delivery == "queued"
    ]
    await store.add(tx.conn, rows)


def check_may_write(tx: Tx, chat: OpenChat | None, extra: Mapping[str, Any] | None) -> None:
    """Raise Conflict `opted_out` when the citizen wants no messages, `window_closed` when the channel takes no free
    text any more and no template is given."""
    if chat is not None and chat.opted_out_at is not None:
        raise Conflict("opted_out")
    limits = tx.limits.get(chat.source or "") if chat is not None else None
    if chat is None or limits is None or (extra or {}).get("template"):
        return
    last = from_us(chat.last_citizen_at) if chat.last_citizen_at else None
    if window_left_s(limits, last, tx.now) == 0:
        raise Conflict("window_closed")


class Claim(Body):
    """A channel that is ready to send, and how many at once."""

    channel: str = Field(max_length=20)
    limit: int = Field(ge=1, le=200)


@verb("outbox.claim", action="conversation.reply", door="system")
async def claim(tx: Tx, body: Claim) -> Answer:
    """Lease messages to send, the first of each conversation, within the provider's rate on all nodes together.

    Rows whose sender is gone become uncertain here.
    """
    for row in await store.lost(tx.conn, tx.now):
        await _doubt(tx, row, "lost")
    limits = tx.limits[body.channel]
    second = tx.now - timedelta(seconds=1)
    room = min(body.limit, max(1, int(limits.per_s * SHARE)) - await store.begun_since(tx.conn, body.channel, second))
    leased: list[dict[str, Any]] = []
    if room <= 0:
        return {"messages": leased}
    pause_since = tx.now - timedelta(seconds=limits.per_address_s)
    for row in await store.ready(tx.conn, body.channel, tx.now, pause_since=pause_since, limit=room):
        envelope = await store.envelope(tx.conn, row)
        if envelope is None or envelope.opted_out_at is not None:
            await store.move(
                tx.conn, row.id, states=["queued"], epoch=row.lease_epoch, state="failed", last_error="opted_out"
            )
            await _tell(tx, row.message_id, reason="opted_out")
            continue
        until = tx.now + timedelta(seconds=LEASE_S)
        if await store.lease(tx.conn, row.id, epoch=row.lease_epoch, now=tx.now, until=until):
            leased.append(await _view(tx, row, envelope, epoch=row.lease_epoch + 1))
    return {"messages": leased}


async def _view(tx: Tx, row: Any, envelope: Any, *, epoch: int) -> dict[str, Any]:
    thread = await store.thread_ids(tx.conn, row.conversation_id)
    files = await store.files_of(tx.conn, row.message_id) if envelope.has_attachments else []
    return {
        "id": row.id,
        "epoch": epoch,
        "attempts": row.attempts + 1,
        "conversation_id": row.conversation_id,
        "part": row.part,
        "address": envelope.address,
        "text": envelope.text,
        "extra": await envelopes.extra_of(tx, row),
        "last_citizen_at": envelope.last_citizen_at,
        "reply_to": next((one for who, one in reversed(thread) if who == "citizen"), None),
        "thread": [one for _, one in thread],
        "files": [{"name": one.name, "media_type": one.media_type, "blob": one.blob} for one in files],
    }


class Settle(Body):
    """What became of one sending. `again`: the provider surely did not take it; it may go later."""

    id: str = Field(max_length=36)
    epoch: int = Field(ge=1)
    outcome: Literal["done", "failed", "uncertain", "again"]
    parts: int = Field(default=1, ge=1, le=100)
    external_ids: tuple[str, ...] = Field(default=(), max_length=20)
    error: str | None = Field(default=None, max_length=200)
    again_in_s: float = Field(default=0, ge=0, le=86_400)


@verb("outbox.settle", action="conversation.reply", door="system")
async def settle(tx: Tx, body: Settle) -> Answer:
    """Write what became of a sending; only the last lease of the row may. Idempotent."""
    row = await store.get(tx.conn, body.id)
    if row is None or row.state != "sending" or row.lease_epoch != body.epoch:
        return {"settled": False}
    if body.outcome == "uncertain":
        await _doubt(tx, row, body.error or "no_answer")
        return {"settled": True}
    values: dict[str, Any] = {"last_error": body.error, "parts": body.parts}
    if body.outcome == "again":
        values |= {"state": "queued", "next_at": tx.now + timedelta(seconds=body.again_in_s)}
    elif body.outcome == "failed":
        values |= {"state": "failed", "done_at": tx.now}
    else:
        values |= _went(tx, row, body.parts)
    if not await store.settle(tx.conn, row.id, epoch=body.epoch, **values):
        return {"settled": False}
    if body.outcome == "done":
        await _note_sent(tx, row, body.external_ids)
    await _tell(tx, row.message_id, reason=body.error if body.outcome == "failed" else None)
    if body.outcome == "failed":
        await _ring(tx, row, body.error or "failed")
    return {"settled": True}


def _went(tx: Tx, row: Any, parts: int) -> dict[str, Any]:
    """What a row becomes when one of its sendings was taken: done, or at its next one."""
    if row.part + 1 < parts:
        return {"state": "queued", "part": row.part + 1, "attempts": 0, "next_at": tx.now, "done_at": tx.now}
    return {"state": "done", "part": parts, "parts": parts, "done_at": tx.now}


async def _note_sent(tx: Tx, row: Any, external_ids: Sequence[str]) -> None:
    """Bind the provider's ids to the message; a report may have come before the answer did."""
    for external_id in external_ids:
        values = {
            "id": tx.ids.new(),
            "channel": row.channel,
            "external_id": external_id[:160],
            "message_id": row.message_id,
            "part": row.part,
            "state": DeliveryState.accepted.value,
            "at": tx.now,
            "changed_at": tx.now,
        }
        if not await store.add_sending(tx.conn, values):
            known = await store.sending(tx.conn, row.channel, external_id[:160])
            if known is not None and known.message_id is None:
                state = DeliveryState.merge(DeliveryState(known.state), DeliveryState.accepted)
                await store.change_sending(
                    tx.conn, known.id, message_id=row.message_id, part=row.part, state=state.value
                )


async def apply_report(tx: Tx, report: DeliveryReport) -> None:
    """Join a provider's report with what is known. In any order, any number of times, the result is the same (P7)."""
    external_id = report.external_id[:160]
    facts = {"reason": report.reason, "detail": (report.detail or "")[:200] or None}
    added = await store.add_sending(
        tx.conn,
        {
            "id": tx.ids.new(),
            "channel": report.channel,
            "external_id": external_id,
            "state": report.state.value,
            "at": tx.now,
            "changed_at": tx.now,
            **(facts if report.state is DeliveryState.failed else {}),
        },
    )
    if added:
        return
    known = await store.sending(tx.conn, report.channel, external_id)
    assert known is not None
    state = DeliveryState.merge(DeliveryState(known.state), report.state)
    if state.value == known.state:
        return
    told = facts if state is DeliveryState.failed else {"reason": None, "detail": None}
    await store.change_sending(tx.conn, known.id, state=state.value, changed_at=tx.now, **told)
    if known.message_id is None:
        return
    await _tell(tx, known.message_id, reason=report.reason if state is DeliveryState.failed else None)
    row = await store.of_message(tx.conn, known.message_id)
    if state is DeliveryState.failed and row is not None:
        await _ring(tx, row, report.reason or "failed")


async def _doubt(tx: Tx, row: Any, error: str) -> None:
    done = await store.settle(
        tx.conn,
        row.id,
        epoch=row.lease_epoch,
        state="uncertain",
        last_error=error,
        done_at=tx.now,
        next_at=tx.now + timedelta(seconds=LOOK_AFTER_S),
    )
    if done:
        await _tell(tx, row.message_id, reason=error)
        await _ring(tx, row, "uncertain")


async def _tell(tx: Tx, message_id: str, *, reason: str | None = None) -> None:
    """Work out a message's delivery from its row and its sendings, and say so when it changed."""
    message = await chat_store.get_message(tx.conn, message_id)
    row = await store.of_message(tx.conn, message_id)
    if message is None or row is None:
        return
    sendings = await store.sendings_of(tx.conn, message_id)
    states = [DeliveryState(one.state) for one in sendings]
    if row.state in ("failed", "uncertain"):
        states.append(DeliveryState(row.state))
    elif row.state in ("queued", "sending") or not states:
        states.append(DeliveryState.queued if row.state != "done" else DeliveryState.accepted)
    state = delivery_of(states)
    bad = state in (DeliveryState.failed, DeliveryState.uncertain)
    why = reason or next((one.reason for one in sendings if one.reason), None) or row.last_error if bad else None
    if (state.value, why) == (message.delivery, message.delivery_reason):
        return
    await chat_store.change_message(tx.conn, message_id, delivery=state.value, delivery_reason=why and why[:80])
    tell_changed(tx, message)
    if not bad:
        await work.clear_alerts(tx, message_id, ("undelivered",))


def tell_changed(tx: Tx, message: Any) -> None:
    """Say that a message is not what it was."""
    tx.emit(
        "message.changed",
        conversation=message.conversation_id,
        message=message.id,
        seq=message.seq,
        kind=message.author_kind,
    )


async def _ring(tx: Tx, row: Any, error: str) -> None:
    item = await work_store.open_item_of(tx.conn, row.conversation_id)
    await work.alert(
        tx,
        "undelivered",
        subject=row.message_id,
        item=item.id if item else None,
        level="warning",
        data={"channel": row.channel, "error": error, "conversation": row.conversation_id},
    )


class Found(Body):
    """What a provider says about a sending whose answer was lost. None: it surely has none."""

    id: str = Field(max_length=36)
    epoch: int = Field(ge=0)
    external_ids: tuple[str, ...] | None = Field(default=None, max_length=20)
    parts: int = Field(default=1, ge=1, le=100)


@verb("outbox.found", action="conversation.reply", door="system")
async def found(tx: Tx, body: Found) -> Answer:
    """End a doubt with the provider's word: what it has was sent, what it has not goes again by itself."""
    row = await store.get(tx.conn, body.id)
    if row is None or row.state != "uncertain" or row.lease_epoch != body.epoch:
        return {}
    values = (
        {"state": "queued", "next_at": tx.now, "last_error": None}
        if body.external_ids is None
        else {**_went(tx, row, body.parts), "last_error": None}
    )
    if await store.move(tx.conn, row.id, states=["uncertain"], epoch=row.lease_epoch, **values):
        await _note_sent(tx, row, body.external_ids or ())
        await _tell(tx, row.message_id)
    return {}


class Resolve(Body):
    """What a person decides about a message that did not get through, or may not have."""

    message_id: str = Field(max_length=36)
    how: Literal["again", "arrived", "leave"]


@verb("message.resolve", action="outbox.manage")
async def resolve(tx: Tx, body: Resolve) -> Answer:
    """Send a message again, say that it arrived, or leave it as it is. Raises Missing, Conflict `not_undelivered`.

    The holder of the conversation may, and supervisors and systems from the list of what did not get through.
    """
    message = await chat_store.get_message(tx.conn, body.message_id)
    row = await store.of_message(tx.conn, body.message_id)
    if message is None or row is None:
        raise Missing
    item = await work_store.open_item_of(tx.conn, message.conversation_id)
    tx.check_visible("outbox.manage", work.scope_of(item) if item is not None else Scope())
    failed = message.delivery in ("failed", "uncertain")
    if not failed or row.state in ("queued", "sending"):
        raise Conflict("not_undelivered")
    values: dict[str, Any] = {"last_error": None, "done_at": tx.now}
    if body.how == "again":
        sendings = [one for one in await store.sendings_of(tx.conn, message.id) if one.state == "failed"]
        for one in sendings:
            await store.change_sending(tx.conn, one.id, message_id=None)
        part = min([row.part, *(one.part for one in sendings)])
        values = {"state": "queued", "next_at": tx.now, "attempts": 0, "part": part, "last_error": None}
    elif body.how == "arrived":
        values |= {"state": "done", "part": row.parts}
        for one in await store.sendings_of(tx.conn, message.id):
            if one.state in ("failed", "uncertain"):
                await store.change_sending(tx.conn, one.id, state="sent", reason=None, detail=None)
    else:
        values = {"state": "left"}
    if not await store.move(tx.conn, row.id, states=[row.state], epoch=row.lease_epoch, **values):
        raise Conflict("not_undelivered")
    await work.clear_alerts(tx, message.id, ("undelivered",))
    if body.how != "leave":
        await _tell(tx, message.id)
    return {"message": {"id": message.id, "conversation": message.conversation_id, "seq": message.seq}}


class Health(Body):
    """Whether a channel works: its way in or its way out. `problem` None: it does."""

    channel: str = Field(max_length=20)
    way: Literal["in", "out"] = "in"
    problem: str | None = Field(default=None, max_length=40)
    facts: dict[str, Any] = Field(default_factory=dict, max_length=8)


@verb("channel.health", action="admin.settings", door="system")
async def health(tx: Tx, body: Health) -> Answer:
    """Ring while a channel is broken, once; stop when it is well again."""
    if body.problem is None:
        await work.clear_alerts(tx, f"{body.channel}:{body.way}", ("channel_down",))
        return {}
    data = {"channel": body.channel, "way": body.way, "problem": body.problem, **body.facts}
    await work.alert(tx, "channel_down", subject=f"{body.channel}:{body.way}", item=None, level="critical", data=data)
    return {}
