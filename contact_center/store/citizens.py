"""People: one row each, linked by `merged_into` when two rows are one person, so that a merge can be undone exactly.

A row that was merged keeps everything it had; contacts and petitions keep pointing at it. Whoever reads a person reads
the whole family of rows behind it.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, func, insert, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from contact_center.store import bulk
from contact_center.store.petitions import contains
from contact_center.store.schema import (
    citizen_merges,
    citizens,
    consents,
    conversations,
    dismissed_matches,
    interactions,
    petitions,
    visitors,
    work_items,
)

_ROOT = text(
    "WITH RECURSIVE up (id, merged_into) AS (SELECT id, merged_into FROM citizens WHERE id = :id "
    "UNION SELECT c.id, c.merged_into FROM citizens c JOIN up ON c.id = up.merged_into) "
    "SELECT id FROM up WHERE merged_into IS NULL"
)
_FAMILY = text(
    "WITH RECURSIVE down (id) AS (SELECT id FROM citizens WHERE id = :id "
    "UNION SELECT c.id FROM citizens c JOIN down ON c.merged_into = down.id) SELECT id FROM down"
)


async def add(conn: AsyncConnection, values: Mapping[str, Any]) -> None:
    await conn.execute(insert(citizens).values(**values))


async def get(conn: AsyncConnection, citizen_id: str) -> Any | None:
    """Return this very row, merged or not."""
    return (await conn.execute(select(citizens).where(citizens.c.id == citizen_id))).one_or_none()


async def get_many(conn: AsyncConnection, ids: Iterable[str]) -> dict[str, Any]:
    rows = await conn.execute(select(citizens).where(citizens.c.id.in_(list(ids))))
    return {row.id: row for row in rows}


async def root_of(conn: AsyncConnection, citizen_id: str) -> str | None:
    """Return the row that stands for this person, None when there is none."""
    found: str | None = (await conn.execute(_ROOT, {"id": citizen_id})).scalar_one_or_none()
    return found


async def family_of(conn: AsyncConnection, root_id: str) -> list[str]:
    """Return the ids of every row that is this person, the given one first."""
    return list((await conn.execute(_FAMILY, {"id": root_id})).scalars())


async def lock(conn: AsyncConnection, ids: Sequence[str]) -> None:
    """Hold rows to the end of the transaction, in one order on every node."""
    if not bulk.is_sqlite(conn):
        await conn.execute(
            select(citizens.c.id).where(citizens.c.id.in_(ids)).order_by(citizens.c.id).with_for_update()
        )


async def change(conn: AsyncConnection, citizen_id: str, version: int, values: Mapping[str, Any]) -> bool:
    """Compare and set by version; False when somebody was faster."""
    result = await conn.execute(
        update(citizens)
        .where(citizens.c.id == citizen_id, citizens.c.version == version)
        .values(**values, version=version + 1)
    )
    return result.rowcount == 1


async def set_merged(conn: AsyncConnection, citizen_id: str, into: str | None, now: datetime) -> bool:
    """Merge a row into another, or take it out again; False when it was not in the opposite state."""
    before = citizens.c.merged_into.is_(None) if into is not None else citizens.c.merged_into.is_not(None)
    result = await conn.execute(
        update(citizens).where(citizens.c.id == citizen_id, before).values(merged_into=into, updated_at=now)
    )
    return result.rowcount == 1


async def add_merge(conn: AsyncConnection, values: Mapping[str, Any]) -> None:
    await conn.execute(insert(citizen_merges).values(**values))


async def undo_merge(conn: AsyncConnection, merged_id: str, now: datetime) -> str | None:
    """Mark the standing merge of a row as undone and return the row it had been merged into."""
    result = await conn.execute(
        update(citizen_merges)
        .where(citizen_merges.c.merged_id == merged_id, citizen_merges.c.undone_at.is_(None))
        .values(undone_at=now)
        .returning(citizen_merges.c.kept_id)
    )
    kept: str | None = result.scalar_one_or_none()
    return kept


async def dismiss(conn: AsyncConnection, one_id: str, other_id: str, now: datetime) -> None:
    """Remember that two people are two people. Idempotent."""
    first, second = sorted((one_id, other_id))
    found = await conn.execute(
        select(dismissed_matches.c.one_id).where(
            dismissed_matches.c.one_id == first, dismissed_matches.c.other_id == second
        )
    )
    if found.first() is None:
        await conn.execute(insert(dismissed_matches).values(one_id=first, other_id=second, at=now))


async def dismissed_with(conn: AsyncConnection, ids: Sequence[str]) -> frozenset[str]:
    """Return everybody that was said not to be one of these."""
    one, other = dismissed_matches.c.one_id, dismissed_matches.c.other_id
    rows = await conn.execute(select(one, other).where(or_(one.in_(ids), other.in_(ids))))
    return frozenset(value for row in rows for value in row) - frozenset(ids)


async def look_alikes(
    conn: AsyncConnection,
    *,
    phones: Sequence[str],
    emails: Sequence[str],
    curps: Sequence[str],
    name_words: Sequence[str],
    limit: int,
) -> Sequence[Any]:
    """Return people (not merged ones) who share a phone, an address or a CURP, or all these words of a name."""
    same: list[ColumnElement[bool]] = []
    if phones:
        same.append(citizens.c.phone.in_(phones))
    if emails:
        same.append(citizens.c.email.in_(emails))
    if curps:
        same.append(citizens.c.curp.in_(curps))
    if len(name_words) > 1:
        same.append(and_(*(contains(citizens.c.folded, word) for word in name_words)))
    if not same:
        return []
    query = select(citizens).where(citizens.c.merged_into.is_(None), or_(*same))
    return (await conn.execute(query.order_by(citizens.c.updated_at.desc()).limit(limit))).all()


async def identities_of(conn: AsyncConnection, ids: Sequence[str]) -> Sequence[Any]:
    """Return every address these people wrote from, the newest first; `linked` when a person said whose it is."""
    linked = visitors.c.citizen_id.in_(ids)
    query = (
        select(
            visitors.c.channel,
            visitors.c.name,
            visitors.c.phone,
            visitors.c.email,
            visitors.c.address,
            func.max(case((linked, 1), else_=0)).label("linked"),
            func.max(func.coalesce(conversations.c.opened_at, visitors.c.created_at)).label("last_at"),
        )
        .select_from(
            visitors.outerjoin(conversations, conversations.c.visitor_id == visitors.c.id).outerjoin(
                interactions, interactions.c.id == conversations.c.id
            )
        )
        .where(interactions.c.citizen_id.in_(ids) | linked)
        .group_by(visitors.c.channel, visitors.c.name, visitors.c.phone, visitors.c.email, visitors.c.address)
        .order_by(func.max(func.coalesce(conversations.c.opened_at, visitors.c.created_at)).desc())
        .limit(50)
    )
    return (await conn.execute(query)).all()


async def open_contacts_of(conn: AsyncConnection, ids: Sequence[str]) -> Sequence[Any]:
    """Return (item id, conversation id, owner, queue) of the open work items of a person."""
    query = (
        select(work_items.c.id, work_items.c.conversation_id, work_items.c.owner_id, work_items.c.queue_id)
        .join(interactions, interactions.c.id == work_items.c.interaction_id)
        .where(interactions.c.citizen_id.in_(ids), work_items.c.state != "done")
    )
    return (await conn.execute(query)).all()


async def has_case(conn: AsyncConnection, ids: Sequence[str], user_id: str) -> bool:
    """Say whether somebody works on a case of this person now: holds a contact, or answers for an open petition."""
    held = exists().where(
        work_items.c.interaction_id == interactions.c.id,
        interactions.c.citizen_id.in_(ids),
        work_items.c.owner_id == user_id,
    )
    answers = exists().where(
        petitions.c.citizen_id.in_(ids),
        or_(petitions.c.responsible_id == user_id, petitions.c.created_by == user_id),
        petitions.c.state.not_in(("archived", "duplicate")),
    )
    return bool((await conn.execute(select(or_(held, answers)))).scalar_one())


async def has_area_case(conn: AsyncConnection, ids: Sequence[str], area_id: str) -> bool:
    """Say whether a petition or a contact of this person lies with an area."""
    petition = exists().where(petitions.c.citizen_id.in_(ids), petitions.c.area_id == area_id)
    contact = exists().where(interactions.c.citizen_id.in_(ids), interactions.c.area_id == area_id)
    return bool((await conn.execute(select(or_(petition, contact)))).scalar_one())


async def set_interaction_citizen(conn: AsyncConnection, interaction_id: str, citizen_id: str | None) -> None:
    await conn.execute(update(interactions).where(interactions.c.id == interaction_id).values(citizen_id=citizen_id))


async def others_at(
    conn: AsyncConnection, family: Sequence[str], *, phone: str | None, email: str | None
) -> frozenset[str]:
    """Return people outside a family who have the same telephone or mailbox."""
    same = [column == value for column, value in ((citizens.c.phone, phone), (citizens.c.email, email)) if value]
    if not same:
        return frozenset()
    query = select(citizens.c.id).where(or_(*same), citizens.c.id.not_in(family)).limit(20)
    return frozenset((await conn.execute(query)).scalars())


async def has_consent(conn: AsyncConnection, visitor_id: str, kind: str, version: str) -> bool:
    """Say whether a visitor's consent of a kind and version is on record."""
    query = select(consents.c.id).where(
        consents.c.visitor_id == visitor_id, consents.c.kind == kind, consents.c.version == version
    )
    return (await conn.execute(query)).first() is not None
