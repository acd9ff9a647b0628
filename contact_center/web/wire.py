"""The socket under the live feed, on bare ASGI: accept, read text frames within limits, write, close once."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import anyio
from starlette.types import Receive, Scope, Send

from contact_center.live.connection import WriteNow

MAX_FRAME_BYTES = 64 * 1024
FRAMES_PER_MINUTE = 100
BURST = 40
"""Frames a client may send at once; they come back at the rate per minute (OWASP start value)."""


WRITE_NOW = "contact_center.write_now"
"""ASGI extension of our server: `write(text)` sends a text frame at once, or says that it has to wait."""


class Gone(Exception):
    """The client is gone, or was told to go."""


class Wire:
    """One WebSocket. `closing` is set when somebody wants it to end."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, monotonic: Callable[[], float]) -> None:
        self.scope = scope
        self._receive = receive
        self._send = send
        self._monotonic = monotonic
        self._tokens = float(BURST)
        self._refilled = monotonic()
        self._close: tuple[int, str] | None = None
        self._scope: anyio.CancelScope | None = None
        self.limited = True
        self.write_now: WriteNow | None = scope.get("extensions", {}).get(WRITE_NOW, {}).get("write")
        """Sends a text frame if that takes no waiting; None under a server that cannot."""

    def header(self, name: bytes) -> str | None:
        for key, value in self.scope["headers"]:
            if key == name:
                return str(value, "latin-1")
        return None

    async def accept(self) -> None:
        message = await self._receive()
        assert message["type"] == "websocket.connect"
        await self._send({"type": "websocket.accept"})

    async def refuse(self) -> None:
        """Answer the handshake with 403: nothing was accepted."""
        await self._receive()
        await self._send({"type": "websocket.close", "code": 4403, "reason": ""})

    async def send(self, frame: bytes) -> None:
        """Send a text frame. To a client that is gone it is dropped: whoever writes to many must not fall over one."""
        try:
            await self._send({"type": "websocket.send", "text": frame.decode()})
        except (RuntimeError, OSError):
            self.cut(1011, "gone")

    async def read(self) -> str:
        """Return the next text frame. Raises Gone when the client left, or broke a limit and is being closed."""
        message = await self._receive()
        if message["type"] != "websocket.receive":
            raise Gone
        text: str | None = message.get("text")
        if text is None:
            self.cut(1003, "text only")
            raise Gone
        if len(text) > MAX_FRAME_BYTES:
            self.cut(4413, "frame too large")
            raise Gone
        if self.limited and not self._may_speak():
            self.cut(4429, "too many frames")
            raise Gone
        return text

    def _may_speak(self) -> bool:
        now = self._monotonic()
        self._tokens = min(float(BURST), self._tokens + (now - self._refilled) * FRAMES_PER_MINUTE / 60)
        self._refilled = now
        self._tokens -= 1
        return self._tokens >= 0

    def cut(self, code: int, reason: str) -> None:
        """End the socket as soon as its task runs again. The first reason counts."""
        if self._close is None:
            self._close = (code, reason)
        if self._scope is not None:
            self._scope.cancel()

    async def run(self, talk: Callable[[], Any]) -> None:
        """Run the conversation of a socket until it ends by itself or is cut, then close with the right code."""
        with anyio.CancelScope() as self._scope:
            with suppress(Gone):
                await talk()
        self._scope = None
        code, reason = self._close or (1000, "")
        with anyio.move_on_after(3, shield=True):
            with suppress(RuntimeError, OSError):  # it may be closed already
                await self._send({"type": "websocket.close", "code": code, "reason": reason})


def is_allowed_origin(origin: str | None, allowed: frozenset[str]) -> bool:
    """Compare exactly: no suffixes, no `null`, and a missing Origin is nobody's."""
    return origin is not None and origin.lower() in allowed
