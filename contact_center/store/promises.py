"""Callbacks by their times: promises, what is overdue, who may dial, how full an hour is. One function per question."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from contact_center.rules.callbacks import OPEN_STATES
from contact_center.store.schema import (
    agent_status,
    alerts,
    calendar_tokens,
    callback_promises,
    callbacks,
    calls,
    citizens,
    conversations,
    interactions,
    queue_members,
    users,
    work_items,
)


async def add(conn: AsyncConnection, values: Mapping[str, Any]) -> None:
    """Add a promise. Raises IntegrityError while the one before it is pending."""
    await conn.execute(insert(callback_promises).values(**values))


async def pending(conn: AsyncConnection, callback_id: str) -> Any | None:
    """Return the promise of a callback that nothing became of yet."""
    p = callback_promises.c
    query = select(callback_promises).where(p.callback_id == callback_id, p.standing == "pending")
    return (await conn.execute(query)).one_or_none()


async def settle(conn: AsyncConnection, promise_id: str, **values: Any) -> bool:
    """Write what became of a promise; False when something did already."""
    p = callback_promises.c
    done = await conn.execute(
        update(callback_promises).where(p.id == promise_id, p.standing == "pending").values(**values)
    )
    return done.rowcount == 1


async def note_late_try(conn: AsyncConnection, callback_id: str, *, now: datetime, agent_id: str | None) -> None:
    """Write down when a promise that was broken was tried after all; it stays broken."""
    p = callback_promises.c
    await conn.execute(
        update(callback_promises)
        .where(p.callback_id == callback_id, p.standing == "broken", p.tried_at.is_(None))
        .values(tried_at=now, agent_id=agent_id)
    )


async def untry(conn: AsyncConnection, call_id: str) -> None:
    """Take back what a try made of a promise: it never rang."""
    p = callback_promises.c
    await conn.execute(
        update(callback_promises)
        .where(p.call_id == call_id, p.standing.in_(("kept", "late")))
        .values(standing="pending", tried_at=None, settled_at=None, call_id=None)
    )


async def of_callback(conn: AsyncConnection, callback_id: str) -> Sequence[Any]:
    """Return every promise of a callback, in order."""
    p = callback_promises.c
    query = select(callback_promises).where(p.callback_id == callback_id).order_by(p.made_at, p.id)
    return (await conn.execute(query)).all()


async def newest(conn: AsyncConnection, callback_ids: Iterable[str]) -> dict[str, Any]:
    """Return the last promise of each callback."""
    wanted = list(dict.fromkeys(callback_ids))
    if not wanted:
        return {}
    p = callback_promises.c
    query = select(callback_promises).where(p.callback_id.in_(wanted)).order_by(p.made_at, p.id)
    return {row.callback_id: row for row in await conn.execute(query)}


async def claim_dialling(conn: AsyncConnection, callback_id: str, call_id: str) -> bool:
    """Take the right to dial a callback: one row, compared and set. False when somebody dials it, or it is over."""
    c = callbacks.c
    done = await conn.execute(
        update(callbacks)
        .where(c.id == callback_id, c.dialling_id.is_(None), c.state.in_(OPEN_STATES))
        .values(dialling_id=call_id)
    )
    return done.rowcount == 1


async def release_dialling(conn: AsyncConnection, callback_id: str, call_id: str) -> bool:
    """Give the right to dial back; False when this try does not hold it, so that its end is counted once."""
    c = callbacks.c
    done = await conn.execute(
        update(callbacks).where(c.id == callback_id, c.dialling_id == call_id).values(dialling_id=None)
    )
    return done.rowcount == 1


async def dialled_since(conn: AsyncConnection, number: str, after: datetime, *, but: str | None = None) -> int:
    """Return how often a number was called since an instant, one call left out."""
    c = calls.c
    query = select(func.count()).where(c.number == number, c.direction == "outbound", c.started_at >= after)
    if but is not None:
        query = query.where(c.id != but)
    return (await conn.execute(query)).scalar_one()


async def tries_of(conn: AsyncConnection, callback_id: str) -> Sequence[Any]:
    """Return the calls made for a callback, the oldest first."""
    c = calls.c
    query = select(calls).where(c.interaction_id == callback_id, c.direction == "outbound")
    return (await conn.execute(query.order_by(c.started_at, c.id))).all()


async def not_to_contact(conn: AsyncConnection, number: str) -> bool:
    """Say whether somebody with this number asked not to be contacted."""
    query = select(citizens.c.id).where(
        citizens.c.phone == number, citizens.c.do_not_contact, citizens.c.merged_into.is_(None)
    )
    return (await conn.execute(query.limit(1))).first() is not None


async def open_like(conn: AsyncConnection, *, reason: str, number: str, folio: str | None) -> Any | None:
    """Return an open callback of the same reason, number and folio."""
    c = callbacks.c
    same_folio = c.folio.is_(None) if folio is None else c.folio == folio
    query = select(callbacks).where(c.reason == reason, c.number == number, same_folio, c.state.in_(OPEN_STATES))
    return (await conn.execute(query.limit(1))).one_or_none()


async def open_inform(conn: AsyncConnection, folio: str) -> Any | None:
    """Return the open callback that will tell a petition's state anyway."""
    c = callbacks.c
    query = select(callbacks).where(c.reason == "inform", c.folio == folio, c.state.in_(OPEN_STATES))
    return (await conn.execute(query.limit(1))).one_or_none()


