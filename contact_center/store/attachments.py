"""Attachments: what was sent, by whom, and where its bytes are."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from contact_center.store.schema import attachments


async def add(conn: AsyncConnection, values: Mapping[str, Any]) -> None:
    await conn.execute(insert(attachments).values(**values))


async def get(conn: AsyncConnection, attachment_id: str) -> Any | None:
    return (await conn.execute(select(attachments).where(attachments.c.id == attachment_id))).one_or_none()


async def sent_since(conn: AsyncConnection, visitor_id: str, since: datetime) -> int:
    """Return how many files a visitor sent since an instant."""
    query = select(func.count()).where(attachments.c.visitor_id == visitor_id, attachments.c.at >= since)
    found: int = (await conn.execute(query)).scalar_one()
    return found


async def claim(
    conn: AsyncConnection,
    ids: Sequence[str],
    *,
    conversation_id: str,
    message_id: str,
    visitor_id: str | None,
    user_id: str | None,
) -> int:
    """Give uploads of their sender's own, that no message has yet, to a message; return how many there were."""
    mine = attachments.c.visitor_id == visitor_id if visitor_id is not None else attachments.c.user_id == user_id
    result = await conn.execute(
        update(attachments)
        .where(
            attachments.c.id.in_(ids),
            attachments.c.message_id.is_(None),
            mine,
            (attachments.c.conversation_id.is_(None)) | (attachments.c.conversation_id == conversation_id),
        )
        .values(conversation_id=conversation_id, message_id=message_id)
    )
    return result.rowcount


async def drop_unclaimed(conn: AsyncConnection, before: datetime) -> list[str]:
    """Forget uploads that no message claimed before an instant; return the files that nothing refers to any more."""
    gone = await conn.execute(
        delete(attachments)
        .where(attachments.c.message_id.is_(None), attachments.c.at < before)
        .returning(attachments.c.blob)
    )
    blobs = set(gone.scalars())
    kept = await conn.execute(select(attachments.c.blob).where(attachments.c.blob.in_(sorted(blobs))))
    return sorted(blobs - set(kept.scalars()))
