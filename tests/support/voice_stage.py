"""The voice channel in a real server, a simulated Twilio that calls it on virtual time, and agents' devices."""

import functools
import inspect
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import anyio
import anyio.lowlevel
import httpx2
import msgspec
from anyio.abc import TaskGroup
from starlette.applications import Starlette
from uvicorn import Config as ServerConfig
from websockets.asyncio.client import ClientConnection, connect

from channels.twilio_rest import Account
from channels.twilio_voice import TwilioVoice
from channels.twiml import Site
from contact_center.ports import VoiceOrder
from contact_center.rules.calls import OrderKind
from contact_center.simulators.twilio import Config, Simulator, VirtualTime, running_twilio
from contact_center.simulators.twilio.model import Leg
from contact_center.web.middleware import handlers
from tests.support.clock import MORNING
from tests.support.twilio_stage import CITIZEN, OFFICE, QuietServer
from tests.support.voice_door import AGENT, Door, KnownCall


class SimClock:
    """The house's clock, which is the simulator's."""

    def __init__(self, time: VirtualTime) -> None:
        self._time = time

    def now(self) -> Any:
        return self._time.now()

    def monotonic(self) -> float:
        return float(self._time.now().timestamp())

    async def sleep(self, seconds: float) -> None:
        await anyio.sleep_forever()


@dataclass
class Device:
    """An agent's browser: a socket at the simulator, which accepts what rings unless told otherwise."""

    socket: ClientConnection
    accepts: bool = True
    rejects: bool = True
    frames: list[dict[str, Any]] = field(default_factory=list)

    async def run(self) -> None:
        async for text in self.socket:
            frame = msgspec.json.decode(text)
            self.frames.append(frame)
            if frame["type"] == "incoming" and (self.accepts or self.rejects):
                await self.send("accept" if self.accepts else "reject", call_sid=frame["call_sid"])

    async def send(self, type: str, **data: Any) -> None:
        await self.socket.send(msgspec.json.encode({"type": type, **data}).decode())

    def of(self, type: str) -> list[dict[str, Any]]:
        return [one for one in self.frames if one["type"] == type]


@dataclass
class VoiceStage:
    url: str
    account: Account
    voice: TwilioVoice
    door: Door
    sim: Simulator
    time: VirtualTime
    http: httpx2.AsyncClient
    tasks: TaskGroup
    devices: list[Device] = field(default_factory=list)

    async def pass_(self, seconds: float) -> None:
        await self.time.advance(seconds)

    async def settle(self) -> None:
        """Let sockets and webhooks that are on their way arrive."""
        for _ in range(10):
            await anyio.sleep(0.005)
            await self.time.settle()

    async def call(self, *script: dict[str, Any], from_: str = CITIZEN) -> Leg:
        leg = self.sim.call_in(from_, script=list(script))
        await self.time.settle()
        return leg

    async def device(self, user: str = AGENT, *, accepts: bool = True) -> Device:
        # The simulator checks tokens by the real clock, which is far from this stage's.
        token = self.voice.device_token(user, valid_s=3_650 * 86_400)
        socket = await connect(self.sim.url.replace("http", "ws") + f"/sim/device?token={token}", proxy=None)
        device = Device(socket, accepts)
        self.devices.append(device)
        self.tasks.start_soon(device.run)
        with anyio.fail_after(5):
            while not device.frames:
                await anyio.sleep(0.005)
        assert device.frames[0]["type"] == "ready", device.frames
        return device

    async def order(self, kind: OrderKind, call: KnownCall, **data: Any) -> str:
        """Give the provider an order as the house's loop does, and let what it starts happen."""
        order = VoiceOrder(
            f"order-{kind.value}",
            kind,
            call.id,
            call.provider_call_id or None,
            None,
            call.number,
            call.line or None,
            data,
        )
        made = await self.voice.perform(order)
        await self.settle()
        return made

    async def answered(self, *script: dict[str, Any], user: str = AGENT, from_: str = CITIZEN) -> tuple[Leg, KnownCall]:
        """A citizen who called, asked for a person, and speaks with an agent."""
        steps = script or ({"wait_for_person": True},)
        leg = await self.call({"wait_for": "escuchar de nuevo"}, {"press": "0"}, *steps, from_=from_)
        await self.pass_(40)
        call = self.door.only()
        call.taken = True
        await self.order(OrderKind.bridge, call, user=user)
        assert leg.together.is_set()
        return leg, call

    def heard(self, leg: Leg) -> str:
        return self.sim.ledger.heard(leg.sid)

    def errors(self) -> list[Any]:
        return [(one["code"], one["message"], one["url"]) for one in self.sim.ledger.of("error")]


@asynccontextmanager
async def voice_staged(*, door: Door | None = None, **config: Any) -> AsyncIterator[VoiceStage]:
    """The channel on a door in memory, and a provider that rings it. Ended in the test's own task."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        async with _staged(listener, door or Door(), config) as stage:
            yield stage


@asynccontextmanager
async def _staged(listener: socket.socket, door: Door, config: dict[str, Any]) -> AsyncIterator[VoiceStage]:
    time = VirtualTime(MORNING)
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    base = f"{url}/hooks/twilio/voice"
    settings = {
        "voice_url": f"{base}/in",
        "voice_fallback_url": f"{base}/fallback",
        "status_callback": f"{base}/status",
        "rest_hang_s": 0.05,
        **config,
    }
    known = Config(**settings)
    async with running_twilio(known, time) as sim, anyio.create_task_group() as tasks:
        account = Account(
            known.account_sid,
            (known.auth_token,),
            (OFFICE,),
            known.api_key_sid,
            known.api_key_secret,
            api_base=sim.url,
        )
        voice = TwilioVoice(account, Site(url), door, SimClock(time))
        app = Starlette(routes=list(voice.routes()), exception_handlers=handlers())
        server = QuietServer(ServerConfig(app, lifespan="off", log_config=None, access_log=False))
        tasks.start_soon(server.serve, [listener])
        while not server.started:
            await anyio.sleep(0.01)
        async with voice.client(), httpx2.AsyncClient(trust_env=False) as http:
            stage = VoiceStage(url, account, voice, door, sim, time, http, tasks)
            try:
                yield stage
            finally:
                for device in stage.devices:
                    await device.socket.close()
                server.should_exit = True


def on_voice_stage(test: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
    """Run a test on a voice stage of its own, begun and ended in the test's own task."""

    @functools.wraps(test)
    async def run(**given: Any) -> None:
        async with voice_staged() as stage:
            await test(stage=stage, **given)

    own = inspect.signature(test)
    run.__signature__ = own.replace(  # type: ignore[attr-defined]
        parameters=[one for name, one in own.parameters.items() if name != "stage"]
    )
    return run
