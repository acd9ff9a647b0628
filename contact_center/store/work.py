"""Work items, offers, segments, transfers, agents' states: what the queue engine reads and writes."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import bindparam, exists, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from contact_center.rules.calls import OPEN_STATES
from contact_center.store.schema import (
    agent_status,
    agent_status_log,
    alerts,
    calls,
    interactions,
    offers,
    queue_members,
    queues,
    segments,
    transfers,
    users,
    work_items,
)

# Statements of every command, made once: making one costs as much as running it.
_INTERACTION: Final = select(interactions).where(interactions.c.id == bindparam("id"))
_ITEM: Final = select(work_items).where(work_items.c.id == bindparam("id"))
_OPEN_ITEM: Final = select(work_items).where(
    work_items.c.interaction_id == bindparam("interaction_id"), work_items.c.state != "done"
)
_QUEUE: Final = select(queues).where(queues.c.id == bindparam("id"))


async def add_interaction(conn: AsyncConnection, values: Mapping[str, Any]) -> None:
    await conn.execute(insert(interactions).values(**values))


async def change_interaction(conn: AsyncConnection, interaction_id: str, **values: Any) -> None:
    await conn.execute(update(interactions).where(interactions.c.id == interaction_id).values(**values))


async def get_interaction(conn: AsyncConnection, interaction_id: str) -> Any | None:
    return (await conn.execute(_INTERACTION, {"id": interaction_id})).one_or_none()


async def add_item(conn: AsyncConnection, values: Mapping[str, Any]) -> None:
    """Insert a work item. Raises IntegrityError when its interaction has an open one."""
    await conn.execute(insert(work_items).values(**values))


async def get_item(conn: AsyncConnection, item_id: str) -> Any | None:
    return (await conn.execute(_ITEM, {"id": item_id})).one_or_none()


async def open_item_of(conn: AsyncConnection, interaction_id: str) -> Any | None:
    return (await conn.execute(_OPEN_ITEM, {"interaction_id": interaction_id})).one_or_none()


async def latest_item_of(conn: AsyncConnection, interaction_id: str) -> Any | None:
    query = (
        select(work_items)
        .where(work_items.c.interaction_id == interaction_id)
        .order_by(work_items.c.enqueued_at.desc(), work_items.c.id.desc())
        .limit(1)
    )
    return (await conn.execute(query)).one_or_none()


async def move_item(
    conn: AsyncConnection,
    item_id: str,
    *,
    epoch: int,
    states: Sequence[str],
    new_epoch: int | None = None,
    **values: Any,
) -> bool:
    """Compare and set: change the item if it still has this epoch and one of these states.

    Every change of hands raises the epoch, so a holder that was overtaken changes nothing. False when it moved
    meanwhile.
    """
    result = await conn.execute(
        update(work_items)
        .where(work_items.c.id == item_id, work_items.c.epoch == epoch, work_items.c.state.in_(states))
        .values(epoch=epoch if new_epoch is None else new_epoch, **values)
    )
    return result.rowcount == 1


async def change_item(conn: AsyncConnection, item_id: str, **values: Any) -> None:
    """Update columns that nobody fights over."""
    await conn.execute(update(work_items).where(work_items.c.id == item_id).values(**values))


async def add_offer(conn: AsyncConnection, values: Mapping[str, Any]) -> None:
    """Insert an offer. Raises IntegrityError when the item has an open one."""
    await conn.execute(insert(offers).values(**values))


async def get_offer(conn: AsyncConnection, offer_id: str) -> Any | None:
    return (await conn.execute(select(offers).where(offers.c.id == offer_id))).one_or_none()


async def settle_offer(
    conn: AsyncConnection, offer_id: str, *, state: str, now: datetime, answer: str | None = None
) -> bool:
    """Compare and set an open offer; False when it is no longer open."""
    result = await conn.execute(
        update(offers)
        .where(offers.c.id == offer_id, offers.c.state == "open")
        .values(state=state, decided_at=now, answer=answer)
    )
    return result.rowcount == 1


async def open_offer_of(conn: AsyncConnection, item_id: str) -> Any | None:
    query = select(offers).where(offers.c.work_item_id == item_id, offers.c.state == "open")
    return (await conn.execute(query)).one_or_none()


async def add_segment(conn: AsyncConnection, values: Mapping[str, Any]) -> None:
    await conn.execute(insert(segments).values(**values))


async def end_segment(conn: AsyncConnection, item_id: str, *, now: datetime, how: str) -> None:
    """End the open segment of an item, if there is one."""
    await conn.execute(
        update(segments)
        .where(segments.c.work_item_id == item_id, segments.c.ended_at.is_(None))
        .values(ended_at=now, ended_how=how)
    )


async def end_wrap_up(conn: AsyncConnection, item_id: str, *, epoch: int, now: datetime) -> None:
    await conn.execute(
        update(segments).where(segments.c.work_item_id == item_id, segments.c.epoch == epoch).values(wrap_ended_at=now)
    )


async def note_first_reply(conn: AsyncConnection, item_id: str, now: datetime) -> None:
    await conn.execute(
        update(segments)
        .where(segments.c.work_item_id == item_id, segments.c.ended_at.is_(None), segments.c.first_reply_at.is_(None))
        .values(first_reply_at=now)
    )


async def segments_of(conn: AsyncConnection, interaction_id: str) -> Sequence[Any]:
    query = select(segments).where(segments.c.interaction_id == interaction_id).order_by(segments.c.started_at)
    return (await conn.execute(query)).all()


async def add_transfer(conn: AsyncConnection, values: Mapping[str, Any]) -> None:
    await conn.execute(insert(transfers).values(**values))


async def pending_transfer(conn: AsyncConnection, item_id: str) -> Any | None:
    """Return the newest transfer of an item that nobody answered yet."""
    query = (
        select(transfers)
        .where(transfers.c.work_item_id == item_id, transfers.c.answer.is_(None))
        .order_by(transfers.c.at.desc())
        .limit(1)
    )
    return (await conn.execute(query)).one_or_none()


async def last_transfer(conn: AsyncConnection, item_id: str) -> Any | None:
    query = select(transfers).where(transfers.c.work_item_id == item_id).order_by(transfers.c.at.desc()).limit(1)
    return (await conn.execute(query)).one_or_none()


async def answer_transfer(conn: AsyncConnection, transfer_id: str, *, answer: str, now: datetime) -> None:
    await conn.execute(update(transfers).where(transfers.c.id == transfer_id).values(answer=answer, answered_at=now))


async def verify_transfer(conn: AsyncConnection, transfer_id: str, *, by: str, now: datetime) -> bool:
    """Mark a transfer as verified by the first who did; False when there is none."""
    await conn.execute(
        update(transfers)
        .where(transfers.c.id == transfer_id, transfers.c.verified_by.is_(None))
        .values(verified_by=by, verified_at=now)
    )
    found = await conn.execute(select(transfers.c.id).where(transfers.c.id == transfer_id))
    return found.one_or_none() is not None


async def get_queue(conn: AsyncConnection, queue_id: str) -> Any | None:
    return (await conn.execute(_QUEUE, {"id": queue_id})).one_or_none()


async def all_queues(conn: AsyncConnection) -> Sequence[Any]:
    return (await conn.execute(select(queues).where(queues.c.closed_at.is_(None)).order_by(queues.c.name))).all()


async def memberships(conn: AsyncConnection) -> Sequence[Any]:
    """Return (queue_id, user_id, level) of everybody in every queue."""
    return (await conn.execute(select(queue_members.c.queue_id, queue_members.c.user_id, queue_members.c.level))).all()


async def queue_ids_of(conn: AsyncConnection, user_id: str) -> list[str]:
    query = select(queue_members.c.queue_id).where(queue_members.c.user_id == user_id)
    return list((await conn.execute(query)).scalars())


async def get_status(conn: AsyncConnection, user_id: str) -> Any | None:
    return (await conn.execute(select(agent_status).where(agent_status.c.user_id == user_id))).one_or_none()


async def set_status(
    conn: AsyncConnection, user_id: str, *, state: str, reason: str | None, now: datetime, log_id: str
) -> None:
    """Change an agent's state: the time in the one before ends now, the new one begins."""
    await conn.execute(
        update(agent_status_log)
        .where(agent_status_log.c.user_id == user_id, agent_status_log.c.ended_at.is_(None))
        .values(ended_at=now)
    )
    await conn.execute(
        insert(agent_status_log).values(id=log_id, user_id=user_id, state=state, reason=reason, started_at=now)
    )
    changed = await conn.execute(
        update(agent_status)
        .where(agent_status.c.user_id == user_id)
        .values(state=state, reason=reason, since=now, idle_since=now)
    )
    if changed.rowcount == 0:
        await conn.execute(
            insert(agent_status).values(user_id=user_id, state=state, reason=reason, since=now, idle_since=now)
        )


