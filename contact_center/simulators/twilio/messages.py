"""The life of a text message, out and in: taken, sent, delivered, read or failed, and what is reported of it."""

import base64
from collections import deque
from dataclasses import dataclass, field
from typing import Final

import anyio
import httpx2

from contact_center.simulators.twilio.config import API_VERSION, is_loopback
from contact_center.simulators.twilio.elapse import sleep
from contact_center.simulators.twilio.model import Exchange
from contact_center.simulators.twilio.segments import count
from contact_center.simulators.twilio.text_model import WHATSAPP, WINDOW_S, Handset, Media, Text, same
from contact_center.simulators.twilio.webhooks import Hook, Params

STOP_WORDS: Final = frozenset({"stop", "stopall", "unsubscribe", "cancel", "end", "quit", "optout", "revoke"})
START_WORDS: Final = frozenset({"start", "yes", "unstop"})
MEDIA_BYTES: Final = 16 * 1024 * 1024
FETCH_S: Final = 15.0
READ_AFTER: Final = 3.0
"""A WhatsApp message is read this many steps after it arrived."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """What a person sends. `extra` has parameters such as Latitude, or the OriginalRepliedMessageSid of an answer."""

    from_: str
    to: str
    body: str = ""
    media: tuple[tuple[str, bytes], ...] = ()
    """(content type, content) of each file."""
    profile_name: str = ""
    extra: Params = field(default_factory=dict)


def text_in(x: Exchange, incoming: Incoming) -> Text:
    """Let a person write to one of the account's senders. Raises LookupError when the sender is nobody's."""
    sender = incoming.to
    if not x.config.has_sender(sender):
        raise LookupError(f"{sender} is no sender of the account")
    now = x.now()
    sid = x.sids.new("MM" if incoming.media else "SM")
    media = [Media(sid=x.sids.new("ME"), content_type=kind, content=it, created_at=now) for kind, it in incoming.media]
    text = Text(
        sid=sid,
        from_=incoming.from_,
        to=sender,
        body=incoming.body,
        direction="inbound",
        status="received",
        created_at=now,
        updated_at=now,
        sent_at=now,
        segments=count(incoming.body)[1],
        media=media,
        extra=dict(incoming.extra),
    )
    keep(x, text)
    x.texts.heard_at[sender, same(text.from_)] = now
    _note_opting(x, text)
    params = _inbound_params(x, text, incoming.profile_name)
    url = x.config.message_url if text.is_whatsapp else x.config.sms_url or x.config.message_url
    x.webhooks.notify(Hook("message", url, params, call_sid=sid, lane=f"{sender}/{text.from_}"))
    return text


def keep(x: Exchange, text: Text) -> None:
    """Put a message and its media on the account's list."""
    x.texts.messages[text.sid] = text
    x.texts.media.update({one.sid: one for one in text.media})
    x.ledger.add(
        "text",
        text.sid,
        status=text.status,
        direction=text.direction,
        **{"from": text.from_, "to": text.to},
        error=None,
    )


def send(x: Exchange, text: Text, media_urls: tuple[str, ...]) -> None:
    """Set a message that was taken on its way; it goes on by itself."""
    keep(x, text)
    _report(x, text)
    x.tasks.start_soon(_deliver, x, text, media_urls)


def overuse(x: Exchange, sender: str) -> bool:
    """Count a message of a sender; tell whether that is more a second than it may send."""
    bound = x.config.texts_per_second
    now = x.now()
    recent = x.texts.recent.setdefault(sender, deque())
    while recent and (now - recent[0]).total_seconds() >= 1:
        recent.popleft()
    if bound and len(recent) >= bound:
        return True
    recent.append(now)
    return False


def window_is_open(x: Exchange, sender: str, person: str) -> bool:
    """Tell whether a person wrote to a WhatsApp sender within the last 24 hours."""
    heard = x.texts.heard_at.get((sender, same(person)))
    return heard is not None and (x.now() - heard).total_seconds() < WINDOW_S


async def _deliver(x: Exchange, text: Text, media_urls: tuple[str, ...]) -> None:
    handset = x.texts.handset(text.to)
    await sleep(x.elapse, handset.after_s)
    if text.is_whatsapp and not text.content_sid and not window_is_open(x, text.from_, text.to):
        _set(x, text, "failed", 63016)
        return
    for url in media_urls:
        if not await _take_media(x, text, url):
            _set(x, text, "failed", 63019 if text.is_whatsapp else 11200)
            return
    if handset.outcome == "failed":
        _set(x, text, "failed", handset.error_code)
        return
    text.sent_at = x.now()
    _set(x, text, "sent")
    await sleep(x.elapse, handset.after_s)
    await _arrive(x, text, handset)


