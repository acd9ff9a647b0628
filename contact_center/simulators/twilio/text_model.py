"""What the provider keeps of text messages: messages, media, templates, who opted out, whose window is open."""

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal

import msgspec

WINDOW_S: Final = 24 * 3600
"""How long after a person's last WhatsApp message a business may answer with words of its own."""
WHATSAPP: Final = "whatsapp:"
FINAL: Final = frozenset({"read", "failed", "undelivered", "received"})


def same(address: str) -> str:
    """Return the address that stands for a person: WhatsApp knows Mexican numbers with and without the old 1."""
    return f"{WHATSAPP}+52{address[13:]}" if address.startswith(f"{WHATSAPP}+521") and len(address) == 23 else address


Outcome = Literal["delivered", "sent", "undelivered", "failed"]
Approval = Literal["unsubmitted", "received", "pending", "approved", "rejected", "paused", "disabled"]


class Handset(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How a number behaves that is written to; `*` for all others. Seconds are simulated."""

    number: str
    outcome: Outcome = "delivered"
    """`sent` is one whose network never says more."""
    error_code: int = 30008
    """Of those that fail: 30003 off, 30005 nobody's, 30006 a landline, 63024 not on WhatsApp …"""
    reads: bool = True
    """Whether a WhatsApp message is read, some seconds after it arrived."""
    after_s: float = 1.0
    """Between one step and the next."""


class Template(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A message that WhatsApp has, or has not, approved. `{{1}}` in the body is a blank."""

    sid: str
    name: str
    body: str
    language: str = "es_MX"
    category: str = "UTILITY"
    approval: Approval = "approved"
    rejection: str = ""


@dataclass(slots=True, eq=False, kw_only=True)
class Media:
    sid: str
    content_type: str
    content: bytes
    created_at: datetime


@dataclass(slots=True, eq=False, kw_only=True)
class Text:
    """One message, in or out, by SMS or (addresses with `whatsapp:`) WhatsApp."""

    sid: str
    from_: str
    to: str
    body: str
    direction: str
    created_at: datetime
    updated_at: datetime
    sent_at: datetime | None = None
    status: str = "queued"
    error_code: int | None = None
    segments: int = 1
    callback_url: str = ""
    content_sid: str = ""
    messaging_service_sid: str = ""
    media: list[Media] = field(default_factory=list)
    extra: dict[str, str] = field(default_factory=dict)
    """Parameters of its own that the webhook carries, as those of a location."""

    @property
    def is_whatsapp(self) -> bool:
        return self.to.startswith(WHATSAPP)


@dataclass(slots=True, eq=False)
class Texts:
    """All text messages of the account."""

    messages: dict[str, Text] = field(default_factory=dict)
    media: dict[str, Media] = field(default_factory=dict)
    templates: dict[str, Template] = field(default_factory=dict)
    handsets: dict[str, Handset] = field(default_factory=dict)
    opted_out: set[tuple[str, str]] = field(default_factory=set)
    """(number of the account, person) pairs that may not be written to by SMS."""
    heard_at: dict[tuple[str, str], datetime] = field(default_factory=dict)
    """When a person last wrote to a sender."""
    recent: dict[str, deque[datetime]] = field(default_factory=dict)
    """When a sender sent, within the last second."""

    def handset(self, address: str) -> Handset:
        number = address.removeprefix(WHATSAPP)
        return self.handsets.get(number) or self.handsets.get("*") or Handset(number=number)


def template_json(template: Template, account_sid: str, at: str) -> dict[str, Any]:
    """Return a template in the shape of `ContentAndApprovals`."""
    blanks = sorted({part.partition("}}")[0] for part in template.body.split("{{")[1:]})
    return {
        "sid": template.sid,
        "account_sid": account_sid,
        "friendly_name": template.name,
        "language": template.language,
        "variables": dict.fromkeys(blanks, ""),
        "types": {"twilio/text": {"body": template.body}},
        "approval_requests": {
            "name": template.name,
            "category": template.category,
            "content_type": "twilio/text",
            "status": template.approval,
            "rejection_reason": template.rejection,
            "allow_category_change": False,
        },
        "date_created": at,
        "date_updated": at,
    }
