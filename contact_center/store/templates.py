"""Message templates, and how each channel fares."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from contact_center.store.schema import alerts, conversations, inbox, message_templates, outbox, work_items

RECENT_EVENTS = 2_000
"""Events among which the last one of each channel is looked for."""


async def listed(conn: AsyncConnection, channel: str) -> dict[str, Any]:
    """Return the templates of a channel by the provider's id."""
    query = select(message_templates).where(message_templates.c.channel == channel)
    return {row.provider_id: row for row in await conn.execute(query)}


async def add(conn: AsyncConnection, values: Mapping[str, Any]) -> None:
    await conn.execute(insert(message_templates).values(**values))


async def change(conn: AsyncConnection, template_id: str, **values: Any) -> None:
    await conn.execute(update(message_templates).where(message_templates.c.id == template_id).values(**values))


async def note_listed(conn: AsyncConnection, channel: str, now: datetime) -> None:
    """Note that the provider was asked just now."""
    await conn.execute(update(message_templates).where(message_templates.c.channel == channel).values(listed_at=now))


async def get(conn: AsyncConnection, template_id: str) -> Any | None:
    return (await conn.execute(select(message_templates).where(message_templates.c.id == template_id))).one_or_none()


async def all_rows(conn: AsyncConnection) -> Sequence[Any]:
    """Return every template, usable ones first."""
    is_usable = message_templates.c.status == "approved"
    query = select(message_templates).order_by(is_usable.desc(), message_templates.c.name, message_templates.c.id)
    return (await conn.execute(query.limit(500))).all()


async def closing_windows(
    conn: AsyncConnection, source: str, *, after: datetime, before: datetime, limit: int = 200
) -> Sequence[str]:
    """Return the open conversations of a channel whose citizen last wrote between two instants."""
    query = (
        select(conversations.c.id)
        .join(work_items, work_items.c.conversation_id == conversations.c.id)
        .where(
            conversations.c.is_open,
            conversations.c.source == source,
            conversations.c.last_citizen_at > after,
            conversations.c.last_citizen_at <= before,
            work_items.c.state.in_(("held", "waiting", "offered")),
            ~select(alerts.c.id)
            .where(
                alerts.c.kind == "window_closing",
                alerts.c.subject == conversations.c.id,
                alerts.c.cleared_at.is_(None),
            )
            .exists(),
        )
        .limit(limit)
    )
    return list((await conn.execute(query)).scalars())


async def settled_windows(conn: AsyncConnection, limit: int = 200) -> Sequence[str]:
    """Return conversations with an open alert about their window that are over, or whose citizen wrote again."""
    query = (
        select(alerts.c.subject)
        .join(conversations, conversations.c.id == alerts.c.subject)
        .where(
            alerts.c.kind == "window_closing",
            alerts.c.cleared_at.is_(None),
            or_(~conversations.c.is_open, conversations.c.last_citizen_at > alerts.c.at),
        )
        .limit(limit)
    )
    return list((await conn.execute(query)).scalars())


async def open_alert(conn: AsyncConnection, kind: str, subject: str) -> str | None:
    """Return the open alert of a kind about a subject."""
    query = select(alerts.c.id).where(alerts.c.kind == kind, alerts.c.subject == subject, alerts.c.cleared_at.is_(None))
    found: str | None = (await conn.execute(query)).scalar()
    return found


async def last_in(conn: AsyncConnection) -> dict[str, datetime]:
    """Return when each channel last brought something, as far as the last events go back."""
    recent = select(inbox.c.provider, inbox.c.received_at).order_by(inbox.c.id.desc()).limit(RECENT_EVENTS).subquery()
    query = select(recent.c.provider, func.max(recent.c.received_at)).group_by(recent.c.provider)
    return {row[0]: row[1] for row in await conn.execute(query)}


async def last_out(conn: AsyncConnection, channel: str) -> datetime | None:
    """Return when a channel last began to send."""
    query = select(outbox.c.begun_at).where(outbox.c.channel == channel, outbox.c.begun_at.is_not(None))
    found: datetime | None = (await conn.execute(query.order_by(outbox.c.begun_at.desc()).limit(1))).scalar()
    return found


async def channel_alarms(conn: AsyncConnection) -> Sequence[Any]:
    """Return the open alerts about channels."""
    query = select(alerts.c.subject, alerts.c.data, alerts.c.at).where(
        and_(alerts.c.kind == "channel_down", alerts.c.cleared_at.is_(None))
    )
    return (await conn.execute(query)).all()
