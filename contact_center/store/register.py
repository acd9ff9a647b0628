"""The register of contacts: one contact with what its access check needs, and lists of them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, false, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from contact_center.rules.sight import Sight
from contact_center.store.petitions import contains
from contact_center.store.schema import (
    citizens,
    conversations,
    interactions,
    petition_interactions,
    petitions,
    segments,
    transfers,
    users,
    visitors,
    work_items,
)

_accused = users.alias("accused")
_item_id = (
    select(work_items.c.id)
    .where(work_items.c.interaction_id == interactions.c.id)
    .order_by(work_items.c.enqueued_at.desc(), work_items.c.id.desc())
    .limit(1)
    .correlate(interactions)
    .scalar_subquery()
)
_transfers = (
    select(func.count())
    .where(transfers.c.interaction_id == interactions.c.id)
    .correlate(interactions)
    .scalar_subquery()
)
_FROM = (
    interactions.outerjoin(conversations, conversations.c.id == interactions.c.id)
    .outerjoin(visitors, visitors.c.id == conversations.c.visitor_id)
    .outerjoin(citizens, citizens.c.id == interactions.c.citizen_id)
)
_ROW = (
    interactions.c.id,
    interactions.c.channel,
    interactions.c.direction,
    interactions.c.started_at,
    interactions.c.answered_at,
    interactions.c.ended_at,
    interactions.c.wait_s,
    interactions.c.agent_id,
    interactions.c.queue_id,
    interactions.c.citizen_id,
    interactions.c.state,
    interactions.c.disposition,
    interactions.c.no_petition_reason,
    interactions.c.flags,
    interactions.c.restricted,
    conversations.c.state.label("conversation_state"),
    conversations.c.last_seq,
    conversations.c.queued_at,
    conversations.c.first_reply_at,
    conversations.c.survey,
    visitors.c.name.label("visitor_name"),
    citizens.c.names.label("citizen_names"),
    citizens.c.first_surname.label("citizen_surname"),
    _item_id.label("item_id"),
    _transfers.label("transfers"),
)


async def get_contact(conn: AsyncConnection, interaction_id: str) -> Any | None:
    """Return an interaction with its visitor, open item and accused person's area, for `sight.contact_scope`."""
    item = work_items.alias("open_item")
    query = (
        select(
            interactions.c.id,
            interactions.c.channel,
            interactions.c.area_id,
            interactions.c.citizen_id,
            interactions.c.agent_id,
            interactions.c.captured_by,
            interactions.c.state,
            interactions.c.flags,
            interactions.c.restricted,
            interactions.c.accused_user_id,
            interactions.c.started_at,
            interactions.c.ended_at,
            _accused.c.area_id.label("accused_area_id"),
            conversations.c.visitor_id,
            conversations.c.locale,
            conversations.c.is_open,
            visitors.c.name.label("visitor_name"),
            visitors.c.phone.label("visitor_phone"),
            item.c.id.label("item_id"),
            item.c.state.label("item_state"),
            item.c.owner_id,
            func.coalesce(item.c.queue_id, interactions.c.queue_id).label("queue_id"),
        )
        .outerjoin(_accused, _accused.c.id == interactions.c.accused_user_id)
        .outerjoin(conversations, conversations.c.id == interactions.c.id)
        .outerjoin(visitors, visitors.c.id == conversations.c.visitor_id)
        .outerjoin(item, and_(item.c.interaction_id == interactions.c.id, item.c.state != "done"))
        .where(interactions.c.id == interaction_id)
    )
    return (await conn.execute(query)).one_or_none()


async def holders_of(conn: AsyncConnection, interaction_id: str) -> frozenset[str]:
    """Return everybody who holds or held a part of a contact."""
    query = select(segments.c.agent_id).where(segments.c.interaction_id == interaction_id)
    return frozenset((await conn.execute(query)).scalars())


def _held_by(user_id: str) -> ColumnElement[bool]:
    had = exists().where(segments.c.interaction_id == interactions.c.id, segments.c.agent_id == user_id)
    return had.correlate(interactions)