async def _arrive(x: Exchange, text: Text, handset: Handset) -> None:
    match handset.outcome:
        case "undelivered":
            _set(x, text, "undelivered", handset.error_code)
        case "delivered":
            _set(x, text, "delivered")
            x.ledger.add("received", text.sid, to=text.to, text=text.body, media=len(text.media))
            if text.is_whatsapp and handset.reads:
                await sleep(x.elapse, handset.after_s * READ_AFTER)
                _set(x, text, "read")
        case "sent" | "failed":
            pass


def _set(x: Exchange, text: Text, status: str, error_code: int | None = None) -> None:
    text.status, text.error_code, text.updated_at = status, error_code, x.now()
    x.ledger.add(
        "text",
        text.sid,
        status=status,
        direction=text.direction,
        **{"from": text.from_, "to": text.to},
        error=error_code,
    )
    _report(x, text)


def _report(x: Exchange, text: Text) -> None:
    """Tell the message's status callback."""
    if not text.callback_url:
        return
    params: Params = {
        "AccountSid": x.config.account_sid,
        "ApiVersion": API_VERSION,
        "From": text.from_,
        "To": text.to,
        "MessageSid": text.sid,
        "MessageStatus": text.status,
        "SmsSid": text.sid,
        "SmsStatus": text.status,
    }
    if text.messaging_service_sid:
        params["MessagingServiceSid"] = text.messaging_service_sid
    if text.error_code is not None:
        params["ErrorCode"] = str(text.error_code)
    if text.is_whatsapp:
        params |= {"ChannelPrefix": "whatsapp", "EventType": text.status.upper()}
    x.webhooks.notify(Hook("text_status", text.callback_url, params, call_sid=text.sid, lane=f"{text.sid}/status"))


def _inbound_params(x: Exchange, text: Text, profile_name: str) -> Params:
    params: Params = {
        "AccountSid": x.config.account_sid,
        "ApiVersion": API_VERSION,
        "Body": text.body,
        "From": text.from_,
        "MessageSid": text.sid,
        "NumMedia": str(len(text.media)),
        "NumSegments": str(text.segments),
        "SmsMessageSid": text.sid,
        "SmsSid": text.sid,
        "SmsStatus": "received",
        "To": text.to,
    }
    for place, one in enumerate(text.media):
        params[f"MediaContentType{place}"] = one.content_type
        params[f"MediaUrl{place}"] = media_url(x, text, one)
    if text.is_whatsapp:
        params |= {
            "WaId": text.from_.removeprefix(f"{WHATSAPP}+"),
            "MessageType": _kind(text),
            "ProfileName": profile_name,
        }
    return params | text.extra


def media_url(x: Exchange, text: Text, media: Media) -> str:
    return f"{x.url}{x.account_path(f'Messages/{text.sid}/Media/{media.sid}')}"


def _kind(text: Text) -> str:
    if "Latitude" in text.extra:
        return "location"
    if text.media:
        family = text.media[0].content_type.partition("/")[0]
        return family if family in ("image", "audio", "video") else "document"
    return "button" if "ButtonPayload" in text.extra else "text"


def _note_opting(x: Exchange, text: Text) -> None:
    """Do what the network does by itself with the words that end and begin messages by SMS."""
    if text.is_whatsapp:
        return
    word = text.body.strip().lower()
    pair = (text.to, text.from_)
    if word in STOP_WORDS:
        x.texts.opted_out.add(pair)
        x.ledger.add("received", text.sid, to=text.from_, text="You have successfully been unsubscribed.", media=0)
    elif word in START_WORDS and pair in x.texts.opted_out:
        x.texts.opted_out.discard(pair)
        x.ledger.add("received", text.sid, to=text.from_, text="You have successfully been re-subscribed.", media=0)


async def _take_media(x: Exchange, text: Text, url: str) -> bool:
    """Fetch a file that a message carries from where the house keeps it."""
    if not is_loopback(url):
        return False
    try:
        with x.elapse.busy(), anyio.fail_after(FETCH_S):
            async with httpx2.AsyncClient(trust_env=False) as client:
                answer = await client.get(url)
    except (httpx2.TransportError, httpx2.InvalidURL, TimeoutError):
        return False
    x.ledger.add("media", text.sid, url=url, status=answer.status_code, bytes=len(answer.content))
    kind = answer.headers.get("content-type", "").partition(";")[0]
    if answer.status_code != 200 or not kind or len(answer.content) > MEDIA_BYTES:
        return False
    media = Media(sid=x.sids.new("ME"), content_type=kind, content=answer.content, created_at=x.now())
    text.media.append(media)
    x.texts.media[media.sid] = media
    return True


def decoded(media: tuple[tuple[str, str], ...]) -> tuple[tuple[str, bytes], ...]:
    """Return files given in base64. Raises ValueError."""
    return tuple((kind, base64.b64decode(content, validate=True)) for kind, content in media)
