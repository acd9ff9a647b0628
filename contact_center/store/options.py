"""The office's settings as rows."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from contact_center.rules.options import Options
from contact_center.store.schema import options

_ALL: Final = select(options.c.key, options.c.value)


async def load(conn: AsyncConnection) -> Options:
    """Return every setting, defaults where nothing is stored."""
    rows = await conn.execute(_ALL)
    return Options.from_rows({row[0]: row[1] for row in rows})


async def save(conn: AsyncConnection, key: str, value: Any, now: datetime) -> None:
    """Store one setting, replacing what was there."""
    await conn.execute(delete(options).where(options.c.key == key))
    await conn.execute(insert(options).values(key=key, value=value, updated_at=now))