def visible(sight: Sight, areas: Collection[str] = ()) -> ColumnElement[bool]:
    """Return the condition under which a contact may be listed: the SQL twin of `access.can` on `contact_scope`.

    `areas` are the areas under the actor's own, where a list reaches down the organigram.
    """
    i = interactions.c
    if sight.nothing:
        return false()
    own = or_(
        i.agent_id == sight.user_id,
        i.captured_by == sight.user_id,
        _held_by(sight.user_id),
    )
    waits = exists().where(
        work_items.c.interaction_id == i.id,
        work_items.c.state.in_(("waiting", "offered", "scheduled")),
        work_items.c.queue_id.in_(sorted(sight.waiting_queue_ids)),
    )
    reach: list[ColumnElement[bool]] = [true()] if sight.everything else []
    wide: list[ColumnElement[bool]] = [~i.restricted]
    if sight.own:
        reach.append(own)
    if sight.area_id is not None:
        reach.append(i.area_id.in_(sorted({sight.area_id, *areas})))
    if sight.waiting_queue_ids:
        reach.append(waits.correlate(interactions))
        wide.append(waits.correlate(interactions))
    if not reach:
        return false()
    if sight.restricted:
        wide.append(true())
    if sight.restricted_own:
        wide.append(own)
    clauses = [or_(*reach), or_(*wide), or_(i.accused_user_id.is_(None), i.accused_user_id != sight.user_id)]
    if sight.hidden_area_id is not None:
        of_area = select(users.c.id).where(users.c.area_id == sight.hidden_area_id)
        heard = _held_by(sight.user_id)
        clauses.append(or_(i.accused_user_id.is_(None), i.accused_user_id.not_in(of_area), heard))
    return and_(*clauses)


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list of contacts may be narrowed by. `q` is folded text, `digits` its digits."""

    q: str = ""
    digits: str = ""
    start: datetime | None = None
    end: datetime | None = None
    agent: str | None = None
    queue: str | None = None
    channel: str | None = None
    capture: tuple[str, ...] = ()
    disposition: str | None = None
    citizens: tuple[str, ...] = ()


def _filtered(query: Select[Any], sight: Sight, f: Filters) -> Select[Any]:
    i = interactions.c
    query = query.where(visible(sight))
    if f.start is not None:
        query = query.where(i.started_at >= f.start)
    if f.end is not None:
        query = query.where(i.started_at < f.end)
    for column, value in (
        (i.agent_id, f.agent),
        (i.queue_id, f.queue),
        (i.channel, f.channel),
        (i.disposition, f.disposition),
    ):
        if value:
            query = query.where(column == value)
    if f.capture:
        query = query.where(i.state.in_(f.capture))
    if f.citizens:
        query = query.where(i.citizen_id.in_(f.citizens))
    for word in f.q.split():
        by_folio = (
            exists()
            .where(
                petition_interactions.c.interaction_id == i.id,
                petition_interactions.c.unlinked_at.is_(None),
                petition_interactions.c.folio == petitions.c.folio,
                or_(contains(func.lower(petitions.c.folio), word), contains(petitions.c.folded, word)),
                ~petitions.c.confidential,
            )
            .correlate(interactions)
        )
        named = or_(contains(citizens.c.folded, word), contains(func.lower(visitors.c.name), word))
        query = query.where(or_(and_(named, ~i.restricted), by_folio))
    if f.digits:
        by_phone = or_(contains(citizens.c.phone, f.digits), contains(visitors.c.phone, f.digits))
        query = query.where(by_phone, ~i.restricted)
    return query


async def find(conn: AsyncConnection, interaction_id: str, *conditions: ColumnElement[bool]) -> Any | None:
    """Return a contact as a list shows it, if one of the conditions lets it be seen."""
    query = select(*_ROW).select_from(_FROM).where(interactions.c.id == interaction_id, or_(*conditions))
    return (await conn.execute(query)).one_or_none()


async def page(
    conn: AsyncConnection, sight: Sight, f: Filters, *, after: tuple[datetime, str] | None, limit: int
) -> Sequence[Any]:
    """Return contacts, newest first, after (started_at, id) of the last one seen."""
    i = interactions.c
    query = _filtered(select(*_ROW).select_from(_FROM), sight, f)
    if after is not None:
        query = query.where(or_(i.started_at < after[0], and_(i.started_at == after[0], i.id < after[1])))
    query = query.order_by(i.started_at.desc(), i.id.desc()).limit(limit)
    rows: Sequence[Any] = (await conn.execute(query)).all()
    return rows


async def count(conn: AsyncConnection, sight: Sight, f: Filters, *, limit: int) -> int:
    """Return how many contacts match, counted to a limit."""
    inner = _filtered(select(interactions.c.id).select_from(_FROM), sight, f).limit(limit).subquery()
    found: int = (await conn.execute(select(func.count()).select_from(inner))).scalar_one()
    return found
