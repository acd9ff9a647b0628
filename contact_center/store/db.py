"""Connections: one writer, readers apart, the same face for SQLite and PostgreSQL.

SQLite: WAL, synchronous=FULL, one writer connection that is also the only checkpointer (releases 3.7.0 to 3.51.2 have a
WAL-reset bug with two), readers that cannot write. A transaction of the writer runs whole in a thread of its own
(docs/decisions/008), reads through aiosqlite. PostgreSQL: asyncpg, read committed.
"""

import asyncio
import sqlite3
from asyncio import AbstractEventLoop
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, nullcontext, suppress
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import Any, TypeVar

import anyio
from sqlalchemy import event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from contact_center.store import inline

R = TypeVar("R")
Work = Callable[[AsyncConnection], Coroutine[Any, Any, R]]

READERS = 4
WAL_LIMIT_BYTES = 64 * 1024 * 1024
CHECKPOINT_PAGES = 4_000
"""Pages of 4 KiB in the log before they are copied into the file: each time costs a second fsync."""


class Database:
    """Two engines on one database. Use as an async context manager."""

    def __init__(self, url: str) -> None:
        """`url` is `sqlite:///path` or `postgresql://…`, without a driver."""
        self._lane: _Lane | None = None
        self._glances: _Lane | None = None
        parsed = make_url(url)
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        if self.is_sqlite:
            if not parsed.database or parsed.database == ":memory:":
                raise ValueError("a file is needed: sqlite:///path/to/file.db")
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
            async_url = parsed.set(drivername="sqlite+aiosqlite")
            self.writer = _inline_engine(async_url, writes=True)
            self.readers = create_async_engine(
                async_url, pool_size=READERS, max_overflow=2, connect_args={"timeout": inline.BUSY_TIMEOUT_S}
            )
            _set_up_sqlite(self.readers, writes=False)
            self._lane = _Lane(self.writer)
            self._glances = _Lane(_inline_engine(async_url, writes=False))
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
        for lane in (self._lane, self._glances):
            if lane is not None:
                await lane.close()
        await self.writer.dispose()

    async def in_transaction(self, work: Work[R], *, brief: bool = False) -> R:
        """Run `work` in one transaction and commit it; an error undoes all of it and is raised.

        On SQLite `work` may await its connection and nothing else. It runs whole in the writer's thread; a `brief` one,
        of a few set-based statements on rows at hand, runs where it is called and only its commit is waited for in the
        thread. Cancelling the caller waits for the end: what was begun is committed or undone whole.
        """
        with anyio.CancelScope(shield=True):
            if self._lane is not None:
                done = await self._lane.run(work, brief=brief)
            else:
                async with self.writer.connect() as conn, conn.begin():
                    done = await work(conn)
        return done

    async def glance(self, work: Work[R]) -> R:
        """Read what was just committed, in one consistent state. `work` may await its connection and nothing else.

        On SQLite these rows are in memory still, and reading them here takes less than waking a thread. Whatever may
        take longer than a millisecond or two uses `read`.
        """
        if self._glances is None:
            async with self.read() as conn:
                return await work(conn)
        return inline.drive(self._glances.glance(work))

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
        """A transaction of its own; for set-up and tools. The running service writes through `actions.writer` only.

        On SQLite its statements run in the caller's thread.
        """
        with anyio.CancelScope(shield=True):
            async with (
                self._lane.turn if self._lane is not None else nullcontext(),
                self.writer.connect() as conn,
                conn.begin(),
            ):
                yield conn


