"""Pings and signs of life of many clients: nobody is left out, and who leaves meanwhile is left alone."""

import anyio
from anyio.lowlevel import checkpoint
from sqlalchemy import select

from contact_center.jobs.timers import AT_ONCE
from contact_center.live.connection import VisitorFace
from contact_center.store.schema import visitors
from tests.support.house import open_house

MANY = 2 * AT_ONCE + 10


async def test_everybody_is_asked_and_who_is_gone_meanwhile_is_not(sqlite_database_url: str) -> None:
    async with open_house(sqlite_database_url) as house:
        ears = [house.watch(VisitorFace(f"visitor-{n}")) for n in range(MANY)]
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(house.timers.ping)
            while not any(one.frames for one in ears):
                await checkpoint()
            gone = next(one for one in ears if not one.frames)
            house.house.hub.remove(gone.connection)
        assert gone.frames == []
        assert all(one.frames == [{"type": "ping"}] for one in ears if one is not gone)


async def test_every_visitor_whose_chat_is_open_counts_as_seen(database_url: str) -> None:
    async with open_house(database_url) as house:
        for _ in range(AT_ONCE + 5):
            house.watch_citizen(await house.visitor())
        gone = await house.visitor()
        house.clock.advance(60)
        await house.timers.beat_visitors()
        async with house.db.read() as conn:
            seen = {row.id: row.seen_at for row in await conn.execute(select(visitors.c.id, visitors.c.seen_at))}
        assert seen.pop(gone.id) < house.clock.now()
        assert set(seen.values()) == {house.clock.now()}
