"""sqlite3 behind aiosqlite's face, without its thread: what is awaited is done when it is awaited.

aiosqlite crosses to a thread and back for every statement. A transaction of the writer has a dozen: here its coroutine
comes to its end in one go, in whatever thread drives it. SQLAlchemy sees the driver it knows. Reasons and measurements:
docs/decisions/008.
"""

import sqlite3
import time
from collections.abc import Callable, Coroutine, Iterable
from typing import Any, TypeVar

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


class Cursor:
    """A cursor whose calls are done at once."""

    __slots__ = ("_cursor",)

    def __init__(self, cursor: sqlite3.Cursor) -> None:
        self._cursor = cursor

    async def __aenter__(self) -> "Cursor":
        return self

    async def execute(self, sql: str, parameters: Any = ()) -> "Cursor":
        self._cursor.execute(sql, parameters)
        return self

    async def executemany(self, sql: str, parameters: Iterable[Any]) -> "Cursor":
        self._cursor.executemany(sql, parameters)
        return self

    async def fetchall(self) -> list[Any]:
        return self._cursor.fetchall()

    async def close(self) -> None:
        self._cursor.close()

    @property
    def description(self) -> Any:
        return self._cursor.description

    @property
    def rowcount(self) -> int:
        return self._cursor.rowcount

    @property
    def lastrowid(self) -> int | None:
        return self._cursor.lastrowid


class Connection:
    """A connection whose calls are done at once, in autocommit: whoever uses it says BEGIN and COMMIT."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection: sqlite3.Connection | None = connection
        self.is_patient = True

    @property
    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            raise ValueError("no active connection")  # aiosqlite's words, which SQLAlchemy looks for
        return self._connection

    @property
    def isolation_level(self) -> str | None:
        return self._open.isolation_level

    def cursor(self) -> Cursor:
        return Cursor(self._open.cursor())

    async def execute(self, sql: str, parameters: Any = ()) -> Cursor:
        return Cursor(self._open.execute(sql, parameters))

    async def execute_fetchall(self, sql: str, parameters: Any = ()) -> list[Any]:
        return self._open.execute(sql, parameters).fetchall()

    async def create_function(self, name: str, count: int, call: Callable[..., Any], **how: Any) -> None:
        self._open.create_function(name, count, call, **how)

    def begin(self, statement: str) -> None:
        """Begin a transaction, unless one is under way; another process's lock is waited for while `is_patient`."""
        if self._open.in_transaction:
            return
        for _try in range(int(BUSY_TIMEOUT_S / _LOOK_AGAIN_S) if self.is_patient else 0):
            try:
                self._open.execute(statement)
            except sqlite3.OperationalError as error:
                if not is_busy(error):
                    raise
                time.sleep(_LOOK_AGAIN_S)
            else:
                return
        self._open.execute(statement)

    def commit_now(self) -> None:
        """Commit, in the thread that calls: this is what waits for the disk."""
        self._open.commit()

    def roll_back_now(self) -> None:
        self._open.rollback()

    async def commit(self) -> None:
        self._open.commit()

    async def rollback(self) -> None:
        self._open.rollback()

    async def close(self) -> None:
        self.stop()

    def stop(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


async def connect(path: str, **how: Any) -> Connection:
    """Open a database as SQLAlchemy's `async_creator_fn`. One thread at a time may use what it returns."""
    how |= {"timeout": 0, "check_same_thread": False, "isolation_level": None}
    return Connection(sqlite3.connect(path, **how))
