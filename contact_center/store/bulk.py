"""Set-based statements for the hot path: a whole batch in one round trip, past SQLAlchemy's per-row work.

Values go to the driver as they are: instants as microseconds, JSON as text.
"""

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

import msgspec
from sqlalchemy import CursorResult
from sqlalchemy.ext.asyncio import AsyncConnection

Row = tuple[Any, ...]


def is_sqlite(conn: AsyncConnection) -> bool:
    return conn.dialect.name == "sqlite"


def json_text(value: Any) -> str:
    return msgspec.json.encode(value).decode()


@cache
def _insert_sql(sqlite: bool, table: str, columns: tuple[str, ...]) -> str:
    marks = ", ".join("?" if sqlite else f"${n}" for n in range(1, len(columns) + 1))
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})"  # noqa: S608 - names are ours


async def insert_many(conn: AsyncConnection, table: str, columns: tuple[str, ...], rows: Sequence[Row]) -> None:
    """Insert rows in order. Raises IntegrityError with nothing half done inside the caller's savepoint."""
    if rows:
        await conn.exec_driver_sql(_insert_sql(is_sqlite(conn), table, columns), list(rows))


async def update_many(conn: AsyncConnection, sqlite_sql: str, rows: Sequence[Row]) -> None:
    """Run one UPDATE for each row of parameters; `?` marks are numbered for PostgreSQL."""
    if rows:
        await conn.exec_driver_sql(_marks(is_sqlite(conn), sqlite_sql), list(rows))


@cache
def _marks(sqlite: bool, sql: str) -> str:
    if sqlite:
        return sql
    parts = sql.split("?")
    return "".join(part + (f"${n}" if n < len(parts) else "") for n, part in enumerate(parts, 1))


async def select_in(conn: AsyncConnection, sql: str, values: Iterable[str]) -> Sequence[Any]:
    """Run a SELECT whose `:values` stands for a list of texts; one plan whatever its length."""
    chosen = list(dict.fromkeys(values))
    if not chosen:
        return []
    result: CursorResult[Any]
    if is_sqlite(conn):
        result = await conn.exec_driver_sql(
            sql.replace(":values", "(SELECT value FROM json_each(?))"), (json_text(chosen),)
        )
    else:
        result = await conn.exec_driver_sql(sql.replace("IN :values", "= ANY($1::text[])"), (chosen,))
    return result.all()
