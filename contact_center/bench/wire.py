"""A WebSocket client as small as it can be, so that the load is never what is measured."""

import base64
import os
import select
import socket
from collections.abc import Iterator, Sequence

_ZERO_MASK = b"\0\0\0\0"
TEXT, PING = 0x1, 0x9
AT_ONCE = 64
"""Handshakes under way together while connecting."""


def frame(payload: bytes, opcode: int = TEXT) -> bytes:
    """Return a client's frame. Its mask is zero, which a server takes off at the same cost as any other."""
    head = 0x80 | opcode
    if len(payload) < 126:
        return bytes((head, 0x80 | len(payload))) + _ZERO_MASK + payload
    return bytes((head, 0x80 | 126)) + len(payload).to_bytes(2, "big") + _ZERO_MASK + payload


class Client:
    """One open socket. `number` says whose it is."""

    __slots__ = ("_rest", "number", "sock")

    def __init__(self, sock: socket.socket, number: int) -> None:
        self.sock = sock
        self.number = number
        self._rest = b""

    def send(self, payload: bytes) -> None:
        self.sock.sendall(frame(payload))

    def receive(self) -> list[bytes]:
        """Return the text frames that are there; answers pings. Raises ConnectionError when the server closed."""
        try:
            data = self.sock.recv(1 << 18)
        except BlockingIOError:
            return []
        if not data:
            raise ConnectionError(f"socket {self.number} was closed")
        data = self._rest + data if self._rest else data
        found, at = [], 0
        while len(data) - at >= 2:
            opcode, length, start = data[at] & 0x0F, data[at + 1], at + 2
            if length > 125:
                size = 2 if length == 126 else 8
                if len(data) < start + size:
                    break
                length = int.from_bytes(data[start : start + size], "big")
                start += size
            if len(data) < start + length:
                break
            at = start + length
            payload = data[start:at]
            if opcode == TEXT:
                if payload.startswith(b'{"type":"ping"'):
                    self.send(b'{"type":"pong"}')
                elif payload.startswith(b'{"type":"resync"'):
                    raise ConnectionError(f"socket {self.number} was told to start over: {payload!r}")
                else:
                    found.append(payload)
            elif opcode == PING:
                self.sock.sendall(frame(payload, 0xA))
            else:
                raise ConnectionError(f"socket {self.number} got opcode {opcode}: {payload[:80]!r}")
        self._rest = data[at:]
        return found


def connect(
    port: int, path: str, headers: Sequence[str], hellos: Sequence[bytes], at_once: int = AT_ONCE
) -> list[Client]:
    """Open a socket for each hello, say it, and wait for each welcome. `headers` has one text for all, or one each."""
    clients: list[Client] = []
    for start in range(0, len(hellos), at_once):
        group = range(start, min(start + at_once, len(hellos)))
        fresh = []
        for number in group:
            sock = socket.create_connection(("127.0.0.1", port), timeout=60)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            key = base64.b64encode(os.urandom(16)).decode()
            sock.sendall(
                (
                    f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nOrigin: http://127.0.0.1:{port}\r\n"
                    f"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                    f"Sec-WebSocket-Key: {key}\r\n{headers[number % len(headers)]}\r\n"
                ).encode()
            )
            fresh.append(Client(sock, number))
        for client in fresh:
            answer = b""
            while b"\r\n\r\n" not in answer:
                got = client.sock.recv(4096)
                if not got:
                    raise ConnectionError(f"refused: {answer[:300]!r}")
                answer += got
            if not answer.startswith(b"HTTP/1.1 101"):
                raise ConnectionError(f"refused: {answer[:300]!r}")
            client._rest = answer.partition(b"\r\n\r\n")[2]
            client.send(hellos[client.number])
        for client in fresh:
            while not any(one.startswith(b'{"type":"welcome"') for one in client.receive()):
                pass
            client.sock.setblocking(False)
        clients += fresh
        for client in clients:  # whoever does not read is told to start over
            client.receive()
    return clients


class Poll:
    """Waits for many sockets."""

    def __init__(self, clients: Sequence[Client]) -> None:
        self._epoll = select.epoll()
        self._by_fd = {client.sock.fileno(): client for client in clients}
        for fd in self._by_fd:
            self._epoll.register(fd, select.EPOLLIN)

    def ready(self, timeout_s: float) -> Iterator[Client]:
        for fd, _ in self._epoll.poll(timeout_s):
            yield self._by_fd[fd]

    def drain(self, quiet_s: float) -> None:
        """Read and forget what comes until nothing came for a while."""
        while True:
            some = False
            for client in self.ready(quiet_s):
                client.receive()
                some = True
            if not some:
                return
