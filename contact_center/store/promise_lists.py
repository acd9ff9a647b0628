"""Lists and counts of callbacks and their promises, filtered by what their reader may see."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, and_, case, false, func, or_, select, true, type_coerce
from sqlalchemy.ext.asyncio import AsyncConnection

from contact_center.rules.callbacks import OPEN_STATES
from contact_center.rules.sight import Sight
from contact_center.store.schema import (
    areas,
    callback_promises,
    callbacks,
    citizens,
    interactions,
    users,
    visitors,
    work_items,
)

_c, _p, _i, _w = callbacks.c, callback_promises.c, interactions.c, work_items.c
_asker = visitors.alias("asker")
_FROM = (
    callbacks.join(interactions, _i.id == _c.id)
    .outerjoin(work_items, and_(_w.interaction_id == _c.id, _w.state != "done"))
    .outerjoin(citizens, citizens.c.id == _i.citizen_id)
    .outerjoin(_asker, _asker.c.id == _c.visitor_id)
)
_PERSON = (
    _i.citizen_id,
    _i.queue_id,
    _i.channel,
    _i.restricted,
    _i.accused_user_id,
    _i.agent_id.label("holder_id"),
    citizens.c.names.label("citizen_names"),
    citizens.c.first_surname.label("citizen_surname"),
    _asker.c.name.label("visitor_name"),
)
_ROW = (
    callbacks,
    *_PERSON,
    func.coalesce(_c.requested_area_id, _i.area_id).label("area_id"),
    _w.id.label("item_id"),
    _w.epoch,
    _w.state.label("item_state"),
    _w.owner_id.label("item_owner_id"),
)


async def by_ids(conn: AsyncConnection, ids: Iterable[str]) -> Sequence[Any]:
    """Return callbacks with who they concern and their open item."""
    wanted = list(dict.fromkeys(ids))
    if not wanted:
        return []
    return (await conn.execute(select(*_ROW).select_from(_FROM).where(_c.id.in_(wanted)))).all()


async def is_held(conn: AsyncConnection, callback_id: str) -> bool:
    """Say whether somebody has a callback in hand."""
    query = select(_w.id).where(_w.interaction_id == callback_id, _w.state.in_(("held", "wrap_up")))
    return (await conn.execute(query)).first() is not None


def visible(sight: Sight) -> ColumnElement[bool]:
    """Return the condition under which a callback may be listed: the SQL twin of `access.can` on its scope."""
    if sight.nothing:
        return false()
    own = or_(
        _c.owner_id == sight.user_id,
        _c.requested_by == sight.user_id,
        _i.agent_id == sight.user_id,
        _w.owner_id == sight.user_id,
    )
    reach: list[ColumnElement[bool]] = [true()] if sight.everything else []
    if sight.own:
        reach.append(own)
    if sight.area_id is not None:
        reach.append(func.coalesce(_c.requested_area_id, _i.area_id) == sight.area_id)
    wide: list[ColumnElement[bool]] = [~_i.restricted]
    if sight.waiting_queue_ids:
        in_queue = _i.queue_id.in_(sorted(sight.waiting_queue_ids))
        reach.append(in_queue)
        wide.append(and_(in_queue, _w.state.in_(("waiting", "offered", "scheduled"))))
    if not reach:
        return false()
    if sight.restricted:
        wide.append(true())
    if sight.restricted_own:
        wide.append(own)
    clauses = [or_(*reach), or_(*wide), or_(_i.accused_user_id.is_(None), _i.accused_user_id != sight.user_id)]
    if sight.hidden_area_id is not None:
        of_area = select(users.c.id).where(users.c.area_id == sight.hidden_area_id)
        clauses.append(or_(_i.accused_user_id.is_(None), _i.accused_user_id.not_in(of_area)))
    return and_(*clauses)


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list of callbacks may be narrowed by. Instants bound `due_at`; `end` is not included."""

    start: datetime | None = None
    end: datetime | None = None
    states: tuple[str, ...] = ()
    reason: str | None = None
    owner: str | None = None
    queue: str | None = None
    area: str | None = None
    folio: str | None = None
    citizens: tuple[str, ...] = ()
    requested_by: str | None = None
    requested_area: str | None = None
    overdue_at: datetime | None = None


