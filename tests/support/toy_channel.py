"""A whole channel in one file, in by a webhook, out to a list: nothing else has to know of it."""

import hmac
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from contact_center.errors import NotSignedIn, ProviderError
from contact_center.ports import MessageDoor
from contact_center.rules.messaging import ChannelLimits, InboundMedia, InboundMessage, MediaKind, OutboundMessage
from contact_center.rules.model import Channel as Medium

SECRET = "toy-secret"


class ToyChannel:
    name = "toy"
    limits = ChannelLimits(medium=Medium.webhook, text=500, media_bytes=1_000_000, per_s=10_000)

    def __init__(self, door: MessageDoor) -> None:
        self.door = door
        self.outbox: list[OutboundMessage] = []
        self.refusals: list[ProviderError] = []
        self.files: dict[str, bytes] = {}

    def routes(self) -> Sequence[Any]:
        return [Route("/hooks/toy/in", self.take, methods=["POST"])]

    async def take(self, request: Request) -> Response:
        if not hmac.compare_digest(request.headers.get("x-secret", ""), SECRET):
            raise NotSignedIn
        said: Mapping[str, Any] = await request.json()
        media = tuple(InboundMedia(MediaKind.document, {"id": one}, name=one) for one in said.get("files", ()))
        facts = {"address": said["from"], "external_id": said["id"], "text": said.get("text", "")}
        await self.door.receive(InboundMessage(channel=self.name, event_key=said["id"], media=media, **facts))
        return Response(status_code=204)

    async def send(self, message: OutboundMessage) -> Sequence[str]:
        self.outbox.append(message)
        if self.refusals:
            raise self.refusals.pop(0)
        return [f"sent-{len(self.outbox)}"]

    async def fetch(self, ref: Mapping[str, Any]) -> AsyncIterator[bytes]:
        yield self.files[ref["id"]]

    async def forget(self, ref: Mapping[str, Any]) -> None:
        self.files.pop(ref["id"], None)

    async def look_up(self, message: OutboundMessage, since: object) -> None: ...

    @asynccontextmanager
    async def client(self) -> AsyncIterator[None]:
        yield
