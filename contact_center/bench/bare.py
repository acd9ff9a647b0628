"""The limit's server: `websockets`, sqlite3, nothing else. `python -m contact_center.bench.bare port database office`.

It speaks as much of the protocol as the load needs: a hello, an ack after the commit, the agent's frame. Every message
is stored as the same rows as the product's, all that wait in one transaction, by a thread of its own.
"""

import asyncio
import json
import sys
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from pathlib import Path
from typing import Any

import msgspec
import uvloop
from websockets.asyncio.server import ServerConnection, broadcast, serve
from websockets.http11 import Request, Response

from contact_center.bench import rawsql

encode = msgspec.json.Encoder().encode
MAX_BATCH = 512


class Send(msgspec.Struct, tag="send"):
    client_id: str
    text: str


class Hello(msgspec.Struct, tag="hello"):
    token: str | None = None


_decode = msgspec.json.Decoder(Send | Hello).decode
_Waiting = tuple[ServerConnection, list[str], Send]


class Bare:
    """`office` has, by token: [visitor, conversation, agent's cookie]."""

    def __init__(self, database: Path, office: dict[str, list[str]]) -> None:
        self._store = rawsql.Messages(rawsql.connect(database))
        self._office = office
        self._agents: dict[str, set[ServerConnection]] = {}
        self._waiting: list[_Waiting] = []
        self._wake = asyncio.Event()
        self._cursor = 0

    async def talk(self, socket: ServerConnection) -> None:
        request = socket.request
        assert request is not None
        if request.path == "/api/v1/console/socket":
            await self._staff(socket, request.headers["Cookie"].partition("=")[2])
        else:
            await self._citizen(socket)

    async def _staff(self, socket: ServerConnection, cookie: str) -> None:
        await socket.recv()
        self._agents.setdefault(cookie, set()).add(socket)
        await socket.send('{"type":"welcome","cursor":0}')
        async for _ in socket:
            pass

    async def _citizen(self, socket: ServerConnection) -> None:
        hello = _decode(await socket.recv())
        who = self._office[hello.token or ""] if isinstance(hello, Hello) else []
        await socket.send('{"type":"welcome","cursor":0}')
        async for text in socket:
            said = _decode(text)
            if isinstance(said, Send):
                self._waiting.append((socket, who, said))
                self._wake.set()

    async def commit(self) -> None:
        """Store all that waits in one transaction, then acknowledge, then tell the agents."""
        loop = asyncio.get_running_loop()
        with ThreadPoolExecutor(1) as thread:
            while True:
                await self._wake.wait()
                self._wake.clear()
                while self._waiting:
                    batch, self._waiting = self._waiting[:MAX_BATCH], self._waiting[MAX_BATCH:]
                    rows = [(who[0], who[1], said.text, said.client_id) for _, who, said in batch]
                    self._answer(batch, await loop.run_in_executor(thread, self._store.add, rows))

    def _answer(self, batch: list[_Waiting], stored: list[rawsql.Stored]) -> None:
        for_agents: dict[str, list[bytes]] = {}
        for (socket, who, said), (message, seq, at_us) in zip(batch, stored, strict=True):
            self._cursor += 1
            at = at_us // 1000
            ack = {
                "type": "ack",
                "client_id": said.client_id,
                "id": message,
                "conversation": who[1],
                "seq": seq,
                "at": at,
            }
            broadcast([socket], encode(ack).decode())
            if who[2] in self._agents:
                event = {
                    "id": self._cursor,
                    "type": "message.added",
                    "at": at,
                    "conversation": who[1],
                    "message": _message(message, seq, at, who[0], said.text),
                }
                for_agents.setdefault(who[2], []).append(encode(event))
        for cookie, events in for_agents.items():
            head = b'{"type":"events","cursor":%d,"events":[%b]}' % (self._cursor, b",".join(events))
            broadcast(self._agents[cookie], head.decode())

    def fire(self) -> None:
        """Tell everybody one thing."""
        self._cursor += 1
        agent = {"id": "0" * 36, "name": "Persona 1", "state": "available", "reason": None, "since": 0}
        more = {
            "connected": True,
            "capacity": {"chat": 3, "voice": 1},
            "held": 0,
            "wrap_up": 0,
            "queues": ["0" * 36] * 2,
        }
        event = {"id": self._cursor, "type": "agent.changed", "at": 0, "agent": {**agent, **more, "area": None}}
        frame = b'{"type":"events","cursor":%d,"events":[%b]}' % (self._cursor, encode(event))
        broadcast([one for sockets in self._agents.values() for one in sockets], frame.decode())

    def answer_http(self, _socket: ServerConnection, request: Request) -> Response | None:
        if request.path == "/fire":
            self.fire()
        elif request.path != "/ready":
            return None
        return _socket.respond(HTTPStatus.OK, "")


def _message(message: str, seq: int, at: int, visitor: str, text: str) -> dict[str, Any]:
    return {
        "id": message,
        "seq": seq,
        "author": {"kind": "citizen", "id": visitor, "name": None},
        "text": text,
        "at": at,
        "attachments": [],
        "delivery": "sent",
        "delivery_reason": None,
        "code": None,
        "data": None,
        "mentions": [],
        "whisper": False,
    }


async def run(port: int, database: Path, office: dict[str, list[str]]) -> None:
    bare = Bare(database, office)
    async with serve(
        bare.talk,
        "127.0.0.1",
        port,
        compression=None,
        ping_interval=None,
        backlog=1024,
        process_request=bare.answer_http,
    ):
        await bare.commit()


def main() -> None:
    office = json.loads(Path(sys.argv[3]).read_text())
    uvloop.run(run(int(sys.argv[1]), Path(sys.argv[2]), office))


if __name__ == "__main__":
    main()