async def change_status(conn: AsyncConnection, user_id: str, **values: Any) -> None:
    await conn.execute(update(agent_status).where(agent_status.c.user_id == user_id).values(**values))


async def held_by(conn: AsyncConnection, user_id: str) -> Sequence[Any]:
    query = select(work_items).where(work_items.c.owner_id == user_id).order_by(work_items.c.since)
    return (await conn.execute(query)).all()


async def waiting_items(conn: AsyncConnection) -> Sequence[Any]:
    """Return what waits, the oldest first; `needs_device` is whether a caller waits at the provider."""
    here = (calls.c.interaction_id == work_items.c.interaction_id) & (calls.c.mode == "browser")
    on_line = (work_items.c.kind == "call") & exists().where(here, calls.c.state.in_(list(OPEN_STATES)))
    query = select(work_items, on_line.label("needs_device")).where(work_items.c.state == "waiting")
    return (await conn.execute(query.order_by(work_items.c.enqueued_at))).all()


async def loads(conn: AsyncConnection) -> Sequence[Any]:
    """Return (owner_id, channel, state, count) of everything held or in wrap-up."""
    query = (
        select(work_items.c.owner_id, work_items.c.channel, work_items.c.state, func.count())
        .where(work_items.c.state.in_(("held", "wrap_up")))
        .group_by(work_items.c.owner_id, work_items.c.channel, work_items.c.state)
    )
    return (await conn.execute(query)).all()


