"""What a letter needs to know of its conversation."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from contact_center.store import petitions
from contact_center.store.schema import conversations, messages

LOOK_BACK = 30
"""Citizen's messages among which the last one with a subject is looked for."""


@dataclass(frozen=True, slots=True)
class Letter:
    """Who writes, and what is answered: the citizen's last words, their subject, the first folio."""

    author_kind: str
    locale: str
    subject: str | None
    folio: str | None
    said: str
    said_at: datetime


async def subject_of(conn: AsyncConnection, conversation_id: str) -> str | None:
    """Return the subject that the citizen last gave a letter."""
    query = (
        select(messages.c.data)
        .where(messages.c.conversation_id == conversation_id, messages.c.author_kind == "citizen")
        .order_by(messages.c.seq.desc())
        .limit(LOOK_BACK)
    )
    found = (await conn.execute(query)).scalars()
    return next((str(data["subject"]) for data in found if data and data.get("subject")), None)


async def letter(conn: AsyncConnection, conversation_id: str, message_id: str) -> Letter | None:
    """Return what a message answers; None for one that answers nothing."""
    own = (
        await conn.execute(
            select(messages.c.author_kind, messages.c.seq, conversations.c.locale)
            .join(conversations, conversations.c.id == messages.c.conversation_id)
            .where(messages.c.id == message_id)
        )
    ).one_or_none()
    if own is None:
        return None
    said = (
        await conn.execute(
            select(messages.c.text, messages.c.at, messages.c.data)
            .where(
                messages.c.conversation_id == conversation_id,
                messages.c.author_kind == "citizen",
                messages.c.seq < own.seq,
            )
            .order_by(messages.c.seq.desc())
            .limit(LOOK_BACK)
        )
    ).all()
    if not said:
        return None
    folios = (await petitions.folios_of(conn, [conversation_id])).get(conversation_id, [])
    subject = next((str(row.data["subject"]) for row in said if row.data and row.data.get("subject")), None)
    first = folios[0] if folios else None
    return Letter(own.author_kind, own.locale, subject, first, said[0].text, said[0].at)
