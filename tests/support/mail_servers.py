"""Real mail servers for tests: SMTP by aiosmtpd in this loop, IMAP by pymap in a process of its own."""

import asyncio
import atexit
import subprocess
import sys
import warnings
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.message import Message
from email.policy import default as policy_default
from functools import cache
from typing import Any

import anyio
import anyio.to_thread
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session
from imap_tools import BaseMailBox, MailBoxUnencrypted

from tests.support.processes import free_port

USER, PASSWORD = "demouser", "demopass"


@dataclass
class Postman:
    """What the SMTP server was handed, and what it answers: `recipient` and `data` replace the good answers."""

    mails: list[Message] = field(default_factory=list)
    recipient: str = ""
    data: str = ""
    signed_in: list[str] = field(default_factory=list)
    hang_up: bool = False
    """Take the mail, then end the connection without a word."""

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.recipient:
            return self.recipient
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        from email import message_from_bytes

        if self.data:
            return self.data
        assert isinstance(envelope.content, bytes)
        self.mails.append(message_from_bytes(envelope.content, policy=policy_default))
        if self.hang_up:
            server.transport.abort()  # type: ignore[union-attr]  # there is one while a command runs
        return "250 OK"


@asynccontextmanager
async def smtp_server(*, signs_in: bool = False) -> AsyncIterator[tuple[int, Postman]]:
    """Run an SMTP server on a loopback port; one that `signs_in` takes nothing without the mailbox's password."""
    postman = Postman()
    loop = asyncio.get_running_loop()

    def is_known(server: SMTP, session: Session, envelope: Envelope, mechanism: str, given: Any) -> AuthResult:
        name, password = given.login.decode(), given.password.decode()
        postman.signed_in.append(name)
        return AuthResult(success=(name, password) == (USER, PASSWORD), handled=False)

    def make() -> SMTP:
        asks: dict[str, Any] = {"authenticator": is_known, "auth_required": True, "auth_require_tls": False}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of a password in the clear: it stays on this machine
            return SMTP(postman, loop=loop, hostname="mx.example", ident="test", **(asks if signs_in else {}))

    server = await loop.create_server(make, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1], postman
    finally:
        server.close()


class Mailbox:
    """A mailbox on the IMAP server, as its owner or a sender sees it."""

    def __init__(self, port: int) -> None:
        self.port = port

    def _do(self, step: Any) -> Any:
        box: BaseMailBox = MailBoxUnencrypted("127.0.0.1", self.port, timeout=5)
        with box.login(USER, PASSWORD, "INBOX"):
            return step(box)

    async def put(self, raw: bytes) -> None:
        """Let a mail arrive."""
        await anyio.to_thread.run_sync(lambda: self._do(lambda box: box.append(raw, "INBOX")))

    async def put_all(self, mails: Sequence[bytes]) -> None:
        """Let mails arrive, one after the other."""
        await anyio.to_thread.run_sync(lambda: self._do(lambda box: [box.append(raw, "INBOX") for raw in mails]))

    async def empty(self) -> None:
        """Throw all mails away."""
        await anyio.to_thread.run_sync(lambda: self._do(lambda box: box.delete(box.uids("ALL"))))

    async def unread(self) -> int:
        return len(await anyio.to_thread.run_sync(lambda: self._do(lambda box: box.uids("UNSEEN"))))


@cache
def _imap_port() -> int:
    """Start the IMAP server that all tests of this run share; it ends with them."""
    port = free_port()
    command = [sys.executable, "-c", "from pymap.main import main; main()", "--host", "127.0.0.1", "--port", str(port)]
    process = subprocess.Popen(
        [*command, "--no-tls", "dict"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={"PYTHONWARNINGS": "ignore"},
    )

    def end() -> None:
        process.terminate()
        process.wait(10)

    atexit.register(end)
    return port


@asynccontextmanager
async def imap_server() -> AsyncIterator[Mailbox]:
    """Give one empty mailbox on an IMAP server."""
    port = _imap_port()
    with anyio.fail_after(60):
        while True:
            try:
                stream = await anyio.connect_tcp("127.0.0.1", port)
                break
            except OSError:
                await anyio.sleep(0.05)
    await stream.aclose()
    box = Mailbox(port)
    await box.empty()
    yield box
