"""The simulated provider put together: its doors, its server on a loopback socket, a handle for tests and the demo."""

import ipaddress
import socket
from collections.abc import AsyncIterator, Generator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any

import anyio
import httpx2
import msgspec
from anyio.abc import TaskGroup
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp
from uvicorn import Config as ServerConfig
from uvicorn import Server

from contact_center.simulators.twilio import (
    control,
    control_texts,
    messages,
    placing,
    rest_calls,
    rest_conferences,
    rest_content,
    rest_messages,
)
from contact_center.simulators.twilio.config import Config, is_loopback
from contact_center.simulators.twilio.devices import DeviceLine, Devices
from contact_center.simulators.twilio.elapse import Elapse, PacedTime
from contact_center.simulators.twilio.faults import FaultPlan, Faults
from contact_center.simulators.twilio.ledger import Ledger
from contact_center.simulators.twilio.messages import Incoming
from contact_center.simulators.twilio.model import Exchange, Leg, Line, Sids
from contact_center.simulators.twilio.phones import Person, Phone, Phones, read_script
from contact_center.simulators.twilio.rest import missing
from contact_center.simulators.twilio.text_model import WHATSAPP, Handset, Template, Text
from contact_center.simulators.twilio.webhooks import Webhooks, make_client


@dataclass(frozen=True, slots=True)
class _Lines:
    """Who is reached at an address."""

    exchange: list[Exchange]
    phones: Phones
    devices: Devices

    def to(self, address: str, *, detect_machine: bool) -> Line:
        x = self.exchange[0]
        if address.startswith("client:"):
            return DeviceLine(x, self.devices, address.removeprefix("client:").partition("?")[0])
        return self.phones.line(x, address, detect_machine=detect_machine)


@dataclass(frozen=True, slots=True)
class Simulator:
    """A running simulator. All of it can be had through HTTP too; this is for the same process."""

    url: str
    exchange: Exchange
    phones: Phones
    devices: Devices

    @property
    def ledger(self) -> Ledger:
        return self.exchange.ledger

    @property
    def faults(self) -> Faults:
        return self.exchange.faults

    def call_in(self, from_: str, to: str = "", script: Any = (), *, caller_name: str = "") -> Leg:
        """Let a citizen call; returns the call, which goes on by itself. `script` is a list of steps as in JSON."""
        x = self.exchange
        person = Person(x, read_script(script))
        return placing.call_in(x, person, from_=from_, to=to or x.config.numbers[0].number, caller_name=caller_name)

    def set_phone(self, number: str, **behaviour: Any) -> None:
        """Say how a number behaves when it is called; `*` for all others."""
        self.phones.set(msgspec.convert({"number": number, **behaviour}, Phone))

    def text_in(
        self,
        from_: str,
        body: str = "",
        *,
        to: str = "",
        media: tuple[tuple[str, bytes], ...] = (),
        profile_name: str = "",
        **extra: str,
    ) -> Text:
        """Let a citizen write, by WhatsApp when `from_` says so; `extra` are parameters such as Latitude."""
        config = self.exchange.config
        sender = to or (WHATSAPP + config.whatsapp[0] if from_.startswith(WHATSAPP) else config.numbers[0].number)
        incoming = Incoming(
            from_=from_, to=sender, body=body, media=media, profile_name=profile_name, extra=dict(extra)
        )
        return messages.text_in(self.exchange, incoming)

    def set_handset(self, number: str, **behaviour: Any) -> None:
        """Say how a number behaves when it is written to; `*` for all others."""
        self.exchange.texts.handsets[number] = msgspec.convert({"number": number, **behaviour}, Handset)

    def set_template(self, **template: Any) -> None:
        """Add a message template, or change it: `sid`, `name`, `body`, `approval` …"""
        made = msgspec.convert(template, Template)
        self.exchange.texts.templates[made.sid] = made

    def set_faults(self, **plan: Any) -> None:
        """Put rules of what goes wrong in force: `seed`, `webhooks`, `rest`, as in JSON."""
        self.faults.set(msgspec.convert(plan, FaultPlan))


@asynccontextmanager
async def running_twilio(config: Config, elapse: Elapse | None = None) -> AsyncIterator[Simulator]:
    """Run a simulator on a loopback socket until the block ends; calls that are on end with it.

    Raises ValueError when an address of the configuration is not a loopback one.
    """
    check(config)
    elapse = elapse or PacedTime(config.pace, config.start)
    phones, devices = Phones(), Devices()
    with _listen(config) as listener:
        url = f"http://{_shown(config.host)}:{listener.getsockname()[1]}"
        async with make_client(config) as client, anyio.create_task_group() as tasks:
            exchange = _exchange(config, elapse, client, tasks, phones, devices)
            exchange.url = url
            server = _Server(_server_config(application(exchange, phones, devices)))
            async with anyio.create_task_group() as serving:
                serving.start_soon(server.serve, [listener])
                await server.ready.wait()
                try:
                    yield Simulator(url, exchange, phones, devices)
                finally:
                    tasks.cancel_scope.cancel()
                    server.should_exit = True


def check(config: Config) -> None:
    """Raise ValueError when the simulator would have to listen or talk beyond this machine."""
    urls = [
        config.voice_url,
        config.voice_fallback_url,
        config.status_callback,
        config.app_voice_url,
        config.message_url,
        config.sms_url,
    ]
    for number in config.numbers:
        urls += [number.voice_url, number.voice_fallback_url, number.status_callback]
    for url in urls:
        if url and not is_loopback(url):
            raise ValueError(f"not a loopback address: {url}")
    if not ipaddress.ip_address(config.host).is_loopback:
        raise ValueError(f"not a loopback address: {config.host}")


def application(exchange: Exchange, phones: Phones, devices: Devices) -> Starlette:
    """Return the provider's doors and the simulator's own."""

    async def not_found(request: Request, _: Exception) -> Response:
        return missing(request.url.path).response()

    return Starlette(
        routes=[
            *rest_calls.routes(exchange),
            *rest_conferences.routes(exchange),
            *rest_messages.routes(exchange),
            *rest_content.routes(exchange),
            *control_texts.routes(exchange),
            *control.routes(exchange, phones, devices),
        ],
        exception_handlers={404: not_found},
    )


def _exchange(
    config: Config, elapse: Elapse, client: httpx2.AsyncClient, tasks: TaskGroup, phones: Phones, devices: Devices
) -> Exchange:
    ledger, faults = Ledger(elapse), Faults(FaultPlan(seed=config.seed))
    holder: list[Exchange] = []
    exchange = Exchange(
        config=config,
        elapse=elapse,
        ledger=ledger,
        faults=faults,
        webhooks=Webhooks(config, elapse, ledger, faults, client, tasks),
        tasks=tasks,
        sids=Sids(config.seed),
        lines=_Lines(holder, phones, devices),
    )
    holder.append(exchange)
    return exchange


def _listen(config: Config) -> socket.socket:
    family = socket.AF_INET6 if ":" in config.host else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind((config.host, config.port))
    except OSError:
        made.close()
        raise
    made.setblocking(False)
    return made


def _shown(host: str) -> str:
    return f"[{host}]" if ":" in host else host


class _Server(Server):
    """A server that leaves signals alone and says when it is there."""

    def __init__(self, config: ServerConfig) -> None:
        super().__init__(config)
        self.ready = anyio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield


def _server_config(app: ASGIApp) -> ServerConfig:
    config = ServerConfig(
        app,
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        ws_ping_interval=None,
        ws_ping_timeout=None,
        lifespan="off",
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=1,
        backlog=2_048,
    )
    config.load()
    return config
