"""The register of calls passed on inside the office (R3): rows, and counts of the very same rows.

What went to a number outside is no row of it; the register of calls shows it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import BigInteger, ColumnElement, Select, and_, case, func, literal, select, type_coerce
from sqlalchemy.ext.asyncio import AsyncConnection

from contact_center.rules.registers import TransferCounts
from contact_center.store import register
from contact_center.store.call_register import (
    MOST_GROUPS,
    Cursor,
    Reach,
    after_row,
    local_day,
    narrowed,
    seconds_between,
)
from contact_center.store.schema import citizens, interactions, queues, transfers, users

_to_user = users.alias("to_user")
_from_user = users.alias("from_user")
_from_queue = queues.alias("from_queue")
_to_queue = queues.alias("to_queue")
_from_area = func.coalesce(_from_queue.c.area_id, _from_user.c.area_id)
_to_area = func.coalesce(transfers.c.to_area_id, _to_queue.c.area_id, _to_user.c.area_id)
_answer = case(
    (transfers.c.answer == "returned", "refused"), else_=func.coalesce(transfers.c.answer, literal("pending"))
)
_wait = seconds_between(transfers.c.at, transfers.c.answered_at)
_FROM = (
    transfers.join(interactions, interactions.c.id == transfers.c.interaction_id)
    .outerjoin(citizens, citizens.c.id == interactions.c.citizen_id)
    .outerjoin(_from_queue, _from_queue.c.id == transfers.c.from_queue_id)
    .outerjoin(_to_queue, _to_queue.c.id == transfers.c.to_queue_id)
    .outerjoin(_from_user, _from_user.c.id == transfers.c.from_agent_id)
    .outerjoin(_to_user, _to_user.c.id == transfers.c.to_agent_id)
)
SORTS: Final[dict[str, ColumnElement[Any]]] = {
    "at": type_coerce(transfers.c.at, BigInteger),
    "wait": func.coalesce(_wait, -1),
    "answer": _answer,
    "reason": transfers.c.reason,
}
_KEYS: Final[dict[str, tuple[ColumnElement[Any], ...]]] = {
    "to_area": (_to_area,),
    "matrix": (_from_area, _to_area),
    "answer": (_answer,),
    "from_agent": (transfers.c.from_agent_id,),
    "reason": (transfers.c.reason,),
    "day": (local_day(transfers.c.at),),
}


@dataclass(frozen=True, slots=True)
class Filters:
    """What the register may be narrowed by."""

    start: datetime
    end: datetime
    agent: str = ""
    from_area: str = ""
    to_area: str = ""
    answer: str = ""
    reason: str = ""
    kind: str = ""
    verified: str = ""


def _filtered(query: Select[Any], reach: Reach, f: Filters) -> Select[Any]:
    t = transfers.c
    query = query.where(
        register.visible(reach.sight, reach.areas),
        interactions.c.channel == "phone",
        t.to_number.is_(None),
        t.at >= f.start,
        t.at < f.end,
    )
    query = narrowed(
        query,
        (t.from_agent_id, f.agent),
        (_from_area, f.from_area),
        (_to_area, f.to_area),
        (_answer, f.answer),
        (t.reason, f.reason),
        (t.kind, f.kind),
    )
    if f.verified:
        query = query.where(t.verified_at.is_not(None) if f.verified == "yes" else t.verified_at.is_(None))
    return query


async def page(
    conn: AsyncConnection,
    reach: Reach,
    f: Filters,
    *,
    sort: str = "at",
    descending: bool = True,
    after: Cursor | None = None,
    limit: int,
) -> Sequence[Any]:
    """Return transfers in order, after the last one seen. Ties are told apart by time and id, newest first."""
    t = transfers.c
    query = select(
        t.id,
        t.interaction_id,
        t.at,
        t.kind,
        t.reason,
        t.note,
        t.answered_at,
        t.verified_by,
        t.verified_at,
        t.from_agent_id,
        t.to_agent_id,
        t.to_queue_id,
        _from_area.label("from_area"),
        _to_area.label("to_area"),
        _answer.label("answer"),
        _wait.label("answer_s"),
        interactions.c.channel,
        interactions.c.restricted,
        citizens.c.names.label("citizen_names"),
        citizens.c.first_surname.label("citizen_surname"),
        literal(None).label("visitor_name"),
        SORTS[sort].label("sort_key"),
    ).select_from(_FROM)
    query = after_row(_filtered(query, reach, f), SORTS[sort], t.at, t.id, after, descending)
    first = SORTS[sort].desc() if descending else SORTS[sort].asc()
    rows: Sequence[Any] = (await conn.execute(query.order_by(first, t.at.desc(), t.id.desc()).limit(limit))).all()
    return rows


async def counts(conn: AsyncConnection, reach: Reach, f: Filters) -> TransferCounts:
    """Count the rows of the register for its figures."""
    return (await _counted(conn, reach, f, ()))[0][1]


async def groups(conn: AsyncConnection, reach: Reach, f: Filters, by: str) -> list[tuple[Any, TransferCounts]]:
    """Return (key, counts) of the rows by something; a matrix' key is (area from, area to)."""
    return await _counted(conn, reach, f, _KEYS[by])


async def _counted(
    conn: AsyncConnection, reach: Reach, f: Filters, keys: tuple[ColumnElement[Any], ...]
) -> list[tuple[Any, TransferCounts]]:
    labelled = [key.label(f"key{number}") for number, key in enumerate(keys)]
    inner = _filtered(
        select(
            *labelled,
            _answer.label("answer"),
            _wait.label("answer_s"),
            transfers.c.verified_at.label("verified_at"),
        ).select_from(_FROM),
        reach,
        f,
    ).subquery()
    c = inner.c

    def number(condition: ColumnElement[bool]) -> ColumnElement[int]:
        return func.count(case((condition, 1)))

    answered = and_(c.answer.in_(("accepted", "refused")), c.answer_s.is_not(None))
    columns: dict[str, ColumnElement[Any]] = {
        "transfers": func.count(),
        **{one: number(c.answer == one) for one in ("accepted", "refused", "no_answer", "pending")},
        "verified": number(c.verified_at.is_not(None)),
        "answers": number(answered),
        "answer_s": func.coalesce(func.sum(case((answered, c.answer_s))), 0),
    }
    own = [c[one.name] for one in labelled]
    query = select(*own, *(one.label(name) for name, one in columns.items())).select_from(inner)
    if own:
        query = query.group_by(*own).order_by(*own).limit(MOST_GROUPS)
    found: list[tuple[Any, TransferCounts]] = []
    for row in await conn.execute(query):
        values = row._mapping
        key: Any = tuple(values[one.name] for one in labelled)
        found.append(
            (key[0] if len(key) == 1 else key, TransferCounts(**{name: int(values[name]) for name in columns}))
        )
    return found
