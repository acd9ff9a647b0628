"""E-mail: a mailbox that is watched (IMAP, with IDLE where there is one) and a server that sends (SMTP).

A mail is marked as read only after what it says was committed, so that nothing is lost by a stop in between; what is
read twice is stored once by its key. A mail to a citizen is handed over once: an answer that never came leaves its fate
`uncertain` (PROMISES P14). Its Message-ID is the same on every attempt, so that two copies would be one to the reader.
"""

import hashlib
import random
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar

import aiosmtplib
import anyio
import anyio.to_thread
import structlog
from anyio import CapacityLimiter
from starlette.routing import BaseRoute

from channels import mail_letter as letter
from channels import mail_wire as wire
from channels.mail_box import FAILURES, Box, LoginRefused, Server
from contact_center.errors import ContactCenterError, Missing, ProviderError, Unavailable
from contact_center.ports import Clock, MessageDoor
from contact_center.rules.backoff import Patience, delay_s
from contact_center.rules.messaging import (
    ChannelLimits,
    DeliveryReport,
    Inbound,
    InboundMessage,
    OutboundMessage,
    event_id,
)
from contact_center.rules.model import Channel, DeliveryState

NAME: Final = wire.CHANNEL
MAIL_BYTES: Final = 30 * 1024 * 1024
"""Of a larger mail only the head is read."""
SMTP_S: Final = 20.0
"""For each step of handing a mail over; the whole is bounded by the outbox."""
IDLE_S: Final = 240.0
"""Servers end a silent connection after half an hour, routers between long before."""
POLL_S: Final = 30.0
"""Between looks where the server does not tell by itself."""
TURN: Final = 50
"""Mails taken before the connection is looked after again."""
REMEMBERED: Final = 100_000
TRIES: Final = 3
"""How often a mail is offered that the house cannot take though it is well."""
SWEEP_DAYS: Final = 2
"""Mails of the last days are looked at again on each connection, read or not: somebody else may have marked them."""
QUIET_S: Final = 60.0
"""A mailbox that is out of reach for longer rings."""
PATIENCE: Final = Patience(base_s=1.0, most_s=60.0)
_T = TypeVar("_T")
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class MailAccount:
    """The office's mailbox: its address, the name people see, and its two servers."""

    address: str
    name: str
    smtp: Server
    imap: Server
    folder: str = "INBOX"
    file_bytes: int = 10 * 1024 * 1024

    @property
    def domain(self) -> str:
        return self.address.partition("@")[2]


