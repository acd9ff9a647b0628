"""uvicorn as a child of our own task group: without signal handlers, with bounds on the head of a request, and with a
short way out for what goes to many sockets.
"""

import socket
from asyncio import TimerHandle
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any, Final

from starlette.types import ASGIApp
from uvicorn import Config, Server
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame, Opcode
from websockets.protocol import State

from contact_center.web.wire import WRITE_NOW

HEAD_BYTES: Final = 32 * 1024
"""Longest head of a request: its line and all headers."""
HEAD_S: Final = 10.0
"""How long the head may take to arrive, from the first byte of the connection or of the next request."""
FRAME_BYTES: Final = 64 * 1024
BACKLOG: Final = 2_048


class GuardedHttp(HttpToolsProtocol):
    """HTTP/1.1 whose heads end soon and stay small; the parser itself sets no bounds."""

    _head_bytes = 0
    _header_bytes = 0
    _head_timer: TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._head_done()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._head_timer is not None:
            self._head_bytes += len(data)
            # What follows the head in the same packet may be body: only a head that is still open counts as too long.
        super().data_received(data)
        if self._head_timer is not None and self._head_bytes > HEAD_BYTES and not self.transport.is_closing():
            self.send_400_response("Request head too large.")

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._header_bytes = 0
        if self._head_timer is None:
            self._await_head()

    def on_header(self, name: bytes, value: bytes) -> None:
        self._header_bytes += len(name) + len(value) + 4
        if self._header_bytes > HEAD_BYTES:
            raise ValueError("head too large")  # the parser stops, and the base class answers 400
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._head_done()
        super().on_headers_complete()

    def handle_websocket_upgrade(self) -> None:
        self._head_done()
        super().handle_websocket_upgrade()

    def _await_head(self) -> None:
        self._head_bytes = 0
        self._head_timer = self.loop.call_later(HEAD_S, self._too_slow)

    def _head_done(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _too_slow(self) -> None:
        self._head_timer = None
        if not self.transport.is_closing():
            self.transport.close()


class QuickSocket(WebSocketsSansIOProtocol):
    """A WebSocket that can also be written to at once: no coroutine, and a text for many is framed once."""

    async def run_asgi(self) -> None:
        self.scope["extensions"][WRITE_NOW] = {"write": self.write_now}
        await super().run_asgi()

    def write_now(self, text: bytes) -> bool:
        """Send a text frame if it need not wait; False leaves everything to `send`."""
        if (
            not self.handshake_complete
            or self.disconnected
            or self.close_sent
            or not self.writable.is_set()
            or self.conn.state is not State.OPEN
            or self.transport.is_closing()
        ):
            return False
        self.transport.write(_framed(text))
        return True


class _LastFrame:
    text: bytes = b""
    frame: bytes = b""


def _framed(text: bytes) -> bytes:
    """Return a whole unmasked frame; the same object again and again, as a fan-out gives it, is framed once."""
    if text is not _LastFrame.text:
        _LastFrame.text, _LastFrame.frame = text, Frame(Opcode.TEXT, text).serialize(mask=False)
    return _LastFrame.frame


class ChildServer(Server):
    """A server that leaves signals to whoever runs it, and says when it accepts connections."""

    on_started: Callable[[], None] | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.on_started is not None:
            self.on_started()

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield


def make_server(app: ASGIApp, *, shutdown_s: float) -> ChildServer:
    """Return a server for an application. Stopping it closes sockets with 1012 and waits `shutdown_s` for the rest."""
    config = Config(
        app,
        http=GuardedHttp,
        ws=QuickSocket,
        ws_per_message_deflate=False,  # it costs a quarter to half of the throughput, and memory
        ws_max_size=FRAME_BYTES,
        ws_ping_interval=None,  # the protocol has pings of its own, which browsers can see
        ws_ping_timeout=None,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # `web.middleware` believes listed proxies only
        timeout_graceful_shutdown=max(1, round(shutdown_s)),
        timeout_keep_alive=15,
        backlog=BACKLOG,
    )
    config.load()
    return ChildServer(config)


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket. Raises OSError when the address is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((host, port))
        made.setblocking(False)
    except OSError:
        made.close()
        raise
    return made
