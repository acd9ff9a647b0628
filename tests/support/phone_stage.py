"""The whole house and a simulated Twilio on virtual time, over real HTTP: webhooks in, orders out, devices between."""

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import anyio
from anyio.abc import TaskGroup
from sqlalchemy import select
from uvicorn import Config as ServerConfig
from websockets.asyncio.client import connect

from channels.twilio_rest import Account
from channels.twilio_voice import TwilioVoice
from channels.twiml import Site
from contact_center.actions.kernel import SYSTEM
from contact_center.jobs.deliver import Orders
from contact_center.jobs.reconcile import Reconciler
from contact_center.jobs.recordings import Recordings
from contact_center.jobs.voice_door import VoiceDesk
from contact_center.rules.access import Actor
from contact_center.simulators.twilio import Config, Simulator, VirtualTime, running_twilio
from contact_center.simulators.twilio.ledger import Entry
from contact_center.simulators.twilio.model import Leg
from contact_center.web.app import build_app
from contact_center.web.house import House, Telephone
from tests.support.clock import MORNING, ManualClock
from tests.support.house import TestHouse, open_house
from tests.support.twilio_stage import CITIZEN, OFFICE, QuietServer
from tests.support.voice_stage import Device

PERSON: tuple[dict[str, Any], ...] = ({"wait_for": "escuchar de nuevo"}, {"press": "0"})
"""What a caller does who wants a person."""


class StageClock(ManualClock):
    """The house's clock, which is the simulator's."""

    def __init__(self, time: VirtualTime) -> None:
        super().__init__()
        self._time = time

    def now(self) -> datetime:
        return self._time.now()

    def monotonic(self) -> float:
        return self._time.now().timestamp()


@dataclass
class PhoneStage:
    """A house whose telephone is a simulated provider. Its loops run when `pass_` and `settle` say so."""

    house: TestHouse
    sim: Simulator
    time: VirtualTime
    voice: TwilioVoice
    account: Account
    url: str
    orders: Orders
    reconciler: Reconciler
    recordings: Recordings
    tasks: TaskGroup
    inside: House
    devices: list[Device] = field(default_factory=list)

    async def settle(self) -> None:
        """Let orders leave and whatever they cause arrive."""
        for _ in range(6):
            await self.orders.step()
            await anyio.sleep(0.005)
            await self.time.settle()

    async def pass_(self, seconds: float, *, step: float = 1_000.0) -> None:
        """Let time pass, in steps after each of which the house's loops look once."""
        while seconds > 0:
            await self.time.advance(min(step, seconds))
            seconds -= step
            await self.settle()
            await self.house.timers.sweep()
            await self.settle()

    async def call(self, *script: dict[str, Any], from_: str = CITIZEN) -> Leg:
        """Let a citizen call."""
        leg = self.sim.call_in(from_, script=list(script))
        await self.time.settle()
        return leg

    async def agent(self, name: str, *, accepts: bool = True) -> tuple[Actor, Device]:
        """Somebody available whose browser is a telephone."""
        actor = await self.house.staff(name)
        return actor, await self.device(actor, accepts=accepts)

    async def device(self, actor: Actor, *, accepts: bool = True) -> Device:
        # The simulator checks tokens by the real clock, which is far from this stage's.
        token = self.voice.device_token(actor.id, valid_s=3_650 * 86_400)
        opened = await connect(self.sim.url.replace("http", "ws") + f"/sim/device?token={token}", proxy=None)
        device = Device(opened, accepts)
        self.devices.append(device)
        self.tasks.start_soon(device.run)
        with anyio.fail_after(5):
            while not device.frames:
                await anyio.sleep(0.005)
        await self.house.device(actor)
        return device

    async def stays(self, *agents: Actor) -> None:
        """Keep these people connected: their consoles are open."""
        from contact_center.actions.presence import Beat

        await self.house.writer.submit(SYSTEM, "presence.beat", Beat(user_ids=tuple(one.id for one in agents)))

    async def answered(self, agent: Actor, *script: dict[str, Any], from_: str = CITIZEN) -> tuple[Leg, dict[str, Any]]:
        """Let a citizen call and speak with an agent; return what a command about the call carries."""
        leg = await self.call(*PERSON, *(script or ({"wait_for_person": True},)), from_=from_)
        await self.time.advance(40)
        await self.stays(agent)
        item = await self.house.take_first(agent)
        await self.settle()
        assert leg.together.is_set(), self.errors()
        return leg, {"item_id": item["id"], "epoch": item["epoch"]}

    async def rows(self, table: Any, *where: Any) -> list[Any]:
        async with self.house.db.read() as conn:
            return list((await conn.execute(select(table).where(*where).order_by(table.c.id))).all())

    def asked(self, path: str, method: str = "POST") -> list[Entry]:
        """Return the requests the provider took whose path ends so."""
        return [
            one for one in self.sim.ledger.of("rest") if one["method"] == method and str(one["path"]).endswith(path)
        ]

    def errors(self) -> list[Any]:
        return [(one["code"], one["message"], one["url"]) for one in self.sim.ledger.of("error")]


@asynccontextmanager
async def phone_staged(database_url: str, **config: Any) -> AsyncIterator[PhoneStage]:
    """A house on a migrated database with a simulated provider. Ended in the test's own task."""
    time = VirtualTime(MORNING)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        base = f"{url}/hooks/twilio/voice"
        known = Config(
            **{
                "voice_url": f"{base}/in",
                "voice_fallback_url": f"{base}/fallback",
                "status_callback": f"{base}/status",
                "rest_hang_s": 0.05,
                **config,
            }
        )
        async with running_twilio(known, time) as sim, open_house(database_url, clock=StageClock(time)) as house:
            keys = (known.api_key_sid, known.api_key_secret)
            account = Account(known.account_sid, (known.auth_token,), (OFFICE,), *keys, api_base=sim.url)
            desk = VoiceDesk(house.db, house.writer, house.clock)
            voice = TwilioVoice(account, Site(url), desk, house.clock)
            inside = replace(house.house, telephone=Telephone(voice, "simulator", None, {}))
            app = build_app(inside, [voice])
            server = QuietServer(ServerConfig(app, lifespan="off", log_config=None, access_log=False))
            async with anyio.create_task_group() as tasks, voice.client():
                tasks.start_soon(server.serve, [listener])
                while not server.started:
                    await anyio.sleep(0.01)
                parts = (house.db, house.writer, house.clock)
                stage = PhoneStage(
                    house,
                    sim,
                    time,
                    voice,
                    account,
                    url,
                    Orders(house.db, house.writer, house.house.hub, house.clock, voice),
                    Reconciler(*parts, voice),
                    Recordings(*parts, house.house.blobs, voice),
                    tasks,
                    inside,
                )
                try:
                    yield stage
                finally:
                    for device in stage.devices:
                        await device.socket.close()
                    server.should_exit = True
