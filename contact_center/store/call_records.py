"""The records of exchanges, the calls of ours they are, and what is made of those that are none of ours."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Table, exists, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from contact_center.store import bulk
from contact_center.store.schema import call_records, callbacks, calls, findings, interactions, work_items

MISSED = "missed_no_callback"
"""The kind of finding of a missed call that nobody is to return."""
_PIECE = 100
"""Rows of one statement: SQLite takes a limited number of values."""


async def add_new(conn: AsyncConnection, rows: Sequence[Mapping[str, Any]]) -> set[str]:
    """Store the records that are not known yet and return their ids. Two imports at once share them between them."""
    make = sqlite.insert if bulk.is_sqlite(conn) else postgresql.insert
    added: set[str] = set()
    for start in range(0, len(rows), _PIECE):
        statement = make(call_records).values([dict(one) for one in rows[start : start + _PIECE]])
        quiet = statement.on_conflict_do_nothing(index_elements=["source", "record_key"])
        added |= set((await conn.execute(quiet.returning(call_records.c.id))).scalars())
    return added


async def known_keys(conn: AsyncConnection, source: str, keys: Sequence[str]) -> set[str]:
    """Return which records of a source are stored already."""
    query = select(call_records.c.record_key).where(
        call_records.c.source == source, call_records.c.record_key.in_(list(keys))
    )
    return set((await conn.execute(query)).scalars())


async def candidates(conn: AsyncConnection, source: str, first: datetime, last: datetime) -> Sequence[Any]:
    """Return the calls that began between two instants and are no record of this source yet, the oldest first."""
    taken = exists().where(call_records.c.call_id == calls.c.id, call_records.c.source == source)
    query = (
        select(calls.c.id, calls.c.direction, calls.c.number, calls.c.agent_id, calls.c.started_at)
        .where(calls.c.started_at.between(first, last), ~taken)
        .order_by(calls.c.started_at, calls.c.id)
    )
    return (await conn.execute(query)).all()


async def set_calls(conn: AsyncConnection, pairs: Iterable[tuple[str, str]]) -> None:
    """Write which call each record is: (call id, record id)."""
    await bulk.update_many(conn, "call_records", ("call_id",), list(pairs))


async def add_rows(conn: AsyncConnection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows of one table, all with the same columns."""
    if rows:
        await conn.execute(insert(table), [dict(one) for one in rows])


async def without_disposition(conn: AsyncConnection, ended_before: datetime, limit: int = 500) -> Sequence[str]:
    """Return the contacts of calls that ended before an instant, say nothing of how, and are in nobody's list.

    One that waits to be called back or heard, or is with its agent for another attempt, is not over.
    """
    listed = exists().where(findings.c.interaction_id == interactions.c.id)
    still_open = exists().where(
        work_items.c.interaction_id == interactions.c.id,
        work_items.c.state.in_(("waiting", "offered", "scheduled", "held")),
    )
    query = (
        select(calls.c.interaction_id)
        .join(interactions, interactions.c.id == calls.c.interaction_id)
        .where(
            calls.c.ended_at <= ended_before,
            interactions.c.state == "pending",
            interactions.c.disposition.is_(None),
            interactions.c.ended_at.is_not(None),
            ~listed,
            ~still_open,
        )
        .distinct()
        .limit(limit)
    )
    return list((await conn.execute(query)).scalars())


async def missed_without_callback(
    conn: AsyncConnection, ended_after: datetime, ended_before: datetime, limit: int = 500
) -> Sequence[str]:
    """Return the contacts of missed calls from a number that can be called, which nobody is to call back."""
    promised = exists().where(callbacks.c.origin_id == calls.c.interaction_id)
    listed = exists().where(findings.c.interaction_id == calls.c.interaction_id, findings.c.kind == MISSED)
    query = (
        select(calls.c.interaction_id)
        .where(
            calls.c.direction == "inbound",
            calls.c.state == "abandoned",
            calls.c.number.is_not(None),
            calls.c.number_kind.in_(("mexican", "foreign", "toll_free")),
            calls.c.ended_at.between(ended_after, ended_before),
            ~promised,
            ~listed,
        )
        .limit(limit)
    )
    return list((await conn.execute(query)).scalars())


async def give_finding(conn: AsyncConnection, finding_id: str, agent_id: str) -> bool:
    """Put an open finding into somebody's list; False when it is closed."""
    query = update(findings).where(findings.c.id == finding_id, findings.c.closed_at.is_(None))
    return (await conn.execute(query.values(agent_id=agent_id))).rowcount == 1
