"""SMS and WhatsApp through Twilio, as values: its webhooks' forms in, its API's forms out, errors in our codes. Pure.

Sources: Twilio «Messaging webhooks», «Message resource», «Error dictionary»; PROMISES P7, S25, inputs 58, 60, 61.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from contact_center.rules.identity import normalise
from contact_center.rules.messaging import (
    DeliveryReport,
    Inbound,
    InboundConsent,
    InboundMedia,
    InboundMessage,
    Location,
    MediaKind,
    OutboundMessage,
    event_id,
)
from contact_center.rules.model import DeliveryState
from contact_center.rules.templates import Template
from contact_center.rules.textfold import fold

SMS: Final = "sms"
WHATSAPP: Final = "whatsapp"
PREFIX: Final = "whatsapp:"
LONGEST: Final = 1_600
"""Characters of one request, by SMS and WhatsApp alike (error 21617)."""
MOST_MEDIA: Final = 10
STOP_WORDS: Final = frozenset(
    {"alto", "baja", "stop", "stopall", "unsubscribe", "cancel", "end", "quit", "optout", "revoke"}
)
"""Those after the Spanish ones are Twilio's own for SMS: it sends nothing more whatever we do, so that we must know."""
START_WORDS: Final = frozenset({"alta", "start", "unstop"})
_SID: Final = re.compile(r"(?:SM|MM)[0-9a-fA-F]{32}")
_MEDIA_PATH: Final = re.compile(
    r"/2010-04-01/Accounts/(AC[0-9a-fA-F]{32})/Messages/((?:SM|MM)[0-9a-fA-F]{32})/Media/(ME[0-9a-fA-F]{32})(?:\.json)?"
)
STATES: Final[Mapping[str, DeliveryState]] = {
    "accepted": DeliveryState.accepted,
    "scheduled": DeliveryState.accepted,
    "queued": DeliveryState.accepted,
    "sending": DeliveryState.accepted,
    "sent": DeliveryState.sent,
    "delivered": DeliveryState.delivered,
    "read": DeliveryState.read,
    "undelivered": DeliveryState.failed,
    "failed": DeliveryState.failed,
    "canceled": DeliveryState.failed,
}
REASONS: Final[Mapping[int, str]] = {
    20003: "not_configured",
    20404: "not_configured",
    20429: "too_fast",
    21211: "bad_address",
    21217: "bad_address",
    21408: "country_not_allowed",
    21603: "not_configured",
    21606: "not_configured",
    21610: "opted_out",
    21612: "no_route",
    21614: "landline",
    21617: "text_too_long",
    21620: "file_refused",
    21623: "file_refused",
    21655: "template_gone",
    21656: "template_blanks",
    30001: "too_fast",
    30002: "not_configured",
    30003: "unreachable",
    30004: "blocked",
    30005: "unknown_number",
    30006: "landline",
    30007: "filtered",
    30008: "network",
    30034: "not_configured",
    63001: "not_configured",
    63003: "not_on_channel",
    63005: "file_refused",
    63007: "not_configured",
    63013: "policy",
    63015: "not_on_channel",
    63016: "window_closed",
    63018: "too_fast",
    63019: "file_refused",
    63021: "file_refused",
    63024: "not_on_channel",
    63027: "template_gone",
    63028: "template_blanks",
    63032: "blocked",
    63040: "template_gone",
    63041: "template_gone",
    63042: "template_gone",
    63049: "policy",
}
"""Codes of Twilio's dictionary in ours, which the catalogue puts into words with what to do; others are `refused`."""


