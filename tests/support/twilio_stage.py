"""A house that answers webhooks as a test says, a simulated Twilio on virtual time, and the official client."""

import functools
import inspect
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlsplit

import anyio
import httpx2
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from twilio.http import HttpClient
from twilio.http.response import Response as TwilioResponse
from twilio.request_validator import RequestValidator
from twilio.rest import Client
from uvicorn import Config as ServerConfig
from uvicorn import Server

from contact_center.simulators.twilio import Config, Simulator, VirtualTime, running_twilio
from contact_center.simulators.twilio.model import Leg
from tests.support.clock import MORNING
from tests.support.processes import free_port

CITIZEN = "+526622334455"
OFFICE = "+526621080000"
T = TypeVar("T")


class House:
    """A house that answers webhooks with the documents that a test gives, and writes down what it was asked."""

    def __init__(self) -> None:
        self.url = ""
        self.documents: dict[str, str | Callable[[dict[str, str]], str]] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.bad_signatures: list[str] = []
        self.status: dict[str, int] = {}

    def paths(self) -> list[str]:
        return [path for path, _ in self.asked]

    def params(self, path: str) -> list[dict[str, str]]:
        return [params for asked, params in self.asked if asked == path]

    async def answer(self, request: Request) -> Response:
        params = dict(parse_qsl((await request.body()).decode(), keep_blank_values=True))
        path = request.url.path
        self.asked.append((path, params))
        url = f"{self.url}{path}" + (f"?{request.url.query}" if request.url.query else "")
        validator = RequestValidator(Config().auth_token)
        if not validator.validate(url, params, request.headers.get("x-twilio-signature", "")):
            self.bad_signatures.append(url)
        found = self.documents.get(path, "")
        text = found(params) if callable(found) else found
        return Response(f"<Response>{text}</Response>", self.status.get(path, 200), media_type="text/xml")


class QuietServer(Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class Rewriting(HttpClient):  # type: ignore[misc]  # the client has no types
    """The official client's requests, sent to the simulator."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._client = httpx2.Client(trust_env=False)

    def request(
        self,
        method: str,
        url: str,
        params: Any = None,
        data: Any = None,
        headers: Any = None,
        auth: Any = None,
        timeout: Any = None,
        allow_redirects: bool = False,
    ) -> TwilioResponse:
        parts = urlsplit(url)
        there = self._url + parts.path + (f"?{parts.query}" if parts.query else "")
        sent = self._client.request(method, there, params=params or None, data=data, headers=headers, auth=auth)
        return TwilioResponse(sent.status_code, sent.text, sent.headers)

    def close(self) -> None:
        self._client.close()


class Stage:
    """A house, a simulator on virtual time, and the official client."""

    def __init__(self, house: House, sim: Simulator, time: VirtualTime, client: Client) -> None:
        self.house, self.sim, self.time, self._client = house, sim, time, client

    async def rest(self, ask: Callable[[Client], T]) -> T:
        """Do something with the official client, which blocks, off the loop."""
        return await anyio.to_thread.run_sync(ask, self._client)

    async def pass_(self, seconds: float) -> None:
        await self.time.advance(seconds)

    async def call(self, *script: dict[str, Any], from_: str = CITIZEN) -> Leg:
        leg = self.sim.call_in(from_, script=list(script))
        await self.time.settle()
        return leg


@asynccontextmanager
async def staged(**config: Any) -> AsyncIterator[Stage]:
    house, port = House(), free_port()
    house.url = f"http://127.0.0.1:{port}"
    app = Starlette(routes=[Route("/{path:path}", house.answer, methods=["GET", "POST"])])
    server = QuietServer(ServerConfig(app, port=port, lifespan="off", log_config=None, access_log=False))
    time = VirtualTime(MORNING)
    account = Config(
        voice_url=f"{house.url}/voice",
        status_callback=f"{house.url}/status",
        message_url=f"{house.url}/texts",
        rest_hang_s=0.05,
        **config,
    )
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(server.serve)
        while not server.started:
            await anyio.sleep(0.01)
        async with running_twilio(account, time) as sim:
            http = Rewriting(sim.url)
            try:
                yield Stage(house, sim, time, Client(account.account_sid, account.auth_token, http_client=http))
            finally:
                http.close()
                server.should_exit = True


def on_stage(test: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
    """Run a test on a stage of its own, begun and ended in the test's own task."""

    @functools.wraps(test)
    async def run(**given: Any) -> None:
        async with staged() as stage:
            await test(stage=stage, **given)

    own = inspect.signature(test)
    run.__signature__ = own.replace(  # type: ignore[attr-defined]
        parameters=[one for name, one in own.parameters.items() if name != "stage"]
    )
    return run
