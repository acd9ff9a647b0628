"""Messages on their way to providers: a row each, sent in the order of their conversation; and each sending's fate."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, exists, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from contact_center.store import bulk
from contact_center.store.schema import (
    attachments,
    conversations,
    interactions,
    messages,
    outbox,
    sendings,
    visitors,
    work_items,
)

COLUMNS = (
    "id",
    "channel",
    "conversation_id",
    "message_id",
    "state",
    "next_at",
    "created_at",
    "seq",
    "extra",
)
STANDS_BEFORE = ("queued", "sending")
"""States in which a message keeps those after it waiting; what failed or is in doubt does not."""


async def add(conn: AsyncConnection, rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert rows, in the order of `COLUMNS`; instants in microseconds, `extra` as JSON text."""
    await bulk.insert_many(conn, "outbox", COLUMNS, rows)


async def get(conn: AsyncConnection, outbox_id: str) -> Any | None:
    return (await conn.execute(select(outbox).where(outbox.c.id == outbox_id))).one_or_none()


async def of_message(conn: AsyncConnection, message_id: str) -> Any | None:
    return (await conn.execute(select(outbox).where(outbox.c.message_id == message_id))).one_or_none()


async def ready(
    conn: AsyncConnection, channel: str, now: datetime, *, pause_since: datetime, limit: int
) -> Sequence[Any]:
    """Return what may be sent now over a channel: the first open row of each conversation, when its time has come and
    nothing went to that conversation since `pause_since`."""
    before = outbox.alias("before")
    recent = outbox.alias("recent")
    query = (
        select(outbox)
        .where(
            outbox.c.channel == channel,
            outbox.c.state == "queued",
            outbox.c.next_at <= now,
            ~exists().where(
                before.c.conversation_id == outbox.c.conversation_id,
                before.c.seq < outbox.c.seq,
                before.c.state.in_(STANDS_BEFORE),
            ),
            ~exists().where(recent.c.conversation_id == outbox.c.conversation_id, recent.c.done_at > pause_since),
        )
        .order_by(outbox.c.next_at, outbox.c.id)
        .limit(limit)
    )
    return (await conn.execute(query)).all()


async def is_due(conn: AsyncConnection, channel: str, now: datetime) -> bool:
    """Say whether anything over a channel wants a look: something to send, or a sender that is gone."""
    query = select(outbox.c.id).where(
        outbox.c.channel == channel,
        ((outbox.c.state == "queued") & (outbox.c.next_at <= now))
        | ((outbox.c.state == "sending") & (outbox.c.leased_until < now)),
    )
    return (await conn.execute(query.limit(1))).first() is not None


async def begun_since(conn: AsyncConnection, channel: str, since: datetime) -> int:
    """Return how many sendings began over a channel after an instant, on any node."""
    query = select(func.count()).where(outbox.c.channel == channel, outbox.c.begun_at > since)
    found: int = (await conn.execute(query)).scalar_one()
    return found


async def lease(conn: AsyncConnection, outbox_id: str, *, epoch: int, now: datetime, until: datetime) -> bool:
    """Take a row to send; False when somebody else did."""
    done = await conn.execute(
        update(outbox)
        .where(outbox.c.id == outbox_id, outbox.c.state == "queued", outbox.c.lease_epoch == epoch)
        .values(
            state="sending", leased_until=until, lease_epoch=epoch + 1, begun_at=now, attempts=outbox.c.attempts + 1
        )
    )
    return done.rowcount == 1


async def settle(conn: AsyncConnection, outbox_id: str, *, epoch: int, **values: Any) -> bool:
    """Write what became of a row; False when the lease is not the last one, or nobody is sending it."""
    done = await conn.execute(
        update(outbox)
        .where(outbox.c.id == outbox_id, outbox.c.state == "sending", outbox.c.lease_epoch == epoch)
        .values(leased_until=None, **values)
    )
    return done.rowcount == 1


async def move(conn: AsyncConnection, outbox_id: str, *, states: Sequence[str], epoch: int, **values: Any) -> bool:
    """Change a row that nobody is sending; a new epoch keeps an old sender from writing over it."""
    done = await conn.execute(
        update(outbox)
        .where(outbox.c.id == outbox_id, outbox.c.state.in_(states), outbox.c.lease_epoch == epoch)
        .values(leased_until=None, lease_epoch=epoch + 1, **values)
    )
    return done.rowcount == 1


async def lost(conn: AsyncConnection, now: datetime, limit: int = 100) -> Sequence[Any]:
    """Return rows whose sender never said what became of them."""
    query = select(outbox).where(outbox.c.state == "sending", outbox.c.leased_until < now).limit(limit)
    return (await conn.execute(query)).all()


async def doubtful(conn: AsyncConnection, channel: str, *, before: datetime, limit: int = 50) -> Sequence[Any]:
    """Return rows in doubt since before an instant, the oldest first."""
    query = select(outbox).where(outbox.c.channel == channel, outbox.c.state == "uncertain", outbox.c.next_at <= before)
    return (await conn.execute(query.order_by(outbox.c.next_at).limit(limit))).all()


