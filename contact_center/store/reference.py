"""The tables that forms choose from, without what is closed. One function a table."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from contact_center.store.schema import (
    areas,
    categories,
    dependencies,
    emergency_lines,
    municipalities,
    queues,
    users,
)

Row = dict[str, Any]


async def categories_open(conn: AsyncConnection) -> list[Row]:
    """Return the topics that may be chosen."""
    query = select(
        categories.c.code,
        categories.c.group_name.label("group"),
        categories.c.name,
        categories.c.kind,
        categories.c.dependency_id.label("dependency"),
        categories.c.priority,
        categories.c.term_days,
        categories.c.sensitive,
        categories.c.keywords,
        categories.c.area_id.label("area"),
    ).where(categories.c.closed_at.is_(None))
    return [dict(row._mapping) for row in await conn.execute(query.order_by(categories.c.code))]


async def municipality_rows(conn: AsyncConnection) -> list[Row]:
    """Return the municipalities, the one «outside Sonora» last."""
    query = select(
        municipalities.c.key,
        municipalities.c.name,
        municipalities.c.seat,
        municipalities.c.region,
        municipalities.c.area_code,
    )
    rows = [dict(row._mapping) for row in await conn.execute(query.order_by(municipalities.c.key))]
    return sorted(rows, key=lambda row: row["key"] == "00000")


async def dependency_rows(conn: AsyncConnection) -> list[Row]:
    """Return the bodies a petition may be sent to."""
    query = select(
        dependencies.c.id,
        dependencies.c.name,
        dependencies.c.acronym,
        dependencies.c.level,
        dependencies.c.sector,
        dependencies.c.topics,
        dependencies.c.verified,
    ).where(dependencies.c.valid_until.is_(None))
    return [dict(row._mapping) for row in await conn.execute(query.order_by(dependencies.c.name))]


async def areas_open(conn: AsyncConnection) -> list[Row]:
    """Return the organigram as it stands."""
    query = select(areas.c.id, areas.c.name, areas.c.parent_id.label("parent"), areas.c.takes_transfers)
    rows = await conn.execute(query.where(areas.c.closed_at.is_(None)).order_by(areas.c.id))
    return [dict(row._mapping) for row in rows]


async def queues_open(conn: AsyncConnection) -> list[Row]:
    """Return the queues as they stand."""
    query = select(queues.c.id, queues.c.name, queues.c.area_id.label("area"), queues.c.channels)
    rows = await conn.execute(query.where(queues.c.closed_at.is_(None)).order_by(queues.c.name))
    return [dict(row._mapping) for row in rows]


async def emergency_rows(conn: AsyncConnection) -> list[Row]:
    """Return the help lines."""
    query = select(
        emergency_lines.c.number,
        emergency_lines.c.name,
        emergency_lines.c.kind,
        emergency_lines.c.hours,
        emergency_lines.c.verified,
    )
    return [dict(row._mapping) for row in await conn.execute(query.order_by(emergency_lines.c.number))]


async def staff_rows(conn: AsyncConnection) -> list[Row]:
    """Return colleagues by name: for mentions, transfers, and to name who did what. Nothing about how to reach them."""
    query = select(users.c.id, users.c.name, users.c.display_name, users.c.area_id.label("area"), users.c.disabled_at)
    return [
        {"id": row.id, "name": row.name, "area": row.area, "active": row.disabled_at is None}
        for row in await conn.execute(query.order_by(users.c.name))
    ]
