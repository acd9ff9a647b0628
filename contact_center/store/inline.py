"""SQLAlchemy's async face on sqlite3 itself: what is awaited is done when it is awaited.

aiosqlite crosses to a thread and back for every statement, and SQLAlchemy to a greenlet and back five times. A
transaction of the writer has a dozen: here its coroutine comes to its end in one go, in whatever thread drives it.
Reasons and measurements: docs/decisions/008.
"""

import sqlite3
import time
from collections.abc import Coroutine
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import CursorResult, StaticPool, create_engine
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

R = TypeVar("R")


BUSY_TIMEOUT_S = 5.0
"""How long a transaction waits for another process's lock before it fails."""
_LOOK_AGAIN_S = 0.01


class Waited(RuntimeError):
    """Something in a transaction waited for more than its connection."""


def drive(work: Coroutine[Any, Any, R]) -> R:
    """Run a coroutine that never waits to its end, in this thread. Raises what it raises, Waited when it waits."""
    try:
        work.send(None)
    except StopIteration as end:
        return end.value  # type: ignore[no-any-return]
    work.close()
    raise Waited("a transaction may await its connection and nothing else")


def is_busy(error: BaseException | None) -> bool:
    """Say whether another process holds the database's lock."""
    return isinstance(error, sqlite3.OperationalError) and error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY


class Cursor(sqlite3.Cursor):
    """A cursor that has all its rows at once: none is left half read when the transaction goes on, or ends."""

    _left: Any = iter(())

    def execute(self, sql: str, parameters: Any = (), /) -> "Cursor":
        super().execute(sql, parameters)
        self._left = iter(super().fetchall() if self.description is not None else ())
        return self

    def __iter__(self) -> Any:
        return self._left

    def fetchone(self) -> Any:
        return next(self._left, None)

    def fetchmany(self, size: int | None = None) -> list[Any]:
        return list(islice(self._left, self.arraysize if size is None else size))

    def fetchall(self) -> list[Any]:
        return list(self._left)


class Connection(sqlite3.Connection):
    """A connection in autocommit: whoever uses it says BEGIN and COMMIT. One thread at a time may use it."""

    is_patient = True

    def cursor(self, factory: Any = Cursor) -> Any:
        return super().cursor(factory)

    def begin(self, statement: str) -> None:
        """Begin a transaction, unless one is under way; another process's lock is waited for while `is_patient`."""
        if self.in_transaction:
            return
        for _try in range(int(BUSY_TIMEOUT_S / _LOOK_AGAIN_S) if self.is_patient else 0):
            try:
                self.execute(statement)
            except sqlite3.OperationalError as error:
                if not is_busy(error):
                    raise
                time.sleep(_LOOK_AGAIN_S)
            else:
                return
        self.execute(statement)

    def commit_now(self) -> None:
        """Commit, in the thread that calls: this is what waits for the disk."""
        self.commit()

    def roll_back_now(self) -> None:
        self.rollback()


class Dialect(SQLiteDialect_pysqlite):
    """sqlite3 for an async engine. Its connections never wait, so that nothing has to be switched for them."""

    driver = "inline"
    is_async = True
    supports_statement_cache = True


class _Statements(AsyncConnection):
    """SQLAlchemy's connection, with its two ways to a statement made direct."""

    __slots__ = ()

    async def execute(self, statement: Any, parameters: Any = None, *, execution_options: Any = None) -> Any:
        return self._proxied.execute(statement, parameters, execution_options=execution_options)

    async def exec_driver_sql(
        self, statement: str, parameters: Any = None, execution_options: Any = None
    ) -> CursorResult[Any]:
        return self._proxied.exec_driver_sql(statement, parameters, execution_options)


class _Engine(AsyncEngine):
    """SQLAlchemy has no public way to say which connection an engine opens: its tests would show if this one closed."""

    __slots__ = ()
    _connection_cls = _Statements


registry.register("sqlite.inline", __name__, Dialect.__name__)


def engine(url: URL) -> AsyncEngine:
    """Return an engine on one connection that never waits; whoever uses it takes turns."""
    how = {"factory": Connection, "timeout": 0, "check_same_thread": False, "isolation_level": None}
    return _Engine(
        create_engine(
            url.set(drivername="sqlite+inline"),
            poolclass=StaticPool,
            pool_reset_on_return=None,  # every transaction is ended where it began
            connect_args=how,
        )
    )
