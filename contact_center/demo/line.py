"""What the crowd has in hand: HTTP and sockets to the service, like anybody's browser, at a person's pace."""

import json
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

import anyio
import httpx2
import structlog
from uuid_utils import uuid7
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException
from websockets.typing import Origin

from contact_center.demo.plays import Play

log = structlog.get_logger(__name__)

TROUBLE: Final = (OSError, WebSocketException, httpx2.HTTPError)
"""What a service that restarts looks like from outside."""


class Refused(Exception):
    """The service said no; `code` is its code."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(f"{status} {code}")
        self.status = status
        self.code = code


@dataclass(slots=True)
class Stage:
    """Where the crowd plays: the service, how fast, and which conversation is which play."""

    base: str
    pace: float
    draw: random.Random
    book: dict[str, Play]
    folio: tuple[str, str] | None = None

    async def pause(self, least_s: float, most_s: float) -> None:
        """Wait as long as a person would."""
        await anyio.sleep(self.draw.uniform(least_s, most_s) * self.pace)

    async def type(self, text: str, tell: Callable[[], Awaitable[None]]) -> None:
        """Wait as long as writing this takes, and let the other side see it."""
        await tell()
        await anyio.sleep(min(9.0, 1.2 + len(text) / 22) * self.draw.uniform(0.7, 1.3) * self.pace)

    def client(self, **headers: str) -> httpx2.AsyncClient:
        return httpx2.AsyncClient(
            base_url=self.base, headers={"origin": self.base, **headers}, timeout=20, trust_env=False
        )

    @asynccontextmanager
    async def socket(self, path: str, cookie: str | None = None) -> AsyncIterator[ClientConnection]:
        """Open a socket from the service's own origin."""
        address = self.base.replace("http", "ws", 1) + path
        headers = {"Cookie": cookie} if cookie else None
        async with connect(
            address, origin=Origin(self.base), additional_headers=headers, compression=None, proxy=None, open_timeout=20
        ) as socket:
            yield socket


def new_id() -> str:
    return str(uuid7())


async def say(socket: ClientConnection, **frame: Any) -> None:
    await socket.send(json.dumps(frame, ensure_ascii=False))


async def hear(socket: ClientConnection) -> AsyncIterator[dict[str, Any]]:
    """Yield frames until the socket ends, one event at a time; pings are answered."""
    async for text in socket:
        frame = json.loads(text)
        if frame["type"] == "ping":
            await say(socket, type="pong")
        elif frame["type"] == "events":
            for event in frame["events"]:
                yield {**event, "cursor": frame["cursor"]}
        else:
            yield frame


def answer_of(response: httpx2.Response) -> Any:
    """Return what the service answered. Raises Refused."""
    found = response.json() if response.content else {}
    if response.is_error:
        raise Refused(response.status_code, found.get("error", {}).get("code", "unknown"))
    return found
