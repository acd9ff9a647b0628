"""Petitions: folios, the register, follow-ups and links with interactions. One function per question, no decisions."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, cast, false, func, insert, or_, select, text, true, update
from sqlalchemy.ext.asyncio import AsyncConnection

from contact_center.rules.sight import REFERRED_STATES, Sight
from contact_center.store.schema import (
    areas,
    categories,
    citizens,
    conversations,
    dependencies,
    follow_ups,
    interactions,
    municipalities,
    petition_interactions,
    petitions,
    users,
    work_items,
)

COUNT_LIMIT = 10_000
"""A list is counted this far; beyond it people filter."""

_TAKE_NUMBER = text(
    "INSERT INTO folio_years (year, last) VALUES (:year, 1) "
    "ON CONFLICT (year) DO UPDATE SET last = folio_years.last + 1 RETURNING last"
)

_accused = users.alias("accused")
_sensitive = (
    select(categories.c.sensitive)
    .where(categories.c.code == petitions.c.category)
    .correlate(petitions)
    .scalar_subquery()
)

ROW = (
    petitions.c.folio,
    petitions.c.kind,
    petitions.c.subject,
    petitions.c.category,
    petitions.c.municipality,
    petitions.c.state,
    petitions.c.received_at,
    petitions.c.area_id,
    petitions.c.dependency_id,
    petitions.c.priority,
    petitions.c.due_on,
    petitions.c.updated_at,
    petitions.c.duplicate_of,
    petitions.c.confidential,
    petitions.c.citizen_id,
    petitions.c.requester,
    petitions.c.phone,
    petitions.c.created_by,
    petitions.c.responsible_id,
    petitions.c.accused_user_id,
    petitions.c.accused_dependency_id,
    petitions.c.copies,
    petitions.c.origin_id,
    _accused.c.area_id.label("accused_area_id"),
    interactions.c.state.label("origin_state"),
    dependencies.c.name.label("dependency_name"),
)
"""What a line of a list and its access check need."""

FROM = (
    petitions.outerjoin(_accused, _accused.c.id == petitions.c.accused_user_id)
    .outerjoin(interactions, interactions.c.id == petitions.c.origin_id)
    .outerjoin(dependencies, dependencies.c.id == petitions.c.dependency_id)
)


async def take_number(conn: AsyncConnection, year: int) -> int:
    """Take the year's next number. The row's lock holds to the end of the transaction, and a rollback gives it back, so
    that numbers have no gaps, also between nodes."""
    number: int = (await conn.execute(_TAKE_NUMBER, {"year": year})).scalar_one()
    return number


async def add(conn: AsyncConnection, values: Mapping[str, Any]) -> None:
    await conn.execute(insert(petitions).values(**values))


async def get(conn: AsyncConnection, folio: str) -> Any | None:
    """Return a petition with the facts its access check needs, or None."""
    query = (
        select(
            petitions,
            _accused.c.area_id.label("accused_area_id"),
            interactions.c.state.label("origin_state"),
            dependencies.c.name.label("dependency_name"),
            _sensitive.label("sensitive"),
        )
        .select_from(FROM)
        .where(petitions.c.folio == folio)
    )
    return (await conn.execute(query)).one_or_none()


async def get_rows(conn: AsyncConnection, folios: Iterable[str]) -> Sequence[Any]:
    """Return list lines of these folios, newest first, whoever asks: check each."""
    query = select(*ROW).select_from(FROM).where(petitions.c.folio.in_(list(folios)))
    return (await conn.execute(query.order_by(petitions.c.received_at.desc()))).all()


async def change(conn: AsyncConnection, folio: str, version: int, values: Mapping[str, Any]) -> bool:
    """Compare and set: change a petition that still has this version; False when somebody was faster."""
    result = await conn.execute(
        update(petitions)
        .where(petitions.c.folio == folio, petitions.c.version == version)
        .values(**values, version=version + 1)
    )
    return result.rowcount == 1


async def touch(conn: AsyncConnection, folio: str, now: datetime) -> None:
    """Record the instant of the last action, which leaves the version alone."""
    await conn.execute(update(petitions).where(petitions.c.folio == folio).values(updated_at=now))


def visible(sight: Sight) -> ColumnElement[bool]:
    """Return the condition under which a petition may be shown: the SQL twin of `access.can` on `petition_scope`."""
    p = petitions.c
    own = or_(p.responsible_id == sight.user_id, p.created_by == sight.user_id)
    reach: list[ColumnElement[bool]] = [true()] if sight.everything else []
    named: list[ColumnElement[bool]] = []
    if sight.own:
        reach.append(own)
    if sight.area_id is not None:
        reach.append(p.area_id == sight.area_id)
        named.append(p.area_id == sight.area_id)
    if sight.dependency_id is not None:
        has_copy = contains(cast(p.copies, String), f'"{sight.dependency_id}"')
        referred = and_(or_(p.dependency_id == sight.dependency_id, has_copy), p.state.in_(REFERRED_STATES))
        reach.append(referred)
        named.append(referred)
    if not reach:
        return false()
    wide: list[ColumnElement[bool]] = [~p.confidential]
    if sight.restricted:
        wide.append(true())
    if sight.restricted_own:
        wide.append(own)
    if sight.by_name and named:
        wide.append(or_(*named))
    clauses = [or_(*reach), or_(*wide), or_(p.accused_user_id.is_(None), p.accused_user_id != sight.user_id)]
    if sight.hidden_dependency_id is not None:
        body = p.accused_dependency_id
        clauses.append(or_(body.is_(None), body != sight.hidden_dependency_id))
    if sight.hidden_area_id is not None:
        of_area = select(users.c.id).where(users.c.area_id == sight.hidden_area_id)
        knows = p.created_by == sight.user_id
        clauses.append(or_(p.accused_user_id.is_(None), p.accused_user_id.not_in(of_area), knows))
    return and_(*clauses)


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list of petitions may be narrowed by. `q` is folded text, `digits` its digits."""

    q: str = ""
    digits: str = ""
    states: tuple[str, ...] = ()
    kind: str | None = None
    category: str | None = None
    municipality: str | None = None
    area: str | None = None
    citizens: tuple[str, ...] = ()
    mine: str | None = None
    overdue_on: str | None = None
    """The day against which a due date has passed."""
    open_states: tuple[str, ...] = ()


