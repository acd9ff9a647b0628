"""SMS or WhatsApp through one Twilio sender: webhooks in, messages out, and a look at the provider's list beside them.

A webhook is believed only with Twilio's signature and answered only after its commit (PROMISES P8). Twilio tries a
webhook once or twice within seconds and then forgets it: what none of them brought is found on its list (P9, P15).
"""

import hmac
from collections import OrderedDict
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from mimetypes import guess_type
from typing import Any, Final
from urllib.parse import quote, urlsplit

import anyio
import structlog
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from channels import twilio_text_wire as wire
from channels import twilio_wire
from channels.twilio_rest import API, Account, Rest
from contact_center.errors import ContactCenterError, Missing, ProviderError, Unavailable
from contact_center.ports import BlobStore, Clock, MessageDoor
from contact_center.rules.messaging import ChannelLimits, Inbound, OutboundFile, OutboundMessage
from contact_center.rules.model import Channel
from contact_center.rules.templates import Template

ANSWER_S: Final = 8.0
"""How long an answer may take; the provider gives up after 15 s."""
LOOK_EVERY_S: Final = 45.0
TEMPLATES_EVERY_S: Final = 600.0
NONE_YET_S: Final = 30.0
TEMPLATES: Final = 400
CONTENT: Final = "https://content.twilio.com"
LOOK_BACK: Final = timedelta(hours=1)
FIRST_LOOK_BACK: Final = timedelta(hours=24)
LATE: Final = timedelta(minutes=2)
"""A message on the list that no webhook brought by then shows that they do not reach us."""
LINK_S: Final = 3600
"""How long the provider may fetch a file that we send; it does so within seconds."""
WINDOW_S: Final = 24 * 3600
REMEMBERED: Final = 20_000
WHATSAPP_TYPES: Final = (
    "image/jpeg",
    "image/png",
    "application/pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
)
EMPTY: Final = '<?xml version="1.0" encoding="UTF-8"?><Response/>'
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Sender:
    """Who we are at the provider: a number in E.164, and whether it speaks SMS or WhatsApp."""

    number: str
    whatsapp: bool
    public_url: str
    """Where the provider reaches us; never taken from a request."""
    file_bytes: int = 10 * 1024 * 1024
    per_s: float = 10.0
    keep_old_one: bool = False
    """Whether Mexican WhatsApp addresses are written `+521…`."""

    @property
    def address(self) -> str:
        return f"{wire.PREFIX}{self.number}" if self.whatsapp else self.number


