"""What the house needs from outside, as protocols: time, ids, files, channels."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from contact_center.rules.calls import Fact, OrderKind
from contact_center.rules.messaging import ChannelLimits, Inbound, OutboundMessage
from contact_center.rules.templates import Template

__all__ = [
    "BlobStore",
    "CallReport",
    "Channel",
    "ChannelLimits",
    "Clock",
    "FolioSaid",
    "Ids",
    "Inbound",
    "LineView",
    "MessageDoor",
    "OutboundMessage",
    "ProviderCall",
    "RecordingReport",
    "Telephony",
    "VoiceDoor",
    "VoiceOrder",
    "VoiceProvider",
    "Webhooks",
]


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


class Channel(Protocol):
    """A way in and out for written messages. Knows ports, errors and rules only."""

    name: str
    """What tells it apart here: the path of its webhooks, the `source` of its conversations."""
    limits: ChannelLimits

    def routes(self) -> Sequence[Any]:
        """Return Starlette routes for the provider's webhooks, below /hooks/<name>/."""

    async def send(self, message: OutboundMessage) -> Sequence[str]:
        """Hand one sending to the provider and return its ids for it. Never retries by itself.

        Raises ProviderError: `retryable` only when the provider surely did not take it; code `uncertain` when the fate
        of a request that was sent is not known; any other code is a reason of the catalogue.
        """

    def fetch(self, ref: Mapping[str, Any]) -> AsyncIterator[bytes]:
        """Yield the bytes of a file that an inbound message named. Raises ProviderError, Missing when it is gone."""

    async def forget(self, ref: Mapping[str, Any]) -> None:
        """Delete the provider's copy of a file that is stored here now. Idempotent; nothing where it cannot be done."""

    async def look_up(self, message: OutboundMessage, since: datetime) -> Sequence[str] | None:
        """Return the provider's ids of a sending whose answer was lost, None when it surely has none.

        Asked only of channels whose limits say `can_look_up`. Raises ProviderError when it cannot be known now.
        """

    def client(self) -> AbstractAsyncContextManager[None]:
        """Hold the provider's client open, and whatever runs beside it: polling, registering webhooks, watching."""


class MessageDoor(Protocol):
    """The house, as a messaging channel reaches it. Every method returns after its commit (PROMISES P8)."""

    async def receive(self, event: Inbound) -> None:
        """Take what happened, once: a repeat of its `event_key` changes nothing. Raises Unavailable: answer 503."""

    async def keep_templates(self, channel: str, templates: Sequence[Template]) -> None:
        """Take over the list of approved and other templates that a channel's provider has now. Idempotent."""

    async def report_health(self, channel: str, problem: str | None, **facts: Any) -> None:
        """Say that a channel's way in is broken (a code), or well again (None). Rings for supervisors, once."""


@dataclass(frozen=True, slots=True)
class CallReport:
    """What a provider's webhook says about a call: which call, between whom, and the facts.

    `number` and `line` are as the provider wrote them; whoever stores them normalises them.
    """

    provider: str
    provider_call_id: str
    direction: str
    number: str
    line: str
    facts: tuple[Fact, ...]
    room: str | None = None


@dataclass(frozen=True, slots=True)
class LineView:
    """What a caller's line needs to know next; times in seconds. Read after the commit of what was reported."""

    call_id: str
    state: str
    """rules.calls.CallState"""
    is_open: bool
    """Whether the office is open for this line's queue."""
    position: int | None
    wait_s: int | None
    """Honest estimate; None when there is nothing to base it on."""
    has_number: bool
    """Whether the caller can be called back: a number that may be dialled."""
    recording: bool
    """Whether the queue records, which must be announced."""
    waiting: bool
    """Whether the caller is in line or being offered; else they were answered, moved or ended."""
    texts: Mapping[str, str] = field(default_factory=dict)
    """The office's spoken texts by key, blanks filled."""


@dataclass(frozen=True, slots=True)
class FolioSaid:
    """What a caller is told who asked for a folio: the same words whether it exists or not, unless all is right."""

    text: str
    found: bool
    locked: bool


@dataclass(frozen=True, slots=True)
class RecordingReport:
    """A recording the provider holds. `kind`: recording or voicemail; `seconds` its length."""

    provider: str
    provider_id: str
    provider_call_id: str
    kind: str
    seconds: int


class VoiceDoor(Protocol):
    """The house, as a voice channel reaches it. Every method returns after its commit (PROMISES P8)."""

    async def report(self, report: CallReport) -> None:
        """Store what happened. Idempotent on each fact's key; makes the call when it is new.

        Raises Missing for a room that is none of ours.
        """

    async def answer(self, report: CallReport) -> LineView:
        """Store what happened, as `report`, and return where the line stands: for whoever has to say something."""

    async def look(self, provider: str, provider_call_id: str) -> LineView | None:
        """Return where a call stands, None for one that is not known."""

    async def say_folio(self, provider: str, provider_call_id: str, number: str, last4: str) -> FolioSaid:
        """Answer a question about a folio by keypad. Three wrong answers lock it for a while (DOMAIN §2.1)."""

    async def keep_recording(self, report: RecordingReport) -> None:
        """Note that the provider has a recording or a voicemail to be copied. Idempotent on its id."""


@dataclass(frozen=True, slots=True)
class VoiceOrder:
    """One thing to ask of the provider; `id` is the row, the same on every attempt. Ids and small facts in `data`.

    `number` is the citizen's, `line` the office's number it came by or is to be called from (None: the first one).
    `room` is the provider's own id of the conference once it reported it; its name is always `call_id`.
    """

    id: str
    kind: OrderKind
    call_id: str
    provider_call_id: str | None
    room: str | None
    number: str | None
    line: str | None
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ProviderCall:
    """A call as the provider's own list has it."""

    provider_call_id: str
    direction: str
    number: str
    line: str
    status: str
    started_at: datetime
    ended_at: datetime | None
    seconds: int


class VoiceProvider(Protocol):
    """A way to make and steer calls."""

    name: str

    async def perform(self, order: VoiceOrder) -> str:
        """Do one order and return the provider's id for it. Never retries by itself.

        Raises ProviderError: `retryable` only when the provider surely did nothing; code `uncertain` when the fate of a
        request that was sent is not known.
        """

    def calls_since(self, since: datetime) -> AsyncIterator[ProviderCall]:
        """Yield the calls of this account that started at or after an instant."""

    def recordings_since(self, since: datetime) -> AsyncIterator[RecordingReport]:
        """Yield the recordings made at or after an instant that the provider still has."""

    def recording(self, provider_id: str) -> AsyncIterator[bytes]:
        """Yield the bytes of a recording. Raises ProviderError."""

    async def remove_recording(self, provider_id: str) -> None:
        """Delete the provider's copy. Idempotent."""

    def device_token(self, user_id: str, *, valid_s: int) -> str:
        """Return a token that lets one agent's browser be a telephone."""


class Webhooks(Protocol):
    """What is asked and told by a provider through routes of ours."""

    name: str

    def routes(self) -> Sequence[Any]:
        """Return Starlette routes for the provider's webhooks, below /hooks/<name>/."""


class Telephony(VoiceProvider, Webhooks, Protocol):
    """A voice provider whole: its orders and lists, its webhooks, its client."""

    def client(self) -> AbstractAsyncContextManager[None]:
        """Hold the provider's client open."""
