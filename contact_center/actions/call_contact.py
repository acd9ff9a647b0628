"""The contact a call belongs to: an interaction with a thread for its notes, and the call's own row."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from contact_center.actions import office
from contact_center.actions.kernel import Tx
from contact_center.rules.access import Scope
from contact_center.rules.calls import CallState, Mode, Purpose
from contact_center.rules.identity import Phone, PhoneKind
from contact_center.rules.lifecycle import CONVERSATION, Facts, step
from contact_center.rules.model import ActorKind, Direction
from contact_center.store import calls as store
from contact_center.store import conversations as chat_store
from contact_center.store import petitions as petition_store
from contact_center.store import work as work_store

_SYSTEM: Final[frozenset[Any]] = frozenset({ActorKind.system})


async def make(
    tx: Tx,
    *,
    direction: Direction,
    phone: Phone,
    mode: Mode,
    started_at: datetime,
    interaction_id: str | None = None,
    line: str | None = None,
    purpose: Purpose = Purpose.attention,
    agent_id: str | None = None,
    citizen_id: str | None = None,
    queue_id: str | None = None,
    folio: str | None = None,
    provider: str | None = None,
    provider_call_id: str | None = None,
    found_late: bool = False,
    flags: Sequence[str] = (),
) -> Any:
    """Make a call and, unless it is another attempt in `interaction_id`, the interaction and thread it belongs to.

    Returns its row. Nobody is put on it by its number: a shared phone only suggests people (DOMAIN §2.9 rule 4).
    """
    if interaction_id is None:
        queue = (
            await queue_for(tx, line, agent_id) if queue_id is None else await work_store.get_queue(tx.conn, queue_id)
        )
        interaction_id = await open_contact(
            tx, queue, direction=direction, citizen_id=citizen_id, started_at=started_at, flags=flags, agent_id=agent_id
        )
    if folio is not None:
        await link(tx, interaction_id, folio)
    opened = CallState.ringing if direction is Direction.inbound else CallState.dialling
    return await store.add(
        tx.conn,
        {
            "id": tx.ids.new(),
            "interaction_id": interaction_id,
            "direction": direction.value,
            "purpose": purpose.value,
            "mode": mode.value,
            "state": opened.value,
            "number": phone.e164,
            "number_kind": phone.kind.value,
            "extension": phone.extension,
            "line": line,
            "agent_id": agent_id,
            "provider": provider,
            "provider_call_id": provider_call_id,
            "started_at": started_at,
            "folio": folio,
            "found_late": found_late,
            "captured_at": tx.now,
        },
    )


async def link(tx: Tx, interaction_id: str, folio: str) -> None:
    """A call about a folio belongs to it from its first second (DOMAIN §2.1: an informative one must). Idempotent."""
    if await petition_store.find_link(tx.conn, folio, interaction_id) is None:
        row = {"folio": folio, "interaction_id": interaction_id, "relation": "linked", "by_user": tx.actor.id}
        await petition_store.add_link(tx.conn, {**row, "at": tx.now})


async def open_contact(
    tx: Tx,
    queue: Any,
    *,
    direction: Direction,
    started_at: datetime,
    citizen_id: str | None = None,
    agent_id: str | None = None,
    flags: Sequence[str] = (),
) -> str:
    """Open the interaction of a call, with the thread its notes go into; return its id."""
    interaction_id = tx.ids.new()
    await work_store.add_interaction(
        tx.conn,
        {
            "id": interaction_id,
            "channel": "phone",
            "direction": direction.value,
            "citizen_id": citizen_id,
            "area_id": queue.area_id,
            "queue_id": queue.id,
            "agent_id": agent_id,
            "started_at": started_at,
            "state": "pending",
            "flags": list(flags),
            "restricted": False,
        },
    )
    state = step(CONVERSATION, None, "open", Facts(by=_SYSTEM, notice_shown=True))
    await chat_store.add(
        tx.conn,
        {
            "id": interaction_id,
            "channel": "phone",
            "state": state.value,
            "locale": "es",
            "opened_at": started_at,
            "is_open": True,
        },
    )
    return interaction_id


async def queue_for(tx: Tx, line: str | None, agent_id: str | None = None) -> Any:
    """Return the queue of a call: its line's, else the telephone's, else the first one of the agent who logs it."""
    queues = [one for one in await work_store.all_queues(tx.conn) if one.closed_at is None]
    by_line = next((one for one in queues if line and one.phone_number == line), None)
    if by_line is not None:
        return by_line
    phone = next((one for one in queues if "phone" in one.channels), None)
    if phone is not None:
        return phone
    mine = await work_store.queue_ids_of(tx.conn, agent_id) if agent_id else []
    own = next((one for one in queues if one.id in mine), None)
    return own if own is not None else await office.queue_for(tx, "phone")


def callable_number(call: Any) -> str | None:
    """Return the number a call may be returned to, None for one that is hidden, premium, or no number."""
    return call.number if call.number and PhoneKind(call.number_kind).is_callable else None


def scope_of(row: Any) -> Scope:
    """Return the facts that decide who may touch a call, from a row of `store.calls.scope_row`."""
    return Scope(
        owner_id=row.holder_id,
        author_id=row.agent_id,
        queue_ids=frozenset({row.queue_id} - {None}),
        area_id=row.area_id,
        restricted=row.restricted,
        accused_user_ids=frozenset({row.accused_user_id} - {None}),
    )
