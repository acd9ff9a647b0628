"""Several nodes of one service on one database, with one clock: what processes side by side do."""

from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import anyio
from sqlalchemy import text

from contact_center.errors import ContactCenterError
from contact_center.rules.access import Actor
from tests.support.clock import ManualClock
from tests.support.house import TestHouse, open_house
from tests.support.journal import Stored


@asynccontextmanager
async def open_nodes(database_url: str, nodes: int) -> AsyncIterator[list[TestHouse]]:
    """Open that many houses on one database; the first one brings the office's first data."""
    clock = ManualClock()
    async with AsyncExitStack() as stack:
        yield [
            await stack.enter_async_context(open_house(database_url, node=node, clock=clock, seed=node == 0))
            for node in range(nodes)
        ]


async def stored(house: TestHouse) -> list[Stored]:
    """Return every message, as it is in the table."""
    async with house.db.read() as conn:
        rows = await conn.execute(
            text("SELECT conversation_id, seq, client_id, text FROM messages ORDER BY conversation_id, seq")
        )
        return [Stored(*row) for row in rows]


async def at_once(calls: Sequence[Coroutine[Any, Any, Any]]) -> list[Any]:
    """Await everything together and return the answers in order."""
    answers: list[Any] = [None] * len(calls)

    async def run(at: int, call: Coroutine[Any, Any, Any]) -> None:
        answers[at] = await call

    async with anyio.create_task_group() as tasks:
        for at, call in enumerate(calls):
            tasks.start_soon(run, at, call)
    return answers


async def outcome(house: TestHouse, actor: Actor, verb: str, client_id: str, **fields: Any) -> tuple[int, Any]:
    """Run a verb and return (200, answer), or the status and code of its refusal."""
    try:
        return 200, await house.do(actor, verb, client_id, **fields)
    except ContactCenterError as error:
        return error.status, error.code
