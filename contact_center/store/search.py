"""What one box finds: folios, people, contacts, replies. Every condition of access is in the SQL; newest first."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, case, func, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from contact_center.rules.sight import Sight
from contact_center.store import petitions as petition_store
from contact_center.store.petitions import contains, escape_like
from contact_center.store.schema import canned_replies, citizens, petitions


async def by_folio(
    conn: AsyncConnection, sight: Sight, *, number: tuple[int, int] | None, text: str, limit: int
) -> Sequence[Any]:
    """Return petitions whose folio is this one, or carries this text; the very one first."""
    p = petitions.c
    same: list[ColumnElement[bool]] = [contains(func.lower(p.folio), text)]
    exact: ColumnElement[bool] = func.lower(p.folio) == text
    if number is not None:
        exact = (p.year == number[0]) & (p.number == number[1])
        same.append(exact)
    query = (
        select(*petition_store.ROW)
        .select_from(petition_store.FROM)
        .where(petition_store.visible(sight), or_(*same))
        .order_by(case((exact, 0), else_=1), p.received_at.desc(), p.folio.desc())
        .limit(limit)
    )
    rows: Sequence[Any] = (await conn.execute(query)).all()
    return rows


async def people(
    conn: AsyncConnection, *, words: Sequence[str], digits: str, curp: str | None, limit: int
) -> Sequence[Any]:
    """Return people by all words of a name, by digits of a phone or by a whole CURP; names that begin so come first."""
    c = citizens.c
    found: list[ColumnElement[bool]] = []
    if words:
        every: ColumnElement[bool] = literal(True)
        for word in words:
            every = every & contains(c.folded, word)
        found.append(every)
    if digits:
        found.append(contains(c.phone, digits))
    if curp:
        found.append(c.curp == curp)
    if not found:
        return []
    begins = c.folded.like(f"{escape_like(' '.join(words))}%", escape="\\") if words else literal(False)
    query = (
        select(citizens)
        .where(or_(*found))
        .order_by(case((begins, 0), else_=1), c.updated_at.desc(), c.id.desc())
        .limit(limit)
    )
    rows: Sequence[Any] = (await conn.execute(query)).all()
    return rows


async def replies(
    conn: AsyncConnection, *, words: Sequence[str], queue_ids: Sequence[str], limit: int
) -> Sequence[Any]:
    """Return canned replies, of these queues or of all, whose shortcut or title has all these words."""
    r = canned_replies.c
    query = select(r.id, r.shortcut, r.title).where(or_(r.queue_id.is_(None), r.queue_id.in_(queue_ids)))
    for word in words:
        query = query.where(or_(contains(func.lower(r.title), word), contains(func.lower(r.shortcut), word)))
    rows: Sequence[Any] = (await conn.execute(query.order_by(r.shortcut).limit(limit))).all()
    return rows
