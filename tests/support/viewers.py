"""Those who look at one conversation, each by the cursor protocol, through a bad network; each keeps what it was shown.

`seqs` is what the viewer has, in the order in which it came. A message that is not the next one, or that comes twice,
is written down in `wrong`: nothing is sorted or forgiven afterwards.
"""

import contextlib
from typing import Any

import anyio
import httpx2 as httpx
import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Origin

from tests.support.citizens import GONE
from tests.support.swarm import Staff, staff_client

SILENCE_S = 1.5
"""After so long without a word a viewer takes the line for dead; the real clients wait 45 s."""


class Viewer:
    """What all viewers share. `port` is the proxy's, `origin` the service's own."""

    path = ""

    def __init__(self, name: str, origin: str, port: int, conversation: str) -> None:
        self.name = name
        self.seqs: list[int] = []
        self.wrong: list[str] = []
        self.cursor: int | None = None
        self.connections = 0
        self.resyncs = 0
        self._origin = origin
        self._port = port
        self._conversation = conversation
        self._known_to = 0
        """Events up to here are in what was read over HTTP."""

    async def look(self) -> None:
        """Look until cancelled; come back whenever the line breaks."""
        while True:
            with contextlib.suppress(*GONE, httpx.HTTPError):
                await self._look_once()
            await anyio.sleep(0.02)

    async def _look_once(self) -> None:
        async with connect(
            self._origin.replace("http", "ws", 1) + self.path,
            host="127.0.0.1",
            port=self._port,
            origin=Origin(self._origin),
            additional_headers=self.headers(),
            compression=None,
            ping_interval=None,
            open_timeout=SILENCE_S,
            close_timeout=0.1,
        ) as ws:
            self.connections += 1
            await self.hello(ws)
            while True:
                with anyio.fail_after(SILENCE_S):
                    frame = msgspec.json.decode(await ws.recv())
                await self._take(ws, frame)

    async def _take(self, ws: ClientConnection, frame: dict[str, Any]) -> None:
        match frame["type"]:
            case "events":
                for event in frame["events"]:
                    self.apply(event)
                self.cursor = frame["cursor"]
            case "ping":
                await ws.send('{"type":"pong"}')
            case "resync":
                self.resyncs += 1
                await self.start_over(ws)
            case "welcome":
                await self.welcomed(frame)
            case "viewers":
                await self.read_thread()
            case _:
                pass

    def apply(self, event: dict[str, Any]) -> None:
        """Append a message that was added; it must be the next one."""
        if event["type"] != "message.added" or event["id"] <= self._known_to:
            return
        if event.get("conversation", self._conversation) != self._conversation:
            return
        self._append(event["message"]["seq"], f"event {event['id']}")

    def _append(self, seq: int, where: str) -> None:
        if seq != len(self.seqs) + 1:
            self.wrong.append(f"{self.name}: {seq} came after {self.seqs[-1:]} ({where})")
        self.seqs.append(seq)

    def headers(self) -> dict[str, str]:
        return {}

    async def hello(self, ws: ClientConnection) -> None:
        raise NotImplementedError

    async def start_over(self, ws: ClientConnection) -> None:
        raise NotImplementedError

    async def welcomed(self, frame: dict[str, Any]) -> None:
        """Take what the welcome carries."""

    async def read_thread(self) -> None:
        """Read the conversation over HTTP."""


class Tab(Viewer):
    """A citizen's window."""

    path = "/api/v1/chat/socket"

    def __init__(self, name: str, origin: str, port: int, conversation: str, token: str) -> None:
        super().__init__(name, origin, port, conversation)
        self._token = token

    async def hello(self, ws: ClientConnection) -> None:
        await ws.send(msgspec.json.encode({"type": "hello", "token": self._token, "cursor": self.cursor}).decode())

    async def start_over(self, ws: ClientConnection) -> None:
        self.cursor = None
        await self.hello(ws)

    async def welcomed(self, frame: dict[str, Any]) -> None:
        if "state" not in frame:
            return
        self.cursor = self._known_to = frame["cursor"]
        shown = [one["seq"] for one in frame["state"]["messages"]]
        del self.seqs[(shown[0] if shown else 1) - 1 :]
        for seq in shown:
            self._append(seq, "state")


class Console(Viewer):
    """A member of staff who holds the conversation, or, with `watches`, looks on."""

    path = "/api/v1/console/socket"

    def __init__(
        self, name: str, origin: str, port: int, conversation: str, staff: Staff, *, watches: bool = False
    ) -> None:
        super().__init__(name, origin, port, conversation)
        self._staff = staff
        self._watches = watches

    def headers(self) -> dict[str, str]:
        return {"Cookie": f"session={self._staff.cookie}"}

    async def hello(self, ws: ClientConnection) -> None:
        if self.cursor is None:
            await self.read_thread()
        await ws.send(msgspec.json.encode({"type": "hello", "cursor": self.cursor}).decode())
        if self._watches:
            await ws.send(msgspec.json.encode({"type": "watch", "conversation": self._conversation}).decode())

    async def start_over(self, ws: ClientConnection) -> None:
        self.cursor = None
        await self.hello(ws)

    async def read_thread(self) -> None:
        """Read all pages; what was shown before must be among it."""
        async with staff_client(self._origin, self._staff) as http:
            seqs: list[int] = []
            cursor, before = None, None
            while True:
                query: dict[str, int] = {} if before is None else {"before": before}
                page = (await http.get(f"/api/v1/conversations/{self._conversation}", params=query)).json()
                cursor = page["cursor"] if cursor is None else cursor
                seqs = [one["seq"] for one in page["messages"]] + seqs
                if not page["more"]:
                    break
                before = seqs[0]
        self._known_to = cursor or 0
        self.cursor = cursor if self.cursor is None else self.cursor
        if seqs != list(range(1, len(seqs) + 1)) or len(seqs) < len(self.seqs):
            self.wrong.append(f"{self.name}: the thread has {len(seqs)} messages, {len(self.seqs)} were shown")
        self.seqs = seqs
