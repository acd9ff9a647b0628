"""Calls, their facts, and callbacks: one function per question."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from contact_center.rules.calls import OPEN_STATES, EventKind, Fact
from contact_center.store import bulk
from contact_center.store.schema import call_events, callbacks, calls, citizens, interactions, segments

_OPEN = [one.value for one in OPEN_STATES]


async def add(conn: AsyncConnection, values: Mapping[str, Any]) -> None:
    """Add a call. Raises IntegrityError when the provider's id is known already."""
    await conn.execute(insert(calls).values(**values))


async def change(conn: AsyncConnection, call_id: str, **values: Any) -> None:
    await conn.execute(update(calls).where(calls.c.id == call_id).values(**values))


async def get(conn: AsyncConnection, call_id: str) -> Any | None:
    return (await conn.execute(select(calls).where(calls.c.id == call_id))).one_or_none()


async def lock(conn: AsyncConnection, call_id: str) -> Any:
    """Return a call, held against other nodes until the transaction ends."""
    return (await conn.execute(select(calls).where(calls.c.id == call_id).with_for_update())).one()


async def by_provider(conn: AsyncConnection, provider: str, provider_call_id: str) -> Any | None:
    query = select(calls).where(calls.c.provider == provider, calls.c.provider_call_id == provider_call_id)
    return (await conn.execute(query)).one_or_none()


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
        for row in await conn.execute(select(call_events).where(call_events.c.call_id.in_(wanted))):
            fact = Fact(row.key, EventKind(row.kind), row.at, row.timed, row.leg, row.user_id, row.data or {})
            found[row.call_id].append(fact)
    return found


async def segments_of(conn: AsyncConnection, interaction_id: str) -> Sequence[Any]:
    query = select(segments).where(segments.c.interaction_id == interaction_id).order_by(segments.c.epoch)
    return (await conn.execute(query)).all()


async def change_segment(conn: AsyncConnection, segment_id: str, **values: Any) -> None:
    await conn.execute(update(segments).where(segments.c.id == segment_id).values(**values))


async def to_close_out(conn: AsyncConnection, ended_before: datetime, limit: int = 200) -> Sequence[str]:
    """Return ended calls whose end has not been acted upon, the oldest first."""
    query = (
        select(calls.c.id)
        .where(calls.c.ended_at.is_not(None), calls.c.closed_out_at.is_(None), calls.c.ended_at <= ended_before)
        .order_by(calls.c.ended_at)
        .limit(limit)
    )
    return list((await conn.execute(query)).scalars())


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
    return (await conn.execute(select(callbacks).where(callbacks.c.id == interaction_id))).one_or_none()


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
