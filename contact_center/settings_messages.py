"""Settings of SMS, WhatsApp and e-mail; a part of `contact_center.settings.Settings`."""

from ipaddress import ip_address
from typing import Any, Final, Self
from urllib.parse import unquote, urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings

from contact_center.rules.identity import normalise as normalise_phone
from contact_center.rules.identity import normalise_email


class MessageSettings(BaseSettings):
    """Everything is off until it is given."""

    twilio_sms_number: str = ""
    """The number that sends and receives SMS, E.164. Empty: no SMS."""
    twilio_whatsapp_number: str = ""
    """The number that is a WhatsApp sender, E.164. Empty: no WhatsApp."""
    twilio_texts_per_s: float = Field(default=10, gt=0, le=500)
    """Messages that each of them may send a second."""
    whatsapp_old_one: bool = False
    """Whether Mexican WhatsApp addresses are written with the old 1 (+521…), for senders that know them only so."""
    mail_address: str = ""
    """The office's mailbox. Empty: no e-mail."""
    mail_name: str = Field(default="Atención Ciudadana", max_length=80)
    """What people see as who writes."""
    mail_imap_url: str = ""
    """Where mail is read: imaps://host/FOLDER, or imap://host with STARTTLS."""
    mail_smtp_url: str = ""
    """Where mail is handed over: smtps://host, or smtp://host:587 with STARTTLS."""
    mail_user: str = ""
    """Name to sign in with; the address when empty."""
    mail_password: SecretStr | None = None

    @field_validator("twilio_sms_number", "twilio_whatsapp_number")
    @classmethod
    def _a_sender(cls, value: str) -> str:
        phone = normalise_phone(value) if value else None
        if phone is not None and (phone.e164 is None or not phone.kind.is_callable):
            raise ValueError("expected a number such as +526621234567")
        return phone.e164 or "" if phone is not None else ""

    @field_validator("mail_address")
    @classmethod
    def _a_mailbox(cls, value: str) -> str:
        address = normalise_email(value) if value else ""
        if address is None:
            raise ValueError("expected an address such as atencion@example.org")
        return address

    @field_validator("mail_imap_url", "mail_smtp_url")
    @classmethod
    def _a_mail_server(cls, value: str) -> str:
        if value:
            mail_server(value)
        return value

    @model_validator(mode="after")
    def _whole_mailbox(self) -> Self:
        given = (self.mail_address, self.mail_imap_url, self.mail_smtp_url)
        if any(given) and not all(given):
            raise ValueError("mail_address, mail_imap_url and mail_smtp_url go together")
        return self

    def mailbox(self) -> dict[str, Any]:
        """Return what the mail channel is built from, its password in the clear: never log it."""
        password = self.mail_password.get_secret_value() if self.mail_password else ""
        signs_in = {"user": self.mail_user or self.mail_address, "password": password} if password else {}
        imap, smtp = mail_server(self.mail_imap_url), mail_server(self.mail_smtp_url)
        return {
            "address": self.mail_address,
            "name": self.mail_name,
            "folder": imap.pop("folder") or "INBOX",
            "imap": {**imap, **signs_in},
            "smtp": {**{name: value for name, value in smtp.items() if name != "folder"}, **signs_in},
        }


_MAIL_PORTS: Final = {"imaps": 993, "imap": 143, "smtps": 465, "smtp": 587}


def mail_server(url: str) -> dict[str, Any]:
    """Return host, port, security and folder of a mail server's address. Raises ValueError.

    Only a server on this machine may be spoken to in the clear.
    """
    parts = urlsplit(url)
    if parts.scheme not in _MAIL_PORTS or not parts.hostname or parts.username or parts.query:
        raise ValueError("expected imaps://host/FOLDER, imap://host, smtps://host or smtp://host:587")
    plain = "none" if is_loopback(parts.hostname) else "starttls"
    return {
        "host": parts.hostname,
        "port": parts.port or _MAIL_PORTS[parts.scheme],
        "security": "tls" if parts.scheme.endswith("s") else plain,
        "folder": unquote(parts.path.strip("/")),
    }


def is_loopback(host: str) -> bool:
    """Say whether a host name of an address stays on this machine."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
