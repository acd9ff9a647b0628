"""What systems manage, as rows for the screen:
users, areas, queues, hours, replies, categories, texts, sites, options.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import Table, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from contact_center.rules.options import Options
from contact_center.store import options as option_store
from contact_center.store.schema import (
    areas,
    calendars,
    canned_replies,
    categories,
    closures,
    queue_members,
    queues,
    sites,
    texts,
    users,
)
from contact_center.store.types import to_us

Row = dict[str, Any]

_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_USER = (
    users.c.id,
    users.c.username,
    users.c.name,
    users.c.display_name,
    users.c.email,
    users.c.roles,
    users.c.area_id,
    users.c.locale,
    users.c.languages,
    users.c.skills,
    users.c.capacity_chat,
    users.c.capacity_voice,
    users.c.must_change_password,
    users.c.totp_confirmed,
    users.c.disabled_at,
    users.c.created_at,
    users.c.last_login_at,
)
_QUEUE = (
    queues.c.id,
    queues.c.name,
    queues.c.area_id,
    queues.c.calendar_id,
    queues.c.channels,
    queues.c.priority,
    queues.c.strategy,
    queues.c.offer_timeout_s,
    queues.c.target_s,
    queues.c.wrap_up_s,
    queues.c.overflow_queue_id,
    queues.c.overflow_after_s,
    queues.c.closed_at,
    queues.c.phone_number,
    queues.c.recording,
    queues.c.recording_days,
)
_CLOSURE = (
    closures.c.id,
    closures.c.calendar_id,
    closures.c.kind,
    closures.c.name,
    closures.c.starts_on,
    closures.c.ends_on,
    closures.c.ranges,
)
_CATEGORY = (
    categories.c.code,
    categories.c.group_name,
    categories.c.name,
    categories.c.kind,
    categories.c.dependency_id,
    categories.c.priority,
    categories.c.term_days,
    categories.c.sensitive,
    categories.c.keywords,
    categories.c.area_id,
    categories.c.closed_at,
)


def plain(row: Any) -> Row:
    """Return a row as it travels: instants as milliseconds."""
    return {key: to_us(value) // 1000 if isinstance(value, datetime) else value for key, value in row._mapping.items()}


async def user_rows(conn: AsyncConnection, ids: Iterable[str] | None = None) -> list[Row]:
    """Return members of staff, with the queues each serves; all of them, or some by id."""
    query = select(*_USER).order_by(users.c.name)
    if ids is not None:
        query = query.where(users.c.id.in_(list(ids)))
    served: dict[str, list[Row]] = defaultdict(list)
    for one in await conn.execute(select(queue_members.c.user_id, queue_members.c.queue_id, queue_members.c.level)):
        served[one.user_id].append({"queue_id": one.queue_id, "level": one.level})
    return [
        {**plain(row), "has_totp": row.totp_confirmed, "queues": served[row.id]} for row in await conn.execute(query)
    ]


async def area_rows(conn: AsyncConnection) -> list[Row]:
    """Return the organigram, flat."""
    query = select(areas.c.id, areas.c.name, areas.c.parent_id, areas.c.takes_transfers, areas.c.closed_at)
    return [plain(row) for row in await conn.execute(query.order_by(areas.c.id))]


async def queue_rows(conn: AsyncConnection, ids: Iterable[str] | None = None) -> list[Row]:
    """Return queues with their members; all of them, or some by id."""
    query = select(*_QUEUE).order_by(queues.c.name)
    if ids is not None:
        query = query.where(queues.c.id.in_(list(ids)))
    members: dict[str, list[Row]] = defaultdict(list)
    for one in await conn.execute(
        select(queue_members.c.queue_id, queue_members.c.user_id, queue_members.c.level).order_by(
            queue_members.c.level, queue_members.c.user_id
        )
    ):
        members[one.queue_id].append({"user_id": one.user_id, "level": one.level})
    return [{**plain(row), "members": members[row.id]} for row in await conn.execute(query)]


async def hours_rows(conn: AsyncConnection) -> list[Row]:
    """Return calendars, each with its closures and guards; those of every calendar stand under the id `null`."""
    by_calendar: dict[str | None, list[Row]] = defaultdict(list)
    for row in await conn.execute(select(*_CLOSURE).order_by(closures.c.starts_on, closures.c.id)):
        by_calendar[row.calendar_id].append(plain(row))
    query = select(calendars.c.id, calendars.c.name, calendars.c.zone, calendars.c.week).order_by(calendars.c.name)
    own: list[Row] = [{**plain(row), "closures": by_calendar[row.id]} for row in await conn.execute(query)]
    return [*own, {"id": None, "name": None, "zone": None, "week": None, "closures": by_calendar[None]}]


async def reply_rows(conn: AsyncConnection) -> list[Row]:
    """Return the canned replies."""
    query = select(
        canned_replies.c.id,
        canned_replies.c.shortcut,
        canned_replies.c.title,
        canned_replies.c.text,
        canned_replies.c.language,
        canned_replies.c.queue_id,
        canned_replies.c.updated_at,
    )
    return [plain(row) for row in await conn.execute(query.order_by(canned_replies.c.shortcut))]


async def category_rows(conn: AsyncConnection) -> list[Row]:
    """Return the topics of petitions, closed ones included."""
    return [plain(row) for row in await conn.execute(select(*_CATEGORY).order_by(categories.c.code))]


async def text_rows(conn: AsyncConnection) -> list[Row]:
    """Return the office's texts in every language, with the placeholders each may use."""
    query = select(texts.c.key, texts.c.locale, texts.c.value, texts.c.version, texts.c.updated_at)
    return [
        {**plain(row), "placeholders": sorted(placeholders(row.value))}
        for row in await conn.execute(query.order_by(texts.c.key, texts.c.locale))
    ]


