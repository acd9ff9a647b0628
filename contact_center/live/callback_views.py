"""How a promised call looks to staff, and to its citizen: numbers masked, times also in words."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from contact_center.rules.callbacks import CallbackState, Standing
from contact_center.rules.faces import contact_label, ms
from contact_center.rules.identity import mask_phone
from contact_center.rules.when import in_words
from contact_center.rules.zones import zones_of
from contact_center.store import options as option_store
from contact_center.store import promise_lists as store
from contact_center.store import promises as promise_store

View = dict[str, Any]

_CITIZEN_STATES: Final[Mapping[str, str]] = {
    "solicited": "promised",
    "rescheduled": "promised",
    "assigned": "promised",
    "achieved": "done",
    "closed": "done",
    "exhausted": "not_reached",
    "cancelled": "cancelled",
}


async def callbacks(conn: AsyncConnection, ids: Iterable[str], now: datetime) -> dict[str, View]:
    """Return Callback views by id, without `can`: what one may do depends on who looks."""
    rows = await store.by_ids(conn, ids)
    if not rows:
        return {}
    promises = await promise_store.newest(conn, [row.id for row in rows])
    tries = (await option_store.load(conn)).callback_attempts
    return {row.id: callback(row, promises.get(row.id), now, max_attempts=tries) for row in rows}


def callback(row: Any, promise: Any | None, now: datetime, *, max_attempts: int) -> View:
    """Return the Callback view of a row of `store.promise_lists` and its last promise."""
    is_open = CallbackState(row.state).is_open
    at, until = row.due_at, None
    if promise is not None and promise.standing == Standing.pending:
        at, until = promise.at, row.not_after
    return {
        "id": row.id,
        "item": row.item_id,
        "epoch": row.epoch,
        "item_state": row.item_state,
        "reason": row.reason,
        "state": row.state,
        "standing": standing(row, promise, now),
        "number": mask_phone(row.number),
        "zone": row.zone or None,
        "zones": list(zones_of(row.number, row.zone or None)),
        "folio": row.folio,
        "citizen": row.citizen_id,
        "label": None if row.restricted else contact_label(row),
        "origin": row.origin_id,
        "owner": row.owner_id,
        "queue": row.queue_id,
        "area": row.area_id,
        "requested_by": row.requested_by,
        "requested_area": row.requested_area_id,
        "source": row.source,
        "priority": row.priority,
        "made_at": ms(row.made_at),
        "due_at": ms(row.due_at),
        "promised_at": None if promise is None else ms(promise.at),
        "until": None if promise is None else ms(promise.until),
        "told": None if promise is None else promise.told,
        "not_after": ms(row.not_after),
        "words": in_words(at, now, until=until, zone=row.zone),
        "words_en": in_words(at, now, until=until, zone=row.zone, locale="en"),
        "attempts": row.attempts,
        "max_attempts": max_attempts,
        "outcome": row.outcome,
        "questions": row.questions if is_open or not row.restricted else [],
        "answers": row.answers if is_open or not row.restricted else [],
        "identity": row.identity,
        "note": row.note,
        "kept_at": ms(row.kept_at),
        "closed_at": ms(row.closed_at),
        "received_at": ms(row.received_at),
        "cancelled_reason": row.cancelled_reason,
        "moves": row.moves,
        "message_sent": row.message_sent,
        "again_of": row.again_of,
    }


def standing(row: Any, promise: Any | None, now: datetime) -> str:
    """Return where a callback stands at a moment: scheduled, due, late, broken, trying, done."""
    if not CallbackState(row.state).is_open:
        return "done"
    if row.dialling_id is not None:
        return "trying"
    if promise is not None and promise.standing == Standing.broken:
        return "broken"
    if row.due_at > now:
        return "scheduled"
    if promise is not None and promise.standing == Standing.pending:
        if now > promise.until:
            return "broken"
        return "due" if now <= promise.on_time_until else "late"
    return "due"


def in_item(view: View) -> View:
    """Return what an Item shows of its callback."""
    return {key: value for key, value in view.items() if key not in ("item", "epoch", "item_state", "label")}


def promise(row: Any, now: datetime) -> View:
    """Return the Promise view of a row of the ledger."""
    return {
        "id": row.id,
        "callback": row.callback_id,
        "reason": row.reason,
        "folio": row.folio,
        "area": row.area_id,
        "agent": row.agent_id,
        "label": None if row.restricted else contact_label(row),
        "at": ms(row.at),
        "until": ms(row.until),
        "on_time_until": ms(row.on_time_until),
        "words": in_words(row.at, now, zone=row.zone),
        "words_en": in_words(row.at, now, zone=row.zone, locale="en"),
        "told": row.told,
        "made_at": ms(row.made_at),
        "tried_at": ms(row.tried_at),
        "standing": row.standing,
        "state": row.state,
        "outcome": row.outcome,
    }


class Joined:
    """A promise of one callback that was read with who it concerns: both rows as one."""

    def __init__(self, promised: Any, concerned: Any) -> None:
        self._rows = (promised, concerned)

    def __getattr__(self, name: str) -> Any:
        first, second = self._rows
        return getattr(first, name, None) if hasattr(first, name) else getattr(second, name)


def attempt(row: Any) -> View:
    """Return the Try view of a call."""
    return {"call": row.id, "at": ms(row.started_at), "agent": row.agent_id, "state": row.state, "talk_s": row.talk_s}


async def of_visitor(conn: AsyncConnection, visitor_id: str, now: datetime) -> View | None:
    """Return the ChatCallback of a visitor: the newest one, while there is something to say about it."""
    row = await promise_store.newest_of_visitor(conn, visitor_id)
    return None if row is None else await _for_citizen(conn, row, now)


async def of_chats(conn: AsyncConnection, pairs: Mapping[str, str], now: datetime) -> dict[str, View]:
    """Return ChatCallbacks by callback id, for events: {callback id: conversation id}."""
    rows = await store.by_ids(conn, pairs)
    return {row.id: await _for_citizen(conn, row, now) for row in rows}


async def _for_citizen(conn: AsyncConnection, row: Any, now: datetime) -> View:
    known = await promise_store.newest(conn, [row.id])
    promised = known.get(row.id)
    until = row.not_after
    state = "calling" if row.dialling_id is not None else _CITIZEN_STATES[row.state]
    held = row.dialling_id is not None or await store.is_held(conn, row.id)
    free = state == "promised" and not held
    return {
        "id": row.id,
        "state": state,
        "at": ms(row.due_at),
        "until": ms(until),
        "words": in_words(row.due_at, now, until=until, zone=row.zone),
        "words_en": in_words(row.due_at, now, until=until, zone=row.zone, locale="en"),
        "number": mask_phone(row.number),
        "can_move": free,
        "can_cancel": free,
        "told": None if promised is None else promised.told,
    }
