"""P3, P32: the feed passes over nothing, though two nodes write; nobody hears of what is not committed."""

from collections.abc import Callable, Coroutine
from contextlib import nullcontext
from typing import Any
from unittest.mock import patch

import anyio
import msgspec

from contact_center.live import frames, resume
from contact_center.live.connection import Connection
from contact_center.live.snapshot import face_of
from contact_center.rules import events as topics
from contact_center.rules.access import Actor
from contact_center.rules.model import Role
from contact_center.store import events as event_log
from tests.support.house import Ear, TestHouse, open_house
from tests.support.mutants import plant
from tests.support.nodes import at_once, open_nodes


async def heard_and_written(url: str, citizens: int, bug: str | None = None) -> tuple[list[int], list[int]]:
    """Let citizens write on two nodes at once; return the ids that a supervisor heard, and those in the log."""
    async with open_nodes(url, 2) as nodes:
        boss = await nodes[0].staff("jefa", Role.supervisor, state=None)
        visitors = [await nodes[0].visitor() for _ in range(citizens)]
        ear = nodes[0].watch_as(boss)
        start = ear.connection.cursor

        async def nudge() -> None:
            while True:
                nodes[0].house.hub.nudge()
                await anyio.sleep(0.0005)

        with plant(bug) if bug else nullcontext():
            await write_at_once(nodes, visitors, nudge)
        await nodes[0].settle()
        heard = [event["id"] for event in ear.events if event["type"] == "work.queued"]
        async with nodes[0].db.read() as conn:
            sql = f"SELECT id FROM events WHERE type = 'work.queued' AND id > {start} ORDER BY id"
            rows: Any = await conn.exec_driver_sql(sql)
            return heard, [row[0] for row in rows]


async def write_at_once(
    nodes: list[TestHouse], visitors: list[Actor], nudge: Callable[[], Coroutine[Any, Any, None]]
) -> None:
    """Let visitors write, twenty at a time, half of them on each node, while the feed looks again and again."""
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(nudge)
        for begin in range(0, len(visitors), 20):
            await at_once(
                [
                    nodes[turn % 2].do(visitors[turn], "chat.send", f"feed-{turn:06d}", text=f"Turno {turn}")
                    for turn in range(begin, min(begin + 20, len(visitors)))
                ]
            )
        tasks.cancel_scope.cancel()


async def test_a_viewer_hears_every_event_once_in_order_though_two_nodes_write(database_url: str) -> None:
    heard, written = await heard_and_written(database_url, 60)
    assert len(written) == 60
    assert heard == written


async def test_the_harness_notices_a_cursor_from_a_bare_counter(postgres_database_url: str) -> None:
    heard, written = await heard_and_written(postgres_database_url, 60, "cursor_from_bare_counter")
    assert heard != written


async def test_the_harness_notices_an_event_before_its_commit(sqlite_database_url: str) -> None:
    heard, written = await heard_and_written(sqlite_database_url, 40, "event_before_commit")
    assert heard != written


async def test_whoever_returns_hears_the_conversation_that_became_theirs_meanwhile(database_url: str) -> None:
    async with open_house(database_url) as house:
        agent = await house.staff("ana")
        citizen = await house.visitor()
        await house.settle()
        cursor = house.house.hub.cursor
        await house.do(citizen, "chat.send", "first-words", text="Buenos días")
        item = await house.take_first(agent)
        fields = {"conversation_id": item["conversation"], "epoch": item["epoch"]}
        await house.do(agent, "conversation.reply", "first-reply", text="Le atiendo", **fields)
        await house.settle()
        ear = Ear()
        ear.connection = Connection(face_of(agent), ear.take, ear.cut)
        own = [topics.STAFF, topics.user(agent.id)]
        for _hello in range(2):  # a second hello takes nothing from the first one with it
            ear.frames.clear()
            join = (house.house.hub, house.db, house.clock, ear.connection, own, cursor)
            assert await resume.join(*join) is None
        await house.do(citizen, "chat.send", "second-words", text="Gracias")
        await house.settle()
        heard = [event["message"]["seq"] for event in ear.events if event["type"] == "message.added"]
        assert heard == [1, 2, 3]


async def test_a_snapshot_ahead_of_the_feed_is_not_followed_by_what_it_holds(database_url: str) -> None:
    async with open_house(database_url) as house:
        boss = await house.staff("jefa", Role.supervisor, state=None)
        citizen = await house.visitor()
        await house.settle()
        ear = Ear()
        ear.connection = Connection(face_of(boss), ear.take, ear.cut)
        await house.do(citizen, "chat.send", "first-words", text="Buenos días")
        async with house.db.read() as conn:
            newest = await event_log.latest(conn)  # the feed may not have come that far
        assert await resume.join(house.house.hub, house.db, house.clock, ear.connection, [topics.FLOOR], newest) is None
        await house.do(await house.visitor(), "chat.send", "other-words", text="Hola")
        await house.settle()
        assert [event["id"] > newest for event in ear.events] == [True]


async def test_words_passed_on_from_memory_are_those_of_the_log(sqlite_database_url: str) -> None:
    """Plain words need not be read again where they were committed; who wrote elsewhere is read in between."""
    async with open_nodes(sqlite_database_url, 2) as nodes:
        here, there = nodes
        ana = await here.staff("ana")
        mine, theirs = await here.visitor(), await here.visitor()
        ear, own = here.watch_as(ana), here.watch_citizen(mine)
        for citizen in (mine, theirs):
            await here.do(citizen, "chat.send", text="Buenos días")
            await here.take_first(ana)
        await here.settle()
        start = here.house.hub.cursor
        reads: list[int] = []

        async def read(conn: Any) -> Any:
            reads.append(here.house.hub.cursor)
            return await real(conn)

        real = here.house.hub._read
        with patch.object(here.house.hub, "_read", read):
            for turn in range(6):
                await here.do(mine, "chat.send", f"in-memory-{turn}", text=f"Palabra {turn}")
            await here.settle()
            assert reads == []
            await there.do(theirs, "chat.send", "elsewhere-0", text="Desde otro nodo")
            for turn in range(6, 9):
                await here.do(mine, "chat.send", f"in-memory-{turn}", text=f"Palabra {turn}")
            await here.settle()
            assert reads
        async with here.db.read() as conn:
            log = await event_log.since(conn, start, 100)
            made = await frames.make(conn, log, here.clock.now())
        assert [one["id"] for one in ear.events if one["id"] > start] == [event.id for event in log]
        assert [one for one in ear.events if one["id"] > start] == [msgspec.json.decode(made[e.id].staff) for e in log]
        seen = [msgspec.json.decode(made[e.id].citizen or b"") for e in log if e.actor.endswith(mine.id)]
        assert [one for one in own.events if one["id"] > start] == seen
