"""Citizens who write over the real socket, or over HTTP, and do not give up: same client id until it is answered.

They keep a journal of every call and every answer; the service may be killed under them at any moment.
"""

import contextlib
from collections.abc import Callable
from random import Random
from typing import Any

import anyio
import httpx2 as httpx
import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidHandshake, WebSocketException
from websockets.typing import Origin

from tests.support.journal import Journal

GONE = (OSError, WebSocketException, InvalidHandshake, TimeoutError, EOFError)
NOTICE = "2026-11"
PATIENCE_S = 5.0
"""How long an answer may take before the client looks for another connection."""


class Citizen:
    """One person with one token. `origin` is where the service is now."""

    def __init__(self, name: str, origin: Callable[[], str], random: Random, *, at_once: int = 3) -> None:
        self.name = name
        self.journal = Journal(name)
        self.token = ""
        self.visitor = ""
        self.cursor: int | None = None
        self.wants_to_stop = False
        self._origin = origin
        self._random = random
        self._at_once = at_once
        self._number = 0

    async def arrive(self) -> None:
        """Accept the notice; again until it is answered."""
        while not self.token:
            with contextlib.suppress(httpx.HTTPError):
                async with self.http() as http:
                    body = {"client_id": f"visit-{self.name}", "notice_version": NOTICE}
                    answer = await http.post("/api/v1/chat/visits", json=body)
                    if answer.status_code == 200:
                        self.token, self.visitor = answer.json()["token"], answer.json()["visitor"]
            await anyio.sleep(0.01)

    def http(self) -> httpx.AsyncClient:
        origin = self._origin()
        headers = {"origin": origin} | ({"authorization": f"Bearer {self.token}"} if self.token else {})
        return httpx.AsyncClient(base_url=origin, headers=headers, timeout=PATIENCE_S)

    async def write(self) -> None:
        """Write until told to stop and everything is answered, whatever happens to the service."""
        await self.arrive()
        while not (self.wants_to_stop and not self.journal.pending):
            with contextlib.suppress(*GONE, httpx.HTTPError):
                if self._random.random() < 0.2:
                    await self.write_over_http()
                else:
                    await self.write_over_socket()
            await anyio.sleep(0.01)

    def next_message(self) -> tuple[str, str]:
        """Return what to send now: the oldest that has no answer, or something new."""
        self._number += 1
        client_id = f"{self.name}-{self._number:06d}"
        return client_id, f"Mensaje {self._number} de {self.name}"

    async def write_over_http(self) -> None:
        """Send what is pending, then one more, by requests."""
        pending = [(call.client_id, call.text) for call in self.journal.pending]
        if not self.wants_to_stop:
            pending.append(self.next_message())
        async with self.http() as http:
            for client_id, text in pending:
                self.journal.invoke(client_id, text)
                answer = await http.post("/api/v1/chat/messages", json={"client_id": client_id, "text": text})
                if answer.status_code == 200:
                    said = answer.json()
                    self.journal.ok(client_id, said["conversation"], said["seq"])
                elif answer.status_code < 500 and answer.status_code != 429:
                    self.journal.refuse(client_id, answer.json()["error"]["code"])

    async def write_over_socket(self) -> None:
        """Open a socket, send what is pending with the same ids, and go on until it breaks."""
        origin = self._origin()
        url = origin.replace("http", "ws", 1) + "/api/v1/chat/socket"
        async with connect(
            url, origin=Origin(origin), compression=None, ping_interval=None, open_timeout=PATIENCE_S
        ) as ws:
            await ws.send(msgspec.json.encode({"type": "hello", "token": self.token, "cursor": self.cursor}).decode())
            in_flight: set[str] = set()
            for call in self.journal.pending:
                await self._send(ws, call.client_id, call.text, in_flight)
            turns = self._random.randrange(5, 60)
            while turns > 0 or in_flight:
                turns -= 1
                if self.wants_to_stop and not in_flight:
                    return
                while turns > 0 and not self.wants_to_stop and len(in_flight) < self._at_once:
                    await self._send(ws, *self.next_message(), in_flight)
                with anyio.fail_after(PATIENCE_S):
                    frame = msgspec.json.decode(await ws.recv())
                await self._take(ws, frame, in_flight)

    async def _send(self, ws: ClientConnection, client_id: str, text: str, in_flight: set[str]) -> None:
        self.journal.invoke(client_id, text)
        in_flight.add(client_id)
        frame = {"type": "send", "client_id": client_id, "text": text}
        await ws.send(msgspec.json.encode(frame).decode())

    async def _take(self, ws: ClientConnection, frame: dict[str, Any], in_flight: set[str]) -> None:
        match frame["type"]:
            case "ack":
                in_flight.discard(frame["client_id"])
                self.journal.ok(frame["client_id"], frame["conversation"], frame["seq"])
            case "refused":
                in_flight.discard(frame["client_id"])
                if frame.get("status", 400) < 500:
                    self.journal.refuse(frame["client_id"], frame["code"])
            case "ping":
                await ws.send('{"type":"pong"}')
            case "events" | "welcome":
                self.cursor = frame["cursor"]
            case "resync":
                self.cursor = None
                hello = {"type": "hello", "token": self.token, "cursor": None}
                await ws.send(msgspec.json.encode(hello).decode())
            case _:
                pass
