"""Set-based statements for the hot path: a whole batch in one round trip, past SQLAlchemy's per-row work.

Values go to the driver as they are: instants as microseconds, JSON as text.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from functools import cache
from itertools import chain
from typing import Any

import msgspec
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection

from contact_center.store import inline

Row = tuple[Any, ...]

A_FEW = 16
"""Up to here SQLite is quicker with a mark for each value than with a JSON text to take apart."""


def is_sqlite(conn: AsyncConnection) -> bool:
    return conn.dialect.name == "sqlite"


def json_text(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def from_json(value: Any) -> Any:
    """Return the object a JSON column holds: SQLite hands out its text, asyncpg the object itself."""
    return msgspec.json.decode(value) if isinstance(value, str) else value


async def insert_many(conn: AsyncConnection, table: str, columns: tuple[str, ...], rows: Sequence[Row]) -> None:
    """Insert rows in order. Raises IntegrityError; on SQLite nothing of them is stored then, as they are one statement.

    SQLite takes a few rows as values and more than that as one JSON text, which then costs less; those must hold no
    bytes.
    """
    if not rows:
        return
    if not is_sqlite(conn):
        await conn.exec_driver_sql(_insert_one(False, table, columns), list(rows))
    elif len(rows) <= A_FEW:
        await fetch(conn, _insert_few(table, columns, len(rows)), tuple(chain.from_iterable(rows)))
    else:
        await fetch(conn, _insert_from_json(table, columns), (json_text(rows),))


def undo_on_error(conn: AsyncConnection) -> AbstractAsyncContextManager[Any]:
    """A block whose first statement is an `insert_many`, the only one that can be refused: a refusal leaves nothing.

    PostgreSQL needs a savepoint for it; SQLite undoes a refused statement by itself, and two statements are spared.
    """
    return nullcontext() if is_sqlite(conn) else conn.begin_nested()


async def update_many(
    conn: AsyncConnection, table: str, columns: tuple[str, ...], rows: Sequence[Row], *, also: str = "", key: str = "id"
) -> None:
    """Set `columns` of the row that each tuple's last value names, and `also` (a piece of SQL) in all of them."""
    if not rows:
        return
    if not is_sqlite(conn):
        await conn.exec_driver_sql(_update_one(False, table, columns, also, key), list(rows))
    elif len(rows) <= A_FEW:
        for row in rows:
            await fetch(conn, _update_one(True, table, columns, also, key), row)
    else:
        await fetch(conn, _update_from_json(table, columns, also, key), (json_text(rows),))


async def fetch(conn: AsyncConnection, sql: str, values: Row) -> list[Row]:
    """Run one statement in the driver's own SQL and return its rows as plain tuples.

    On SQLite it goes past SQLAlchemy's cursor, which crosses to the database's thread four times for a statement; the
    errors are SQLAlchemy's all the same.
    """
    if not is_sqlite(conn):
        return [tuple(row) for row in await conn.exec_driver_sql(sql, values)]
    assert conn.sync_connection is not None
    driver: Any = conn.sync_connection.connection.driver_connection
    is_inline = isinstance(driver, inline.Connection)
    if not is_inline and not conn.in_transaction():
        await conn.begin()
    try:
        found: list[Row] = (
            driver.execute(sql, values).fetchall() if is_inline else await driver.execute_fetchall(sql, values)
        )
    except sqlite3.IntegrityError as error:
        raise IntegrityError(sql, None, error) from error
    except sqlite3.Error as error:
        raise OperationalError(sql, None, error) from error
    return found


@cache
def _insert_one(sqlite: bool, table: str, columns: tuple[str, ...]) -> str:
    marks = ", ".join(_mark(sqlite, n) for n in range(1, len(columns) + 1))
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})"  # noqa: S608 - names are ours


@cache
def _insert_few(table: str, columns: tuple[str, ...], count: int) -> str:
    row = f"({', '.join('?' * len(columns))})"
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES {', '.join([row] * count)}"  # noqa: S608


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


@cache
def _in_few(sql: str, count: int) -> str:
    return sql.replace(":values", f"({', '.join('?' * count)})")


async def select_in(conn: AsyncConnection, sql: str, values: Iterable[str]) -> list[Row]:
    """Run a SELECT whose `:values` stands for a list of texts; a dozen plans whatever its length."""
    chosen = list(dict.fromkeys(values))
    if not chosen:
        return []
    if is_sqlite(conn):
        if len(chosen) <= A_FEW:
            return await fetch(conn, _in_few(sql, len(chosen)), tuple(chosen))
        return await fetch(conn, sql.replace(":values", "(SELECT value FROM json_each(?))"), (json_text(chosen),))
    return await fetch(conn, sql.replace("IN :values", "= ANY($1::text[])"), (chosen,))
