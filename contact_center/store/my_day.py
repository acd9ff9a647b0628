"""One agent's own day: the rows that their figures are made of."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from contact_center.store.schema import (
    agent_status_log,
    conversations,
    interactions,
    messages,
    offers,
    petition_interactions,
    petitions,
    segments,
)


async def segments_of(conn: AsyncConnection, user_id: str, start: datetime, end: datetime) -> Sequence[Any]:
    """Return the agent's parts in contacts that began in a stretch of time."""
    query = (
        select(
            segments.c.interaction_id,
            segments.c.started_at,
            segments.c.first_reply_at,
            segments.c.ended_at,
            segments.c.wrap_ended_at,
            segments.c.ended_how,
        )
        .where(segments.c.agent_id == user_id, segments.c.started_at >= start, segments.c.started_at < end)
        .order_by(segments.c.started_at)
    )
    return (await conn.execute(query)).all()


async def states_of(conn: AsyncConnection, user_id: str, start: datetime, end: datetime) -> Sequence[Any]:
    """Return the agent's states that overlap a stretch of time, in order."""
    query = (
        select(
            agent_status_log.c.state,
            agent_status_log.c.reason,
            agent_status_log.c.started_at,
            agent_status_log.c.ended_at,
        )
        .where(
            agent_status_log.c.user_id == user_id,
            agent_status_log.c.started_at < end,
            or_(agent_status_log.c.ended_at.is_(None), agent_status_log.c.ended_at > start),
        )
        .order_by(agent_status_log.c.started_at)
    )
    return (await conn.execute(query)).all()


async def count_messages(conn: AsyncConnection, user_id: str, start: datetime, end: datetime) -> int:
    query = select(func.count()).where(
        messages.c.author_kind == "agent",
        messages.c.author_id == user_id,
        messages.c.at >= start,
        messages.c.at < end,
    )
    found: int = (await conn.execute(query)).scalar_one()
    return found


async def count_links(conn: AsyncConnection, user_id: str, start: datetime, end: datetime) -> int:
    """Return how many existing folios the agent linked."""
    query = select(func.count()).where(
        petition_interactions.c.by_user == user_id,
        petition_interactions.c.relation == "linked",
        petition_interactions.c.unlinked_at.is_(None),
        petition_interactions.c.at >= start,
        petition_interactions.c.at < end,
    )
    found: int = (await conn.execute(query)).scalar_one()
    return found


async def count_created(conn: AsyncConnection, user_id: str, start: datetime, end: datetime) -> int:
    """Return how many petitions the agent registered."""
    query = select(func.count()).where(
        petitions.c.created_by == user_id, petitions.c.received_at >= start, petitions.c.received_at < end
    )
    found: int = (await conn.execute(query)).scalar_one()
    return found


async def captures_of(conn: AsyncConnection, user_id: str, start: datetime, end: datetime) -> dict[str, int]:
    """Return how the contacts that ended in a stretch of time, last held by the agent, stand in their capture."""
    query = (
        select(interactions.c.state, func.count())
        .where(interactions.c.agent_id == user_id, interactions.c.ended_at >= start, interactions.c.ended_at < end)
        .group_by(interactions.c.state)
    )
    return {row[0]: row[1] for row in await conn.execute(query)}


async def offers_of(conn: AsyncConnection, user_id: str, start: datetime, end: datetime) -> dict[str, int]:
    """Return what became of the offers made to the agent."""
    query = (
        select(offers.c.state, func.count())
        .where(and_(offers.c.agent_id == user_id, offers.c.offered_at >= start, offers.c.offered_at < end))
        .group_by(offers.c.state)
    )
    return {row[0]: row[1] for row in await conn.execute(query)}


async def survey_scores(conn: AsyncConnection, user_id: str, start: datetime, end: datetime) -> list[int]:
    """Return the marks citizens gave to contacts last held by the agent."""
    query = (
        select(conversations.c.survey)
        .join(interactions, interactions.c.id == conversations.c.id)
        .where(
            interactions.c.agent_id == user_id,
            conversations.c.survey.is_not(None),
            conversations.c.closed_at >= start,
            conversations.c.closed_at < end,
        )
    )
    surveys = (await conn.execute(query)).scalars()
    return [one["score"] for one in surveys if one and one.get("score") is not None]
