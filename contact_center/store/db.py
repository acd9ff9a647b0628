"""Connections: one writer, readers apart, the same face for SQLite and PostgreSQL.

SQLite: WAL, synchronous=FULL, one writer connection that is also the only checkpointer (releases 3.7.0 to 3.51.2 have a
WAL-reset bug with two), readers that cannot write. PostgreSQL: asyncpg, read committed.
"""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
from sqlalchemy import event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

BUSY_TIMEOUT_S = 5.0
"""How long a statement waits for another process's lock before it fails."""
READERS = 4
WAL_LIMIT_BYTES = 64 * 1024 * 1024
CHECKPOINT_PAGES = 4_000
"""Pages of 4 KiB in the log before they are copied into the file: each time costs a second fsync."""


class Database:
    """Two engines on one database. Use as an async context manager."""

    def __init__(self, url: str) -> None:
        """`url` is `sqlite:///path` or `postgresql://…`, without a driver."""
        parsed = make_url(url)
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        if self.is_sqlite:
            if not parsed.database or parsed.database == ":memory:":
                raise ValueError("a file is needed: sqlite:///path/to/file.db")
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
            async_url = parsed.set(drivername="sqlite+aiosqlite")
            self.writer = create_async_engine(
                async_url,
                pool_size=1,
                max_overflow=0,
                pool_reset_on_return=None,  # every transaction is ended where it began
                connect_args={"timeout": BUSY_TIMEOUT_S},
            )
            self.readers = create_async_engine(
                async_url, pool_size=READERS, max_overflow=2, connect_args={"timeout": BUSY_TIMEOUT_S}
            )
            _set_up_sqlite(self.writer, writes=True)
            _set_up_sqlite(self.readers, writes=False)
        else:
            async_url = parsed.set(drivername="postgresql+asyncpg")
            settings = {"server_settings": {"application_name": "contact-center"}}
            self.writer = create_async_engine(async_url, pool_size=2, max_overflow=2, connect_args=settings)
            self.readers = create_async_engine(
                async_url, pool_size=READERS, max_overflow=4, connect_args=settings, pool_pre_ping=True
            )
        self.url = url

    async def __aenter__(self) -> "Database":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        await self.readers.dispose()
        await self.writer.dispose()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """A connection that sees one consistent state and cannot write.

        A caller that is cancelled in here goes on to the end of the block: a connection given up in mid-statement would
        be closed twice, and its closing would wait for a thread that is gone. So nothing else is awaited inside.
        """
        with anyio.CancelScope(shield=True):
            async with self.readers.connect() as conn:
                if not self.is_sqlite:
                    await conn.execution_options(isolation_level="REPEATABLE READ")
                yield conn

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """A transaction of its own; for set-up and tools. The running service writes through `actions.writer` only."""
        with anyio.CancelScope(shield=True):
            async with self.writer.connect() as conn, conn.begin():
                yield conn


def _set_up_sqlite(engine: AsyncEngine, *, writes: bool) -> None:
    @event.listens_for(engine.sync_engine, "connect")
    def _on_connect(dbapi: Any, _record: Any) -> None:
        dbapi.isolation_level = None  # we say BEGIN ourselves
        cursor = dbapi.cursor()
        if writes:
            cursor.execute("PRAGMA journal_mode = WAL")
            cursor.execute("PRAGMA synchronous = FULL")
            cursor.execute(f"PRAGMA journal_size_limit = {WAL_LIMIT_BYTES}")
            cursor.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")
            cursor.execute("PRAGMA secure_delete = ON")
        else:
            cursor.execute("PRAGMA wal_autocheckpoint = 0")
            cursor.execute("PRAGMA query_only = ON")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute("PRAGMA cache_size = -32000")
        cursor.execute("PRAGMA temp_store = MEMORY")
        cursor.close()

    statement = "BEGIN IMMEDIATE" if writes else "BEGIN"

    @event.listens_for(engine.sync_engine, "begin")
    def _on_begin(conn: Any) -> None:
        # Past the cursor: one crossing to the database's thread instead of four, at the head of every transaction.
        try:
            conn.connection.dbapi_connection.run_async(lambda driver: driver.execute_fetchall(statement))
        except sqlite3.Error as error:
            raise OperationalError(statement, None, error) from error


def is_transient(error: DBAPIError) -> bool:
    """Say whether running the same transaction again may well succeed: a deadlock or a serialization failure."""
    return getattr(error.orig, "sqlstate", None) in {"40001", "40P01"}
