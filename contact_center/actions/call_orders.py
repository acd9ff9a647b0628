"""What we ask of the provider: a row each, sent at most once by itself (PROMISES P14).

A row is leased before its request leaves. When the answer does not come back, or the node dies between the request and
the commit, the row is `uncertain`: nobody sends it again by itself, the provider's own reports or a person decide.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Any, Final, Literal

from pydantic import Field

from contact_center.actions import dialling
from contact_center.actions.call_contact import scope_of
from contact_center.actions.kernel import Answer, Body, Tx, verb
from contact_center.errors import Conflict, Missing
from contact_center.rules.call_orders import RECORDING_STATE, is_shown
from contact_center.rules.calls import CallState, Fact, OrderKind
from contact_center.store import call_orders as store
from contact_center.store import calls as call_store
from contact_center.store import work as work_store

LEASE_S: Final = 30
"""Longer than any request may take: an order leased for longer was lost with its node."""
_ONCE: Final = frozenset(
    {
        *(OrderKind.hold, OrderKind.resume, OrderKind.hang_up, OrderKind.bridge, OrderKind.join_all, OrderKind.record),
        *(OrderKind.listen, OrderKind.requeue, OrderKind.drop_leg),
    }
)
"""Orders that, asked twice before anything happened, mean the same as once."""

_WHEN_REFUSED: list[Callable[[Tx, Any], Awaitable[None]]] = []


def when_refused(run: Callable[[Tx, Any], Awaitable[None]]) -> Callable[[Tx, Any], Awaitable[None]]:
    """Register what else happens to a call whose order to dial may not leave: it is over before it rang."""
    _WHEN_REFUSED.append(run)
    return run


async def ask(tx: Tx, call: Any, kind: OrderKind, *, by: str | None, **data: Any) -> str:
    """Ask something of the provider after the commit and return the order's id.

    Asking again for what is still queued returns that one; hanging up forgets what was queued before it.
    """
    queued = await store.queued_of(tx.conn, call.id)
    if kind in _ONCE:
        for one in queued:
            if one.kind == kind.value and one.data == data:
                return str(one.id)
    if kind is OrderKind.hang_up:
        await cancel_all(tx, call.id, also=("uncertain",))
    order_id = tx.ids.new()
    await store.add(
        tx.conn,
        {
            "id": order_id,
            "call_id": call.id,
            "kind": kind.value,
            "data": data,
            "state": "queued",
            "next_at": tx.now,
            "by_user": by,
            "created_at": tx.now,
        },
    )
    await tell(tx, call)
    return order_id


async def cancel_all(tx: Tx, call_id: str, *, also: tuple[str, ...] = ()) -> None:
    """Forget every order of a call that nobody began, and those in the states of `also`. Idempotent."""
    for one in await store.of_call(tx.conn, call_id, ("queued", *also)):
        await store.change(tx.conn, one.id, state="cancelled", done_at=tx.now)


async def hung_up_by(tx: Tx, call_id: str) -> str:
    """Return who ended a provider's call that is over: the agent or the house by an order, else the citizen."""
    asked = [one for one in await store.of_call(tx.conn, call_id, store.STANDING) if one.kind == OrderKind.hang_up]
    if not asked:
        return "citizen"
    return "agent" if asked[-1].by_user is not None else "system"


async def confirm(tx: Tx, call: Any, facts: Sequence[Fact]) -> None:
    """Settle the orders of unknown fate that what was reported since shows to have been obeyed. Idempotent."""
    for one in await store.of_call(tx.conn, call.id, ("uncertain",)):
        if is_shown(OrderKind(one.kind), one.data, one.created_at, facts):
            await store.change(tx.conn, one.id, state="done", error=None, done_at=tx.now)
            await _obeyed(tx, call, one.kind)
            await tell(tx, call)


async def _obeyed(tx: Tx, call: Any, kind: str) -> None:
    state = RECORDING_STATE.get(OrderKind(kind))
    if state is not None:
        await call_store.change(tx.conn, call.id, recording=state)


async def tell(tx: Tx, call: Any) -> None:
    """Let everybody who sees a call see it as it is now."""
    item = await work_store.open_item_of(tx.conn, call.interaction_id)
    if item is not None:
        tx.emit(
            "work.changed", item=item.id, conversation=item.conversation_id, user=item.owner_id, queue=item.queue_id
        )


class Claim(Body):
    """How many orders a node can send at once."""

    limit: int = Field(ge=1, le=100)