async def of_visitor(conn: AsyncConnection, visitor_id: str, *, made_after: datetime) -> Sequence[Any]:
    """Return what a citizen asked for in the chat since an instant, the newest first."""
    c = callbacks.c
    query = select(callbacks).where(c.visitor_id == visitor_id, c.made_at >= made_after)
    return (await conn.execute(query.order_by(c.made_at.desc(), c.id.desc()).limit(50))).all()


async def newest_of_visitor(conn: AsyncConnection, visitor_id: str) -> Any | None:
    """Return the last callback a citizen asked for, or was promised in one of their conversations."""
    c = callbacks.c
    mine = select(conversations.c.id).where(conversations.c.visitor_id == visitor_id)
    query = select(callbacks).where((c.visitor_id == visitor_id) | c.origin_id.in_(mine))
    return (await conn.execute(query.order_by(c.made_at.desc(), c.id.desc()).limit(1))).one_or_none()


async def asked_of_number(conn: AsyncConnection, number: str, made_after: datetime) -> int:
    """Return how often citizens asked in the chat that a number be called, since an instant."""
    c = callbacks.c
    query = select(func.count()).where(c.number == number, c.source == "citizen", c.made_at >= made_after)
    return (await conn.execute(query)).scalar_one()


async def was_wrong(conn: AsyncConnection, number: str, made_after: datetime) -> bool:
    """Say whether a number that a citizen gave in the chat turned out to be somebody else's."""
    c = callbacks.c
    query = select(c.id).where(
        c.number == number, c.source == "citizen", c.outcome == "wrong_number", c.made_at >= made_after
    )
    return (await conn.execute(query.limit(1))).first() is not None


async def times_promised(conn: AsyncConnection, queue_id: str, start: datetime, end: datetime) -> Sequence[datetime]:
    """Return when the open callbacks of a queue are due, between two instants."""
    c = callbacks.c
    query = (
        select(c.due_at)
        .join(interactions, interactions.c.id == c.id)
        .where(interactions.c.queue_id == queue_id, c.state.in_(OPEN_STATES), c.due_at >= start, c.due_at < end)
    )
    return (await conn.execute(query)).scalars().all()


async def members_of(conn: AsyncConnection, queue_id: str) -> int:
    """Return how many enabled people of a queue may take calls."""
    query = (
        select(func.count())
        .select_from(queue_members.join(users, users.c.id == queue_members.c.user_id))
        .where(queue_members.c.queue_id == queue_id, users.c.disabled_at.is_(None), users.c.capacity_voice > 0)
    )
    return (await conn.execute(query)).scalar_one()