async def envelope(conn: AsyncConnection, row: Any) -> Any | None:
    """Return what a row sends and to whom: text, address, the citizen's last word; None when the message is gone."""
    query = (
        select(
            messages.c.text,
            messages.c.data,
            messages.c.has_attachments,
            visitors.c.address,
            visitors.c.opted_out_at,
            conversations.c.last_citizen_at,
        )
        .join(conversations, conversations.c.id == messages.c.conversation_id)
        .join(visitors, visitors.c.id == conversations.c.visitor_id)
        .where(messages.c.id == row.message_id)
    )
    return (await conn.execute(query)).one_or_none()


async def files_of(conn: AsyncConnection, message_id: str) -> Sequence[Any]:
    """Return the files of a message in the order they were added."""
    query = select(attachments).where(attachments.c.message_id == message_id).order_by(attachments.c.id)
    return (await conn.execute(query)).all()


async def thread_ids(conn: AsyncConnection, conversation_id: str, limit: int = 20) -> list[tuple[str, str]]:
    """Return (author kind, provider's id) of the last messages of a conversation that have one, the oldest first."""
    query = (
        select(messages.c.author_kind, func.coalesce(messages.c.external_id, sendings.c.external_id).label("external"))
        .select_from(messages.outerjoin(sendings, and_(sendings.c.message_id == messages.c.id, sendings.c.part == 0)))
        .where(
            messages.c.conversation_id == conversation_id,
            func.coalesce(messages.c.external_id, sendings.c.external_id).is_not(None),
        )
        .order_by(messages.c.seq.desc())
        .limit(limit)
    )
    return [(row[0], row[1]) for row in (await conn.execute(query)).all()][::-1]


async def sending(conn: AsyncConnection, channel: str, external_id: str) -> Any | None:
    """Return what is known of a sending by the provider's id, held to the end of the transaction."""
    query = select(sendings).where(sendings.c.channel == channel, sendings.c.external_id == external_id)
    if not bulk.is_sqlite(conn):
        query = query.with_for_update()
    return (await conn.execute(query)).one_or_none()


async def add_sending(conn: AsyncConnection, values: Mapping[str, Any]) -> bool:
    """Add a sending; False when its id is known already."""
    if bulk.is_sqlite(conn):
        from sqlalchemy.dialects.sqlite import insert as upsert
    else:
        from sqlalchemy.dialects.postgresql import insert as upsert  # type: ignore[assignment]  # the same face
    done = await conn.execute(
        upsert(sendings).values(**values).on_conflict_do_nothing(index_elements=["channel", "external_id"])
    )
    return done.rowcount == 1


async def change_sending(conn: AsyncConnection, sending_id: str, **values: Any) -> None:
    await conn.execute(update(sendings).where(sendings.c.id == sending_id).values(**values))


async def sendings_of(conn: AsyncConnection, message_id: str) -> Sequence[Any]:
    """Return the sendings of a message by part."""
    query = select(sendings).where(sendings.c.message_id == message_id)
    return (await conn.execute(query.order_by(sendings.c.part, sendings.c.id))).all()


async def message_of_sending(conn: AsyncConnection, channel: str, external_id: str) -> Any | None:
    """Return the message of ours that a provider's id is about."""
    query = (
        select(messages)
        .join(sendings, sendings.c.message_id == messages.c.id)
        .where(sendings.c.channel == channel, sendings.c.external_id == external_id)
    )
    return (await conn.execute(query)).one_or_none()


async def undelivered(conn: AsyncConnection, *, limit: int) -> Sequence[Any]:
    """Return what did not get through and waits for a person, the newest first."""
    query = (
        select(
            outbox,
            work_items.c.owner_id,
            work_items.c.id.label("item_id"),
            conversations.c.channel.label("medium"),
            interactions.c.restricted,
        )
        .join(conversations, conversations.c.id == outbox.c.conversation_id)
        .join(interactions, interactions.c.id == conversations.c.id)
        .outerjoin(
            work_items,
            and_(work_items.c.conversation_id == outbox.c.conversation_id, work_items.c.state != "done"),
        )
        .where(outbox.c.state.in_(("failed", "uncertain")))
        .order_by(outbox.c.created_at.desc(), outbox.c.id.desc())
        .limit(limit)
    )
    return (await conn.execute(query)).all()


async def oldest_waiting(conn: AsyncConnection) -> Sequence[Any]:
    """Return (channel, oldest created_at, how many) of what waits to be sent."""
    query = (
        select(outbox.c.channel, func.min(outbox.c.created_at).label("oldest"), func.count().label("waiting"))
        .where(outbox.c.state == "queued")
        .group_by(outbox.c.channel)
    )
    return (await conn.execute(query)).all()


async def counts(conn: AsyncConnection) -> dict[tuple[str, str], int]:
    """Return how many rows are in each (channel, state) that is not done."""
    query = (
        select(outbox.c.channel, outbox.c.state, func.count())
        .where(outbox.c.state != "done")
        .group_by(outbox.c.channel, outbox.c.state)
    )
    return {(row[0], row[1]): row[2] for row in await conn.execute(query)}