def escape_like(value: str) -> str:
    """Return text that LIKE … ESCAPE '\\' takes literally."""
    return value.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def contains(column: ColumnElement[Any], value: str) -> ColumnElement[bool]:
    """Say in SQL that a column holds this text as it stands."""
    return column.like(f"%{escape_like(value)}%", escape="\\")


def _filtered(query: Select[Any], sight: Sight, f: Filters) -> Select[Any]:
    p = petitions.c
    query = query.where(visible(sight))
    if f.states:
        query = query.where(p.state.in_(f.states))
    for column, value in (
        (p.kind, f.kind),
        (p.category, f.category),
        (p.municipality, f.municipality),
        (p.area_id, f.area),
    ):
        if value:
            query = query.where(column == value)
    if f.citizens:
        query = query.where(p.citizen_id.in_(f.citizens))
    if f.mine:
        query = query.where(or_(p.responsible_id == f.mine, p.created_by == f.mine))
    if f.overdue_on:
        query = query.where(p.due_on < f.overdue_on, p.state.in_(f.open_states))
    for word in f.q.split():
        person = select(citizens.c.id).where(contains(citizens.c.folded, word))
        query = query.where(
            or_(contains(p.folded, word), contains(func.lower(p.folio), word), p.citizen_id.in_(person))
        )
    if f.digits:
        query = query.where(contains(p.phone, f.digits))
    return query


async def page(
    conn: AsyncConnection, sight: Sight, f: Filters, *, after: tuple[datetime, str] | None, limit: int
) -> Sequence[Any]:
    """Return petitions, newest first, after (received_at, folio) of the last one seen."""
    query = _filtered(select(*ROW).select_from(FROM), sight, f)
    if after is not None:
        p = petitions.c
        query = query.where(
            or_(p.received_at < after[0], and_(p.received_at == after[0], p.folio < after[1])),
        )
    query = query.order_by(petitions.c.received_at.desc(), petitions.c.folio.desc()).limit(limit)
    rows: Sequence[Any] = (await conn.execute(query)).all()
    return rows


async def count(conn: AsyncConnection, sight: Sight, f: Filters) -> int:
    """Return how many petitions match, counted to COUNT_LIMIT."""
    inner = _filtered(select(petitions.c.folio).select_from(FROM), sight, f).limit(COUNT_LIMIT).subquery()
    return (await conn.execute(select(func.count()).select_from(inner))).scalar_one()


async def add_follow_up(conn: AsyncConnection, values: Mapping[str, Any]) -> None:
    """Append a follow-up; they are never changed."""
    await conn.execute(insert(follow_ups).values(**values))


async def duplicates_under(conn: AsyncConnection, folio: str) -> list[str]:
    """Return the folios that were closed as duplicates of this one."""
    query = select(petitions.c.folio).where(petitions.c.duplicate_of == folio).order_by(petitions.c.folio)
    return list((await conn.execute(query)).scalars())


async def follow_ups_of(conn: AsyncConnection, folios: Sequence[str]) -> Sequence[Any]:
    """Return the history of folios, oldest first."""
    query = (
        select(follow_ups, users.c.display_name.label("author_name"))
        .outerjoin(users, users.c.id == follow_ups.c.author_id)
        .where(follow_ups.c.folio.in_(folios))
    )
    return (await conn.execute(query.order_by(follow_ups.c.at, follow_ups.c.id))).all()


async def last_public(conn: AsyncConnection, folio: str) -> Any | None:
    """Return (text, at) of the newest follow-up that the citizen may read."""
    query = (
        select(follow_ups.c.text, follow_ups.c.at)
        .where(follow_ups.c.folio == folio, follow_ups.c.visible)
        .order_by(follow_ups.c.at.desc(), follow_ups.c.id.desc())
        .limit(1)
    )
    return (await conn.execute(query)).one_or_none()


