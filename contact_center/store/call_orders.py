"""Orders to the provider: asked once, leased by one node at a time, in the order of each call."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from contact_center.store.schema import call_orders, calls

OPEN = ("queued", "sent")
"""States in which an order still stands before those asked after it. One that is uncertain does not: holding up
somebody's hang-up for it would help nobody."""
STANDING = (*OPEN, "done", "uncertain")
"""States of an order that was obeyed, or still may be."""


async def add(conn: AsyncConnection, values: Mapping[str, Any]) -> None:
    await conn.execute(insert(call_orders).values(**values))


async def get(conn: AsyncConnection, order_id: str) -> Any | None:
    return (await conn.execute(select(call_orders).where(call_orders.c.id == order_id))).one_or_none()


async def queued_of(conn: AsyncConnection, call_id: str) -> Sequence[Any]:
    """Return the orders of a call that nobody began, the oldest first."""
    query = select(call_orders).where(call_orders.c.call_id == call_id, call_orders.c.state == "queued")
    return (await conn.execute(query.order_by(call_orders.c.created_at, call_orders.c.id))).all()


_OF_CALL: Final = (
    select(call_orders)
    .where(call_orders.c.call_id == bindparam("call_id"), call_orders.c.state.in_(bindparam("states", expanding=True)))
    .order_by(call_orders.c.created_at, call_orders.c.id)
)


async def of_call(conn: AsyncConnection, call_id: str, states: Sequence[str]) -> Sequence[Any]:
    """Return the orders of a call in these states, the oldest first."""
    return (await conn.execute(_OF_CALL, {"call_id": call_id, "states": list(states)})).all()


async def uncertain(conn: AsyncConnection, limit: int = 200) -> Sequence[Any]:
    """Return orders whose fate nobody knows, the oldest first."""
    query = select(call_orders).where(call_orders.c.state == "uncertain").order_by(call_orders.c.created_at)
    return (await conn.execute(query.limit(limit))).all()


async def newest_open(conn: AsyncConnection, call_ids: Iterable[str]) -> dict[str, Any]:
    """Return the newest order of each call that is not done; one that failed counts, its agent has to see it.

    Orders about somebody who listens are none of the agent's business.
    """
    wanted = list(dict.fromkeys(call_ids))
    if not wanted:
        return {}
    query = select(call_orders).where(call_orders.c.call_id.in_(wanted))
    rows = await conn.execute(query.order_by(call_orders.c.created_at, call_orders.c.id))
    newest = {row.call_id: row for row in rows if not row.data.get("listens")}
    return {call_id: row for call_id, row in newest.items() if row.state not in ("done", "cancelled")}


async def listening(conn: AsyncConnection, call_ids: Iterable[str]) -> dict[tuple[str, str], str]:
    """Return how supervisors last asked to be in some calls: (call id, user id) to listen, whisper or barge."""
    wanted = list(dict.fromkeys(call_ids))
    if not wanted:
        return {}
    query = select(call_orders).where(call_orders.c.call_id.in_(wanted), call_orders.c.kind == "listen")
    rows = await conn.execute(query.order_by(call_orders.c.created_at, call_orders.c.id))
    return {(row.call_id, row.data["user"]): row.data["how"] for row in rows}


async def ready(conn: AsyncConnection, now: datetime, limit: int) -> Sequence[Any]:
    """Return orders that may be sent now: the first open one of each call, when its time has come."""
    first = (
        select(call_orders.c.id)
        .where(call_orders.c.state.in_(OPEN))
        .order_by(call_orders.c.call_id, call_orders.c.created_at, call_orders.c.id)
    )
    query = (
        select(call_orders, calls.c.provider_call_id, calls.c.room, calls.c.number, calls.c.line)
        .join(calls, calls.c.id == call_orders.c.call_id)
        .where(call_orders.c.id.in_(first), call_orders.c.state.in_(OPEN))
        .order_by(call_orders.c.call_id, call_orders.c.created_at, call_orders.c.id)
    )
    found: dict[str, Any] = {}
    for row in await conn.execute(query):
        found.setdefault(row.call_id, row)
    due = [row for row in found.values() if row.state == "queued" and row.next_at <= now]
    return sorted(due, key=lambda row: row.created_at)[:limit]


async def lease(conn: AsyncConnection, order_id: str, *, epoch: int, until: datetime) -> bool:
    """Take an order to send; False when somebody else did."""
    done = await conn.execute(
        update(call_orders)
        .where(call_orders.c.id == order_id, call_orders.c.state == "queued", call_orders.c.lease_epoch == epoch)
        .values(state="sent", leased_until=until, lease_epoch=epoch + 1, attempts=call_orders.c.attempts + 1)
    )
    return done.rowcount == 1


async def settle(conn: AsyncConnection, order_id: str, *, epoch: int, **values: Any) -> bool:
    """Write what became of an order that this lease sent; False when the lease is not the last one."""
    done = await conn.execute(
        update(call_orders)
        .where(call_orders.c.id == order_id, call_orders.c.state == "sent", call_orders.c.lease_epoch == epoch)
        .values(leased_until=None, **values)
    )
    return done.rowcount == 1


async def change(conn: AsyncConnection, order_id: str, **values: Any) -> None:
    await conn.execute(update(call_orders).where(call_orders.c.id == order_id).values(**values))


async def lost(conn: AsyncConnection, now: datetime, limit: int = 100) -> Sequence[Any]:
    """Return orders that were sent and whose sender never said what became of them."""
    query = select(call_orders).where(call_orders.c.state == "sent", call_orders.c.leased_until < now).limit(limit)
    return (await conn.execute(query)).all()
