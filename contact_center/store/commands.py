"""Commands already answered: the same client id gets the same answer (PROMISES P4)."""

from collections.abc import Iterable
from typing import Any

import msgspec
from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncConnection

from contact_center.store import bulk
from contact_center.store.schema import commands

Answered = tuple[str, bytes, Any]
"""(name, body hash, result)"""


async def find(conn: AsyncConnection, keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Answered]:
    """Return what was answered to these (actor, client id) pairs."""
    wanted = set(keys)
    rows = await bulk.select_in(
        conn,
        "SELECT actor, client_id, name, body_hash, result FROM commands WHERE client_id IN :values",
        (client_id for _, client_id in wanted),
    )
    return {
        (row[0], row[1]): (row[2], bytes(row[3]), msgspec.json.decode(row[4]) if isinstance(row[4], str) else row[4])
        for row in rows
        if (row[0], row[1]) in wanted
    }


async def record(
    conn: AsyncConnection, actor: str, client_id: str, name: str, body_hash: bytes, result: Any, at_us: int
) -> None:
    """Store an answer beside what the command wrote. Raises IntegrityError when another node answered meanwhile."""
    await bulk.insert_many(
        conn,
        "commands",
        ("actor", "client_id", "name", "body_hash", "result", "at"),
        [(actor, client_id, name, body_hash, bulk.json_text(result), at_us)],
    )


async def forget_before(conn: AsyncConnection, at_us: int) -> int:
    """Delete answers older than the promise; return how many."""
    result = await conn.execute(delete(commands).where(commands.c.at < at_us))
    return result.rowcount