@verb("order.claim", action="call.use", door="system")
async def claim(tx: Tx, body: Claim) -> Answer:
    """Lease orders to send, the first of each call, and mark as uncertain what was sent by a node that is gone."""
    for one in await store.lost(tx.conn, tx.now):
        await store.change(tx.conn, one.id, state="uncertain", leased_until=None, error="lost")
        call = await call_store.get(tx.conn, one.call_id)
        await tell(tx, call)
    leased: list[dict[str, Any]] = []
    for row in await store.ready(tx.conn, tx.now, body.limit):
        if row.kind == OrderKind.dial.value and await _may_not_dial(tx, row):
            continue
        until = tx.now + timedelta(seconds=LEASE_S)
        if await store.lease(tx.conn, row.id, epoch=row.lease_epoch, until=until):
            await tell(tx, await call_store.get(tx.conn, row.call_id))
            leased.append(
                {
                    "id": row.id,
                    "epoch": row.lease_epoch + 1,
                    "attempts": row.attempts + 1,
                    "kind": row.kind,
                    "call_id": row.call_id,
                    "provider_call_id": row.provider_call_id,
                    "room": row.room,
                    "number": row.number,
                    "line": row.line,
                    "data": row.data,
                }
            )
    return {"orders": leased}


async def _may_not_dial(tx: Tx, row: Any) -> bool:
    """Refuse an order to dial that may not leave at this moment: an order may have waited past the hours of calling."""
    found = await dialling.refuse_order(tx, row.call_id)
    if found is None:
        return False
    await store.change(tx.conn, row.id, state="failed", error=f"refused:{found.code}", done_at=tx.now)
    call = await call_store.get(tx.conn, row.call_id)
    await tell(tx, call)
    for run in _WHEN_REFUSED:
        await run(tx, call)
    return True


class Settle(Body):
    """What became of an order. `again`: the provider surely did nothing; it may be sent later."""

    id: str = Field(max_length=36)
    epoch: int = Field(ge=1)
    outcome: Literal["done", "failed", "uncertain", "again"]
    provider_id: str | None = Field(default=None, max_length=64)
    error: str | None = Field(default=None, max_length=200)
    again_in_s: float = Field(default=0, ge=0, le=3_600)


@verb("order.settle", action="call.use", door="system")
async def settle(tx: Tx, body: Settle) -> Answer:
    """Write what became of an order; only the last lease of it may. Answers whether the house has to act on it."""
    order = await store.get(tx.conn, body.id)
    if order is None:
        return {}
    call = await call_store.get(tx.conn, order.call_id)
    assert call is not None
    over = not CallState(call.state).is_open
    outcome = "failed" if body.outcome == "again" and over else body.outcome
    values: dict[str, Any] = {"state": outcome, "error": body.error, "provider_id": body.provider_id}
    if outcome == "again":
        values |= {"state": "queued", "next_at": tx.now + timedelta(seconds=body.again_in_s)}
    else:
        values["done_at"] = tx.now
    if not await store.settle(tx.conn, body.id, epoch=body.epoch, **values):
        return {}
    if outcome == "done" and order.kind == OrderKind.dial.value and body.provider_id and not call.provider_call_id:
        await call_store.change(tx.conn, call.id, provider_call_id=body.provider_id)
    if outcome == "done":
        await _obeyed(tx, call, order.kind)
    await tell(tx, call)
    return {"failed": outcome in ("failed", "uncertain") and not over}


class Resolve(Body):
    """What the provider's own list shows of an order whose answer was lost."""

    id: str = Field(max_length=36)
    outcome: Literal["done", "failed"]


@verb("order.resolve", action="call.use", door="system")
async def resolve(tx: Tx, body: Resolve) -> Answer:
    """Settle an order of unknown fate by what the provider says now. Idempotent."""
    order = await store.get(tx.conn, body.id)
    call = None if order is None else await call_store.get(tx.conn, order.call_id)
    if order is None or call is None or order.state != "uncertain":
        return {}
    error = None if body.outcome == "done" else "not_done"
    await store.change(tx.conn, order.id, state=body.outcome, error=error, done_at=tx.now)
    if body.outcome == "done":
        await _obeyed(tx, call, order.kind)
    await tell(tx, call)
    return {}


class Decide(Body):
    """An order that failed, or whose fate nobody knows, and what a person makes of it."""

    order_id: str = Field(max_length=36)
    what: Literal["again", "forget"]


@verb("call.order", action="call.use")
async def decide(tx: Tx, body: Decide) -> Answer:
    """Ask for an order again, or forget it: the person on the line hears what happened (PROMISES P14).

    The holder of the call or a supervisor. Raises Missing, Conflict `order_settled`, `call_over`.
    """
    order = await store.get(tx.conn, body.order_id)
    call = None if order is None else await call_store.scope_row(tx.conn, order.call_id)
    if order is None or call is None:
        raise Missing
    tx.check_visible("call.use", scope_of(call))
    if order.state not in ("failed", "uncertain"):
        raise Conflict("order_settled", state=order.state)
    if body.what == "again" and not CallState(call.state).is_open:
        raise Conflict("call_over")
    await store.change(tx.conn, order.id, state="cancelled", done_at=tx.now)
    if body.what == "again":
        await ask(tx, call, OrderKind(order.kind), by=tx.actor.id, **order.data)
    await tell(tx, call)
    return {}
