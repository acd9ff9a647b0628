"""Captures and findings: what is missing in the register, and whose it is."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import exists, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from contact_center.store.schema import categories, findings, interactions, petition_interactions


async def count_folios(conn: AsyncConnection, interaction_id: str) -> int:
    """Return how many folios are linked with an interaction now."""
    query = (
        select(func.count())
        .select_from(petition_interactions)
        .where(
            petition_interactions.c.interaction_id == interaction_id,
            petition_interactions.c.unlinked_at.is_(None),
        )
    )
    return (await conn.execute(query)).scalar_one()


async def was_queried(conn: AsyncConnection, interaction_id: str) -> bool:
    """Say whether the house itself answered a question about a folio in this contact."""
    query = select(petition_interactions.c.folio).where(
        petition_interactions.c.interaction_id == interaction_id, petition_interactions.c.relation == "queried"
    )
    return (await conn.execute(query.limit(1))).first() is not None


async def has_topic(conn: AsyncConnection, code: str) -> bool:
    """Say whether a category of this code may be chosen today."""
    query = select(categories.c.code).where(categories.c.code == code, categories.c.closed_at.is_(None))
    return (await conn.execute(query)).first() is not None


async def change(conn: AsyncConnection, interaction_id: str, state: str, values: Mapping[str, Any]) -> bool:
    """Compare and set the capture of an interaction by its state; False when somebody was faster."""
    result = await conn.execute(
        update(interactions).where(interactions.c.id == interaction_id, interactions.c.state == state).values(**values)
    )
    return result.rowcount == 1


async def open_finding_of(conn: AsyncConnection, interaction_id: str, kind: str) -> str | None:
    query = select(findings.c.id).where(
        findings.c.interaction_id == interaction_id, findings.c.kind == kind, findings.c.closed_at.is_(None)
    )
    found: str | None = (await conn.execute(query)).scalar_one_or_none()
    return found


async def finding_holders(conn: AsyncConnection, interaction_id: str) -> frozenset[str]:
    """Return in whose lists an interaction's open findings are."""
    query = select(findings.c.agent_id).where(
        findings.c.interaction_id == interaction_id, findings.c.closed_at.is_(None), findings.c.agent_id.is_not(None)
    )
    return frozenset((await conn.execute(query)).scalars())


async def add_finding(conn: AsyncConnection, values: Mapping[str, Any]) -> None:
    """Insert a finding. Raises IntegrityError when the same one is open."""
    await conn.execute(insert(findings).values(**values))


async def get_finding(conn: AsyncConnection, finding_id: str) -> Any | None:
    """Return a finding with the facts its access check needs."""
    query = (
        select(findings, interactions.c.restricted, interactions.c.accused_user_id, interactions.c.queue_id)
        .join(interactions, interactions.c.id == findings.c.interaction_id)
        .where(findings.c.id == finding_id)
    )
    return (await conn.execute(query)).one_or_none()


async def close_findings(
    conn: AsyncConnection,
    interaction_id: str,
    *,
    now: datetime,
    how: str,
    reason: str | None = None,
    finding_id: str | None = None,
) -> Sequence[Any]:
    """Close the open findings of an interaction, or the one named; return (id, agent_id) of those that were open."""
    query = update(findings).where(findings.c.interaction_id == interaction_id, findings.c.closed_at.is_(None))
    if finding_id is not None:
        query = query.where(findings.c.id == finding_id)
    done = query.values(closed_at=now, closed_how=how, reason=reason).returning(findings.c.id, findings.c.agent_id)
    return (await conn.execute(done)).all()


async def uncaptured(conn: AsyncConnection, *, ended_before: datetime, limit: int = 500) -> Sequence[Any]:
    """Return interactions that ended before an instant, are still to be captured and were not justified."""
    justified = exists().where(findings.c.interaction_id == interactions.c.id, findings.c.closed_how == "justified")
    query = (
        select(interactions.c.id, interactions.c.agent_id, interactions.c.queue_id, interactions.c.ended_at)
        .where(interactions.c.state == "pending", interactions.c.ended_at < ended_before, ~justified)
        .order_by(interactions.c.ended_at)
        .limit(limit)
    )
    return (await conn.execute(query)).all()
