"""Calls, their facts, and callbacks: one function per question."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import bindparam, exists, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from contact_center.rules.calls import OPEN_STATES, EventKind, Fact
from contact_center.store import bulk
from contact_center.store.schema import (
    agent_status,
    call_events,
    call_orders,
    callbacks,
    calls,
    citizens,
    interactions,
    queue_members,
    segments,
    transfers,
    work_items,
)

_OPEN = [one.value for one in OPEN_STATES]

# Statements of every report, made once: making one costs as much as running it.
_CALL: Final = select(calls).where(calls.c.id == bindparam("id"))
_CALL_LOCKED: Final = _CALL.with_for_update()
_BY_PROVIDER: Final = select(calls).where(
    calls.c.provider == bindparam("provider"), calls.c.provider_call_id == bindparam("provider_call_id")
)
_BY_PROVIDER_LOCKED: Final = _BY_PROVIDER.with_for_update()
_FACTS: Final = select(call_events).where(call_events.c.call_id.in_(bindparam("call_ids", expanding=True)))
_CALLBACK: Final = select(callbacks).where(callbacks.c.id == bindparam("id"))


async def add(conn: AsyncConnection, values: Mapping[str, Any]) -> Any:
    """Add a call and return its row. Raises IntegrityError when the provider's id is known already."""
    return (await conn.execute(insert(calls).values(**values).returning(*calls.c))).one()


async def change(conn: AsyncConnection, call_id: str, **values: Any) -> None:
    await conn.execute(update(calls).where(calls.c.id == call_id).values(**values))


async def get(conn: AsyncConnection, call_id: str) -> Any | None:
    return (await conn.execute(_CALL, {"id": call_id})).one_or_none()


async def lock(conn: AsyncConnection, call_id: str) -> Any:
    """Return a call, held against other nodes until the transaction ends."""
    return (await conn.execute(_CALL_LOCKED, {"id": call_id})).one()


async def by_provider(conn: AsyncConnection, provider: str, provider_call_id: str, *, lock: bool = False) -> Any | None:
    """Return the call that a provider knows by an id, held against other nodes if asked for."""
    wanted = {"provider": provider, "provider_call_id": provider_call_id}
    return (await conn.execute(_BY_PROVIDER_LOCKED if lock else _BY_PROVIDER, wanted)).one_or_none()


async def by_leg(conn: AsyncConnection, provider: str, leg: str) -> Any | None:
    """Return the call that a leg, by its provider's id, came into."""
    query = (
        select(calls)
        .join(call_events, call_events.c.call_id == calls.c.id)
        .where(call_events.c.leg == leg, calls.c.provider == provider)
        .limit(1)
    )
    return (await conn.execute(query)).first()


async def open_of(conn: AsyncConnection, interaction_id: str) -> Any | None:
    """Return the call of an interaction whose line is still in use."""
    query = select(calls).where(calls.c.interaction_id == interaction_id, calls.c.state.in_(_OPEN))
    return (await conn.execute(query.order_by(calls.c.started_at.desc()).limit(1))).one_or_none()


async def of_interaction(conn: AsyncConnection, interaction_id: str) -> Sequence[Any]:
    """Return the calls of an interaction, the newest first."""
    query = select(calls).where(calls.c.interaction_id == interaction_id).order_by(calls.c.started_at.desc())
    return (await conn.execute(query)).all()


async def newest(conn: AsyncConnection, interaction_ids: Iterable[str]) -> dict[str, Any]:
    """Return the newest call of each interaction that has one."""
    wanted = list(dict.fromkeys(interaction_ids))
    if not wanted:
        return {}
    query = select(calls).where(calls.c.interaction_id.in_(wanted)).order_by(calls.c.started_at, calls.c.id)
    return {row.interaction_id: row for row in await conn.execute(query)}


async def add_facts(conn: AsyncConnection, call_id: str, rows: Sequence[tuple[str, Fact]]) -> list[Fact]:
    """Store facts that are not known yet, each under a new row id, and return those."""
    fresh: list[Fact] = []
    make = sqlite.insert if bulk.is_sqlite(conn) else postgresql.insert
    for row_id, fact in rows:
        statement = make(call_events).values(
            id=row_id,
            call_id=call_id,
            key=fact.key,
            kind=fact.kind.value,
            at=fact.at,
            timed=fact.timed,
            leg=fact.leg,
            user_id=fact.user_id,
            data=dict(fact.data) or None,
        )
        done = await conn.execute(statement.on_conflict_do_nothing(index_elements=["call_id", "key"]))
        if done.rowcount:
            fresh.append(fact)
    return fresh


async def facts(conn: AsyncConnection, call_ids: Iterable[str]) -> dict[str, list[Fact]]:
    """Return the known facts of each call."""
    found: dict[str, list[Fact]] = defaultdict(list)
    wanted = list(dict.fromkeys(call_ids))
    if wanted:
        for row in await conn.execute(_FACTS, {"call_ids": wanted}):
            fact = Fact(row.key, EventKind(row.kind), row.at, row.timed, row.leg, row.user_id, row.data or {})
            found[row.call_id].append(fact)
    return found


async def consulted(conn: AsyncConnection) -> Sequence[str]:
    """Return the agents whom a colleague with a caller on the line is asking right now, once for each."""
    query = (
        select(transfers.c.to_agent_id)
        .join(work_items, work_items.c.interaction_id == transfers.c.interaction_id)
        .where(
            work_items.c.state == "held",
            transfers.c.work_item_id == work_items.c.id,
            transfers.c.kind == "warm",
            transfers.c.answer.is_(None),
            transfers.c.to_agent_id.is_not(None),
        )
    )
    return (await conn.execute(query)).scalars().all()