class Refused(ValueError):
    """A form that is not what Twilio sends. `code` says why, for the log; nothing of the form is in it."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def address_of(raw: str) -> tuple[str, str]:
    """Return channel and canonical address of who writes: `whatsapp:+5216622334455` is `+526622334455` too.

    Short codes and names of senders are kept as they are. Raises Refused `no_address` for who cannot be answered.
    """
    channel = WHATSAPP if raw.startswith(PREFIX) else SMS
    bare = raw.removeprefix(PREFIX).strip()
    phone = normalise(bare)
    if phone.e164 is not None:
        return channel, phone.e164
    if not re.fullmatch(r"[0-9A-Za-z ]{3,15}", bare) or phone.kind == "anonymous":
        raise Refused("no_address")
    return channel, bare


def parse_message(form: Mapping[str, str]) -> Inbound:
    """Return what a message webhook says: a message, or that somebody stopped or allowed messages.

    Raises Refused. The key is the message's own id: a repeat with other words is the same event (input 58).
    """
    sid = form.get("MessageSid", "")
    if not _SID.fullmatch(sid):
        raise Refused("no_sid")
    raw = form.get("From", "")
    channel, address = address_of(raw)
    text = form.get("Body", "")
    key = message_key(sid)
    media = tuple(_media(form))
    if not media and (allowed := opting(text)) is not None:
        return InboundConsent(channel=channel, event_key=key, address=address, allowed=allowed)
    phone = normalise(raw)
    return InboundMessage(
        channel=channel,
        event_key=key,
        address=address,
        external_id=sid,
        text=text,
        name=form.get("ProfileName", ""),
        phone=phone.e164 if phone.kind.is_callable else None,
        media=media,
        location=_location(form),
        reply_to=_replied(form),
        extra={"lost_files": lost} if (lost := _lost(form, media)) else {},
    )


def message_key(sid: str) -> str:
    """Return the key of a message that came: the same from a webhook and from the provider's list."""
    return event_id("message", sid)


def opting(text: str) -> bool | None:
    """Return whether a message is nothing but a word that stops (False) or allows (True) further ones; else None."""
    word = fold(text[:40]).strip(" .,!¡¿?\"'*\n")
    if word in STOP_WORDS:
        return False
    return True if word in START_WORDS else None


def parse_status(form: Mapping[str, str]) -> DeliveryReport:
    """Return what a status callback says. The same step told twice has the same key; steps come in any order."""
    sid = form.get("MessageSid", "")
    if not _SID.fullmatch(sid):
        raise Refused("no_sid")
    status = form.get("MessageStatus", "")
    state = STATES.get(status)
    if state is None:
        raise Refused("unknown_status")
    return report(form.get("To", "").startswith(PREFIX), sid, status, _whole(form.get("ErrorCode", "")))


def report(is_whatsapp: bool, sid: str, status: str, code: int | None) -> DeliveryReport:
    """Return a report on one message, from a callback or from the provider's list."""
    state = STATES[status]
    failed = state is DeliveryState.failed
    return DeliveryReport(
        channel=WHATSAPP if is_whatsapp else SMS,
        event_key=event_id("status", sid, status, code or ""),
        external_id=sid,
        state=state,
        reason=reason_of(code) if failed else None,
        detail=str(code) if failed and code else None,
    )


def reason_of(code: int | None) -> str:
    """Return our code of a provider's error."""
    return REASONS.get(code or 0, "refused")


def _media(form: Mapping[str, str]) -> list[InboundMedia]:
    found = []
    for place in range(min(MOST_MEDIA, _whole(form.get("NumMedia", "")) or 0)):
        media_type = form.get(f"MediaContentType{place}", "").partition(";")[0].strip().lower()
        ref = media_ref(form.get(f"MediaUrl{place}", ""))
        if ref is not None:
            found.append(InboundMedia(_kind(media_type), ref, media_type=media_type[:100]))
    return found


def _lost(form: Mapping[str, str], media: Sequence[InboundMedia]) -> int:
    return max(0, min(99, _whole(form.get("NumMedia", "")) or 0) - len(media))


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 6 else None


def media_ref(url: str) -> dict[str, str] | None:
    """Return the ids in a file's address: nothing else of it is ever used, so that it can lead nowhere else (S25)."""
    try:
        found = _MEDIA_PATH.fullmatch(urlsplit(url).path)
    except ValueError:
        return None
    return {"account": found[1], "message": found[2], "media": found[3]} if found else None


