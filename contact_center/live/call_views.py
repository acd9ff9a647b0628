"""How a call looks in its item: state, clocks, who is in it, what was asked of the provider. Numbers are masked."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from contact_center.live import callback_views
from contact_center.rules.calls import CallState, EventKind, Fact, fold
from contact_center.rules.faces import ms
from contact_center.rules.identity import mask_phone
from contact_center.rules.model import Direction
from contact_center.store import call_orders as order_store
from contact_center.store import calls as store
from contact_center.store import options as option_store
from contact_center.store import views as view_store

View = dict[str, Any]


async def of_items(conn: AsyncConnection, rows: Sequence[Any], now: datetime) -> dict[str, View]:
    """Return the `call` of each item that is one or promises one, by interaction id."""
    ids = [row.interaction_id for row in rows if row.kind in ("call", "callback") or row.channel == "phone"]
    if not ids:
        return {}
    calls = await store.newest(conn, ids)
    promises = await callback_views.callbacks(conn, ids, now)
    live = [one.id for one in calls.values() if CallState(one.state).is_open]
    facts = await store.facts(conn, live)
    orders = await order_store.newest_open(conn, live)
    people = [fact.user_id for known in facts.values() for fact in known if fact.user_id]
    names = await view_store.staff_names(conn, people)
    shows = bool(facts) and (await option_store.load(conn)).calls_listen_shown
    listens = await order_store.listening(conn, live) if shows else None
    found: dict[str, View] = {}
    for interaction_id in ids:
        call, promise = calls.get(interaction_id), promises.get(interaction_id)
        if call is not None or promise is not None:
            known = facts.get(call.id, []) if call else []
            found[interaction_id] = _view(call, promise, known, orders, names, listens=listens)
    return found


def _view(
    call: Any | None,
    promise: View | None,
    facts: Sequence[Fact],
    orders: dict[str, Any],
    names: dict[str, str],
    *,
    listens: Mapping[tuple[str, str], str] | None,
) -> View:
    callback = None if promise is None else callback_views.in_item(promise)
    if call is None:
        assert promise is not None
        return {**_EMPTY, "number": promise["number"], "number_kind": "mexican", "callback": callback}
    order = orders.get(call.id)
    return {
        "id": call.id,
        "direction": call.direction,
        "purpose": call.purpose,
        "mode": call.mode,
        "state": call.state,
        "number": mask_phone(call.number) if call.number else None,
        "number_kind": call.number_kind,
        "line": call.line,
        "started_at": ms(call.started_at),
        "queued_at": ms(call.queued_at),
        "answered_at": ms(call.answered_at),
        "ended_at": ms(call.ended_at),
        "held_since": ms(call.held_since),
        "talk_s": call.talk_s,
        "hold_s": call.hold_s,
        "recording": call.recording,
        "menu": call.menu,
        "folio": call.folio,
        "legs": _legs(call, facts, names),
        "transfer": _transfer(facts) if call.state == CallState.transferring else None,
        "order": None if order is None else _order(order),
        "listeners": [] if listens is None else _listeners(call.id, facts, listens),
        "callback": callback,
    }


_EMPTY: View = {
    **dict.fromkeys(("id", "direction", "purpose", "mode", "state", "line", "started_at", "queued_at", "answered_at")),
    **dict.fromkeys(("ended_at", "held_since", "menu", "folio", "transfer", "order")),
    "talk_s": 0,
    "hold_s": 0,
    "recording": "off",
    "legs": [],
    "listeners": [],
}


def _legs(call: Any, facts: Sequence[Fact], names: dict[str, str]) -> list[View]:
    """Return who is in the call now."""
    if not facts:
        return []
    return [
        {"leg": leg.leg, "user": leg.user_id, "name": names.get(leg.user_id or ""), "joined_at": ms(leg.joined)}
        for leg in fold(Direction(call.direction), facts).legs
        if leg.left is None
    ]


def _transfer(facts: Sequence[Fact]) -> View | None:
    asked = [one for one in facts if one.kind is EventKind.transferring]
    newest = max(asked, key=lambda one: one.at, default=None)
    if newest is None:
        return None
    gone = {(one.leg, one.kind): one.at for one in facts if one.kind is EventKind.left}
    there = [
        one
        for one in facts
        if one.kind is EventKind.joined and "consult" in one.data and not _is_gone(one, gone) and one.at >= newest.at
    ]
    shown = {key: newest.data.get(key) for key in ("kind", "to_kind", "to", "name")}
    return {**shown, "answered_at": ms(min((one.at for one in there), default=None))}


def _is_gone(joined: Fact, left: Mapping[Any, datetime]) -> bool:
    at = left.get((joined.leg, EventKind.left))
    return at is not None and at >= joined.at


def _listeners(call_id: str, facts: Sequence[Fact], how: Mapping[tuple[str, str], str]) -> list[View]:
    """Return which supervisors are on the line, and how."""
    left = {(one.leg, one.kind): one.at for one in facts if one.kind is EventKind.left}
    found: dict[str, View] = {}
    for one in sorted(facts, key=lambda fact: fact.at):
        if one.kind is EventKind.joined and one.data.get("listens") and not _is_gone(one, left):
            user = one.data["listens"]
            found[user] = {"user": user, "how": how.get((call_id, user), "listen")}
    return list(found.values())


def _order(row: Any) -> View:
    return {"id": row.id, "kind": row.kind, "state": row.state, "error": row.error, "by": row.by_user}
