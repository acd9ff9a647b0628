"""The worklist of what is not captured: findings with the contact each is about. One function per question."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from contact_center.rules.sight import Sight
from contact_center.store import register
from contact_center.store.call_register import NONE
from contact_center.store.schema import citizens, findings, interactions


@dataclass(frozen=True, slots=True)
class Filters:
    """What the worklist may be narrowed by."""

    is_open: bool = True
    kind: str = ""
    agent: str = ""


def _filtered(query: Select[Any], sight: Sight, f: Filters) -> Select[Any]:
    c = findings.c
    mine = and_(c.agent_id == sight.user_id, ~interactions.c.restricted)
    query = query.where(or_(register.visible(sight), mine))
    query = query.where(c.closed_at.is_(None) if f.is_open else c.closed_at.is_not(None))
    if f.kind:
        query = query.where(c.kind == f.kind)
    if f.agent:
        query = query.where(c.agent_id.is_(None) if f.agent == NONE else c.agent_id == f.agent)
    return query


_FROM = findings.join(interactions, interactions.c.id == findings.c.interaction_id).outerjoin(
    citizens, citizens.c.id == interactions.c.citizen_id
)


async def page(
    conn: AsyncConnection, sight: Sight, f: Filters, *, after: tuple[datetime, str] | None, limit: int
) -> Sequence[Any]:
    """Return findings, the oldest first while they are open, else the last solved first."""
    c = findings.c
    at: ColumnElement[Any] = c.opened_at if f.is_open else c.closed_at
    query: Select[Any] = select(
        c.id,
        c.kind,
        c.interaction_id,
        c.agent_id,
        c.opened_at,
        c.closed_at,
        c.closed_how,
        c.reason,
        at.label("at"),
        interactions.c.channel,
        interactions.c.direction,
        interactions.c.started_at,
        interactions.c.restricted,
        citizens.c.names.label("citizen_names"),
        citizens.c.first_surname.label("citizen_surname"),
        literal(None).label("visitor_name"),
    ).select_from(_FROM)
    query = _filtered(query, sight, f)
    if after is not None:
        beyond = at > after[0] if f.is_open else at < after[0]
        same = c.id > after[1] if f.is_open else c.id < after[1]
        query = query.where(or_(beyond, and_(at == after[0], same)))
    order = (at, c.id) if f.is_open else (at.desc(), c.id.desc())
    rows: Sequence[Any] = (await conn.execute(query.order_by(*order).limit(limit))).all()
    return rows


async def summary(conn: AsyncConnection, sight: Sight, f: Filters) -> list[Any]:
    """Return (kind, how many, how many in nobody's list, the oldest) of each kind."""
    c = findings.c
    query = select(
        c.kind,
        func.count().label("count"),
        (func.count() - func.count(c.agent_id)).label("unassigned"),
        func.min(c.opened_at).label("oldest"),
    ).select_from(_FROM)
    return list((await conn.execute(_filtered(query, sight, f).group_by(c.kind).order_by(c.kind))).all())