async def open_offers(conn: AsyncConnection) -> Sequence[Any]:
    query = (
        select(offers.c.id, offers.c.work_item_id, offers.c.agent_id, offers.c.expires_at, work_items.c.channel)
        .join(work_items, work_items.c.id == offers.c.work_item_id)
        .where(offers.c.state == "open")
    )
    return (await conn.execute(query)).all()


async def agents(conn: AsyncConnection) -> Sequence[Any]:
    """Return every enabled user with their state, offline where there is none."""
    query = (
        select(
            users.c.id,
            users.c.name,
            users.c.display_name,
            users.c.roles,
            users.c.area_id,
            users.c.languages,
            users.c.skills,
            users.c.capacity_chat,
            users.c.capacity_voice,
            agent_status.c.state,
            agent_status.c.reason,
            agent_status.c.since,
            agent_status.c.seen_at,
            agent_status.c.idle_since,
            agent_status.c.last_offer_at,
            agent_status.c.phone_at,
        )
        .outerjoin(agent_status, agent_status.c.user_id == users.c.id)
        .where(users.c.disabled_at.is_(None))
        .order_by(users.c.name)
    )
    return (await conn.execute(query)).all()


async def raise_alert(conn: AsyncConnection, values: Mapping[str, Any]) -> bool:
    """Insert an alert unless the same one is open; say whether it was inserted."""
    query = select(alerts.c.id).where(
        alerts.c.kind == values["kind"], alerts.c.subject == values["subject"], alerts.c.cleared_at.is_(None)
    )
    if (await conn.execute(query)).first():
        return False
    await conn.execute(insert(alerts).values(**values))
    return True


async def clear_alerts(conn: AsyncConnection, subject: str, now: datetime, kinds: Iterable[str]) -> list[str]:
    """Clear the open alerts of these kinds about a subject and return their ids."""
    rows = await conn.execute(
        update(alerts)
        .where(alerts.c.subject == subject, alerts.c.kind.in_(list(kinds)), alerts.c.cleared_at.is_(None))
        .values(cleared_at=now)
        .returning(alerts.c.id)
    )
    return list(rows.scalars())


async def conversations_of_items(conn: AsyncConnection, item_ids: Sequence[str]) -> dict[str, str]:
    query = select(work_items.c.id, work_items.c.conversation_id).where(
        work_items.c.id.in_(list(item_ids)), work_items.c.conversation_id.is_not(None)
    )
    return {row[0]: row[1] for row in await conn.execute(query)}


async def recent_handling(conn: AsyncConnection, after: datetime) -> dict[str, list[float]]:
    """Return how long each queue's latest contacts took, from accepting to the end of wrap-up, in seconds."""
    query = (
        select(segments.c.queue_id, segments.c.started_at, segments.c.ended_at, segments.c.wrap_ended_at)
        .where(segments.c.started_at > after, segments.c.ended_at.is_not(None))
        .order_by(segments.c.started_at.desc())
        .limit(200)
    )
    found: dict[str, list[float]] = {}
    for queue_id, started, ended, wrapped in await conn.execute(query):
        found.setdefault(queue_id, []).append(((wrapped or ended) - started).total_seconds())
    return found
