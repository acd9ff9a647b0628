"""The whole house behind the voice channel: real database, real webhooks, a simulated Twilio on virtual time."""

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

import anyio
from anyio.abc import TaskGroup
from sqlalchemy import select
from uvicorn import Config as ServerConfig
from websockets.asyncio.client import connect

from channels.twilio_rest import Account
from channels.twilio_voice import TwilioVoice
from channels.twiml import Site
from contact_center.actions.kernel import SYSTEM
from contact_center.actions.presence import Beat
from contact_center.jobs.deliver import Orders
from contact_center.jobs.voice_door import VoiceDesk
from contact_center.rules.access import Actor
from contact_center.simulators.twilio import Config, Simulator, VirtualTime, running_twilio
from contact_center.simulators.twilio.model import Leg
from contact_center.store.schema import calls
from contact_center.web.app import build_app
from tests.support.clock import MORNING, ManualClock
from tests.support.house import TestHouse, open_house
from tests.support.twilio_stage import CITIZEN, OFFICE, QuietServer
from tests.support.voice_stage import Device

PERSON = ({"wait_for": "escuchar de nuevo"}, {"press": "0"}, {"wait_for_person": True})
"""What a caller does who wants a person."""


class FollowingClock(ManualClock):
    """The house's clock: the simulator's."""

    def __init__(self, time: VirtualTime) -> None:
        super().__init__(time.now())
        self._time = time
        self._began = time.now()

    def now(self) -> datetime:
        return self._time.now()

    def monotonic(self) -> float:
        return 1_000.0 + (self._time.now() - self._began).total_seconds()


@dataclass
class VoiceHouse:
    house: TestHouse
    voice: TwilioVoice
    orders: Orders
    sim: Simulator
    time: VirtualTime
    tasks: TaskGroup
    devices: list[Device] = field(default_factory=list)
    agents: list[str] = field(default_factory=list)

    async def agent(self, name: str) -> tuple[Actor, Device]:
        """A member of staff with a telephone ready in the browser."""
        actor = await self.house.staff(name)
        token = self.voice.device_token(actor.id, valid_s=3_650 * 86_400)
        socket = await connect(self.sim.url.replace("http", "ws") + f"/sim/device?token={token}", proxy=None)
        device = Device(socket)
        self.devices.append(device)
        self.agents.append(actor.id)
        self.tasks.start_soon(device.run)
        await self.house.device(actor)
        return actor, device

    async def pass_(self, seconds: float) -> None:
        """Let simulated seconds pass for everybody; agents' consoles stay connected."""
        await self.time.advance(seconds)
        await self.settle()
        if self.agents:
            await self.house.writer.submit(SYSTEM, "presence.beat", Beat(user_ids=tuple(self.agents)))

    async def settle(self) -> None:
        for _ in range(8):
            await anyio.sleep(0.005)
            await self.time.settle()

    async def deliver(self) -> None:
        """Let every order that stands leave, and what it starts happen."""
        for _ in range(5):
            sent = await self.orders.step()
            await self.settle()
            if not sent:
                return

    async def call(self, *script: dict[str, Any], from_: str = CITIZEN) -> Leg:
        leg = self.sim.call_in(from_, script=list(script))
        await self.time.settle()
        return leg

    async def answered(self, agent: Actor, *script: dict[str, Any]) -> tuple[Leg, dict[str, Any]]:
        """A citizen who called for a person and speaks with an agent; returns the leg and the agent's item."""
        leg = await self.call(*(script or PERSON))
        await self.pass_(35)
        item = await self.house.take_first(agent)
        await self.deliver()
        assert leg.together.is_set()
        return leg, await self.house.item(item["id"])

    async def row(self, **match: Any) -> Any:
        async with self.house.db.read() as conn:
            query = select(calls).where(*(calls.c[name] == value for name, value in match.items()))
            return (await conn.execute(query)).one()

    async def settled(self) -> None:
        """Let what a call's end asks for be done."""
        await self.pass_(12)
        await self.house.timers.sweep()

    def heard(self, leg: Leg) -> str:
        return self.sim.ledger.heard(leg.sid)

    def errors(self) -> list[Any]:
        return [(one["code"], one["message"], one["url"]) for one in self.sim.ledger.of("error")]


@asynccontextmanager
async def voice_house(database_url: str) -> AsyncIterator[VoiceHouse]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        time = VirtualTime(MORNING)
        base = f"{url}/hooks/twilio/voice"
        known = Config(voice_url=f"{base}/in", voice_fallback_url=f"{base}/fallback", status_callback=f"{base}/status")
        async with (
            open_house(database_url, clock=FollowingClock(time)) as house,
            running_twilio(known, time) as sim,
            anyio.create_task_group() as tasks,
        ):
            account = Account(
                known.account_sid,
                (known.auth_token,),
                (OFFICE,),
                known.api_key_sid,
                known.api_key_secret,
                api_base=sim.url,
            )
            door = VoiceDesk(house.db, house.writer, house.clock)
            voice = TwilioVoice(account, Site(url), door, house.clock)
            app = build_app(house.house, cast(Any, (voice,)))
            server = QuietServer(ServerConfig(app, lifespan="off", log_config=None, access_log=False))
            tasks.start_soon(server.serve, [listener])
            while not server.started:
                await anyio.sleep(0.01)
            async with voice.client():
                orders = Orders(house.db, house.writer, house.house.hub, house.clock, voice, draw=lambda: 0.5)
                made = VoiceHouse(house, voice, orders, sim, time, tasks)
                try:
                    yield made
                finally:
                    for device in made.devices:
                        await device.socket.close()
                    server.should_exit = True
