"""A mailbox read by IMAP, one blocking step at a time. Everything here runs in a worker thread; nothing decides.

Every step ends within its socket's timeout. `close` may be called from another thread: it ends the step that waits.
"""

import contextlib
import imaplib
import re
import socket
import ssl
from dataclasses import dataclass, field
from typing import Final

from imap_tools import BaseMailBox, ImapToolsError, MailBox, MailBoxStartTls, MailBoxUnencrypted

STEP_S: Final = 30.0
"""Longest an answer of the server may take."""
_SIZE: Final = re.compile(rb"RFC822\.SIZE (\d{1,12})")
FAILURES: Final = (imaplib.IMAP4.error, ImapToolsError, OSError, EOFError)
"""What a step raises when the server or the network fails."""


@dataclass(frozen=True, slots=True)
class Server:
    """Where a server is and how it is spoken to. `security`: tls, starttls, or none (this machine only)."""

    host: str
    port: int
    security: str
    user: str = ""
    password: str = field(default="", repr=False)


class LoginRefused(Exception):
    """The server does not know this user or password."""


class Box:
    """One connection to one folder."""

    def __init__(self, server: Server, folder: str) -> None:
        self._server = server
        self._folder = folder
        self._box: BaseMailBox | None = None
        self.validity = 0
        """While it is the same, a number names the same mail."""

    def open(self) -> None:
        """Connect, sign in, choose the folder. Raises LoginRefused or one of FAILURES."""
        server = self._server
        match server.security:
            case "tls":
                box: BaseMailBox = MailBox(
                    server.host, server.port, timeout=STEP_S, ssl_context=ssl.create_default_context()
                )
            case "starttls":
                box = MailBoxStartTls(
                    server.host, server.port, timeout=STEP_S, ssl_context=ssl.create_default_context()
                )
            case _:
                box = MailBoxUnencrypted(server.host, server.port, timeout=STEP_S)
        self._box = box
        try:
            box.login_utf8(server.user, server.password, None)
        except (imaplib.IMAP4.error, ImapToolsError) as error:
            if isinstance(error, imaplib.IMAP4.abort):
                raise
            raise LoginRefused from error
        box.folder.set(self._folder)
        self.validity = int(box.folder.status(self._folder, ["UIDVALIDITY"])["UIDVALIDITY"])

    def can_wait(self) -> bool:
        """Say whether the server tells of new mail by itself (IDLE)."""
        _, told = self._open.client.capability()
        return b"IDLE" in b" ".join(one for one in told if isinstance(one, bytes)).upper().split()

    def unread(self) -> list[int]:
        """Return the numbers of mails not marked as read, oldest first."""
        return sorted(int(one) for one in self._open.uids("UNSEEN") if one.isdigit())

    def recent(self, days_since: str) -> list[int]:
        """Return the numbers of all mails since a day (24-Nov-2026), oldest first."""
        return sorted(int(one) for one in self._open.uids(f"SINCE {days_since}") if one.isdigit())

    def named(self, message_id: str) -> list[int]:
        """Return the numbers of the mails with a message id, which has no quotes or line ends."""
        return sorted(int(one) for one in self._open.uids(f'HEADER Message-ID "{message_id}"') if one.isdigit())

    def size(self, uid: int) -> int:
        """Return the size of a mail in bytes, 0 when it is gone."""
        _, told = self._open.client.uid("FETCH", str(uid), "(RFC822.SIZE)")
        found = _SIZE.search(b" ".join(one if isinstance(one, bytes) else one[0] for one in told if one))
        return int(found[1]) if found else 0

    def raw(self, uid: int, *, head_only: bool = False) -> bytes:
        """Return a mail, or only its head, without marking it as read; empty when it is gone."""
        what = "(BODY.PEEK[HEADER])" if head_only else "(BODY.PEEK[])"
        _, told = self._open.client.uid("FETCH", str(uid), what)
        return next((one[1] for one in told if isinstance(one, tuple) and isinstance(one[1], bytes)), b"")

    def mark_read(self, uid: int) -> None:
        """Mark a mail as read: it is stored here now. Idempotent."""
        self._open.flag(str(uid), r"\Seen", True)

    def wait(self, seconds: float) -> bool:
        """Return when something changed in the folder (True) or the time is over."""
        return bool(self._open.idle.wait(timeout=seconds))

    def close(self) -> None:
        """End the connection, and whatever step waits on it. Never raises, never waits."""
        box, self._box = self._box, None
        if box is not None:
            with contextlib.suppress(OSError):
                box.client.sock.shutdown(socket.SHUT_RDWR)
            with contextlib.suppress(*FAILURES):
                box.client.shutdown()

    @property
    def _open(self) -> BaseMailBox:
        if self._box is None:
            raise OSError("closed")
        return self._box
