"""The open channel's wire: signatures, what a network sends us, what we send it. Pure. See docs/open-channel.md."""

import base64
import hashlib
import hmac
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Annotated, Any, Final

import msgspec

from contact_center.errors import Invalid
from contact_center.rules.messaging import (
    DeliveryReport,
    Inbound,
    InboundConsent,
    InboundDeletion,
    InboundEdit,
    InboundMedia,
    InboundMessage,
    InboundReaction,
    Location,
    MediaKind,
    OutboundMessage,
)
from contact_center.rules.model import DeliveryState

WINDOW_S: Final = 300
"""How old or new a signed request may be; a repeat within it is stopped by the ids of its events."""
MAX_EVENTS: Final = 100
_Id = msgspec.Meta(min_length=1, max_length=120)
_Address = msgspec.Meta(min_length=1, max_length=200)


def sign(secret: str, timestamp: int, body: bytes) -> str:
    """Return the signature header of a body sent at a second: `v1=` and HMAC-SHA256 over `<timestamp>.<body>`."""
    return "v1=" + hmac.new(secret.encode(), b"%d." % timestamp + body, hashlib.sha256).hexdigest()


def is_signed(secrets: Sequence[str], timestamp: str, signature: str, body: bytes, now: datetime) -> bool:
    """Say whether a request is from somebody with one of the secrets, and from now. Every secret is compared whole."""
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        return False
    at = int(timestamp)
    right = [hmac.compare_digest(sign(one, at, body).encode(), signature.encode()) for one in secrets]
    return any(right) and abs(now.timestamp() - at) <= WINDOW_S


class From(msgspec.Struct, forbid_unknown_fields=True):
    """Who writes. `address` is where replies go."""

    address: Annotated[str, _Address]
    name: str = ""
    locale: str = ""
    phone: str | None = None


class File(msgspec.Struct, forbid_unknown_fields=True):
    """A file that the network holds; it is asked for by `id`."""

    id: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    kind: MediaKind = MediaKind.document
    name: str = ""
    media_type: str = ""
    size_bytes: Annotated[int, msgspec.Meta(ge=0)] | None = None


class Place(msgspec.Struct, forbid_unknown_fields=True):
    latitude: Annotated[float, msgspec.Meta(ge=-90, le=90)]
    longitude: Annotated[float, msgspec.Meta(ge=-180, le=180)]
    name: str = ""


class Message(msgspec.Struct, forbid_unknown_fields=True, tag_field="type", tag="message", rename={"from_": "from"}):
    id: Annotated[str, _Id]
    from_: From
    message_id: Annotated[str, _Id]
    text: str = ""
    files: Annotated[list[File], msgspec.Meta(max_length=10)] = []
    location: Place | None = None
    reply_to: Annotated[str, _Id] | None = None


class Edit(msgspec.Struct, forbid_unknown_fields=True, tag_field="type", tag="edit"):
    id: Annotated[str, _Id]
    address: Annotated[str, _Address]
    message_id: Annotated[str, _Id]
    text: str


class Deletion(msgspec.Struct, forbid_unknown_fields=True, tag_field="type", tag="deletion"):
    id: Annotated[str, _Id]
    address: Annotated[str, _Address]
    message_id: Annotated[str, _Id]


class Reaction(msgspec.Struct, forbid_unknown_fields=True, tag_field="type", tag="reaction"):
    id: Annotated[str, _Id]
    address: Annotated[str, _Address]
    message_id: Annotated[str, _Id]
    emojis: Annotated[list[str], msgspec.Meta(max_length=12)]


class Consent(msgspec.Struct, forbid_unknown_fields=True, tag_field="type", tag="consent"):
    id: Annotated[str, _Id]
    address: Annotated[str, _Address]
    allowed: bool


class Receipt(msgspec.Struct, forbid_unknown_fields=True, tag_field="type", tag="receipt"):
    id: Annotated[str, _Id]
    message_id: Annotated[str, _Id]
    state: DeliveryState
    reason: Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9_]{1,40}$")] | None = None
    detail: str | None = None


class Envelope(msgspec.Struct, forbid_unknown_fields=True):
    events: Annotated[
        list[Message | Edit | Deletion | Reaction | Consent | Receipt],
        msgspec.Meta(min_length=1, max_length=MAX_EVENTS),
    ]


_decode = msgspec.json.Decoder(Envelope).decode


def parse(channel: str, body: bytes) -> Iterator[Inbound]:
    """Yield the events of a request. Raises Invalid `bad_event` with where it is wrong; nothing is half taken."""
    try:
        envelope = _decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Invalid("bad_event", detail=str(error)[:200]) from error
    return iter([_event(channel, one) for one in envelope.events])


def _event(channel: str, one: Any) -> Inbound:
    head = {"channel": channel, "event_key": one.id}
    match one:
        case Message():
            who = one.from_
            return InboundMessage(
                **head,
                address=who.address,
                external_id=one.message_id,
                text=one.text,
                name=who.name,
                locale=who.locale,
                phone=who.phone,
                media=tuple(_media(file) for file in one.files),
                location=None if one.location is None else _place(one.location),
                reply_to=one.reply_to,
            )
        case Edit():
            return InboundEdit(**head, address=one.address, external_id=one.message_id, text=one.text)
        case Deletion():
            return InboundDeletion(**head, address=one.address, external_id=one.message_id)
        case Reaction():
            return InboundReaction(**head, address=one.address, external_id=one.message_id, emojis=tuple(one.emojis))
        case Consent():
            return InboundConsent(**head, address=one.address, allowed=one.allowed)
        case _:
            return DeliveryReport(
                **head, external_id=one.message_id, state=one.state, reason=one.reason, detail=one.detail
            )


def _media(file: File) -> InboundMedia:
    return InboundMedia(file.kind, {"id": file.id}, file.name[:400], file.media_type[:100], file.size_bytes)


def _place(place: Place) -> Location:
    return Location(place.latitude, place.longitude, place.name)


def format_message(message: OutboundMessage) -> bytes:
    """Return the body that hands one sending to the network. `id` is the same if it is ever sent again."""
    return msgspec.json.encode(
        {
            "type": "message",
            "id": message.id,
            "conversation": message.conversation_id,
            "to": message.address,
            "text": message.text,
            "reply_to": message.reply_to,
            "files": [
                {"name": one.name, "media_type": one.media_type, "content": base64.b64encode(one.content).decode()}
                for one in message.files
            ],
        }
    )


def read_answer(body: bytes, fallback: str) -> str:
    """Return the network's id for a sending; ours when it gives none."""
    try:
        found = msgspec.json.decode(body or b"{}")
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return fallback
    given = found.get("id") if isinstance(found, Mapping) else None
    return given if isinstance(given, str) and 0 < len(given) <= 120 else fallback


def read_reason(body: bytes) -> str:
    """Return the code with which a network refuses a sending."""
    try:
        found = msgspec.json.decode(body or b"{}")
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return "refused"
    given = found.get("reason") if isinstance(found, Mapping) else None
    known = isinstance(given, str) and 0 < len(given) <= 40 and given.replace("_", "").isalnum() and given.islower()
    return str(given) if known else "refused"


def read_retry_after(value: str | None, now: datetime) -> float | None:
    """Return the seconds of a Retry-After header, a number or a date; None when there is none that can be read."""
    if not value:
        return None
    if value.strip().isdigit():
        return float(min(int(value.strip()), 86_400))
    try:
        at = parsedate_to_datetime(value)
    except ValueError:
        return None
    at = at if at.tzinfo is not None else at.replace(tzinfo=UTC)
    return min(86_400.0, max(0.0, (at - now).total_seconds()))
