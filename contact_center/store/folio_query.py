"""What a citizen's question about a folio needs: the petition's public facts, and who guessed too often."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, and_, bindparam, delete, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from contact_center.store.schema import dependencies, follow_ups, messages, petitions, throttles
from contact_center.store.types import to_us

_FAILED = text(
    "INSERT INTO throttles (scope, key, failures, first_at) VALUES (:scope, :key, 1, :now) "
    "ON CONFLICT (scope, key) DO UPDATE SET "
    "failures = CASE WHEN throttles.first_at < :since THEN 1 ELSE throttles.failures + 1 END, "
    "first_at = CASE WHEN throttles.first_at < :since THEN :now ELSE throttles.first_at END "
    "RETURNING failures"
).bindparams(bindparam("now", type_=BigInteger), bindparam("since", type_=BigInteger))

Key = tuple[str, str]
"""(scope, key) of a throttle."""


async def locked_until(conn: AsyncConnection, keys: Sequence[Key], now: datetime) -> datetime | None:
    """Return the latest instant until which one of these is locked, None when all may try."""
    same = or_(*(and_(throttles.c.scope == scope, throttles.c.key == key) for scope, key in keys))
    query = select(throttles.c.locked_until).where(same, throttles.c.locked_until > now)
    return max((await conn.execute(query)).scalars(), default=None)


async def count_failure(conn: AsyncConnection, key: Key, *, now: datetime, since: datetime) -> int:
    """Count one failure, afresh when the first one is older than `since`; return how many there are."""
    values = {"scope": key[0], "key": key[1], "now": to_us(now), "since": to_us(since)}
    failures: int = (await conn.execute(_FAILED, values)).scalar_one()
    return failures


async def lock(conn: AsyncConnection, key: Key, until: datetime) -> None:
    """Lock a key until an instant; its count begins again then."""
    await conn.execute(
        update(throttles)
        .where(throttles.c.scope == key[0], throttles.c.key == key[1])
        .values(locked_until=until, failures=0, first_at=until)
    )


async def forget(conn: AsyncConnection, keys: Sequence[Key]) -> None:
    """Forget the failures of whoever has now proved to know."""
    same = or_(*(and_(throttles.c.scope == scope, throttles.c.key == key) for scope, key in keys))
    await conn.execute(delete(throttles).where(same))


async def find(conn: AsyncConnection, year: int, number: int) -> Any | None:
    """Return the public facts of a petition by its number, with the phone that proves whose it is."""
    query = (
        select(
            petitions.c.folio,
            petitions.c.state,
            petitions.c.phone,
            petitions.c.received_at,
            petitions.c.duplicate_of,
            dependencies.c.name.label("dependency_name"),
        )
        .outerjoin(dependencies, dependencies.c.id == petitions.c.dependency_id)
        .where(petitions.c.year == year, petitions.c.number == number)
    )
    return (await conn.execute(query)).one_or_none()


async def asked_before(
    conn: AsyncConnection, folio: str, *, kind: str, after: datetime, interaction_id: str | None
) -> bool:
    """Say whether the same question was noted after an instant, from the same contact."""
    query = select(follow_ups.c.id).where(
        follow_ups.c.folio == folio,
        follow_ups.c.kind == kind,
        follow_ups.c.at > after,
        follow_ups.c.interaction_id.is_(None)
        if interaction_id is None
        else follow_ups.c.interaction_id == interaction_id,
    )
    return (await conn.execute(query.limit(1))).first() is not None


async def citizen_texts(conn: AsyncConnection, conversation_id: str, limit: int) -> list[str]:
    """Return the citizen's last messages, newest first."""
    query = (
        select(messages.c.text)
        .where(messages.c.conversation_id == conversation_id, messages.c.author_kind == "citizen")
        .order_by(messages.c.seq.desc())
        .limit(limit)
    )
    return list((await conn.execute(query)).scalars())


async def was_said(conn: AsyncConnection, conversation_id: str, code: str) -> bool:
    """Say whether the house already said this in a conversation."""
    query = select(messages.c.id).where(
        messages.c.conversation_id == conversation_id, messages.c.author_kind == "system", messages.c.code == code
    )
    return (await conn.execute(query.limit(1))).first() is not None
