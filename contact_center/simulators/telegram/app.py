"""The simulated Telegram put together: the Bot API, the pusher of updates, the simulator's own doors, its server."""

import base64
import socket
import time
from collections.abc import AsyncIterator, Callable, Generator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import asdict, dataclass
from typing import Any

import anyio
import httpx2
import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from uvicorn import Config as ServerConfig
from uvicorn import Server

from contact_center.simulators.telegram.api import BotApi
from contact_center.simulators.telegram.people import Person
from contact_center.simulators.telegram.state import Config, Fault, State


@dataclass(frozen=True, slots=True)
class Simulator:
    """A running simulator. All of it can be had through HTTP too; this is for the same process."""

    url: str
    state: State

    @property
    def ledger(self) -> list[dict[str, Any]]:
        return self.state.ledger

    def person(self, chat_id: int, first_name: str = "María", **more: Any) -> Person:
        """Return somebody who can write to the bot."""
        return Person(self.state, self.state.chat(chat_id, first_name, **more))

    def set_faults(self, *faults: Fault) -> None:
        """Put rules of what goes wrong in force, in place of the old ones."""
        self.state.faults = list(faults)

    async def quiet(self) -> None:
        """Return when every update was handed over."""
        while self.state.pending:
            await self.state.shrank.wait()


@asynccontextmanager
async def running_telegram(config: Config, monotonic: Callable[[], float] = time.monotonic) -> AsyncIterator[Simulator]:
    """Run a simulator on a loopback socket until the block ends. `monotonic` is the time that rates are counted in."""
    if config.host not in {"127.0.0.1", "::1"}:
        raise ValueError(f"not a loopback address: {config.host}")
    state = State(config, monotonic)
    server = _Server(
        ServerConfig(
            application(state),
            lifespan="off",
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=1,
        )
    )
    client = httpx2.AsyncClient(trust_env=False, timeout=config.webhook_timeout_s)
    with _listen(config) as listener:
        host = f"[{config.host}]" if ":" in config.host else config.host
        url = f"http://{host}:{listener.getsockname()[1]}"
        async with client, anyio.create_task_group() as tasks:
            tasks.start_soon(push, state, client)
            async with anyio.create_task_group() as serving:
                serving.start_soon(server.serve, [listener])
                await server.ready.wait()
                try:
                    yield Simulator(url, state)
                finally:
                    state.closing.set()
                    server.should_exit = True
            tasks.cancel_scope.cancel()


def _listen(config: Config) -> socket.socket:
    made = socket.socket(socket.AF_INET6 if ":" in config.host else socket.AF_INET, socket.SOCK_STREAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind((config.host, config.port))
    except OSError:
        made.close()
        raise
    made.setblocking(False)
    return made


def application(state: State) -> Starlette:
    """Return the doors of the provider and the simulator's own."""
    api = BotApi(state)
    return Starlette(
        routes=[
            Route("/bot{token}/{method}", api.endpoint, methods=["GET", "POST"]),
            Route("/file/bot{token}/{path:path}", api.file),
            Route("/sim/people/{id:int}", _act(state), methods=["POST"]),
            Route("/sim/people/{id:int}", _inbox(state), methods=["GET"]),
            Route("/sim/faults", _faults(state), methods=["POST", "DELETE"]),
            Route("/sim/ledger", _ledger(state)),
            Route("/sim/health", _health),
        ]
    )


async def push(state: State, client: httpx2.AsyncClient) -> None:
    """Hand updates to the webhook in order, each until it is taken or a day old."""
    while True:
        if not state.pending or not state.hook.url:
            with anyio.move_on_after(0.2):
                await state.grew.wait()
            continue
        update, hook = state.pending[0], state.hook
        kind = next(key for key in update if key != "update_id")
        if hook.allowed and kind not in hook.allowed:
            state.drop_first()
            continue
        headers = {"X-Telegram-Bot-Api-Secret-Token": hook.secret} if hook.secret else {}
        taken = False
        for _ in range(state.duplicates):
            taken = await _deliver(state, client, update, headers) or taken
        if taken:
            state.drop_first()
        else:
            await anyio.sleep(state.config.retry_s)


async def _deliver(state: State, client: httpx2.AsyncClient, update: dict[str, Any], headers: dict[str, str]) -> bool:
    hook = state.hook
    status, problem = 0, ""
    try:
        with anyio.fail_after(state.config.webhook_timeout_s):
            answer = await client.post(hook.url, json=update, headers=headers)
            status = answer.status_code
    except (httpx2.HTTPError, TimeoutError) as error:
        problem = type(error).__name__
    state.note("webhook", update_id=update["update_id"], status=status, error=problem)
    if 200 <= status < 300:
        return True
    hook.last_error_at = time.time()  # noqa: TID251 - a simulator lives in real time
    hook.last_error = problem or f"Wrong response from the webhook: {status}"
    return False


def _act(state: State) -> Any:
    async def act(request: Request) -> Response:
        """Let a person do something: `{"do": "say", "text": …}`; files come in base64 as `content`."""
        body = msgspec.json.decode(await request.body())
        chat = state.chat(request.path_params["id"], body.pop("first_name", "María"))
        what = body.pop("do", "say")
        if what not in {
            "say",
            "start",
            "photo",
            "document",
            "voice",
            "location",
            "share_contact",
            "edit",
            "react",
            "block",
        }:
            return JSONResponse({"error": "unknown"}, 400)
        if "content" in body:
            body["content"] = base64.b64decode(body["content"])
        done = getattr(Person(state, chat), what)(**body)
        return JSONResponse({"message_id": done})

    return act


def _inbox(state: State) -> Any:
    async def inbox(request: Request) -> Response:
        chat = state.chats.get(request.path_params["id"])
        return JSONResponse({"messages": chat.inbox if chat is not None else []})

    return inbox


def _faults(state: State) -> Any:
    async def faults(request: Request) -> Response:
        given = msgspec.json.decode(await request.body()) if request.method == "POST" else {}
        state.faults = [msgspec.convert(one, Fault) for one in given.get("faults", [])]
        state.duplicates = int(given.get("duplicates", 1))
        return JSONResponse({"faults": [asdict(one) for one in state.faults]})

    return faults


def _ledger(state: State) -> Any:
    async def ledger(request: Request) -> Response:
        since = int(request.query_params.get("since", 0))
        return JSONResponse({"entries": state.ledger[since:], "breaches": state.breaches})

    return ledger


async def _health(request: Request) -> Response:
    return Response(status_code=204)


class _Server(Server):
    """A server that leaves signals alone and says when it is there."""

    def __init__(self, config: ServerConfig) -> None:
        super().__init__(config)
        self.ready = anyio.Event()

    async def startup(self, sockets: Any = None) -> None:
        await super().startup(sockets)
        self.ready.set()

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield
