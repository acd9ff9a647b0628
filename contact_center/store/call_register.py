"""The register of calls (R1): rows, and counts of the very same rows. Numbers leave it whole; views mask them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import BigInteger, ColumnElement, Select, and_, case, exists, func, literal, or_, select, type_coerce
from sqlalchemy.ext.asyncio import AsyncConnection

from contact_center.rules.calls import OPEN_STATES
from contact_center.rules.registers import NOT_THE_PERSON, CallCounts, Outcome
from contact_center.rules.sight import Sight
from contact_center.store import register
from contact_center.store.petitions import contains
from contact_center.store.schema import (
    areas,
    calls,
    citizens,
    interactions,
    petition_interactions,
    petitions,
    transfers,
    users,
)

Cursor = tuple[Any, datetime, str]
"""Where a page goes on from: the sorted value, the start and the id of the last row seen."""
DAY_US: Final = 86_400_000_000
OFFSET_US: Final = -7 * 3_600_000_000
"""Sonora is at UTC−7 all year: a day of the office is plain arithmetic on both databases."""
MOST_GROUPS: Final = 1_000
NONE: Final = "none"
_OPEN: Final = sorted(one.value for one in OPEN_STATES)
_NOT_THEM: Final = sorted(one.value for one in NOT_THE_PERSON)


@dataclass(frozen=True, slots=True)
class Filters:
    """What the register may be narrowed by. `digits` are the end of a number, `q` a folio as it is typed."""

    start: datetime
    end: datetime
    agent: str = ""
    direction: str = ""
    purpose: str = ""
    result: str = ""
    outcome: str = ""
    municipality: str = ""
    topic: str = ""
    area: str = ""
    folio: str = ""
    hour: int | None = None
    q: str = ""
    digits: str = ""


@dataclass(frozen=True, slots=True)
class Reach:
    """Whose calls an actor may list: the sight of `register.read` and the areas under the actor's own."""

    sight: Sight
    areas: Collection[str] = ()


async def areas_under(conn: AsyncConnection, area_id: str | None) -> frozenset[str]:
    """Return an area and everything under it in the organigram."""
    if area_id is None:
        return frozenset()
    parents = {row.id: row.parent_id for row in await conn.execute(select(areas.c.id, areas.c.parent_id))}
    found = {area_id}
    while more := {one for one, parent in parents.items() if parent in found} - found:
        found |= more
    return frozenset(found)


def local_day(column: ColumnElement[Any]) -> ColumnElement[int]:
    """Return the day of an instant in the office, as a number of days since 1970."""
    return (type_coerce(column, BigInteger) + OFFSET_US) // DAY_US


