"""What came in from providers: each event once, whose address it is, the message it speaks of, files to fetch."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from contact_center.store import bulk
from contact_center.store.schema import (
    conversations,
    inbound_media,
    inbox,
    message_edits,
    messages,
    visitors,
    work_items,
)

Key = tuple[str, str]
"""(provider, event key)."""

_NEW_SQLITE = (
    "INSERT INTO inbox (id, provider, event_key, body, received_at, processed_at) "
    "SELECT value ->> 0, value ->> 1, value ->> 2, '{}', value ->> 3, value ->> 3 FROM json_each(?) WHERE true "
    "ON CONFLICT (provider, event_key) DO NOTHING RETURNING provider, event_key"
)
_NEW_POSTGRES = (
    "INSERT INTO inbox (id, provider, event_key, body, received_at, processed_at) "
    "SELECT i, p, k, '{}'::jsonb, a, a FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[]) AS t (i, p, k, a) "
    "ON CONFLICT (provider, event_key) DO NOTHING RETURNING provider, event_key"
)


async def add_new(conn: AsyncConnection, rows: Sequence[tuple[str, str, str, int]]) -> set[Key]:
    """Record events (id, provider, key, microseconds) and return the keys that nobody recorded before.

    Keys go in one order on every node, so that two of them never wait for each other in a circle.
    """
    if not rows:
        return set()
    ordered = sorted({(row[1], row[2]): row for row in rows}.values(), key=lambda row: (row[1], row[2]))
    if bulk.is_sqlite(conn):
        found = await bulk.fetch(conn, _NEW_SQLITE, (bulk.json_text(ordered),))
    else:
        columns = [list(column) for column in zip(*ordered, strict=True)]
        found = await bulk.fetch(conn, _NEW_POSTGRES, tuple(columns))
    return {(row[0], row[1]) for row in found}


async def forget_event(conn: AsyncConnection, provider: str, event_key: str) -> None:
    """Take an event off the record: it could not be taken, so its next delivery has to be."""
    await conn.execute(delete(inbox).where(inbox.c.provider == provider, inbox.c.event_key == event_key))


async def forget_old(conn: AsyncConnection, before: datetime, limit: int) -> int:
    """Forget events received before an instant; return how many."""
    old = select(inbox.c.id).where(inbox.c.received_at < before).order_by(inbox.c.received_at).limit(limit)
    return (await conn.execute(delete(inbox).where(inbox.c.id.in_(old)))).rowcount


async def visitors_at(conn: AsyncConnection, addresses: Iterable[Key]) -> dict[Key, str]:
    """Return the visitor of each (source, address) that is known."""
    wanted = set(addresses)
    rows = await bulk.select_in(
        conn,
        "SELECT source, address, id FROM visitors WHERE address IN :values",
        sorted(address for _, address in wanted),
    )
    return {(row[0], row[1]): row[2] for row in rows if (row[0], row[1]) in wanted}


async def visitor_at(conn: AsyncConnection, source: str, address: str) -> Any | None:
    """Return the visitor of an address."""
    query = select(visitors).where(visitors.c.source == source, visitors.c.address == address)
    return (await conn.execute(query)).one_or_none()


async def add_visitor(conn: AsyncConnection, values: Mapping[str, Any]) -> bool:
    """Add the visitor of an address; False when somebody was faster."""
    if bulk.is_sqlite(conn):
        from sqlalchemy.dialects.sqlite import insert as upsert
    else:
        from sqlalchemy.dialects.postgresql import insert as upsert  # type: ignore[assignment]  # the same face
    done = await conn.execute(
        upsert(visitors).values(**values).on_conflict_do_nothing(index_elements=["source", "address"])
    )
    return done.rowcount == 1


async def find_message(conn: AsyncConnection, visitor_id: str, external_id: str) -> Any | None:
    """Return the newest message of a visitor's conversations that the provider calls so."""
    query = (
        select(messages, conversations.c.channel)
        .join(conversations, conversations.c.id == messages.c.conversation_id)
        .where(conversations.c.visitor_id == visitor_id, messages.c.external_id == external_id)
        .order_by(messages.c.at.desc())
        .limit(1)
    )
    return (await conn.execute(query)).one_or_none()


async def add_edit(conn: AsyncConnection, values: Mapping[str, Any]) -> None:
    """Keep what a message said before it was changed."""
    await conn.execute(insert(message_edits).values(**values))


async def edits_of(conn: AsyncConnection, message_id: str) -> Sequence[Any]:
    """Return what a message said before, the oldest first."""
    query = select(message_edits.c.text, message_edits.c.at).where(message_edits.c.message_id == message_id)
    return (await conn.execute(query.order_by(message_edits.c.at, message_edits.c.id))).all()


async def add_media(conn: AsyncConnection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Note files that a provider holds and that are to be fetched."""
    if rows:
        await conn.execute(insert(inbound_media), [dict(row) for row in rows])


async def get_media(conn: AsyncConnection, media_id: str) -> Any | None:
    return (await conn.execute(select(inbound_media).where(inbound_media.c.id == media_id))).one_or_none()


async def media_due(conn: AsyncConnection, sources: Sequence[str], now: datetime, limit: int) -> Sequence[Any]:
    """Return files to fetch, or to delete at the provider, whose time has come; a lost lease counts as not begun."""
    lost = (inbound_media.c.state == "fetching") & (inbound_media.c.leased_until < now)
    due = inbound_media.c.state.in_(("waiting", "stored")) & (inbound_media.c.next_at <= now)
    free = inbound_media.c.leased_until.is_(None) | (inbound_media.c.leased_until < now)
    query = (
        select(inbound_media)
        .where(inbound_media.c.source.in_(sources), lost | (due & free))
        .order_by(inbound_media.c.next_at)
        .limit(limit)
    )
    return (await conn.execute(query)).all()


async def lease_media(conn: AsyncConnection, row: Any, *, until: datetime) -> bool:
    """Take a file to fetch or to delete there; False when somebody else did."""
    state = "fetching" if row.state != "stored" else "stored"
    done = await conn.execute(
        update(inbound_media)
        .where(inbound_media.c.id == row.id, inbound_media.c.lease_epoch == row.lease_epoch)
        .values(
            state=state,
            leased_until=until,
            lease_epoch=row.lease_epoch + 1,
            attempts=inbound_media.c.attempts + 1,
        )
    )
    return done.rowcount == 1


async def settle_media(conn: AsyncConnection, media_id: str, *, epoch: int, **values: Any) -> bool:
    """Write what became of a file; False when the lease is not the last one."""
    done = await conn.execute(
        update(inbound_media)
        .where(inbound_media.c.id == media_id, inbound_media.c.lease_epoch == epoch)
        .values(leased_until=None, **values)
    )
    return done.rowcount == 1


async def link_visitor(conn: AsyncConnection, visitor_id: str, **values: Any) -> None:
    """Set whose an address is, or that nobody's is known."""
    await conn.execute(update(visitors).where(visitors.c.id == visitor_id).values(**values))


async def places_untold(conn: AsyncConnection, queued_before: datetime) -> dict[str, int | None]:
    """Return the place that was last told, None for none, of items in messaging channels that wait since an instant."""
    query = (
        select(work_items.c.id, work_items.c.notice)
        .join(conversations, conversations.c.id == work_items.c.conversation_id)
        .where(
            work_items.c.state.in_(("waiting", "offered")),
            work_items.c.queued_at < queued_before,
            conversations.c.source.is_not(None),
        )
    )
    return {row[0]: row[1]["position"] if row[1] else None for row in await conn.execute(query)}
