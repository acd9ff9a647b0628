"""Telegram's wire: updates in, errors and outages read. Pure: python-telegram-bot parses, nothing here talks."""

import hashlib
import hmac
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from telegram import Message, MessageReactionUpdated, ReactionTypeEmoji, Update
from telegram.constants import ChatMemberStatus, ChatType
from telegram.error import BadRequest, ChatMigrated, Conflict, Forbidden, InvalidToken, RetryAfter, TelegramError

from contact_center.errors import Invalid, ProviderError
from contact_center.rules.identity import PhoneKind, normalise
from contact_center.rules.messaging import (
    Inbound,
    InboundConsent,
    InboundEdit,
    InboundMedia,
    InboundMessage,
    InboundReaction,
    Location,
    MediaKind,
)

os.environ.setdefault("PTB_TIMEDELTA", "true")  # else the library warns at each wait that it reads

ALLOWED_UPDATES: Final = ("message", "edited_message", "message_reaction", "my_chat_member")
TEXT_MAX: Final = 4_096
CAPTION_MAX: Final = 1_024
ALBUM_MAX: Final = 10
FILE_OUT_BYTES: Final = 50 * 1024 * 1024
PHOTO_OUT_BYTES: Final = 10 * 1024 * 1024
FILE_IN_BYTES: Final = 20 * 1024 * 1024
"""What a bot may download."""
PER_CHAT_S: Final = 1.05
PER_S: Final = 28.0
"""Telegram allows about one message a second to a chat and 30 a second in all."""
OUTAGE_S: Final = 900
"""Updates that wait with an error for this long page somebody: after 24 h Telegram forgets them (PROMISES P10)."""


def derive(token: str, purpose: str) -> str:
    """Return a secret for a purpose, made from the bot's token: nothing more to configure, or to lose."""
    return hmac.new(token.encode(), f"contact center {purpose}".encode(), hashlib.sha256).hexdigest()


def is_secret(given: str, token: str) -> bool:
    """Say whether a webhook carries the secret that we gave to Telegram. In constant time."""
    return hmac.compare_digest(given.encode("utf-8", "replace"), derive(token, "secret").encode())


def read(raw: Any) -> Update:
    """Return an update as the library reads it. Raises Invalid `bad_update` for what Telegram would not send."""
    if not isinstance(raw, Mapping):
        raise Invalid("bad_update")
    number = raw.get("update_id")
    if type(number) is not int or not 0 < number < 2**63:
        raise Invalid("bad_update")
    try:
        return Update.de_json(dict(raw), None)
    except (TypeError, ValueError, KeyError, AttributeError, OverflowError, OSError, RecursionError) as error:
        raise Invalid("bad_update") from error


def event_of(channel: str, bot_id: int, update: Update) -> Inbound | None:
    """Return what an update means to us, None for nothing: groups, channels, buttons we never sent."""
    head: dict[str, Any] = {"channel": channel, "event_key": f"{bot_id}:{update.update_id}"}
    if update.message is not None and _is_private(update.message):
        return _message(head, update.message)
    if update.edited_message is not None and _is_private(update.edited_message):
        edited = update.edited_message
        text = edited.text or edited.caption or ""
        return InboundEdit(**head, address=str(edited.chat_id), external_id=str(edited.message_id), text=text)
    if update.message_reaction is not None and update.message_reaction.chat.type == ChatType.PRIVATE:
        return _reaction(head, update.message_reaction)
    member = update.my_chat_member
    if member is not None and member.chat.type == ChatType.PRIVATE:
        allowed = member.new_chat_member.status not in (ChatMemberStatus.BANNED, ChatMemberStatus.LEFT)
        return InboundConsent(**head, address=str(member.chat.id), allowed=allowed)
    return None


def _is_private(message: Message) -> bool:
    return message.chat.type == ChatType.PRIVATE and message.from_user is not None and not message.from_user.is_bot


def _message(head: Mapping[str, Any], message: Message) -> InboundMessage:
    user = message.from_user
    assert user is not None
    media = tuple(_media(message))
    text = message.text or message.caption or ""
    if message.sticker is not None and not media:
        text = message.sticker.emoji or "(sticker)"
    if message.contact is not None:
        text = _contact_words(message)
    place = message.venue.location if message.venue is not None else message.location
    replied = message.reply_to_message
    return InboundMessage(
        **head,
        address=str(message.chat_id),
        external_id=str(message.message_id),
        text="" if _command(text) == "start" else text,
        at=message.date,
        name=user.full_name,
        locale=user.language_code or "",
        phone=_own_phone(message),
        media=media,
        location=None
        if place is None
        else Location(place.latitude, place.longitude, message.venue.title if message.venue else ""),
        reply_to=None if replied is None else str(replied.message_id),
        opening=_command(text) in {"start", "ayuda", "help"},
    )


def _command(text: str) -> str:
    """Return the command of a text such as «/start@bot abc», nothing for none."""
    if not text.startswith("/"):
        return ""
    return text[1:].split(maxsplit=1)[0].partition("@")[0].lower() if text[1:].strip() else ""