def local_hour(column: ColumnElement[Any]) -> ColumnElement[int]:
    """Return the hour of an instant in the office, 0 to 23."""
    return ((type_coerce(column, BigInteger) + OFFSET_US) // 3_600_000_000) % 24


def seconds_between(start: ColumnElement[Any], end: ColumnElement[Any]) -> ColumnElement[int]:
    return (type_coerce(end, BigInteger) - type_coerce(start, BigInteger)) // 1_000_000


def live_links() -> Select[Any]:
    """Select the links of the interaction at hand that were not undone."""
    links = petition_interactions.c
    return (
        select(links.folio)
        .where(links.interaction_id == interactions.c.id, links.unlinked_at.is_(None))
        .correlate(interactions)
    )


def of_first_petition(column: ColumnElement[Any], sight: Sight) -> ColumnElement[Any]:
    """Return a column of the first petition linked; a confidential one says nothing to who may not read it."""
    links = petition_interactions.c
    query = (
        select(column)
        .where(links.interaction_id == interactions.c.id, links.unlinked_at.is_(None), links.folio == petitions.c.folio)
        .order_by(links.at, links.folio)
        .limit(1)
        .correlate(interactions)
    )
    if not sight.restricted:
        query = query.where(~petitions.c.confidential)
    return query.scalar_subquery()


_spoke = calls.c.answered_at.is_not(None)
_is_open = calls.c.state.in_(_OPEN)
_outcome = case(
    (
        calls.c.direction == "outbound",
        case(
            (and_(_spoke, calls.c.state.not_in(_NOT_THEM)), Outcome.reached.value),
            (_is_open, Outcome.dialling.value),
            else_=Outcome.not_reached.value,
        ),
    ),
    (_spoke, Outcome.answered.value),
    (_is_open, Outcome.ringing.value),
    (calls.c.state.in_(("message_left", "callback_asked", "self_service")), calls.c.state),
    else_=Outcome.abandoned.value,
)
_has_folio = exists(live_links())
_was_passed = exists().where(transfers.c.interaction_id == interactions.c.id).correlate(interactions)
_wait = case((calls.c.direction == "inbound", interactions.c.wait_s), else_=None)
_length = seconds_between(calls.c.answered_at, calls.c.ended_at)
_FROM = (
    calls.join(interactions, interactions.c.id == calls.c.interaction_id)
    .outerjoin(citizens, citizens.c.id == interactions.c.citizen_id)
    .outerjoin(users, users.c.id == calls.c.agent_id)
)
SORTS: Final[dict[str, ColumnElement[Any]]] = {
    "started": type_coerce(calls.c.started_at, BigInteger),
    "wait": func.coalesce(_wait, -1),
    "length": func.coalesce(_length, -1),
    "agent": func.coalesce(users.c.name, ""),
    "result": calls.c.state,
    "purpose": calls.c.purpose,
}
"""What the rows may be sorted by; nothing else reaches ORDER BY."""


def _topic(sight: Sight) -> ColumnElement[Any]:
    return func.coalesce(interactions.c.topic, of_first_petition(petitions.c.category, sight))


def _municipality(sight: Sight) -> ColumnElement[Any]:
    return func.coalesce(of_first_petition(petitions.c.municipality, sight), citizens.c.municipality)


def _filtered(query: Select[Any], reach: Reach, f: Filters) -> Select[Any]:
    sight = reach.sight
    query = query.where(register.visible(sight, reach.areas), calls.c.started_at >= f.start, calls.c.started_at < f.end)
    query = narrowed(
        query,
        (calls.c.agent_id, f.agent),
        (calls.c.direction, f.direction),
        (calls.c.purpose, f.purpose),
        (calls.c.state, f.result),
        (_outcome, f.outcome),
        (interactions.c.area_id, f.area),
        (_topic(sight), f.topic),
        (_municipality(sight), f.municipality),
    )
    if f.folio:
        query = query.where(_has_folio if f.folio == "yes" else ~_has_folio)
    if f.hour is not None:
        query = query.where(local_hour(calls.c.started_at) == f.hour)
    if f.digits:
        query = query.where(contains(calls.c.number, f.digits), ~interactions.c.restricted)
    if f.q:
        links = live_links().join(petitions, petitions.c.folio == petition_interactions.c.folio)
        seen = links.where(contains(func.lower(petitions.c.folio), f.q))
        query = query.where(exists(seen if sight.restricted else seen.where(~petitions.c.confidential)))
    return query


def narrowed(query: Select[Any], *conditions: tuple[ColumnElement[Any], str]) -> Select[Any]:
    """Narrow a query by what was chosen; NONE asks for the rows that have nothing there."""
    for column, value in conditions:
        if value:
            query = query.where(column.is_(None) if value == NONE else column == value)
    return query


async def page(
    conn: AsyncConnection,
    reach: Reach,
    f: Filters,
    *,
    sort: str = "started",
    descending: bool = True,
    after: Cursor | None = None,
    limit: int,
) -> Sequence[Any]:
    """Return calls in order, after the last one seen. Ties are told apart by start and id, newest first."""
    key = SORTS[sort].label("sort_key")
    query = select(
        calls.c.id,
        calls.c.interaction_id,
        calls.c.direction,
        calls.c.purpose,
        calls.c.mode,
        calls.c.state,
        calls.c.number,
        calls.c.number_kind,
        calls.c.agent_id,
        calls.c.started_at,
        calls.c.answered_at,
        calls.c.ended_at,
        calls.c.found_late,
        _outcome.label("outcome"),
        _wait.label("wait_s"),
        _length.label("length_s"),
        _topic(reach.sight).label("topic"),
        _municipality(reach.sight).label("municipality"),
        interactions.c.channel,
        interactions.c.area_id,
        interactions.c.state.label("capture"),
        interactions.c.disposition,
        interactions.c.flags,
        interactions.c.restricted,
        citizens.c.names.label("citizen_names"),
        citizens.c.first_surname.label("citizen_surname"),
        literal(None).label("visitor_name"),
        key,
    ).select_from(_FROM)
    query = after_row(_filtered(query, reach, f), SORTS[sort], calls.c.started_at, calls.c.id, after, descending)
    first = SORTS[sort].desc() if descending else SORTS[sort].asc()
    rows: Sequence[Any] = (
        await conn.execute(query.order_by(first, calls.c.started_at.desc(), calls.c.id.desc()).limit(limit))
    ).all()
    return rows


def after_row(
    query: Select[Any],
    key: ColumnElement[Any],
    at: ColumnElement[Any],
    row_id: ColumnElement[Any],
    after: Cursor | None,
    descending: bool,
) -> Select[Any]:
    """Narrow a query, ordered by key and then newest first, to what follows a row."""
    if after is None:
        return query
    value, started, last = after
    beyond = key < value if descending else key > value
    return query.where(or_(beyond, and_(key == value, or_(at < started, and_(at == started, row_id < last)))))


async def counts(conn: AsyncConnection, reach: Reach, f: Filters) -> CallCounts:
    """Count the rows of the register for its figures."""
    return (await _counted(conn, reach, f, None))[0][1]


async def groups(conn: AsyncConnection, reach: Reach, f: Filters, by: str) -> list[tuple[Any, CallCounts]]:
    """Return (key, counts) of the rows by something, at most MOST_GROUPS. Days are numbers since 1970."""
    return await _counted(conn, reach, f, by)


async def _counted(conn: AsyncConnection, reach: Reach, f: Filters, by: str | None) -> list[tuple[Any, CallCounts]]:
    keys: dict[str, ColumnElement[Any]] = {
        "day": local_day(calls.c.started_at),
        "hour": local_hour(calls.c.started_at),
        "agent": calls.c.agent_id,
        "purpose": calls.c.purpose,
        "result": calls.c.state,
        "topic": _topic(reach.sight),
        "municipality": _municipality(reach.sight),
        "area": interactions.c.area_id,
    }
    inner = _filtered(
        select(
            *([] if by is None else [keys[by].label("key")]),
            calls.c.direction,
            calls.c.purpose,
            calls.c.state,
            _outcome.label("outcome"),
            _wait.label("wait_s"),
            _length.label("length_s"),
            case((_has_folio, 1), else_=0).label("has_folio"),
            case((_was_passed, 1), else_=0).label("was_passed"),
        ).select_from(_FROM),
        reach,
        f,
    ).subquery()
    c = inner.c
    out = c.direction == "outbound"
    met = c.outcome.in_((Outcome.answered.value, Outcome.reached.value))

    def number(condition: ColumnElement[bool]) -> ColumnElement[int]:
        return func.count(case((condition, 1)))

    answered = c.outcome == Outcome.answered.value
    columns: dict[str, ColumnElement[Any]] = {
        "calls": func.count(),
        "received": number(~out),
        **{one.value: number(c.outcome == one.value) for one in Outcome if one is not Outcome.dialling},
        "dropped": number(c.state == "dropped"),
        "made": number(out),
        **{f"made_{one}": number(and_(out, c.purpose == one)) for one in _PURPOSES},
        "with_folio": func.coalesce(func.sum(c.has_folio), 0),
        "transferred": number(and_(met, c.was_passed == 1)),
        "waits": number(and_(answered, c.wait_s.is_not(None))),
        "wait_s": func.coalesce(func.sum(case((answered, c.wait_s))), 0),
        "lengths": number(and_(met, c.length_s.is_not(None))),
        "length_s": func.coalesce(func.sum(case((met, c.length_s))), 0),
    }
    query = select(*(one.label(name) for name, one in columns.items())).select_from(inner)
    if by is not None:
        query = query.add_columns(c.key).group_by(c.key).order_by(c.key).limit(MOST_GROUPS)
    found: list[tuple[Any, CallCounts]] = []
    for row in await conn.execute(query):
        values = row._mapping
        found.append((values.get("key"), CallCounts(**{name: int(values[name]) for name in columns})))
    return found


_PURPOSES: Final = ("inform", "request_info", "return", "attention")


async def last_transfers(conn: AsyncConnection, interaction_ids: Collection[str]) -> dict[str, Any]:
    """Return the newest transfer of each interaction that has one."""
    if not interaction_ids:
        return {}
    query = (
        select(
            transfers.c.interaction_id,
            transfers.c.to_agent_id,
            transfers.c.to_queue_id,
            transfers.c.to_area_id,
            transfers.c.to_number,
            transfers.c.answer,
        )
        .where(transfers.c.interaction_id.in_(sorted(interaction_ids)))
        .order_by(transfers.c.at, transfers.c.id)
    )
    return {row.interaction_id: row for row in await conn.execute(query)}
