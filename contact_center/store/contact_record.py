"""What is kept of one contact besides its words: parts, calls, transfers, findings. One function per question."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from contact_center.store.schema import calls, findings, interactions, segments, transfers


async def parts_of(conn: AsyncConnection, interaction_id: str) -> Sequence[Any]:
    """Return who had a contact and for how long, in order."""
    s = segments.c
    query = (
        select(
            s.agent_id,
            s.queue_id,
            s.started_at,
            s.ended_at,
            s.wrap_ended_at,
            s.how,
            s.ended_how,
            s.ring_s,
            s.talk_s,
            s.hold_s,
        )
        .where(s.interaction_id == interaction_id)
        .order_by(s.started_at, s.epoch)
    )
    return (await conn.execute(query)).all()


async def calls_of(conn: AsyncConnection, interaction_id: str) -> Sequence[Any]:
    """Return the calls of a contact, the first one first."""
    query = select(calls).where(calls.c.interaction_id == interaction_id).order_by(calls.c.started_at, calls.c.id)
    return (await conn.execute(query)).all()


async def transfers_of(conn: AsyncConnection, interaction_id: str) -> Sequence[Any]:
    """Return how often a contact was passed on, in order."""
    query = (
        select(transfers).where(transfers.c.interaction_id == interaction_id).order_by(transfers.c.at, transfers.c.id)
    )
    return (await conn.execute(query)).all()


async def findings_of(conn: AsyncConnection, interaction_id: str) -> Sequence[Any]:
    """Return what was or is missing of a contact."""
    query = select(findings).where(findings.c.interaction_id == interaction_id).order_by(findings.c.opened_at)
    return (await conn.execute(query)).all()


async def note_of(conn: AsyncConnection, interaction_id: str) -> Any:
    """Return (note, topic, captured_by, captured_at) of a contact's capture."""
    i = interactions.c
    query = select(i.note, i.topic, i.captured_by, i.captured_at).where(i.id == interaction_id)
    return (await conn.execute(query)).one()