class MailChannel:
    """A `ports.Channel` for one mailbox. `draw` gives random numbers of [0, 1) for waits."""

    name = NAME

    def __init__(
        self, account: MailAccount, door: MessageDoor, clock: Clock, *, draw: Callable[[], float] = random.random
    ) -> None:
        self._account = account
        self._door = door
        self._clock = clock
        self._draw = draw
        self._threads = CapacityLimiter(3)
        self._seen: set[tuple[int, int]] = set()
        self._refused: Counter[int] = Counter()
        self._problem: str | None = None
        self._failures = 0
        self._failed_at: float | None = None
        self.limits = ChannelLimits(
            medium=Channel.email,
            text=20_000,
            media_bytes=account.file_bytes,
            album=10,
            caption=20_000,
            per_s=5.0,
            receipts=("delivered",),
        )

    def routes(self) -> Sequence[BaseRoute]:
        """Return nothing: mail comes by no webhook."""
        return ()

    # --- out ---

    async def send(self, message: OutboundMessage) -> Sequence[str]:
        """Hand one mail over; its id is our own Message-ID. Raises ProviderError. Cancelled after DATA: uncertain."""
        account = self._account
        mail = letter.compose(message, sender=account.address, name=account.name, now=self._clock.now())
        raw = mail.as_bytes()
        client = aiosmtplib.SMTP(
            hostname=account.smtp.host,
            port=account.smtp.port,
            use_tls=account.smtp.security == "tls",
            start_tls=account.smtp.security == "starttls",
            local_hostname=account.domain,
            timeout=SMTP_S,
        )
        try:
            await self._hand_over(client, message.address, raw)
        finally:
            client.close()
        return (str(mail["Message-ID"]),)

    async def _hand_over(self, client: aiosmtplib.SMTP, to: str, raw: bytes) -> None:
        try:
            await client.connect()
            await self._sign_in(client)
            await client.mail(self._account.address)
            await client.rcpt(to)
        except aiosmtplib.SMTPAuthenticationError as error:
            raise ProviderError("not_configured", retryable=False) from error
        except aiosmtplib.SMTPResponseException as error:
            raise _refusal(error) from error
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            raise ProviderError("unreachable", retryable=True) from error
        try:
            await client.data(raw)
        except aiosmtplib.SMTPResponseException as error:
            raise _refusal(error) from error
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            raise ProviderError("uncertain", retryable=False) from error

    async def _sign_in(self, client: aiosmtplib.SMTP) -> None:
        """Sign in where the server asks for it; a relay of the office's own may know us by our address and not ask."""
        server = self._account.smtp
        await client.ehlo()
        if server.user and client.supports_extension("auth"):
            await client.login(server.user, server.password)

    async def look_up(self, message: OutboundMessage, since: datetime) -> Sequence[str] | None:
        """Nobody can be asked what became of a mail."""
        raise ProviderError("unknown", retryable=False)

    # --- in ---

    def client(self) -> AbstractAsyncContextManager[None]:
        """Watch the mailbox while the block lasts."""
        return self._watching()

    @asynccontextmanager
    async def _watching(self) -> AsyncIterator[None]:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._watch, name="mailbox")
            yield
            tasks.cancel_scope.cancel()

    async def _watch(self) -> None:
        while True:
            box = Box(self._account.imap, self._account.folder)
            try:
                await self._serve(box)
            except LoginRefused:
                self._failures += 1
                await self._ring("mailbox_login")
            except FAILURES as error:
                self._failures += 1
                self._failed_at = self._clock.monotonic() if self._failed_at is None else self._failed_at
                log.warning("mailbox_failed", error=type(error).__name__)
                if self._clock.monotonic() - self._failed_at >= QUIET_S:
                    await self._ring("mailbox_unreachable")
            except ContactCenterError as error:  # the house cannot store: the mail stays unread and is taken again
                self._failures += 1
                log.warning("mail_refused", code=error.code)
            finally:
                box.close()
            await self._clock.sleep(max(0.5, delay_s(min(self._failures, 10) or 1, self._draw(), PATIENCE)))

    async def _ring(self, problem: str | None) -> None:
        if problem != self._problem:
            try:
                await self._door.report_health(NAME, problem)
            except ContactCenterError as error:
                log.warning("health_refused", code=error.code)
                return
            self._problem = problem

    async def _serve(self, box: Box) -> None:
        """Take what is there, then what comes, until the connection fails."""
        await self._in_thread(box.open)
        can_wait = await self._in_thread(box.can_wait)
        await self._ring(None)
        self._failed_at = None
        if len(self._seen) > REMEMBERED:
            self._seen.clear()
        day = (self._clock.now() - timedelta(days=SWEEP_DAYS)).strftime("%d-%b-%Y")
        recent = await self._in_thread(box.recent, day)
        while await self._take(box, recent) or await self._take(box, await self._in_thread(box.unread)):
            self._failures = 0
        while True:
            while await self._take(box, await self._in_thread(box.unread)):
                self._failures = 0
            if can_wait:
                await self._in_thread(box.wait, IDLE_S)
            else:
                await self._clock.sleep(POLL_S)

    async def _take(self, box: Box, uids: Sequence[int]) -> int:
        """Take mails in order; return how many were new to this connection."""
        new = [uid for uid in uids if (box.validity, uid) not in self._seen][:TURN]
        for uid in new:
            try:
                await self._one(box, uid)
            except Unavailable:
                raise
            except ContactCenterError as error:
                self._refused[uid] += 1
                if self._refused[uid] < TRIES:
                    raise
                # It stays unread for a person to look at; the mails behind it are not held up.
                log.error("mail_given_up", code=error.code)
                await self._ring("mail_stuck")
            self._seen.add((box.validity, uid))
        return len(new)

    async def _one(self, box: Box, uid: int) -> None:
        """Take one mail: store what it says, then mark it as read. Raises Unavailable: it stays unread."""
        size = await self._in_thread(box.size, uid)
        too_large = size > MAIL_BYTES
        raw = await self._in_thread(lambda: box.raw(uid, head_only=too_large))
        if not raw:
            return
        ref = {"uid": uid, "validity": box.validity}
        mail = await self._in_thread(lambda: wire.read(raw, ours=frozenset({self._account.address}), ref=ref))
        event = self.event_of(mail, raw, too_large=too_large)
        if event is None:
            log.info("mail_set_aside", kind=mail.kind.value)
        else:
            await self._door.receive(event)
        await self._in_thread(box.mark_read, uid)

    def event_of(self, mail: wire.Mail, raw: bytes, *, too_large: bool = False) -> Inbound | None:
        """Return what a mail means to the house; None for one that nobody has to see."""
        ours = letter.quoted_ids(mail.thread, self._account.domain)
        match mail.kind:
            case wire.Kind.message:
                return _message(mail, raw, ours, too_large=too_large)
            case wire.Kind.report if ours and mail.bounce is not None:
                bounce = mail.bounce
                state = DeliveryState.failed if bounce.failed else DeliveryState.sent
                return _report(mail, ours[0], DeliveryState.delivered if bounce.arrived else state, bounce.reason)
            case wire.Kind.automatic if ours:
                return _report(mail, ours[-1], DeliveryState.delivered, "auto_reply")
        return None

    # --- files ---

    async def fetch(self, ref: Mapping[str, Any]) -> AsyncIterator[bytes]:
        """Yield the bytes of a mail's file. Raises Missing when the mail is gone, ProviderError."""
        box = Box(self._account.imap, self._account.folder)
        try:
            content = await self._in_thread(lambda: _file(box, ref))
        except LoginRefused as error:
            raise ProviderError("mailbox_login", retryable=True) from error
        except FAILURES as error:
            raise ProviderError("unreachable", retryable=True) from error
        finally:
            box.close()
        if content is None:
            raise Missing
        yield content

    async def forget(self, ref: Mapping[str, Any]) -> None:
        """Leave the mailbox as it is: it is the office's own, and its archive."""

    async def _in_thread(self, step: Callable[..., _T], *given: Any) -> _T:
        """Do one blocking step. When cancelled the step is left behind; closing its connection ends it."""
        return await anyio.to_thread.run_sync(step, *given, abandon_on_cancel=True, limiter=self._threads)