class _Lane:
    """The one connection of an engine that never waits, used by one caller at a time."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.turn = anyio.Lock(fast_acquire=True)
        self._engine = engine
        self._thread = _Thread()
        self._held: tuple[AsyncConnection, inline.Connection] | None = None

    async def run(self, work: Work[R], *, brief: bool) -> R:
        async with self.turn:
            if brief:
                try:
                    return await self._briefly(work)
                except OperationalError as error:
                    if not inline.is_busy(error.orig):
                        raise  # else another process writes: that is waited for in the thread
            return await self._in_thread(inline.drive, self._whole(work))

    async def _whole(self, work: Work[R]) -> R:
        conn, _ = await self._connected()
        async with conn.begin():
            return await work(conn)

    async def _briefly(self, work: Work[R]) -> R:
        """Begin and end past SQLAlchemy, which switches greenlets four times for it."""
        conn, driver = await self._connected()
        try:
            driver.is_patient = False
            try:
                driver.begin("BEGIN IMMEDIATE")
            finally:
                driver.is_patient = True
            done = await work(conn)
            await self._in_thread(driver.commit_now)
        except BaseException as error:
            driver.roll_back_now()
            await conn.rollback()
            if isinstance(error, sqlite3.Error):
                raise OperationalError("", None, error) from error
            raise
        if conn.in_transaction():  # `work` made SQLAlchemy begin too; the file has it already
            await conn.commit()
        return done

    async def glance(self, work: Work[R]) -> R:
        conn, driver = await self._connected()
        driver.begin("BEGIN")
        try:
            return await work(conn)
        finally:
            driver.roll_back_now()
            if conn.in_transaction():
                await conn.rollback()

    async def _connected(self) -> tuple[AsyncConnection, inline.Connection]:
        # Held, not taken and given back: as a block it would be closed by a task, and the thread has no loop.
        if self._held is None:
            conn = await self._engine.connect()
            driver = (await conn.get_raw_connection()).driver_connection
            assert isinstance(driver, inline.Connection)
            self._held = conn, driver
        return self._held

    async def _in_thread(self, call: Callable[..., R], *args: Any) -> R:
        return await self._thread.run(partial(call, *args))

    async def close(self) -> None:
        self._thread.end()
        if self._held is not None:
            await self._held[0].close()
        await self._engine.dispose()


_Call = tuple[AbstractEventLoop, "asyncio.Future[Any]", Callable[[], Any]]


class _Thread:
    """One thread that runs calls in order; what concurrent.futures does beside that costs more than a commit."""

    def __init__(self) -> None:
        self._calls: SimpleQueue[_Call | None] = SimpleQueue()
        self._thread = Thread(target=self._work, name="sqlite", daemon=True)
        self._thread.start()

    async def run(self, call: Callable[[], R]) -> R:
        """Run `call` in the thread and return what it returns, or raise what it raises. A cancelled caller hears of
        nothing; the call is done all the same.
        """
        loop = asyncio.get_running_loop()
        done: asyncio.Future[R] = loop.create_future()
        self._calls.put((loop, done, call))
        return await done

    def end(self) -> None:
        """Return when everything in line is done."""
        self._calls.put(None)
        self._thread.join()

    def _work(self) -> None:
        while (wanted := self._calls.get()) is not None:
            loop, done, call = wanted
            try:
                told = partial(_settle, done, call())
            except BaseException as error:  # noqa: BLE001 - whatever it is belongs to whoever asked
                told = partial(_fail, done, error)
            with suppress(RuntimeError):  # the loop is closed: nobody asks any more
                loop.call_soon_threadsafe(told)


def _settle(done: asyncio.Future[Any], result: Any) -> None:
    if not done.done():
        done.set_result(result)


def _fail(done: asyncio.Future[Any], error: BaseException) -> None:
    if not done.done():
        done.set_exception(error)


def _inline_engine(url: URL, *, writes: bool) -> AsyncEngine:
    engine = inline.engine(url)
    _set_up_sqlite(engine, writes=writes)
    return engine


def _set_up_sqlite(engine: AsyncEngine, *, writes: bool) -> None:
    @event.listens_for(engine.sync_engine, "connect")
    def _on_connect(dbapi: Any, _record: Any) -> None:
        if dbapi.isolation_level is not None:
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
            driver = conn.connection.driver_connection
            if isinstance(driver, inline.Connection):
                driver.begin(statement)
            else:
                conn.connection.dbapi_connection.run_async(lambda driver: driver.execute_fetchall(statement))
        except sqlite3.Error as error:
            raise OperationalError(statement, None, error) from error


def is_transient(error: DBAPIError) -> bool:
    """Say whether running the same transaction again may well succeed: a deadlock or a serialization failure."""
    return getattr(error.orig, "sqlstate", None) in {"40001", "40P01"}
