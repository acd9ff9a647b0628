"""Staff and their sessions: one function per question."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from contact_center.rules.access import Actor
from contact_center.rules.model import ActorKind, Role
from contact_center.store.schema import queue_members, sessions, users


@dataclass(frozen=True, slots=True)
class Staff:
    """A member of staff as sign-in and access need them."""

    id: str
    username: str
    name: str
    display_name: str
    roles: frozenset[Role]
    area_id: str | None
    queue_ids: frozenset[str]
    locale: str
    password_hash: str
    must_change_password: bool
    totp_secret: str | None
    totp_confirmed: bool
    totp_last_step: int
    recovery_hashes: tuple[str, ...]
    disabled_at: datetime | None

    def as_actor(self, session_id: str | None = None) -> Actor:
        """Return them as somebody who asks."""
        return Actor(
            kind=ActorKind.staff,
            id=self.id,
            roles=self.roles,
            area_id=self.area_id,
            queue_ids=self.queue_ids,
            session_id=session_id,
        )


@dataclass(frozen=True, slots=True)
class Session:
    """An open session and whose it is."""

    id: str
    csrf: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    staff: Staff

    def is_over(self, now: datetime, idle_s: float) -> bool:
        """Say whether it ran out: unused for too long, or too old."""
        return now >= self.expires_at or (now - self.seen_at).total_seconds() >= idle_s


_STAFF = (
    users.c.id,
    users.c.username,
    users.c.name,
    users.c.display_name,
    users.c.roles,
    users.c.area_id,
    users.c.locale,
    users.c.password_hash,
    users.c.must_change_password,
    users.c.totp_secret,
    users.c.totp_confirmed,
    users.c.totp_last_step,
    users.c.recovery_hashes,
    users.c.disabled_at,
)


async def _staff(conn: AsyncConnection, row: Any) -> Staff:
    queues = await conn.execute(select(queue_members.c.queue_id).where(queue_members.c.user_id == row.id))
    return Staff(
        id=row.id,
        username=row.username,
        name=row.name,
        display_name=row.display_name,
        roles=frozenset(Role(one) for one in row.roles),
        area_id=row.area_id,
        queue_ids=frozenset(queues.scalars()),
        locale=row.locale,
        password_hash=row.password_hash,
        must_change_password=row.must_change_password,
        totp_secret=row.totp_secret,
        totp_confirmed=row.totp_confirmed,
        totp_last_step=row.totp_last_step,
        recovery_hashes=tuple(row.recovery_hashes),
        disabled_at=row.disabled_at,
    )


async def find_by_username(conn: AsyncConnection, folded: str) -> Staff | None:
    """Return who signs in under this folded name, disabled or not."""
    row = (await conn.execute(select(*_STAFF).where(users.c.username_folded == folded))).one_or_none()
    return None if row is None else await _staff(conn, row)


async def find(conn: AsyncConnection, user_id: str) -> Staff | None:
    """Return a member of staff, disabled or not."""
    row = (await conn.execute(select(*_STAFF).where(users.c.id == user_id))).one_or_none()
    return None if row is None else await _staff(conn, row)


async def lock(conn: AsyncConnection, user_id: str) -> Staff | None:
    """Like `find`, and keep others from changing them until the transaction ends."""
    row = (await conn.execute(select(*_STAFF).where(users.c.id == user_id).with_for_update())).one_or_none()
    return None if row is None else await _staff(conn, row)


async def session_by_token(conn: AsyncConnection, token_hash: bytes) -> Session | None:
    """Return the session that this token opens, unless it was ended or its owner is disabled. Ask it `is_over`."""
    query = (
        select(
            sessions.c.id.label("session_id"),
            sessions.c.csrf,
            sessions.c.created_at,
            sessions.c.seen_at,
            sessions.c.expires_at,
            *_STAFF,
        )
        .join(users, users.c.id == sessions.c.user_id)
        .where(sessions.c.token_hash == token_hash, sessions.c.ended_at.is_(None), users.c.disabled_at.is_(None))
    )
    row = (await conn.execute(query)).one_or_none()
    if row is None:
        return None
    return Session(row.session_id, row.csrf, row.created_at, row.seen_at, row.expires_at, await _staff(conn, row))


async def is_session_open(conn: AsyncConnection, session_id: str) -> bool:
    """Say whether a session was not ended and its owner is not disabled; sockets ask again and again."""
    query = (
        select(sessions.c.id)
        .join(users, users.c.id == sessions.c.user_id)
        .where(sessions.c.id == session_id, sessions.c.ended_at.is_(None), users.c.disabled_at.is_(None))
    )
    return (await conn.execute(query)).first() is not None


async def add_session(conn: AsyncConnection, values: Mapping[str, Any]) -> None:
    """Insert a session."""
    await conn.execute(insert(sessions).values(**values))


async def change_session(conn: AsyncConnection, session_id: str, **values: Any) -> None:
    """Update columns of a session that is open."""
    await conn.execute(
        update(sessions).where(sessions.c.id == session_id, sessions.c.ended_at.is_(None)).values(**values)
    )


async def open_sessions(conn: AsyncConnection, user_id: str) -> Sequence[str]:
    """Return the ids of somebody's open sessions."""
    query = select(sessions.c.id).where(sessions.c.user_id == user_id, sessions.c.ended_at.is_(None))
    return (await conn.execute(query)).scalars().all()


async def sessions_run_out(
    conn: AsyncConnection, *, now: datetime, unused_since: datetime, limit: int
) -> Sequence[tuple[str, str]]:
    """Return (session, user) of open sessions that are too old or unused for too long."""
    query = (
        select(sessions.c.id, sessions.c.user_id)
        .where(sessions.c.ended_at.is_(None), (sessions.c.expires_at <= now) | (sessions.c.seen_at <= unused_since))
        .limit(limit)
    )
    return [(row[0], row[1]) for row in await conn.execute(query)]


async def end_sessions(conn: AsyncConnection, ids: Iterable[str], *, now: datetime, reason: str) -> None:
    """Mark sessions as ended; those that already were keep their reason."""
    await conn.execute(
        update(sessions)
        .where(sessions.c.id.in_(list(ids)), sessions.c.ended_at.is_(None))
        .values(ended_at=now, ended_reason=reason)
    )


async def add_user(conn: AsyncConnection, values: Mapping[str, Any]) -> None:
    """Insert a member of staff. Raises IntegrityError when the folded name is taken."""
    await conn.execute(insert(users).values(**values))


async def change_user(conn: AsyncConnection, user_id: str, **values: Any) -> None:
    """Update columns of a member of staff."""
    await conn.execute(update(users).where(users.c.id == user_id).values(**values))


async def count_users(conn: AsyncConnection) -> int:
    """Return how many members of staff there are, disabled ones included."""
    return (await conn.execute(select(func.count()).select_from(users))).scalar_one()


async def systems_left(conn: AsyncConnection, without: str) -> int:
    """Return how many others could still manage users if this one could not."""
    rows = await conn.execute(select(users.c.roles).where(users.c.disabled_at.is_(None), users.c.id != without))
    return sum(1 for (roles,) in rows if Role.systems in roles)


async def grow_access_version(conn: AsyncConnection, user_id: str) -> None:
    """Note that what somebody may do has changed."""
    await conn.execute(update(users).where(users.c.id == user_id).values(access_version=users.c.access_version + 1))
