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


def from_json(value: Any) -> Any:
    """Return the object a JSON column holds: SQLite hands out its text, asyncpg the object itself."""
    return msgspec.json.decode(value) if isinstance(value, str) else value


FEW = 3
"""Rows up to which a statement for each is quicker than taking them as one JSON text."""


async def insert_many(conn: AsyncConnection, table: str, columns: tuple[str, ...], rows: Sequence[Row]) -> None:
    """Insert rows in order. Raises IntegrityError with nothing half done inside the caller's savepoint.

    SQLite takes them in one statement: with one for each row its thread and the event loop would wait for each other at
    every row. More than `FEW` rows must hold no bytes.
    """
    if not rows:
        return
    if is_sqlite(conn) and len(rows) > FEW:
        await conn.exec_driver_sql(_insert_from_json(table, columns), (json_text(rows),))
    else:
        await conn.exec_driver_sql(_insert_one(is_sqlite(conn), table, columns), list(rows))


async def update_many(
    conn: AsyncConnection, table: str, columns: tuple[str, ...], rows: Sequence[Row], *, also: str = "", key: str = "id"
) -> None:
    """Set `columns` of the row that each tuple's last value names, and `also` (a piece of SQL) in all of them."""
    if not rows:
        return
    if is_sqlite(conn) and len(rows) > FEW:
        await conn.exec_driver_sql(_update_from_json(table, columns, also, key), (json_text(rows),))
    else:
        await conn.exec_driver_sql(_update_one(is_sqlite(conn), table, columns, also, key), list(rows))


@cache
def _insert_one(sqlite: bool, table: str, columns: tuple[str, ...]) -> str:
    marks = ", ".join(_mark(sqlite, n) for n in range(1, len(columns) + 1))
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})"  # noqa: S608 - names are ours


@cache
def _insert_from_json(table: str, columns: tuple[str, ...]) -> str:
    values = ", ".join(f"value ->> {n}" for n in range(len(columns)))
    return f"INSERT INTO {table} ({', '.join(columns)}) SELECT {values} FROM json_each(?)"  # noqa: S608


@cache
def _update_one(sqlite: bool, table: str, columns: tuple[str, ...], also: str, key: str) -> str:
    changes = ", ".join(
        [*(f"{name} = {_mark(sqlite, n)}" for n, name in enumerate(columns, 1)), *([also] if also else [])]
    )
    return f"UPDATE {table} SET {changes} WHERE {key} = {_mark(sqlite, len(columns) + 1)}"  # noqa: S608


@cache
def _update_from_json(table: str, columns: tuple[str, ...], also: str, key: str) -> str:
    values = ", ".join(f"value ->> {n} AS v{n}" for n in range(len(columns) + 1))
    changes = ", ".join([*(f"{name} = v{n}" for n, name in enumerate(columns)), *([also] if also else [])])
    return (
        f"UPDATE {table} SET {changes} FROM (SELECT {values} FROM json_each(?)) AS given "  # noqa: S608
        f"WHERE {table}.{key} = given.v{len(columns)}"
    )


def _mark(sqlite: bool, number: int) -> str:
    return "?" if sqlite else f"${number}"


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
