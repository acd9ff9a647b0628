"""The SMS and WhatsApp channels against a simulated Twilio over HTTP, with a house that writes down what it is told."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from hashlib import sha256
from typing import Any

import anyio
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from uvicorn import Config as ServerConfig

from channels.twilio_rest import Account
from channels.twilio_text import Sender, TwilioText
from contact_center.errors import ContactCenterError, Missing
from contact_center.rules.messaging import Inbound
from contact_center.rules.templates import Template
from contact_center.simulators.twilio import Config, Simulator, VirtualTime, running_twilio
from contact_center.store import outbox as outbox_store
from tests.support.clock import MORNING
from tests.support.house import TestHouse, open_house
from tests.support.processes import free_port
from tests.support.twilio_stage import QuietServer

SMS, WHATSAPP = "+526621080000", "+526621080001"
OLD_TOKEN = "the-token-before"


class Door:
    """A house that keeps what it is told, once by key, and can be made to refuse."""

    def __init__(self) -> None:
        self.events: dict[str, Inbound] = {}
        self.health: list[tuple[str, str | None]] = []
        self.refusal: ContactCenterError | None = None
        self.asked = 0
        self.templates: list[Template] = []

    async def receive(self, event: Inbound) -> None:
        self.asked += 1
        if self.refusal is not None:
            raise self.refusal
        self.events.setdefault(event.event_key, event)

    async def keep_templates(self, channel: str, templates: Sequence[Template]) -> None:
        self.templates = list(templates)

    async def report_health(self, channel: str, problem: str | None, **facts: Any) -> None:
        self.health.append((channel, problem))

    def of(self, kind: type[Any]) -> list[Any]:
        return [one for one in self.events.values() if isinstance(one, kind)]


class Blobs:
    """Files by the hash of their content, in memory."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}

    def add(self, content: bytes) -> str:
        self.files[sha256(content).hexdigest()] = content
        return sha256(content).hexdigest()

    async def put(self, name: str, content: bytes) -> None:
        self.files[name] = content

    async def read(self, name: str) -> AsyncIterator[bytes]:
        if name not in self.files:
            raise Missing
        yield self.files[name]

    async def remove(self, name: str, *, unused_since_us: int) -> None: ...

    async def free_bytes(self) -> int:
        return 1


class SimulatedClock:
    """The house's clock, on the simulator's time. Its sleeps end only with the test."""

    def __init__(self, time: VirtualTime) -> None:
        self._time = time

    def now(self) -> datetime:
        return self._time.now()

    def monotonic(self) -> float:
        return self._time.now().timestamp()

    async def sleep(self, seconds: float) -> None:
        await anyio.sleep_forever()


class TextStage:
    """Both channels, the simulator and its time, the house."""

    def __init__(
        self, sms: TwilioText, whatsapp: TwilioText, sim: Simulator, time: VirtualTime, door: Door, blobs: Blobs
    ) -> None:
        self.sms, self.whatsapp, self.sim, self.time, self.door, self.blobs = sms, whatsapp, sim, time, door, blobs
        self.url = ""


async def _told(request: Request, error: Exception) -> Response:
    assert isinstance(error, ContactCenterError)
    return JSONResponse(error.as_json(), error.status)


@asynccontextmanager
async def text_stage(**config: Any) -> AsyncIterator[TextStage]:
    port, time, door, blobs = free_port(), VirtualTime(MORNING), Door(), Blobs()
    url = f"http://127.0.0.1:{port}"
    base = Config()
    given: dict[str, Any] = {
        "message_url": f"{url}/hooks/whatsapp/inbound",
        "rest_hang_s": 0.05,
        "whatsapp": (WHATSAPP,),
    }
    async with running_twilio(Config(**(given | config)), time) as sim, anyio.create_task_group() as tasks:
        account = Account(base.account_sid, (base.auth_token, OLD_TOKEN), api_base=sim.url)
        clock = SimulatedClock(time)
        sms = TwilioText(account, Sender(SMS, False, url), door, clock, blobs)
        whatsapp = TwilioText(account, Sender(WHATSAPP, True, url), door, clock, blobs)
        app = Starlette(routes=[*sms.routes(), *whatsapp.routes()], exception_handlers={ContactCenterError: _told})
        server = QuietServer(ServerConfig(app, port=port, lifespan="off", log_config=None, access_log=False))
        tasks.start_soon(server.serve)
        while not server.started:
            await anyio.sleep(0.01)
        async with sms.client(), whatsapp.client():
            stage = TextStage(sms, whatsapp, sim, time, door, blobs)
            stage.url = url
            try:
                yield stage
            finally:
                server.should_exit = True


class Texting:
    """A whole house whose WhatsApp is a simulated Twilio, both on times that a test moves together."""

    def __init__(self, house: TestHouse, channel: TwilioText, sim: Simulator, time: VirtualTime) -> None:
        self.house, self.channel, self.sim, self.time = house, channel, sim, time
        self.url = ""

    async def pass_(self, seconds: float) -> None:
        self.house.clock.advance(seconds)
        await self.time.advance(seconds)

    async def deliver(self, rounds: int = 80) -> None:
        """Let the outbox work and time pass until nothing is on its way."""
        for _ in range(rounds):
            sent = await self.house.outbox.step("whatsapp")
            await self.pass_(1.0 if sent else 20.0)
            async with self.house.db.read() as conn:
                waiting = await outbox_store.oldest_waiting(conn)
            if not sent and not waiting:
                return

    async def talk(self) -> tuple[Any, dict[str, Any]]:
        """Let a citizen write and an agent take it."""
        agent = await self.house.staff("ana")
        self.sim.text_in("whatsapp:+526622334455", "Hola", profile_name="Ana")
        await self.time.settle()
        item = await self.house.take_first(agent)
        await self.deliver()
        return agent, item

    async def reply(self, agent: Any, item: dict[str, Any], text: str) -> None:
        fields = {"conversation_id": item["conversation"], "epoch": item["epoch"], "text": text}
        await self.house.do(agent, "conversation.reply", **fields)

    async def shown(self, table: Any) -> list[Any]:
        async with self.house.db.read() as conn:
            return list((await conn.execute(table.select())).all())


@asynccontextmanager
async def open_texting(database_url: str, *, per_s: float = 10.0, **config: Any) -> AsyncIterator[Texting]:
    port, time = free_port(), VirtualTime(MORNING)
    url, base = f"http://127.0.0.1:{port}", Config()
    given: dict[str, Any] = {
        "message_url": f"{url}/hooks/whatsapp/inbound",
        "rest_hang_s": 0.05,
        "whatsapp": (WHATSAPP,),
    }
    async with running_twilio(Config(**(given | config)), time) as sim:
        account = Account(base.account_sid, (base.auth_token,), api_base=sim.url)
        made: list[TwilioText] = []

        def make(door: Any) -> list[TwilioText]:
            sender = Sender(WHATSAPP, True, url, per_s=per_s)
            made.append(TwilioText(account, sender, door, SimulatedClock(time), Blobs()))
            return made

        async with open_house(database_url, channels=make) as house, anyio.create_task_group() as tasks:
            options = ServerConfig(house.app, port=port, lifespan="off", log_config=None, access_log=False)
            server = QuietServer(options)
            tasks.start_soon(server.serve)
            while not server.started:
                await anyio.sleep(0.01)
            async with made[0].client():
                stage = Texting(house, made[0], sim, time)
                stage.url = url
                try:
                    yield stage
                finally:
                    server.should_exit = True