def _kind(media_type: str) -> MediaKind:
    match media_type.partition("/"):
        case ("image", _, "webp"):
            return MediaKind.sticker
        case ("image", _, _):
            return MediaKind.picture
        case ("audio", _, "ogg" | "opus" | "amr"):
            return MediaKind.voice
        case ("audio", _, _):
            return MediaKind.audio
        case ("video", _, _):
            return MediaKind.video
    return MediaKind.document


def _location(form: Mapping[str, str]) -> Location | None:
    try:
        latitude, longitude = float(form.get("Latitude", "")), float(form.get("Longitude", ""))
    except ValueError:
        return None
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        return None
    words = [form.get(name, "").strip() for name in ("Label", "Address")]
    return Location(latitude, longitude, ", ".join(dict.fromkeys(one for one in words if one))[:200])


def _replied(form: Mapping[str, str]) -> str | None:
    sid = form.get("OriginalRepliedMessageSid", "")
    return sid if _SID.fullmatch(sid) else None


# --- out --------------------------------------------------------------------------------------------------------------


def message_form(
    message: OutboundMessage, *, sender: str, callback: str, media_urls: Sequence[str], keep_old_one: bool = False
) -> list[tuple[str, str]]:
    """Return the form that sends one message. `sender` is a number, `whatsapp:` and a number, or a service (MG…).

    `keep_old_one` writes Mexican WhatsApp addresses as `+521…`, for senders that know them only so.
    """
    is_whatsapp = sender.startswith(PREFIX) or message.extra.get("medium") == WHATSAPP
    to = message.address
    if is_whatsapp:
        to = PREFIX + (f"+521{to[3:]}" if keep_old_one and to.startswith("+52") else to)
    form = [("To", to), ("MessagingServiceSid" if sender.startswith("MG") else "From", sender)]
    template = message.extra.get("template")
    if template:
        form += [("ContentSid", str(template["sid"]))]
        if template.get("variables"):
            form += [("ContentVariables", msgspec.json.encode(template["variables"]).decode())]
    elif message.text:
        form += [("Body", message.text)]
    form += [("MediaUrl", url) for url in media_urls]
    return [*form, ("StatusCallback", callback)]


@dataclass(frozen=True, slots=True)
class Listed:
    """A message in the provider's own list."""

    sid: str
    direction: str
    from_: str
    to: str
    body: str
    status: str
    error_code: int | None
    media: int
    at: datetime | None


def read_listed(row: Mapping[str, Any]) -> Listed | None:
    """Return a row of the Messages list; None for one without what matters."""
    sid = row.get("sid")
    if not isinstance(sid, str) or not _SID.fullmatch(sid):
        return None
    code = row.get("error_code")
    return Listed(
        sid,
        str(row.get("direction") or ""),
        str(row.get("from") or ""),
        str(row.get("to") or ""),
        str(row.get("body") or ""),
        str(row.get("status") or ""),
        code if isinstance(code, int) else None,
        _whole(str(row.get("num_media"))) or 0,
        _moment(row.get("date_sent") or row.get("date_created")),
    )


def _moment(value: Any) -> datetime | None:
    try:
        return parsedate_to_datetime(value) if isinstance(value, str) else None
    except ValueError:
        return None


def read_template(row: Mapping[str, Any]) -> Template | None:
    """Return a template of the provider's list; None for kinds without a text of their own."""
    sid, types = row.get("sid"), row.get("types")
    if not isinstance(sid, str) or not re.fullmatch(r"HX[0-9a-fA-F]{32}", sid) or not isinstance(types, dict):
        return None
    body = next((str(one["body"]) for one in types.values() if isinstance(one, dict) and one.get("body")), "")
    approval = row.get("approval_requests")
    asked: Mapping[str, Any] = approval if isinstance(approval, dict) else {}
    if not body:
        return None
    return Template(
        sid,
        str(row.get("friendly_name") or asked.get("name") or sid)[:120],
        str(row.get("language") or "es")[:20],
        str(asked.get("category") or "")[:40].lower(),
        body[:LONGEST],
        str(asked.get("status") or "unsubmitted")[:20].lower(),
        str(asked.get("rejection_reason") or "")[:300],
    )
