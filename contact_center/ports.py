"""What the house needs from outside, as protocols: time, ids, files, channels."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

__all__ = ["BlobStore", "Channel", "ChannelLimits", "Clock", "Ids", "OutboundMessage"]


class Clock(Protocol):
    """Time as the house sees it. Nothing else reads a clock."""

    def now(self) -> datetime:
        """Return the aware UTC instant."""

    def monotonic(self) -> float:
        """Return seconds that never step back."""

    async def sleep(self, seconds: float) -> None:
        """Wait. Cancel-safe."""


class Ids(Protocol):
    """Where identifiers and secrets come from."""

    def new(self) -> str:
        """Return a new UUIDv7 in text form; later ones sort later."""

    def token(self) -> str:
        """Return 256 random bits, URL-safe."""


class BlobStore(Protocol):
    """Files by name, outside the web root."""

    async def put(self, name: str, content: bytes) -> None:
        """Store and fsync. Idempotent on the same name and content. Raises NoSpace."""

    def read(self, name: str) -> AsyncIterator[bytes]:
        """Yield the file in chunks. Raises Missing."""

    async def remove(self, name: str, *, unused_since_us: int) -> None:
        """Remove a file nobody stored again since an instant (microseconds). Idempotent."""

    async def free_bytes(self) -> int:
        """Return how much room is left."""


@dataclass(frozen=True, slots=True)
class ChannelLimits:
    """What a channel can carry."""

    text: int
    """Longest text, characters."""
    media_bytes: int
    reply_window_s: int | None = None


@dataclass(frozen=True, slots=True)
class OutboundMessage:
    """One message to deliver; `id` is the outbox row, the same on every attempt."""

    id: str
    conversation_id: str
    address: str
    text: str


class Channel(Protocol):
    """A way in and out. Knows ports, errors and rules only."""

    name: str
    limits: ChannelLimits

    def routes(self) -> Sequence[Any]:
        """Return Starlette routes for the provider's webhooks, below /hooks/<name>."""

    async def send(self, message: OutboundMessage) -> str:
        """Hand one message to the provider and return its id. Raises ProviderError. Never retries by itself."""

    def client(self) -> AbstractAsyncContextManager[None]:
        """Hold the provider's client open."""