async def segments_of(conn: AsyncConnection, interaction_id: str) -> Sequence[Any]:
    query = select(segments).where(segments.c.interaction_id == interaction_id).order_by(segments.c.epoch)
    return (await conn.execute(query)).all()


async def change_segment(conn: AsyncConnection, segment_id: str, **values: Any) -> None:
    await conn.execute(update(segments).where(segments.c.id == segment_id).values(**values))


async def oldest_open(conn: AsyncConnection, provider: str) -> datetime | None:
    """Return when the oldest call of a provider began that is still open here."""
    query = select(calls.c.started_at).where(
        calls.c.provider == provider, calls.c.provider_call_id.is_not(None), calls.c.state.in_(_OPEN)
    )
    return (await conn.execute(query.order_by(calls.c.started_at).limit(1))).scalar_one_or_none()


async def known_of_provider(conn: AsyncConnection, provider: str, ids: Sequence[str]) -> dict[str, str | None]:
    """Return which of a provider's calls are known here: the state of those still open, None for the others.

    A leg of a call, an agent's or somebody's outside, is known by the call it came into, and ends with it.
    """
    own = select(calls.c.provider_call_id, calls.c.state).where(
        calls.c.provider == provider, calls.c.provider_call_id.in_(list(ids))
    )
    found: dict[str, str | None] = {
        row.provider_call_id: row.state if row.state in _OPEN else None for row in await conn.execute(own)
    }
    others = [one for one in ids if one not in found]
    legs = select(call_events.c.leg).where(call_events.c.leg.in_(others)).distinct()
    ordered = select(call_orders.c.provider_id).where(call_orders.c.provider_id.in_(others)).distinct()
    theirs = [*(await conn.execute(legs)).scalars(), *(await conn.execute(ordered)).scalars()] if others else []
    return {**dict.fromkeys(theirs), **found}


async def dialled_to(conn: AsyncConnection, provider: str, number: str, first: datetime, last: datetime) -> str | None:
    """Return the call of ours to a number that began between two instants and has no id of the provider yet."""
    query = select(calls.c.id).where(
        calls.c.provider == provider,
        calls.c.provider_call_id.is_(None),
        calls.c.direction == "outbound",
        calls.c.number == number,
        calls.c.started_at.between(first, last),
    )
    return (await conn.execute(query.order_by(calls.c.started_at).limit(1))).scalar_one_or_none()


async def free_device(conn: AsyncConnection, queue_id: str, *, seen_after: datetime, but: str | None) -> str | None:
    """Return who of a queue is available with a telephone ready and holds no call, whoever has been idle longest."""
    busy = exists().where(
        work_items.c.owner_id == agent_status.c.user_id,
        work_items.c.channel == "phone",
        work_items.c.state.in_(("held", "wrap_up")),
    )
    query = (
        select(agent_status.c.user_id)
        .join(queue_members, queue_members.c.user_id == agent_status.c.user_id)
        .where(
            queue_members.c.queue_id == queue_id,
            agent_status.c.state == "available",
            agent_status.c.phone_at.is_not(None),
            agent_status.c.seen_at >= seen_after,
            agent_status.c.user_id != (but or ""),
            ~busy,
        )
        .order_by(queue_members.c.level, agent_status.c.idle_since, agent_status.c.user_id)
        .limit(1)
    )
    return (await conn.execute(query)).scalar_one_or_none()


async def people_of_number(conn: AsyncConnection, number: str, limit: int = 5) -> list[str]:
    """Return people who gave this number, E.164; those seen last come first."""
    query = (
        select(citizens.c.id)
        .where(citizens.c.phone == number, citizens.c.merged_into.is_(None))
        .order_by(citizens.c.updated_at.desc())
        .limit(limit)
    )
    return list((await conn.execute(query)).scalars())


async def calls_of_number(conn: AsyncConnection, number: str, after: datetime) -> int:
    """Return how often a number was called since an instant."""
    query = (
        select(func.count())
        .select_from(calls)
        .where(calls.c.number == number, calls.c.direction == "outbound", calls.c.started_at >= after)
    )
    return (await conn.execute(query)).scalar_one()


async def add_callback(conn: AsyncConnection, values: Mapping[str, Any]) -> None:
    """Add a callback. Raises IntegrityError when its `made_key` made one already."""
    await conn.execute(insert(callbacks).values(**values))


async def callback_made(conn: AsyncConnection, made_key: str) -> Any | None:
    return (await conn.execute(select(callbacks).where(callbacks.c.made_key == made_key))).one_or_none()


async def get_callback(conn: AsyncConnection, interaction_id: str) -> Any | None:
    return (await conn.execute(_CALLBACK, {"id": interaction_id})).one_or_none()


async def callbacks_of(conn: AsyncConnection, interaction_ids: Iterable[str]) -> dict[str, Any]:
    wanted = list(dict.fromkeys(interaction_ids))
    if not wanted:
        return {}
    return {row.id: row for row in await conn.execute(select(callbacks).where(callbacks.c.id.in_(wanted)))}


async def change_callback(conn: AsyncConnection, callback_id: str, **values: Any) -> None:
    await conn.execute(update(callbacks).where(callbacks.c.id == callback_id).values(**values))


async def scope_row(conn: AsyncConnection, call_id: str) -> Any | None:
    """Return what decides who may touch a call: its agent, interaction, queue, restriction."""
    query = (
        select(
            calls,
            interactions.c.agent_id.label("holder_id"),
            interactions.c.queue_id,
            interactions.c.area_id,
            interactions.c.restricted,
            interactions.c.accused_user_id,
            interactions.c.citizen_id,
        )
        .join(interactions, interactions.c.id == calls.c.interaction_id)
        .where(calls.c.id == call_id)
    )
    return (await conn.execute(query)).one_or_none()
