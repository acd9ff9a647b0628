"""A house with the toy channel, and people who write from it."""

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2 as httpx

from contact_center.actions.kernel import SYSTEM
from contact_center.actions.presence import Beat
from contact_center.live import views
from contact_center.rules.access import Actor
from contact_center.store import conversations as chat_store
from tests.support.house import TestHouse, open_house
from tests.support.toy_channel import SECRET, ToyChannel


class Street:
    """A house with the toy channel, and people who write from it."""

    def __init__(self, house: TestHouse, toy: ToyChannel, http: httpx.AsyncClient) -> None:
        self.house, self.toy, self.http = house, toy, http
        self._said = 0

    async def say(self, text: str, *, sender: str = "maria", id: str | None = None, **more: Any) -> httpx.Response:
        self._said += 1
        body = {"from": sender, "id": id or f"m{self._said}", "text": text, **more}
        return await self.http.post("/hooks/toy/in", json=body, headers={"x-secret": SECRET})

    async def deliver(self) -> None:
        """Let the outbox work until nothing is due; pauses between sendings pass."""
        for _ in range(50):
            if not await self.house.outbox.step("toy"):
                return
            self.house.clock.advance(2)
        raise AssertionError("the outbox never rests")

    async def thread(self, sender: str = "maria") -> list[dict[str, Any]]:
        async with self.house.db.read() as conn:
            from contact_center.store import inbound

            visitor = await inbound.visitor_at(conn, "toy", sender)
            assert visitor is not None
            latest = await chat_store.latest_of_visitor(conn, visitor.id)
            rows = await chat_store.thread(conn, latest or "", before=None, limit=100, notes=True)
            seen = await views.messages(conn, rows)
        return [seen[row.id] for row in rows]

    async def take(self, agent: Actor) -> dict[str, Any]:
        return await self.house.take_first(agent)

    async def beat(self, agent: Actor) -> None:
        """Let an agent still be at the console."""
        await self.house.writer.submit(SYSTEM, "presence.beat", Beat(user_ids=(agent.id,)))

    async def reply(self, agent: Actor, item: dict[str, Any], text: str, **more: Any) -> dict[str, Any]:
        fields = {"conversation_id": item["conversation"], "epoch": item["epoch"], "text": text, **more}
        return await self.house.do(agent, "conversation.reply", **fields)


@asynccontextmanager
async def open_street(database_url: str) -> AsyncIterator[Street]:
    toys: list[ToyChannel] = []

    def make(door: Any) -> list[ToyChannel]:
        toys.append(ToyChannel(door))
        return toys

    with tempfile.TemporaryDirectory() as folder:
        async with open_house(database_url, channels=make, data_dir=Path(folder)) as house, house.http() as http:
            yield Street(house, toys[0], http)
