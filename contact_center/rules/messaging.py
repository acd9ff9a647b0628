"""What travels between the house and a messaging channel, as plain values, and the pure decisions about it.

A channel's wire turns a provider's webhook into these; the house turns its own messages into `OutboundMessage`. Nothing
here knows a provider. Sources: DOMAIN §2.1 «Message», PROMISES P7, P14, P15, P24.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from contact_center.rules.model import Channel, DeliveryState


class MediaKind(StrEnum):
    """What a file of a message is to people, whatever its bytes turn out to be."""

    picture = "picture"
    document = "document"
    voice = "voice"
    audio = "audio"
    video = "video"
    sticker = "sticker"


@dataclass(frozen=True, slots=True)
class InboundMedia:
    """A file that the provider holds. `ref` is what the channel needs to fetch it: ids, never an address with a secret.

    `size_bytes` None: the provider does not say.
    """

    kind: MediaKind
    ref: Mapping[str, Any]
    name: str = ""
    media_type: str = ""
    size_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Location:
    """A place that a citizen sent. Degrees, WGS 84."""

    latitude: float
    longitude: float
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundMessage:
    """A citizen's message as a channel received it. `text` is as the provider wrote it; the house cleans it.

    `event_key` is the same for every delivery of this very webhook, `external_id` names the message for later edits and
    reactions, `address` is where a reply goes. `opening`: the citizen only opened the conversation (a bot's «start»).
    """

    channel: str
    event_key: str
    address: str
    external_id: str
    text: str = ""
    at: datetime | None = None
    name: str = ""
    phone: str | None = None
    """E.164, when the channel knows it for certain."""
    email: str | None = None
    locale: str = ""
    media: tuple[InboundMedia, ...] = ()
    location: Location | None = None
    reply_to: str | None = None
    opening: bool = False
    extra: Mapping[str, Any] = field(default_factory=dict)
    """Small facts to keep with the message, such as an e-mail's subject. Shown to staff."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundEdit:
    """The citizen changed the words of a message."""

    channel: str
    event_key: str
    address: str
    external_id: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundDeletion:
    """The citizen took a message back on their side."""

    channel: str
    event_key: str
    address: str
    external_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundReaction:
    """The citizen's reactions to a message as they stand now; none: taken back."""

    channel: str
    event_key: str
    address: str
    external_id: str
    emojis: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundConsent:
    """The citizen stopped or allowed messages to an address: an opt-out word, a bot blocked or unblocked."""

    channel: str
    event_key: str
    address: str
    allowed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryReport:
    """What a provider says became of one sending. `reason` is a code of the catalogue, `detail` the provider's own."""

    channel: str
    event_key: str
    external_id: str
    state: DeliveryState
    reason: str | None = None
    detail: str | None = None


Inbound = InboundMessage | InboundEdit | InboundDeletion | InboundReaction | InboundConsent | DeliveryReport


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelLimits:
    """What a channel is and can carry. The composer shows it, the house keeps to it."""

    medium: Channel
    """What its contacts are counted as."""
    text: int
    """Longest text, characters."""
    media_bytes: int = 0
    """Largest file out; 0: no files."""
    media_types: tuple[str, ...] = ()
    """Media types it carries out; empty with files allowed: every type the house stores."""
    album: int = 1
    """Files that go in one sending."""
    caption: int = 0
    """Longest text that goes in the same sending as files; 0: text goes by itself."""
    reply_window_s: int | None = None
    """How long after the citizen's last word free text may be sent."""
    per_address_s: float = 0.0
    """Shortest pause between two sendings to one address."""
    per_s: float = 50.0
    """Sendings a second, all addresses together."""
    receipts: tuple[str, ...] = ()
    """Which of `delivered` and `read` it ever reports."""
    can_look_up: bool = False
    """Whether the provider can be asked if it has a sending whose answer was lost."""
    personal: bool = False
    """Whether an address belongs to one person: a bot's user does, a telephone or a mailbox may be shared."""


@dataclass(frozen=True, slots=True)
class OutboundFile:
    """One file to send, whole in memory; bounded by the upload limit."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboundMessage:
    """One sending: one request to the provider. `id` is the same on every attempt of it."""

    id: str
    conversation_id: str
    address: str
    text: str = ""
    files: tuple[OutboundFile, ...] = ()
    reply_to: str | None = None
    """The provider's id of the citizen's last message."""
    last_citizen_at: datetime | None = None
    thread: tuple[str, ...] = ()
    """The provider's ids of the last messages of the conversation, oldest first."""
    extra: Mapping[str, Any] = field(default_factory=dict)
    """What the agent chose beyond the words: a template with its variables, a subject."""


@dataclass(frozen=True, slots=True)
class Part:
    """What goes in one sending: some text, or some of the files by position, or both."""

    text: str
    files: tuple[int, ...] = ()


def parts_of(text: str, media_types: Sequence[str], limits: ChannelLimits) -> tuple[Part, ...]:
    """Split a message into sendings, in order: what fits together goes together. Never empty.

    Pictures and other files do not share an album. A text longer than the channel's goes in several sendings, cut where
    a word ends.
    """
    groups: list[list[int]] = []
    for place, media_type in enumerate(media_types):
        last = groups[-1] if groups else []
        alike = last and _is_picture(media_types[last[0]]) == _is_picture(media_type)
        if alike and len(last) < limits.album:
            last.append(place)
        else:
            groups.append([place])
    if groups and 0 < len(text) <= limits.caption:
        return (Part(text, tuple(groups[0])), *(Part("", tuple(one)) for one in groups[1:]))
    texts = split_text(text, limits.text) if text or not groups else []
    return (*(Part(one) for one in texts), *(Part("", tuple(one)) for one in groups))


def _is_picture(media_type: str) -> bool:
    return media_type.startswith("image/")


def split_text(text: str, longest: int) -> list[str]:
    """Cut a text into pieces of at most `longest` characters, at line or word ends; joined marks stay together."""
    pieces: list[str] = []
    rest = text
    while len(rest) > longest:
        cut = max(rest.rfind("\n", 0, longest + 1), rest.rfind(" ", 0, longest + 1))
        if cut < longest // 2:
            cut = longest
            while cut > 1 and _joins(rest[cut - 1], rest[cut]):
                cut -= 1
        pieces.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return [*pieces, rest] if rest or not pieces else pieces


def _joins(before: str, after: str) -> bool:
    joined = {"\u200d", "\ufe0f", "\u20e3"}
    return before == "\u200d" or after in joined or 0x1F3FB <= ord(after) <= 0x1F3FF or 0x300 <= ord(after) <= 0x36F


_WEAKEST: Final = {
    DeliveryState.failed: 0,
    DeliveryState.uncertain: 1,
    DeliveryState.queued: 2,
    DeliveryState.accepted: 3,
    DeliveryState.sent: 4,
    DeliveryState.delivered: 5,
    DeliveryState.read: 6,
}


def delivery_of(states: Iterable[DeliveryState]) -> DeliveryState:
    """Return the state of a message from those of its sendings: the one that most needs to be seen. None: queued."""
    return min(states, key=_WEAKEST.__getitem__, default=DeliveryState.queued)


def window_left_s(limits: ChannelLimits, last_citizen_at: datetime | None, now: datetime) -> float | None:
    """Return how long free text may still be sent, 0 when no more; None when the channel has no such window."""
    if limits.reply_window_s is None:
        return None
    if last_citizen_at is None:
        return 0.0
    return max(0.0, (last_citizen_at + timedelta(seconds=limits.reply_window_s) - now).total_seconds())


MESSAGING: Final = frozenset(
    {Channel.telegram, Channel.whatsapp, Channel.sms, Channel.email, Channel.facebook, Channel.webhook}
)
"""Media in which people write when they like: nobody is «gone» because nothing is open on a screen."""


def is_messaging(channel: str) -> bool:
    """Say whether a contact's medium is one where words wait for their reader."""
    return channel in MESSAGING


def event_id(*parts: object) -> str:
    """Return a dedupe key of bounded length from whatever names an event."""
    text = ":".join(str(part) for part in parts)
    return text if len(text) <= 120 else hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
