"""Planted bugs: each breaks one promise, and a test asserts that the promise's harness notices (PROMISES H12).

A harness that stays green under its mutant proves nothing. In process, `plant(name)` patches the product inside a
`with`; for a real server process the same names are read from the environment by tests/process/mutants.
"""

import asyncio
import contextlib
import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from unittest.mock import patch

import anyio
from sqlalchemy import update

from contact_center.actions import conversations, messages, work
from contact_center.actions.kernel import VERBS, Tx
from contact_center.errors import Missing
from contact_center.jobs import route
from contact_center.live import frames, hub, resume
from contact_center.store import conversations as chat_store
from contact_center.store import db
from contact_center.store import events as event_log
from contact_center.store import work as work_store
from contact_center.store.schema import offers

MUTANTS: dict[str, Callable[[], contextlib.AbstractContextManager[Any]]] = {}


def _mutant(make: Callable[[], contextlib.AbstractContextManager[Any]]) -> None:
    MUTANTS[make.__name__] = make


def plant(name: str) -> contextlib.AbstractContextManager[Any]:
    """Return a context in which the product has this bug."""
    return MUTANTS[name]()


@_mutant
@contextmanager
def ack_before_commit() -> Iterator[None]:
    """The caller is answered as soon as its command ran; the commit comes later, or never."""
    inner = db.Database.in_transaction

    async def in_transaction(self: Any, work: Any, *, brief: bool = False) -> Any:
        loop = asyncio.get_running_loop()

        async def answered(conn: Any) -> Any:
            outcomes, *_ = await work(conn)
            for job, outcome in outcomes:
                if isinstance(outcome, dict):
                    loop.call_soon_threadsafe(_settle, job, outcome)
            raise _UndoneError

        with contextlib.suppress(_UndoneError):
            await inner(self, answered, brief=brief)
        for _turn in range(50):
            await _breathe()
        return await inner(self, work, brief=brief)

    with patch.object(db.Database, "in_transaction", in_transaction):
        yield


class _UndoneError(Exception):
    """What was done is rolled back."""


def _settle(job: Any, outcome: Any) -> None:
    if not job.done.done():
        job.done.set_result(outcome)


async def _breathe() -> None:
    await anyio.sleep(0.001)


@_mutant
@contextmanager
def client_id_not_looked_up() -> Iterator[None]:
    """A repeated client id is taken for a new one, and the table lets it in."""

    async def find_nothing(*_: Any) -> dict[Any, Any]:
        return {}

    async def add(conn: Any, rows: Sequence[Any]) -> None:
        await original(conn, [row._replace(client_id=None) for row in rows])

    original = chat_store.add_messages
    with (
        patch("contact_center.store.conversations.sent_before", find_nothing),
        patch("contact_center.store.conversations.add_messages", add),
        patch("contact_center.store.commands.find", find_nothing),
    ):
        yield


@_mutant
@contextmanager
def epoch_not_compared() -> Iterator[None]:
    """Whoever held an item before still answers in it, and moves need no epoch."""

    def anybody(actor: Any, chat: Any, epoch: int) -> None:
        if chat is None or chat.item_id is None:
            raise Missing

    anywhere = frozenset({"queued", "assigned", "active", "waiting"})
    with patch.object(messages, "check_holder", anybody), patch.object(messages, "_AGENT_HOT", anywhere):
        yield


@_mutant
@contextmanager
def move_without_compare() -> Iterator[None]:
    """An item changes hands whatever happened to it since it was read."""

    async def move(
        conn: Any, item_id: str, *, epoch: int, states: Any, new_epoch: int | None = None, **values: Any
    ) -> bool:
        del states
        await work_store.change_item(conn, item_id, epoch=epoch if new_epoch is None else new_epoch, **values)
        return True

    async def settle(conn: Any, offer_id: str, *, state: str, now: Any, answer: str | None = None) -> bool:
        await conn.execute(
            update(offers).where(offers.c.id == offer_id).values(state=state, decided_at=now, answer=answer)
        )
        return True

    async def end(conn: Any, *_: Any, **__: Any) -> None:
        del conn

    with (
        patch.object(work_store, "move_item", move),
        patch.object(work_store, "settle_offer", settle),
        patch.object(work_store, "end_segment", end),
    ):
        yield


