"""Recordings and voicemails: announced by the provider, copied in, removed there, kept for a time."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from contact_center.store.schema import calls, interactions, queues, recordings

_TO_DO = ("announced", "stored")
"""States with something left to do at the provider: to copy from there, or to remove there."""


async def add(conn: AsyncConnection, values: Mapping[str, Any]) -> None:
    """Add a recording. Raises IntegrityError when the provider's id is known already."""
    await conn.execute(insert(recordings).values(**values))


async def by_provider(conn: AsyncConnection, provider: str, provider_id: str) -> Any | None:
    query = select(recordings).where(recordings.c.provider == provider, recordings.c.provider_id == provider_id)
    return (await conn.execute(query)).one_or_none()


async def get(conn: AsyncConnection, recording_id: str) -> Any | None:
    return (await conn.execute(select(recordings).where(recordings.c.id == recording_id))).one_or_none()


async def of_call(conn: AsyncConnection, call_id: str) -> Sequence[Any]:
    """Return the recordings of a call, the oldest first."""
    query = select(recordings).where(recordings.c.call_id == call_id)
    return (await conn.execute(query.order_by(recordings.c.at, recordings.c.id))).all()


async def of_calls(conn: AsyncConnection, call_ids: Sequence[str]) -> Sequence[Any]:
    """Return the recordings of several calls, the oldest first."""
    query = select(recordings).where(recordings.c.call_id.in_(list(call_ids)))
    return (await conn.execute(query.order_by(recordings.c.at, recordings.c.id))).all() if call_ids else []


async def due(conn: AsyncConnection, now: datetime, limit: int) -> Sequence[Any]:
    """Return what is to be copied in, or removed at the provider, now."""
    query = select(recordings).where(recordings.c.state.in_(_TO_DO), recordings.c.next_at <= now)
    return (await conn.execute(query.order_by(recordings.c.next_at).limit(limit))).all()


async def lease(conn: AsyncConnection, recording_id: str, *, attempts: int, until: datetime) -> bool:
    """Take a recording to work on it; False when somebody else did."""
    done = await conn.execute(
        update(recordings)
        .where(recordings.c.id == recording_id, recordings.c.attempts == attempts, recordings.c.state.in_(_TO_DO))
        .values(attempts=attempts + 1, next_at=until)
    )
    return done.rowcount == 1


async def settle(
    conn: AsyncConnection, recording_id: str, *, attempts: int, known_as: str, values: Mapping[str, Any]
) -> bool:
    """Write what became of a leased recording; False when its state or its lease is another one."""
    done = await conn.execute(
        update(recordings)
        .where(recordings.c.id == recording_id, recordings.c.attempts == attempts, recordings.c.state == known_as)
        .values(**values)
    )
    return done.rowcount == 1


async def days_of(conn: AsyncConnection, call_id: str) -> int | None:
    """Return for how many days the queue of a call keeps its recordings."""
    query = (
        select(queues.c.recording_days)
        .join(interactions, interactions.c.queue_id == queues.c.id)
        .join(calls, calls.c.interaction_id == interactions.c.id)
        .where(calls.c.id == call_id)
    )
    return (await conn.execute(query)).scalar_one_or_none()


async def expired(conn: AsyncConnection, now: datetime, limit: int = 200) -> Sequence[Any]:
    """Return recordings whose time is over and that are gone at the provider."""
    query = select(recordings).where(recordings.c.expires_at <= now, recordings.c.state == "removed_there")
    return (await conn.execute(query.limit(limit))).all()


async def change(conn: AsyncConnection, recording_id: str, **values: Any) -> None:
    await conn.execute(update(recordings).where(recordings.c.id == recording_id).values(**values))


async def is_kept(conn: AsyncConnection, blob: str) -> bool:
    """Say whether any recording still needs a file."""
    query = select(recordings.c.id).where(recordings.c.blob == blob).limit(1)
    return (await conn.execute(query)).first() is not None
