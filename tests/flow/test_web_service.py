"""The real service: a process that serves, drains and dies as it should, and a parser that bounds what it reads."""

import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import anyio
import httpx2 as httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Origin

from contact_center import main, server
from contact_center.actions.accounts import Start
from contact_center.actions.kernel import SYSTEM
from contact_center.actions.people import Disable, SaveUser
from contact_center.jobs.timers import Timers
from contact_center.main import Running, running
from contact_center.rules.model import Role
from contact_center.settings import Settings
from contact_center.store import people
from contact_center.web.auth import hash_token
from tests.support.processes import accepts_connections, free_port, start_server, stop_server

pytestmark = pytest.mark.process


def environment(folder: Path, port: int = 0) -> dict[str, str]:
    """What a service of this test's own is told."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CONTACT_CENTER_")}
    return {
        **kept,
        "CONTACT_CENTER_DATABASE_URL": f"sqlite:///{folder / 'house.db'}",
        "CONTACT_CENTER_DATA_DIR": str(folder / "files"),
        "CONTACT_CENTER_PUBLIC_URL": f"http://127.0.0.1:{port or 8000}",
    }


@pytest.fixture
def service(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], int, Path]]:
    """A served house: (process, port, what it printed)."""
    port, log = free_port(), tmp_path / "out"
    command = [sys.executable, "-m", "contact_center", "serve", "--port", str(port)]
    process = start_server(
        command, is_ready=lambda: accepts_connections(port), log=log, env=environment(tmp_path, port)
    )
    yield process, port, log
    stop_server(process)


async def test_a_stop_that_was_asked_for_drains_and_tells_sockets_to_come_back(
    service: tuple[subprocess.Popen[bytes], int, Path],
) -> None:
    process, port, log = service
    async with httpx.AsyncClient() as client:
        assert (await client.get(f"http://127.0.0.1:{port}/health/ready")).json() == {"ready": True}
    printed = log.read_text()
    assert f"http://127.0.0.1:{port}/console/" in printed and "#/setup/" in printed
    async with connect(
        f"ws://127.0.0.1:{port}/api/v1/chat/socket", origin=Origin(f"http://127.0.0.1:{port}")
    ) as socket:
        process.send_signal(signal.SIGTERM)
        with anyio.fail_after(10), pytest.raises(ConnectionClosed) as closed:
            await socket.recv()
        assert closed.value.rcvd is not None and closed.value.rcvd.code == 1012
    assert process.wait(10) == 0


def test_a_port_that_is_taken_is_told_in_one_line(
    service: tuple[subprocess.Popen[bytes], int, Path], tmp_path: Path
) -> None:
    command = [sys.executable, "-m", "contact_center", "serve", "--port", str(service[1])]
    env = environment(tmp_path)
    answer = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=False)
    assert answer.returncode == 1 and "Traceback" not in answer.stderr and str(service[1]) in answer.stderr


@asynccontextmanager
async def served(folder: Path, **changes: Any) -> AsyncIterator[Running]:
    """The whole service in this process, with a real server."""
    settings = Settings(database_url=f"sqlite:///{folder / 'house.db'}", data_dir=folder / "files", port=0, **changes)
    async with running(settings) as service:
        yield service


async def talk(port: int, *parts: bytes, wait_s: float = 5) -> bytes:
    """Send bytes as they are and return everything that comes back until the other side closes or is quiet."""
    async with await anyio.connect_tcp("127.0.0.1", port) as stream:
        for part in parts:
            await stream.send(part)
        heard = b""
        with anyio.move_on_after(wait_s):
            try:
                while True:
                    heard += await stream.receive()
            except (anyio.EndOfStream, anyio.BrokenResourceError):
                return heard + b"<closed>"
        return heard


async def test_a_loop_that_dies_takes_the_service_with_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def die(_self: Timers) -> None:
        await anyio.sleep(0.05)
        raise RuntimeError("a timer broke")

    monkeypatch.setattr(Timers, "run", die)
    with pytest.raises(BaseExceptionGroup) as died, anyio.fail_after(20):
        async with served(tmp_path):
            await anyio.sleep_forever()
    assert main.failure(died.value) == "RuntimeError: a timer broke"


HOST = b"Host: 127.0.0.1\r\n"
SMUGGLED = {
    "two lengths": b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}x",
    "length and chunks": b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "chunks that are none": b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    "a space before the colon": b"Content-Length : 2\r\n\r\n{}",
    "a folded header": b"X-A: b\r\n c\r\n\r\n",
    "a NUL in a header": b"X-A: b\x00c\r\n\r\n",
}


async def test_what_is_not_one_clear_request_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "HEAD_S", 0.4)
    async with served(tmp_path) as service:
        start = b"POST /api/v1/session HTTP/1.1\r\n" + HOST
        for name, rest in SMUGGLED.items():
            heard = await talk(service.port, start + rest, wait_s=1)
            assert heard.startswith(b"HTTP/1.1 400"), (name, heard)
            assert heard.count(b"HTTP/1.1") == 1, f"{name}: a second request was read out of the first"
        twice = await talk(service.port, b"GET /chat HTTP/1.1\r\n" + HOST + HOST + b"\r\n", wait_s=1)
        assert b"unknown_host" in twice
        endless = b"GET /chat HTTP/1.1\r\n" + HOST + b"X-A: " + b"a" * 40_000
        assert (await talk(service.port, endless)).startswith(b"HTTP/1.1 400")
        many = b"GET /chat HTTP/1.1\r\n" + HOST + b"".join(b"X-%d: a\r\n" % n for n in range(9_000)) + b"\r\n"
        assert (await talk(service.port, many[:40_000], many[40_000:])).startswith(b"HTTP/1.1 400")
        assert await talk(service.port, b"GET /chat HT", wait_s=3) == b"<closed>", "a head that never ends"
        fine = await talk(service.port, b"GET /health/live HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n")
        assert fine.startswith(b"HTTP/1.1 200") and b"server:" not in fine.lower()
        split = b'HTTP/1.1 200 OK\r\n\r\n<script>"'
        header = await talk(
            service.port, b"GET /console?x=%0d%0a" + split[:8] + b" HTTP/1.1\r\n" + HOST + b"\r\n", wait_s=1
        )
        assert header.count(b"HTTP/1.1 ") == 1


async def test_a_body_that_never_comes_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from contact_center.web import middleware

    monkeypatch.setattr(middleware, "FIRST_BYTE_S", 0.3)
    async with served(tmp_path) as service:
        origin = f"Origin: {service.house.settings.public_url}\r\n".encode()
        head = b"POST /api/v1/session HTTP/1.1\r\n" + HOST + origin + b"Content-Type: application/json\r\n"
        heard = await talk(service.port, head + b"Content-Length: 10\r\n\r\n{")
        assert heard.startswith(b"HTTP/1.1 400") and b"too_slow" in heard and heard.endswith(b"<closed>")


def frame(opcode: int, payload: bytes = b"", *, fin: bool = True, masked: bool = True, reserved: int = 0) -> bytes:
    """One WebSocket frame as a client might send it (RFC 6455 §5.2), right or wrong."""
    first = (0x80 if fin else 0) | reserved << 4 | opcode
    mask_bit = 0x80 if masked else 0
    size = len(payload)
    if size < 126:
        head = bytes([first, mask_bit | size])
    elif size < 65_536:
        head = bytes([first, mask_bit | 126]) + size.to_bytes(2)
    else:
        head = bytes([first, mask_bit | 127]) + size.to_bytes(8)
    return head + (b"\0\0\0\0" if masked else b"") + payload


TEXT, MORE, BINARY, CLOSE, PING = 1, 0, 2, 8, 9
WRONG_FRAMES = {
    "16 MiB in one frame": (frame(TEXT, b"a" * (16 << 20)), 1009),
    "a size that is a lie": (bytes([0x81, 0xFF]) + b"\x7f" + b"\xff" * 7 + b"\0\0\0\0", 1009),
    "fragments of one byte": (
        frame(TEXT, b"a", fin=False) + b"".join(frame(MORE, b"a", fin=False) for _ in range(70_000)),
        1009,
    ),
    "bad UTF-8": (frame(TEXT, b"\xff\xfe"), 1007),
    "not masked": (frame(TEXT, b"{}", masked=False), 1002),
    "a reserved opcode": (frame(3, b"x"), 1002),
    "a reserved bit": (frame(TEXT, b"{}", reserved=4), 1002),
    "a close code that may not be sent": (frame(CLOSE, (1005).to_bytes(2)), 1002),
    "a fragment of nothing": (frame(MORE, b"x"), 1002),
    "bytes instead of text": (frame(BINARY, b"{}"), 1003),
}


async def open_raw(port: int, path: str) -> Any:
    """Shake hands by hand."""
    stream = await anyio.connect_tcp("127.0.0.1", port)
    key = b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
    upgrade = b"Connection: Upgrade\r\nUpgrade: websocket\r\n"
    origin = b"Origin: http://127.0.0.1:8000\r\n"
    await stream.send(b"GET " + path.encode() + b" HTTP/1.1\r\n" + HOST + upgrade + origin + key + b"\r\n")
    heard = b""
    while b"\r\n\r\n" not in heard:
        heard += await stream.receive()
    assert heard.startswith(b"HTTP/1.1 101"), heard
    assert b"permessage-deflate" not in heard.lower()
    return stream


async def close_code(stream: Any, sent: bytes) -> int | None:
    """Send bytes and return the code the server closes with."""
    heard = b""
    with suppress(anyio.BrokenResourceError, anyio.EndOfStream):
        await stream.send(sent)
        while b"\x88" not in heard[:-3]:
            heard += await stream.receive()
    await stream.aclose()
    at = heard.find(b"\x88")
    return int.from_bytes(heard[at + 2 : at + 4]) if at >= 0 else None


async def test_frames_that_are_wrong_close_their_socket_and_nothing_else(tmp_path: Path) -> None:
    async with served(tmp_path, unlimited_networks=("127.0.0.0/8",)) as service:
        for name, (sent, code) in WRONG_FRAMES.items():
            stream = await open_raw(service.port, "/api/v1/chat/socket")
            with anyio.fail_after(10):
                # None: the server closed before everything was sent, and the reset overtook its word.
                assert await close_code(stream, sent) in (code, None), name
        flood = await open_raw(service.port, "/api/v1/chat/socket")
        with anyio.move_on_after(1):
            await flood.send(b"".join(frame(PING, b"x") for _ in range(20_000)))
        fine = await talk(service.port, b"GET /health/ready HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n")
        assert fine.startswith(b"HTTP/1.1 200")
        await flood.aclose()


async def test_shutting_somebody_out_closes_their_real_socket_within_seconds(tmp_path: Path) -> None:
    async with served(tmp_path, unlimited_networks=("127.0.0.0/8",)) as service:
        house = service.house
        body = SaveUser(username="ana", name="Ana Prueba", roles=(Role.agent,))
        body.give("none", "")
        user_id = (await house.writer.submit(SYSTEM, "user.save", body))["user"]["id"]
        async with house.db.write() as conn:
            await people.change_user(conn, user_id, must_change_password=False)
        token = house.ids.token()
        start = Start(
            user_id=user_id, seen_hash="none", token_hash=hash_token(token).hex(), csrf="x", account_key="none"
        )
        await house.writer.submit(SYSTEM, "session.start", start)
        origin = Origin(house.settings.public_url)
        cookie = {"cookie": f"session={token}"}
        address = f"ws://127.0.0.1:{service.port}/api/v1/console/socket"
        async with connect(address, origin=origin, additional_headers=cookie) as socket:
            await socket.send('{"type":"hello","cursor":null}')
            assert '"welcome"' in str(await socket.recv())
            await house.writer.submit(SYSTEM, "user.disable", Disable(user_id=user_id))
            heard = []
            with anyio.fail_after(5), suppress(ConnectionClosed):
                while True:
                    heard.append(str(await socket.recv()))
        assert not any('"message' in frame for frame in heard)
        assert (socket.close_code, socket.close_reason) == (4401, "session ended")
        with pytest.raises(InvalidStatus):
            await connect(address, origin=origin, additional_headers=cookie)
