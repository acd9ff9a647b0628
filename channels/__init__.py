"""One adapter per provider: pure ``*_wire`` modules (parse, format, verify) beside the file that does I/O.

Channels know ``contact_center.ports``, ``contact_center.errors`` and ``contact_center.rules`` only. They never import
each other or the actions: the inbound verbs reach them as a port. Only ``contact_center.main`` imports them.
"""

from collections.abc import Mapping
from typing import Any

from contact_center.ports import BlobStore, Channel, Clock, MessageDoor, Telephony, VoiceDoor

__all__ = ["build", "build_voice"]


def build(settings: Mapping[str, Any], door: MessageDoor, clock: Clock, blobs: BlobStore) -> tuple[Channel, ...]:
    """Return the messaging channels that are configured. `settings` is `Settings.channels()`; see docs/operations.md.

    Adapters are imported only when they are used: a house without Telegram does not load its library.
    """
    made: list[Channel] = []
    if "telegram" in settings:
        from channels.telegram import Telegram

        made.append(Telegram(settings["telegram"], door, clock))
    for peer in settings.get("webhooks", ()):
        from channels.webhook import WebhookChannel

        made.append(WebhookChannel(peer, door, clock))
    if twilio := settings.get("twilio_texts"):
        from channels.twilio_rest import Account
        from channels.twilio_text import Sender, TwilioText

        account = Account(**twilio["account"])
        made += [TwilioText(account, Sender(**one), door, clock, blobs) for one in twilio["senders"]]
    if mail := settings.get("mail"):
        from channels.mail import MailAccount, MailChannel
        from channels.mail_box import Server

        servers = {name: Server(**mail[name]) for name in ("imap", "smtp")}
        box = MailAccount(mail["address"], mail["name"], servers["smtp"], servers["imap"], mail["folder"])
        made.append(MailChannel(box, door, clock))
    return tuple(made)


def build_voice(settings: Mapping[str, Any], door: VoiceDoor, clock: Clock) -> Telephony | None:
    """Return the voice provider that is configured, None for desk phones only. `settings`: `Settings.telephone()`."""
    if not settings:
        return None
    from channels.twilio_rest import Account
    from channels.twilio_voice import TwilioVoice
    from channels.twiml import Site

    return TwilioVoice(Account(**settings["account"]), Site(settings["public_url"]), door, clock)
