"""What a simulated account is: its secrets, its numbers, and where its webhooks go."""

import ipaddress
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

API_VERSION: Final = "2010-04-01"


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """A telephone number of the account. Empty addresses stand for the account's own."""

    number: str
    voice_url: str = ""
    voice_fallback_url: str = ""
    status_callback: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """A simulated account. Every address must be a loopback one."""

    account_sid: str = "AC" + "5" * 32
    auth_token: str = "simulated-auth-token"  # noqa: S105 - opens nothing but the simulator
    api_key_sid: str = "SK" + "5" * 32
    api_key_secret: str = "simulated-api-key-secret-32-char"  # noqa: S105 - opens nothing but the simulator
    app_sid: str = "AP" + "5" * 32
    numbers: tuple[Number, ...] = (Number(number="+526621080000"),)
    voice_url: str = ""
    voice_fallback_url: str = ""
    status_callback: str = ""
    whatsapp: tuple[str, ...] = ("+526621080001",)
    """Numbers of the account that are WhatsApp senders."""
    messaging_service_sid: str = "MG" + "5" * 32
    message_url: str = ""
    """Told of every message that comes, by SMS or WhatsApp."""
    sms_url: str = ""
    """Told of those by SMS, when they go to an address of their own."""
    texts_per_second: int = 0
    """Messages one sender may send a second before 429; 0 sets no bound."""
    app_voice_url: str = ""
    """Where a call made from the browser asks for its TwiML; the numbers' `voice_url` when empty."""
    countries: tuple[str, ...] = ("+52", "+1")
    """Prefixes the account may call; others are refused as by geographic permissions."""
    host: str = "127.0.0.1"
    port: int = 0
    pace: float = 1.0
    start: datetime | None = None
    """The moment at which the simulator's clock begins, for a house whose clock is not the real one."""
    seed: int = 1
    webhook_timeout_s: float = 15.0
    """Real seconds an answer may take, whatever the pace."""
    rest_hang_s: float = 60.0
    """Real seconds for which a request that was accepted and then times out is left hanging."""
    calls_per_second: float = 0.0
    """Calls the account may place a second before 429; 0 sets no bound."""

    @property
    def senders(self) -> tuple[str, ...]:
        """Return the addresses that text messages may be sent from."""
        return (*(one.number for one in self.numbers), *(f"whatsapp:{one}" for one in self.whatsapp))

    def has_sender(self, address: str) -> bool:
        return address in self.senders

    def number(self, number: str) -> Number | None:
        """Return the account's number with defaults filled in."""
        for one in self.numbers:
            if one.number == number:
                return Number(
                    number=number,
                    voice_url=one.voice_url or self.voice_url,
                    voice_fallback_url=one.voice_fallback_url or self.voice_fallback_url,
                    status_callback=one.status_callback or self.status_callback,
                )
        return None


def is_loopback(url: str) -> bool:
    """Tell whether an http address is on this machine. The simulator talks to no other."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    if parts.scheme not in ("http", "https") or parts.username is not None:
        return False
    host = (parts.hostname or "").rstrip(".")
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
