"""The open channel: any network that can sign a request. One instance for each that is configured."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final
from urllib.parse import quote

import httpx2
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from channels import webhook_wire as wire
from contact_center.errors import Invalid, Missing, NotSignedIn, ProviderError
from contact_center.ports import Clock, MessageDoor
from contact_center.rules.messaging import ChannelLimits, OutboundMessage
from contact_center.rules.model import Channel as Medium

TIMEOUT_S: Final = 20.0
ANSWER_BYTES: Final = 16 * 1024


class WebhookChannel:
    """A `ports.Channel`. Requests go to the configured address only, without redirects or proxies."""

    def __init__(self, peer: Mapping[str, Any], door: MessageDoor, clock: Clock) -> None:
        self.name: str = peer["name"]
        self.limits = ChannelLimits(
            medium=Medium(peer["medium"]),
            text=peer["text"],
            media_bytes=peer["media_bytes"],
            album=10,
            caption=peer["text"],
            per_s=peer["per_s"],
            receipts=("delivered", "read"),
            personal=peer["personal"],
        )
        self._url: str = peer["url"].rstrip("/")
        self._secrets: Sequence[str] = peer["secrets"]
        self._door = door
        self._clock = clock
        self._client: httpx2.AsyncClient | None = None

    def routes(self) -> Sequence[Route]:
        """Return the door for the network's events."""
        return [Route(f"/hooks/{self.name}/events", self._take, methods=["POST"])]

    async def _take(self, request: Request) -> Response:
        """Take signed events. 401 for anybody else, with no work done; 200 after the commit of every event."""
        body = await request.body()
        given = request.headers
        stamp, signature = given.get("x-timestamp", ""), given.get("x-signature", "")
        if not wire.is_signed(self._secrets, stamp, signature, body, self._clock.now()):
            raise NotSignedIn("bad_signature")
        if given.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            raise Invalid("json_needed")
        count = 0
        for event in wire.parse(self.name, body):
            await self._door.receive(event)
            count += 1
        return JSONResponse({"accepted": count})

    async def send(self, message: OutboundMessage) -> Sequence[str]:
        """Hand one sending to the network. 429 and 503 say that it was not taken; any other 5xx leaves it in doubt."""
        body = wire.format_message(message)
        headers = {**self._signed(body), "content-type": "application/json", "idempotency-key": message.id}
        try:
            status, answered, after = await self._post(body, headers)
        except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout) as error:
            raise ProviderError("unreachable", retryable=True) from error
        except httpx2.HTTPError as error:
            raise ProviderError("uncertain", retryable=False) from error
        if 200 <= status < 300:
            return [wire.read_answer(answered, message.id)]
        if status in (429, 503):
            wait_s = wire.read_retry_after(after, self._clock.now())
            raise ProviderError("busy", retryable=True, retry_after_s=wait_s)
        if status >= 500:
            raise ProviderError("uncertain", retryable=False)
        raise ProviderError(wire.read_reason(answered), retryable=False)

    async def _post(self, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes, str | None]:
        async with self._http.stream("POST", self._url, content=body, headers=dict(headers)) as response:
            answered = bytearray()
            async for chunk in response.aiter_bytes():
                answered += chunk[: ANSWER_BYTES - len(answered)]
                if len(answered) >= ANSWER_BYTES:
                    break
            return response.status_code, bytes(answered), response.headers.get("retry-after")

    async def fetch(self, ref: Mapping[str, Any]) -> AsyncIterator[bytes]:
        """Ask the network for a file, with a signature over its path."""
        path = f"/files/{quote(ref['id'], safe='')}"
        try:
            async with self._http.stream("GET", self._url + path, headers=self._signed(path.encode())) as response:
                if response.status_code in (404, 410):
                    raise Missing
                if response.status_code != 200:
                    retryable = response.status_code in (429, 500, 502, 503, 504)
                    raise ProviderError("file", retryable=retryable)
                async for chunk in response.aiter_bytes():
                    yield chunk
        except httpx2.HTTPError as error:
            raise ProviderError("file", retryable=True) from error

    async def forget(self, ref: Mapping[str, Any]) -> None:
        """The network keeps or deletes its files as it likes."""

    async def look_up(self, message: OutboundMessage, since: object) -> None:
        """A network cannot be asked; a person decides, or its receipt does."""

    @asynccontextmanager
    async def client(self) -> AsyncIterator[None]:
        """Hold the connections to the network."""
        async with httpx2.AsyncClient(timeout=TIMEOUT_S, trust_env=False, follow_redirects=False) as client:
            self._client = client
            try:
                yield
            finally:
                self._client = None

    @property
    def _http(self) -> httpx2.AsyncClient:
        if self._client is None:
            raise ProviderError("not_open", retryable=True)
        return self._client

    def _signed(self, body: bytes) -> dict[str, str]:
        stamp = int(self._clock.now().timestamp())
        return {"x-timestamp": str(stamp), "x-signature": wire.sign(self._secrets[0], stamp, body)}