async def overdue(conn: AsyncConnection, due_before: datetime, limit: int) -> Sequence[Any]:
    """Return open callbacks that were due before an instant and nobody dials now, the oldest first."""
    c, w = callbacks.c, work_items.c
    query = (
        select(callbacks, w.id.label("item_id"), w.state.label("item_state"))
        .join(work_items, (w.interaction_id == c.id) & (w.state != "done"))
        .where(c.state.in_(OPEN_STATES), c.due_at <= due_before, c.dialling_id.is_(None), w.state != "held")
        .order_by(c.due_at, c.id)
        .limit(limit)
    )
    return (await conn.execute(query)).all()


async def open_alert(conn: AsyncConnection, kind: str) -> Any | None:
    """Return the open alert of a kind that is about the house, if there is one."""
    query = select(alerts).where(alerts.c.kind == kind, alerts.c.cleared_at.is_(None))
    return (await conn.execute(query.order_by(alerts.c.at).limit(1))).one_or_none()


async def lost_tries(conn: AsyncConnection, started_before: datetime, limit: int = 100) -> Sequence[str]:
    """Return tries at a desk phone whose line is open since before an instant, and whose agent is not there."""
    c, w = callbacks.c, work_items.c
    query = (
        select(calls.c.id)
        .join(callbacks, c.dialling_id == calls.c.id)
        .join(work_items, (w.interaction_id == c.id) & (w.state == "held"))
        .outerjoin(agent_status, agent_status.c.user_id == w.owner_id)
        .where(
            calls.c.mode == "desk",
            calls.c.ended_at.is_(None),
            calls.c.started_at <= started_before,
            func.coalesce(agent_status.c.state, "offline") == "offline",
        )
        .order_by(calls.c.started_at)
        .limit(limit)
    )
    return (await conn.execute(query)).scalars().all()


async def set_calendar_token(conn: AsyncConnection, user_id: str, token_hash: bytes, now: datetime) -> None:
    """Give an agent's calendar an address; the one before stops working."""
    changed = await conn.execute(
        update(calendar_tokens).where(calendar_tokens.c.user_id == user_id).values(token_hash=token_hash, made_at=now)
    )
    if changed.rowcount == 0:
        await conn.execute(insert(calendar_tokens).values(user_id=user_id, token_hash=token_hash, made_at=now))


async def owner_of_calendar(conn: AsyncConnection, token_hash: bytes) -> str | None:
    """Return the enabled agent whose calendar this address is."""
    query = (
        select(users.c.id)
        .join(calendar_tokens, calendar_tokens.c.user_id == users.c.id)
        .where(calendar_tokens.c.token_hash == token_hash, users.c.disabled_at.is_(None))
    )
    return (await conn.execute(query)).scalar_one_or_none()


async def of_owner(conn: AsyncConnection, user_id: str, limit: int = 500) -> Sequence[Any]:
    """Return the open callbacks of an agent with their promises, the next first."""
    c, p = callbacks.c, callback_promises.c
    query = (
        select(callbacks, p.until.label("promised_until"))
        .outerjoin(callback_promises, (p.callback_id == c.id) & (p.standing == "pending"))
        .where(c.owner_id == user_id, c.state.in_(OPEN_STATES))
        .order_by(c.due_at, c.id)
        .limit(limit)
    )
    return (await conn.execute(query)).all()


async def open_of_citizens(conn: AsyncConnection, citizen_ids: Iterable[str]) -> Sequence[Any]:
    """Return the open callbacks of a person, under every id they have."""
    c = callbacks.c
    query = (
        select(callbacks)
        .join(interactions, interactions.c.id == c.id)
        .where(interactions.c.citizen_id.in_(list(citizen_ids)), c.state.in_(OPEN_STATES))
        .order_by(c.id)
    )
    return (await conn.execute(query)).all()
