"""Wrong guesses, counted for all nodes and across restarts. Keys are hashes: the table names nobody."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from contact_center.store.schema import throttles


@dataclass(frozen=True, slots=True)
class Throttle:
    """One row of guesses."""

    key: str
    failures: int
    first_at: datetime
    locked_until: datetime | None


async def find(conn: AsyncConnection, scope: str, keys: Iterable[str]) -> Sequence[Throttle]:
    """Return what is counted under these keys."""
    query = select(throttles.c.key, throttles.c.failures, throttles.c.first_at, throttles.c.locked_until).where(
        throttles.c.scope == scope, throttles.c.key.in_(list(keys))
    )
    return [Throttle(*row) for row in await conn.execute(query)]


async def save(conn: AsyncConnection, scope: str, row: Throttle) -> None:
    """Store a count, replacing what was there."""
    await forget(conn, scope, row.key)
    await conn.execute(
        insert(throttles).values(
            scope=scope,
            key=row.key,
            failures=row.failures,
            first_at=row.first_at,
            locked_until=row.locked_until,
        )
    )


async def forget(conn: AsyncConnection, scope: str, key: str) -> None:
    """Start counting anew."""
    await conn.execute(delete(throttles).where(throttles.c.scope == scope, throttles.c.key == key))


async def forget_before(conn: AsyncConnection, instant: datetime) -> None:
    """Delete counts that began before an instant and hold nobody up since."""
    await conn.execute(
        delete(throttles).where(
            throttles.c.first_at < instant,
            throttles.c.locked_until.is_(None) | (throttles.c.locked_until < instant),
        )
    )