def _own_phone(message: Message) -> str | None:
    """Return the number of a shared contact when it is the sender's own: Telegram says whose it is."""
    contact, user = message.contact, message.from_user
    if contact is None or user is None or contact.user_id != user.id:
        return None
    raw = contact.phone_number
    phone = normalise(raw if raw.startswith("+") else f"+{raw}")
    return phone.e164 if phone.kind in (PhoneKind.mexican, PhoneKind.foreign) else None


def _contact_words(message: Message) -> str:
    if _own_phone(message) is not None:
        return "(Compartió su número de teléfono)"
    assert message.contact is not None
    name = " ".join(part for part in (message.contact.first_name, message.contact.last_name) if part)
    return f"(Compartió un contacto: {name}, {message.contact.phone_number})"


def _media(message: Message) -> list[InboundMedia]:
    """Return the files of a message. Telegram has one in each; an album is several messages."""
    if message.photo:
        fits = [one for one in message.photo if (one.file_size or 0) <= FILE_IN_BYTES]
        best = max(fits or message.photo, key=lambda one: one.width * one.height)
        return [_file(MediaKind.picture, best, "", "image/jpeg")]
    if message.document is not None:
        one = message.document
        return [_file(MediaKind.document, one, one.file_name or "", one.mime_type or "")]
    if message.voice is not None:
        return [_file(MediaKind.voice, message.voice, "", message.voice.mime_type or "audio/ogg")]
    if message.audio is not None:
        return [_file(MediaKind.audio, message.audio, message.audio.file_name or "", message.audio.mime_type or "")]
    for video in (message.video, message.video_note, message.animation):
        if video is not None:
            return [_file(MediaKind.video, video, "", "video/mp4")]
    return []


def _file(kind: MediaKind, one: Any, name: str, media_type: str) -> InboundMedia:
    return InboundMedia(kind, {"file_id": one.file_id}, name, media_type, one.file_size)


def _reaction(head: Mapping[str, Any], told: MessageReactionUpdated) -> InboundReaction:
    emojis = tuple(one.emoji for one in told.new_reaction if isinstance(one, ReactionTypeEmoji))
    return InboundReaction(**head, address=str(told.chat.id), external_id=str(told.message_id), emojis=emojis)


_REASONS: Final = (
    ("bot was blocked", "blocked"),
    ("user is deactivated", "account_gone"),
    ("chat not found", "no_such_address"),
    ("bot can't initiate", "not_started"),
    ("message is too long", "too_long"),
    ("caption is too long", "too_long"),
    ("file is too big", "file_too_large"),
    ("wrong file", "file_refused"),
    ("photo_invalid", "file_refused"),
)
_UNSENT: Final = frozenset({"ConnectError", "ConnectTimeout", "PoolTimeout"})
"""What the library's HTTP client raises when nothing has left yet."""


def failure(error: TelegramError) -> ProviderError:
    """Return what an error means: refused for good, to be tried later, or of unknown fate.

    Only what surely did not reach Telegram, or what it says it did not take, may be tried again.
    """
    if isinstance(error, RetryAfter):
        wait = error.retry_after
        wait_s = wait.total_seconds() if isinstance(wait, timedelta) else float(wait)
        return ProviderError("busy", retryable=True, retry_after_s=wait_s)
    if isinstance(error, (Forbidden, BadRequest, ChatMigrated)):
        text = str(error).lower()
        reason = next((code for words, code in _REASONS if words in text), None)
        return ProviderError(reason or ("blocked" if isinstance(error, Forbidden) else "refused"), retryable=False)
    if isinstance(error, (InvalidToken, Conflict)):
        return ProviderError("not_authorised", retryable=True)
    if type(error.__cause__).__name__ in _UNSENT:
        return ProviderError("unreachable", retryable=True)
    return ProviderError("uncertain", retryable=False)


@dataclass(slots=True)
class Outage:
    """Whether Telegram holds updates that it cannot hand over, and since when; and whether it can be asked at all."""

    stuck_since: datetime | None = None
    silent_since: datetime | None = None

    def seen(self, now: datetime, pending: int, last_error_at: datetime | None) -> str | None:
        """Take what Telegram says of the webhook; return the problem once it has lasted."""
        self.silent_since = None
        failing = pending > 0 and last_error_at is not None and (now - last_error_at).total_seconds() < 2 * OUTAGE_S
        self.stuck_since = (self.stuck_since or now) if failing else None
        lasted = self.stuck_since is not None and (now - self.stuck_since).total_seconds() >= OUTAGE_S
        return "updates_stuck" if lasted else None

    def unreachable(self, now: datetime) -> str | None:
        """Take that Telegram did not answer; return the problem once it has lasted."""
        self.silent_since = self.silent_since or now
        return "unreachable" if (now - self.silent_since).total_seconds() >= OUTAGE_S else None
