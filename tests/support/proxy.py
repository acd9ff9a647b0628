"""A bad network between a client and the service: latency, cuts in mid-frame, resets, lines open only in name.

`async with open_proxy(port, random) as proxy` listens on `proxy.port`. Faults are chosen by the test, never by time:
what is random comes from the generator that was handed in.
"""

import asyncio
import contextlib
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from random import Random

import anyio
from anyio.abc import SocketAttribute, SocketStream

CHUNK = 65_536


class Line:
    """One connection through the proxy."""

    def __init__(self, client: SocketStream, server: SocketStream, proxy: "Proxy") -> None:
        self._client = client
        self._server = server
        self._proxy = proxy
        self._cut_in: int | None = None
        self.is_half_open = False
        self.is_over = False

    async def run(self) -> None:
        """Carry bytes both ways until either side ends, or a fault does."""
        try:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(self._carry, self._client, self._server, tasks.cancel_scope)
                tasks.start_soon(self._carry, self._server, self._client, tasks.cancel_scope)
        finally:
            self.is_over = True
            with anyio.CancelScope(shield=True):
                await anyio.aclose_forcefully(self._client)
                await anyio.aclose_forcefully(self._server)

    async def _carry(self, source: SocketStream, target: SocketStream, scope: anyio.CancelScope) -> None:
        try:
            while True:
                data = await source.receive(CHUNK)
                if self.is_half_open:
                    continue  # swallowed: neither side hears of the other any more
                if source is self._server and self._proxy.latency_s:
                    await anyio.sleep(self._proxy.latency_s)
                if source is self._server and self._cut_in is not None:
                    await target.send(data[: self._cut_in])
                    break
                await target.send(data)
        except (anyio.EndOfStream, anyio.BrokenResourceError, anyio.ClosedResourceError):
            pass
        scope.cancel()

    def cut_mid_frame(self, after_bytes: int) -> None:
        """Let a few bytes of whatever the service says next go through, then end."""
        self._cut_in = after_bytes

    def reset(self) -> None:
        """End both sides at once, the client's with a RST."""
        for stream in (self._client, self._server):
            raw: socket.socket = stream.extra(SocketAttribute.raw_socket)
            with contextlib.suppress(OSError):
                raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                asyncio.get_running_loop().call_soon(_abort, stream)

    def half_open(self) -> None:
        """Swallow everything from now on; both sides still believe in the connection."""
        self.is_half_open = True


def _abort(stream: SocketStream) -> None:
    transport = getattr(stream, "_transport", None)
    if transport is not None:
        transport.abort()


class Proxy:
    """Where clients connect; `lines` are the connections open now."""

    def __init__(self, target_port: int, random: Random) -> None:
        self._target_port = target_port
        self._random = random
        self.port = 0
        self.latency_s = 0.0
        self.lines: list[Line] = []
        self.faults = 0

    async def serve(self, client: SocketStream) -> None:
        """Carry one connection."""
        try:
            server = await anyio.connect_tcp("127.0.0.1", self._target_port)
        except OSError:
            await anyio.aclose_forcefully(client)
            return
        line = Line(client, server, self)
        self.lines.append(line)
        try:
            await line.run()
        finally:
            self.lines.remove(line)

    def hurt(self) -> str | None:
        """Break one open line in one of the ways; return which, None when nothing is connected."""
        open_lines = [line for line in self.lines if not line.is_over and not line.is_half_open]
        if not open_lines:
            return None
        line = self._random.choice(open_lines)
        how = self._random.choice(("cut", "reset", "half_open"))
        match how:
            case "cut":
                line.cut_mid_frame(self._random.randrange(1, 40))
            case "reset":
                line.reset()
            case _:
                line.half_open()
        self.faults += 1
        return how


@asynccontextmanager
async def open_proxy(target_port: int, random: Random) -> AsyncIterator[Proxy]:
    """Listen on a port of our own until the block ends."""
    proxy = Proxy(target_port, random)
    listener = await anyio.create_tcp_listener(local_host="127.0.0.1")
    proxy.port = listener.extra(SocketAttribute.local_port)
    try:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(listener.serve, proxy.serve)
            try:
                yield proxy
            finally:
                tasks.cancel_scope.cancel()
    finally:
        with anyio.CancelScope(shield=True):
            await listener.aclose()
