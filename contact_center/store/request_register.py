"""The register of calls to inform and to ask for information (R4): callbacks of those kinds, and counts of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import BigInteger, ColumnElement, Select, and_, case, func, literal, or_, select, type_coerce
from sqlalchemy.ext.asyncio import AsyncConnection

from contact_center.rules.registers import RequestCounts
from contact_center.store import register
from contact_center.store.call_register import MOST_GROUPS, Cursor, Reach, after_row, local_day, narrowed
from contact_center.store.schema import callbacks, citizens, follow_ups, interactions

KINDS: Final = ("inform", "ask")
_result = case(
    (callbacks.c.kept_at.is_not(None), "reached"),
    (callbacks.c.state == "cancelled", "cancelled"),
    (callbacks.c.state.in_(("solicited", "assigned", "rescheduled")), "pending"),
    else_="not_reached",
)
_agent = func.coalesce(interactions.c.agent_id, callbacks.c.owner_id)
_told = (
    select(follow_ups.c.text)
    .where(follow_ups.c.interaction_id == callbacks.c.id, follow_ups.c.kind.in_(("call_informed", "call_answers")))
    .order_by(follow_ups.c.at.desc())
    .limit(1)
    .correlate(callbacks)
    .scalar_subquery()
)
_FROM = callbacks.join(interactions, interactions.c.id == callbacks.c.id).outerjoin(
    citizens, citizens.c.id == interactions.c.citizen_id
)
SORTS: Final[dict[str, ColumnElement[Any]]] = {
    "made": type_coerce(callbacks.c.made_at, BigInteger),
    "due": type_coerce(callbacks.c.due_at, BigInteger),
    "attempts": callbacks.c.attempts,
    "result": _result,
}
_KEYS: Final[dict[str, ColumnElement[Any]]] = {
    "area": callbacks.c.requested_area_id,
    "agent": _agent,
    "result": _result,
    "kind": callbacks.c.reason,
    "day": local_day(callbacks.c.made_at),
}


@dataclass(frozen=True, slots=True)
class Filters:
    """What the register may be narrowed by; `now` decides what is overdue."""

    start: datetime
    end: datetime
    now: datetime
    agent: str = ""
    area: str = ""
    kind: str = ""
    result: str = ""


def _overdue(now: datetime) -> ColumnElement[bool]:
    return and_(_result == "pending", callbacks.c.due_at < now)


def _visible(reach: Reach) -> ColumnElement[bool]:
    """Whoever asked for a call sees what became of it, whoever made it; so does their area."""
    sight = reach.sight
    asked: list[ColumnElement[bool]] = []
    if sight.own:
        asked.append(callbacks.c.requested_by == sight.user_id)
    if sight.area_id is not None:
        asked.append(callbacks.c.requested_area_id.in_(sorted({sight.area_id, *reach.areas})))
    seen = register.visible(sight, reach.areas)
    return or_(seen, and_(or_(*asked), ~interactions.c.restricted)) if asked else seen


def _filtered(query: Select[Any], reach: Reach, f: Filters) -> Select[Any]:
    c = callbacks.c
    query = query.where(_visible(reach), c.reason.in_(KINDS), c.made_at >= f.start, c.made_at < f.end)
    query = narrowed(query, (_agent, f.agent), (c.requested_area_id, f.area), (c.reason, f.kind))
    if f.result == "overdue":
        return query.where(_overdue(f.now))
    return query.where(_result == f.result) if f.result else query


async def page(
    conn: AsyncConnection,
    reach: Reach,
    f: Filters,
    *,
    sort: str = "made",
    descending: bool = True,
    after: Cursor | None = None,
    limit: int,
) -> Sequence[Any]:
    """Return requests in order, after the last one seen. Ties are told apart by time and id, newest first."""
    c = callbacks.c
    query = select(
        c.id,
        c.reason,
        c.state,
        c.folio,
        c.number,
        c.requested_by,
        c.requested_area_id,
        c.made_at,
        c.due_at,
        c.kept_at,
        c.closed_at,
        c.attempts,
        c.questions,
        c.answers,
        c.outcome,
        _agent.label("agent_id"),
        _result.label("result"),
        case((_overdue(f.now), True), else_=False).label("is_overdue"),
        _told.label("told"),
        interactions.c.channel,
        interactions.c.restricted,
        citizens.c.names.label("citizen_names"),
        citizens.c.first_surname.label("citizen_surname"),
        literal(None).label("visitor_name"),
        SORTS[sort].label("sort_key"),
    ).select_from(_FROM)
    query = after_row(_filtered(query, reach, f), SORTS[sort], c.made_at, c.id, after, descending)
    first = SORTS[sort].desc() if descending else SORTS[sort].asc()
    rows: Sequence[Any] = (await conn.execute(query.order_by(first, c.made_at.desc(), c.id.desc()).limit(limit))).all()
    return rows


async def groups(
    conn: AsyncConnection, reach: Reach, f: Filters, by: str | None
) -> list[tuple[Any, RequestCounts, list[tuple[int, int, int]]]]:
    """Return (key, counts, spans): how many were reached from one day to another, as days since 1970.

    The counts lack `achieved_days`, which only a calendar of the office can say. Without `by` there is one key, None.
    """
    c = callbacks.c
    key = [] if by is None else [_KEYS[by].label("key")]
    inner = _filtered(
        select(
            *key,
            c.reason,
            _result.label("result"),
            case((_overdue(f.now), 1), else_=0).label("overdue"),
            c.attempts,
            local_day(c.made_at).label("made_day"),
            local_day(c.kept_at).label("kept_day"),
        ).select_from(_FROM),
        reach,
        f,
    ).subquery()
    n = inner.c
    own = [] if by is None else [n.key]

    def number(condition: ColumnElement[bool]) -> ColumnElement[int]:
        return func.count(case((condition, 1)))

    columns: dict[str, ColumnElement[Any]] = {
        "requests": func.count(),
        **{one: number(n.reason == one) for one in KINDS},
        **{one: number(n.result == one) for one in ("reached", "not_reached", "cancelled", "pending")},
        "overdue": func.coalesce(func.sum(n.overdue), 0),
        "attempts": func.coalesce(func.sum(n.attempts), 0),
    }
    counted = select(*own, *(one.label(name) for name, one in columns.items())).select_from(inner)
    spans = (
        select(*own, n.made_day, n.kept_day, func.count())
        .where(n.result == "reached")
        .group_by(*own, n.made_day, n.kept_day)
    )
    if own:
        counted = counted.group_by(*own).order_by(*own).limit(MOST_GROUPS)
    days: dict[Any, list[tuple[int, int, int]]] = {}
    for row in await conn.execute(spans):
        days.setdefault(row[0] if own else None, []).append((int(row[-3]), int(row[-2]), int(row[-1])))
    found = []
    for row in await conn.execute(counted):
        values = row._mapping
        name = values["key"] if own else None
        counts = RequestCounts(**{one: int(values[one]) for one in columns})
        found.append((name, counts, days.get(name, [])))
    return found