@_mutant
@contextmanager
def lease_without_second_look() -> Iterator[None]:
    """What the sweep saw is taken for what is true when it acts."""

    async def lost(tx: Any, body: Any) -> dict[str, Any]:
        items = await work_store.held_by(tx.conn, body.user_id)
        for item in items:
            await work.put_back(tx, item, event="release", how="agent_gone", from_agent_id=body.user_id)
            row = await chat_store.get(tx.conn, item.conversation_id)
            await conversations.say(tx, row, "agent_gone", "agente_desconectado")
        return {}

    with patch.dict(VERBS, {"presence.lost": replace(VERBS["presence.lost"], run=lost)}):
        yield


@_mutant
@contextmanager
def cursor_from_bare_counter() -> Iterator[None]:
    """Ids are taken in one order and committed in another: nobody holds the log meanwhile."""

    async def append(conn: Any, rows: Sequence[Any]) -> None:
        unlocked: Any = _Unlocked(conn)
        await original(unlocked, rows)
        order.append(len(rows))
        mine = len(order)
        if waiting:
            return
        waiting.append(mine)  # the first of two lets the other one pass
        for _turn in range(60):
            if len(order) > mine:
                break
            await _breathe()
        for _turn in range(30):
            await _breathe()
        waiting.clear()

    original = event_log.append
    order: list[int] = []
    waiting: list[int] = []
    with patch("contact_center.store.events.append", append):
        yield


class _Unlocked:
    """A connection that forgets to take the log's lock."""

    def __init__(self, conn: Any) -> None:
        self._conn = conn

    async def exec_driver_sql(self, sql: str, *args: Any) -> Any:
        if "advisory" not in sql:
            return await self._conn.exec_driver_sql(sql, *args)
        return None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._conn, name)


@_mutant
@contextmanager
def event_before_commit() -> Iterator[None]:
    """Clients hear of what is about to be committed, under the number that it will probably have."""

    async def append(conn: Any, rows: Sequence[Any]) -> None:
        newest = await event_log.latest(conn)
        hubs = [one for one in gc.get_objects() if isinstance(one, hub.Hub)]
        for connection in [connection for one in hubs for connection in one.connections]:
            for number, row in enumerate(rows, 1):
                connection._events.append(frames.encode({"id": newest + number, "type": row.type, "at": 0}))
        await original(conn, rows)

    original = event_log.append
    with patch("contact_center.store.events.append", append):
        yield


@_mutant
@contextmanager
def resync_not_sent() -> Iterator[None]:
    """A cursor that cannot be served is taken for the newest."""
    original = resume.join

    async def join(*args: Any) -> None:
        reason = await original(*args)
        if reason is not None:
            args[3].live = True

    with patch.object(resume, "join", join):
        yield


@_mutant
@contextmanager
def replay_skips_one() -> Iterator[None]:
    """The first event that a returning client missed is left out."""
    original = event_log.since

    async def since(conn: Any, cursor: int, limit: int) -> list[Any]:
        found: list[Any] = (await original(conn, cursor, limit))[1:]
        return found

    with patch.object(resume, "event_log", _Shadow(event_log, since=since)):
        yield


class _Shadow:
    def __init__(self, real: Any, **changed: Any) -> None:
        self.__dict__["_real"] = real
        self.__dict__.update(changed)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


@_mutant
@contextmanager
def backlog_skipped() -> Iterator[None]:
    """The router sees the newest item only: whoever waits longest goes on waiting."""
    original = work_store.waiting_items

    async def newest(conn: Any) -> Sequence[Any]:
        return list(await original(conn))[-1:]

    with patch.object(route, "store", _Shadow(work_store, waiting_items=newest)):
        yield


@_mutant
@contextmanager
def change_not_emitted() -> Iterator[None]:
    """A change of an item reaches nobody: the event is forgotten."""
    original = Tx.emit

    def emit(self: Any, type: str, **facts: Any) -> None:
        if type not in ("work.flagged", "work.changed"):
            original(self, type, **facts)

    with patch.object(Tx, "emit", emit):
        yield