class TwilioText:
    """A `ports.Channel` for one sender."""

    def __init__(self, account: Account, sender: Sender, door: MessageDoor, clock: Clock, blobs: BlobStore) -> None:
        if not account.auth_tokens or not all(account.auth_tokens):
            raise ValueError("an account needs its auth token")
        self.name: str = wire.WHATSAPP if sender.whatsapp else wire.SMS
        self.limits = _limits(sender)
        self._account = account
        self._sender = sender
        self._door = door
        self._clock = clock
        self._blobs = blobs
        self._rest = Rest(account)
        self._known: OrderedDict[str, None] = OrderedDict()
        self._missed = False
        self._looked_at: datetime | None = None

    def routes(self) -> Sequence[BaseRoute]:
        """Return the webhooks, below /hooks/<name>/, and the door where the provider fetches files of ours."""
        base = f"/hooks/{self.name}"
        return (
            Route(f"{base}/inbound", self._inbound, methods=["POST"], name=f"{self.name}-inbound"),
            Route(f"{base}/status", self._status, methods=["POST"], name=f"{self.name}-status"),
            Route(f"{base}/file/{{token}}/{{file}}", self._file, methods=["GET"], name=f"{self.name}-file"),
        )

    @asynccontextmanager
    async def client(self) -> AsyncIterator[None]:
        """Hold the API's client open and look at the provider's list now and then."""
        async with self._rest, anyio.create_task_group() as tasks:
            tasks.start_soon(self._watch, name=f"{self.name} list")
            if self._sender.whatsapp:
                tasks.start_soon(self._watch_templates, name=f"{self.name} templates")
            yield
            tasks.cancel_scope.cancel()

    # --- webhooks ---

    async def _inbound(self, request: Request) -> Response:
        form = await self._signed(request)
        await self._take(wire.parse_message, form)
        if self._missed:
            self._missed = False
            await self._door.report_health(self.name, None)
        return Response(EMPTY, media_type="text/xml")

    async def _status(self, request: Request) -> Response:
        await self._take(wire.parse_status, await self._signed(request))
        return Response(status_code=204)

    async def _take(self, parse: Any, form: Mapping[str, str]) -> None:
        """Store what a form says. One that nobody can use is answered well, so that it is not sent again."""
        try:
            event: Inbound = parse(form)
        except wire.Refused as error:
            log.warning("hook_unusable", channel=self.name, code=error.code)
            return
        if event.channel != self.name:
            log.warning("hook_at_wrong_door", channel=self.name)
        try:
            with anyio.fail_after(ANSWER_S):
                await self._door.receive(event)
        except TimeoutError as error:
            log.warning("hook_too_slow", channel=self.name)
            raise Unavailable from error
        self._remember(event.event_key)

    async def _signed(self, request: Request) -> twilio_wire.Form:
        """Return the form of a request that Twilio signed. Raises the refusals of `twilio_wire`."""
        try:
            form = twilio_wire.read_form(request.headers.get("content-type", ""), await request.body())
            raw: bytes = request.scope.get("raw_path") or request.scope["path"].encode()
            query: bytes = request.scope.get("query_string", b"")
            url = self._sender.public_url + (raw + (b"?" + query if query else b"")).decode("ascii", "replace")
            signature = request.headers.get("x-twilio-signature", "")
            twilio_wire.check_signed(self._account.auth_tokens, self._account.account_sid, url, form, signature)
        except ContactCenterError as error:
            log.warning("hook_refused", channel=self.name, code=error.code, status=error.status)
            raise
        return form

    # --- out ---

    async def send(self, message: OutboundMessage) -> Sequence[str]:
        """Send one message, once. Raises ProviderError; `uncertain` when the answer did not come."""
        form = wire.message_form(
            message,
            sender=self._sender.address,
            callback=f"{self._sender.public_url}/hooks/{self.name}/status",
            media_urls=[self._link(one) for one in message.files],
            keep_old_one=self._sender.keep_old_one,
        )
        fields: dict[str, str | list[str]] = {name: value for name, value in form if name != "MediaUrl"}
        if message.files:
            fields["MediaUrl"] = [value for name, value in form if name == "MediaUrl"]
        try:
            answer = await self._rest.post("Messages.json", fields)
        except ProviderError as error:
            raise _plain(error) from error
        sid = answer.get("sid")
        if not isinstance(sid, str):
            raise ProviderError("uncertain", retryable=False)
        return (sid,)

    async def look_up(self, message: OutboundMessage, since: datetime) -> Sequence[str] | None:
        """Return the message on the provider's list that says the same to the same person since an instant."""
        wanted = dict(wire.message_form(message, sender=self._sender.address, callback="", media_urls=()))
        async for row in self._listed({"To": wanted["To"], "From": wanted["From"]}, since):
            if row.direction.startswith("outbound") and row.body == message.text and row.media == len(message.files):
                return (row.sid,)
        return None

    # --- the provider's list ---

    async def _watch(self) -> None:
        while True:
            try:
                await self.look()
            except ProviderError as error:
                log.warning("list_not_read", channel=self.name, code=error.code)
            except ContactCenterError as error:
                log.warning("list_not_stored", channel=self.name, code=error.code)
            await self._clock.sleep(LOOK_EVERY_S)

    async def _watch_templates(self) -> None:
        while True:
            found = 0
            try:
                found = await self.list_templates()
            except ContactCenterError as error:
                log.warning("templates_not_read", channel=self.name, code=error.code)
            await self._clock.sleep(TEMPLATES_EVERY_S if found else NONE_YET_S)

    async def list_templates(self) -> int:
        """Hand the provider's templates to the house; return how many there are."""
        host = self._account.api_base
        base = CONTENT if host == API else host
        url: str | None = f"{base}/v1/ContentAndApprovals?PageSize=100"
        found: list[Template] = []
        while url is not None and len(found) < TEMPLATES:
            answer = await self._rest.at(url)
            rows = answer.get("contents")
            found += [one for row in rows if (one := wire.read_template(row))] if isinstance(rows, list) else []
            there = urlsplit(str((answer.get("meta") or {}).get("next_page_url") or ""))
            # Only the path is believed: a page never leads to another host.
            url = f"{base}{there.path}?{there.query}" if there.path else None
        await self._door.keep_templates(self.name, found[:TEMPLATES])
        return len(found)

    async def look(self) -> int:
        """Take from the provider's list what no webhook brought: messages, and how far ours got. Return how many."""
        now = self._clock.now()
        since = now - (FIRST_LOOK_BACK if self._looked_at is None else LOOK_BACK)
        if self._looked_at is not None:
            since = min(since, self._looked_at - LATE)
        found = late = 0
        rows = [row async for row in self._listed({"To": self._sender.address}, since)]
        for row in reversed(rows):
            if row.direction != "inbound":
                continue
            event = await self._from_list(row)
            if event is not None and await self._new(event):
                found += 1
                late += row.at is not None and now - row.at > LATE
        async for row in self._listed({"From": self._sender.address}, since):
            if row.direction.startswith("outbound") and row.status in wire.STATES:
                report = wire.report(self._sender.whatsapp, row.sid, row.status, row.error_code)
                found += await self._new(report)
        if late and self._looked_at is not None and not self._missed:
            self._missed = True
            await self._door.report_health(self.name, "webhooks_missing", missed=late)
        self._looked_at = now
        return found

    async def _from_list(self, row: wire.Listed) -> Inbound | None:
        """Return what a listed message says, with its files; what only a webhook tells (a name, a place) is missing."""
        form = {"MessageSid": row.sid, "From": row.from_, "To": row.to, "Body": row.body, "NumMedia": str(row.media)}
        key = wire.message_key(row.sid)
        if key in self._known:
            return None
        if row.media:
            listed = await self._rest.get(f"Messages/{row.sid}/Media.json")
            for place, one in enumerate(listed.get("media_list", ())):
                form[f"MediaUrl{place}"] = f"https://api.twilio.com{one.get('uri', '')}"
                form[f"MediaContentType{place}"] = str(one.get("content_type", ""))
        try:
            return wire.parse_message(form)
        except wire.Refused:
            self._remember(key)
            return None

    async def _new(self, event: Inbound) -> bool:
        if event.event_key in self._known:
            return False
        await self._door.receive(event)
        self._remember(event.event_key)
        return True

    def _remember(self, key: str) -> None:
        """Keep in mind what was stored, so that the list costs the house nothing. The house itself never doubles."""
        self._known[key] = None
        if len(self._known) > REMEMBERED:
            self._known.popitem(last=False)

    async def _listed(self, query: Mapping[str, str], since: datetime) -> AsyncIterator[wire.Listed]:
        async for one in self._rest.pages("Messages.json", "messages", query):
            row = wire.read_listed(one)
            if row is None:
                continue
            if row.at is not None and row.at < since:
                return
            yield row

    # --- files ---

    async def fetch(self, ref: Mapping[str, Any]) -> AsyncIterator[bytes]:
        """Yield the bytes of a file the provider holds. Raises Missing, ProviderError."""
        try:
            async for chunk in self._rest.media(f"Messages/{ref['message']}/Media/{ref['media']}"):
                yield chunk
        except ProviderError as error:
            if error.data.get("provider_status") == 404:
                raise Missing from error
            raise

    async def forget(self, ref: Mapping[str, Any]) -> None:
        """Delete the provider's copy of a file. Idempotent."""
        await self._rest.delete(f"Messages/{ref['message']}/Media/{ref['media']}.json")

    def _link(self, file: OutboundFile) -> str:
        """Return an address under which the provider, or whoever it tells, can fetch a file for an hour."""
        digest = sha256(file.content).hexdigest()
        until = int(self._clock.now().timestamp()) + LINK_S
        token = f"{digest}.{until}.{self._seal(digest, until, file.name)}"
        return f"{self._sender.public_url}/hooks/{self.name}/file/{token}/{quote(file.name, safe='')}"

    def _seal(self, digest: str, until: int, name: str) -> str:
        key = sha256(b"contact-center file\0" + self._account.auth_tokens[0].encode()).digest()
        return hmac.new(key, f"{self.name}\0{digest}\0{until}\0{name}".encode(), sha256).hexdigest()

    async def _file(self, request: Request) -> Response:
        """Give the provider a file that a message carries. Every other request is 404."""
        digest, _, rest = request.path_params["token"].partition(".")
        until, _, seal = rest.partition(".")
        name = request.path_params["file"]
        if not (until.isascii() and until.isdigit() and len(until) < 12):
            raise Missing
        if not hmac.compare_digest(seal.encode(), self._seal(digest, int(until), name).encode()):
            raise Missing
        if int(until) < self._clock.now().timestamp():
            raise Missing
        headers = {
            "content-disposition": f"inline; filename*=UTF-8''{quote(name, safe='')}",
            "cache-control": "private, no-store",
            "x-content-type-options": "nosniff",
        }
        kind = guess_type(name)[0] or "application/octet-stream"
        return StreamingResponse(self._blobs.read(digest), media_type=kind, headers=headers)


def _limits(sender: Sender) -> ChannelLimits:
    if not sender.whatsapp:
        return ChannelLimits(
            medium=Channel.sms, text=wire.LONGEST, per_s=sender.per_s, receipts=("delivered",), can_look_up=True
        )
    return ChannelLimits(
        medium=Channel.whatsapp,
        text=wire.LONGEST,
        media_bytes=sender.file_bytes,
        media_types=WHATSAPP_TYPES,
        reply_window_s=WINDOW_S,
        per_s=sender.per_s,
        receipts=("delivered", "read"),
        can_look_up=True,
    )


def _plain(error: ProviderError) -> ProviderError:
    """Return an error of the API with our own reason; whether it may be tried again stays as it is."""
    if error.retryable or error.code == "uncertain":
        return error
    code = error.data.get("provider_code")
    number = code if isinstance(code, int) else 0
    reason = "not_configured" if error.data.get("provider_status") in (401, 403) else wire.reason_of(number)
    return ProviderError(reason, retryable=False, provider_code=number)
