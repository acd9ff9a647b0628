"""What petitions are compared by, and what was agreed to for them. One function per question."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from contact_center.rules.sight import Sight
from contact_center.store.petitions import FROM, ROW, visible
from contact_center.store.schema import callbacks, consents, petitions


async def add_consent(conn: AsyncConnection, values: Mapping[str, Any]) -> None:
    """Write down what somebody agreed to."""
    await conn.execute(insert(consents).values(**values))


async def consents_of(conn: AsyncConnection, folio: str) -> Sequence[Any]:
    """Return what was agreed to for a petition, oldest first."""
    return (await conn.execute(select(consents).where(consents.c.folio == folio).order_by(consents.c.at))).all()


async def likely_duplicates(
    conn: AsyncConnection,
    sight: Sight,
    *,
    citizen_id: str | None,
    phone: str | None,
    category: str,
    municipality: str,
    after: datetime,
    limit: int,
) -> Sequence[Any]:
    """Return recent petitions of the same person or phone in the same category and municipality."""
    p = petitions.c
    same: list[ColumnElement[bool]] = []
    if citizen_id:
        same.append(p.citizen_id == citizen_id)
    if phone:
        same.append(p.phone == phone)
    if not same:
        return []
    query = (
        select(*ROW)
        .select_from(FROM)
        .where(visible(sight), p.received_at > after, p.state != "duplicate", or_(*same))
        .where(p.category == category, p.municipality == municipality)
        .order_by(p.received_at.desc())
        .limit(limit)
    )
    return (await conn.execute(query)).all()


async def open_data_calls(conn: AsyncConnection, folio: str) -> Sequence[str]:
    """Return the callbacks still to be made that ask for what a petition lacks."""
    c = callbacks.c
    query = select(c.id).where(c.folio == folio, c.made_key.like("data:%"), c.closed_at.is_(None))
    return list((await conn.execute(query)).scalars())