def _refusal(error: aiosmtplib.SMTPResponseException) -> ProviderError:
    """Return what an answer of the server means: 4xx may work later, 5xx never will."""
    found = wire.status_in(error.message)
    if 400 <= error.code < 500:
        return ProviderError("busy", retryable=True, provider_code=error.code)
    return ProviderError(wire.bounce_reason(found, error.message), retryable=False, provider_code=error.code)


def _message(mail: wire.Mail, raw: bytes, ours: Sequence[str], *, too_large: bool) -> InboundMessage:
    mark = hashlib.sha256(f"{mail.address}\n{mail.subject}\n{mail.text}".encode("utf-8", "replace")).hexdigest()[:8]
    extra: dict[str, Any] = {"subject": mail.subject}
    if mail.quoted:
        extra["quoted"] = mail.quoted
    if too_large:
        extra["too_large"] = True
    return InboundMessage(
        channel=NAME,
        # Some programs give every mail the same id: the words tell those apart.
        event_key=event_id("mail", mark, mail.message_id),
        external_id=f"{mark} {mail.message_id}",
        address=mail.address,
        text=mail.text,
        at=mail.at,
        name=mail.name,
        email=mail.address,
        media=mail.files,
        reply_to=ours[-1] if ours else None,
        extra=extra,
    )


def _report(mail: wire.Mail, about: str, state: DeliveryState, reason: str) -> DeliveryReport:
    detail = mail.bounce.detail if mail.bounce is not None else None
    return DeliveryReport(
        channel=NAME,
        event_key=event_id("report", mail.message_id, about),
        external_id=about,
        state=state,
        reason=reason or None,
        detail=detail or None,
    )


def _file(box: Box, ref: Mapping[str, Any]) -> bytes | None:
    """Read one file of a mail again. Blocks."""
    box.open()
    uid, part = int(ref["uid"]), int(ref["part"])
    if box.validity != ref["validity"]:
        return None
    raw = box.raw(uid)
    return wire.file_of(raw, part) if raw else None