def placeholders(value: Any) -> frozenset[str]:
    """Return the names in braces of a text, or of a list of texts."""
    lines = value if isinstance(value, list) else [value]
    return frozenset(name for line in lines for name in _PLACEHOLDER.findall(line))


async def site_rows(conn: AsyncConnection) -> list[Row]:
    """Return the sites that may show the chat."""
    query = select(sites.c.id, sites.c.origin, sites.c.name).order_by(sites.c.origin)
    return [plain(row) for row in await conn.execute(query)]


async def site_origins(conn: AsyncConnection) -> Sequence[str]:
    """Return the origins that may show the chat."""
    return (await conn.execute(select(sites.c.origin).order_by(sites.c.origin))).scalars().all()


async def setting_rows(conn: AsyncConnection) -> list[Row]:
    """Return every setting of the office, in the order of the screen."""
    now = await option_store.load(conn)
    return [
        {"key": one.name, "value": getattr(now, one.name), "default": one.default, "type": type(one.default).__name__}
        for one in fields(Options)
    ]


async def get_one(conn: AsyncConnection, table: Table, **key: Any) -> Any | None:
    """Return one row by its key, or None."""
    query = select(table).where(*(table.c[name] == value for name, value in key.items()))
    return (await conn.execute(query)).one_or_none()


async def put(conn: AsyncConnection, table: Table, key: Mapping[str, Any], values: Mapping[str, Any]) -> bool:
    """Update the row with this key, or insert it; say whether it is new. Raises IntegrityError when a name is taken."""
    where = [table.c[name] == value for name, value in key.items()]
    if values and (await conn.execute(update(table).where(*where).values(**values))).rowcount:
        return False
    if not values and await get_one(conn, table, **key):
        return False
    await conn.execute(insert(table).values(**key, **values))
    return True


async def remove(conn: AsyncConnection, table: Table, **key: Any) -> bool:
    """Delete a row and say whether there was one."""
    result = await conn.execute(delete(table).where(*(table.c[name] == value for name, value in key.items())))
    return result.rowcount > 0


async def members_of(conn: AsyncConnection, queue_id: str) -> dict[str, int]:
    """Return who serves a queue, and at which level."""
    query = select(queue_members.c.user_id, queue_members.c.level).where(queue_members.c.queue_id == queue_id)
    return {row.user_id: row.level for row in await conn.execute(query)}


async def set_members(conn: AsyncConnection, queue_id: str, members: Mapping[str, int]) -> None:
    """Replace who serves a queue."""
    await conn.execute(delete(queue_members).where(queue_members.c.queue_id == queue_id))
    if members:
        rows = [{"queue_id": queue_id, "user_id": user, "level": level} for user, level in sorted(members.items())]
        await conn.execute(insert(queue_members), rows)


async def queues_of(conn: AsyncConnection, user_id: str) -> dict[str, int]:
    """Return which queues somebody serves, and at which level."""
    query = select(queue_members.c.queue_id, queue_members.c.level).where(queue_members.c.user_id == user_id)
    return {row.queue_id: row.level for row in await conn.execute(query)}


async def set_queues(conn: AsyncConnection, user_id: str, levels: Mapping[str, int]) -> None:
    """Replace which queues somebody serves."""
    await conn.execute(delete(queue_members).where(queue_members.c.user_id == user_id))
    if levels:
        rows = [{"queue_id": queue, "user_id": user_id, "level": level} for queue, level in sorted(levels.items())]
        await conn.execute(insert(queue_members), rows)


async def existing(conn: AsyncConnection, table: Table, ids: Iterable[str]) -> frozenset[str]:
    """Return which of these ids there are."""
    return frozenset((await conn.execute(select(table.c.id).where(table.c.id.in_(list(ids))))).scalars())
