"""A house with a Telegram bot, the simulated Telegram, and real HTTP between them both ways."""

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import anyio
import httpx2 as httpx

from channels.telegram import Telegram
from contact_center.live import views
from contact_center.rules.access import Actor
from contact_center.simulators.telegram import Config, Simulator, running_telegram
from contact_center.store import conversations as chat_store
from contact_center.store import inbound
from tests.support.clock import ManualClock
from tests.support.house import TestHouse, open_house
from tests.support.processes import free_port
from tests.support.serving import serving


class _Patient(ManualClock):
    """The test's clock for what runs beside it: its pauses pass in real time, shortened, so that nothing spins."""

    def __init__(self, clock: ManualClock) -> None:
        self._clock = clock

    def now(self) -> datetime:
        return self._clock.now()

    def monotonic(self) -> float:
        return self._clock.monotonic()

    async def sleep(self, seconds: float) -> None:
        await anyio.sleep(min(seconds, 0.2))


class TelegramStage:
    """What a test of the bot has in its hands. `bot` is the channel."""

    def __init__(self, house: TestHouse, bot: Telegram, sim: Simulator, url: str, config: Config) -> None:
        self.house, self.bot, self.sim, self.url, self.config = house, bot, sim, url, config

    async def arrived(self) -> None:
        """Wait until everything that people did has been handed over."""
        with anyio.fail_after(10):
            await self.sim.quiet()

    async def deliver(self) -> None:
        """Let the outbox and the files work until nothing is due."""
        idle = 0
        for _ in range(200):
            done = await self.house.outbox.step("telegram") + await self.house.media.step()
            idle = 0 if done else idle + 1
            if idle == 2:
                return
            self.house.clock.advance(1.1)
        raise AssertionError("the outbox never rests")

    async def take(self, agent: Actor) -> dict[str, Any]:
        return await self.house.take_first(agent)

    async def reply(self, agent: Actor, item: dict[str, Any], text: str, **more: Any) -> dict[str, Any]:
        fields = {"conversation_id": item["conversation"], "epoch": item["epoch"], "text": text, **more}
        return await self.house.do(agent, "conversation.reply", **fields)

    async def thread(self, chat: int) -> list[dict[str, Any]]:
        """Return the messages of somebody's newest conversation as staff see them."""
        async with self.house.db.read() as conn:
            visitor = await inbound.visitor_at(conn, "telegram", str(chat))
            latest = await chat_store.latest_of_visitor(conn, visitor.id) if visitor is not None else None
            rows = await chat_store.thread(conn, latest or "", before=None, limit=200, notes=True)
            seen = await views.messages(conn, rows)
        return [seen[row.id] for row in rows]

    async def post(self, body: Any, **headers: str) -> httpx.Response:
        """Knock at the webhook as anybody can; the right address, and the headers that are given."""
        async with httpx.AsyncClient(trust_env=False) as client:
            return await client.post(self.url + self.bot.routes()[0].path, json=body, headers=headers)


@asynccontextmanager
async def open_telegram(
    database_url: str, *, mode: str = "webhook", clock: ManualClock | None = None, limits: bool = False
) -> AsyncIterator[TelegramStage]:
    """Open a house and its bot; the webhook is registered when the block begins."""
    port, time, config = free_port(), clock or ManualClock(), Config(limits=limits, hang_s=0.05, retry_s=0.05)
    url = f"http://127.0.0.1:{port}"
    bots: list[Telegram] = []

    async with running_telegram(config, time.monotonic) as sim:

        def make(door: Any) -> list[Telegram]:
            settings = {"token": config.token, "mode": mode, "api_url": sim.url, "public_url": url}
            bots.append(Telegram(settings, door, _Patient(time)))
            return bots

        with tempfile.TemporaryDirectory() as folder:
            async with (
                open_house(database_url, clock=time, channels=make, data_dir=Path(folder)) as house,
                serving(house.app, port),
                bots[0].client(),
            ):
                with anyio.fail_after(10):
                    while mode == "webhook" and not sim.state.hook.url:
                        await anyio.sleep(0.01)
                yield TelegramStage(house, bots[0], sim, url, config)