def _filtered(query: Select[Any], sight: Sight, f: Filters) -> Select[Any]:
    query = query.select_from(_FROM).where(visible(sight))
    if f.start is not None:
        query = query.where(_c.due_at >= f.start)
    if f.end is not None:
        query = query.where(_c.due_at < f.end)
    for column, value in (
        (_c.reason, f.reason),
        (_c.owner_id, f.owner),
        (_i.queue_id, f.queue),
        (func.coalesce(_c.requested_area_id, _i.area_id), f.area),
        (_c.folio, f.folio),
        (_c.requested_by, f.requested_by),
        (_c.requested_area_id, f.requested_area),
    ):
        if value:
            query = query.where(column == value)
    if f.states:
        query = query.where(_c.state.in_(f.states))
    if f.citizens:
        query = query.where(_i.citizen_id.in_(f.citizens))
    if f.overdue_at is not None:
        query = query.where(_c.state.in_(OPEN_STATES), _c.due_at <= f.overdue_at, _c.dialling_id.is_(None))
    return query


async def page(
    conn: AsyncConnection, sight: Sight, f: Filters, *, after: tuple[datetime, str] | None, limit: int
) -> Sequence[Any]:
    """Return callbacks by the time they are due, after (due_at, id) of the last one seen."""
    query = _filtered(select(*_ROW), sight, f)
    if after is not None:
        query = query.where(or_(_c.due_at > after[0], and_(_c.due_at == after[0], _c.id > after[1])))
    rows: Sequence[Any] = (await conn.execute(query.order_by(_c.due_at, _c.id).limit(limit))).all()
    return rows


async def count(conn: AsyncConnection, sight: Sight, f: Filters, *, limit: int) -> int:
    """Return how many callbacks match, counted to a limit."""
    inner = _filtered(select(_c.id), sight, f).limit(limit).subquery()
    found: int = (await conn.execute(select(func.count()).select_from(inner))).scalar_one()
    return found


# --- the ledger ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Period:
    """Which promises a ledger is about: those whose time lies in it."""

    start: datetime
    end: datetime
    area: str | None = None
    agent: str | None = None
    reason: str | None = None
    standing: tuple[str, ...] = ()


_PROMISES = _FROM.join(callback_promises, _p.callback_id == _c.id)


def _promised(query: Select[Any], sight: Sight, period: Period) -> Select[Any]:
    query = query.select_from(_PROMISES).where(visible(sight), _p.at >= period.start, _p.at < period.end)
    for column, value in ((_p.area_id, period.area), (_p.agent_id, period.agent), (_p.reason, period.reason)):
        if value:
            query = query.where(column == value)
    if period.standing:
        query = query.where(_p.standing.in_(period.standing))
    return query


_KEYS: Mapping[str, ColumnElement[Any]] = {"area": _p.area_id, "agent": _p.agent_id, "reason": _p.reason}
_OFFICE_OFFSET_US = 7 * 3600 * 1_000_000
_DAY_US = 86_400 * 1_000_000


async def ledger(conn: AsyncConnection, sight: Sight, period: Period, by: str) -> Sequence[Any]:
    """Return (key, standing, count, reached) rows of a period. A day is the office's: UTC-7 all year."""
    key = _KEYS[by] if by in _KEYS else _day_key()
    reached = func.sum(case((and_(_c.outcome == "reached", _p.tried_at.is_not(None)), 1), else_=0))
    query = _promised(
        select(key.label("key"), _p.standing, func.count().label("count"), reached.label("reached")), sight, period
    )
    rows: Sequence[Any] = (await conn.execute(query.group_by(key, _p.standing))).all()
    return rows


def _day_key() -> ColumnElement[Any]:
    return (type_coerce(_p.at, BigInteger) - _OFFICE_OFFSET_US) / _DAY_US


async def promises(
    conn: AsyncConnection, sight: Sight, period: Period, *, after: tuple[datetime, str] | None, limit: int
) -> Sequence[Any]:
    """Return the promises that a ledger's figures count, by their time."""
    columns = (callback_promises, _c.folio, _c.state, _c.outcome, _c.zone, *_PERSON)
    query = _promised(select(*columns), sight, period)
    if after is not None:
        query = query.where(or_(_p.at > after[0], and_(_p.at == after[0], _p.id > after[1])))
    rows: Sequence[Any] = (await conn.execute(query.order_by(_p.at, _p.id).limit(limit))).all()
    return rows


async def count_promises(conn: AsyncConnection, sight: Sight, period: Period) -> int:
    """Return how many promises a period has."""
    found: int = (await conn.execute(_promised(select(func.count()), sight, period))).scalar_one()
    return found


async def names_of(conn: AsyncConnection, by: str, keys: Iterable[str]) -> dict[str, str]:
    """Return the names of areas or agents by id."""
    wanted = [one for one in keys if one]
    if by == "area":
        found = await conn.execute(select(areas.c.id, areas.c.name).where(areas.c.id.in_(wanted)))
    elif by == "agent":
        found = await conn.execute(select(users.c.id, users.c.display_name).where(users.c.id.in_(wanted)))
    else:
        return {}
    return {row[0]: row[1] for row in found}
