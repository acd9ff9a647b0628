"""Continuity codes, by their hash only."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import insert, update
from sqlalchemy.ext.asyncio import AsyncConnection

from contact_center.store.schema import continuity_codes


async def add(conn: AsyncConnection, values: Mapping[str, Any]) -> None:
    await conn.execute(insert(continuity_codes).values(**values))


async def void(conn: AsyncConnection, conversation_id: str, now: datetime) -> None:
    """End the codes of a conversation that were not used."""
    await conn.execute(
        update(continuity_codes)
        .where(
            continuity_codes.c.conversation_id == conversation_id,
            continuity_codes.c.used_at.is_(None),
            continuity_codes.c.expires_at > now,
        )
        .values(expires_at=now)
    )


async def use(conn: AsyncConnection, code_hash: bytes, *, now: datetime, used_in: str) -> str | None:
    """Use a code up and return its conversation; None for one that is unknown, over or used."""
    done = await conn.execute(
        update(continuity_codes)
        .where(
            continuity_codes.c.code_hash == code_hash,
            continuity_codes.c.used_at.is_(None),
            continuity_codes.c.expires_at > now,
        )
        .values(used_at=now, used_in=used_in)
        .returning(continuity_codes.c.conversation_id)
    )
    found: str | None = done.scalar_one_or_none()
    return found