async def last_move(conn: AsyncConnection, folio: str) -> datetime | None:
    """Return when the petition came into its present state, as far as its follow-ups tell."""
    query = select(func.max(follow_ups.c.at)).where(follow_ups.c.folio == folio, follow_ups.c.kind == "move")
    at: datetime | None = (await conn.execute(query)).scalar_one()
    return at


async def find_link(conn: AsyncConnection, folio: str, interaction_id: str) -> Any | None:
    query = select(petition_interactions).where(
        petition_interactions.c.folio == folio, petition_interactions.c.interaction_id == interaction_id
    )
    return (await conn.execute(query)).one_or_none()


async def was_about(conn: AsyncConnection, folio: str, visitor_id: str) -> bool:
    """Say whether a visitor had a contact about a petition that is linked still."""
    query = (
        select(petition_interactions.c.interaction_id)
        .join(conversations, conversations.c.id == petition_interactions.c.interaction_id)
        .where(
            petition_interactions.c.folio == folio,
            petition_interactions.c.unlinked_at.is_(None),
            conversations.c.visitor_id == visitor_id,
        )
    )
    return (await conn.execute(query.limit(1))).first() is not None


async def add_link(conn: AsyncConnection, values: Mapping[str, Any]) -> None:
    """Link a folio with an interaction. Raises IntegrityError when they ever were linked."""
    await conn.execute(insert(petition_interactions).values(**values))


async def change_link(conn: AsyncConnection, folio: str, interaction_id: str, **values: Any) -> None:
    await conn.execute(
        update(petition_interactions)
        .where(petition_interactions.c.folio == folio, petition_interactions.c.interaction_id == interaction_id)
        .values(**values)
    )


async def folios_of(conn: AsyncConnection, interaction_ids: Iterable[str]) -> dict[str, list[str]]:
    """Return the folios linked with each interaction, in the order they were linked."""
    query = (
        select(petition_interactions.c.interaction_id, petition_interactions.c.folio)
        .where(
            petition_interactions.c.interaction_id.in_(list(interaction_ids)),
            petition_interactions.c.unlinked_at.is_(None),
        )
        .order_by(petition_interactions.c.at, petition_interactions.c.folio)
    )
    found: dict[str, list[str]] = {}
    for interaction_id, folio in await conn.execute(query):
        found.setdefault(interaction_id, []).append(folio)
    return found


async def visible_among(conn: AsyncConnection, sight: Sight, folios: Iterable[str]) -> frozenset[str]:
    """Return those of these folios that may be shown."""
    query = select(petitions.c.folio).where(petitions.c.folio.in_(list(folios)), visible(sight))
    return frozenset((await conn.execute(query)).scalars())


async def links_of(conn: AsyncConnection, folio: str) -> Sequence[Any]:
    """Return every link of a folio, also those that were undone, with its interaction."""
    query = (
        select(
            petition_interactions,
            interactions.c.channel,
            interactions.c.started_at,
            interactions.c.agent_id,
            interactions.c.restricted,
        )
        .join(interactions, interactions.c.id == petition_interactions.c.interaction_id)
        .where(petition_interactions.c.folio == folio)
        .order_by(petition_interactions.c.at)
    )
    return (await conn.execute(query)).all()


async def open_contacts_of(conn: AsyncConnection, folio: str) -> Sequence[Any]:
    """Return (interaction, item, conversation, owner, queue) of the open contacts a folio is linked with."""
    query = (
        select(
            work_items.c.interaction_id,
            work_items.c.id.label("item_id"),
            work_items.c.conversation_id,
            work_items.c.owner_id,
            work_items.c.queue_id,
        )
        .join(petition_interactions, petition_interactions.c.interaction_id == work_items.c.interaction_id)
        .where(
            petition_interactions.c.folio == folio,
            petition_interactions.c.unlinked_at.is_(None),
            work_items.c.state != "done",
        )
    )
    return (await conn.execute(query)).all()


async def get_category(conn: AsyncConnection, code: str) -> Any | None:
    return (await conn.execute(select(categories).where(categories.c.code == code))).one_or_none()


async def all_categories(conn: AsyncConnection) -> Sequence[Any]:
    return (await conn.execute(select(categories).where(categories.c.closed_at.is_(None)))).all()


async def all_municipalities(conn: AsyncConnection) -> Sequence[Any]:
    return (await conn.execute(select(municipalities).order_by(municipalities.c.key))).all()


async def get_dependency(conn: AsyncConnection, dependency_id: str) -> Any | None:
    return (await conn.execute(select(dependencies).where(dependencies.c.id == dependency_id))).one_or_none()


async def get_area(conn: AsyncConnection, area_id: str) -> Any | None:
    return (await conn.execute(select(areas).where(areas.c.id == area_id))).one_or_none()


async def get_staff(conn: AsyncConnection, user_id: str) -> Any | None:
    """Return (id, area_id, disabled_at, roles) of a member of staff."""
    query = select(users.c.id, users.c.area_id, users.c.disabled_at, users.c.roles).where(users.c.id == user_id)
    return (await conn.execute(query)).one_or_none()
